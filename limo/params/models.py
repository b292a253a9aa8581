"""Section `models`: where weights and tokenizers come from; read by the stage fetch."""

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Positive, Section


class PackagedModel(Section):
    """Weights that a Python package ships as GGUF, unpacked to float32 safetensors."""

    kind: Literal["gguf_package"]
    """Chooses this kind of model."""
    package: str
    """Name of the Python package, which is installed."""
    version: str
    """Version of the package; another one that is installed stops the stage."""
    split_digits: bool
    """Whether the tokenizer splits numbers into digits. Conversion to GGUF loses this; true restores it."""
    max_length: Positive
    """Tokens that the model can take, prompt and answer together."""
    licence: str
    """SPDX id of the weights' licence, for the cards."""


class HubModel(Section):
    """Weights on a model hub, pinned by revision."""

    kind: Literal["hub"]
    """Chooses this kind of model."""
    repo: str
    """Owner and name on the hub."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    """Commit of the repository, 40 hex digits; `unpinned` where none is known, which a run refuses."""
    licence: str
    """SPDX id of the weights' licence, for the cards."""


class LocalModel(Section):
    """Weights in a folder of the project, copied in."""

    kind: Literal["folder"]
    """Chooses this kind of model."""
    path: str
    """The folder, relative to the project's root, in the format of transformers."""
    licence: str
    """SPDX id of the weights' licence, for the cards."""


Model = Annotated[PackagedModel | HubModel | LocalModel, Field(discriminator="kind")]
