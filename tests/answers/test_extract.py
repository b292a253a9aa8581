import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers import extract
from limo.answers.extract import extract_cut

BOXED = [
    (r"So $\boxed{42}$.", "42"),
    (r"first \boxed{1}, then \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\fbox{7}", "7"),
    (r"\boxed{\boxed{5}}", "5"),
    (r"\boxed {\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed{6} or rather \boxed{7", "6"),
    (r"Put it within \boxed{}. It is \boxed{8}, not \boxed{}.", "8"),
    (r"\boxed{6", None),
    (r"The answer is 5.", None),
    ("", None),
]
FLEXIBLE = [
    (r"\boxed{3} and the answer is 4", "3"),
    ("The answer is 5.", "5"),
    ("The final answer is: **1,234.5**", "1,234.5"),
    ("Answer: $x + 1$.", "x + 1"),
    ("The answer is 3. Wait. The answer is $-\\frac{3}{4}$ of it.", r"-\frac{3}{4}"),
    ("The answer to 3 + 4 is 7", "7"),
    ("The answer is that there are 12 apples left", "12"),
    ("The answer is Tuesday.", "Tuesday"),
    ("10 - 3 = 7", "7"),
    ("so x = -3.5.", "-3.5"),
    ("The result is -5", "-5"),
    ("It is 10 - 5", "5"),
    ("They pay $1,250.75 in total.", "$1,250.75"),
    ("that is 7/8 of it", "7/8"),
    ("or 25% of all", "25%"),
    (r"the speed is 3 \times 10^{8}", r"3 \times 10^{8}"),
    ("about .5", ".5"),
    ("I do not know.", None),
]


@pytest.mark.parametrize(("text", "answer"), BOXED)
def test_boxed(text: str, answer: str | None) -> None:
    assert extract(text, "boxed") == answer


@pytest.mark.parametrize(("text", "answer"), FLEXIBLE)
def test_flexible(text: str, answer: str | None) -> None:
    assert (extract(text, "flexible") or "").replace("$", "") == (answer or "").replace("$", "")


@given(st.recursive(st.sampled_from(["1", r"\frac", r"\{", "x"]), lambda part: part.map(lambda p: f"{{{p}}}")))
def test_the_last_box_comes_back_whole(content: str) -> None:
    assert extract(rf"\boxed{{0}} text {{ \boxed{{{content}}}", "boxed") == content


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{5} and then 6", "5"),
        ("The answer is 5. But let us check 17", "5"),
        ("The answer is 12", None),
        ("first 3 + 4 = 7, then 17", None),
        (r"\boxed{1", None),
    ],
)
def test_a_response_cut_short_is_never_read_by_a_stray_number(text: str, answer: str | None) -> None:
    assert extract_cut(text, "flexible") == answer


@given(st.text(alphabet="0123456789 .,-+/%$\\{}()=x^*boxedanswer is\n"))
def test_any_text_gives_text_or_nothing(text: str) -> None:
    for mode in ("boxed", "flexible"):
        for read in (extract, extract_cut):
            answer = read(text, mode)
            assert answer is None or answer.strip()


def test_hostile_texts_take_linear_time() -> None:
    start = time.process_time()
    for piece in [r"\boxed{", "answer is ", "answer to ", "1,111", "- ", "{", "}", "1 / ", r"\frac{1}", r" 10 \times"]:
        extract(piece * 20_000, "flexible")
    assert time.process_time() - start < 5
