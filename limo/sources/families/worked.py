"""Operations on numbers → answers with worked steps, and choices by hash; used by acquire and benchmarks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from limo.base.files import digest

T = TypeVar("T")


class Rng:
    """Choices that depend on nothing but the key: number n is drawn from sha256(key, n), on any Python version."""

    def __init__(self, *key: object) -> None:
        self._key = key
        self._drawn = 0

    def below(self, size: int) -> int:
        """A number from 0 to size - 1."""
        self._drawn += 1
        return int(digest(*self._key, self._drawn), 16) % size

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)

    def between_except(self, low: int, high: int, excluded: int) -> int:
        """A number from low to high, both included, other than `excluded`."""
        if not low <= excluded <= high:
            return self.between(low, high)
        number = self.between(low, high - 1)
        return number + (number >= excluded)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]


@dataclass(frozen=True)
class Work:
    """A calculation and its inverse.

    `undo(v)` works back from a supposed answer v: the calculation as text and its value, which grows with v and is
    `given` for the true answer alone. Supposed answers that are wrong lie a multiple of `unit` away, so that working
    back stays within the integers.
    """

    answer: int
    equations: list[str]
    undo: Callable[[int], tuple[str, int]]
    given: int
    unit: int


@dataclass(frozen=True)
class Problem:
    """A problem with all that its worked solutions say.

    Clauses have no capital and no full stop: `plan` says how to go about it, `finding` states the result. `wanted`
    and `given` are noun phrases for the answer and for the number that working back must give.
    """

    domain: str
    question: str
    work: Work
    plan: str
    finding: str
    wanted: str
    given: str


def sum_of(*terms: int) -> Work:
    """Add from left to right; working back takes all terms but the first away again."""
    total, equations = terms[0], list[str]()
    for term in terms[1:]:
        equations += _sum(total, term)
        total += term
    rest = terms[1:]
    return Work(
        answer=total,
        equations=equations,
        undo=lambda v: (" - ".join(str(n) for n in (v, *rest)), v - sum(rest)),
        given=terms[0],
        unit=1,
    )


def difference(a: int, b: int) -> Work:
    """a - b; working back adds b."""
    return Work(answer=a - b, equations=_minus(a, b), undo=lambda v: (f"{v} + {b}", v + b), given=a, unit=1)


def product(a: int, b: int) -> Work:
    """a * b; working back divides by b."""
    return Work(answer=a * b, equations=_times(a, b), undo=lambda v: (f"{v} / {b}", v // b), given=a, unit=b)


def quotient(n: int, d: int) -> Work:
    """n / d, which must be exact; working back multiplies by d."""
    q = n // d
    equations = [f"{d} * {q} = {n}", f"{n} / {d} = {q}"]
    return Work(answer=q, equations=equations, undo=lambda v: (f"{v} * {d}", v * d), given=n, unit=1)


def sum_then_difference(a: int, b: int, c: int) -> Work:
    """a + b - c; working back adds c and takes b away."""
    return Work(
        answer=a + b - c,
        equations=_sum(a, b) + _minus(a + b, c),
        undo=lambda v: (f"{v} + {c} - {b}", v + c - b),
        given=a,
        unit=1,
    )


def larger_sum(first: tuple[int, int], second: tuple[int, int]) -> Work:
    """The larger of two sums; working back takes its second number away again."""
    a, b = max(first, second, key=sum)
    return Work(
        answer=a + b,
        equations=_sum(*first) + _sum(*second),
        undo=lambda v: (f"{v} - {b}", v - b),
        given=a,
        unit=1,
    )


def next_term(before: int, last: int) -> Work:
    """The term after `last` in an arithmetic sequence; working back takes `last` away."""
    step = last - before
    equations = [f"{last} - {before} = {step}", f"{last} + {step} = {last + step}"]
    return Work(answer=last + step, equations=equations, undo=lambda v: (f"{v} - {last}", v - last), given=step, unit=1)


def remainder(q: int, d: int, r: int) -> Work:
    """The remainder r of q * d + r divided by d; working back puts the number together again."""
    n = q * d + r
    return Work(
        answer=r,
        equations=[f"{q} * {d} = {q * d}", f"{n} - {q * d} = {r}"],
        undo=lambda v: (f"{q} * {d} + {v}", q * d + v),
        given=n,
        unit=1,
    )


def mean(a: int, b: int) -> Work:
    """(a + b) / 2, which must be exact; working back doubles it."""
    total = a + b
    equations = [*_sum(a, b), f"{total} / 2 = {total // 2}"]
    return Work(answer=total // 2, equations=equations, undo=lambda v: (f"2 * {v}", 2 * v), given=total, unit=1)


def solution(problem: Problem, style: str, rng: Rng) -> str:
    """A worked solution in one of STYLES that ends with the answer in a box; its wording follows `rng`."""
    return STYLES[style](problem, rng)


# --- mental arithmetic: each list of equations ends with its result ---------------------------------------------


def _sum(a: int, b: int) -> list[str]:
    tens, ones, to_ten = b - b % 10, b % 10, -a % 10
    if tens and ones:
        return [f"{a} + {tens} = {a + tens}", f"{a + tens} + {ones} = {a + b}"]
    if 0 < to_ten < b < 10:
        return [f"{a} + {to_ten} = {a + to_ten}", f"{a + to_ten} + {b - to_ten} = {a + b}"]
    return [f"{a} + {b} = {a + b}"]


def _minus(a: int, b: int) -> list[str]:
    tens, ones, over = b - b % 10, b % 10, a % 10
    if tens and ones:
        return [f"{a} - {tens} = {a - tens}", f"{a - tens} - {ones} = {a - b}"]
    if 0 < over < b < 10:
        return [f"{a} - {over} = {a - over}", f"{a - over} - {b - over} = {a - b}"]
    return [f"{a} - {b} = {a - b}"]


def _times(a: int, b: int) -> list[str]:
    first = b - b % 10 if b >= 10 else 5
    if a == 1 or b <= 5 or first == b:
        return [f"{a} * {b} = {a * b}"]
    x, y = a * first, a * (b - first)
    return [f"{a} * {first} = {x}", f"{a} * {b - first} = {y}", f"{x} + {y} = {a * b}"]


# --- styles ---------------------------------------------------------------------------------------------------


def _terse(problem: Problem, rng: Rng) -> str:
    lead = rng.pick(["This gives", "We get", "Here"])
    return f"{_capital(problem.plan)}. {lead} {_chain(problem)}, so {problem.finding}. The answer is {_box(problem)}."


def _stepwise(problem: Problem, rng: Rng) -> str:
    equations = problem.work.equations
    end = f"Therefore, {problem.finding}. The answer is {_box(problem)}."
    if rng.below(2):
        steps = [_capital(problem.plan), *(rng.pick([f"Work out {e}", f"We have {e}", f"So {e}"]) for e in equations)]
        return "\n".join([*(f"Step {n}: {step}." for n, step in enumerate(steps, 1)), end])
    leads = rng.pick([["Then", "Next,", "After that,"], ["Then", "After this,", "And then"]])
    return " ".join([f"First, {problem.plan}.", *(f"{leads[n % 3]} {e}." for n, e in enumerate(equations)), end])


def _checked(problem: Problem, rng: Rng) -> str:
    lead = rng.pick(["Let us calculate:", "Step by step,", "The calculation is"])
    return (
        f"{_capital(problem.plan)}. {lead} {_chain(problem)}. So {problem.finding}.\n"
        f"{_check(problem, rng)} {rng.pick(['The', 'Therefore, the'])} answer is {_box(problem)}."
    )


def _exploratory(problem: Problem, rng: Rng) -> str:
    work = problem.work
    step = work.unit * (1 + rng.below(2))
    trial = rng.pick([work.answer - step, work.answer + step])
    if trial <= 0 or work.undo(trial)[1] < 0:
        trial = work.answer + step
    text, value = work.undo(trial)
    size = "small" if trial < work.answer else "large"
    guess = rng.pick(
        [f"Perhaps {problem.wanted} might be {trial}.", f"Let me try a guess: perhaps {problem.wanted} is {trial}."]
    )
    turn = rng.pick(["Since this guess fails, we calculate:", "Since that does not fit, we calculate:"])
    return (
        f"{_capital(problem.plan)}. {guess} But {text} = {value}, while {problem.given} is {work.given}, "
        f"so {trial} is too {size}.\n{turn} {_chain(problem)}, so {problem.finding}. "
        f"{_check(problem, rng)} Therefore, the answer is {_box(problem)}."
    )


def _check(problem: Problem, rng: Rng) -> str:
    text, value = problem.work.undo(problem.work.answer)
    lead = rng.pick(["Let me check:", "Let me verify by working backwards:", "To check, work backwards:"])
    end = rng.pick(["as it should be", "as required", "so the result is right"])
    return f"{lead} {text} = {value}, which is {problem.given}, {end}."


def _chain(problem: Problem) -> str:
    *first, last = problem.work.equations
    return f"{', '.join(first)} and {last}" if first else last


def _box(problem: Problem) -> str:
    return f"\\boxed{{{problem.work.answer}}}"


def _capital(clause: str) -> str:
    return clause[0].upper() + clause[1:]


STYLES: dict[str, Callable[[Problem, Rng], str]] = {
    "terse": _terse,
    "stepwise": _stepwise,
    "checked": _checked,
    "exploratory": _exploratory,
}
