"""Two expressions in letters → whether they are the same function, or antiderivatives of one; used by equality."""

from collections.abc import Iterable

from limo.answers.compare.arithmetic import Effort, NoValueError, TooLargeError, floating
from limo.answers.compare.points import NEAR, Point, counting, points, stepped, whole_points
from limo.answers.compare.value import Decision, equal_at, evaluate
from limo.answers.parse.numerals import Node, renamed, variables

_ENOUGH = 2  # points at which both sides must have a value


def identical(one: Node, other: Node) -> Decision:
    """Equality as functions of their variables, at fixed points where both have real values, or else complex ones.

    Where letters of whole numbers are rounded or divided, whole numbers are all that counts; where other letters are,
    expressions that differ between whole numbers only are not decided.
    """
    trials = ((points, True), (whole_points, True), (points, False))
    agreements = 0
    for where, real in trials[1:2] if counting(one, other) else trials:
        for place, point in enumerate(where(one, other)):
            try:
                equal = equal_at(one, other, point, real=real)
            except NoValueError:
                continue
            except TooLargeError:
                if place < NEAR or Effort.spent():
                    return None, "too large"
                continue
            if equal is False and stepped(one, other) and _everywhere(one, other, whole_points(one, other)):
                return None, "whole numbers"
            if equal is False:
                return _constant(one, other)
            agreements += equal is True
        if agreements >= _ENOUGH:
            return True, "identity"
    return None, "no value"


def _constant(one: Node, other: Node) -> Decision:
    """Expressions that differ in the constant of integration only.

    That is + C on one side, c on one and C on the other, or two antiderivatives that differ by a number.
    """
    names = variables(one) | variables(other)
    if names & {"C", "c"} and names - {"C", "c"} <= {"x", "t", "u", "y", "z", "theta", "s"} and _apart(one, other):
        return True, "constant of integration"
    alone = [variables(one) - variables(other), variables(other) - variables(one)]
    for name in ("C", "c"):
        if frozenset([name]) in alone and not all(alone):
            node, without = (one, other) if alone[0] else (other, one)
            if node[0] != "add":
                continue
            for sign in (1, -1):
                trial = ("add", without, ("var", name) if sign > 0 else ("neg", ("var", name)))
                if _everywhere(node, trial, points(node, trial)):
                    return True, "constant of integration"
    # nπ and kπ: the letter of a whole number that counts turns says nothing.
    if alone[0] | alone[1] <= {"k", "n", "m"} and all(len(side) == 1 for side in alone) and "'pi'" in str((one, other)):
        turned = renamed(one, *alone[0], *alone[1])
        if _everywhere(turned, other, points(turned, other)):
            return True, "whole parameter"
    if all(alone) and _same_renamed(one, other, alone[0] | alone[1]):
        return True, "constant of integration"
    return False, "identity"


def _same_renamed(one: Node, other: Node, names: frozenset[str]) -> bool:
    """Whether small c, c_1, ... on one side are C, C_1, ... on the other."""
    if {name[0] for name in names} != {"c", "C"}:
        return False
    for name in sorted(names):
        if name[0] == "c":
            one, other = renamed(one, name, "C" + name[1:]), renamed(other, name, "C" + name[1:])
    return _everywhere(one, other, points(one, other))


def _apart(one: Node, other: Node) -> bool:
    """Whether both are f(x) + C and differ by the same number everywhere."""
    if not all(
        node[0] == "add" and any(term in {("var", "C"), ("var", "c")} for term in node[1:]) for node in (one, other)
    ):
        return False
    differences = []
    for point in points(one, other):
        try:
            differences.append(floating(evaluate(("add", one, ("neg", other)), point, 40)))
        except (NoValueError, TooLargeError):
            continue
    return len(differences) > _ENOUGH and all(
        abs(value - differences[0]) <= 1e-30 * (1 + abs(differences[0])) for value in differences
    )


def _everywhere(one: Node, other: Node, where: Iterable[Point]) -> bool:
    verdicts = []
    for point in where:
        try:
            verdicts.append(equal_at(one, other, point, real=True))
        except (NoValueError, TooLargeError):
            continue
    return False not in verdicts and verdicts.count(True) >= _ENOUGH
