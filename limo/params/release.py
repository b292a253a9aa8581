"""Section `release`: name and version on the cards, and whose text may be handed out; read by report and release."""

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Section


class Release(Section):
    """What is handed out, and under which name."""

    name: str
    """Name on the cards."""
    version: str
    """Version on the cards."""
    creator: str
    """Who made the datasets, for croissant.json."""
    repository: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9./_~-]+$")] | None
    """Address of the git repository, for git and for readers; null until there is one."""
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    """Day of publication, YYYY-MM-DD; null until then."""
    redistributable: list[Annotated[str, Field(pattern=r"^\S(.*\S)?$")]]
    """SPDX ids of licences whose text may be handed out."""
    on_restricted: Literal["stop", "withhold"]
    """What becomes of rows under another licence or none: `stop` refuses the release, `withhold` leaves their text
    out."""
