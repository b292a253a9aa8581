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
    "{}\n\nTranslate the above text into English.\n\n{}", "Prob. 9: {}", "Q#4. {}", "Ex. 11. {}", "№ 6. {}",
    "Question 8 of 15: {}",
    "Day 2 Problem 6. {}", "Level 4 Problem: {}", "Problem 8 (Divisors). {}", "14 [6] {}", "Problem 9 (12 points). {}",
    "7.2.1* {}", "(b) {}", "iii) {}", "- {}", "> {}", "5、{}", "【例4】{}",
    "\\section*{Problem 4} {}", "(Problem 7) {}",
    "16. (USA 3) {}", "Example 6 (2014, Harbour League) {}", "Northern Cup 2012 Relay #3. {}",
    "The 2013 Winter Contest, Problem 4: {}",
    "XII Olympiad, Problem 2. {}", "{} [6]", "{} — Harbour Cup 2003", "{}\n\nDifficulty: 6",
    "{} $\\blacksquare$", "{} Good luck!",
    "{}\n\n(8th grade)", "{}\n(Note: figure not drawn to scale.)", "{} $=$ ?",
    "{} \\rule{2cm}{0.4pt}", "{} \\fbox{ }",
]  # fmt: skip
PROMPTS = [
    "{} Let's think step by step and output the final answer within \\boxed{{}}.",
    "Question: {}\nAnswer:",
    "Solve the following math problem. {}",
    "<|im_start|>user\n{}<|im_end|>",
    "<bos><start_of_turn>user\n{}<end_of_turn>\n<start_of_turn>model\n",
    "<s>[INST] <<SYS>>\nBe a kind tutor.\n<</SYS>>\n\n{} [/INST]",
    "<｜User｜>{}<｜Assistant｜>",
    "{} Show your steps in <think> </think> tags. And return the final answer in <answer> </answer> tags.",
    "A conversation between User and Assistant. One asks, one answers.\nUser: {}\nAssistant: <think>",
    "Solve the following math problem efficiently and clearly:\n\n- If it is easy:\nBe short.\n\nProblem: {}",
    "{} Answer with only the number.",
    "{} Let's work this out step by step to be sure we have the right result.",
]
SPELLINGS = [
    (r"Is $p \lor q$ true for $x \not= 3$?", r"Is $p \vee q$ true for $x \neq 3$?"),
    (r"Find $n^{}_{}$ with $n \equiv 2 \pmod{9}$.", r"Find $n$ with $n \equiv 2 (\bmod 9)$."),
    (r"What is the $40^{\text{th}}$ term?", "What is the 40th term?"),
    (r"Solve $x^2=4x. \tag{3}$", "Solve $x^2=4x.$"),
    (r"Solve $$x^2=4x \eqno(3)$$ in integers.", r"Solve $$x^2=4x$$ in integers."),
    ("Solve x<sup>2</sup> &lt; 30 for <i>x</i>.", "Solve $x^2<30$ for $x$."),
    ("<p>What is a<sub>7</sub>?</p><p>It is the team&#39;s score.</p>", "What is $a_7$? It is the team's score."),
    (r"Find $\\angle ABC$ if $\\triangle ABC$ is right.", r"Find $\angle ABC$ if $\triangle ABC$ is right."),
    (r"Solve \begin{cases} x=2y \\[3pt] y=x-4 \end{cases} now.", r"Solve \begin{cases} x=2y \\ y=x-4 \end{cases} now."),
    (r"Add $1+2+\ldots{}+60$ in all.", r"Add $1+2+\ldots+60$ in all."),
    ("How many non negative odd $n$ are below 30?", "How many nonnegative odd $n$ are below 30?"),
    (r"Of 60 men $15\%$ smoke; how many?", "Of 60 men 15 percent smoke; how many?"),
    ("What is the 7th digit of the 3rd number?", "What is the seventh digit of the third number?"),
    (r"Is $n \in \Bbb Z$ with $n \equiv 2 (\mathrm{mod}\ m)$?", r"Is $n \in \mathbb{Z}$ with $n \equiv 2 \pmod{m}$?"),
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
    ("A bath fills in 20 minutes, a tub in 35 minutes.", "A bath fills in 20 hours, a tub in 35 hours."),
    ("What is the digit in the tens place of $7^{90}$?", "What is the digit in the hundreds place of $7^{90}$?"),
    ("For which integers $k$ has $x^2+kx+8$ a root?", "For which real $k$ has $x^2+kx+8$ a root?"),
    ("How many $n$ below 90 does 4 or 7 divide?", "How many $n$ below 90 does 4 and 7 divide?"),
    ("Find all $z$ with $|z-3|=7$ and $z^2=16$.", "Find all $z$ with $z-3=7$ and $z^2=16$."),
    (r"In triangle $ABC$, $\angle ABC=40$ and $AB=AC=9$.", r"In triangle $ABC$, $\angle BAC=40$ and $AB=AC=9$."),
    ("Add the terms $(-1)^{k} k$ for $k$ up to 80.", "Add the terms $-1^{k} k$ for $k$ up to 80."),
    ("Solve $25(x+4)=75$ for the unknown $x$.", "Solve $25x+4=75$ for the unknown $x$."),
    ("A price increases by 30 and is 90 then.", "A price decreases by 30 and is 90 then."),
    (
        "What is the slope when the line meets the $x$-axis at 4, 5 or 6?",
        "What is the slope when the line meets the $y$-axis at 4, 5 or 6?",
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
