"""A recipe's name → what it weighs; used by score, validity, report and release."""

from limo import params

Weights = dict[str, float]

# A negative weight counts the reversed measure, so that a score lies between 0 and 1.
RECIPES: dict[str, Weights] = {
    # Paper 4.1: length, self-verification, exploration, adaptive granularity.
    "v2": {"length": 0.30, "verify": 0.20, "explore": 0.25, "connect": 0.25},
    # The first version of the paper names structure, scaffolding and verification and gives no formula.
    "v1": {"flow": 1 / 3, "known": 1 / 6, "grounded": 1 / 6, "computed": 1 / 6, "false": -1 / 6},
}


def weights(p: params.Score) -> Weights:
    """What each measure weighs, by its name; measures without weight are left out."""
    chosen = RECIPES[p.recipe] if p.weights is None else {str(name): weight for name, weight in p.weights.items()}
    return {name: weight for name, weight in chosen.items() if weight}
