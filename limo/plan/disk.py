"""Models' shapes and planned answers → what a run leaves on disk; used by `limo plan`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from limo import params
from limo.plan.cache import Local, held_engine, tasks
from limo.plan.forecast import Planned, total
from limo.plan.memory import CHECKPOINT, parameters

_TEXT = 4  # bytes of a token's text, about
_COPIES = 2  # in the workspace and in DVC's cache, unless that links


@dataclass(frozen=True)
class Disk:
    """Bytes of models as they come and as they were trained, of checkpoints of the largest, and of answers."""

    fetched: float
    trained: float
    checkpoints: float
    answers: float

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.parts().values())

    def parts(self) -> dict[str, float]:
        """Bytes by what they are."""
        return asdict(self)


def disk(p: params.Params, shapes: Mapping[str, params.Shape], planned: Sequence[Planned]) -> Disk:
    """What a whole run leaves, of the models whose shapes are known.

    A new checkpoint is written beside the old one. Answers lie in the store and in a table, which DVC copies.
    """
    asked = {model for each, _, model in tasks(p) if isinstance(held_engine(p.engines[each.engine]), Local)}
    bases = [variant.model for variant in p.variants.values()]
    fetched = sum(_width(p.models[name]) * parameters(shapes[name]) for name in {*asked, *bases} & {*shapes})
    sizes = [parameters(shapes[name]) for name in bases]
    trained = sum(_exported(p.training(name), size) for name, size in zip(p.variants, sizes, strict=True))
    answers = total([stage.cost for stage in planned]).answer_tokens
    return Disk(
        fetched,
        _COPIES * trained,
        2 * CHECKPOINT * max(sizes, default=0),
        (1 + _COPIES) * _TEXT * answers,
    )


def _exported(train: params.Train, size: int) -> int:
    """Bytes of all models that the training of one of `size` parameters leaves."""
    return (1 + len(train.export_epochs)) * (2 if train.dtype == "bfloat16" else 4) * size


def _width(model: params.Model) -> int:
    """Bytes of a weight: models on hubs are bfloat16, what a package ships is unpacked to float32."""
    return 4 if isinstance(model, params.PackagedModel) else 2
