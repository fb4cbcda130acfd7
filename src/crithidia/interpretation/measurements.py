"""Reading measurements: unit, canonical value, flag against the interval, and doubts.

The interval printed beside a value wins; only where there is none does a default flag the value. A multiple
of a laboratory's limit (``3 x ULN``) is flagged by itself and is never a number of anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final

from crithidia.case.values import TIMES_UPPER_LIMIT
from crithidia.foundation.numbers import rounded
from crithidia.interpretation import misfits
from crithidia.interpretation.references import Person, scaled_interval
from crithidia.interpretation.units import scaled

if TYPE_CHECKING:
    from fractions import Fraction

    from crithidia.case import Fact, Interval, Quantity
    from crithidia.interpretation.doubt import Doubt
    from crithidia.interpretation.references import ReferenceInterval, References
    from crithidia.interpretation.units import QuantityKind, UnitTable

_SELF_EVIDENT: Final = frozenset({"a", "1", "%"})


class Flag(Enum):
    """Where a value lies in relation to its reference interval."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity in its canonical unit; open ends as in ``Quantity``."""

    low: Decimal | None
    high: Decimal | None
    low_open: bool
    high_open: bool
    fact: Fact


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value as recorded, and what was made of it.

    ``unit`` is the UCUM code or, where it was not recognised, the text written. ``reading`` is
    None where the value is refused for scoring; ``doubt`` then says why. ``interval`` is the one that the
    flag rests on, in the unit of the value; ``defaults`` are the published intervals behind it where the
    laboratory gave none, or those between which sex or age would decide.
    """

    fact: Fact
    quantity: Quantity
    unit: str
    flag: Flag
    times_limit: Decimal | None
    reading: Reading | None
    doubt: Doubt | None
    interval: Interval | None = None
    defaults: tuple[ReferenceInterval, ...] = ()

    @property
    def by_default(self) -> bool:
        """Whether the flag rests on a default interval, not on the laboratory's own."""
        return bool(self.defaults) and self.flag is not Flag.CANNOT_SAY


def measure(fact: Fact, quantity: Quantity, table: UnitTable, references: References | None = None,
            person: Person = Person()) -> Measurement:  # noqa: B008  (frozen)  # fmt: skip
    """Read one measured fact; without ``references`` no default interval is used."""
    quantity = _as_number(quantity)
    kind = table.quantities.get(fact.concept)
    if quantity.is_multiple_of_limit:
        doubt = misfits.multiple_doubt(fact, quantity, kind, table)
        return replace(_multiple(fact, quantity), doubt=doubt)
    code = table.code_of(quantity.unit, fact.concept) if quantity.unit else _self_evident(kind)
    if kind is None:
        flag, times = flagged(quantity, quantity.interval)
        return Measurement(fact, quantity, code or quantity.unit, flag, times, None, None, quantity.interval)
    doubt = misfits.unit_doubt(fact, quantity, kind, code, table)
    if doubt is not None or code is None:
        flag, times = flagged(quantity, quantity.interval if quantity.interval and not quantity.interval.unit
                              else None)  # fmt: skip
        return Measurement(fact, quantity, code or quantity.unit, flag, times, None, doubt, quantity.interval)
    return _measured(fact, quantity, kind, code, table, references, person)


def _measured(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str, table: UnitTable,
              references: References | None, person: Person) -> Measurement:  # fmt: skip
    """Read a value whose unit belongs to the quantity."""
    published = references.intervals.get(fact.concept, ()) if references else ()
    doubt = misfits.interval_unit_doubt(fact, quantity, kind, table)
    if doubt is None:
        quantity = _in_one_unit(fact.concept, quantity, kind, code, table)
        doubt = (misfits.ambiguous_number(fact, quantity, kind, code)
                 or misfits.range_doubt(fact, quantity, kind, code, table)
                 or misfits.interval_doubt(fact, quantity, kind, code, table, published))  # fmt: skip
    reading = _converted(fact, quantity, kind.factors[code])
    if doubt is not None:
        doubtful = doubt.id in misfits.OF_THE_INTERVAL
        flag, times = flagged(quantity, None if doubtful else quantity.interval)
        kept = reading if doubt.id == misfits.OF_THE_INTERVAL_ALONE else None
        return Measurement(fact, quantity, code, flag, times, kept, doubt, quantity.interval)
    if quantity.interval is None and references is not None:
        return _by_default(fact, quantity, kind, code, reading, references.possible(fact.concept, person))
    flag, times = flagged(quantity, quantity.interval)
    return Measurement(fact, quantity, code, flag, times, reading, None, quantity.interval)


def _by_default(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str, reading: Reading,
                possible: tuple[ReferenceInterval, ...]) -> Measurement:  # fmt: skip
    """Flag a value by every default interval that may apply; where they disagree nothing can be said."""
    canonical = replace(quantity, low=reading.low, high=reading.high)
    flags = {flagged(canonical, reference.canonical) for reference in possible}
    flag = {f for f, _ in flags}.pop() if len({f for f, _ in flags}) == 1 else Flag.CANNOT_SAY
    times = min((t for _, t in flags if t is not None), default=None) if flag is not Flag.CANNOT_SAY else None
    interval = scaled_interval(possible[0].canonical, 1 / kind.factors[code]) if len(possible) == 1 else None
    return Measurement(fact, quantity, code, flag, times, reading, None, interval, possible)


def _self_evident(kind: QuantityKind | None) -> str | None:
    """Return the unit that goes without saying: years of age, points, percent."""
    return kind.unit if kind and kind.unit in _SELF_EVIDENT else None


def _as_number(quantity: Quantity) -> Quantity:
    """Turn a multiple of a limit into the number where the limit stands beside it with its unit."""
    interval = quantity.interval
    if not quantity.is_multiple_of_limit or interval is None or not interval.unit:
        return quantity
    limit = interval.high if quantity.unit == TIMES_UPPER_LIMIT else interval.low
    if limit is None:
        return quantity
    low = None if quantity.low is None else quantity.low * limit
    high = None if quantity.high is None else quantity.high * limit
    return replace(quantity, low=low, high=high, unit=interval.unit, interval=replace(interval, unit=""),
                   grouped=False)  # fmt: skip


def _multiple(fact: Fact, quantity: Quantity) -> Measurement:
    """Flag a multiple of a limit: beyond the limit itself it is high (or low); else nothing is known."""
    flag, times = Flag.CANNOT_SAY, None
    if quantity.unit == TIMES_UPPER_LIMIT and beyond(quantity, Decimal(1)):
        flag, times = Flag.HIGH, quantity.low
    elif quantity.unit != TIMES_UPPER_LIMIT and short_of(quantity, Decimal(1)):
        flag, times = Flag.LOW, quantity.high
    return Measurement(fact, quantity, quantity.unit, flag, times, None, None)


def flagged(quantity: Quantity, interval: Interval | None) -> tuple[Flag, Decimal | None]:
    """Return where a value lies against an interval in its own unit, and how many times the limit it is."""
    if interval is None:
        return Flag.CANNOT_SAY, None
    if interval.high is not None and beyond(quantity, interval.high, itself=interval.high_open):
        return Flag.HIGH, _ratio(quantity.low, interval.high)
    if interval.low is not None and short_of(quantity, interval.low, itself=interval.low_open):
        return Flag.LOW, _ratio(quantity.high, interval.low)
    return (Flag.NORMAL if _surely_inside(quantity, interval) else Flag.CANNOT_SAY), None


def beyond(quantity: Quantity, limit: Decimal, *, itself: bool = False) -> bool:
    """Return whether a value surely lies above a limit; ``itself``: the limit already counts."""
    low = quantity.low
    return low is not None and (low > limit or (low == limit and (itself or quantity.low_open)))


def short_of(quantity: Quantity, limit: Decimal, *, itself: bool = False) -> bool:
    """Return whether a value surely lies below a limit; ``itself``: the limit already counts."""
    high = quantity.high
    return high is not None and (high < limit or (high == limit and (itself or quantity.high_open)))


def _surely_inside(quantity: Quantity, interval: Interval) -> bool:
    """Return whether no value that is possible lies outside; ``<0.5`` is inside ``<5``."""
    below = interval.high is None or short_of(quantity, interval.high) or (
        quantity.high == interval.high and not interval.high_open)  # fmt: skip
    above = interval.low is None or beyond(quantity, interval.low) or (
        quantity.low == interval.low and not interval.low_open)  # fmt: skip
    return below and above


def _ratio(value: Decimal | None, limit: Decimal | None) -> Decimal | None:
    return rounded(value / limit, 2) if value is not None and limit else None


def _in_one_unit(concept: str, quantity: Quantity, kind: QuantityKind, code: str,
                 table: UnitTable) -> Quantity:  # fmt: skip
    """Return the quantity with its interval in the unit of the value (``13.5 g/dL (120-160 g/L)``)."""
    interval = quantity.interval
    if interval is None or not interval.unit:
        return quantity
    written = table.code_of(interval.unit, concept)
    if written is None or written == code:
        return replace(quantity, interval=replace(interval, unit=""))
    factor = kind.factors[written] / kind.factors[code]
    return replace(quantity, interval=scaled_interval(interval, factor))


def _converted(fact: Fact, quantity: Quantity, factor: Fraction) -> Reading:
    low = None if quantity.low is None else scaled(quantity.low, factor)
    high = None if quantity.high is None else scaled(quantity.high, factor)
    return Reading(low, high, quantity.low_open, quantity.high_open, fact)
