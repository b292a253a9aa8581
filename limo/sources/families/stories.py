"""Problem families told as short stories: each function draws one problem with numbers from `low` to `high`."""

from limo.sources.families import worked
from limo.sources.families.worked import Problem, Rng

NAMES = ["Mia", "Omar", "Lena", "Ravi", "Nora", "Tom", "Aisha", "Ben", "Chen", "Sofia"]
THINGS = ["apples", "pencils", "marbles", "stickers", "shells", "coins", "cards", "stamps", "buttons", "books"]
GOODS = ["pencil", "notebook", "ticket", "toy car", "plant", "poster", "cup"]


def apples(rng: Rng, low: int, high: int) -> Problem:
    """One step: two amounts together."""
    a, b = rng.between(low, high), rng.between(low, high)
    (name, friend), things = _names(rng), rng.pick(THINGS)
    work = worked.sum_of(a, b)
    return Problem(
        domain="word problems",
        question=rng.pick(
            [
                f"{name} has {a} {things}. {friend} gives {name} {b} more. How many {things} does {name} have now?",
                f"There are {a} {things} in one box and {b} {things} in another. How many {things} are there in total?",
                f"{name} finds {a} {things} on Monday and {b} {things} on Tuesday. How many is that in total?",
                f"{name} has {a} {things} and {friend} has {b} {things}. How many {things} do they have together?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"the two amounts, {a} {things} and {b} {things}, are put together, so we add them",
                f"to count all the {things}, we add the second amount {b} to the first amount {a}",
            ]
        ),
        finding=f"there are {work.answer} {things} in all",
        wanted="the total",
        given=f"the first amount of {things}",
    )


def shop(rng: Rng, low: int, high: int) -> Problem:
    """One step: several things at the same price."""
    price, number = rng.between(low, high), rng.between(low, high)
    name, goods = rng.pick(NAMES), rng.pick(GOODS)
    work = worked.product(price, number)
    return Problem(
        domain="word problems",
        question=rng.pick(
            [
                f"One {goods} costs {price} dollars. How many dollars do {number} {goods}s cost?",
                f"{name} buys {number} {goods}s for {price} dollars each. How many dollars does {name} pay?",
                f"A shop sells {number} {goods}s at {price} dollars each. How many dollars does it take in?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"each {goods} costs {price} dollars and there are {number} of them, so we multiply",
                f"the cost is the price of one {goods}, {price} dollars, times the number of {goods}s, {number}",
            ]
        ),
        finding=f"the {goods}s cost {work.answer} dollars",
        wanted="the cost",
        given=f"the price of one {goods}",
    )


def share(rng: Rng, low: int, high: int) -> Problem:
    """One step: an exact division into equal shares."""
    parts, each = rng.between(low, high), rng.between(low, high)
    total = parts * each
    name, things = rng.pick(NAMES), rng.pick(THINGS)
    work = worked.quotient(total, parts)
    return Problem(
        domain="word problems",
        question=rng.pick(
            [
                f"{name} shares {total} {things} equally among {parts} friends. How many does each friend get?",
                f"{total} {things} are packed into {parts} boxes, the same number in each. How many are in one box?",
                f"A teacher gives {total} {things} in equal shares to {parts} children. How many does each child get?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"the {total} {things} are split into {parts} equal shares, so we divide",
                f"for equal shares, we divide the {total} {things} by {parts}",
            ]
        ),
        finding=f"one share is {work.answer} {things}",
        wanted="one share",
        given="the number of things to share",
    )


def change(rng: Rng, low: int, high: int) -> Problem:
    """One step: the money left after paying; the price and the rest lie in the range."""
    price, rest = rng.between(low, high), rng.between(low, high)
    paid = price + rest
    name, goods = rng.pick(NAMES), rng.pick(GOODS)
    work = worked.difference(paid, price)
    return Problem(
        domain="word problems",
        question=rng.pick(
            [
                f"A {goods} costs {price} dollars. {name} pays with {paid} dollars. How many dollars are given back?",
                f"{name} has {paid} dollars and buys a {goods} for {price} dollars. How many dollars are left?",
                f"{name} spends {price} of {paid} dollars on a {goods}. How many dollars does {name} still have?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"from the {paid} dollars we take away the price of {price} dollars",
                f"the price of {price} dollars is subtracted from the {paid} dollars at hand",
            ]
        ),
        finding=rng.pick([f"{work.answer} dollars remain", f"what remains is {work.answer} dollars"]),
        wanted="the rest",
        given="the money at the start",
    )


def two_step(rng: Rng, low: int, high: int) -> Problem:
    """Two steps: some come, then some go."""
    a, b = rng.between(low, high), rng.between(low, high)
    c = rng.between(low, min(high, a + b))
    (name, friend), things = _names(rng), rng.pick(THINGS)
    work = worked.sum_then_difference(a, b, c)
    return Problem(
        domain="word problems",
        question=rng.pick(
            [
                f"{name} has {a} {things}, buys {b} more and gives {c} to {friend}. How many {things} are left?",
                f"{name} had {a} {things}, found {b} more and then lost {c}. How many {things} does {name} have now?",
                f"A box holds {a} {things}. {name} puts in {b} more and {friend} takes out {c}. How many are in it?",
            ]
        ),
        work=work,
        plan=rng.pick(
            [
                f"we add the {b} {things} that come and then subtract the {c} that go",
                f"{b} are added to the {a} {things}, and then {c} are taken away",
            ]
        ),
        finding=f"the number left is {work.answer}",
        wanted="the number left",
        given="the number at the start",
    )


def _names(rng: Rng) -> tuple[str, str]:
    first = rng.below(len(NAMES))
    second = rng.between_except(0, len(NAMES) - 1, first)
    return NAMES[first], NAMES[second]
