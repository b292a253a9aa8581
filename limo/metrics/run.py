"""params.yaml → the tables and records that a run has left; used by metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from limo import params
from limo.base.files import read_json
from limo.graph import outs, places
from limo.metrics import evaluation
from limo.metrics.comparisons import Problems


@dataclass(frozen=True)
class Run:
    """What a run has left, of all names that params.yaml has: the folders may hold files of variants that are gone.

    Attributes:
        answered: by candidate and exam a row per problem (`evaluation.by_problem`).
        asked: the table of every stage that drew answers or looked them up, and whose answers were judged, by the stage
            in words such as `answer NAME`.
        records: of training, by variant.
    """

    sources: dict[str, pl.DataFrame]
    benchmarks: pl.DataFrame
    pool: pl.DataFrame
    pool_rejected: pl.DataFrame
    screened: pl.DataFrame
    rated: pl.DataFrame
    questions: pl.DataFrame
    tiers: pl.DataFrame
    datasets: dict[str, pl.DataFrame]
    answers: dict[str, pl.DataFrame]
    answered: Mapping[str, Problems]
    asked: dict[str, outs.Table]
    records: dict[str, dict[str, Any]]


def read(p: params.Params) -> Run:
    """Read a run's tables and records from the current folder.

    Raises:
        FileNotFoundError: one is missing; of a table the message says which command makes it.
        ValueError: a table of answers is not what the protocols ask for (`evaluation.by_problem`).
    """
    rated = {f"rate {name}": outs.rate_attempts(name) for name in sorted(p.rate.raters)}
    answered = {f"answer {name}": outs.answers(name) for name in p.candidates}
    answers = {name: outs.read(outs.answers(name)) for name in p.candidates}
    benchmarks = outs.read(outs.BENCHMARKS)
    return Run(
        sources={name: outs.read(table) for name, table in outs.sources(p).items()},
        benchmarks=benchmarks,
        pool=outs.read(outs.POOL),
        pool_rejected=outs.read(outs.POOL_REJECTED),
        screened=outs.read(outs.SCREENED),
        rated=outs.read(outs.RATED),
        questions=outs.read(outs.QUESTIONS),
        tiers=outs.read(outs.TIERS),
        datasets={name: outs.read(table) for name, table in outs.datasets(p).items()},
        answers=answers,
        answered=evaluation.by_problem(answers, params.exams(p.evaluate), evaluation.clusters(benchmarks)),
        asked={"screen": outs.SCREEN_ATTEMPTS, **rated, **answered},
        records={name: read_json(places.training(name).path) for name in p.variants},
    )
