"""Outs of models → the class of numerics that they record, and that of this machine; used by `limo verify`."""

import contextlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from limo import params

COLUMN = "numerics"
PROMISE = "bytes of generation and training are promised per class of numerics only"


@dataclass(frozen=True)
class HardwareClass:
    """On what outs were made, as they record it, and what would make them here."""

    outs: list[str]
    recorded: str
    present: str


def recorded(path: Path, name: str) -> list[str]:
    """The fingerprints of hardware and libraries in a table of attempts or a record of training, sorted.

    Args:
        path: where the bytes are.
        name: the out's own name, whose ending tells the format.
    """
    if name.endswith(".parquet") and COLUMN in pl.read_parquet_schema(path):
        return pl.scan_parquet(path).select(pl.col(COLUMN).unique()).collect()[COLUMN].drop_nulls().sort().to_list()
    if name.endswith(".json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        return [record[COLUMN]] if isinstance(record, dict) and COLUMN in record else []
    return []


def present(groups: Iterable[str], file: Path) -> dict[str, str]:
    """The fingerprint that each group of stages would record on this machine, or why there is none.

    Args:
        groups: entries of dvc.yaml, such as `rate`.
        file: the params file that says on which engine they run.
    """
    try:
        p = params.load(file)
    except ValueError as error:
        return dict.fromkeys(groups, f"unknown ({_short(error)})")
    # DeepSpeed logs on stdout, which is for the table, what accelerator it has found.
    with contextlib.redirect_stdout(io.StringIO()):
        return {group: _present(group, p) for group in groups}


def _present(group: str, p: params.Params) -> str:
    rating = {rater.engine for rater in p.rate.raters.values()}
    engines = {"screen": {p.screen.engine}, "rate": rating, "answer": {p.evaluate.engine}}
    try:
        if group in engines:
            return ", ".join(sorted({_generation(p.engines[name]) for name in engines[group]}))
        if group == "train":
            return _training(p.train)
    except (ImportError, RuntimeError, AssertionError, OSError, ValueError) as error:  # no such device or library
        return f"not able to ({_short(error)})"
    return f"unknown (limo verify knows no engine of the stage {group})"


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _generation(settings: params.Engine) -> str:
    from limo.generation.engines.choose import numerics  # noqa: PLC0415 - seconds to import

    # No Ray is started for a name: its actors give the one of the engine that they hold.
    return numerics(settings.holds if isinstance(settings, params.RayEngine) else settings)


def _training(train: params.Train) -> str:
    from limo.training.sharded import hardware  # noqa: PLC0415 - seconds to import

    return f"{hardware(train)}-world{train.processes}"
