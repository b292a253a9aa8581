"""Operations on numbers, exact or floating, that refuse what would take too long; used by compare.value."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath

# Sizes beyond which an answer is refused before anything is computed: the same on every machine, under any load.
EXACT_BITS = 70_000  # of a numerator or denominator; 6,000! has 66,000
EXPONENT_BITS = 10**9  # of a floating-point result


class TooLargeError(ValueError):
    """The value has more digits than are computed here."""


class NoValueError(ValueError):
    """The expression has no finite value at this point (division by zero, logarithm of zero, infinity)."""


Value = Any  # Fraction, mpf or mpc
mp = mpmath.mp.clone()
WORK = 1_500_000  # units that one comparison may spend, about a second


class Effort:
    """What an evaluation has cost, and how many bits its values reach across: a sum's terms, an argument near 0."""

    work = 0
    bits = 0

    @classmethod
    def reset(cls) -> None:
        """Start another comparison."""
        cls.work = cls.bits = 0

    @classmethod
    def spend(cls, weight: int) -> None:
        """Count an operation by the present precision, so that what is refused depends on the answer alone."""
        cls.work += 20 + mp.prec + int(weight * (5 + (mp.prec / 64) ** 2))
        if cls.spent():
            raise TooLargeError("an answer that takes too long to compute")

    @classmethod
    def spent(cls) -> bool:
        """Whether this comparison may do no more."""
        return cls.work > WORK

    @classmethod
    def reach(cls, bits: int) -> None:
        """Note that values `bits` apart meet, so that fewer bits of precision would lose the smaller one."""
        cls.bits = max(cls.bits, abs(bits))


def is_real(value: Value) -> bool:
    """Whether a value has no imaginary part."""
    return isinstance(value, Fraction) or bool(mp.im(value) == 0)


def floating(value: Value) -> Any:
    """The value as a floating-point number of the context's present precision."""
    if not isinstance(value, Fraction):
        return value
    Effort.reach(max(value.numerator.bit_length(), value.denominator.bit_length()))
    return mp.mpf(value.numerator) / value.denominator


def _magnitude(value: Any) -> int:
    """Binary exponent of a number, 0 for 0."""
    return int(mp.mag(value)) if value else 0


def _checked(value: Value) -> Value:
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > EXACT_BITS:
            raise TooLargeError("an exact value of too many digits")
    elif isinstance(value, mp.mpc):
        if value.imag == 0:
            return _checked(value.real)
    elif not mp.isfinite(value):
        raise NoValueError("not finite")
    elif value and abs(mp.mag(value)) > EXPONENT_BITS:
        raise TooLargeError("a value of too large an exponent")
    return value


def _exactly(*values: Value) -> bool:
    return all(isinstance(value, Fraction) for value in values)


def _add(*terms: Value) -> Value:
    total = terms[0]
    for term in terms[1:]:
        Effort.spend(0)
        if _exactly(total, term):
            total = total + term
            continue
        left, right = floating(total), floating(term)
        if left and right:
            Effort.reach(_magnitude(left) - _magnitude(right))
        total = left + right
    return _checked(total)


def _mul(left: Value, right: Value) -> Value:
    Effort.spend(0)
    return _checked(left * right if _exactly(left, right) else floating(left) * floating(right))


def _div(top: Value, bottom: Value) -> Value:
    if bottom == 0:
        raise NoValueError("division by zero")
    return _checked(top / bottom if _exactly(top, bottom) else floating(top) / floating(bottom))


def _pow(base: Value, power: Value) -> Value:
    if base == 0:
        if not is_real(power) or power < 0:
            raise NoValueError("a negative power of zero")
        return Fraction(1) if power == 0 else Fraction(0)
    if _exactly(base, power):
        if power.denominator == 1:
            bits = max(base.numerator.bit_length(), base.denominator.bit_length())
            if abs(power) <= 1 or abs(base) == 1 or bits * abs(power) <= EXACT_BITS:
                return base ** int(power) if abs(base) != 1 else base ** int(power % 2)
        elif (root := _exact_root(base, power.denominator)) is not None:
            return _pow(root, Fraction(power.numerator))
    if isinstance(power, Fraction) and power.denominator % 2 and power.denominator > 1 and is_real(base) and base < 0:
        # The real odd root of a negative number, as school mathematics takes it.
        size = _pow(-base, power)
        return -size if power.numerator % 2 else size
    Effort.spend(2)
    number, exponent = floating(base), floating(power)
    Effort.reach(_magnitude(exponent))
    if abs(mp.mag(exponent)) > 64 or abs(exponent * mp.log(abs(number), 2)) > EXPONENT_BITS:
        raise TooLargeError("a power of too many digits")
    return _checked(mp.power(number, exponent))


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
    if is_real(value) and abs(value) > 10**8:
        raise TooLargeError("a factorial of too many digits")
    Effort.spend(400)
    return _checked(mp.factorial(floating(value)))


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
    if any(is_real(part) and abs(part) > 10**6 for part in (top, bottom)):
        raise TooLargeError("a binomial coefficient of too many digits")
    Effort.spend(1200)
    return _checked(mp.binomial(floating(top), floating(bottom)))


def _rounded(value: Value, up: bool) -> Value:
    if not isinstance(value, Fraction):
        if not is_real(value) or mp.mag(value) > 1000:
            raise NoValueError("floor of a number that is not real or too large")
        value = mp.re(value)
        return Fraction(int(mp.ceil(value) if up else mp.floor(value)))
    return Fraction(-((-value.numerator) // value.denominator) if up else value.numerator // value.denominator)


def _function(name: str, value: Value) -> Value:
    if isinstance(value, Fraction):
        if value == 0 and name in {"sin", "tan", "arcsin", "arctan", "sinh", "tanh"}:
            return Fraction(0)
        if value == 1 and name == "ln":
            return Fraction(0)
    number = floating(value)
    Effort.spend(2)
    Effort.reach(2 * _magnitude(number))
    if name == "tanh" and abs(number) > 1:
        Effort.reach(int(min(abs(number), EXACT_BITS)) * 3)
    if name in {"exp", "sinh", "cosh", "tanh"} and abs(number) > EXPONENT_BITS:
        raise TooLargeError("an exponential of too many digits")
    if name in {"sin", "cos", "tan", "cot", "sec", "csc"} and mp.mag(number) > 10_000:
        raise TooLargeError("an angle of too many digits")
    return _checked(_FUNCTIONS[name](number))


def _whole(*values: Value) -> list[int]:
    if not all(isinstance(value, Fraction) and value.denominator == 1 for value in values):
        raise NoValueError("a divisor of numbers that are not whole")
    return [int(value) for value in values]


def _extreme(values: tuple[Value, ...], largest: bool) -> Value:
    if not all(is_real(value) for value in values):
        raise NoValueError("numbers that are not real have no order")
    return (max if largest else min)(values, key=floating)


def _divisor(*values: Value) -> Value:
    return Fraction(math.gcd(*_whole(*values)))


def _multiple(*values: Value) -> Value:
    return _checked(Fraction(math.lcm(*_whole(*values))))


_FUNCTIONS = {
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "cot": mp.cot, "sec": mp.sec, "csc": mp.csc,
    "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arccot": mp.acot, "sinh": mp.sinh,
    "cosh": mp.cosh, "tanh": mp.tanh, "ln": mp.ln, "exp": mp.exp,
}  # fmt: skip
CONSTANTS: dict[str, Callable[[], Value]] = {"pi": lambda: +mp.pi, "e": lambda: +mp.e, "i": lambda: mp.mpc(0, 1)}
OPERATIONS: dict[str, Callable[..., Value]] = {
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
    "deg": lambda value: floating(value) * mp.pi / 180,
    "percent": lambda value: _div(value, Fraction(100)),
    "max": lambda *values: _extreme(values, largest=True),
    "min": lambda *values: _extreme(values, largest=False),
    "gcd": _divisor,
    "lcm": _multiple,
}
