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


def present(stages: Iterable[str], file: Path) -> dict[str, str]:
    """The fingerprint that each stage would record on this machine, or why there is none.

    Args:
        stages: such as `screen` or `train@limo`.
        file: the params file that says on which engine and with which settings they run.
    """
    try:
        p = params.load(file)
    except ValueError as error:
        return dict.fromkeys(stages, f"unknown ({_short(error)})")
    # DeepSpeed logs on stdout, which is for the table, what accelerator it has found.
    with contextlib.redirect_stdout(io.StringIO()):
        return {stage: _present(stage, p) for stage in stages}


def _present(stage: str, p: params.Params) -> str:
    try:
        if stage.startswith("train@"):
            return _training(p.training(stage.partition("@")[2]))
        return _generation(p.engines[_engine(stage, p)])
    except (ImportError, RuntimeError, AssertionError, OSError, ValueError) as error:  # no such device or library
        return f"not able to ({_short(error)})"
    except KeyError:
        return f"unknown (params.yaml has no engine of the stage {stage})"


def _engine(stage: str, p: params.Params) -> str:
    """The engine that a stage samples on.

    Raises:
        KeyError: the params have no such stage.
    """
    if stage == "screen" or stage.startswith("answer@"):
        return p.screen.engine if stage == "screen" else p.evaluate.engine
    asking = {
        **{f"rate@{rater}": spec.engine for rater, spec in p.rate.raters.items()},
        **{f"collect@{teacher}": spec.engine for teacher, spec in p.teachers.items()},
        **{f"judge@{judge}": spec.engine for judge, spec in p.judges.items()},
        **{f"vote@{judge}": spec.engine for judge, spec in p.chain_judges.items()},
    }
    return asking[stage]


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _generation(settings: params.Engine) -> str:
    from limo.generation.engines.choose import numerics  # noqa: PLC0415 - seconds to import

    # No Ray is started for a name: its actors give the one of the engine that they hold.
    return numerics(settings.holds if isinstance(settings, params.RayEngine) else settings)


def _training(train: params.Train) -> str:
    from limo.training.sharded import hardware  # noqa: PLC0415 - seconds to import

    return f"{hardware(train)}-world{train.processes}"
