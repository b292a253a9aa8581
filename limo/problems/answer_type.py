"""A reference answer → its type (integer, set, interval, …); used by pool for a label."""

import re
from fractions import Fraction
from typing import Literal

from limo.answers.compare.arithmetic import Effort, NoValueError, TooLargeError
from limo.answers.compare.relations import assigned
from limo.answers.compare.value import evaluate
from limo.answers.parse.forms import (
    Answer,
    Conditioned,
    Matrix,
    Opaque,
    Quantity,
    Relation,
    Sequence,
    TooComplexError,
    Union,
    Words,
)
from limo.answers.parse.numerals import variables
from limo.answers.parse.readings import readings

Kind = Literal["integer", "fraction", "expression", "interval", "set", "tuple", "choice", "text"]

_DIGITS = 50
_INTEGER = re.compile(r"[-+]?\d{1,30}")
_CHOICE = re.compile(r"\(?(?:\\(?:text|textbf|mathrm)\{)?\(?[A-J]\)?\}?\)?\.?")


def kind(answer: str) -> Kind:
    """What sort of value an answer is: which comparison can check it, and how easily it is guessed.

    A decimal is a fraction, `x = 5` is what 5 is, an inequality is an interval, a list or a solution set a set, a ratio
    a tuple, a matrix an expression, and a letter A to J alone a choice. What the grammar cannot read is text.
    """
    text = answer.strip().strip("$").strip()
    if _INTEGER.fullmatch(text):
        return "integer"
    if _CHOICE.fullmatch(text):
        return "choice"
    Effort.reset()
    try:
        kinds = [_kind(reading) for reading in readings(text)]
    except (TooComplexError, TooLargeError, NoValueError, RecursionError):
        return "text"
    return next((label for label in kinds if label != "expression"), "expression")  # `5 m` is no product


def _kind(answer: Answer) -> Kind:
    if isinstance(answer, Quantity):
        return _number(answer)
    if isinstance(answer, Relation):
        value = assigned(answer)
        if isinstance(value, Sequence) and "in" in answer.operators and value.opening in {"(", "["}:
            return "interval"
        if value is not None:
            return _kind(value)
        return "expression" if set(answer.operators) <= {"="} else "interval"
    if isinstance(answer, Sequence):
        return _sequence(answer)
    if isinstance(answer, Union):
        return "interval" if any(_kind(part) == "interval" for part in answer.parts) else "set"
    if isinstance(answer, Matrix):
        return "expression"
    if isinstance(answer, Conditioned):
        return _kind(answer.answer)
    assert isinstance(answer, Words | Opaque)
    return "text"


def _number(answer: Quantity) -> Kind:
    if answer.node[0] == "based" or variables(answer.node):
        return "integer" if answer.node[0] == "based" else "expression"
    value = evaluate(answer.node, {}, _DIGITS)
    if not isinstance(value, Fraction):  # what is not exactly rational
        return "expression"
    return "integer" if value.denominator == 1 else "fraction"


def _sequence(answer: Sequence) -> Kind:
    brackets = answer.opening + answer.closing
    if brackets in {"(]", "[)"}:
        return "interval"
    if brackets == "()" and any(isinstance(item, Quantity) and "inf" in str(item.node) for item in answer.items):
        return "interval"
    if answer.opening in {"", "\\{"}:
        return "interval" if answer.items and all(_kind(item) == "interval" for item in answer.items) else "set"
    return "tuple"
