from pathlib import Path

from limo import params
from limo.generation.engines.protocol import Engine


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
