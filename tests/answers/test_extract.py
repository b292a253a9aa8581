import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers.extract import Extracted, extract, gold_answer, looping
from limo.answers.hints import Hints, hints_of

ONE = Hints(1, choice=False, options={})
CHOICE = Hints(1, choice=True, options={"A": "2", "B": "3", "C": "5"})


def read(text: str, mode: str = "flexible", hints: Hints = ONE, stop: str | None = "eos") -> str | None:
    return extract(text, mode, hints, stop).answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So $\boxed{42}$.", "42"),
        (r"first \boxed{1}. Later: \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\fbox{7}", "7"),
        (r"\boxed 5.", "5"),
        (r"\boxed{\boxed{5}}", "5"),
        (r"\boxed {\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{6} or rather \boxed{7", "6"),
        (r"Put it within \boxed{}. It is \boxed{8}, not \boxed{}.", "8"),
        (r"\boxed{3} and \boxed{5}", "3, 5"),
        (r"$\boxed{3}$ or $\boxed{5}$", "3, 5"),
        ("It is \\boxed{3}.\n\nNo, a sign was wrong: it is \\boxed{-3}.", "-3"),
        (r"\boxed{6", None),
        (r"The answer is 5.", None),
        ("", None),
    ],
)
def test_boxed(text: str, answer: str | None) -> None:
    assert read(text, "boxed") == answer


def test_several_boxes_where_several_values_are_asked_for() -> None:
    text = "The first root is \\boxed{2}, by trial.\n\nDividing, the second is \\boxed{7}."
    assert read(text) == "7"
    assert read(text, hints=hints_of("Find all roots.", "2, 7", "")) == "2, 7"
    assert read(r"\boxed{1} ... the roots are \boxed{2, 7}", hints=hints_of("", "2, 7", "")) == "2, 7"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{3} and the answer is 4", "3"),
        ("The answer is 5.", "5"),
        ("The final answer is: **1,234.5**", "1,234.5"),
        ("Answer: $x + 1$.", "x + 1"),
        ("The answer is 3. Wait. The answer is $-\\frac{3}{4}$ of it.", r"-\frac{3}{4}"),
        ("The answer to 3 + 4 is 7", "7"),
        ("The answer is that there are 12 apples left", "12"),
        ("The answer is Tuesday.", "Tuesday"),
        ("### Final Answer\n\\[\nx = 4\n\\]", "x = 4"),
        ("**Answer:** $\\frac{2}{3}$", r"\frac{2}{3}"),
        ("He has 18 left.\n#### 18", "18"),
        ('```json\n{"answer": [1, 2]}\n```', "1, 2"),
        ('{"reasoning": "easy", "final_answer": "x+1"}', "x+1"),
        ("故答案为：$\\sqrt{2}$。", r"\sqrt{2}"),
        ("所以答案是 12。", "12"),
        ("10 - 3 = 7", "7"),
        ("so x = -3.5.", "-3.5"),
        ("Hence $2x = 8$ and $x = 4$.", "4"),
        ("The result is -5", "-5"),
        ("It is 10 - 5", "10 - 5"),
        ("that is 7/8 of it", "7/8"),
        ("or 25% of all", "25%"),
        (r"the speed is 3 \times 10^{8}", r"3 \times 10^{8}"),
        ("I do not know.", None),
    ],
)
def test_flexible(text: str, answer: str | None) -> None:
    assert read(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The correct answer is (B).", "B"),
        ("Answer: B. 3", "B"),
        ("Therefore, option C is right, so the answer is C", "C"),
        ("故选：B", "B"),
        ("A simple count gives 3, which is (B).", "B"),
        (r"\boxed{\text{B}}", r"\text{B}"),
    ],
)
def test_choice_letters(text: str, answer: str) -> None:
    assert read(text, hints=CHOICE) == answer


def test_only_the_text_after_the_thinking_counts() -> None:
    assert read("<think>maybe \\boxed{1}</think> It is \\boxed{2}.") == "2"
    assert read("<think>maybe \\boxed{1}</think> I give up.", stop="eos") is None
    extracted = extract("<think>maybe \\boxed{1}. But wait", "flexible", ONE, None)
    assert (extracted.answer, extracted.finished) == (None, False)


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
    assert extract(text, "flexible", ONE, "length") == Extracted(answer, *_how(text, answer), finished=False)


def _how(text: str, answer: str | None) -> tuple[str]:
    return ("no answer",) if answer is None else ("box",) if "boxed" in text else ("stated",)


def test_loops_are_recognised() -> None:
    assert looping("Let me think. " + "Wait, but 3 is not 4. " * 80)
    assert not looping("The digits are 0." + "3" * 400)
    assert not looping("\n".join(f"Step {n}: we add {n * n} to the sum and go on." for n in range(200)))
    extracted = extract("We try. " + "So x is 4 or x is 5. " * 80, "flexible", ONE, None)
    assert extracted == Extracted(None, "loop", finished=False)
    assert read(r"It is \boxed{9}. " + r"The answer is \boxed{9}. " * 80) == "9"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"$\boxed{5}$", "5"),
        ("3 + 2 = 5\n#### 5", "5"),
        ("The answer is 5.", "5."),
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        (r"\boxed{}", ""),
    ],
)
def test_gold_answers_are_unwrapped(gold: str, answer: str) -> None:
    assert gold_answer(gold) == answer


@given(st.recursive(st.sampled_from(["1", r"\frac", r"\{", "x"]), lambda part: part.map(lambda p: f"{{{p}}}")))
def test_the_last_box_comes_back_whole(content: str) -> None:
    assert read(rf"\boxed{{0}} text {{ \boxed{{{content}}}", "boxed") == content


@given(st.text(alphabet="abc .\n0123", max_size=200), st.text(alphabet="abc .\n0123", max_size=200))
def test_what_stands_around_a_box_does_not_matter(before: str, after: str) -> None:
    assert read(rf"{before}\boxed{{x+7}}{after}") == "x+7"


@given(st.text(alphabet="0123456789 .,-+/%$\\{}()=x^*boxedanswer is\n"))
def test_any_text_gives_text_or_nothing(text: str) -> None:
    for mode in ("boxed", "flexible"):
        for stop in ("eos", "length", None):
            answer = read(text, mode, stop=stop)
            assert answer is None or answer.strip()


def test_hostile_texts_take_linear_time() -> None:
    start = time.process_time()
    pieces = [r"\boxed{", "answer is ", "answer to ", "1,111", "- ", "{", "}", "1 / ", r"\frac{1}", r" 10 \times"]
    for piece in [*pieces, "$", "####", '{"answer":', "\\[", "**", "(A) ", "答案"]:
        read(piece * 20_000, hints=CHOICE)
    assert time.process_time() - start < 10
