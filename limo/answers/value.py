import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

import mpmath

from limo.answers.expression import Node

# Sizes beyond which an answer is refused before anything is computed: the same on every machine, under any load.
EXACT_BITS = 70_000  # of a numerator or denominator; 6,000! has 66,000
EXPONENT_BITS = 10**9  # of a floating-point result
DIGITS = 40  # of the first numeric comparison, beyond the digits of the largest exact part
SEEN_DIGITS = 3_000  # larger exact parts are told apart by their leading digits, and never called equal


class TooLargeError(ValueError):
    """The value has more digits than are computed here."""


class NoValueError(ValueError):
    """The expression has no finite value at this point (division by zero, logarithm of zero, infinity)."""


Value = Any  # Fraction, mpf or mpc
_mp = mpmath.mp.clone()


def variables(node: Node) -> frozenset[str]:
    """Names of the free variables."""
    if node[0] == "var":
        return frozenset([node[1]])
    names: frozenset[str] = frozenset()
    for child in node[1:]:
        if isinstance(child, tuple):
            names |= variables(child)
    return names


def exact(node: Node) -> Fraction | None:
    """The rational value of an expression that has one, or None.

    Raises:
        TooLargeError: it has more than EXACT_BITS bits.
        NoValueError: division by zero.
    """
    value = evaluate(node, {}, DIGITS)
    return value if isinstance(value, Fraction) else None


def evaluate(node: Node, point: Mapping[str, Value], digits: int) -> Value:
    """Value at a point: an exact Fraction where only rational operations occur, else an mpf or mpc of `digits` digits.

    Raises:
        TooLargeError, NoValueError: see there.
    """
    with _mp.workdps(digits + 10):
        try:
            return _value(node, point)
        except (ZeroDivisionError, OverflowError) as error:
            raise NoValueError(str(error)) from error
        except (ValueError, _mp.NoConvergence) as error:
            if isinstance(error, TooLargeError | NoValueError):
                raise
            raise NoValueError(str(error)) from error


def size(node: Node) -> int:
    """Decimal digits of the largest exact part of an expression: what a numeric comparison must see beyond."""
    if node[0] in {"num", "based"}:
        return len(str(node[1].numerator)) + len(str(node[1].denominator))
    if node[0] == "pow" and node[1][0] == "num" and node[2][0] == "num":
        return min(int(size(node[1]) * abs(node[2][1])) + 1, EXACT_BITS)
    if node[0] == "fact" and node[1][0] == "num":
        return min(int(node[1][1] * (len(str(node[1][1])))), EXACT_BITS)
    return max([0, *(size(child) for child in node[1:] if isinstance(child, tuple))])


def points(names: frozenset[str]) -> list[dict[str, Fraction]]:
    """Fixed rational points: two with all coordinates positive, then three of mixed signs, from the names alone."""
    return [{name: _coordinate(name, k, positive=k < 2) for name in sorted(names)} for k in range(5)]


def whole_points(names: frozenset[str]) -> list[dict[str, Fraction]]:
    """Points with small positive whole coordinates, for expressions such as (-1)^n that have real values only there."""
    return [{name: Fraction(1 + (k + int(_hash(name, 0)) % 5) % 7) for name in sorted(names)} for k in range(7)]


def same(one: Value, other: Value) -> bool:
    """Whether two exact values are equal; two values one of which is floating are compared by `equal_at`."""
    return bool(one == other)


def equal_at(one: Node, other: Node, point: Mapping[str, Value]) -> bool | None:
    """Whether two expressions have the same value at a point, to far more digits than their largest exact part has.

    Rounding noise shrinks with the working precision and a true difference does not, so the difference is taken at
    two precisions. None where a value is not real there and variables are meant to be (`point` not empty).

    Raises:
        TooLargeError, NoValueError: of `evaluate`.
    """
    needed = max(size(one), size(other))
    digits = DIGITS + min(needed, SEEN_DIGITS)
    values = [evaluate(node, point, digits) for node in (one, other)]
    if all(isinstance(value, Fraction) for value in values):
        return bool(values[0] == values[1])
    if point and any(not _real(value) for value in values) and not (_imaginary(one) or _imaginary(other)):
        return None
    first = _difference(values[0], values[1], digits)
    if first == 0 and needed <= SEEN_DIGITS:
        return True
    scale = max(_modulus(value) for value in values)
    if scale and first > scale * _mp.mpf(10) ** (-digits // 2):
        return False
    if needed > SEEN_DIGITS:
        raise TooLargeError("two values that agree in their leading digits and have too many more")
    finer = 2 * digits
    second = _difference(evaluate(one, point, finer), evaluate(other, point, finer), finer)
    return bool(second <= first * _mp.mpf(10) ** (-digits // 2))


def _imaginary(node: Node) -> bool:
    return node == ("const", "i") or any(isinstance(child, tuple) and _imaginary(child) for child in node[1:])


def _coordinate(name: str, k: int, positive: bool) -> Fraction:
    number = int(_hash(name, k), 16)
    # Odd over a power of two: no odd root of a negative number turns real by chance.
    value = Fraction(2 * (23 + number % 150) + 1, 128)
    return value if positive or number // 7919 % 2 else -value


def _hash(name: str, k: int) -> str:
    digest = sha256(f"{name} {k}".encode()).hexdigest()[:12]
    return digest if k else str(int(digest, 16))


def _difference(one: Value, other: Value, digits: int) -> Any:
    with _mp.workdps(digits + 10):
        return abs(floating(one) - floating(other))


def _modulus(value: Value) -> Any:
    return abs(floating(value))


def _real(value: Value) -> bool:
    return isinstance(value, Fraction) or bool(_mp.im(value) == 0)


def floating(value: Value) -> Any:
    """The value as a floating-point number of the context's present precision."""
    return _mp.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def _value(node: Node, point: Mapping[str, Value]) -> Value:
    kind = node[0]
    if kind in {"num", "based"}:
        return node[1]
    if kind == "var":
        return point[node[1]]
    if kind == "const":
        if node[1] == "inf":
            raise NoValueError("infinity")
        return _CONSTANTS[node[1]]()
    return _OPERATIONS[kind](*(_value(child, point) if isinstance(child, tuple) else child for child in node[1:]))


def _checked(value: Value) -> Value:
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > EXACT_BITS:
            raise TooLargeError("an exact value of too many digits")
    elif isinstance(value, _mp.mpc):
        if value.imag == 0:
            return _checked(value.real)
    elif not _mp.isfinite(value):
        raise NoValueError("not finite")
    elif value and abs(_mp.mag(value)) > EXPONENT_BITS:
        raise TooLargeError("a value of too large an exponent")
    return value


def _exactly(*values: Value) -> bool:
    return all(isinstance(value, Fraction) for value in values)


def _add(*terms: Value) -> Value:
    total = terms[0]
    for term in terms[1:]:
        total = total + term if _exactly(total, term) else floating(total) + floating(term)
    return _checked(total)


def _mul(one: Value, other: Value) -> Value:
    return _checked(one * other if _exactly(one, other) else floating(one) * floating(other))


def _div(one: Value, other: Value) -> Value:
    if other == 0:
        raise NoValueError("division by zero")
    return _checked(one / other if _exactly(one, other) else floating(one) / floating(other))


def _pow(base: Value, power: Value) -> Value:
    if base == 0:
        if not _real(power) or power < 0:
            raise NoValueError("a negative power of zero")
        return Fraction(1) if power == 0 else Fraction(0)
    if _exactly(base, power):
        if power.denominator == 1:
            bits = max(base.numerator.bit_length(), base.denominator.bit_length())
            if abs(power) <= 1 or abs(base) == 1 or bits * abs(power) <= EXACT_BITS:
                return base ** int(power) if abs(base) != 1 else base ** int(power % 2)
        elif (root := _exact_root(base, power.denominator)) is not None:
            return _pow(root, Fraction(power.numerator))
    if isinstance(power, Fraction) and power.denominator % 2 and power.denominator > 1 and _real(base) and base < 0:
        # The real odd root of a negative number, as school mathematics takes it.
        size = _pow(-base, power)
        return -size if power.numerator % 2 else size
    one, two = floating(base), floating(power)
    if abs(_mp.mag(two)) > 64 or abs(two * _mp.log(abs(one), 2)) > EXPONENT_BITS:
        raise TooLargeError("a power of too many digits")
    return _checked(_mp.power(one, two))


def _root(degree: Value, value: Value) -> Value:
    if not isinstance(degree, Fraction) or degree == 0:
        return _pow(value, _div(Fraction(1), degree))
    return _pow(value, 1 / degree)


def _exact_root(base: Fraction, degree: int) -> Fraction | None:
    if (base < 0 and degree % 2 == 0) or degree > 64:
        return None
    parts = [_integer_root(abs(part), degree) for part in (base.numerator, base.denominator)]
    if parts[0] is None or parts[1] is None:
        return None
    return Fraction(parts[0], parts[1]) * (-1 if base < 0 else 1)


def _integer_root(value: int, degree: int) -> int | None:
    if value.bit_length() > 4000:
        return None
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low if low**degree == value else None


def _factorial(value: Value) -> Value:
    if isinstance(value, Fraction) and value.denominator == 1:
        if value < 0:
            raise NoValueError("factorial of a negative number")
        if value <= 8000:
            return Fraction(_product(1, int(value)))
        if value > 10**8:
            raise TooLargeError("a factorial of too many digits")
    if _real(value) and abs(value) > 10**8:
        raise TooLargeError("a factorial of too many digits")
    return _checked(_mp.factorial(floating(value)))


def _product(low: int, high: int) -> int:
    if high - low < 8:
        product = 1
        for factor in range(low, high + 1):
            product *= factor
        return product
    middle = (low + high) // 2
    return _product(low, middle) * _product(middle + 1, high)


def _binomial(top: Value, bottom: Value) -> Value:
    if _exactly(top, bottom) and top.denominator == bottom.denominator == 1 and top >= 0:
        n, k = int(top), int(bottom)
        if not 0 <= k <= n:
            return Fraction(0)
        k = min(k, n - k)
        if k * n.bit_length() > EXACT_BITS:
            raise TooLargeError("a binomial coefficient of too many digits")
        return Fraction(_product(n - k + 1, n), _product(1, k))
    if any(_real(part) and abs(part) > 10**6 for part in (top, bottom)):
        raise TooLargeError("a binomial coefficient of too many digits")
    return _checked(_mp.binomial(floating(top), floating(bottom)))


def _rounded(value: Value, up: bool) -> Value:
    if not isinstance(value, Fraction):
        if not _real(value) or _mp.mag(value) > 1000:
            raise NoValueError("floor of a number that is not real or too large")
        value = _mp.re(value)
        return Fraction(int(_mp.ceil(value) if up else _mp.floor(value)))
    return Fraction(-((-value.numerator) // value.denominator) if up else value.numerator // value.denominator)


def _function(name: str, value: Value) -> Value:
    if isinstance(value, Fraction):
        if value == 0 and name in {"sin", "tan", "arcsin", "arctan", "sinh", "tanh"}:
            return Fraction(0)
        if value == 1 and name == "ln":
            return Fraction(0)
    number = floating(value)
    if name in {"exp", "sinh", "cosh", "tanh"} and abs(number) > EXPONENT_BITS:
        raise TooLargeError("an exponential of too many digits")
    if name in {"sin", "cos", "tan", "cot", "sec", "csc"} and _mp.mag(number) > 10_000:
        raise TooLargeError("an angle of too many digits")
    return _checked(_FUNCTIONS[name](number))


def _whole(*values: Value) -> list[int]:
    if not all(isinstance(value, Fraction) and value.denominator == 1 for value in values):
        raise NoValueError("a divisor of numbers that are not whole")
    return [int(value) for value in values]


def _extreme(values: tuple[Value, ...], largest: bool) -> Value:
    if not all(_real(value) for value in values):
        raise NoValueError("numbers that are not real have no order")
    return (max if largest else min)(values, key=floating)


def _divisor(*values: Value) -> Value:
    return Fraction(math.gcd(*_whole(*values)))


def _multiple(*values: Value) -> Value:
    import math  # noqa: PLC0415

    return _checked(Fraction(math.lcm(*_whole(*values))))


_FUNCTIONS = {
    "sin": _mp.sin, "cos": _mp.cos, "tan": _mp.tan, "cot": _mp.cot, "sec": _mp.sec, "csc": _mp.csc,
    "arcsin": _mp.asin, "arccos": _mp.acos, "arctan": _mp.atan, "arccot": _mp.acot, "sinh": _mp.sinh,
    "cosh": _mp.cosh, "tanh": _mp.tanh, "ln": _mp.ln, "exp": _mp.exp,
}  # fmt: skip
_CONSTANTS: dict[str, Callable[[], Value]] = {"pi": lambda: +_mp.pi, "e": lambda: +_mp.e, "i": lambda: _mp.mpc(0, 1)}
_OPERATIONS: dict[str, Callable[..., Value]] = {
    "add": _add,
    "neg": lambda value: -value,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "root": _root,
    "fn": _function,
    "abs": lambda value: abs(value) if isinstance(value, Fraction) else _checked(abs(value)),
    "fact": _factorial,
    "binom": _binomial,
    "floor": lambda value: _rounded(value, up=False),
    "ceil": lambda value: _rounded(value, up=True),
    "deg": lambda value: floating(value) * _mp.pi / 180,
    "percent": lambda value: _div(value, Fraction(100)),
    "max": lambda *values: _extreme(values, largest=True),
    "min": lambda *values: _extreme(values, largest=False),
    "gcd": _divisor,
    "lcm": _multiple,
}
