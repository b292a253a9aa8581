"""Tables and records of a run → its figures, from the funnel to the accuracies; used by metrics."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

import polars as pl

from limo import params
from limo.base.tables import kept, of_sources, reasons
from limo.metrics import candidates, evaluation
from limo.metrics.comparisons import compare
from limo.metrics.contamination import contamination, known_before
from limo.metrics.run import Run
from limo.quality.recipes import weights

Figures = dict[str, Any]

DIGITS = 6
TRAINED = (
    "examples",
    "over_length",
    "truncated_answers",
    "tokens",
    "trained_tokens",
    "trained_share",
    "padding_share",
    "validation_examples",
    "best_epoch",
    "exported_epoch",
)


def every(run: Run, p: params.Params) -> dict[str, Any]:
    """All figures of a run by the names of `places.FIGURES`."""
    evaluated = evaluation.evaluate(run.answered)
    compared = compare(run.answered, p.evaluate.comparisons if p.candidates else {})
    return {
        "funnel": funnel(
            sources=run.sources,
            pool=run.pool,
            pool_rejected=run.pool_rejected,
            filters={"screen": run.screened, "rate": run.rated, "select": run.questions},
            tiers=run.tiers,
            datasets=run.datasets,
        ),
        "quality": rounded(quality(run.tiers, run.datasets, list(weights(p.score)))),
        "training": rounded(training(run.records)),
        "evaluation": rounded(evaluated),
        "comparisons": rounded(compared),
        "scores": rounded(evaluation.scores(evaluated, compared)),
        "candidates": rounded(looked_into(run, p)),
    }


def looked_into(run: Run, p: params.Params) -> dict[str, Figures]:
    """Of every benchmark how well models may know it, and of every candidate in its exams all beside the score."""
    of_candidates, exams = {}, params.exams(p.evaluate)
    for name, answers in sorted(run.answers.items()):
        of_each = candidates.figures(answers, run.benchmarks, exams, p.evaluate.pass_at)
        of_candidates[name] = {
            exam: {"known_before": known_before(name, exams[exam].benchmark, p), **figures}
            for exam, figures in of_each.items()
        }
    known = contamination(run.pool_rejected, run.benchmarks, p.benchmarks)
    return {"benchmarks": known, "candidates": of_candidates}


def rounded(value: Any) -> Any:
    """The same nested figures with every float rounded to 6 decimals."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return value


def step(table: pl.DataFrame) -> Figures:
    """Rows in, kept and rejected by reason of a decision table."""
    passed, rejected = kept(table).height, reasons(table)
    assert passed + sum(rejected.values()) == table.height
    return {"in": table.height, "kept": passed, "rejected": rejected}


def pool_step(kept_rows: int, pool_rejected: pl.DataFrame) -> Figures:
    """The step of the pool, whose rejected rows are a table of their own."""
    left = reasons(pool_rejected)
    assert sum(left.values()) == pool_rejected.height, "a rejected row has no reason"
    return {"in": kept_rows + pool_rejected.height, "kept": kept_rows, "rejected": left}


def verdicts(tiers: pl.LazyFrame) -> Figures:
    """Per teacher the number of its chains, and by verdict."""
    counts = tiers.group_by("teacher", "verdict").len().sort("teacher", "verdict").collect()
    return {
        str(teacher): {"in": int(rows["len"].sum()), **dict(rows.select("verdict", "len").iter_rows())}
        for (teacher,), rows in counts.group_by("teacher", maintain_order=True)
    }


def funnel(
    *,
    sources: Mapping[str, pl.DataFrame],
    pool: pl.DataFrame,
    pool_rejected: pl.DataFrame,
    filters: Mapping[str, pl.DataFrame],
    tiers: pl.DataFrame,
    datasets: Mapping[str, pl.DataFrame],
) -> Figures:
    """How many rows entered, stayed and left, and why, from the sources to the datasets.

    Args:
        sources: SOURCE rows by name.
        pool, pool_rejected: POOL and POOL_REJECTED rows.
        filters: the decision tables of the stages screen, rate and select.
        tiers: TIERS rows.
        datasets: DATASET rows by name.

    Returns:
        acquire: per source; pool (which counts every row of the sources, malformed ones too), screen, rate, select,
        tiers: one `step` each; chains: per teacher the number of chains by verdict; datasets: rows of each; by_source:
        per source the problems that the pool kept of it, and a `step` each for screen, rate and select.
    """
    pooled = pool_step(pool.height, pool_rejected)
    assert pooled["in"] == sum(table.height for table in sources.values()), "the pool is not of these sources"
    return {
        "acquire": {name: step(table) for name, table in sorted(sources.items())},
        "pool": pooled,
        **{stage: step(table) for stage, table in filters.items()},
        "chains": verdicts(tiers.lazy()),
        "tiers": step(tiers),
        "datasets": {name: table.height for name, table in sorted(datasets.items())},
        "by_source": {
            name: {
                "pool": of_sources(pool, [name]).height,
                **{stage: step(of_sources(table, [name])) for stage, table in filters.items()},
            }
            for name in sorted(sources)
        },
    }


def quality(tiers: pl.DataFrame, datasets: Mapping[str, pl.DataFrame], weighed: Sequence[str]) -> Figures:
    """Score, length and weighed measures of the usable chains per teacher, per quality level and per dataset."""
    usable = kept(tiers)
    return {
        "teachers": {teacher: _scores(rows, weighed) for teacher, rows in _groups(usable, "teacher")},
        "levels": {
            f"L{level}": _scores(rows, weighed)
            for level, rows in _groups(usable.filter(pl.col("level").is_not_null()), "level")
        },
        "datasets": {name: _scores(table, weighed) for name, table in sorted(datasets.items())},
    }


def training(records: Mapping[str, Figures]) -> Figures:
    """Per variant first and last loss, highest gradient norm, steps, examples over length, tokens and their shares.

    `validation_loss` is the lowest of all epochs, that of `best_epoch`.
    """
    return {
        name: {
            "first_loss": record["steps"][0]["loss"],
            "final_loss": record["steps"][-1]["loss"],
            "highest_grad_norm": max(taken["grad_norm"] for taken in record["steps"]),
            "steps": len(record["steps"]),
            "validation_loss": min(loss for _, loss in ends(record)),
            **{key: record[key] for key in TRAINED},
        }
        for name, record in sorted(records.items())
    }


def ends(record: Figures) -> list[tuple[int, float]]:
    """Epoch and held-out loss of every step of a training that ended an epoch."""
    return [(taken["epoch"], loss) for taken in record["steps"] if (loss := taken["validation_loss"]) is not None]


def _groups(table: pl.DataFrame, column: str) -> Iterator[tuple[Any, pl.DataFrame]]:
    for value in table[column].unique().sort().to_list():
        yield value, table.filter(pl.col(column) == value)


def _scores(rows: pl.DataFrame, weighed: Sequence[str]) -> Figures:
    quartiles = {f"q{round(q * 100)}": rows["score"].quantile(q, interpolation="linear") for q in (0.25, 0.5, 0.75)}
    means = {name: fmean(rows[name]) for name in ("score", "tokens")}
    means |= {name: fmean(rows[f"{name}_z"]) for name in weighed}
    return {"chains": rows.height, **means, **quartiles}
