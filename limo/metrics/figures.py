from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

import polars as pl

from limo import params
from limo.base.tables import kept, reasons

Figures = dict[str, Any]

DIGITS = 6
BARS = 20  # of the score histogram, between 0 and 1
SHARES = ("pass_at_1", "low", "high", "majority", "pass_at_k", "answered", "unfinished", "undecided")
PLOTS = {
    "funnel": pl.Schema({"stage": pl.String, "outcome": pl.String, "rows": pl.Int64}),
    "pass_rates": pl.Schema({"stage": pl.String, "correct": pl.Int64, "outcome": pl.String, "problems": pl.Int64}),
    "scores": pl.Schema({"teacher": pl.String, "low": pl.Float64, "chains": pl.Int64}),
    "tiers": pl.Schema(
        {
            "level": pl.Int64,
            "score": pl.Float64,
            "tokens": pl.Float64,
            "candidate": pl.String,
            "pass_at_1": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        }
    ),
    "loss": pl.Schema(
        {
            "variant": pl.String,
            "step": pl.Int64,
            "epoch": pl.Int64,
            "loss": pl.Float64,
            "lr": pl.Float64,
            "grad_norm": pl.Float64,
            "tokens": pl.Int64,
            "trained_tokens": pl.Int64,
            "filler_tokens": pl.Int64,
        }
    ),
    "validation": pl.Schema({"variant": pl.String, "epoch": pl.Int64, "loss": pl.Float64}),
    "evaluation": pl.Schema({"candidate": pl.String, "benchmark": pl.String, **dict.fromkeys(SHARES, pl.Float64)}),
}
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
TRAITS = ["length_z", "verify_z", "explore_z", "connect_z"]


def rounded(value: Any) -> Any:
    """The same nested figures with every float rounded to 6 decimals."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
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
    screened: pl.DataFrame,
    rated: pl.DataFrame,
    questions: pl.DataFrame,
    tiers: pl.DataFrame,
    datasets: Mapping[str, pl.DataFrame],
) -> Figures:
    """How many rows entered, stayed and left, and why, from the sources to the datasets.

    Returns:
        acquire: per source; pool (which counts every row of the sources, malformed ones too), screen, rate, select,
        tiers: one `step` each; chains: per teacher the number of chains by verdict; datasets: rows of each.
    """
    pooled = pool_step(pool.height, pool_rejected)
    assert pooled["in"] == sum(table.height for table in sources.values()), "the pool is not of these sources"
    return {
        "acquire": {name: step(table) for name, table in sorted(sources.items())},
        "pool": pooled,
        "screen": step(screened),
        "rate": step(rated),
        "select": step(questions),
        "chains": verdicts(tiers.lazy()),
        "tiers": step(tiers),
        "datasets": {name: table.height for name, table in sorted(datasets.items())},
    }


def funnel_rows(figures: Figures) -> pl.DataFrame:
    """The steps of a funnel as rows of stage, outcome (`kept` or a reason) and rows, in the order of the pipeline."""
    steps = [
        *((f"acquire {name}", found) for name, found in figures["acquire"].items()),
        *((name, figures[name]) for name in ("pool", "screen", "rate", "select", "tiers")),
    ]
    rows = [
        (name, outcome, count)
        for name, found in steps
        for outcome, count in [("kept", found["kept"]), *found["rejected"].items()]
    ]
    return pl.DataFrame(rows, schema=PLOTS["funnel"], orient="row")


def quality(tiers: pl.DataFrame, datasets: Mapping[str, pl.DataFrame]) -> Figures:
    """Score and length of the usable chains per teacher, per quality level and per dataset."""
    usable = kept(tiers)
    return {
        "teachers": {teacher: _scores(rows) for teacher, rows in _groups(usable, "teacher")},
        "levels": {
            f"L{level}": _scores(rows) for level, rows in _groups(usable.filter(pl.col("level").is_not_null()), "level")
        },
        "datasets": {name: _scores(table) for name, table in sorted(datasets.items())},
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
            "validation_loss": min(loss for _, loss in _ends(record)),
            **{key: record[key] for key in TRAINED},
        }
        for name, record in sorted(records.items())
    }


def loss_rows(records: Mapping[str, Figures]) -> pl.DataFrame:
    """The curves of every variant as rows of variant, step and epoch (from 1), loss, lr, gradient norm and tokens."""
    schema = PLOTS["loss"]
    rows = [
        {"variant": name, **{key: taken[key] for key in schema if key != "variant"}}
        for name, record in sorted(records.items())
        for taken in record["steps"]
    ]
    return pl.DataFrame(rows, schema=schema)


def validation_rows(records: Mapping[str, Figures]) -> pl.DataFrame:
    """The held-out loss of every variant as rows of variant, epoch (from 1) and loss."""
    rows = [(name, epoch, loss) for name, record in sorted(records.items()) for epoch, loss in _ends(record)]
    return pl.DataFrame(rows, schema=PLOTS["validation"], orient="row")


def _ends(record: Figures) -> list[tuple[int, float]]:
    return [(taken["epoch"], loss) for taken in record["steps"] if (loss := taken["validation_loss"]) is not None]


def pass_rates(screened: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Histogram of correct draws: stage, correct, outcome (kept or rejected), problems.

    Sampling stops once the verdict is settled, so a count at or beyond the edge of the band is a lower bound.
    """
    outcome = pl.when(pl.col("rejected").is_null()).then(pl.lit("kept")).otherwise(pl.lit("rejected"))
    parts = [
        table.select(pl.lit(stage).alias("stage"), pl.col(f"{stage}_correct").alias("correct"), outcome=outcome)
        .group_by("stage", "correct", "outcome")
        .len("problems")
        .sort("correct", "outcome")
        for stage, table in (("screen", screened), ("rate", rated))
    ]
    return pl.concat(parts).cast({"problems": pl.Int64})


def score_histogram(tiers: pl.DataFrame) -> pl.DataFrame:
    """Histogram of the usable chains' scores: teacher, low (lower edge of one of 20 bars), chains."""
    # Scores have 9 decimals: the small term puts one on an edge into the bar above it, whatever its binary fraction.
    bar = (pl.col("score") * BARS + 1e-8).floor().clip(upper_bound=BARS - 1)
    bars = kept(tiers).select("teacher", low=bar / BARS)
    return bars.group_by("teacher", "low").len("chains").sort("teacher", "low").cast({"chains": pl.Int64})


def tier_curve(
    quality_figures: Figures,
    evaluation: Mapping[str, Mapping[str, Figures]],
    datasets: Mapping[str, params.Dataset],
    variants: Mapping[str, params.Variant],
    candidates: Mapping[str, str],
) -> pl.DataFrame:
    """Per quality level its mean score and tokens, and mean pass@1 of the candidate trained on it, null if none is."""
    paths = {spec.path: spec.level for spec in datasets.values() if isinstance(spec, params.LevelDataset)}
    trained = {
        paths[variants[variant].data]: name
        for name, folder in sorted(candidates.items())
        if (variant := folder.removeprefix("models/")) in variants and variants[variant].data in paths
    }
    rows = []
    for key, found in quality_figures["levels"].items():
        level = int(key.removeprefix("L"))
        name = trained.get(level)
        mean = evaluation[name]["mean"] if name else {}
        rows.append((level, found["score"], found["tokens"], name, *map(mean.get, ("pass_at_1", "low", "high"))))
    return pl.DataFrame(rows, schema=PLOTS["tiers"], orient="row")


def evaluation_rows(evaluation: Mapping[str, Mapping[str, Figures]]) -> pl.DataFrame:
    """The figures of every candidate on every benchmark and their mean as rows."""
    rows = [
        {"candidate": name, "benchmark": benchmark, **{key: found[key] for key in SHARES}}
        for name, benchmarks in evaluation.items()
        for benchmark, found in benchmarks.items()
    ]
    return pl.DataFrame(rows, schema=PLOTS["evaluation"])


def _groups(table: pl.DataFrame, column: str) -> Iterator[tuple[Any, pl.DataFrame]]:
    for value in table[column].unique().sort().to_list():
        yield value, table.filter(pl.col(column) == value)


def _scores(rows: pl.DataFrame) -> Figures:
    quartiles = {f"q{round(q * 100)}": rows["score"].quantile(q, interpolation="linear") for q in (0.25, 0.5, 0.75)}
    means = {column.removesuffix("_z"): fmean(rows[column]) for column in ("score", "tokens", *TRAITS)}
    return {"chains": rows.height, **means, **quartiles}
