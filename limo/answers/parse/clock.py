"""A time of day in any spelling → `clock HH:MM`, marked where its half of the day is open; used by structure."""

import re

from limo.answers.parse.words import NUMERALS

OPEN = "?"  # behind a time from 1:00 to 12:59 that does not say which half of the day it is in
_HALF = r"(?P<half>[aApP])\.?\s?[mM]"
_IN_WORDS = r"(?:in the|at)\s(?P<part>morning|afternoon|evening|night)"
_DIGITS = re.compile(rf"(?P<hour>\d{{1,2}})\s*:\s*(?P<minute>\d{{2}})(?:\s*(?:{_HALF}|{_IN_WORDS}|o'?clock|hours|h))?")
_HOUR = re.compile(rf"(?P<hour>\d{{1,2}})(?=\s*[aApPo])\s*(?:o'?clock)?\s*(?:{_HALF}|{_IN_WORDS})?")
_SPOKEN = re.compile(
    r"(?:(?P<shift>half past|(?:a\s)?quarter past|(?:a\s)?quarter to)\s(?P<hour>\d{1,2}|[a-z]+)"
    rf"|(?P<full>[a-z]+)\so'?clock)(?:\s(?:{_HALF}|{_IN_WORDS}))?"
)
_SHIFTS = {"half past": 30, "quarter past": 15, "quarter to": -15}
_NAMES = {"noon": "clock 12:00", "12 noon": "clock 12:00", "midnight": "clock 00:00", "12 midnight": "clock 00:00"}


def clock(spelled: str) -> str | None:
    """The time of day that a `normal` answer is, or None.

    "3:20 pm" and "15:20" are `clock 15:20`; "3:20" is `clock 03:20 ?`.
    """
    if len(spelled) > 40:
        return None
    text = re.sub(r"\\text\s*\{([^{}]*)\}|\{(:)\}", r" \1\2 ", spelled).strip(" .")
    text = re.sub(r"\s*:\s*", ":", " ".join(text.split()))
    if name := _NAMES.get(text.lower()):
        return name
    if time := _DIGITS.fullmatch(text) or _HOUR.fullmatch(text):
        minute = int(time.groupdict().get("minute") or 0)
        return _spelled(int(time["hour"]), minute, time["half"] or time["part"] or "")
    if time := _SPOKEN.fullmatch(text.lower()):
        hour = _hour(time["hour"] or time["full"])
        shift = _SHIFTS[time["shift"].removeprefix("a ")] if time["shift"] else 0
        return None if hour is None else _spelled(*divmod(hour * 60 + shift, 60), time["half"] or time["part"] or "")
    return None


def full_hour(time: str) -> int | None:
    """The hour of a time without minutes, on a dial; None for other times."""
    hour, minute = time.split()[1].split(":")
    return int(hour) % 12 or 12 if minute == "00" else None


def same_time(one: str, other: str) -> bool:
    """Whether two times are the same, where the half of the day may be left out of either."""
    (hour, minute), (other_hour, other_minute) = (side.split()[1].split(":") for side in (one, other))
    if OPEN in one or OPEN in other:
        return minute == other_minute and int(hour) % 12 == int(other_hour) % 12
    return (hour, minute) == (other_hour, other_minute)


def _hour(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    value = NUMERALS.get(word)
    return int(value) if value is not None and 1 <= value <= 12 else None


def _spelled(hour: int, minute: int, half: str) -> str | None:
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        later = half.lower() in {"p", "afternoon", "evening"} or (half == "night" and 6 <= hour < 12)
        return f"clock {hour % 12 + 12 * later:02d}:{minute:02d}"
    return f"clock {hour % 24:02d}:{minute:02d}{' ' + OPEN if 1 <= hour <= 12 else ''}"
