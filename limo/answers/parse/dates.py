"""A date in any spelling → its readings as year, month and day; used by compare.decide."""

import re

_MONTHS = "january february march april may june july august september october november december".split()
_NUMBER = {name[:size]: place for place, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {"sept": 9}
_NAME = rf"(?P<name>{'|'.join(sorted(_NUMBER, key=len, reverse=True))})\.?"
_WRITTEN = [
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"),
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"),
    re.compile(rf"{_NAME}\s(?P<day>\d{{1,2}})(?:\s?,?\s?(?P<year>\d{{4}}))?"),
    re.compile(rf"(?P<day>\d{{1,2}})\s(?:of\s)?{_NAME}(?:\s?,?\s?(?P<year>\d{{4}}))?"),
]
Date = tuple[int | None, int, int]


def dates(spelled: str) -> frozenset[Date]:
    """The dates that a `normal` answer may be; none for what is no date, two for 3/4/2020; a year may be None."""
    if len(spelled) > 40 or not re.search(r"\d", spelled):
        return frozenset()
    text = " ".join(re.sub(r"\\text\s*\{([^{}]*)\}", r" \1 ", spelled).lower().split())
    found: set[Date] = set()
    for written in (form.fullmatch(text) for form in _WRITTEN):
        if written is None:
            continue
        parts = written.groupdict()
        month, day = _NUMBER[parts["name"]] if parts.get("name") else int(parts["month"]), int(parts["day"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            found.add((int(parts["year"]) if parts["year"] else None, month, day))
    return frozenset(found)


def same_date(one: frozenset[Date], other: frozenset[Date]) -> bool:
    """Whether two answers may be the same day; either may leave its year out."""
    return any(a[1:] == b[1:] and (a[0] == b[0] or None in {a[0], b[0]}) for a in one for b in other)
