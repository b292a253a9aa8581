"""A params file → `Params`, or one line per fault with the dotted key; called by every stage and command."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from limo.params.whole import Params

# DVC's run cache leaves keys of these names out when it looks for a run with the same parameters, wherever they stand:
# it would hand out the outs of another value.
_OVERLOOKED = {"size", "nfiles"}
_NAMED = ("models", "engines", "sources", "recorded", "imports", "datasets")
_TAGGED = {*((name,) for name in _NAMED), ("plan", "engines"), ("rate", "raters")}

_MEMBERS = {"Fields", "TraceFields"}


def load(path: str | Path = "params.yaml") -> Params:
    """Read and validate a whole params file.

    Raises:
        ValueError: the file is no YAML, by line and column; or one line per fault, each with the dotted key, what is
            wrong and the value found.
    """
    values = _values(Path(path))
    if overlooked := [
        f"  {key}: DVC's run cache does not see a key of this name: choose another" for key in _unseen(values)
    ]:
        raise ValueError(f"{path} is not valid:\n" + "\n".join(overlooked))
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        faults = error.errors()
    raise ValueError(f"{path} is not valid:\n" + "\n".join(_line(fault, faults) for fault in faults))


def _values(path: Path) -> Any:
    """What a params file holds, as YAML reads it."""
    from ruamel.yaml import YAML  # noqa: PLC0415  (a twelfth of a second that commands without params are spared)
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415

    try:
        # YAML 1.2, as DVC itself reads and writes: under 1.1 the 1e-05 that `dvc exp run -S` writes is a string.
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise ValueError(
            f"{path} is no YAML: line {mark.line + 1}, column {mark.column + 1}: {error.problem}. Correct it there or "
            "just above; what opens with {, [ or a quote must be closed, and no name may stand twice in a section"
        ) from None


def _line(fault: ErrorDetails, faults: list[ErrorDetails]) -> str:
    """A fault in words: the dotted key, what is wrong, the value found, and for an unknown key what may be meant."""
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "value_error" and not fault["loc"]:
        return f"  {message}"  # a check of the whole file names the key itself
    shown = "" if isinstance(fault["input"], dict) else f" (found {fault['input']!r})"
    return f"  {_key(fault)}: {message}{shown}{_meant(fault, faults) if fault['type'] == 'extra_forbidden' else ''}"


def _meant(unknown: ErrorDetails, faults: list[ErrorDetails]) -> str:
    """The missing key that an unknown one is like: every key is required, so what is spelled wrong is missing too."""
    *above, last = unknown["loc"]
    missing = [fault["loc"][-1] for fault in faults if fault["type"] == "missing" and [*fault["loc"][:-1]] == above]
    alike = get_close_matches(str(last), map(str, missing), n=1)
    return f": did you mean {alike[0]}?" if alike else ""


def _key(fault: ErrorDetails) -> str:
    """The dotted key of a fault as the file has it. Within a union pydantic puts the member behind the name."""
    loc = fault["loc"]
    parts = [part for at, part in enumerate(loc) if not (at > 1 and _tagged(loc[: at - 1]))]
    if loc[:2] in {("screen", "asked"), ("screen", "recorded")}:
        parts = ["screen", *loc[2:]]
    parts = [part for part in parts if part not in _MEMBERS and not str(part).startswith("literal[")]
    return ".".join(map(str, parts)) or "(file)"


def _tagged(above: tuple[int | str, ...]) -> bool:
    """Whether what hangs under the names that stand here is of several kinds."""
    return above in _TAGGED or (len(above) == 2 and above[0] in {"benchmarks", "round_datasets"})


def _unseen(values: Any) -> Iterator[str]:
    """The dotted keys that the run cache overlooks."""
    items = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in items:
        if key in _OVERLOOKED:
            yield str(key)
        yield from (f"{key}.{inner}" for inner in _unseen(value))
