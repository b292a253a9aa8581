import itertools
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limo.params import Families
from limo.problems import template_families
from limo.problems.distinct import distinct
from limo.problems.template_families import Membership, families, save, templates
from tests.problems.rows import POOL_PARAMS

P = Families(shingle=2, permutations=64, bands=32, similarity=0.4, cap=None)
STORY = "%s buys %d red apples at the market for %d cents each and pays with a note. How much change does %s get?"
WORDS = "many small green birds sleep under old trees while seven grey cats wander".split()
OTHERS = [
    "Is zero a number?",
    "Along a straight river stand old lamps, spaced evenly; what distance separates the first from the last lamp?",
    "Two clocks strike together at noon, then drift apart slowly: when do both again show an identical time?",
]


@pytest.fixture
def membership(tmp_path: Path) -> Callable[..., Membership]:
    """Families of texts that lie in so many parts."""

    def of(texts: list[str], p: Families = P, parts: int = 1) -> Membership:
        _, problems = distinct(texts, POOL_PARAMS.near, 1, "test")
        for number in range(parts):
            places = np.arange(number, len(problems.ids), parts)
            save(templates(problems.take(places), p), tmp_path / f"{number}.npz")
        return families([tmp_path / f"{number}.npz" for number in range(parts)], p)

    return of


def family_of(texts: list[str], found: Membership) -> dict[str, int]:
    """The place of each text's family."""
    names = found.names(np.arange(len(found.roots)))
    ids = {text: distinct([text], POOL_PARAMS.near, 1, "test")[0][0] for text in texts}
    return {text: int(found.roots[names.index(identity)]) for text, identity in ids.items()}


def test_other_numbers_and_names_are_one_family(membership: Callable[..., Membership]) -> None:
    texts = [STORY % (name, a, b, name) for name in ("Tom", "Ann", "Omar") for a in (3, 7) for b in (5, 11)]
    of = family_of([*texts, *OTHERS], membership([*texts, *OTHERS]))
    assert len({of[text] for text in texts}) == 1
    assert len({of[text] for text in OTHERS} | {of[texts[0]]}) == 1 + len(OTHERS)


def jaccard(one: str, other: str) -> float:
    runs = [set(itertools.pairwise(text.split())) for text in (one, other)]
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=8, max_size=12), max_size=12))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_texts_of_one_family_are_connected_by_similar_ones(
    membership: Callable[..., Membership], lists: list[list[str]]
) -> None:
    texts = sorted({" ".join(words) for words in lists})
    of = family_of(texts, membership(texts))
    similar = {(one, other) for one in texts for other in texts if jaccard(one, other) >= P.similarity}
    for text in texts:
        reached = {text}
        while more := {other for one, other in similar if one in reached} - reached:
            reached |= more
        assert {other for other in texts if of[other] == of[text]} <= reached
        assert all(of[other] == of[text] for other in texts if jaccard(text, other) > 0.95)


def test_order_and_parts_change_no_family(membership: Callable[..., Membership]) -> None:
    texts = [STORY % (name, a, 3 * a, name) for a in range(20) for name in ("Tom", "Ann")] + OTHERS
    texts += [text.replace("red", colour) for text in texts for colour in ("green", "very small blue")]
    whole = membership(texts)
    for parts in (2, 5):
        again = membership(random.Random(parts).sample(texts, len(texts)), parts=parts)
        assert all(np.array_equal(one, other) for one, other in zip(whole, again, strict=True))


def test_a_cap_keeps_the_same_rows_whatever_else_is_there(membership: Callable[..., Membership]) -> None:
    texts = [STORY % ("Tom", a, 3 * a, "Tom") for a in range(20)] + OTHERS
    of_all, of_three, of_two = (membership(texts, P.model_copy(update={"cap": cap})) for cap in (None, 3, 2))
    assert not of_all.over.any()
    assert of_three.over.sum() == 17
    assert (of_three.sizes == 1).sum() == len(OTHERS)
    assert set(np.flatnonzero(~of_two.over)) < set(np.flatnonzero(~of_three.over))


def test_no_problems_are_no_families(membership: Callable[..., Membership]) -> None:
    assert len(membership([]).over) == 0
    assert len(membership(["Find x."], parts=2).over) == 1


def test_pieces_of_any_size_give_the_same_families(
    membership: Callable[..., Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        text.replace("red", colour) for text in [STORY % ("Tom", 3, 4, "Tom"), *OTHERS] for colour in ("red", "blue")
    ]
    whole = membership(texts).roots
    for size in (1, 7, 50):
        monkeypatch.setattr(template_families, "_CHUNK", size)
        assert np.array_equal(membership(texts).roots, whole)
