import itertools
import string

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.params import Near
from limo.problems.canonical import canonical, problem_id
from limo.problems.clusters import clusters
from limo.problems.core import core
from limo.problems.distinct import distinct
from limo.problems.look import same
from tests.problems.rows import POOL_PARAMS, REWORDED, STORY

NEAR = POOL_PARAMS.near


def clustered(*questions: str, near: Near = NEAR) -> list[set[str]]:
    """Clusters as sets of problem ids."""
    _, problems = distinct(questions, near, 1, "test")
    members: dict[int, set[str]] = {}
    for identity, first in zip(problems.ids, clusters(problems, near), strict=True):
        members.setdefault(first, set()).add(identity)
    return list(members.values())


def test_a_rewording_is_a_duplicate_and_another_number_is_not() -> None:
    story, reworded, other = STORY.format(a=3, b=4), REWORDED.format(a=3, b=4), STORY.format(a=3, b=5)
    members = clustered(story, reworded, other)
    assert sorted(map(len, members)) == [1, 2]
    assert {problem_id(story), problem_id(reworded)} in members


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


WORDS = st.sampled_from(["the", "sum", "of", "apples", "and", "pears", "is", "3", "4", "+", "x"])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8)


@given(TEXTS)
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
