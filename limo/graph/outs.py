from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.graph import schemas

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Out:
    """A table of the graph: the stage that makes it as DVC names it, its path under the root and its columns."""

    stage: str
    path: str
    schema: pl.Schema

    @property
    def remedy(self) -> str:
        """The command that makes it."""
        return f"dvc repro {self.stage}"


BENCHMARKS = Out("benchmarks", "data/benchmarks.parquet", schemas.BENCHMARK)
POOL = Out("pool", "data/pool.parquet", schemas.POOL)
POOL_REJECTED = Out("pool", "data/pool_rejected.parquet", schemas.POOL_REJECTED)
SCREEN_ATTEMPTS = Out("screen", "data/screen_attempts.parquet", schemas.ATTEMPT)
SCREENED = Out("screen", "data/screened.parquet", schemas.SCREENED)
RATE_ATTEMPTS = Out("rate", "data/rate_attempts.parquet", schemas.ATTEMPT)
RATED = Out("rate", "data/rated.parquet", schemas.RATED)
QUESTIONS = Out("select", "data/questions.parquet", schemas.QUESTIONS)
CHECKED = Out("check", "data/chains_checked.parquet", schemas.CHECKED)
SCORED = Out("score", "data/scored.parquet", schemas.SCORED)
TIERS = Out("tiers", "data/tiers.parquet", schemas.TIERS)


def sources(p: params.Params) -> dict[str, Out]:
    """The table of every source, by name."""
    return {name: Out(f"acquire@{name}", f"data/sources/{name}.parquet", schemas.SOURCE) for name in sorted(p.sources)}


def chains(p: params.Params) -> list[Out]:
    """The tables of chains before they are checked, in the order in which `check` merges them."""
    gathered = [Out("gather", f"data/chains/{name}.parquet", schemas.CHAIN) for name in ("solutions", "attempts")]
    taught = [Out(f"collect@{name}", f"data/chains/{name}.parquet", schemas.CHAIN) for name in sorted(p.teachers)]
    return gathered + taught


def datasets(p: params.Params) -> dict[str, Out]:
    """The table of every dataset, by name."""
    return {name: Out(f"dataset@{name}", spec.path, schemas.DATASET) for name, spec in p.datasets.items()}


def every(p: params.Params) -> list[Out]:
    """All tables of the graph that the two commands read, in its order."""
    asked = [SCREEN_ATTEMPTS, SCREENED, RATE_ATTEMPTS, RATED, QUESTIONS]
    before = [*sources(p).values(), BENCHMARKS, POOL, POOL_REJECTED, *asked]
    return [*before, *chains(p), CHECKED, SCORED, TIERS, *datasets(p).values()]


def built(out: Out, root: Path) -> bool:
    """Whether the table is there."""
    return (root / out.path).is_file()


def unbuilt(p: params.Params, root: Path) -> list[Out]:
    """The tables that are not there.

    Raises:
        FileNotFoundError: none is there; the message says how to get them.
    """
    found = [out for out in every(p) if not built(out, root)]
    if len(found) == len(every(p)):
        raise FileNotFoundError("no out of the graph is here: run `dvc repro` or `dvc pull` in the project's root")
    return found


def scan(out: Out, root: Path) -> pl.LazyFrame:
    """A lazy frame of a table that is there.

    Raises:
        ValueError: its columns are not those of the schema.
    """
    frame = pl.scan_parquet(root / out.path)
    if frame.collect_schema() != out.schema:
        raise ValueError(f"{out.path} has other columns than this version writes: run `{out.remedy}`")
    return frame


def rows(out: Out, root: Path, *conditions: pl.Expr) -> Rows:
    """The rows of a table that meet all conditions, in its order; none where it is not there."""
    return scan(out, root).filter(*conditions).collect().to_dicts() if built(out, root) else []


def columns(found: Iterable[Out], root: Path, names: list[str], *conditions: pl.Expr) -> pl.DataFrame:
    """These columns of the rows that meet all conditions, of those tables that are there; without rows if none is."""
    frames = [scan(out, root).filter(*conditions).select(names) for out in found if built(out, root)]
    return pl.concat(frames).collect() if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
