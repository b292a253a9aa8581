"""Two values → one line that shows where they differ; used by the comparisons of `limo verify`."""

SHOWN = 60  # characters of a value


def pair(committed: object, rebuilt: object) -> str:
    """Two values side by side; long ones are cut to where they begin to differ."""
    one, other = str(committed), str(rebuilt)
    if max(len(one), len(other)) <= SHOWN:
        return f"{committed!r}, rebuilt {rebuilt!r}"
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, start - SHOWN // 3)
    return f"from character {start} {one[start : start + SHOWN]!r}, rebuilt {other[start : start + SHOWN]!r}"
