"""params.yaml → every out of the graph, and of its tables columns and key; used by all stages that have a table.

What a row of each is, in words, stands in `limo.graph.page`: rewording it must make no stage stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.graph.places import (
    AUDIT,
    BENCHMARK_COUNTS,
    CHECKED,
    DIVERSITY,
    EVIDENCE,
    FIGURES,
    MEASURED,
    PLOTS,
    RELEASE,
    REPORT,
    VALIDITY,
    GraphOut,
    base_model,
    model,
    training,
)
from limo.graph.places import (
    judged as judge_figures,
)
from limo.graph.places import (
    voted as vote_figures,
)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Table(GraphOut):
    """A table of the graph: its columns, and the key that no two rows share and by which the file is sorted."""

    schema: pl.Schema
    key: list[str]


BENCHMARKS = Table("benchmarks", "data/benchmarks.parquet", schemas.BENCHMARK, ["benchmark", "source_id"])
POOL = Table("pool", "data/pool.parquet", schemas.POOL, ["id"])
POOL_REJECTED = Table("pool", "data/pool_rejected.parquet", schemas.POOL_REJECTED, ["source", "source_id"])
SCREEN_ATTEMPTS = Table("screen", "data/screen_attempts.parquet", schemas.ATTEMPT, ["id", "sample"])
SCREENED = Table("screen", "data/screened.parquet", schemas.SCREENED, ["id"])
RATED = Table("decide", "data/rated.parquet", schemas.RATED, ["id"])
QUESTIONS = Table("select", "data/questions.parquet", schemas.QUESTIONS, ["id"])
SOLUTIONS = Table("gather", "data/chains/0/solutions.parquet", schemas.CHAIN, ["chain_id"])
ATTEMPTS = Table("gather", "data/chains/0/attempts.parquet", schemas.CHAIN, ["chain_id"])
PAIRS = Table("pair", "data/votes/pairs.parquet", schemas.PAIR, ["one", "other"])
SCORED = Table("score", "data/scored.parquet", schemas.SCORED, ["chain_id"])
TIERS = Table("tiers", "data/tiers.parquet", schemas.TIERS, ["chain_id"])


def source(name: str) -> Table:
    """The table of a source of `sources`."""
    return Table(f"acquire@{name}", f"data/sources/{name}.parquet", schemas.SOURCE, ["source_id"])


def recorded(name: str) -> Table:
    """What a record of `recorded` holds."""
    return Table(f"recorded@{name}", f"data/recorded/{name}.parquet", schemas.TRACE, ["id", "sample"])


def rated(rater: str) -> Table:
    """The counts of a rater of `rate`, a row per problem that screen kept."""
    return Table(f"rate@{rater}", f"data/rate/{rater}.parquet", schemas.RATING, ["id"])


def rate_attempts(rater: str) -> Table:
    """The attempts of a rater of `rate`; none where it has counts alone."""
    return Table(f"rate@{rater}", f"data/rate_attempts/{rater}.parquet", schemas.ATTEMPT, ["id", "sample"])


def imported(name: str) -> Table:
    """The chains of an import of `imports`."""
    return Table(f"imported@{name}", f"data/chains/0/{name}.parquet", schemas.CHAIN, ["chain_id"])


def question_set(name: str) -> Table:
    """The problems of a set of `question_sets`."""
    return Table(f"question_set@{name}", f"data/question_sets/{name}.parquet", schemas.POOL, ["id"])


def taught(teacher: str, number: int | str) -> Table:
    """The chains of a teacher of `teachers`, who writes in this round."""
    return Table(f"collect@{teacher}", f"data/chains/{number}/{teacher}.parquet", schemas.CHAIN, ["chain_id"])


def checked(number: int | str) -> Table:
    """The distinct chains of a round with their verdicts."""
    return Table(f"{CHECKED.stage}@{number}", f"{CHECKED.path}/{number}.parquet", schemas.CHECKED, ["chain_id"])


def measured(number: int | str) -> Table:
    """What recomputes of the checked chains of a round."""
    return Table(f"{MEASURED.stage}@{number}", f"{MEASURED.path}/{number}.parquet", schemas.MEASURED, ["chain_id"])


def round_dataset(name: str, path: str) -> Table:
    """The table of a dataset of `round_datasets`, which says where it is."""
    return Table(f"round_dataset@{name}", path, schemas.DATASET, ["id"])


def dataset(name: str, path: str) -> Table:
    """The table of a dataset of `datasets`, which says where it is."""
    return Table(f"dataset@{name}", path, schemas.DATASET, ["id"])


def answers(candidate: str) -> Table:
    """The answers of a candidate of `candidates`."""
    key = ["benchmark", "protocol", "source_id", "sample"]
    return Table(f"answer@{candidate}", f"data/answers/{candidate}.parquet", schemas.ANSWER, key)


def judged(judge: str) -> Table:
    """The judgements of a judge of `judges`."""
    key = ["candidate", "benchmark", "protocol", "source_id", "sample"]
    return Table(f"judge@{judge}", f"data/judged/{judge}.parquet", schemas.JUDGED, key)


def voted(judge: str) -> Table:
    """What a judge of `chain_judges` says of pairs of chains."""
    return Table(f"vote@{judge}", f"data/votes/{judge}.parquet", schemas.BALLOT, ["asked", "first", "second"])


def sources(p: params.Params) -> dict[str, Table]:
    """The table of every source, by name, sorted."""
    return {name: source(name) for name in sorted(p.sources)}


def attempts(p: params.Params) -> list[Table]:
    """The attempts of every rater of `rate`, by name, sorted."""
    return [] if params.empty(p.rate) else [rate_attempts(name) for name in sorted(p.rate.raters)]


def chains(p: params.Params, number: int) -> list[Table]:
    """The tables of chains of a round before they are checked, in the order in which `check` merges them.

    Names are sorted: reordering the teachers in params.yaml must not change which of two identical chains stays.
    """
    taught_now = [taught(name, number) for name in sorted(p.teachers) if p.teachers[name].round == number]
    return taught_now if number else [SOLUTIONS, ATTEMPTS, *map(imported, sorted(p.imports)), *taught_now]


def questions(teacher: params.Teacher) -> Table:
    """The table of those that a teacher writes for."""
    return QUESTIONS if teacher.questions == QUESTIONS.path else question_set(Path(teacher.questions).stem)


def all_checked(p: params.Params) -> list[Table]:
    """The checked chains of every round, in order."""
    return [checked(number) for number in p.rounds]


def all_measured(p: params.Params) -> list[Table]:
    """What recomputes of those."""
    return [measured(number) for number in p.rounds]


def of_round(number: int) -> dict[str, Table]:
    """What a dataset of one round is made of."""
    decided = {"questions": QUESTIONS, "pool": POOL, "screened": SCREENED, "rated": RATED}
    return {"checked": checked(number), "measured": measured(number), **decided}


def datasets(p: params.Params) -> dict[str, Table]:
    """The table of every dataset, of one round or of all, by name."""
    early = {name: round_dataset(name, spec.dataset.path) for name, spec in p.round_datasets.items()}
    return early | {name: dataset(name, spec.path) for name, spec in p.datasets.items()}


def every(p: params.Params) -> list[GraphOut]:
    """All outs of the graph, in its order."""
    paths = {name: spec.path for name, spec in p.datasets.items()}
    return named(
        Names(
            models=list(p.models),
            sources=sorted(p.sources),
            recorded=sorted(p.recorded),
            raters=[] if params.empty(p.rate) else sorted(p.rate.raters),
            imports=sorted(p.imports),
            question_sets=sorted(p.question_sets),
            teachers={name: p.teachers[name].round for name in sorted(p.teachers)},
            rounds=list(p.rounds),
            round_datasets={name: spec.dataset.path for name, spec in p.round_datasets.items()},
            datasets=paths,
            variants=list(p.variants),
            candidates=list(p.candidates),
            judges=list(p.judges),
            chain_judges=sorted(p.chain_judges),
        )
    )


@dataclass(frozen=True)
class Names:
    """The user's own names in params.yaml, each an instance of a stage; of teachers their rounds, of datasets their
    paths by name."""

    models: list[str]
    sources: list[str]
    recorded: list[str]
    raters: list[str]
    imports: list[str]
    question_sets: list[str]
    teachers: Mapping[str, int | str]
    rounds: Sequence[int | str]
    round_datasets: dict[str, str]
    datasets: dict[str, str]
    variants: list[str]
    candidates: list[str]
    judges: list[str]
    chain_judges: list[str]


def named(names: Names) -> list[GraphOut]:
    """All outs of a graph with these names, in its order."""
    return [
        *map(base_model, names.models),
        *map(source, names.sources),
        *(BENCHMARKS, BENCHMARK_COUNTS, POOL, POOL_REJECTED, AUDIT),
        *map(recorded, names.recorded),
        *(SCREEN_ATTEMPTS, SCREENED),
        *(out for name in names.raters for out in (rate_attempts(name), rated(name))),
        *(RATED, QUESTIONS, DIVERSITY, SOLUTIONS, ATTEMPTS),
        *map(imported, names.imports),
        *map(question_set, names.question_sets),
        *(taught(name, number) for name, number in names.teachers.items()),
        *(out for number in names.rounds for out in (checked(number), measured(number))),
        *(round_dataset(name, path) for name, path in names.round_datasets.items()),
        *(VALIDITY, PAIRS),
        *(out for name in names.chain_judges for out in (voted(name), vote_figures(name))),
        *(SCORED, TIERS),
        *(dataset(name, path) for name, path in names.datasets.items()),
        *(out for name in names.variants for out in (model(name), training(name))),
        *map(answers, names.candidates),
        *(out for name in names.judges for out in (judged(name), judge_figures(name))),
        *(PLOTS, EVIDENCE, *FIGURES.values(), REPORT, RELEASE),
    ]


def followed(p: params.Params) -> list[Table]:
    """The tables in which a problem and its chains can be followed, in the graph's order: all but answers and votes."""
    apart = ("answer@", "judge@", "pair", "vote@")
    return [out for out in every(p) if isinstance(out, Table) and not out.stage.startswith(apart)]


def read(out: Table) -> pl.DataFrame:
    """A table of the current folder, in its stored order.

    Raises:
        FileNotFoundError, ValueError: as `tables.read`.
    """
    return tables.read(out.path, out.schema)


def write(out: Table, table: pl.DataFrame) -> None:
    """Write a table of the current folder, sorted by its key.

    Raises:
        ValueError: as `tables.write`.
    """
    tables.write(table, out.path, out.schema, out.key)


def built(out: GraphOut, root: Path) -> bool:
    """Whether the file is there."""
    return (root / out.path).is_file()


def unbuilt(p: params.Params, root: Path) -> list[Table]:
    """The tables to follow a problem in that are not there.

    Raises:
        FileNotFoundError: none is there; the message says how to get them.
    """
    absent = [out for out in followed(p) if not built(out, root)]
    if len(absent) == len(followed(p)):
        raise FileNotFoundError("no out of the graph is here: run `dvc repro` or `dvc pull` in the project's root")
    return absent


def scan(out: Table, root: Path) -> pl.LazyFrame:
    """A lazy frame of a table that is there.

    Raises:
        ValueError: its columns are not those of the schema.
    """
    frame = pl.scan_parquet(root / out.path)
    if frame.collect_schema() != out.schema:
        raise ValueError(f"{out.path} has other columns than this version writes: run `{out.remedy}`")
    return frame


def rows(out: Table, root: Path, *conditions: pl.Expr) -> Rows:
    """The rows of a table that meet all conditions, in its order; none where it is not there."""
    return scan(out, root).filter(*conditions).collect().to_dicts() if built(out, root) else []


def columns(wanted: Iterable[Table], root: Path, names: list[str], *conditions: pl.Expr) -> pl.DataFrame:
    """These columns of the rows that meet all conditions, of those tables that are there; without rows if none is."""
    frames = [scan(out, root).filter(*conditions).select(names) for out in wanted if built(out, root)]
    return pl.concat(frames).collect() if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
