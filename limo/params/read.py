"""A params file → `Params`, or one line per fault with the dotted key; called by every stage and command."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

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
        ValueError: one line per fault, each with the dotted key, what is wrong and the value found.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  (a twelfth of a second that commands without params are spared)

    # YAML 1.2, as DVC itself reads and writes: under 1.1 the 1e-05 that `dvc exp run -S` writes is a string.
    values = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    if overlooked := [
        f"  {key}: DVC's run cache does not see a key of this name: choose another" for key in _unseen(values)
    ]:
        raise ValueError(f"{path} is not valid:\n" + "\n".join(overlooked))
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            # Within a union pydantic puts the member behind the name; the file has no such level.
            loc = fault["loc"]
            parts = [part for at, part in enumerate(loc) if not (at > 1 and _tagged(loc[: at - 1]))]
            if loc[:2] in {("screen", "asked"), ("screen", "recorded")}:
                parts = ["screen", *loc[2:]]
            parts = [part for part in parts if part not in _MEMBERS and not str(part).startswith("literal[")]
            shown = "" if isinstance(fault["input"], dict) else f" (found {fault['input']!r})"
            faults.append(f"  {'.'.join(map(str, parts)) or '(file)'}: {fault['msg']}{shown}")
        raise ValueError(f"{path} is not valid:\n" + "\n".join(faults)) from None


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
