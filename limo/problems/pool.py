"""SOURCE rows and benchmarks → POOL and POOL_REJECTED rows, step by step; used by shards, which runs pool's steps."""

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from limo.graph.schemas import POOL, POOL_REJECTED
from limo.params import Pool
from limo.problems.answer_type import kind
from limo.problems.decontaminate import contaminated, reasons
from limo.problems.dedup import Rejection, merge
from limo.problems.distinct import Problems, distinct
from limo.problems.language import languages
from limo.problems.subject import subjects
from limo.problems.template_families import Membership
from limo.problems.verifiable import faults


class Merged(NamedTuple):
    """Rows merged by problem, before benchmarks are looked at; the rows of one problem are all in one part.

    Attributes:
        usable: SOURCE rows by source and source id, `id` being that of the canonical text.
        problems: all their problems.
        clusters: positions of the rows of each problem that stays, the survivor first; a list each.
        rejected: POOL_REJECTED rows that stay out.
    """

    usable: pl.DataFrame
    problems: Problems
    clusters: pl.Series
    rejected: pl.DataFrame


def judged(sources: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that are malformed or unverifiable, as POOL_REJECTED, and the usable others, as SOURCE."""
    reasons = pl.Series(faults(sources["question"], sources["answer"]), dtype=pl.String)
    rejected = pl.coalesce("rejected", pl.format("unverifiable: {}", reasons))
    rows = sources.with_columns(rejected).sort("source", "source_id")
    bad = rows.filter(pl.col("rejected").is_not_null())
    unmatched = {"match": pl.lit(None, pl.String), "match_score": pl.lit(None, pl.Float64)}
    return bad.with_columns(**unmatched), rows.filter(pl.col("rejected").is_null())


def merged(usable: pl.DataFrame, problems: Problems, p: Pool) -> Merged:
    """Merge the rows of each problem (`dedup.merge`)."""
    clusters, rejections = merge(usable, problems, p.source_rank, p.near)
    return Merged(usable, problems, _lists(clusters), _rejected(usable, rejections))


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
    rows = _labelled(survivors, part.problems, p).with_columns(family=pl.lit(None, pl.String))
    kept = rows.filter(pl.col("rejected").is_null()).select(POOL.names())
    return kept, rows.filter(pl.col("rejected").is_not_null()).select(POOL_REJECTED.names())


def named_firsts(kept: pl.LazyFrame, membership: Membership) -> pl.DataFrame:
    """What the first row of each family beyond its cap is called ("SOURCE:ID"): columns family and match."""
    heads = np.unique(membership.roots[membership.over])
    families = pl.LazyFrame({"family": pl.Series(membership.names(heads), dtype=pl.String)})
    named = kept.select(family="id", match=pl.format("{}:{}", "source", "source_id"))
    return families.join(named, on="family").collect()


def capped_rows(
    rows: pl.DataFrame, membership: Membership, start: int, firsts: pl.DataFrame, p: Pool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """POOL rows with their family, and those beyond its cap as POOL_REJECTED rows that name the family's first row.

    Args:
        rows: POOL rows in the order of their ids, all of them or some that follow each other.
        membership: of all.
        start: the place of the first of these rows among all.
        firsts: as `named_firsts` gives it, for all.
    """
    places = np.arange(start, start + rows.height)
    shared = np.flatnonzero(membership.sizes[places] > 1)
    names = np.full(rows.height, None, dtype=object)
    names[shared] = membership.names(membership.roots[places[shared]])
    rows = rows.with_columns(family=pl.Series(names.tolist(), dtype=pl.String))
    over = pl.Series(membership.over[places])
    beyond = rows.filter(over).join(firsts, on="family", how="left", maintain_order="left")
    rejected = beyond.with_columns(
        rejected=pl.lit(f"template: more than {p.families.cap}"), match_score=pl.lit(None, pl.Float64)
    )
    return rows.filter(~over), rejected.select(POOL_REJECTED.names())


def _lists(rows: list[list[int]]) -> pl.Series:
    """A column of lists; made of Python's own, each would become a column first."""
    offsets = np.append(0, np.cumsum([len(row) for row in rows])).astype(np.int64)
    values = np.fromiter((place for row in rows for place in row), np.uint32, offsets[-1])
    return pl.Series(pa.LargeListArray.from_arrays(offsets, values), dtype=pl.List(pl.UInt32))


def _survivors(usable: pl.DataFrame, clusters: pl.Series) -> pl.DataFrame:
    """The first row of each cluster with the names of the others, under its position as `row`."""
    firsts = clusters.list.first()
    names = usable.select(duplicates=pl.format("{}:{}", "source", "source_id")).with_row_index("member")
    merged = (
        pl.DataFrame({"row": firsts, "member": clusters.list.slice(1)})
        .explode("member", empty_as_null=False)
        .join(names, on="member")
        .sort("row", "duplicates")
        .group_by("row", maintain_order=True)
        .agg("duplicates")
    )
    survivors = usable[firsts].drop("rejected").with_columns(row=firsts)
    empty = pl.col("duplicates").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return survivors.join(merged, on="row", how="left", maintain_order="left").with_columns(empty)


def _worst(usable: pl.DataFrame, clusters: pl.Series, hits: pl.DataFrame) -> pl.DataFrame:
    """Why a cluster's first row is contaminated: the reason of the first of its rows that has one."""
    ids = usable.select("id").with_row_index("member")
    return (
        pl.DataFrame({"row": clusters.list.first(), "member": clusters})
        .explode("member", empty_as_null=False)
        .join(ids, on="member", maintain_order="left")
        .join(hits, on="id", maintain_order="left")
        .unique("row", keep="first", maintain_order=True)
        .drop("member", "id")
    )


def _labelled(survivors: pl.DataFrame, problems: Problems, p: Pool) -> pl.DataFrame:
    """Subject, language and answer type of every row; a row is rejected whose language or type is not wanted."""
    ids = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String)}).with_row_index("place")
    places = survivors.select("id").join(ids, on="id", maintain_order="left")["place"].to_numpy().astype(np.int64)
    texts = problems.whole.take(places)
    labelled = survivors.with_columns(
        subject=pl.Series(subjects(texts, problems.vocabulary, survivors["domain"]), dtype=pl.String),
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
