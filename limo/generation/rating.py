"""Problems and a rater → what its draws or its record make of them; used by screen and rate."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from limo import params
from limo.base.tables import of_sources, reasons
from limo.generation import attempts, replay, task
from limo.generation.band import ratings, screened
from limo.generation.task import Task

Counts = dict[str, int | float]


def screen(problems: pl.DataFrame, p: params.Params, out: Path) -> tuple[pl.DataFrame, Counts]:
    """POOL rows as SCREENED rows: those that the small model solves, in draws or in a record, are rejected.

    Problems of sources that screen is not for stay, without counts.

    Args:
        problems: POOL rows.
        p: all parameters.
        out: where the ATTEMPT table is written.

    Returns:
        SCREENED rows, and the counts for the stage's line.

    Raises:
        WasteError, EngineError, FileNotFoundError, ValueError: as `attempts.draw` and `replay.replay`.
    """
    table, tally = _rated(problems, p.screen, task.screen, p, out)
    return screened(table, problems), tally


def rate(problems: pl.DataFrame, name: str, p: params.Params, out: Path) -> tuple[pl.DataFrame, Counts]:
    """What rater `name` makes of the problems that screen kept and that it is for.

    Returns:
        RATING rows, and the counts for the stage's line.

    Raises:
        WasteError, EngineError, FileNotFoundError, ValueError: as `screen`.
    """
    return _rated(problems, p.rate.raters[name], partial(task.rate, name=name), p, out)


def _rated(
    problems: pl.DataFrame, rater: params.Rater, asks: Callable[[params.Params], Task], p: params.Params, out: Path
) -> tuple[pl.DataFrame, Counts]:
    tried = of_sources(problems, rater.sources)
    if isinstance(rater, params.AskedRater):
        counts, tally = attempts.draw(tried, asks(p), p, out)
        counts = counts.with_columns(claimed=pl.lit(value=False))
    else:
        counts, tally = replay.replay(tried, rater, p.answers, out)
        counts = counts.with_columns(unasked=pl.lit(None, pl.String))
    table = ratings(counts, tried, rater)
    entered, rejected = problems.height, table["rejected"].count()
    passed = {} if rater.sources is None else {"of other sources": entered - tried.height}
    return table, {"in": entered, "kept": entered - rejected, "rejected": rejected, **reasons(table), **passed, **tally}
