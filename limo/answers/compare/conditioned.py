"""Two answers with conditions behind them → whether they say the same; used by compare.match."""

from limo.answers.compare.relations import Match
from limo.answers.compare.value import Decision
from limo.answers.parse.forms import Answer, Conditioned, Quantity, Relation, letters, with_letter


def conditioned(one: Answer, other: Answer, match: Match) -> Decision:
    """Compare answers of which at least one has a condition behind it, which the other may leave out.

    A letter that a condition frees, or that conditions bound on both sides, may have another name. Two inequalities
    that differ are not decided: n > 0 and n >= 1 say the same of a whole number.
    """
    left, right = (side if isinstance(side, Conditioned) else Conditioned(side, (), ()) for side in (one, other))
    equal, rule = match(left.answer, right.answer)
    if not equal and (name := _other_name(left, right)):
        renamed = tuple(with_letter(condition, *name) for condition in left.conditions)
        left = Conditioned(with_letter(left.answer, *name), renamed, left.free)
        equal, rule = match(left.answer, right.answer)
    limits = [[limit for limit in side.conditions if isinstance(limit, Relation)] for side in (left, right)]
    if equal and any(_differing(each, another, match) for each in limits[0] for another in limits[1]):
        return None, "condition"
    return equal, rule


def _other_name(one: Conditioned, other: Conditioned) -> tuple[str, str] | None:
    """The one letter of either answer that the other lacks, if they may stand for each other."""
    said, told = letters(one.answer), letters(other.answer)
    lone = any(isinstance(side.answer, Quantity) and side.answer.node[0] == "var" for side in (one, other))
    if lone or len(said - told) != 1 or len(told - said) != 1:
        return None
    (own,), (its,) = said - told, told - said
    bound = [frozenset[str]().union(*map(letters, side.conditions)) for side in (one, other)]
    freed = own in one.free or its in other.free
    return (own, its) if freed or (own in bound[0] and its in bound[1]) else None


def _differing(one: Relation, other: Relation, match: Match) -> bool:
    """Whether two inequalities bound the same letter otherwise."""
    about_same = "in" not in {*one.operators, *other.operators} and letters(one) == letters(other)
    return about_same and not match(one, other)[0]
