import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers.candidates import Asked
from limo.answers.formulas import formulas
from limo.answers.prose import last_stated
from limo.answers.verify import Case, verify, verify_many

ONE = Asked(frozenset(), several=False, relation=False)


def read(text: str, asked: Asked = ONE) -> str | None:
    stated = last_stated(text, asked)
    return None if stated is None else stated.value.strip("$")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("There are 87 words of length 5 whose letters differ by at most 2.", "87"),
        ("So 14 pupils took bus #6.", "14"),
        ("The least value of h(t) is 7, and it occurs when t = 2.", "7"),
        ("The largest $k$ such that $3^k$ divides the product is 4.", "4"),
        ("The remainder when 17 is divided by 5 is 2.", "2"),
        ("The area of $KLMN$ is 90.", "90"),
        (r"The last digit of \(7^9\) is 7.", "7"),
        ("The number of ways is given by the formula 3m(m+2).", "3m(m+2)"),
        ("Altogether the number of orders is n!.", "n!"),
        ("The smallest value of the expression u^2+v^2-(u+v) is -0.5.", "-0.5"),
        ("$y_1^2+y_2^2=13$, where $y_1, y_2$ are the roots of $y^2-5y+6$.", "13"),
        ("The solutions of z^3 = z^2 + 2z are z=0 and z=2.", "0, 2"),
        ("It takes a minimum of 9 days, which is the time in which a snail climbs 1 wall.", "9"),
        ("She reads 40*6 = 240 pages in 6 days.", "240"),
        ("In 6 days she reads 240 pages.", "240"),
        ("Since 3 + 4 = 7, he is short of 5.", "5"),
        ("If each of the 6 teams has 4 players, then there are 24 in all.", "24"),
        ("He sells 12 more pies because 30 - 18 = 12.", "12"),
        ("This leaves 45 pounds / 5 pounds a bag = 9 bags.", "9"),
        ("The list is 4, 8 and 9, which add up to 21.", "21"),
        ("The share is 0.1666, which rounds to 17%.", "17%"),
        ("From this, 8 = w.", "8"),
        ("The product is the largest, since 48 is the answer to both.", "48"),
        ("We get\n\\begin{align*}\na &= 3 + 4 \\\\\n&= 7\n\\end{align*}", "7"),
        ("So it is 9. (Note that 4 and 5 would do too.)", "9"),
        ("There are seven of them.", "seven"),
        ("He leaves at 7:45 a.m.", "7:45 a.m."),
        ("It weighs 14kg.", "14"),
        ("The factory earns $60/hour * 8 hours/day = $480/day.", "480"),
        ("Nothing can be said.", None),
    ],
)
def test_the_value_of_a_sentence_is_told_from_what_stands_beside_it(text: str, value: str | None) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She had $90 and spent $32, so she keeps $90 - $32 = $58.", "58"),
        ("He paid $30, then $12.\nSo he paid $42 in all.", "42"),
        ("Each ticket is $7 so with $28 he gets $28 / $7 = 4 tickets.", "4"),
        ("The rent comes to $1,250.", "1,250"),
        (r"It costs \$35 per week.", r"\$35"),
        ("The total is **$18**.", "18"),
        ("The total is $18$ dollars.", "18"),
        ("That makes $6-$2=$4", "4"),
        ("At $15 an hour she is paid $15 * 8 = $120.", "120"),
        ("Then the price is $12.50 dollars.", "12.50"),
        ("He gives 20 * €4 = €80 to them.", "€80"),
        ("He earns $80 000 + $20 000 = $100 000.", "100000"),
    ],
)
def test_money_is_no_formula(text: str, value: str) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("$x$ and $5$ and $2y + 1$", ["x", "5", "2y + 1"]),
        ("$5 and $6", []),
        ("$5-$2=$3", []),
        ("It is 5$ or 6$.", []),
        ("$ x + 1 $ is $ 42 $", ["x + 1", "42"]),
        ("for $3 he gets $x$ of them", ["x"]),
        (r"\$5 and $\$6$", [r"\$6"]),
        (r"\(a\), \[b\], $$c$$", ["a", "b", "c"]),
        (r"\(a, \(b\)", ["b"]),
        ("$a\n$b$", ["b"]),
        (r"\begin{align*} a &= 1 \\ b &= 2 \end{align*}", ["b  = 2"]),
        (r"$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$", [r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"]),
    ],
)
def test_formulas_are_told_from_money(text: str, contents: list[str]) -> None:
    assert [place.content for place in formulas(text)] == contents


def test_an_equation_stays_whole_where_one_is_asked_for() -> None:
    line = "So the line is $4x - y = 9$."
    assert read(line) == "9"
    assert read(line, Asked(frozenset(), several=False, relation=True)) == "4x - y = 9"
    assert read("Thus $x <= 3$ is what remains.") == "x <= 3"
    assert read(r"We get G_n = \sum_{k=0}^{n-1} G_k + 1") == r"\sum_{k=0}^{n-1} G_k + 1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Therefore the largest product, given that every b_i is positive, is 3^m, reached when all b_i = 1.", "3^m"),
        ("The least sum, given that b c = 4, is 2^n, achieved when all b_i = 1.", "2^n"),
        ("The bound, assuming that t > 0, equals 5^k, attained at t = 2.", "5^k"),
        ("The largest area, if the width is 3, is 7m, with equality when h = 2.", "7m"),
    ],
)
def test_a_condition_before_the_answer_hides_none_behind_it(text: str, value: str) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("0", "The least value is pqr, when at least one factor is zero.", "undecided"),
        ("0", "The sum of both is xy where one of them is zero.", "undecided"),
        ("0", "The sum is mn, provided that one of them is zero.", "undecided"),
        ("0", "The value is unbounded if some term is zero.", "undecided"),
        ("1", "The bound is n, with equality at x = 1.", "undecided"),
        ("2", "The maximum is $n$, attained at x = 2.", "undecided"),
        ("32", "The number of subsets is 2^n, where n = 5.", "undecided"),
        ("5", "The number of pens is five, when one of them is zero.", "correct"),
        ("5", "If the first is zero, the number of pens is five.", "correct"),
        ("4", "The product is greatest when x = 4.", "correct"),
    ],
)
def test_what_stands_in_a_condition_behind_the_answer_is_no_answer(gold: str, response: str, verdict: str) -> None:
    assert verify_many([Case(gold, response, stop="eos")])[0].verdict == verdict


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("So the greatest product is 1/(pqr)^(1/3).", "1/(pqr)^(1/3)"),
        ("The geometric mean is (pqr)^(1/3).", "(pqr)^(1/3)"),
        ("The least value is 1/(mn).", "1/(mn)"),
        ("The value is 1/mn.", "1/mn"),
        ("The value is 1/abcd^2.", "1/abcd^2"),
        ("The value is 2/sqrt(n+1).", "2/sqrt(n+1)"),
        ("He earns $60/hour.", "60"),
        ("It sinks 60/km.", "60"),
        ("She reads 7/hour(s).", "7"),
        ("The mean is (12 apples)/2 = 6.", "6"),
    ],
)
def test_a_formula_in_prose_is_taken_whole(text: str, value: str) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("gold", "response"),
    [
        ("1", "The greatest value is 1/(alpha)^2."),
        ("1", "The greatest value is 1/gamma^2."),
        ("2", "The mean is (sum of squares)/2."),
    ],
)
def test_a_part_of_a_formula_is_never_judged(gold: str, response: str) -> None:
    assert verify_many([Case(gold, response, stop="eos")])[0].verdict == "undecided"


def test_of_two_values_the_one_that_the_question_gave_is_not_the_answer() -> None:
    text = "Tom bought 12 pens, saved 30 cents."
    assert read(text, Asked(frozenset({"30"}), several=False, relation=False)) == "12"


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("No", "The sum is 91, which 8 does not divide. So no such order of 1, 2, ..., 13 is there.", "undecided"),
        ("No", "No, the sum is 91.", "correct"),
        ("Yes", "No, the sum is 91.", "wrong"),
        ("Grace Hopper", "With 52 votes against 47 for Edsger she is elected by the 99 of them.", "undecided"),
        ("6", "Of the 5 boys 3 have 4 pens, 2 books.", "undecided"),
        ("5", "So the answer is five coins.", "correct"),
        (
            "36",
            "The strength of a solution is defined as the amount per litre. Thus, the volume is 36 litres.",
            "correct",
        ),
        ("27", "This answer is consistent with the question. The larger one is indeed 27.", "correct"),
        ("25", "The final answer is given by the sum of both, and therefore it equals 25.", "correct"),
        ("19", "Final Answer: The smallest $m$ is 19.", "correct"),
    ],
)
def test_what_prose_leaves_open_is_undecided_and_never_wrong(gold: str, response: str, verdict: str) -> None:
    assert verify_many([Case(gold, response, stop="eos")])[0].verdict == verdict


@given(st.text(alphabet="a the is of 12 = $ \\ ( ) { } . , \n 3x+-*/ €", max_size=300))
def test_any_text_gives_a_value_or_none(text: str) -> None:
    stated = last_stated(text, ONE)
    assert stated is None or stated.value.strip()


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("To calculate 14 - 6, we take 6 from 14, which results in 9.", "wrong"),
        ("To calculate 14 - 6, we take 6 from 14, resulting in 8.", "correct"),
        ("To find 14 - 6 you simply take one from the other.", "wrong"),
        ("Here 20 - 12 is what remains to be worked out.", "undecided"),
        (r"So it is \boxed{14-6}.", "wrong"),
    ],
)
def test_a_task_said_again_is_no_answer_and_a_computation_no_value(text: str, verdict: str) -> None:
    assert verify("8", text, question="What is 14 - 6?", stop="eos").verdict == verdict


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It takes 14 minutes to paint 30 fences.", "14"),
        ("She needs 6 * 3 = 18 eggs to make 50 cakes.", "18"),
        ("It takes 90/6 = 15 days for the hole to be 90 feet deep.", "15"),
        ("He has to pay 7 dollars.", "7"),
        ("If she runs 3 km in an hour then she runs 3 * 400 = 1,200 km in 400 hours.", "1,200"),
        ("The disk holds 60 / 5 = 12 500-page books.", "12"),
        ("Mixed they are 4 + 5 = 9-litre cans.", "9"),
        ("He pays 17/5 = 3.4 notes, which rounds up to 4 as no note can be cut.", "4"),
        (r"So we get $7m \equiv 40 \equiv 5 \pmod{7}$.", "5"),
        (r"\begin{align*} 30 &= 2x \\ 15 &= x. \end{align*}", "15"),
        ('The area is $12$.\n\n[asy]\ndraw((0,0)--(3,4));\nlabel("$5$",(1,2));\n[/asy]', "12"),
        ("So the sum is 21.\n```python\nprint(sum(range(7)) + 3)\n```", "21"),
        ("So the sum is 21.\nAlternatively, one pairs 1 with 6.", "21"),
        ("There are $2$ values of $x$, namely $x=4$ and $x=9$.", "2"),
    ],
)
def test_purposes_residues_pictures_and_counts(text: str, value: str) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("11", "He has 11 left because 20 - 8 = 12.", "undecided"),
        ("8", "Since each box holds 1 pen, this is the number of pens as well.", "undecided"),
        ("9", "We compare each option: 3 for $6\nThe sum of both is 4 + 5 = 9", "correct"),
        ("9", "There are 7 choice\nTaking both we get 4 + 5 = 9", "correct"),
        ("9", "That makes 3 correct answers * 2 points/answer = 6 points.\nWith the bonus it is 6 + 3 = 9.", "correct"),
        ("40", r"The angle is $40^\circ$.", "correct"),
        ("1024", "There are $2^{10}$ of them.", "correct"),
        ("1000", "There are $2^{10}$ of them.", "wrong"),
    ],
)
def test_reasons_options_and_values_that_look_like_computations(gold: str, response: str, verdict: str) -> None:
    assert verify(gold, response, stop="eos").verdict == verdict


def test_an_amount_in_dollars_answers_a_question_in_cents() -> None:
    question = "Three pens cost $1.05. How much is one pen, in cents?"
    assert verify("35", "One pen is $1.05 / 3 = $0.35.", question=question, stop="eos").verdict == "correct"
    assert verify("35", "One pen is $1.05 / 3 = $0.35.", question="How much is one pen?", stop="eos").verdict == "wrong"


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("5", "Here is my solution:\n1. We add 2 and 3.\n2. So the sum is 5.", "correct"),
        ("1", "Here is my solution:\n1. We add 2 and 3.\n2. So the sum is 5.", "wrong"),
        ("4", "Solution:\n4", "correct"),
        ("4", "Answer:\n\n4\n\nIt is clear.", "correct"),
        ("36", "Put together the total is 3+12+16+5=36.", "correct"),
        ("3", "Put together the total is 3+12+16+5=36.", "wrong"),
        ("0", "The sum is uvw, but only if one factor is zero.", "undecided"),
        ("0", "It is the product of all parts, when one of them is zero.", "undecided"),
        ("2", "The count is (n choose 2).", "undecided"),
        ("2", "It is (n choose 2), when n is two.", "undecided"),
        ("7", "Thus it is 7. This minimum is attained when a = b.", "correct"),
        ("4", "Then $a + b \\le 9.$\nEquality holds when $a = b$\nso $b = 4.$", "correct"),
        ("2^n", "We get\n2^n * 1\nThis is the final expression for the number of rows of 3 coins.", "correct"),
        ("7", "6. The sum is 7.\n9. Therefore, the sum is 7.", "correct"),
    ],
)
def test_headings_and_conditions_are_no_answers(gold: str, response: str, verdict: str) -> None:
    assert verify(gold, response, stop="eos").verdict == verdict


@pytest.mark.parametrize(
    "response",
    [
        "So there are 3^m of them, unless m = 2.",
        "So there are 3^m trees, except for m = 2.",
        "The sum equals 3^m unless m is 2, in which case it is 7.",
        "The sum is 3^m, but 7 if m = 2.",
        "The sum is 3^m if m is even and 0 otherwise.",
        "The sum is 3^m, with the exception of m = 2.",
        "The sum is 3^m, excluding m = 2.",
        "The sum is 3^m for all whole m except when m = 2.",
        "The answer is $3^m$, unless $m = 2$.",
        r"It is \boxed{3^m}, unless $m = 2$.",
        "#### 3^m unless m = 2",
    ],
)
def test_an_exception_behind_the_answer_is_kept_with_it(response: str) -> None:
    verdicts = verify_many([Case(gold, response, stop="eos") for gold in ("3^m", "5^m")])
    assert verdicts[0].verdict == "undecided"
    assert verdicts[1].verdict != "correct"
    assert "m" in (verdicts[0].extracted or "")


@pytest.mark.parametrize(
    ("gold", "response"),
    [
        ("3^m, unless m = 2", "So there are 3^m of them, unless m = 2."),
        ("40", "The largest product is 40, when x = 7."),
        ("6", "There are 6 divisors other than 1."),
        ("12", "Unless he pays, he keeps 12."),
        ("4", "It fails unless k is even, so the least is 4."),
    ],
)
def test_what_is_no_exception_of_the_answer_changes_none(gold: str, response: str) -> None:
    assert verify_many([Case(gold, response, stop="eos")])[0].verdict == "correct"


def test_a_case_that_the_question_asks_for_is_no_exception() -> None:
    response = "So the remainder is 0 for all odd k."
    asked = [Case("0", response, question=question, stop="eos") for question in ("Find it for odd k.", "Find it.")]
    assert [verdict.verdict for verdict in verify_many(asked)] == ["correct", "undecided"]


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("8", "So it is r = 8. There are no other values of r for which r and r+9 both do.", "correct"),
        ("0", "So there are 0 pairs of primes that make u^2 + v^2 a cube.", "correct"),
        ("41", "There are 41 codes of the digits 2, 3, 4, and 5 that do not have any 2 and 3 side by side.", "correct"),
        ("6", "So the least value of |3^u - 9^v| is 6, with u = 2 and v = 1.", "correct"),
        ("2", "So the least value is 5 - 3 = 2.\nAnd this minimum value is achieved when u = v = 4.", "correct"),
        ("7m", "So the sum is 7m.\nThis expression counts the ways from the set {1, 2, ..., m}.", "correct"),
        ("2 and 5", "So the possible values are 2 and 5. These are the only values when r exceeds 30.", "correct"),
        ("(3k)!/k!", "So the final answer is (3k)! / k!.", "correct"),
        ("170", "Week 1:90 pages\nWeek 2:170 pages", "correct"),
        ("0.4", "That is 6/15=.4", "correct"),
        ("40", "That is 6/15 = .4 or 40% of them.", "correct"),
        ("0.4", "That is $\\frac{6}{15} = .4$, or $40\\%$.", "correct"),
        ("5", "Since $u = 7$, $3v = 15$ and $v = 5$.", "correct"),
        ("8", "There are no other roots, so the largest is 8.", "correct"),
        ("27", "We check 3 * 27 = 81. The equation holds, so the number is 27.", "correct"),
        ("9 and 4", "Thus the numbers are 9 and 4, and their product is 36.", "undecided"),
        ("52", "So the only such number is 52 (since 52^2 = 2704).", "undecided"),
        ("3", "So the final answer is: \\[ u + v \\leq 3 \\]", "undecided"),
        ("71", "Thus, x >= 71", "undecided"),
        ("5m", "So the sum is 5m.\nFor example, a row has 2 trees. A field has 4 rows.", "undecided"),
        ("3", "A day later it has 2*16 = 32 leaves. This is more, so it took three days.", "undecided"),
        ("7", "Ann runs 7 laps.\nBo runs 5 laps because 10/2=5.\nThe fastest is Ann because 7 > 5.", "undecided"),
        (
            "90",
            "Final answer:\nThe words of length 6 are the sum of u and v.\nSo there are 90 of them.",
            "undecided",
        ),
    ],
)
def test_what_stands_behind_the_answer_is_passed_over_or_makes_it_unsure(gold, response, verdict) -> None:
    assert verify_many([Case(gold, response, stop="eos")])[0].verdict == verdict
