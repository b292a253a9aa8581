from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rensa import RMinHash

from limo.answers.compare import compare
from limo.params import Near
from limo.problems.core import Core
from limo.problems.facts import is_name, is_number
from limo.problems.look import same, similarity
from limo.problems.text import shingles
from limo.tables import digest

Row = Mapping[str, Any]
_SEED = 20250205  # of the MinHash permutations
_LEADERS = 8
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_LISTED = 5  # conflicting answers that a reason spells out


class Rejection(NamedTuple):
    """Why a row is not in the pool, which row caused it ("SOURCE:ID") and how similar that one is (0 to 1)."""

    reason: str
    match: str | None
    score: float | None


def name(row: Row) -> str:
    """A row's name in other rows' columns: "SOURCE:SOURCE_ID"."""
    return f"{row['source']}:{row['source_id']}"


def clusters(cores: Mapping[str, Core], p: Near) -> list[list[str]]:
    """Partition problem ids into sets of near-duplicates, in the order of their lowest ids.

    A cluster is what pairs connect that `look.same` calls the same problem. MinHash LSH over runs of `shingle` tokens
    proposes the pairs, among problems with the same numbers only: a template with other numbers costs nothing, however
    often it comes. In one bucket each problem is compared with at most eight that are not yet of its cluster.
    """
    ids = sorted(identity for identity in cores if cores[identity].tokens)
    parent = {identity: identity for identity in sorted(cores)}

    def root(identity: str) -> str:
        while parent[identity] != identity:
            parent[identity] = identity = parent[parent[identity]]
        return identity

    looked: set[tuple[str, str]] = set()
    for bucket in _buckets([cores[identity] for identity in ids], p):
        leaders: list[str] = []
        for identity in (ids[position] for position in bucket):
            if any(_joins(leader, identity, cores, p.threshold, root, parent, looked) for leader in leaders):
                continue
            if len(leaders) < _LEADERS:
                leaders.append(identity)
    found = defaultdict(list)
    for identity in parent:
        found[root(identity)].append(identity)
    return list(found.values())


def merge(
    rows: Sequence[Row], cores: Mapping[str, Core], source_rank: Sequence[str], p: Near
) -> tuple[list[list[Row]], list[tuple[Row, Rejection]]]:
    """Merge rows of the same problem: clusters that stay, survivor first, and every rejected row with its reason.

    The survivor is the row whose source comes first in `source_rank`, then one with worked solutions, then the lowest
    source id. Rows with its id are exact duplicates, the others of its cluster near ones. Where the answers of a
    cluster are not all equal under `answers.compare`, no row can be trusted: all are rejected. Answers that are asked
    for in different forms ("find m+n", options) are not compared.

    Raises:
        ValueError: a row's source is not in `source_rank`.
    """
    rank = {source: position for position, source in enumerate(source_rank)}
    for row in rows:
        if row["source"] not in rank:
            raise ValueError(f"{name(row)}: add its source to pool.source_rank, which is {list(source_rank)}")
    members: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        members[row["id"]].append(row)
    kept, rejected = [], []
    for ids in clusters(cores, p):
        cluster = [row for identity in ids for row in members[identity]]
        cluster.sort(key=lambda row: (rank[row["source"]], not row["solutions"], row["source_id"]))
        conflict = _conflict(cluster, cores)
        if conflict is None:
            kept.append(cluster)
        for row in cluster if conflict else cluster[1:]:
            match = cluster[0] if conflict is None else conflict.opponent(row, cores)
            same = row["id"] == match["id"]
            reason = conflict.reason if conflict else f"duplicate: {'exact' if same else 'near'}"
            score = 1.0 if same else similarity(cores[row["id"]].tokens, cores[match["id"]].tokens)
            rejected.append((row, Rejection(reason, name(match), score)))
    return kept, rejected


class _Conflict(NamedTuple):
    reason: str
    first: Row
    other: Row

    def opponent(self, row: Row, cores: Mapping[str, Core]) -> Row:
        return self.other if _agree(row, self.first, cores) else self.first


def _conflict(cluster: Sequence[Row], cores: Mapping[str, Core]) -> _Conflict | None:
    """The first disagreement among rows of one form, each form's first row being the measure of the others."""
    firsts: dict[tuple[str, ...], Row] = {}
    for row in cluster:
        first = firsts.setdefault(tuple(cores[row["id"]].form), row)
        if not _agree(row, first, cores):
            answers = sorted({row["answer"] for row in cluster})
            more = [f"{len(answers) - _LISTED} more"] if len(answers) > _LISTED else []
            return _Conflict(f"conflicting answers: {' | '.join(answers[:_LISTED] + more)}", first, row)
    return None


def _agree(row: Row, other: Row, cores: Mapping[str, Core]) -> bool:
    if row["answer"] == other["answer"] or cores[row["id"]].form != cores[other["id"]].form:
        return True
    return compare(row["answer"], other["answer"], {})[0] == "correct"


def _joins(
    leader: str,
    identity: str,
    cores: Mapping[str, Core],
    threshold: float,
    root: Callable[[str], str],
    parent: dict[str, str],
    looked: set[tuple[str, str]],
) -> bool:
    first, second = sorted((root(leader), root(identity)))
    if first == second:
        return True
    if (leader, identity) in looked:
        return False
    looked.add((leader, identity))
    if same(cores[leader], cores[identity], threshold) is None:
        return False
    parent[second] = first
    return True


def _buckets(cores: Sequence[Core], p: Near) -> Iterator[list[int]]:
    """Positions of problems that share their numbers and all MinHash values of one band, ascending."""
    if not cores:
        return
    sets = [shingles(_unnamed(one), p.shingle) for one in cores]
    digests = np.array(RMinHash.digest_matrix_from_token_sets(sets, p.permutations, _SEED).to_rows(), dtype=np.uint64)
    numbers = [" ".join(sorted(fact.value for fact in one.facts if is_number(fact.value))) for one in cores]
    key = np.array([int(digest(one)[:16], 16) for one in numbers], dtype=np.uint64)
    rows = p.permutations // p.bands
    for band in range(p.bands):
        keys = key.copy()
        for column in range(band * rows, (band + 1) * rows):
            keys = (keys ^ (keys >> np.uint64(29))) * _MULTIPLIER + digests[:, column]
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        ends = np.r_[starts[1:], len(ordered)]
        for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
            yield order[start:end].tolist()


def _unnamed(one: Core) -> list[str]:
    """The tokens with one sign for all variables, so that a problem with renamed ones meets it in a bucket."""
    names = {fact.position for fact in one.facts if is_name(fact.value)}
    return ["*" if position in names else token for position, token in enumerate(one.tokens)]
