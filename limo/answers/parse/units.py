"""The text after a number → a unit's size and dimensions; used by quantity, structure and compare.equality."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

# One line per dimension: names that are equal, with their size in the first name's unit.
_TABLE = {
    "m": "m meter metre:1 km kilometer kilometre:1000 dm decimeter:1/10 cm centimeter centimetre:1/100 "
    "mm millimeter millimetre:1/1000 um micron micrometer:1/1000000 nm nanometer:1/1000000000 in inch inches:127/5000 "
    "ft foot feet:381/1250 yd yard:1143/1250 mi mile:201168/125 pc parsec:30856775814913673 AU:149597870700 "
    "ly lightyear:9460730472580800 angstrom:1/10000000000",
    "s": "s sec second:1 ms millisecond:1/1000 us microsecond:1/1000000 ns nanosecond:1/1000000000 min minute:60 "
    "h hr hour:3600 day:86400 week:604800 month:2629800 yr year:31557600",
    "kg": "kg kilogram:1 g gram:1/1000 mg milligram:1/1000000 t ton tonne:1000 lb pound:45359237/100000000 "
    "oz ounce:45359237/1600000000",
    "A": "A amp ampere:1 mA milliampere:1/1000",
    "K": "K kelvin:1",
    "celsius": "celsius centigrade:1",
    "fahrenheit": "fahrenheit:1",
    "mol": "mol mole:1 mmol:1/1000",
    "rad": "rad radian:1",
    "dollar": "dollar usd buck:1 cent penny:1/100",
    "yuan": "yuan 元 rmb yen 円:1",  # the sign ¥ is both
    "euro": "euro eur:1",
    "percent": "percent percentage %:1",
    "bit": "bit:1 byte:8",
}  # fmt: skip
_DERIVED = {
    "L": ("1/1000", {"m": 3}), "liter": ("1/1000", {"m": 3}), "litre": ("1/1000", {"m": 3}), "l": ("1/1000", {"m": 3}),
    "ml": ("1/1000000", {"m": 3}), "mL": ("1/1000000", {"m": 3}), "milliliter": ("1/1000000", {"m": 3}),
    "N": ("1", {"kg": 1, "m": 1, "s": -2}), "newton": ("1", {"kg": 1, "m": 1, "s": -2}),
    "kN": ("1000", {"kg": 1, "m": 1, "s": -2}), "dyne": ("1/100000", {"kg": 1, "m": 1, "s": -2}),
    "J": ("1", {"kg": 1, "m": 2, "s": -2}), "joule": ("1", {"kg": 1, "m": 2, "s": -2}),
    "kJ": ("1000", {"kg": 1, "m": 2, "s": -2}), "MJ": ("1000000", {"kg": 1, "m": 2, "s": -2}),
    "erg": ("1/10000000", {"kg": 1, "m": 2, "s": -2}), "cal": ("4184/1000", {"kg": 1, "m": 2, "s": -2}),
    "eV": ("1602176634/10000000000000000000000000000", {"kg": 1, "m": 2, "s": -2}),
    "keV": ("1602176634/10000000000000000000000000", {"kg": 1, "m": 2, "s": -2}),
    "MeV": ("1602176634/10000000000000000000000", {"kg": 1, "m": 2, "s": -2}),
    "GeV": ("1602176634/10000000000000000000", {"kg": 1, "m": 2, "s": -2}),
    "W": ("1", {"kg": 1, "m": 2, "s": -3}), "watt": ("1", {"kg": 1, "m": 2, "s": -3}),
    "kW": ("1000", {"kg": 1, "m": 2, "s": -3}), "MW": ("1000000", {"kg": 1, "m": 2, "s": -3}),
    "kWh": ("3600000", {"kg": 1, "m": 2, "s": -2}), "Pa": ("1", {"kg": 1, "m": -1, "s": -2}),
    "kPa": ("1000", {"kg": 1, "m": -1, "s": -2}), "MPa": ("1000000", {"kg": 1, "m": -1, "s": -2}),
    "bar": ("100000", {"kg": 1, "m": -1, "s": -2}), "atm": ("101325", {"kg": 1, "m": -1, "s": -2}),
    "Hz": ("1", {"s": -1}), "kHz": ("1000", {"s": -1}), "MHz": ("1000000", {"s": -1}), "GHz": ("1000000000", {"s": -1}),
    "C": ("1", {"A": 1, "s": 1}), "coulomb": ("1", {"A": 1, "s": 1}),
    "mC": ("1/1000", {"A": 1, "s": 1}), "uC": ("1/1000000", {"A": 1, "s": 1}), "ug": ("1/1000000000", {"kg": 1}),
    "uL": ("1/1000000000", {"m": 3}), "uF": ("1/1000000", {"kg": -1, "m": -2, "s": 4, "A": 2}),
    "Wb": ("1", {"kg": 1, "m": 2, "s": -2, "A": -1}), "H": ("1", {"kg": 1, "m": 2, "s": -2, "A": -2}),
    "mmHg": ("101325/760", {"kg": 1, "m": -1, "s": -2}), "torr": ("101325/760", {"kg": 1, "m": -1, "s": -2}),
    "gallon": ("473176473/125000000000", {"m": 3}), "quart": ("473176473/500000000000", {"m": 3}),
    "pint": ("473176473/1000000000000", {"m": 3}), "cup": ("473176473/2000000000000", {"m": 3}),
    "tablespoon": ("473176473/32000000000000", {"m": 3}), "tbsp": ("473176473/32000000000000", {"m": 3}),
    "teaspoon": ("473176473/96000000000000", {"m": 3}), "tsp": ("473176473/96000000000000", {"m": 3}),
    "V": ("1", {"kg": 1, "m": 2, "s": -3, "A": -1}), "volt": ("1", {"kg": 1, "m": 2, "s": -3, "A": -1}),
    "mV": ("1/1000", {"kg": 1, "m": 2, "s": -3, "A": -1}), "kV": ("1000", {"kg": 1, "m": 2, "s": -3, "A": -1}),
    "ohm": ("1", {"kg": 1, "m": 2, "s": -3, "A": -2}), "Omega": ("1", {"kg": 1, "m": 2, "s": -3, "A": -2}),
    "F": ("1", {"kg": -1, "m": -2, "s": 4, "A": 2}), "T": ("1", {"kg": 1, "s": -2, "A": -1}),
    "mph": ("201168/450000", {"m": 1, "s": -1}), "kmh": ("5/18", {"m": 1, "s": -1}), "kph": ("5/18", {"m": 1, "s": -1}),
    "acre": ("40468564224/10000000", {"m": 2}), "hectare": ("10000", {"m": 2}), "ha": ("10000", {"m": 2}),
    "M": ("1000", {"mol": 1, "m": -3}), "dozen": ("12", {}), "hundred": ("100", {}), "thousand": ("1000", {}),
    "million": ("1000000", {}),
    "billion": ("1000000000", {}), "trillion": ("1000000000000", {}), "万": ("10000", {}), "亿": ("100000000", {}),
}  # fmt: skip


@dataclass(frozen=True)
class PhysicalUnit:
    """A unit's size in base units and its dimensions; `known` is False when one of its words is in no table."""

    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]
    known: bool


def _names() -> dict[str, tuple[Fraction, dict[str, int]]]:
    names = {name: (Fraction(size), dict(dims)) for name, (size, dims) in _DERIVED.items()}
    for base, line in _TABLE.items():
        waiting: list[str] = []
        for word in line.split():
            name, _, size = word.partition(":")
            waiting.append(name)
            if size:
                names.update({each: (Fraction(size), {base: 1}) for each in waiting})
                waiting = []
    return names


_NAMES = _names()
_PART = re.compile(
    r"(?P<name>[^\W\d_]+|%)\s*(?:\^\s*\{?\s*(?P<power>-?\s*\d+)\s*\}?)?|(?P<per>/|\bper\b)|(?P<other>\S)"
)
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_IDLE = frozenset("of the a an unit units".split())


@lru_cache(maxsize=4096)
def unit(text: str) -> PhysicalUnit | None:
    """Read a unit such as `m/s^2`, `meters per second` or `cubic cm`; None for text that is no product of words.

    Unknown words (apples, ways) are dimensions of their own, without their plural s.
    """
    factor, known, sign, raised = Fraction(1), True, 1, 0
    dimensions: dict[str, int] = {}
    text = re.sub(r"\\text\{([^{}]*)\}|\\([A-Za-z]+)", r" \1\2 ", text).replace("*", " ").replace("cdot", " ")
    for part in _PART.finditer(text):
        if part["per"] or part["name"] == "per":
            sign = -1
        elif part["other"]:
            if part["other"] not in "(){}.":
                return None
        elif part["name"].lower() in _POWERS:
            raised = _POWERS[part["name"].lower()]
        elif part["name"] == "A" or part["name"].lower() not in _IDLE:
            power = sign * (raised or 1) * int((part["power"] or "1").replace(" ", ""))
            meaning = _known(part["name"])
            if meaning is None:
                known, meaning = False, (Fraction(1), {_singular(part["name"].lower()): 1})
            if abs(power) > 12:
                return None
            factor *= meaning[0] ** power
            for name, degree in meaning[1].items():
                dimensions[name] = dimensions.get(name, 0) + degree * power
            raised = 0
    return PhysicalUnit(factor, tuple(sorted((name, degree) for name, degree in dimensions.items() if degree)), known)


def _known(name: str) -> tuple[Fraction, dict[str, int]] | None:
    for spelled in (name, _singular(name), name.lower(), _singular(name.lower())):
        if spelled in _NAMES and (len(spelled) > 2 or spelled == name):
            return _NAMES[spelled]
    return None


def _singular(name: str) -> str:
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and len(name) > 2 and not name.endswith("ss") else name
