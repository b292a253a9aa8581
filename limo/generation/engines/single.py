"""A section of params.yaml → an engine of one process; used by `engines.choose` and the actors of a cluster."""

from pathlib import Path

from limo import params
from limo.base.numerics import settle
from limo.generation.engines.protocol import Engine

Single = params.TransformersEngine | params.VllmEngine | params.OpenaiEngine


def numerics(settings: Single) -> str:
    """See `choose.numerics`."""
    match settings:  # each needs libraries of its own
        case params.TransformersEngine():
            settle(settings.numerics)
            from limo.generation.engines import transformers  # noqa: PLC0415

            return transformers.numerics(settings)
        case params.VllmEngine():
            from limo.generation.engines import vllm  # noqa: PLC0415

            return vllm.numerics(settings)
        case params.OpenaiEngine():
            from limo.generation.engines import openai  # noqa: PLC0415

            return openai.numerics(settings)


def open_engine(folder: str | Path, settings: Single) -> Engine:
    """See `choose.open_engine`."""
    match settings:
        case params.TransformersEngine():
            settle(settings.numerics)
            from limo.generation.engines.transformers import TransformersSampler  # noqa: PLC0415

            return TransformersSampler(folder, settings)
        case params.VllmEngine():
            from limo.generation.engines.vllm import VllmSampler  # noqa: PLC0415

            return VllmSampler(folder, settings)
        case params.OpenaiEngine():
            from limo.generation.engines.openai import OpenaiSampler  # noqa: PLC0415

            return OpenaiSampler(folder, settings)
