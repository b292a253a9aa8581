import random

from limo.params import Families
from limo.problems.distinct import distinct
from limo.problems.template_families import capped, families
from tests.problems.rows import POOL_PARAMS

P = Families(shingle=2, permutations=64, bands=32, similarity=0.4, cap=None)
STORY = "%s buys %d red apples at the market for %d cents each and pays with a note. How much change does %s get?"
OTHERS = [
    "Is zero a number?",
    "Along a straight river stand old lamps, spaced evenly; what distance separates the first from the last lamp?",
    "Two clocks strike together at noon, then drift apart slowly: when do both again show an identical time?",
]


def family_of(texts: list[str]) -> dict[str, int]:
    _, problems = distinct(texts, POOL_PARAMS.near, 1, "test")
    roots = families(problems, P)
    ids = {text: distinct([text], POOL_PARAMS.near, 1, "test")[0][0] for text in texts}
    return {text: int(roots[problems.ids.index(identity)]) for text, identity in ids.items()}


def test_other_numbers_and_names_are_one_family() -> None:
    texts = [STORY % (name, a, b, name) for name in ("Tom", "Ann", "Omar") for a in (3, 7) for b in (5, 11)]
    of = family_of([*texts, *OTHERS])
    assert len({of[text] for text in texts}) == 1
    assert len({of[text] for text in OTHERS} | {of[texts[0]]}) == 1 + len(OTHERS)


def test_order_changes_no_family() -> None:
    texts = [STORY % ("Tom", a, 3 * a, "Tom") for a in range(20)] + OTHERS
    assert family_of(texts) == family_of(random.Random(1).sample(texts, len(texts)))


def test_a_cap_keeps_the_same_rows_whatever_else_is_there() -> None:
    texts = [STORY % ("Tom", a, 3 * a, "Tom") for a in range(20)] + OTHERS
    _, problems = distinct(texts, POOL_PARAMS.near, 1, "test")
    roots = families(problems, P)
    of_all, of_three = (capped(problems.ids, roots, cap) for cap in (None, 3))
    assert not of_all["over"].any()
    assert of_three["over"].sum() == 17
    assert of_three["family"].null_count() == len(OTHERS)
    assert set(of_three["family"].drop_nulls()) <= set(problems.ids)
    narrower = capped(problems.ids, roots, 2)
    assert set(narrower.filter(~narrower["over"])["id"]) < set(of_three.filter(~of_three["over"])["id"])


def test_no_problems_are_no_families() -> None:
    _, problems = distinct([], POOL_PARAMS.near, 1, "test")
    assert capped(problems.ids, families(problems, P), 1).is_empty()
