"""Models' shapes and the engines that ask them → the memory of their keys and values; used by `limo plan`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from limo import params
from limo.generation import task
from limo.generation.task import Task
from limo.plan.memory import GIB, parameters

Local = params.TransformersEngine | params.VllmEngine


@dataclass(frozen=True)
class Cache:
    """Bytes of one device of those that share a copy of a model: its weights, the room for keys and values beside them,
    and what one sequence takes of it, in the mean and at the engine's `max_length`; `together` run at once.
    """

    stage: str
    engine: str
    model: str
    weights: float
    room: float
    mean: float
    longest: float
    together: int

    @property
    def held(self) -> int:
        """Sequences of mean length that the room holds."""
        return max(0, int(self.room // self.mean))


def tasks(p: params.Params) -> Iterator[tuple[Task, params.Sizes, str]]:
    """Every stage that asks a model, with its sizes and the name of the base model whose shape answers."""
    if isinstance(p.screen, params.AskedRater):
        yield task.screen(p), p.plan.screen, p.screen.name
    for name, rater in p.rate.raters.items():
        if isinstance(rater, params.AskedRater):
            yield task.rate(p, name), p.plan.rate, rater.name
    for name, teacher in p.teachers.items():
        yield task.teacher(p, name), p.plan.teachers[name], _shaped(p, Path(teacher.path))
    for name in p.candidates:
        asked = task.candidate(p, name)
        yield asked, p.plan.answer, _shaped(p, asked.folder)


def _shaped(p: params.Params, folder: Path) -> str:
    """The base model whose shape the model in a folder has."""
    return p.variants[folder.name].model if folder.parent.name == "models" else folder.name


def held_engine(engine: params.Engine) -> params.Engine:
    """The engine itself, or the one of which Ray holds copies."""
    return engine.holds if isinstance(engine, params.RayEngine) else engine


def caches(p: params.Params, shapes: Mapping[str, params.Shape]) -> list[Cache]:
    """The caches of all stages whose models are asked on GPUs and whose shapes are known."""
    found = []
    for asked, sizes, model in tasks(p):
        engine = held_engine(p.engines[asked.engine])
        if isinstance(engine, Local) and engine.device == "cuda" and model in shapes:
            found.append(_cache(asked, engine, sizes, model, shapes[model], p.plan))
    return found


def _cache(
    asked: Task, engine: Local, sizes: params.Sizes, model: str, shape: params.Shape, plan: params.Plan
) -> Cache:
    """Per token of a sequence 2 (key and value) · layers · key_value_heads / devices · head_size numbers."""
    width = 4 if engine.dtype == "float32" else 2
    shared = engine.tensor_parallel if isinstance(engine, params.VllmEngine) else 1
    token = 2 * shape.layers * -(-shape.key_value_heads // shared) * shape.head_size * width
    weights = parameters(shape) * width / shared
    mean = min(sizes.prompt_tokens + sizes.answer_tokens, engine.max_length)
    if isinstance(engine, params.VllmEngine):
        usable, together = plan.device_memory_gib * GIB * engine.memory_fraction, engine.max_sequences
    else:  # one cache of fixed slots, each of them as long as the longest sequence
        usable, together, mean = plan.device_memory_gib * GIB, engine.slots, engine.max_length
    room = max(0.0, usable - weights - plan.reserve_gib * GIB)
    return Cache(asked.stage, asked.engine, model, weights, room, mean * token, engine.max_length * token, together)
