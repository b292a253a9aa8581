from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from limo import params
from limo.generation.request import Completion, Request


class Engine(Protocol):
    """What the sampler needs of an engine: queue named requests, take back those that have ended.

    `capacity` is how many requests run side by side.
    """

    capacity: int

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's.

        Raises:
            ValueError: a request does not fit the engine; the message names it.
        """

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """Run until at least one request has ended, or for some `patience` seconds, and return those that have ended;
        empty when none has, or nothing is under way.

        Raises:
            RequestError: one request cannot be answered; those that had ended before have been returned, others go on.
            EngineError: none can.
        """

    def close(self) -> None:
        """Let go of memory, processes and connections; requests under way are dropped."""


class EngineError(Exception):
    """An engine gave up: the message says on what, and the remedy."""


class RequestError(EngineError):
    """An engine gave up one request; others under way go on."""


def numerics(settings: params.Engine) -> str:
    """What decides the bits of an answer beside the request: engine, versions, device, type and shapes.

    Known without loading the model, so a run whose answers are all in the store loads none.
    """
    match settings:  # each needs libraries of its own
        case params.TransformersEngine():
            from limo.generation.engines import transformers  # noqa: PLC0415

            return transformers.numerics(settings)
        case params.VllmEngine():
            from limo.generation.engines import vllm  # noqa: PLC0415

            return vllm.numerics(settings)
        case params.OpenaiEngine():
            from limo.generation.engines import openai  # noqa: PLC0415

            return openai.numerics(settings)
        case params.RayEngine():
            from limo.generation.engines import ray  # noqa: PLC0415

            return ray.numerics(settings)


def open_engine(folder: str | Path, settings: params.Engine) -> Engine:
    """Load the model in `folder` into the engine that `settings` describe."""
    match settings:
        case params.TransformersEngine():
            from limo.generation.engines.transformers import TransformersSampler  # noqa: PLC0415

            return TransformersSampler(folder, settings)
        case params.VllmEngine():
            from limo.generation.engines.vllm import VllmSampler  # noqa: PLC0415

            return VllmSampler(folder, settings)
        case params.OpenaiEngine():
            from limo.generation.engines.openai import OpenaiSampler  # noqa: PLC0415

            return OpenaiSampler(folder, settings)
        case params.RayEngine():
            from limo.generation.engines.ray import RaySampler  # noqa: PLC0415

            return RaySampler(folder, settings)
