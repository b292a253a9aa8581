"""Two equations or inequalities → whether they state the same; used by compare.match."""

import re
from collections.abc import Callable
from collections.abc import Sequence as Many

from limo.answers.compare.arithmetic import NoValueError, TooLargeError, floating
from limo.answers.compare.equality import all_equal, quantities, spelled
from limo.answers.compare.intervals import ranges, same_ranges
from limo.answers.compare.linear import isolated
from limo.answers.compare.points import points
from limo.answers.compare.value import Decision, evaluate, rational
from limo.answers.parse.forms import Answer, Quantity, Relation
from limo.answers.parse.numerals import Node, renamed, variables

Match = Callable[[Answer, Answer], Decision]

_NAME = re.compile(r"(?:[A-Za-z]|[a-z]{2,8}|[a-z]*:?[A-Za-z]+)(?:_[\w,]+)?'*(?:\([A-Za-z,0-9]+\))?")
_CALL = re.compile(r"([A-Za-z])[_(]([a-z])\)?")  # f(x), a_n
_DERIVED = re.compile(r"frac(?:d|partial)(?=d|partial)")  # the operator of a derivative before what is derived


def assigned(relation: Relation) -> Answer | None:
    """The value that `x = 3`, `f(x) = x + 1`, `AB + 1 = 5` or `(x, y) = (1, 2)` states, or None."""
    if set(relation.operators) == {"in"} and len(relation.terms) == 2:
        return relation.terms[1]
    if set(relation.operators) != {"="}:
        return None
    first, last = relation.terms[0], _exact_end(relation)
    if (
        isinstance(last, Quantity)
        and last.node[0] == "var"
        and isinstance(first, Quantity)
        and not variables(first.node)
    ):
        return first  # 3 = x
    if _constant(relation):
        assert isinstance(first, Quantity)
        assert isinstance(last, Quantity)
        return first if quantities(first, last)[0] else None  # 6/16 = 3/8
    if isinstance(first, Quantity) and first.node[0] == "add" and _zero(last):
        return None  # an equation brought to one side
    if isinstance(first, Quantity) and isinstance(last, Quantity) and not _is_name(relation):
        return last if not variables(last.node) and first.node[0] != "pow" and _unscaled(first.node) else None
    return last


def states(relation: Relation, value: Answer, match: Match) -> Decision:
    """Whether an equation or inequality says that what was asked for is this value.

    Its right side is the answer behind a name, at the end of a chain of equalities, or behind what no number scales:
    u + v = 3, x^d = 5q; whether 2x = 6 answers 6 is not decided.
    """
    stated = assigned(relation)
    if stated is not None:
        return match(stated, value)
    if set(relation.operators) != {"="}:
        return False, "equation"
    last = _exact_end(relation)
    equal, rule = match(last, value)
    if not equal:
        return equal, "equation"
    first = relation.terms[0]
    named = isinstance(first, Quantity) and not _numbered(first.node) and not _free(last)
    told = len(relation.terms) > 2 or named or bool(_DERIVED.match(relation.names[0]))
    return (True if told else None), "equation" if not told else rule


def relations(one: Relation, other: Relation, match: Match) -> Decision:
    """Compare equations (as the same condition, or the same value of the same name) and inequalities."""
    one, other = _ascending(isolated(one)), _ascending(isolated(other))
    if set(one.operators) == set(other.operators) == {"="}:
        return _equations(one, other, match)
    left, right = ranges(one), ranges(other)
    if left is not None and right is not None and _about(one) == _about(other):
        return same_ranges(left, right)
    if {*one.operators} == {"in"} or {*other.operators} == {"in"}:
        values = [assigned(side) if "in" in side.operators else side for side in (one, other)]
        if values[0] is not None and values[1] is not None and values != [one, other]:
            return match(values[0], values[1])
    if len(one.operators) == len(other.operators) == 1:
        return _inequalities(one, other)
    if one.operators == other.operators:
        return all_equal(match(*pair) for pair in zip(one.terms, other.terms, strict=True))
    return False, "inequality"


def _exact_end(relation: Relation) -> Answer:
    """The last term of a chain, or the exact one before it that the last gives in decimals: of x = 1/3 = 0.33, 1/3."""
    *_, exact, last = relation.terms
    if len(relation.terms) < 3 or not (isinstance(exact, Quantity) and isinstance(last, Quantity)):
        return last
    written = spelled(last.node)
    if written is None or variables(exact.node) or spelled(exact.node) or exact.unit != last.unit:
        return last
    value = rational(exact.node)
    return exact if value is not None and abs(value - written[0]) <= written[1] else last


def _is_name(relation: Relation) -> bool:
    """Whether the left side is a name; the letters of \\sqrt{x} are none."""
    first = relation.terms[0]
    return bool(_NAME.fullmatch(relation.names[0])) and not (isinstance(first, Quantity) and first.node[0] == "root")


def _numbered(node: Node) -> bool:
    return node[0] == "num" or any(isinstance(child, tuple) and _numbered(child) for child in node[1:])


def _constant(relation: Relation) -> bool:
    return all(isinstance(term, Quantity) and not variables(term.node) for term in relation.terms)


def _zero(answer: Answer) -> bool:
    return isinstance(answer, Quantity) and answer.node[:2] == ("num", 0)


def _unscaled(node: Node) -> bool:
    """Whether a left side such as a + b or P(A) is a name of what is asked, not an equation such as 2x = 3."""
    if node[0] in {"add", "neg"}:
        several = len(variables(node)) > 1  # x^2 + y^2 is asked for, x^2 + x is to be solved
        return all((child[0] == "pow" and several) or (_unscaled(child) and child[0] != "num") for child in node[1:])
    if node[0] in {"pow", "root"}:
        return False
    if node[0] == "mul":
        return all(_unscaled(child) and child[0] != "num" for child in node[1:])
    return node[0] != "div" or node[1][0] == "var"


def _ascending(relation: Relation) -> Relation:
    """a > b > c as c < b < a."""
    if len(relation.terms) < 3 or not set(relation.operators) <= {">", "ge"}:
        return relation
    turned = tuple({">": "<", "ge": "le"}[name] for name in reversed(relation.operators))
    return Relation(turned, relation.terms[::-1], relation.names[::-1], relation.joined)


def _about(relation: Relation) -> str:
    pairs = zip(relation.names, relation.terms, strict=True)
    return "".join(name.strip("|") for name, term in pairs if _free(term) or _sized(term))


def _sized(term: Answer) -> bool:
    return isinstance(term, Quantity) and term.node[0] == "abs" and term.node[1][0] == "var"


def _free(term: Answer) -> bool:
    return isinstance(term, Quantity) and term.node[0] == "var"


def _equations(one: Relation, other: Relation, match: Match) -> Decision:
    if _constant(one) or _constant(other):
        values = [assigned(side) for side in (one, other)]
        return match(values[0], values[1]) if values[0] and values[1] else (False, "equation")
    if (named := _named(one, other, match)) is not None:
        return named
    if len(one.terms) != len(other.terms):
        values = [assigned(side) for side in (one, other)]
        names = [side.names[0] for side in (one, other)]
        if names[0] != names[1] and all(_NAME.fullmatch(name) for name in names):
            return False, "equation"
        if values[0] is not None and values[1] is not None and match(values[0], values[1])[0]:
            return True, "assignment"
        return False, "equation"
    sides = [_sides(relation) for relation in (one, other)]
    if None in sides:
        return all_equal(match(*pair) for pair in zip(one.terms, other.terms, strict=True))
    equal = _proportional(sides[0] or [], sides[1] or [], positive=False)
    return equal or _solves(one, other) or _solves(other, one) or equal, "equation"


def _named(one: Relation, other: Relation, match: Match) -> Decision | None:
    """Compare what two names or functions are set to; None where the equations must be compared as conditions."""
    left, right = one.names[0], other.names[0]
    both_named = all(_NAME.fullmatch(name) for name in (left, right))
    if left == right:
        equal, rule = match(one.terms[-1], other.terms[-1])
        if equal or both_named:
            return equal, "assignment" if equal else rule
    calls = [_CALL.fullmatch(name) for name in (left, right)]
    if calls[0] and calls[1] and calls[0][1] == calls[1][1]:  # f(x) = x and f(t) = t, a_n = n and a_k = k
        last = one.terms[-1]
        if isinstance(last, Quantity) and calls[1][2] not in variables(last.node):
            return match(Quantity(renamed(last.node, calls[0][2], calls[1][2]), last.unit), other.terms[-1])
    if both_named:
        called = ["(" in name for name in (left, right)]
        if any(called) and not all(called) and "y" in {left, right}:
            return match(one.terms[-1], other.terms[-1])
    return None


def _solves(one: Relation, other: Relation) -> bool:
    """Whether y = g(x) is what another equation F(x, y) = 0 says, where F is linear in y: F(x, g(x)) vanishes."""
    name, value, sides = one.terms[0], one.terms[-1], _sides(other)
    if _free(value) and not _free(name):
        name, value = value, name
    if not (isinstance(name, Quantity) and isinstance(value, Quantity) and sides and len(sides) == 1):
        return False
    letter = name.node[1] if name.node[0] == "var" else None
    if letter is None or letter in variables(value.node) or letter not in variables(sides[0]):
        return False
    points_seen = 0
    for point in points(sides[0], value.node):
        try:
            root = evaluate(value.node, point, 40)
            values = [floating(evaluate(sides[0], {**point, letter: root + step}, 40)) for step in (0, 1, 2)]
        except (NoValueError, TooLargeError):
            continue
        if (
            abs(values[0]) > 1e-25 * max(1, abs(values[1]))
            or abs(values[2] - 2 * values[1]) > 1e-25 * abs(values[1])
            or values[1] == 0
        ):
            return False
        points_seen += 1
    return points_seen >= 2


def _inequalities(one: Relation, other: Relation) -> Decision:
    flipped = {"<": "<", ">": "<", "le": "le", "ge": "le"}
    if any(side.operators[0] not in flipped for side in (one, other)):
        if one.operators != other.operators:
            return False, "inequality"
        sides = [_sides(relation) for relation in (one, other)]
        return (None if None in sides else _proportional(sides[0] or [], sides[1] or [], positive=False)), "inequality"
    if flipped[one.operators[0]] != flipped[other.operators[0]]:
        return False, "inequality"
    sides = [_sides(side, turned=side.operators[0] in {">", "ge"}) for side in (one, other)]
    if None in sides:
        return None, "inequality"
    return _proportional(sides[0] or [], sides[1] or [], positive=True), "inequality"


def _sides(relation: Relation, turned: bool = False) -> list[Node] | None:
    """Left minus right side; of a = b = c its terms."""
    nodes = [term.node for term in relation.terms if isinstance(term, Quantity)]
    if len(nodes) != len(relation.terms):
        return None
    if len(nodes) > 2:
        return nodes
    left, right = nodes[::-1] if turned else nodes
    return [("add", left, ("neg", right))]


def _proportional(one: Many[Node], other: Many[Node], positive: bool) -> bool | None:
    """Whether all terms of one side are the same constant times those of the other."""
    names = frozenset[str]().union(*(variables(node) for node in (*one, *other)))
    if not names or len(one) != len(other):
        return None if len(one) == len(other) else False
    ratios = []
    for point in points(*one, *other):
        for pair in zip(one, other, strict=True):
            try:
                ratios.append(floating(evaluate(("div", *pair), point, 40)))
            except (NoValueError, TooLargeError):
                continue
    if len(ratios) < 3:
        return None
    ratio = ratios[0]
    if getattr(ratio, "imag", 0) or ratio == 0 or (positive and ratio < 0):
        return False
    return all(abs(each / ratio - 1) < 1e-25 for each in ratios)
