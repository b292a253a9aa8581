"""Kinds of difference between two texts: spelling and publishers' additions are none, signs and questions are."""

import pytest

from limo.problems.canonical import canonical, problem_id
from limo.problems.core import core
from limo.problems.decontaminate import contaminated
from limo.problems.distinct import distinct
from limo.problems.frames import unframed
from limo.problems.leaks import extended
from limo.problems.look import same
from tests.problems.rows import POOL_PARAMS

COUNT = "Find the number of integers $k$ with $1 \\le k \\le 90$ for which $k^2+3k$ is divisible by $14$."
LABELS = [
    "Task 7. {}", "[9] {}", "Example 12 {}", "C4. {}", "III. {}", "6.2 {}", "88 {}", "(The 2016 Baltic Cup P3)\n\n{}",
    "31st Alpine Open 1994 Problem 5 {}", "{} (8 points)", "{}\n\n## tenth grade", "{}\n\n**Level 2**",
    "{}\n\nTranslate the above text into English.\n\n{}",
]  # fmt: skip
PROMPTS = [
    "{} Let's think step by step and output the final answer within \\boxed{{}}.",
    "Question: {}\nAnswer:",
    "Solve the following math problem. {}",
    "<|im_start|>user\n{}<|im_end|>",
]
SPELLINGS = [
    (r"Is $p \lor q$ true for $x \not= 3$?", r"Is $p \vee q$ true for $x \neq 3$?"),
    (r"Find $n^{}_{}$ with $n \equiv 2 \pmod{9}$.", r"Find $n$ with $n \equiv 2 (\bmod 9)$."),
    (r"What is the $40^{\text{th}}$ term?", "What is the 40th term?"),
    (r"Solve $x^2=4x. \tag{3}$", "Solve $x^2=4x.$"),
]
OTHERS = [
    ("Compute $50-(20-8)$ and $9$ more of it.", "Compute $50-20-8$ and $9$ more of it."),
    ("Solve the equation $5^{-x}=6$ for real $x$.", "Solve the equation $5^{x}=-6$ for real $x$."),
    ("Simplify $2^{n+1}$ for all the $n$ above $4$.", "Simplify $2^n+1$ for all the $n$ above $4$."),
    ("Find the vertex of the parabola $y=x^2+8x$.", "Find the focus of the parabola $y=x^2+8x$."),
    (
        "What is the least $k$ such that $7k$ is a perfect square and $6k$ is a perfect cube?",
        "What is the least $k$ such that $6k$ is a perfect square and $7k$ is a perfect cube?",
    ),
]


def alike(one: str, other: str) -> bool:
    return same(core(canonical(one)), core(canonical(other)), 0.5) is not None


@pytest.mark.parametrize("label", LABELS)
def test_what_a_publisher_writes_around_a_problem_makes_no_other(label: str) -> None:
    assert core(canonical(label.replace("{}", COUNT))).tokens == core(canonical(COUNT)).tokens


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_is_no_part_of_the_question(prompt: str) -> None:
    assert unframed(prompt.format(COUNT)) == COUNT
    assert problem_id(prompt.format(COUNT)) == problem_id(COUNT)


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_one_meaning_are_one_problem(one: str, other: str) -> None:
    assert problem_id(one) == problem_id(other) or alike(one, other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_a_bracket_a_sign_a_noun_or_an_exchange_makes_another_problem(one: str, other: str) -> None:
    assert not alike(one, other)


@pytest.mark.parametrize("start", ["2024 In this year a ball is drawn.", "147 primes are written down."])
def test_a_number_of_the_problem_is_no_label(start: str) -> None:
    assert core(canonical(f"{start} {COUNT}")).tokens[0] in {"2024", "147"}


def test_a_new_last_question_leaves_the_benchmark_s_problem_and_another_number_does_not() -> None:
    exam = "Let $u_0=5$ and $u_{n+1}=u_n^2-3u_n+7$ for $n \\ge 0$. Find $u_6$."
    asked = exam.replace("Find $u_6$.", "Given $u_6=p+q$ where $p$ and $q$ are digits, find $pq$.")
    one = core(canonical(exam))
    assert extended(one, core(canonical(asked)), asked=False) is not None
    assert extended(one, core(canonical(asked.replace("7", "9"))), asked=False) is None


SAME_NUMBERS = [
    ("Add $9, 000$ and 640.", "Add 9000 and $640$."),
    ("Add $9\\,000$ and 640.", "Add 9,000 and 640."),
    ("Which of $4,61,302,518$ is prime?", "Which of $4, 61, 302, 518$ is prime?"),
]


@pytest.mark.parametrize(("one", "other"), SAME_NUMBERS)
def test_thousands_are_one_number_and_a_list_is_several(one: str, other: str) -> None:
    assert core(canonical(one)).tokens == core(canonical(other)).tokens


@pytest.mark.parametrize("number", ["2,500, 3,100", "2,500,3,100"])
def test_numbers_by_thousands_in_a_list_stay_numbers(number: str) -> None:
    assert {"2500", "3100"} <= set(core(canonical(f"Which of {number} is a square?")).tokens)


def test_a_value_of_a_function_is_no_mark_of_a_list() -> None:
    asked = "Let g be linear with g(1)=5 and g(2)=11. Find g(3)."
    assert core(canonical(asked)).tokens.count("2") == 1


def test_the_order_of_two_texts_does_not_decide() -> None:
    one = core(canonical(r"Evaluate $\int_0^{\pi/3} \cos^2(x)\sin(x)\,dx$ with care."))
    other = core(canonical(r"Evaluate $\int_{0}^{\frac{\pi}{3}}\cos^{2}x\sin x\,\mathrm{d}x$ with care."))
    assert same(one, other, 0.5) == same(other, one, 0.5) is not None


def test_a_renamed_benchmark_problem_is_found() -> None:
    exam = "In triangle $UVW$ we have $UV = 20$, $VW = 21$ and $WU = 29$. Find the radius of its incircle."
    renamed = exam.replace("U", "K").replace("V", "L").replace("W", "M")
    (_, problem), (_, benchmark) = (distinct([text], POOL_PARAMS.near, 1, "test") for text in (renamed, exam))
    assert [hit.rule for hit in contaminated(problem, benchmark, POOL_PARAMS.decontamination).values()] == ["renamed"]
