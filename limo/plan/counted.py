"""dvc.lock and the outs of earlier runs → the rows that a plan may count on; used by `limo plan` and report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base.files import read_json
from limo.base.tables import of_sources
from limo.graph import outs, places


@dataclass(frozen=True)
class Counted:
    """A filter that has run: problems in and kept, draws that decided them, and at most how many were started."""

    problems: int
    kept: int
    decided: int
    paid: int


@dataclass(frozen=True)
class Rows:
    """What the outs of earlier runs hold; None where an out is missing or was made with other values.

    Attributes:
        pool: the problems that screen is for; rated: by rater; decided: the problems that the raters keep together;
        questions: the selected ones by source.
    """

    pool: int | None = None
    screened: Counted | None = None
    rated: dict[str, Counted] = field(default_factory=dict)
    decided: int | None = None
    questions: dict[str, int] | None = None
    benchmarks: dict[str, int] | None = None
    evaluation: dict[str, Any] | None = None


def local(p: params.Params, file: str | Path, root: Path) -> Rows:
    """Count the rows of the outs under `root` that dvc.lock says were made with the values of the params `file`.

    Every stage on the way to an out is compared, not only the last: a pool of other sources counts for nothing.
    """
    lock = root / "dvc.lock"
    if not lock.is_file():
        return Rows()
    values, stages = _yaml(Path(file)), _yaml(lock)["stages"]
    to_pool = [*(f"acquire@{name}" for name in p.sources), "benchmarks", "pool"]
    to_screened = [*to_pool, _maker(p.screen), "screen"]
    to_raters = {name: [*to_screened, _maker(rater), f"rate@{name}"] for name, rater in p.rate.raters.items()}
    to_rated = [*dict.fromkeys(stage for way in to_raters.values() for stage in way), "decide"]

    def scanned(out: outs.Table, way: list[str]) -> pl.LazyFrame | None:
        path = root / out.path
        current = path.is_file() and all(_same(values, stages.get(stage)) for stage in way)
        return pl.scan_parquet(path) if current else None

    pool, questions = scanned(outs.POOL, to_pool), scanned(outs.QUESTIONS, [*to_rated, "select"])
    screened, decided = scanned(outs.SCREENED, to_screened), scanned(outs.RATED, to_rated)
    rated = {name: scanned(outs.rated(name), way) for name, way in to_raters.items()}
    benchmarks = scanned(outs.BENCHMARKS, ["benchmarks"])
    answered = ["benchmarks", *(f"answer@{name}" for name in p.candidates), "metrics"]
    figures = root / places.FIGURES["evaluation"].path
    current = bool(p.candidates) and figures.is_file() and all(_same(values, stages.get(stage)) for stage in answered)
    return Rows(
        None if pool is None else _height(of_sources(pool, p.screen.sources)),
        None if screened is None else _counted(screened, "screen_drawn", p.screen),
        {name: _counted(table, "drawn", p.rate.raters[name]) for name, table in rated.items() if table is not None},
        None if decided is None else _height(decided.filter(pl.col("rejected").is_null())),
        None if questions is None else _by(questions.filter(pl.col("rejected").is_null()), "source"),
        None if benchmarks is None else _by(benchmarks, "benchmark"),
        read_json(figures) if current else None,
    )


def _maker(rater: params.Rater) -> str:
    """The stage that makes what a rater's path names."""
    return f"{'fetch' if isinstance(rater, params.AskedRater) else 'recorded'}@{rater.name}"


def draws(drawn: str, rule: params.Rater) -> tuple[pl.Expr, pl.Expr]:
    """Sums over a filter's table: the draws that decided its problems, in column `drawn`, and those started at most.

    Beyond the stop no more than the rest of the look-ahead was under way (`limo.plan.course`). A record was not asked.
    """
    if not isinstance(rule, params.AskedRater):
        return pl.lit(0), pl.lit(0).alias("paid")
    started = pl.when(pl.col(drawn) > 0).then((pl.col(drawn) + rule.lookahead - 1).clip(upper_bound=rule.draws))
    return pl.col(drawn).sum(), started.sum().alias("paid")


def _same(values: Mapping[str, Any], stage: Mapping[str, Any] | None) -> bool:
    """Whether a stage of dvc.lock was run with these values: it names its keys with dots."""
    if stage is None:
        return False
    return all(
        _at(values, key) == made for section in stage.get("params", {}).values() for key, made in section.items()
    )


def _at(values: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            return None
        values = values[part]
    return values


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _by(rows: pl.LazyFrame, column: str) -> dict[str, int]:
    return dict(rows.group_by(column).len().collect().iter_rows())


def _counted(rows: pl.LazyFrame, drawn: str, rule: params.Rater) -> Counted:
    tried = rows.filter(pl.col(drawn).is_not_null())  # problems of other sources pass screen by
    counts = tried.select(pl.len(), pl.col("rejected").is_null().sum(), *draws(drawn, rule)).collect().row(0)
    return Counted(*map(int, counts))


def _yaml(path: Path) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  (as limo.params: spared where there is no dvc.lock)

    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
