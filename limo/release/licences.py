"""Names of licences → what hubs know them as; used by release."""

from collections.abc import Iterable
from typing import Any

# SPDX names that hubs know, in lower case; they refuse a card with any other.
KNOWN = frozenset(
    "apache-2.0 mit bsd-2-clause bsd-3-clause cc0-1.0 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-3.0 "
    "cc-by-nc-4.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-nc-nd-4.0 gpl-3.0 lgpl-3.0 agpl-3.0 mpl-2.0 "
    "odc-by odbl pddl unlicense".split()
)


def for_hub(licence: str) -> dict[str, Any]:
    """Front matter for one licence: a name that hubs know, else `other` with the name beside it."""
    if licence.lower() in KNOWN:
        return {"license": licence.lower()}
    return {"license": "other", "license_name": licence}


def all_for_hub(licences: Iterable[str]) -> dict[str, Any]:
    """Front matter for the licences of several rows; `other` where none is known or there is none."""
    names = sorted({for_hub(licence)["license"] for licence in licences})
    return {"license": names or ["other"]}


def address(licence: str) -> str:
    """The page of a licence on spdx.org, or its name where that is none we know."""
    return f"https://spdx.org/licenses/{licence}.html" if licence.lower() in KNOWN else licence
