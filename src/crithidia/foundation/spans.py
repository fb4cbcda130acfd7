"""Exact intervals of numbers, with open and infinite ends.

Sums, products and quotients are exact fractions. Roots, logarithms, exponentials and broken powers
are worked out to forty digits and rounded outward: a span never leaves out a value that can occur,
so nothing is claimed because of a rounding error. Where a function has no value, it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import reduce
from math import inf, isqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGITS: Final = 40
_NEAREST: Final = Context(prec=_DIGITS)
_DOWN: Final = Context(prec=_DIGITS, rounding=ROUND_FLOOR)
_UP: Final = Context(prec=_DIGITS, rounding=ROUND_CEILING)
_LARGEST_EXPONENT: Final = 1000
_LONGEST_BITS: Final = 400
_HUGE: Final = Fraction(10**434)
"""Less than e to the power of the largest exponent that is worked out."""

Number = Fraction | float
"""A fraction, or an infinite float; never a finite float."""

_End = tuple[Number, bool]


class UndefinedError(ArithmeticError):
    """A function is asked for a value where it has none: the logarithm of 0, a division by 0."""


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers between two ends; an open end is not reached itself, and an infinite one is open."""

    low: Number
    high: Number
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if self.low is self.high and not (self.low_open or self.high_open):
            return
        if isinstance(self.low, float):
            object.__setattr__(self, "low_open", True)
        if isinstance(self.high, float):
            object.__setattr__(self, "high_open", True)
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            msg = f"the span from {self.low} to {self.high} holds no number"
            raise ValueError(msg)

    @property
    def exact(self) -> Fraction | None:
        """Return the number if the span holds no other."""
        low, high = self.low, self.high
        return low if not isinstance(low, float) and (low is high or low == high) else None

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return not (isinstance(self.low, float) or isinstance(self.high, float))

    def __contains__(self, number: Fraction) -> bool:
        above = number > self.low or (number == self.low and not self.low_open)
        return above and (number < self.high or (number == self.high and not self.high_open))

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Span) -> Span:
        return Span(_short(self.low + other.low, _DOWN), _short(self.high + other.high, _UP),
                    self.low_open or other.low_open, self.high_open or other.high_open)  # fmt: skip

    def __mul__(self, other: Span) -> Span:
        one, two = self.exact, other.exact
        if one is not None and two is not None:
            return point(one * two)
        corners = [_corner(a, b) for a in self._ends for b in other._ends]
        low, low_open = min(corners)
        high, high_open = max((number, not is_open) for number, is_open in corners)
        return Span(_short(low, _DOWN), _short(high, _UP), low_open, not high_open)

    @property
    def _ends(self) -> tuple[_End, _End]:
        return (self.low, self.low_open), (self.high, self.high_open)

    def reciprocal(self) -> Span:
        """Return 1 / x. Raises ``UndefinedError`` if the span holds 0."""
        if Fraction(0) in self:
            msg = "a division by zero cannot be ruled out"
            raise UndefinedError(msg)
        negative = self.high <= 0
        low = _inverse(self.high, -inf if negative else inf)
        high = _inverse(self.low, -inf if negative else inf)
        return Span(low, high, self.high_open, self.low_open)

    def united(self, other: Span) -> Span:
        """Return the smallest span that holds both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Span(low, high, low_open, not closed)

    def within(self, other: Span) -> Span | None:
        """Return what both have in common, or None."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        try:
            return Span(low, high, low_open, not closed)
        except ValueError:
            return None

    def whole(self) -> Span | None:
        """Return the span of the whole numbers in it, or None if there are none."""
        low = _next_whole(self.low, self.low_open)
        high = -_next_whole(-self.high, self.high_open)
        return Span(low, high) if low <= high else None


def point(number: Fraction | Decimal | int | str) -> Span:
    """Return the span of one number."""
    exact = number if isinstance(number, Fraction) else Fraction(number)
    return Span(exact, exact)


ZERO: Final = point(0)
EVERYTHING: Final = Span(-inf, inf)
NOT_NEGATIVE: Final = Span(Fraction(0), inf)


def hull_of(spans: Iterable[Span]) -> Span:
    """Return the smallest span that holds all of at least one."""
    return reduce(Span.united, spans)


def least(spans: Iterable[Span]) -> Span:
    """Return the values that the lowest of independent numbers can have."""
    return -greatest(-span for span in spans)


def greatest(spans: Iterable[Span]) -> Span:
    """Return the values that the highest of independent numbers can have."""
    return reduce(_greater, spans)


def _greater(a: Span, b: Span) -> Span:
    low, low_open = max((a.low, a.low_open), (b.low, b.low_open))
    high, closed = max((a.high, not a.high_open), (b.high, not b.high_open))
    return Span(low, high, low_open, not closed)


def rising(span: Span, step: Callable[[Fraction], tuple[Number, Number]]) -> Span:
    """Return the values of a rising function; ``step`` gives bounds of its value at a number.

    At an infinite end, ``step`` is not asked: the function is taken to be unbounded there.
    """
    low = span.low if isinstance(span.low, float) else step(span.low)[0]
    high = span.high if isinstance(span.high, float) else step(span.high)[1]
    return Span(low, high, span.low_open and low < high, span.high_open and low < high)


def square_root(span: Span) -> Span:
    """Return the roots. Raises ``UndefinedError`` for a span that goes below 0."""
    if span.low < 0:
        msg = "the square root of a negative number cannot be ruled out"
        raise UndefinedError(msg)
    return rising(span, _root)


def logarithm(span: Span, *, base_ten: bool = False) -> Span:
    """Return the logarithms, natural or to base 10. Raises ``UndefinedError`` for a span that holds 0."""
    if span.low < 0 or Fraction(0) in span:
        msg = "the logarithm of zero or less cannot be ruled out"
        raise UndefinedError(msg)
    return rising(span, _log10 if base_ten else _ln)


def exponential(span: Span) -> Span:
    """Return e to the power of each number."""
    found = rising(span, _exp)
    return Span(Fraction(0), found.high, True, found.high_open) if isinstance(span.low, float) else found


def power(span: Span, exponent: Fraction) -> Span:
    """Return the powers; a broken or negative exponent needs a base above 0."""
    if exponent.denominator == 1 and exponent >= 0:
        return _whole_power(span, int(exponent))
    if exponent < 0:
        return power(span, -exponent).reciprocal()
    if span.low < 0:
        msg = "a broken power of a negative number cannot be ruled out"
        raise UndefinedError(msg)
    return rising(span, lambda number: _broken_power(number, exponent))


def floor(span: Span) -> Span:
    """Return the whole numbers at or below; exactly the lowest and the highest of them."""
    high = -_next_whole(-span.high, span.high_open)
    low = -_next_whole(-span.low, False)
    return Span(low, high)


def rounded_half_up(span: Span, places: int) -> Span:
    """Return the numbers rounded to so many places, halves away from zero."""
    return hull_of(_rounded(part, places) for part in _by_sign(span))


def _by_sign(span: Span) -> list[Span]:
    parts = (span.within(Span(-inf, Fraction(0), high_open=True)), span.within(NOT_NEGATIVE))
    return [part for part in parts if part is not None]


def _rounded(span: Span, places: int) -> Span:
    if span.low < 0:
        return -_rounded(-span, places)
    scale = Fraction(10) ** places
    return floor(span * point(scale) + point(Fraction(1, 2))) * point(1 / scale)


def _corner(a: _End, b: _End) -> _End:
    """Return the product of two ends; 0 times anything is 0, and reached if that 0 is."""
    if a[0] == 0 or b[0] == 0:
        reached = (a[0] == 0 and not a[1]) or (b[0] == 0 and not b[1])
        return Fraction(0), not reached
    return a[0] * b[0], a[1] or b[1]


def _short(number: Number, context: Context) -> Number:
    """Round a fraction outward to forty digits once it has grown beyond all use."""
    if isinstance(number, float) or number.denominator.bit_length() < _LONGEST_BITS:
        return number
    return Fraction(_as_decimal(number, context))


def _inverse(number: Number, at_zero: float) -> Number:
    if number == 0:
        return at_zero
    return Fraction(0) if isinstance(number, float) else 1 / number


def _next_whole(number: Number, is_open: bool) -> Number:
    if isinstance(number, float):
        return number
    above = -((-number.numerator) // number.denominator)
    return Fraction(above + 1 if is_open and above == number else above)


def _whole_power(span: Span, exponent: int) -> Span:
    if exponent == 0:
        return point(1)
    if exponent % 2 and span.low < 0:
        return rising(span, lambda number: (number**exponent, number**exponent))
    parts = [part if part.low >= 0 else -part for part in _by_sign(span)]
    return hull_of(rising(part, lambda n: (n**exponent, n**exponent)) for part in parts)


def _bounds(number: Fraction, function: Callable[[Decimal], Decimal]) -> tuple[Number, Number]:
    """Return bounds of a rising function at a number, one unit of the last digit outward."""
    below, above = (_as_decimal(number, context) for context in (_DOWN, _UP))
    low, high = function(below), function(above)
    return Fraction(_DOWN.next_minus(low)), Fraction(_UP.next_plus(high))


def _as_decimal(number: Fraction, context: Context) -> Decimal:
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


def _root(number: Fraction) -> tuple[Number, Number]:
    top, bottom = isqrt(number.numerator), isqrt(number.denominator)
    if top * top == number.numerator and bottom * bottom == number.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    return _bounds(number, _NEAREST.sqrt)


def _ln(number: Fraction) -> tuple[Number, Number]:
    if number == 0:
        return -inf, -inf
    if number == 1:
        return Fraction(0), Fraction(0)
    return _bounds(number, _NEAREST.ln)


def _log10(number: Fraction) -> tuple[Number, Number]:
    if number == 0:
        return -inf, -inf
    exact = _power_of_ten(number)
    return (Fraction(exact), Fraction(exact)) if exact is not None else _bounds(number, _NEAREST.log10)


def _power_of_ten(number: Fraction) -> int | None:
    top, bottom = str(number.numerator), str(number.denominator)
    if number.numerator > 0 and top.strip("0") == "1" and bottom.strip("0") == "1":
        return len(top) - len(bottom)
    return None


def _exp(number: Fraction) -> tuple[Number, Number]:
    if number == 0:
        return Fraction(1), Fraction(1)
    if abs(number) > _LARGEST_EXPONENT:
        return (_HUGE, inf) if number > 0 else (Fraction(0), 1 / _HUGE)
    return _bounds(number, _NEAREST.exp)


def _broken_power(number: Fraction, exponent: Fraction) -> tuple[Number, Number]:
    """Return bounds of exp(exponent × ln number) for an exponent above 0."""
    if number in {0, 1}:
        return number, number
    low, high = _ln(number)
    return _exp(Fraction(low) * exponent)[0], _exp(Fraction(high) * exponent)[1]
