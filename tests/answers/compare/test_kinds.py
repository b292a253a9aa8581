"""Kinds of answers that real responses get wrong: each pair was labelled by its mathematics, before the code was."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from limo.answers.compare.decide import compare

PAIRS = [json.loads(line) for line in (Path(__file__).parent / "kinds.jsonl").read_text(encoding="utf-8").splitlines()]
KINDS = sorted({pair["kind"] for pair in PAIRS})
RIGHT = {
    "correct": {"correct"},
    "wrong": {"wrong"},
    "not correct": {"wrong", "undecided"},
    "not wrong": {"correct", "undecided"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_pair_of_a_kind_is_judged_by_its_mathematics(kind: str) -> None:
    pairs = [pair for pair in PAIRS if pair["kind"] == kind]
    assert [pair for pair in pairs if compare(pair["gold"], pair["answer"], {})[0] not in RIGHT[pair["verdict"]]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_exchanging_the_two_answers_of_a_kind_changes_no_verdict(kind: str) -> None:
    pairs = [(pair["gold"], pair["answer"]) for pair in PAIRS if pair["kind"] == kind]
    assert [pair for pair in pairs if compare(*pair, {})[0] != compare(*pair[::-1], {})[0]] == []


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("A", "it rises, then it falls", "correct"),
        ("A", "It rises then it falls.", "correct"),
        ("A", "it falls, then it rises", "wrong"),
        ("A", "it rises", "wrong"),
        ("it rises, then it falls", "it rises", "wrong"),
        ("D", "still", "undecided"),
        ("A", "then it falls", "undecided"),
    ],
)
def test_a_part_of_an_options_text_or_another_order_of_it_is_not_that_option(gold, answer, verdict) -> None:
    options = {"A": "it rises, then it falls", "B": "it falls, then it rises", "C": "it rises", "D": "it is still"}
    assert compare(gold, answer, options)[0] == verdict


def verdict(one: str, other: str) -> str:
    return compare(one, other, {})[0]


@given(st.integers(0, 99), st.text("0123456789", max_size=3), st.text("0123456789", min_size=1, max_size=4))
def test_a_repeating_decimal_is_the_fraction_it_stands_for_in_each_spelling(whole, start, block) -> None:
    assume(set(block) != {"0"})
    value = Fraction(int(f"{whole}{start}{block}") - int(f"{whole}{start}"), 10 ** len(start) * (10 ** len(block) - 1))
    fraction, other = (str(part) for part in (value, value + Fraction(1, 10**9)))
    spellings = [rf"{whole}.{start}\overline{{{block}}}", f"{whole}.{start}({block})", f"{whole}.{start}{block * 5}..."]
    assert [verdict(fraction, spelling) for spelling in spellings] == ["correct"] * 3
    assert [verdict(other, spelling) for spelling in spellings] == ["wrong"] * 3


@given(st.integers(2, 400), st.integers(2, 400))
def test_rounded_parts_of_a_whole_number_are_told_apart_by_their_divisors(one, other) -> None:
    expected = "correct" if one == other else "wrong"
    assert verdict(rf"\lfloor n/{one} \rfloor", rf"\left\lfloor \frac{{n}}{{{other}}} \right\rfloor") == expected
    assert verdict(rf"\lceil n/{one} \rceil", rf"\lfloor (n+{other - 1})/{other} \rfloor") == expected


@given(st.integers(1, 10**6), st.booleans())
def test_a_distance_is_not_the_difference_that_it_is_on_one_side(place, above) -> None:
    assert verdict(f"|x-{place}|", f"x-{place}" if above else f"{place}-x") == "wrong"
    assert verdict(f"|x-{place}|", f"|{place}-x|") == "correct"


@given(st.integers(2, 10**6))
def test_a_root_as_python_prints_it_is_that_root_and_another_number_is_not(number) -> None:
    assume(math.isqrt(number) ** 2 != number)
    assert verdict(rf"\sqrt{{{number}}}", repr(math.sqrt(number))) == "correct"
    assert verdict(rf"\sqrt{{{number}}}", repr(math.sqrt(number) * (1 + 1e-13))) == "wrong"


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1, 1439))
def test_a_time_of_day_is_the_same_on_both_clocks(hour, minute, later) -> None:
    half = "p.m." if hour >= 12 else "a.m."
    twelve = f"{hour % 12 or 12}:{minute:02d}"
    assert verdict(f"{hour:02d}:{minute:02d}", f"{twelve} {half}") == "correct"
    assert verdict(f"{twelve} {half}", twelve) == "correct"
    other_hour, other_minute = divmod((hour * 60 + minute + later) % 1440, 60)
    other = f"{other_hour % 12 or 12}:{other_minute:02d} {'p.m.' if other_hour >= 12 else 'a.m.'}"
    assert verdict(f"{twelve} {half}", other) == "wrong"


ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (f"-{ONES[number % 10]}" if number % 10 else "")
    for size, name in ((10**6, "million"), (10**3, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {in_words(number % size)}" if number % size else ""
            return f"{in_words(number // size)} {name}{rest}"
    raise AssertionError(number)


@given(st.integers(0, 10**9 - 1), st.integers(1, 10**6))
def test_a_number_in_words_is_that_number(number, more) -> None:
    assert verdict(str(number), in_words(number)) == "correct"
    assert verdict(str(number + more), in_words(number)) == "wrong"
    assert verdict(f"{number} sheep", f"{in_words(number)} sheep") == "correct"
