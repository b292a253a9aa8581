"""SOURCE rows and benchmarks → POOL and POOL_REJECTED rows, step by step; used by shards, which runs pool's steps."""

from typing import NamedTuple

import polars as pl

from limo.graph.schemas import POOL, POOL_REJECTED
from limo.params import Pool
from limo.problems.answer_type import kind
from limo.problems.decontaminate import contaminated, reasons
from limo.problems.dedup import Rejection, merge
from limo.problems.distinct import Problems, distinct
from limo.problems.language import languages
from limo.problems.subject import subjects
from limo.problems.template_families import capped, families
from limo.problems.verifiable import unverifiable


class Merged(NamedTuple):
    """Rows merged by problem, before benchmarks are looked at; the rows of one problem are all in one part.

    Attributes:
        usable: SOURCE rows by source and source id, `id` being that of the canonical text.
        problems: all their problems.
        clusters: positions of the rows of each problem that stays, the survivor first.
        rejected: POOL_REJECTED rows that stay out.
    """

    usable: pl.DataFrame
    problems: Problems
    clusters: list[list[int]]
    rejected: pl.DataFrame


def judged(sources: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that are malformed or unverifiable, as POOL_REJECTED, and the usable others, as SOURCE."""
    faults = [
        fault or _prefixed(unverifiable(question, answer))
        for fault, question, answer in sources.select("rejected", "question", "answer").iter_rows()
    ]
    rows = sources.with_columns(rejected=pl.Series(faults, dtype=pl.String)).sort("source", "source_id")
    bad = rows.filter(pl.col("rejected").is_not_null())
    unmatched = {"match": pl.lit(None, pl.String), "match_score": pl.lit(None, pl.Float64)}
    return bad.with_columns(**unmatched), rows.filter(pl.col("rejected").is_null())


def merged(usable: pl.DataFrame, problems: Problems, p: Pool) -> Merged:
    """Merge the rows of each problem (`dedup.merge`)."""
    clusters, rejections = merge(usable, problems, p.source_rank, p.near)
    return Merged(usable, problems, clusters, _rejected(usable, rejections))


def guarded(benchmarks: pl.DataFrame, p: Pool) -> tuple[Problems, dict[str, str]]:
    """The problems of all benchmarks, and what the first row of each is called ("BENCHMARK:ID")."""
    ids, problems = distinct(benchmarks["question"].to_list(), p.near, 1, "benchmarks")
    names = benchmarks.select(name=pl.format("{}:{}", "benchmark", "source_id"), id=pl.Series(ids, dtype=pl.String))
    return problems, dict(names.sort("name", descending=True).select("id", "name").iter_rows())


def decided(part: Merged, guard: tuple[Problems, dict[str, str]], p: Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The survivors with their labels (POOL, `family` still null) and those that are contaminated or not wanted.

    Args:
        part: all of the pool or a part of it.
        guard: as `guarded` gives it.
    """
    problems, names = guard
    hits = reasons(contaminated(part.problems, problems, p.decontamination), names)
    survivors = _survivors(part.usable, part.clusters).join(
        _worst(part.usable, part.clusters, hits), on="row", how="left", maintain_order="left"
    )
    rows = _labelled(survivors, p).with_columns(family=pl.lit(None, pl.String))
    kept = rows.filter(pl.col("rejected").is_null()).select(POOL.names())
    return kept, rows.filter(pl.col("rejected").is_not_null()).select(POOL_REJECTED.names())


def families_of(kept: Problems, p: Pool) -> pl.DataFrame:
    """The family of each kept problem, and whether it is beyond the family's cap (`template_families.capped`)."""
    return capped(kept.ids, families(kept, p.families), p.families.cap)


def named_firsts(kept: pl.LazyFrame, membership: pl.DataFrame) -> pl.DataFrame:
    """What the first row of each family is called ("SOURCE:ID"): columns family and match."""
    heads = membership.lazy().select("family").unique().drop_nulls()
    named = kept.select(family="id", match=pl.format("{}:{}", "source", "source_id"))
    return heads.join(named, on="family").collect()


def capped_rows(
    kept: pl.DataFrame, membership: pl.DataFrame, firsts: pl.DataFrame, p: Pool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """POOL rows with their family, and those beyond its cap as POOL_REJECTED rows that name the family's first row.

    Args:
        kept: POOL rows, all or some.
        membership: as `families_of` gives it, for all.
        firsts: as `named_firsts` gives it, for all.
    """
    rows = kept.drop("family").join(membership, on="id", how="left", maintain_order="left")
    over = rows.filter(pl.col("over")).join(firsts, on="family", how="left", maintain_order="left")
    rejected = over.with_columns(
        rejected=pl.lit(f"template: more than {p.families.cap}"), match_score=pl.lit(None, pl.Float64)
    )
    return rows.filter(~pl.col("over")).select(POOL.names()), rejected.select(POOL_REJECTED.names())


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


def _rejected(usable: pl.DataFrame, merged: list[tuple[int, Rejection]]) -> pl.DataFrame:
    """The rows that `merge` rejects, as POOL_REJECTED."""
    return usable[[row for row, _ in merged]].with_columns(
        rejected=pl.Series([rejection.reason for _, rejection in merged], dtype=pl.String),
        match=pl.Series([rejection.match for _, rejection in merged], dtype=pl.String),
        match_score=pl.Series([rejection.score for _, rejection in merged], dtype=pl.Float64),
    )


def _prefixed(reason: str | None) -> str | None:
    return f"unverifiable: {reason}" if reason else None
