from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from limo.params import Select
from limo.problems.diversity import diversity, evenness
from limo.problems.select import quotas, select
from tests.problems.rows import rated

ROWS = [(f"Tom has {n} apples and gives {n // 2} to Ann. How many are left?", "stories", 1) for n in range(40)]
DISCS = ["A disc of radius %d lies flat: its area?", "How long is a circle's rim of radius %d?"]
ROWS += [(DISCS[n % 2] % n, "geometry", n % 3) for n in range(8)]
ROWS += [("Is zero a number?", "logic", None)]


def params(rule: str, size: int, max_similarity: float) -> Select:
    return Select(rule=rule, rows=size, difficulty="level", max_similarity=max_similarity)


def test_sampling_covers_more_and_repeats_less_than_chance() -> None:
    p = params("balance", 10, 0.6)
    figures = diversity(select(rated(*ROWS), p), p)
    chosen, random = figures["chosen"], figures["random"]
    assert chosen["questions"] == random["questions"] == 10
    assert chosen["bins_covered"] == 1.0 > random["bins_covered"]
    assert chosen["subject_evenness"] > random["subject_evenness"]
    assert chosen["nearest_similarity"] < 0.6


def test_one_template_is_seen() -> None:
    table = rated(*ROWS[:4]).with_columns(family=pl.lit("f"))
    p = params("all", 1, 1.0)
    assert diversity(select(table, p), p)["chosen"]["same_template"] == 1.0


def test_nothing_chosen_is_no_error() -> None:
    p = params("all", 1, 1.0)
    assert diversity(select(rated(), p), p) == {"chosen": {"questions": 0}, "random": {"questions": 0}}


def test_proportional_sampling_gives_each_bin_its_share() -> None:
    p = params("proportional", 12, 1.0)
    chosen = select(rated(*ROWS), p).filter(pl.col("rejected").is_null())
    # 40, 8 in three bins and 1 of 49: 9.8, 1.96 and 0.24 of 12
    assert Counter(chosen["subject"]) == {"stories": 10, "geometry": 2}


def test_what_a_bin_lacks_the_others_give() -> None:
    long = "Tom drives from the old town to the new bridge in the morning and back again at night, %d times a week?"
    same = [(long % n, "stories", 1) for n in range(10)]
    other = [(text, "logic", 1) for text in ("Is zero a number?", "Who lies here?", "Which door is safe?")]
    p = params("proportional", 6, 0.6)
    questions = select(rated(*same, *other), p)
    assert Counter(questions.filter(pl.col("rejected").is_null())["subject"]) == {"stories": 1, "logic": 3}
    assert questions["rejected"].drop_nulls().str.starts_with("redundant").all()


@given(st.dictionaries(st.tuples(st.text("ab", max_size=2), st.integers(0, 3)), st.integers(1, 50)), st.integers(0, 99))
def test_quotas_add_up_and_are_fair(sizes: dict[tuple[str, int], int], total: int) -> None:
    shares = quotas(sizes, total)
    whole = sum(sizes.values())
    assert sum(shares.values()) == min(total, whole)
    for key, size in sizes.items():
        assert 0 <= shares[key] <= size
        assert abs(shares[key] - min(total, whole) * size / whole) < 1


def test_difficulty_may_be_the_pass_count() -> None:
    table = rated(*ROWS[:6]).with_columns(rate_correct=pl.Series([1, 1, 1, 1, 1, 3]))
    p = Select(rule="balance", rows=2, difficulty="correct", max_similarity=1.0)
    chosen = select(table, p).filter(pl.col("rejected").is_null())
    assert sorted(chosen["rate_correct"]) == [1, 3]


def test_evenness() -> None:
    assert evenness(["a", "b"]) == evenness(["a"]) == 1.0
    assert evenness("aaab") < evenness("aabb") == 1.0
