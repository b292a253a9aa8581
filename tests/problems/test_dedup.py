import itertools
import string

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.params import Near
from limo.problems.core import core
from limo.problems.dedup import clusters, merge
from limo.problems.index import index
from limo.problems.look import same, similarity
from limo.problems.text import canonical, problem_id
from tests.problems.rows import POOL_PARAMS, source_row, sources

NEAR = POOL_PARAMS.near
STORY = "Mia has {a} red apples in her basket and gets {b} more from her friend Tom on Monday. How many does she have?"
REWORDED = (
    "Lena has {a} red apples in her basket and gets {b} more from her friend Tom on Sunday. How many does she have?"
)


def clustered(*questions: str, near: Near = NEAR) -> list[set[str]]:
    """Clusters as sets of problem ids."""
    _, problems = index(questions, near, 1, "test")
    found: dict[int, set[str]] = {}
    for identity, first in zip(problems.ids, clusters(problems, near), strict=True):
        found.setdefault(first, set()).add(identity)
    return list(found.values())


def merged(*rows: dict[str, object]) -> tuple[list[list[str]], list[tuple[str, str, str | None, float | None]]]:
    table = sources(*rows)
    _, problems = index(table["question"], NEAR, 1, "test")
    kept, rejected = merge(table, problems, POOL_PARAMS.source_rank, NEAR)
    names = [f"{row['source']}:{row['source_id']}" for row in rows]
    return [[names[row] for row in cluster] for cluster in kept], [(names[row], *reason) for row, reason in rejected]


def test_a_rewording_is_a_duplicate_and_another_number_is_not() -> None:
    story, reworded, other = STORY.format(a=3, b=4), REWORDED.format(a=3, b=4), STORY.format(a=3, b=5)
    found = clustered(story, reworded, other)
    assert sorted(map(len, found)) == [1, 2]
    assert {problem_id(story), problem_id(reworded)} in found


@pytest.mark.parametrize(
    ("template", "left", "right"),
    [
        ("Find the {} positive integer n with n divisible by 7 and 9.", "least", "greatest"),
        ("Simplify the long expression 2n{}1 for all the n given here.", "-", "+"),
        ("In the triangle with DP=18 and EQ=24 what is the side {}?", "DE", "DF"),
        ("How many ways are there to arrange the letters of {}?", "TOOT", "ELEVEN"),
    ],
)
def test_one_decisive_token_keeps_problems_apart(template: str, left: str, right: str) -> None:
    assert len(clustered(template.format(left), template.format(right))) == 2


def test_the_survivor_follows_source_rank_then_solutions_then_id() -> None:
    question, solution = "What is 2 + 3?", [{"style": "terse", "text": "5"}]
    kept, rejected = merged(
        source_row(question, "5", "second", "1", solutions=solution),
        source_row(question, "5.0", "first", "3"),
        source_row("What is $2+3$?", "5", "first", "2", solutions=solution),
        source_row(question, "5", "first", "1"),
    )
    assert kept == [["first:2", "first:1", "first:3", "second:1"]]
    assert rejected == [(name, "duplicate: exact", "first:2", 1.0) for name in ("first:1", "first:3", "second:1")]


def test_a_near_duplicate_names_its_survivor_and_their_similarity() -> None:
    story, reworded = STORY.format(a=3, b=4), REWORDED.format(a=3, b=4)
    kept, rejected = merged(source_row(story, "7"), source_row(reworded, "7", "second"))
    score = similarity(*(core(canonical(text)).tokens for text in (story, reworded)))
    assert kept == [["first:1", "second:1"]]
    assert rejected == [("second:1", "duplicate: near", "first:1", score)]
    assert NEAR.threshold <= score < 1


def test_conflicting_answers_reject_the_whole_cluster() -> None:
    question = "What is 2 + 3?"
    kept, rejected = merged(
        source_row(question, "5"), source_row(question, "5.0", source_id="2"), source_row(question, "6", "second")
    )
    reason = "conflicting answers: 5 | 5.0 | 6"
    assert kept == []
    assert rejected == [
        ("first:1", reason, "second:1", 1.0),
        ("first:2", reason, "second:1", 1.0),
        ("second:1", reason, "first:1", 1.0),
    ]


def test_many_conflicting_answers_make_a_short_reason() -> None:
    _, rejected = merged(*(source_row("What is it?", str(n), source_id=str(n)) for n in range(1000)))
    assert len(rejected) == 1000
    assert all(reason == "conflicting answers: 0 | 1 | 10 | 100 | 101 | 995 more" for _, reason, _, _ in rejected)


def test_an_unranked_source_is_named() -> None:
    with pytest.raises(ValueError, match=r"third:1: add its source to pool\.source_rank"):
        merged(source_row("What is 2 + 3?", "5", "third"))


def test_answers_in_another_form_are_no_conflict() -> None:
    question = "A box holds 4 red and 9 blue balls. What is the probability that two drawn balls are blue?"
    asked = question + " The answer is in the form m/n in lowest terms, please give m+n."
    options = question + r" \textbf{(A)}\ 1/2 \qquad \textbf{(B)}\ 6/13 \qquad \textbf{(C)}\ 2/3"
    kept, rejected = merged(
        source_row(question, "6/13"), source_row(asked, "19", "second"), source_row(options, "B", "second", "2")
    )
    assert kept == [["first:1", "second:1", "second:2"]]
    assert [reason for _, reason, *_ in rejected] == ["duplicate: near"] * 2


WORDS = st.sampled_from(["the", "sum", "of", "apples", "and", "pears", "is", "3", "4", "+", "x"])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_clusters_are_the_connected_parts_of_the_same_problems(texts: list[str]) -> None:
    # 64 bands of one row each propose every pair that can reach the threshold, so the result must be the exact one.
    near = Near(shingle=1, permutations=64, bands=64, threshold=0.5)
    cores = {problem_id(text): core(canonical(text)) for text in texts}
    graph = networkx.Graph()
    graph.add_nodes_from(cores)
    for one, other in itertools.combinations(sorted(cores), 2):
        if cores[one].tokens and cores[other].tokens and same(cores[one], cores[other], 0.5):
            graph.add_edge(one, other)
    expected = {frozenset(part) for part in networkx.connected_components(graph)}
    assert {frozenset(cluster) for cluster in clustered(*texts, near=near)} == expected


def test_a_large_family_of_one_template_costs_little_and_merges_nothing() -> None:
    texts = [
        f"Tom has {a} apples and buys {b} more at the market. How many has he?" for a in range(60) for b in range(60)
    ]
    assert len(clustered(*texts)) == len(texts)


def test_many_rewordings_of_one_problem_are_one_cluster() -> None:
    names = [first + second for first in ("An", "Bo", "Ce", "Da", "El") for second in string.ascii_lowercase]
    texts = [f"{name} has 12 apples and buys 30 more at the market. How many apples has {name} now?" for name in names]
    assert len(clustered(*texts)) == 1
