"""How often the intervals hold the truth, over simulated benchmarks (docs/metrics.md shows the lowest shares)."""

import numpy as np
import pytest

from limo.metrics.statistics import interval, paired_difference

pytestmark = pytest.mark.slow

SKILLS = {"bimodal": (0.3, 0.3), "middling": (2, 2), "high": (9, 0.5), "low": (0.5, 9)}
RUNS = 2_000
LEAST = 0.93
SIZES = [(30, 1), (60, 2), (500, 1)]  # problems, and how many of one stem


def skills(generator, name, problems, size):
    """Probabilities of solving the problems, of which `size` at a time are of one stem and alike."""
    stems = generator.beta(*SKILLS[name], -(-problems // size))
    return np.repeat(stems, size)[:problems]


def rates(generator, skill, draws):
    return (generator.binomial(draws, skill) / draws).tolist()


@pytest.mark.parametrize("name", SKILLS)
@pytest.mark.parametrize(
    ("problems", "size", "draws"),
    # Of 8 problems with one draw only nine results can be: Wilson's interval then covers 93.4 % at the worst.
    [*((problems, size, draws) for problems, size in SIZES for draws in (1, 2, 4, 16)), (8, 1, 4), (8, 1, 16)],
)
def test_the_interval_of_a_mean_holds_the_truth(name, problems, size, draws):
    generator, (a, b) = np.random.default_rng([problems, draws]), SKILLS[name]
    clusters, covered = [n // size for n in range(problems)], 0
    for _ in range(RUNS):
        seen = rates(generator, skills(generator, name, problems, size), draws)
        low, high = interval(seen, problems * draws, clusters)
        covered += low <= a / (a + b) <= high
    assert covered / RUNS >= LEAST


@pytest.mark.parametrize("name", SKILLS)
@pytest.mark.parametrize("draws", [1, 4, 16])
@pytest.mark.parametrize(("problems", "size"), [(8, 1), *SIZES])
@pytest.mark.parametrize(("gain", "kept"), [(0.0, 0.8), (0.3, 0.8), (0.1, 1.0)])
def test_the_interval_of_a_difference_holds_the_truth(name, draws, problems, size, gain, kept):
    """The other candidate solves a share `kept` of the problems as likely, the others anew, and gains on all."""
    generator, (a, b) = np.random.default_rng([problems, draws]), SKILLS[name]
    truth, clusters, covered = gain * (1 - a / (a + b)), [n // size for n in range(problems)], 0
    for _ in range(RUNS):
        skill = skills(generator, name, problems, size)
        same = np.repeat(generator.random(-(-problems // size)) < kept, size)[:problems]
        other = np.where(same, skill, skills(generator, name, problems, size))
        better = rates(generator, other + gain * (1 - other), draws)
        _, low, high = paired_difference(better, rates(generator, skill, draws), draws, clusters)
        covered += low <= truth <= high
    assert covered / RUNS >= LEAST
