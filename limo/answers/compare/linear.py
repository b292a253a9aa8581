"""An inequality → the same with its letter by itself; used by compare.intervals and compare.relations."""

from fractions import Fraction

from limo.answers.compare.arithmetic import NoValueError, TooLargeError
from limo.answers.compare.value import evaluate
from limo.answers.parse.forms import Quantity, Relation
from limo.answers.parse.numerals import Node, variables

FLIPPED = {"<": ">", ">": "<", "le": "ge", "ge": "le"}
_LINE = tuple(map(Fraction, ("0", "1", "-3", "7/2", "12", "-1/5")))  # places at which a line is told from a curve


def isolated(relation: Relation) -> Relation:
    """An inequality with its one letter by itself: 1 < 2x + 3 < 5 as -1 < x < 1; others as they are."""
    terms = [term for term in relation.terms if isinstance(term, Quantity) and not term.unit]
    places = [k for k, term in enumerate(terms) if variables(term.node)]
    if len(terms) != len(relation.terms) or len(places) != 1 or not {*relation.operators} <= {*FLIPPED}:
        return relation
    node = terms[places[0]].node
    line = _line(node) if node[0] in {"add", "mul", "neg", "div"} and len(variables(node)) == 1 else None
    if line is None:
        return relation
    slope, offset = line
    (name,) = variables(node)
    moved = [Quantity(("div", ("add", term.node, ("neg", offset)), slope), "") for term in terms]
    moved[places[0]] = Quantity(("var", name), "")
    names = tuple(name if k == places[0] else "" for k in range(len(terms)))
    operators = tuple(FLIPPED[sign] for sign in relation.operators) if slope[1] < 0 else relation.operators
    return Relation(operators, tuple(moved), names, relation.joined)


def _line(node: Node) -> tuple[Node, Node] | None:
    """Slope and value at 0 of what is linear with rational coefficients."""
    (name,) = variables(node)
    try:
        start, one, *others = ((place, evaluate(node, {name: place}, 30)) for place in _LINE)
    except (NoValueError, TooLargeError):
        return None
    if not all(isinstance(value, Fraction) for _, value in (start, one, *others)):
        return None
    slope, offset = one[1] - start[1], start[1]
    if slope == 0 or any(value != offset + slope * place for place, value in others):
        return None
    return ("num", slope, None), ("num", offset, None)
