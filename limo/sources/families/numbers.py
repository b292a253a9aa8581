"""Problem families about bare numbers: each function draws one problem with numbers from `low` to `high`."""

from limo.sources.families import worked
from limo.sources.families.worked import Problem, Rng


def add(rng: Rng, low: int, high: int) -> Problem:
    """The sum of two numbers."""
    a, b = rng.between(low, high), rng.between(low, high)
    work = worked.sum_of(a, b)
    return Problem(
        domain="arithmetic",
        question=rng.pick([f"What is {a} + {b}?", f"Calculate {a} + {b}.", f"Find the sum of {a} and {b}."]),
        work=work,
        plan=rng.pick(
            [
                f"we want the sum of the two numbers {a} and {b}, so we add {b} to {a}",
                f"to find the sum of the two numbers, start from {a} and count on by {b}",
            ]
        ),
        finding=rng.pick([f"the sum of the two numbers is {work.answer}", f"{a} and {b} together make {work.answer}"]),
        wanted="the sum",
        given="the first number",
    )


def add3(rng: Rng, low: int, high: int) -> Problem:
    """The sum of three numbers."""
    a, b, c = rng.between(low, high), rng.between(low, high), rng.between(low, high)
    work = worked.sum_of(a, b, c)
    return Problem(
        domain="arithmetic",
        question=rng.pick(
            [f"What is {a} + {b} + {c}?", f"Calculate {a} + {b} + {c}.", f"Find the sum of {a}, {b} and {c}."]
        ),
        work=work,
        plan=rng.pick(
            [
                f"we add the three numbers from left to right, first {b} and then {c}",
                f"we start from {a} and add the other two numbers one after the other",
            ]
        ),
        finding=rng.pick([f"the sum is {work.answer}", f"all three together make {work.answer}"]),
        wanted="the sum",
        given="the first number",
    )


def subtract(rng: Rng, low: int, high: int) -> Problem:
    """The difference of two numbers, the larger one first."""
    b, a = sorted([rng.between(low, high), rng.between(low, high)])
    work = worked.difference(a, b)
    return Problem(
        domain="arithmetic",
        question=rng.pick([f"What is {a} - {b}?", f"Calculate {a} - {b}.", f"Subtract {b} from {a}."]),
        work=work,
        plan=rng.pick(
            [
                f"we want to know how much is left when {b} is taken away from {a}",
                f"to find the difference of the two numbers, start from {a} and count back by {b}",
            ]
        ),
        finding=rng.pick(
            [f"the difference of the numbers is {work.answer}", f"taking {b} from {a} leaves {work.answer}"]
        ),
        wanted="the difference",
        given="the number we started from",
    )


def multiply(rng: Rng, low: int, high: int) -> Problem:
    """The product of two numbers."""
    a, b = rng.between(low, high), rng.between(low, high)
    work = worked.product(a, b)
    return Problem(
        domain="arithmetic",
        question=rng.pick([f"What is {a} * {b}?", f"Calculate {a} times {b}.", f"Find the product of {a} and {b}."]),
        work=work,
        plan=rng.pick(
            [
                f"we want the product of the two numbers, so we multiply {a} by {b}",
                f"the product of the two numbers is the result of multiplying {a} by {b}",
            ]
        ),
        finding=rng.pick([f"the product of the numbers is {work.answer}", f"{a} multiplied by {b} is {work.answer}"]),
        wanted="the product",
        given="the first number",
    )


def double_or_half(rng: Rng, low: int, high: int) -> Problem:
    """Double a number, or half of an even one."""
    n = rng.between(low, high)
    if rng.below(2):
        work, phrase = worked.sum_of(n, n), f"double {n}"
        plan = f"to double a number means to add it to itself, so we add {n} and {n}"
        wanted, given = "the double", "the number to be doubled"
    else:
        work, phrase = worked.quotient(2 * n, 2), f"half of {2 * n}"
        plan = f"half of {2 * n} is what one part holds when it is split into two equal parts"
        wanted, given = "the half", "the number to be halved"
    return Problem(
        domain="arithmetic",
        question=rng.pick([f"What is {phrase}?", f"Find {phrase}.", f"Calculate {phrase}."]),
        work=work,
        plan=plan,
        finding=f"{phrase} is {work.answer}",
        wanted=wanted,
        given=given,
    )


def compare_sum(rng: Rng, low: int, high: int) -> Problem:
    """The larger of two different sums."""
    a, b, c = rng.between(low, high), rng.between(low, high), rng.between(low, high)
    d = rng.between_except(low, high, a + b - c)
    work = worked.larger_sum((a, b), (c, d))
    return Problem(
        domain="arithmetic",
        question=rng.pick(
            [
                f"Which is larger, {a} + {b} or {c} + {d}? Give the value of the larger sum.",
                f"What is the value of the larger of the two sums {a} + {b} and {c} + {d}?",
                f"Compare {a} + {b} with {c} + {d}. What is the larger value?",
            ]
        ),
        work=work,
        plan=rng.pick(["we work out both sums and compare them", "to compare the two sums, calculate each of them"]),
        finding=f"the larger sum is {work.answer}",
        wanted="the larger sum",
        given="its first number",
    )


def average(rng: Rng, low: int, high: int) -> Problem:
    """The mean of two numbers that are both even or both odd."""
    a = rng.between(low, high)
    first = low + (a - low) % 2
    b = first + 2 * rng.below((high - first) // 2 + 1)
    work = worked.mean(a, b)
    return Problem(
        domain="arithmetic",
        question=rng.pick([f"What is the average of {a} and {b}?", f"Find the mean of the two numbers {a} and {b}."]),
        work=work,
        plan=rng.pick(
            [
                "the average is the sum of the two numbers divided by 2",
                "we add the two numbers and then halve their sum",
            ]
        ),
        finding=f"the average is {work.answer}",
        wanted="the average",
        given="the sum of the two numbers",
    )


def missing_addend(rng: Rng, low: int, high: int) -> Problem:
    """The number that must be added to reach a total."""
    a, x = rng.between(low, high), rng.between(low, high)
    total = a + x
    work = worked.difference(total, a)
    return Problem(
        domain="algebra",
        question=rng.pick(
            [
                f"Which number must be added to {a} to get {total}?",
                f"Solve for x: x + {a} = {total}.",
                f"What number plus {a} equals {total}?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"the number plus {a} gives {total}, so we subtract {a} from {total} to find it",
                f"to undo the addition of {a}, we take {a} away from the total {total}",
            ]
        ),
        finding=rng.pick([f"the missing number is {work.answer}", f"the number we look for is {work.answer}"]),
        wanted="the missing number",
        given="the total",
    )


def sequence(rng: Rng, low: int, high: int) -> Problem:
    """The fifth term of an arithmetic sequence."""
    start, step = rng.between(low, high), rng.between(low, high)
    terms = [start + step * k for k in range(4)]
    shown = ", ".join(str(term) for term in terms)
    work = worked.next_term(terms[2], terms[3])
    return Problem(
        domain="algebra",
        question=rng.pick(
            [
                f"What is the next number in the sequence {shown}?",
                f"The numbers {shown} form an arithmetic sequence. Find the next term.",
                f"In the list {shown} each number exceeds the one before it by the same amount. What comes next?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                "the sequence grows by the same step each time, so we find the step and add it again",
                "in an arithmetic sequence the difference between neighbours is constant",
            ]
        ),
        finding=rng.pick([f"the next term is {work.answer}", f"the sequence goes on with {work.answer}"]),
        wanted="the next term",
        given="the step of the sequence",
    )


def area(rng: Rng, low: int, high: int) -> Problem:
    """The area of a rectangle."""
    a, b = rng.between(low, high), rng.between(low, high)
    work = worked.product(a, b)
    return Problem(
        domain="geometry",
        question=rng.pick(
            [
                f"A rectangle is {a} cm long and {b} cm wide. What is its area in square centimetres?",
                f"Find the area, in square metres, of a rectangle with sides of {a} m and {b} m.",
                f"The sides of a rectangle measure {a} and {b}. What is its area?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"the area of a rectangle is its length times its width, here {a} times {b}",
                f"to get the area of a rectangle, multiply its two sides, {a} and {b}",
            ]
        ),
        finding=f"the area is {work.answer}",
        wanted="the area",
        given="the length of the first side",
    )


def remainder(rng: Rng, low: int, high: int) -> Problem:
    """The remainder of a division; quotient and divisor lie in the range."""
    d, q = rng.between(low, high), rng.between(low, high)
    r = rng.below(d)
    n = q * d + r
    work = worked.remainder(q, d, r)
    return Problem(
        domain="number theory",
        question=rng.pick(
            [
                f"What is the remainder when {n} is divided by {d}?",
                f"Find the remainder of {n} divided by {d}.",
                f"What is {n} mod {d}?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"we look for the largest multiple of {d} that is not greater than {n}",
                f"take as many groups of {d} out of {n} as possible and see what is left",
            ]
        ),
        finding=f"the remainder is {r}",
        wanted="the remainder",
        given="the number that was divided",
    )
