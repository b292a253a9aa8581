import re
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo import params
from limo.base.files import digest
from limo.problems.canonical import problem_id
from limo.sources import rows
from limo.sources.families.drawn import FAMILIES, REVISION
from limo.sources.families.worked import Rng, solution
from limo.sources.local import last_boxed

STYLES = ["terse", "stepwise", "checked", "exploratory"]
DOMAINS = {
    **dict.fromkeys(["add", "add3", "subtract", "multiply", "double_or_half", "compare_sum", "average"], "arithmetic"),
    **dict.fromkeys(["apples", "shop", "share", "change", "two_step"], "word problems"),
    **dict.fromkeys(["missing_addend", "sequence"], "algebra"),
    "area": "geometry",
    "remainder": "number theory",
}


# Each family's answer, found anew from the numbers and words of its question.
TRUTH = {
    **dict.fromkeys(["add", "add3", "apples"], lambda n, _: sum(n)),
    **dict.fromkeys(["multiply", "area", "shop"], lambda n, _: n[0] * n[1]),
    **dict.fromkeys(["missing_addend", "change"], lambda n, _: max(n) - min(n)),
    "subtract": lambda n, q: n[1] - n[0] if "from" in q else n[0] - n[1],
    "double_or_half": lambda n, q: 2 * n[0] if "double" in q else Fraction(n[0], 2),
    "compare_sum": lambda n, _: max(n[0] + n[1], n[2] + n[3]),
    "share": lambda n, _: Fraction(n[0], n[1]),
    "two_step": lambda n, _: n[0] + n[1] - n[2],
    "sequence": lambda n, _: n[-1] + (n[-1] - n[-2]),
    "remainder": lambda n, _: n[0] % n[1],
    "average": lambda n, _: Fraction(n[0] + n[1], 2),
}


def spec(*, split="train", seed=1, count=30, low=2, high=30, names=FAMILIES, styles=STYLES):
    return params.FamilySource(
        kind="families",
        split=split,
        seed=seed,
        families={name: params.Family(count=count, low=low, high=high, level=3) for name in names},
        styles=styles,
    )


def test_answers_agree_with_an_independent_reading_of_the_question():
    table = rows.rows("f", spec(count=60, high=99), 2000)
    assert table["rejected"].null_count() == table.height == 60 * len(FAMILIES)
    for row in table.iter_rows(named=True):
        family = row["source_id"].split("-")[0]
        numbers = [int(number) for number in re.findall(r"\d+", row["question"])]
        assert TRUTH[family](numbers, row["question"]) == int(row["answer"]), row["question"]
        assert (row["domain"], row["level"], row["licence"]) == (DOMAINS[family], 3, "Apache-2.0")


def value(expression):
    """Evaluate sums and products from left to right, products first, exactly."""
    terms = re.split(r" ([+-]) ", expression)
    total = Fraction(0)
    for sign, term in zip(["+", *terms[1::2]], terms[::2], strict=True):
        factors = re.split(r" ([*/]) ", term)
        product = Fraction(int(factors[0]))
        for operator, factor in zip(factors[1::2], factors[2::2], strict=True):
            product = product * int(factor) if operator == "*" else product / int(factor)
        total += product if sign == "+" else -product
    return total


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), low=st.integers(2, 50), width=st.integers(15, 900))
def test_every_solution_is_right_ends_in_the_boxed_answer_and_has_25_to_110_words(seed, low, width):
    table = rows.rows("f", spec(seed=seed, count=3, low=low, high=low + width), 2000)
    for row in table.iter_rows(named=True):
        assert [s["style"] for s in row["solutions"]] == STYLES
        for text in (s["text"] for s in row["solutions"]):
            assert last_boxed(text) == row["answer"]
            assert text.count("\\boxed") == 1
            assert text.endswith(f"answer is \\boxed{{{row['answer']}}}.")
            assert 25 <= len(text.split()) <= 110, text
            equations = re.findall(r"(\d+(?: [-+*/] \d+)+) = (\d+)", text)
            assert equations
            for left, right in equations:
                assert value(left) == int(right), text


def test_styles_do_what_their_names_say():
    table = rows.rows("f", spec(), 2000)
    for solutions in table["solutions"].to_list():
        text = {s["style"]: s["text"] for s in solutions}
        assert "\n" not in text["terse"]
        assert "Therefore" in text["stepwise"]
        assert re.search(r"[Cc]heck|verify", text["checked"])
        assert "erhaps" in text["exploratory"]
        assert re.search(r"so \d+ is too (small|large)", text["exploratory"])
        assert len(text["exploratory"]) > len(text["checked"]) > len(text["terse"])


def test_wordings_vary():
    table = rows.rows("f", spec(count=40, names=["apples"]), 2000)
    shape = pl.col("question").str.replace_all(r"\d+|[A-Z][a-z]+", "#")
    assert table.select(shape.n_unique()).item() >= 20
    opening = [s[3]["text"].split(".")[1][:12] for s in table["solutions"].to_list()]
    assert len(set(opening)) >= 2


def test_train_and_test_never_share_a_problem_and_follow_the_hash():
    split = {name: rows.rows("f", spec(split=name, count=8, high=12), 2000) for name in ("train", "test")}
    other = rows.rows("f", spec(split="test", seed=2, count=8, high=12), 2000)
    train = set(split["train"]["id"])
    assert train.isdisjoint(split["test"]["id"])
    assert train.isdisjoint(other["id"])
    assert all(int(problem_id(q), 16) % 4 == 0 for q in split["test"]["question"])
    assert all(int(problem_id(q), 16) % 4 != 0 for q in split["train"]["question"])


def test_a_source_never_repeats_a_problem_even_in_a_small_range():
    table = rows.rows("f", spec(count=30, low=2, high=9, names=["add"]), 2000)
    assert table["id"].is_unique().all()
    assert table["question"].is_unique().all()


def test_more_problems_of_a_family_keep_those_already_there():
    few, many = (rows.rows("f", spec(count=count), 2000) for count in (5, 10))
    assert few.join(many, on=few.columns[:3], how="anti", nulls_equal=True).is_empty()


def test_numbers_lie_in_the_range():
    table = rows.rows("f", spec(names=["add", "multiply", "apples", "area"], low=11, high=29), 2000)
    numbers = {int(n) for q in table["question"] for n in re.findall(r"\d+", q)}
    assert numbers <= set(range(11, 30))
    assert {11, 29} <= numbers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["adds"]}, r"families.adds is not a family: choose from .*'add'"),
        ({"names": ["share"], "low": 1}, r"families.share.low = 1: this family needs numbers from 2 up"),
        (
            {"names": ["add"], "count": 12, "low": 2, "high": 3},
            r"families.add: .* from 2 to 3 gave \d+ different train problems",
        ),
    ],
)
def test_impossible_requests_name_the_key_and_the_remedy(changes, message):
    with pytest.raises(ValueError, match=message):
        rows.rows("f", spec(**changes), 2000)


def test_a_revision_always_means_the_same_text():
    texts = []
    for name, (make, _) in sorted(FAMILIES.items()):
        for index in range(5):
            problem = make(Rng(7, name, index), 2, 30)
            texts += [problem.question, *(solution(problem, style, Rng(7, name, index, style)) for style in STYLES)]
    assert (REVISION, digest(texts)[:16]) == ("families-1", "627897b952ff580c"), "raise REVISION when the text changes"
