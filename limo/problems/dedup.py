from collections.abc import Sequence

from rensa import RMinHash, RMinHashLSH

from limo.params import Near
from limo.problems.facts import facts
from limo.problems.text import canonical, words


def shingles(tokens: Sequence[str], size: int) -> frozenset[tuple[str, ...]]:
    """All runs of `size` tokens; a shorter text is one run."""
    if len(tokens) <= size:
        return frozenset([tuple(tokens)])
    return frozenset(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Shared share of two shingle sets."""
    return len(one & other) / len(one | other)


def clusters(questions: Sequence[str], ids: Sequence[str], near: Near) -> list[tuple[int, float]]:
    """The cluster of every question: (position of the cluster's first member, similarity to a member or 1).

    Two questions are one problem when their ids are equal, or when they agree in every number, operator, relation
    and asked quantity, in order, and their word shingles have a Jaccard similarity of at least `near.threshold`.
    MinHash LSH proposes the pairs, among questions of equal facts only: a template with other numbers is another
    problem, and comparing a family's members would cost the square of their number. Clusters are the connected
    components.
    """
    parent = list(range(len(questions)))
    score = [1.0] * len(questions)
    first: dict[str, int] = {}
    for position, identity in enumerate(ids):
        parent[position] = first.setdefault(identity, position)
    tokens = {position: words(canonical(questions[position])) for position in first.values()}
    buckets: dict[tuple[str, ...], list[int]] = {}
    for position, found in tokens.items():
        buckets.setdefault(facts(found), []).append(position)
    for members in buckets.values():
        if len(members) == 1:
            continue
        sets = [shingles(tokens[member], near.shingle) for member in members]
        for one, other in _proposed(sets, near):
            similarity = jaccard(sets[one], sets[other])
            if similarity < near.threshold:
                continue
            low, high = sorted((_root(parent, members[one]), _root(parent, members[other])))
            parent[high] = low
            for member in (members[one], members[other]):
                score[member] = min(score[member], round(similarity, 6))
    return [(_root(parent, position), score[position]) for position in range(len(questions))]


def _proposed(sets: Sequence[frozenset[tuple[str, ...]]], near: Near) -> list[tuple[int, int]]:
    hashed = [[" ".join(shingle) for shingle in sorted(found)] for found in sets]
    minhashes = RMinHash.from_token_sets(hashed, near.permutations, 1)
    index = RMinHashLSH(near.threshold, near.permutations, near.bands)
    index.insert_many(minhashes)
    return sorted((i, j) for i, found in enumerate(index.query_all(minhashes)) for j in found if i < j)


def _root(parent: list[int], position: int) -> int:
    while parent[position] != position:
        parent[position] = parent[parent[position]]
        position = parent[position]
    return position
