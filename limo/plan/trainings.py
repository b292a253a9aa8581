"""Section `variants` → models and the ways in which they are trained; used by `limo plan`."""

from collections.abc import Sequence
from dataclasses import dataclass

from limo import params


@dataclass(frozen=True)
class Training:
    """Variants of one model that are trained alike; `train` is the section as they have it.

    `name` is that of the model, with those of the variants behind it where others train the same model otherwise.
    """

    name: str
    model: str
    train: params.Train
    variants: Sequence[str]
    changed: Sequence[str]

    def key(self, setting: str) -> str:
        """Where the params file says this setting: of a variant that has a value of its own there, else in `train`."""
        return f"variants.{self.variants[0]}.train.{setting}" if setting in self.changed else f"train.{setting}"


def trainings(p: params.Params) -> list[Training]:
    """Every model with every way in which it is trained, in the order of the variants."""
    alike: list[tuple[str, params.Train, list[str]]] = []
    for name, variant in p.variants.items():
        train = p.training(name)
        found = next((names for model, known, names in alike if (model, known) == (variant.model, train)), None)
        if found is None:
            alike.append((variant.model, train, [name]))
        else:
            found.append(name)
    models = [model for model, _, _ in alike]
    return [
        Training(
            model if models.count(model) == 1 else f"{model} ({', '.join(names)})",
            model,
            train,
            names,
            [*p.variants[names[0]].train],
        )
        for model, train, names in alike
    ]
