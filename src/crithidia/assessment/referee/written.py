"""Numbers as they were written: what a rounded number can stand for, and arithmetic with that.

2.62 stands for 2.615 to 2.625. Bounds are exact fractions, so a rule that compares them errs
neither way at the edge. Refuses values that are bounds (<10) or ranges (56-57): nothing follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from crithidia.foundation.numbers import rounded
from crithidia.foundation.text import Text
from crithidia.interpretation import shipped_units
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from decimal import Decimal

    from crithidia.case import Fact, Moment
    from crithidia.interpretation import Interpretation, Measurement

_LONG: Final = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """Everything that a number can stand for, both ends included."""

    low: Fraction
    high: Fraction

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span) -> Span:
        return Span(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Span) -> Span:
        """Return the product; both must be positive."""
        return Span(self.low * other.low, self.high * other.high)

    def __truediv__(self, other: Span) -> Span:
        """Return the quotient; the divisor must be positive."""
        return Span(self.low / other.high, self.high / other.low)

    def times(self, factor: Fraction) -> Span:
        """Return the span in another unit."""
        return Span(self.low * factor, self.high * factor)

    def widened(self, by: Fraction) -> Span:
        """Return the span reaching so much further at both ends."""
        return Span(self.low - by, self.high + by)

    def meets(self, other: Span) -> bool:
        """Return whether one number can be both."""
        return self.low <= other.high and other.low <= self.high

    @property
    def middle(self) -> Fraction:
        """Return the number in the middle."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Written:
    """One exact measurement that may be used: as written, and what it stands for in its canonical unit."""

    fact: Fact
    number: Decimal
    unit: Text
    span: Span
    last_place: Fraction

    @property
    def concept(self) -> str:
        """The quantity measured."""
        return self.fact.concept

    @property
    def label(self) -> Text:
        """The name of the quantity."""
        return shipped_vocabulary()[self.concept].label

    @property
    def at(self) -> Moment | None:
        """The time of the measurement."""
        return self.fact.at


Values = dict[str, tuple[Written, ...]]


def written_values(shown: Interpretation) -> Values:
    """Return the usable exact measurements by quantity."""
    found: dict[str, list[Written]] = {}
    for measurement in shown.measurements:
        value = _written(measurement)
        if value:
            found.setdefault(value.concept, []).append(value)
    return {concept: tuple(values) for concept, values in found.items()}


def _written(measurement: Measurement) -> Written | None:
    number, reading = measurement.quantity.exact, measurement.reading
    if reading is None or number is None or reading.low is None or reading.low != reading.high:
        return None
    factor = Fraction(reading.low) / Fraction(number) if number else Fraction(1)
    return Written(measurement.fact, number, unit_text(measurement.unit), span_of(number).times(factor),
                   last_place(number) * factor)  # fmt: skip


def span_of(number: Decimal) -> Span:
    """Return what a rounded number stands for: half a unit of its last place either way."""
    half = last_place(number) / 2
    return Span(Fraction(number) - half, Fraction(number) + half)


def last_place(number: Decimal) -> Fraction:
    """Return what one step of the last digit is worth: 0.01 of 2.62.

    Zeros at the end of a long integer may stand for nothing: 3500 mL can be 3.5 L.
    """
    place = number.as_tuple().exponent
    if place == 0 and abs(number) >= _LONG:
        place = number.normalize().as_tuple().exponent
    return Fraction(10) ** int(place)


def unit_text(code: str) -> Text:
    """Return a unit as people read it, in both languages."""
    units = shipped_units()
    return Text(units.shown(code, "en") or " ", units.shown(code, "pl") or " ") if code else Text.same(" ")


def canonical_unit(concept: str) -> Text:
    """Return the unit in which a quantity is compared."""
    return unit_text(shipped_units().quantities[concept].unit)


def shown(number: Fraction, places: int = 2) -> Decimal:
    """Return a fraction as a rounded decimal, for a reader."""
    return rounded(number.numerator / number.denominator, places)


def together(first: Written, second: Written) -> bool:
    """Return whether two values were taken at the same recorded time, or both without one."""
    return first.at == second.at
