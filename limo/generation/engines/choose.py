"""A section of params.yaml → its engine, and the name of its numerics; used by the sampler, the judge and the proof."""

from pathlib import Path

from limo import params
from limo.generation.engines import single
from limo.generation.engines.protocol import Engine


def numerics(settings: params.Engine) -> str:
    """What decides the bits of an answer beside the request: engine, versions, device, type and shapes.

    Known without loading the model, so a run whose answers are all in the store loads none.
    """
    if isinstance(settings, params.RayEngine):
        from limo.generation.engines import ray  # noqa: PLC0415 - seconds to import

        return ray.numerics(settings)
    if isinstance(settings, params.RecordedEngine):
        return settings.kind
    return single.numerics(settings)


def open_engine(folder: str | Path, settings: params.Engine) -> Engine:
    """Load the model in `folder` into the engine that `settings` describe."""
    if isinstance(settings, params.RayEngine):
        from limo.generation.engines.ray import RaySampler  # noqa: PLC0415

        return RaySampler(folder, settings)
    if isinstance(settings, params.RecordedEngine):
        raise TypeError(f"{folder} was recorded: an engine of kind recorded asks nobody")
    return single.open_engine(folder, settings)
