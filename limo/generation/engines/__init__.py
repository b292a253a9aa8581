import importlib.metadata
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from limo import params
from limo.generation.request import Completion, Request


class Engine(Protocol):
    """What the sampler needs of an engine: queue named requests, take back those that have ended."""

    capacity: int

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's."""

    def finished(self) -> list[tuple[str, Completion]]:
        """Run until at least one request has ended and return those that have; empty when nothing is under way."""


def numerics(settings: params.Engine) -> str:
    """What decides the bits of an answer beside the request: engine, versions, instruction set, type and shapes.

    Known without loading the model, so a run whose answers are all in the store loads none.
    """
    import torch  # noqa: PLC0415 - seconds to import, and the stages before generation do without

    settings = supported(settings)
    unit = torch.backends.cpu.get_cpu_capability() if settings.device == "cpu" else torch.cuda.get_device_name()
    versions = f"transformers-{importlib.metadata.version('transformers')} torch-{torch.__version__.split('+')[0]}"
    return (
        f"{versions} {settings.device}-{unit} {settings.dtype} "
        f"slots={settings.slots} length={settings.max_length} threads={settings.threads}"
    )


def supported(settings: params.Engine) -> params.TransformersEngine:
    """The settings, when this version can run them.

    Raises:
        ValueError: an engine kind that the parameters know and the code does not yet run.
    """
    if isinstance(settings, params.TransformersEngine):
        return settings
    raise ValueError(
        f"engines.*.kind = {settings.kind!r} is validated for planning only: this version samples with "
        "'transformers'; set kind: transformers, or pull the attempts tables and replay from them"
    )


def open_engine(folder: str | Path, settings: params.Engine) -> Engine:
    """Load the model in `folder` into the engine that `settings` describe."""
    from limo.generation.engines.transformers import TransformersSampler  # noqa: PLC0415

    return TransformersSampler(folder, supported(settings))
