"""Rows and their problems → one survivor per problem, and why the others go; used by pool."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from limo.answers.compare.decide import compare
from limo.params import Near
from limo.problems.clusters import clusters, score
from limo.problems.distinct import Problems

Row = Mapping[str, Any]
_LISTED = 5  # conflicting answers that a reason spells out


class Rejection(NamedTuple):
    """Why a row is not in the pool, which row caused it ("SOURCE:ID") and how similar that one is (0 to 1)."""

    reason: str
    match: str | None
    score: float | None


def name(row: Row) -> str:
    """A row's name in other rows' columns: "SOURCE:SOURCE_ID"."""
    return f"{row['source']}:{row['source_id']}"


def merge(
    rows: pl.DataFrame, problems: Problems, source_rank: Sequence[str], p: Near
) -> tuple[list[list[int]], list[tuple[int, Rejection]]]:
    """Merge rows of the same problem: clusters that stay, survivor first, and every rejected row with its reason.

    The survivor is the row whose source comes first in `source_rank`, then one with worked solutions, then the lowest
    source id. Rows with its id are exact duplicates, the others of its cluster near ones. Where the answers of a
    cluster are not all equal under `answers.compare`, no row can be trusted: all are rejected. Answers that are asked
    for in different forms ("find m+n", options) are not compared.

    Args:
        rows: SOURCE rows; the result names them by their positions.
        problems: all their problems.

    Raises:
        ValueError: a row's source is not in `source_rank`.
    """
    unranked = rows.filter(~pl.col("source").is_in(source_rank))
    if unranked.height:
        stranger = name(unranked.row(0, named=True))
        raise ValueError(f"{stranger}: add its source to pool.source_rank, which is {list(source_rank)}")
    kept: list[list[int]] = []
    rejected: list[tuple[int, Rejection]] = []
    for cluster in _members(rows, problems, source_rank, p):
        conflict = _conflict(cluster)
        if conflict is None:
            kept.append([member.row for member in cluster])
        for member in cluster if conflict else cluster[1:]:
            match = conflict.opponent(member) if conflict else cluster[0]
            reason = conflict.reason if conflict else f"duplicate: {'exact' if member.place == match.place else 'near'}"
            rejected.append((member.row, Rejection(reason, match.name, score(member.place, match.place, problems))))
    return kept, rejected


class _Member(NamedTuple):
    row: int
    place: int
    form: int
    answer: str
    name: str


class _Conflict(NamedTuple):
    reason: str
    first: _Member
    other: _Member

    def opponent(self, member: _Member) -> _Member:
        return self.other if _agree(member, self.first) else self.first


def _members(rows: pl.DataFrame, problems: Problems, source_rank: Sequence[str], p: Near) -> Iterator[list[_Member]]:
    """The rows of each cluster in the order in which they may survive."""
    places = pl.DataFrame(
        {
            "id": pl.Series(problems.ids, dtype=pl.String),
            "place": np.arange(len(problems.ids)),
            "form": problems.forms,
            "cluster": clusters(problems, p),
        }
    )
    ranks = pl.DataFrame(
        {"source": list(source_rank), "rank": range(len(source_rank))}, schema_overrides={"source": pl.String}
    )
    ordered = (
        rows.select(
            "id",
            "answer",
            "source",
            "source_id",
            name=pl.format("{}:{}", "source", "source_id"),
            unsolved=pl.col("solutions").list.len() == 0,
        )
        .with_row_index("row")
        .join(places, on="id")
        .join(ranks, on="source")
        .sort("cluster", "rank", "unsolved", "source_id")
    )
    members = ordered.select(_Member._fields).iter_rows()
    for size in ordered["cluster"].rle().struct.field("len"):
        yield [_Member(*next(members)) for _ in range(size)]


def _conflict(cluster: Sequence[_Member]) -> _Conflict | None:
    """The first disagreement among rows of one form, each form's first row being the measure of the others."""
    firsts: dict[int, _Member] = {}
    for member in cluster:
        measure = firsts.setdefault(member.form, member)
        if not _agree(member, measure):
            answers = sorted({member.answer for member in cluster})
            more = [f"{len(answers) - _LISTED} more"] if len(answers) > _LISTED else []
            return _Conflict(f"conflicting answers: {' | '.join(answers[:_LISTED] + more)}", measure, member)
    return None


def _agree(one: _Member, other: _Member) -> bool:
    if one.answer == other.answer or one.form != other.form:
        return True
    return compare(one.answer, other.answer, {})[0] == "correct"
