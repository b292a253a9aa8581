import numpy as np
import polars as pl

from limo.answers.kind import kind
from limo.params import Pool
from limo.problems.decontaminate import contaminated, reasons
from limo.problems.dedup import Rejection, merge
from limo.problems.families import capped, families
from limo.problems.index import Problems, index
from limo.problems.language import languages
from limo.problems.subject import subjects
from limo.problems.verifiable import unverifiable
from limo.tables import POOL, POOL_REJECTED


def build(sources: pl.DataFrame, benchmarks: pl.DataFrame, p: Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One clean row per problem (POOL) and every other row with its reason (POOL_REJECTED), both sorted.

    Rows are rejected in this order: malformed (as the source says), unverifiable, duplicate or in conflict with a
    duplicate, contaminated, of another language or answer type than wanted, beyond the cap of its family. A problem is
    contaminated when any row merged into it is. The result does not depend on the order of the rows.

    Args:
        sources: SOURCE rows of all sources; (source, source_id) is unique.
        benchmarks: BENCHMARK rows.

    Raises:
        ValueError: a row's source is missing in `source_rank`.
    """
    faults = [
        fault or _prefixed(unverifiable(question, answer))
        for fault, question, answer in sources.select("rejected", "question", "answer").iter_rows()
    ]
    judged = sources.with_columns(rejected=pl.Series(faults, dtype=pl.String)).sort("source", "source_id")
    usable = judged.filter(pl.col("rejected").is_null())
    ids, problems = index(usable["question"].to_list(), p.near, p.workers, "pool")
    usable = usable.with_columns(id=pl.Series(ids, dtype=pl.String))
    clusters, merged = merge(usable, problems, p.source_rank, p.near)
    guarded_ids, guarded = index(benchmarks["question"].to_list(), p.near, 1, "benchmarks")
    names = benchmarks.select(
        pl.format("{}:{}", "benchmark", "source_id").alias("name"), id=pl.Series(guarded_ids, dtype=pl.String)
    )
    named = dict(names.sort("name", descending=True).select("id", "name").iter_rows())
    hits = reasons(contaminated(problems, guarded, p.decontamination), named)
    survivors = _survivors(usable, clusters).join(_worst(usable, clusters, hits), on="row", how="left")
    survivors = _within_families(_labelled(survivors, p), problems, p)
    kept = survivors.filter(pl.col("rejected").is_null())
    rejected = pl.concat(
        [
            judged.filter(pl.col("rejected").is_not_null()).with_columns(
                match=pl.lit(None, pl.String), match_score=pl.lit(None, pl.Float64)
            ),
            _rejected(usable, merged),
            survivors.filter(pl.col("rejected").is_not_null()).select(POOL_REJECTED.names()),
        ]
    )
    assert kept.height + rejected.height == sources.height
    return kept.select(POOL.names()).sort("id"), rejected.select(POOL_REJECTED.names()).sort("source", "source_id")


def _survivors(usable: pl.DataFrame, clusters: list[list[int]]) -> pl.DataFrame:
    """The first row of each cluster with the names of the others, under its position as `row`."""
    names = usable.select(pl.format("{}:{}", "source", "source_id"))[:, 0].to_list()
    firsts = [cluster[0] for cluster in clusters]
    duplicates = [sorted(names[row] for row in cluster[1:]) for cluster in clusters]
    return (
        usable[firsts]
        .drop("rejected")
        .with_columns(
            row=pl.Series(firsts, dtype=pl.UInt32), duplicates=pl.Series(duplicates, dtype=pl.List(pl.String))
        )
    )


def _worst(usable: pl.DataFrame, clusters: list[list[int]], hits: pl.DataFrame) -> pl.DataFrame:
    """Why a cluster's first row is contaminated: the reason of the first of its rows that has one."""
    members = [(cluster[0], row) for cluster in clusters for row in cluster]
    table = pl.DataFrame(members, schema={"row": pl.UInt32, "member": pl.UInt32}, orient="row")
    ids = usable.select("id").with_row_index("member")
    return (
        table.join(ids, on="member", maintain_order="left")
        .join(hits, on="id", maintain_order="left")
        .unique("row", keep="first", maintain_order=True)
        .drop("member", "id")
    )


def _labelled(survivors: pl.DataFrame, p: Pool) -> pl.DataFrame:
    """Subject, language and answer type of every row; a row is rejected whose language or type is not wanted."""
    labelled = survivors.with_columns(
        subject=pl.Series(subjects(survivors["question"], survivors["domain"]), dtype=pl.String),
        language=pl.Series(languages(survivors["question"]), dtype=pl.String),
        answer_type=pl.Series([kind(answer) for answer in survivors["answer"]], dtype=pl.String),
    )
    for column, wanted in (("language", p.languages), ("answer_type", p.answer_types)):
        if wanted is not None:
            reason = pl.format(column.replace("_", " ") + ": {}", column)
            unwanted = pl.when(~pl.col(column).is_in(wanted)).then(reason)
            labelled = labelled.with_columns(rejected=pl.coalesce("rejected", unwanted))
    return labelled


def _within_families(survivors: pl.DataFrame, problems: Problems, p: Pool) -> pl.DataFrame:
    """The family of every row that is left; rows beyond its cap are rejected in favour of its first one."""
    clean = survivors.filter(pl.col("rejected").is_null()).select("id")
    places = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String)}).with_row_index("place").join(clean, on="id")
    chosen = problems.take(places["place"].to_numpy().astype(np.int64))
    capped_rows = capped(chosen.ids, families(chosen, p.families), p.families.cap)
    names = survivors.select(family="id", first=pl.format("{}:{}", "source", "source_id"))
    found = survivors.join(capped_rows, on="id", how="left", maintain_order="left").join(
        names, on="family", how="left", maintain_order="left"
    )
    over = pl.col("over").fill_null(value=False)
    return found.with_columns(
        rejected=pl.when(over).then(pl.lit(f"template: more than {p.families.cap}")).otherwise("rejected"),
        match=pl.when(over).then("first").otherwise("match"),
    )


def _rejected(usable: pl.DataFrame, merged: list[tuple[int, Rejection]]) -> pl.DataFrame:
    """The rows that `merge` rejects, as POOL_REJECTED."""
    return usable[[row for row, _ in merged]].with_columns(
        rejected=pl.Series([rejection.reason for _, rejection in merged], dtype=pl.String),
        match=pl.Series([rejection.match for _, rejection in merged], dtype=pl.String),
        match_score=pl.Series([rejection.score for _, rejection in merged], dtype=pl.Float64),
    )


def _prefixed(reason: str | None) -> str | None:
    return f"unverifiable: {reason}" if reason else None
