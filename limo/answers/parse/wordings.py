"""An answer in words between numbers → the spellings that the grammar reads; used by readings."""

import re

from limo.answers.parse.units import unit

_COMPOUND = re.compile(r"(?:\d+(?:\.\d+)?\s?[A-Za-z]{1,7}(?:\s*,?\s*(?:and\s)?|$)){2,4}")  # 2 h 30 min
_PART = re.compile(r"(\d+(?:\.\d+)?)\s?([A-Za-z]+)")
_MIXED = re.compile(
    r"(?P<whole>\d+)\s*(?:\\text\{\s*and\s*\}|and)\s*(?P<part>\d+\s*/\s*\d+|\\frac\{\d+\}\{\d+\})(?P<unit>.*)"
)
_SPAN = re.compile(r"(?P<low>\d[\d.]*)\s*(?:\\text\{\s*to\s*\}|to)\s*(?P<high>\d[\d.]*)(?P<unit>\D*)")


def otherwise(spelled: str) -> list[str]:
    """Other spellings of a `normal` answer: "3 and 1/2" is also 3 1/2, "10 to 20" also 10-20."""
    others = []
    if mixed := _MIXED.fullmatch(spelled):
        others.append(f"{mixed['whole']} {mixed['part']}{mixed['unit']}")
    if span := _SPAN.fullmatch(spelled):
        others.append(f"{span['low']}-{span['high']}{span['unit']}")
    return others


def measured(spelled: str) -> str:
    r"""A quantity in several units of one dimension with its units in words: 2 h 30 min is 2 \text{h} 30 \text{min}."""
    if not _COMPOUND.fullmatch(spelled):
        return spelled
    units = [unit(name) for _, name in _PART.findall(spelled)]
    dimensions = {each.dimensions for each in units if each and each.known}
    alike = len(dimensions) == 1 and () not in dimensions and all(each and each.known for each in units)
    return _PART.sub(r"\1 \\text{\2}", spelled) if alike else spelled
