import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.own import jury
from limo.quality.labelled import Labelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Better: FIRST", "first"),
        ("Step 2 of the first divides by 0.\n\nBetter: SECOND\n", "second"),
        ("**Better: SECOND**", "second"),
        ("Better: FIRST\nWait.\nBetter: SECOND", "second"),
        ("", "unparsed"),
        ("FIRST", "unparsed"),
        ("better: FIRST", "unparsed"),
        ("Better: FIRST.", "unparsed"),
        ("Better: FIRST or SECOND", "unparsed"),
        ("**Better: FIRST", "unparsed"),
        ("Better: NEITHER", "unparsed"),
    ],
)
def test_only_an_exact_last_line_is_a_preference(text, expected):
    assert jury.parse(text) == expected


DATA = st.text() | st.sampled_from(["{{first}}", "{{second}}{{question}}", r"\1 \g<0>", "{}", "%s", "$x$"])


@given(question=DATA, first=DATA, second=DATA)
def test_data_stands_in_the_prompt_as_it_is(question, first, second):
    opening, middle, late, end = re.split(r"\{\{\w+\}\}", jury.TEMPLATE.read_text(encoding="utf-8"))
    assert jury.build_prompt(question, first, second) == f"{opening}{question}{middle}{first}{late}{second}{end}"


def test_the_trial_shows_each_clean_and_faulty_chain_of_a_problem_in_both_orders():
    rows = [
        Labelled(writer, problem, "Why?", "1", f"{writer} of {problem}", clean)
        for problem, marks in (("P1", (True, False, False)), ("P2", (True, True)), ("P3", (False,)))
        for writer, clean in zip("ABC", marks, strict=False)
    ]
    shown = list(jury.trial(rows))
    assert {(one.first[1], one.second[1]) for one in shown} == {
        *(("A of P1", "B of P1"), ("B of P1", "A of P1")),
        *(("A of P1", "C of P1"), ("C of P1", "A of P1")),
    }
    assert {one.clean for one in shown} == {one.first[0] for one in shown if one.first[1] == "A of P1"}


def test_a_text_with_two_opposite_marks_is_not_compared_with_itself():
    twice = [Labelled("A", "P1", "Why?", "1", "Because.", clean) for clean in (True, False)]
    assert list(jury.trial(twice)) == []
