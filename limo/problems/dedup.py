from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rensa import RMinHash, RMinHashLSH

from limo.answers.compare import compare
from limo.params import Near
from limo.problems.facts import facts
from limo.problems.text import jaccard, shingles

Row = Mapping[str, Any]
_SEED = 20250205  # of the MinHash permutations
_LISTED = 5  # conflicting answers that a reason spells out


class Rejection(NamedTuple):
    """Why a row is not in the pool, which row caused it ("SOURCE:ID") and how similar that one is (0 to 1)."""

    reason: str
    match: str | None
    score: float | None


def name(row: Row) -> str:
    """A row's name in other rows' columns: "SOURCE:SOURCE_ID"."""
    return f"{row['source']}:{row['source_id']}"


def clusters(tokens: Mapping[str, list[str]], p: Near) -> list[list[str]]:
    """Partition problem ids into sets of near-duplicates, in the order of their lowest ids.

    Two problems are near-duplicates when their facts (numbers, operators, variables, asked quantity) are the same
    sequence and the Jaccard similarity of their word shingles reaches `threshold`; a cluster is what such pairs
    connect. Only problems with equal facts are ever compared, so templates with other numbers cost nothing. MinHash
    LSH proposes the pairs, the exact similarity decides.

    Args:
        tokens: `text.words` of each id's canonical text.
    """
    parent = {identity: identity for identity in sorted(tokens)}

    def root(identity: str) -> str:
        while parent[identity] != identity:
            parent[identity] = identity = parent[parent[identity]]
        return identity

    blocks = defaultdict(list)
    for identity in parent:
        if tokens[identity]:
            blocks[facts(tokens[identity])].append(identity)
    for block in blocks.values():
        sets = [shingles(tokens[identity], p.shingle) for identity in block] if len(block) > 1 else []
        for one, other in _candidates(sets, p):
            first, second = sorted((root(block[one]), root(block[other])))
            if first != second and jaccard(sets[one], sets[other]) >= p.threshold:
                parent[second] = first
    found = defaultdict(list)
    for identity in parent:
        found[root(identity)].append(identity)
    return list(found.values())


def merge(
    rows: Sequence[Row], tokens: Mapping[str, list[str]], source_rank: Sequence[str], p: Near
) -> tuple[list[list[Row]], list[tuple[Row, Rejection]]]:
    """Merge rows of the same problem: clusters that stay, survivor first, and every rejected row with its reason.

    The survivor is the row whose source comes first in `source_rank`, then one with worked solutions, then the lowest
    source id. Rows with its id are exact duplicates, the others of its cluster near ones. Where the answers of a
    cluster are not all equal under `answers.compare`, no row can be trusted: all are rejected.

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
    for ids in clusters(tokens, p):
        cluster = [row for identity in ids for row in members[identity]]
        cluster.sort(key=lambda row: (rank[row["source"]], not row["solutions"], row["source_id"]))
        conflict = _conflict(cluster)
        if conflict is None:
            kept.append(cluster)
        for row in cluster if conflict else cluster[1:]:
            match = cluster[0] if conflict is None else conflict.opponent(row)
            same = row["id"] == match["id"]
            reason = conflict.reason if conflict else f"duplicate: {'exact' if same else 'near'}"
            sets = [shingles(tokens[identity], p.shingle) for identity in (row["id"], match["id"])]
            rejected.append((row, Rejection(reason, name(match), 1.0 if same else jaccard(*sets))))
    return kept, rejected


class _Conflict(NamedTuple):
    reason: str
    first: Row
    other: Row

    def opponent(self, row: Row) -> Row:
        return self.other if _agree(row, self.first) else self.first


def _conflict(cluster: Sequence[Row]) -> _Conflict | None:
    first = cluster[0]
    other = next((row for row in cluster if not _agree(row, first)), None)
    if other is None:
        return None
    answers = sorted({row["answer"] for row in cluster})
    more = [f"{len(answers) - _LISTED} more"] if len(answers) > _LISTED else []
    return _Conflict(f"conflicting answers: {' | '.join(answers[:_LISTED] + more)}", first, other)


def _agree(row: Row, other: Row) -> bool:
    return row["answer"] == other["answer"] or compare(row["answer"], other["answer"], {})[0] == "correct"


def _candidates(sets: Sequence[set[str]], p: Near) -> Iterable[tuple[int, int]]:
    if not sets:
        return
    sketches = RMinHash.from_token_sets(sets, p.permutations, _SEED)
    index = RMinHashLSH(p.threshold, p.permutations, p.bands)
    index.insert_many(sketches)
    for one, found in enumerate(index.query_all(sketches)):
        yield from ((one, other) for other in sorted(found) if one < other)
