from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Positive, Section


class PackagedModel(Section):
    """Weights that a Python package ships as GGUF, unpacked to float32 safetensors."""

    kind: Literal["gguf_package"]
    package: str
    version: str
    split_digits: bool
    max_length: Positive
    licence: str


class HubModel(Section):
    """Weights on a model hub, pinned by revision."""

    kind: Literal["hub"]
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    licence: str


class LocalModel(Section):
    """Weights in a folder of the project, copied in (small test models)."""

    kind: Literal["folder"]
    path: str
    licence: str


Model = Annotated[PackagedModel | HubModel | LocalModel, Field(discriminator="kind")]
