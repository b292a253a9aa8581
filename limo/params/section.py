"""The base of all sections of params.yaml, and the types of values that several of them share."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _as_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", text):
        raise ValueError(
            "a name has letters, digits, _ and - alone and starts with a letter or digit: it names stages of DVC, in "
            "which a dot would part one key from the next"
        )
    return text


Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, AfterValidator(_as_name)]
Numerics = Literal["portable", "native"]


class Section(BaseModel):
    """Base of all sections: immutable, no unknown keys, no silent conversion between types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
