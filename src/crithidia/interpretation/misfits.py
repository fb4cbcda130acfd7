"""Why a measured value is not used: its unit, its size, its interval, a number with two readings.

Each doubt says what would resolve it. Nothing is corrected here: the author of the record decides.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from crithidia.foundation.numbers import plain, rounded
from crithidia.foundation.text import Phrase
from crithidia.interpretation.doubt import Doubt
from crithidia.interpretation.units import NO_UNIT, scaled

if TYPE_CHECKING:
    from crithidia.case import Fact, Interval, Quantity
    from crithidia.interpretation.references import ReferenceInterval
    from crithidia.interpretation.units import QuantityKind, UnitTable

OF_THE_INTERVAL: Final = frozenset({
    "interval_unit", "interval_not_of_unit", "interval_of_another_unit", "number_ambiguous",
})  # fmt: skip
OF_THE_INTERVAL_ALONE: Final = "interval_of_another_unit"
_THOUSAND: Final = 1000
# How far an interval may lie from the published ones before its unit is questioned. Units of one analyte
# differ by ten times and more (2.5 for vitamin D); intervals of two laboratories seldom by more than two.
BOTH_LIMITS_OFF: Final = 5
ONE_LIMIT_OFF: Final = 9
NEAR: Final = 3  # a value so many times off a published interval still bears out its own unit
_WITH_A_LIMIT_OF_NORMAL: Final = frozenset({
    "number_concentration", "mass_concentration", "substance_concentration", "catalytic_concentration",
    "arbitrary_concentration", "speed", "mass_rate", "mass_per_substance", "ratio",
})  # fmt: skip
_LOOKS_LIKE_A_UNIT: Final = re.compile(r"[/%]")


def unit_doubt(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str | None,
               table: UnitTable) -> Doubt | None:  # fmt: skip
    """Return the doubt about a unit that is not known, or not one of this quantity."""
    if code is not None and kind.accepts(code):
        return None
    if code is None:
        return _unlisted(fact, quantity, kind, table)
    shown = table.named(code)
    expected, found = table.dimension.get(kind.unit), table.dimension.get(code)
    if expected == found == "arbitrary_concentration":
        statement = Phrase.of("unit_of_another_assay", concept=fact.concept, value=str(quantity), unit=shown)
        remedy = Phrase.of("unit_of_another_assay_remedy", units=_customary(kind, table))
        return Doubt("unit_of_another_assay", "warning", statement, remedy, (fact,))
    statement = Phrase.of("unit_not_of_quantity", concept=fact.concept, value=str(quantity), unit=shown,
                          arithmetic=_molar_arithmetic(quantity, kind, code))  # fmt: skip
    return Doubt("unit_not_of_quantity", "error", statement, _fitting(quantity, kind, table), (fact,))


def multiple_doubt(fact: Fact, quantity: Quantity, kind: QuantityKind | None,
                   table: UnitTable) -> Doubt | None:  # fmt: skip
    """Doubt ``3 x ULN`` of what no laboratory measures: an age, a count of joints, a score."""
    if kind is None or (kind.unit != NO_UNIT and table.dimension.get(kind.unit) in _WITH_A_LIMIT_OF_NORMAL):
        return None
    statement = Phrase.of("unit_not_of_quantity", concept=fact.concept, value=str(quantity),
                          unit=table.named(quantity.unit), arithmetic="")  # fmt: skip
    return Doubt("unit_not_of_quantity", "error", statement,
                 Phrase.of("unit_give_one_of", units=_customary(kind, table)), (fact,))  # fmt: skip


def _unlisted(fact: Fact, quantity: Quantity, kind: QuantityKind, table: UnitTable) -> Doubt:
    """Doubt a unit that is not in the table; of a UCUM unit, say what the value would be."""
    from crithidia.interpretation import ucum

    remedy = Phrase.of("unit_give_one_of", units=_customary(kind, table))
    factor = ucum.ratio(quantity.unit, kind.unit) if quantity.unit else None
    if factor is None or quantity.exact is None:
        statement = Phrase.of("unit_not_recognised", concept=fact.concept, value=str(quantity))
        return Doubt("unit_not_recognised", "error", statement, remedy, (fact,))
    would_be = f"{quantity.exact * Decimal(factor):.4g}"
    statement = Phrase.of("unit_not_customary", concept=fact.concept, value=str(quantity),
                          unit=quantity.unit, converted=f"{would_be} {table.named(kind.unit)}")  # fmt: skip
    return Doubt("unit_not_customary", "error", statement, remedy, (fact,))


def _customary(kind: QuantityKind, table: UnitTable) -> str:
    return ", ".join(table.named(unit) for unit in kind.factors)


def _molar_arithmetic(quantity: Quantity, kind: QuantityKind, code: str) -> str:
    """Show what a molar unit would mean in mass, for a protein reported in mass."""
    steps = {"mol/L": 0, "mmol/L": -3, "umol/L": -6, "nmol/L": -9}
    if kind.molar_mass is None or code not in steps or quantity.exact is None:
        return ""
    grams = quantity.exact * Decimal(10) ** steps[code] * kind.molar_mass
    return f"{plain(quantity.exact)} {code} × {plain(kind.molar_mass)} g/mol = {plain(rounded(grams, 0))} g/L"


def ambiguous_number(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str) -> Doubt | None:
    """Doubt ``250.000 /µl``: a point before three digits, where the number without it is possible as well."""
    factor = kind.factors[code]
    interval = quantity.interval
    written = [n for n in (quantity.low, quantity.high) if n is not None] if quantity.grouped else []
    if interval is not None and interval.grouped:
        written += [n for n in (interval.low, interval.high) if n]
    if not written or not all(kind.is_plausible(scaled(n * _THOUSAND, factor)) for n in written):
        return None
    number = written[0]
    statement = Phrase.of("number_ambiguous", concept=fact.concept, value=f"{number} {quantity.unit}".strip(),
                          decimal=plain(number), whole=plain(number * _THOUSAND))  # fmt: skip
    return Doubt("number_ambiguous", "error", statement,
                 Phrase.of("number_ambiguous_remedy", decimal=plain(number), whole=plain(number * _THOUSAND)),
                 (fact,))  # fmt: skip


def range_doubt(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str,
                table: UnitTable) -> Doubt | None:  # fmt: skip
    """Doubt a value that cannot occur."""
    bounds = [scaled(b, kind.factors[code]) for b in (quantity.low, quantity.high) if b is not None]
    if all(kind.is_plausible(bound) for bound in bounds):
        return None
    low, high = kind.plausible
    statement = Phrase.of("value_not_plausible", concept=fact.concept, value=str(quantity),
                          low=plain(low), high=plain(high), unit=table.named(kind.unit))  # fmt: skip
    return Doubt("value_not_plausible", "error", statement, _fitting(quantity, kind, table), (fact,))


def interval_unit_doubt(fact: Fact, quantity: Quantity, kind: QuantityKind, table: UnitTable) -> Doubt | None:
    """Doubt an interval whose own unit cannot be brought to that of the value."""
    interval = quantity.interval
    if interval is None or not interval.unit:
        return None
    code = table.code_of(interval.unit, fact.concept)
    if code is None and not _LOOKS_LIKE_A_UNIT.search(interval.unit):
        return None  # a remark such as "adults"
    if code is not None and kind.accepts(code):
        return None
    statement = Phrase.of("interval_unit", concept=fact.concept, value=str(quantity), unit=interval.unit)
    return Doubt("interval_unit", "error", statement, Phrase.of("unit_check_the_report"), (fact,))


def interval_doubt(fact: Fact, quantity: Quantity, kind: QuantityKind, code: str, table: UnitTable,
                   published: tuple[ReferenceInterval, ...]) -> Doubt | None:  # fmt: skip
    """Doubt an interval that cannot be one of this analyte in this unit.

    Where the value itself lies near what is published, the interval alone is of another unit, and the value
    stands; else value and interval share the error.
    """
    interval = quantity.interval
    if interval is None or not _far_from_all(interval, kind.factors[code], published):
        return None
    alone = _is_near_one(quantity, kind.factors[code], published)
    id_ = OF_THE_INTERVAL_ALONE if alone else "interval_not_of_unit"
    usual = " / ".join(dict.fromkeys(f"{r.interval} {table.named(r.unit)}" for r in published))
    statement = Phrase.of(id_, concept=fact.concept, value=str(quantity),
                          interval=f"{interval} {table.named(code)}", usual=usual)  # fmt: skip
    fitting = [unit for unit, factor in kind.factors.items()
               if unit != code and not _far_from_all(interval, factor, published)]  # fmt: skip
    units = ", ".join(table.named(unit) for unit in fitting)
    said = "interval_would_fit" if alone else "unit_would_fit"
    remedy = Phrase.of(said, units=units) if fitting else Phrase.of("unit_check_the_report")
    return Doubt(id_, "warning" if alone else "error", statement, remedy, (fact,))


def _is_near_one(quantity: Quantity, factor: Fraction, published: tuple[ReferenceInterval, ...]) -> bool:
    bounds = [Fraction(bound) * factor for bound in (quantity.low, quantity.high) if bound is not None]
    return any(
        all((usual.low is None or bound >= Fraction(usual.low) / NEAR)
            and (usual.high is None or bound <= Fraction(usual.high) * NEAR) for bound in bounds)
        for usual in (reference.canonical for reference in published)
    )  # fmt: skip


def _far_from_all(interval: Interval, factor: Fraction, published: tuple[ReferenceInterval, ...]) -> bool:
    return bool(published) and all(_far_from(interval, factor, r.canonical) for r in published)


def _far_from(interval: Interval, factor: Fraction, usual: Interval) -> bool:
    """Return whether every limit that both have lies many times off, all to the same side."""
    ratios = [Fraction(given) * factor / Fraction(other)
              for given, other in ((interval.low, usual.low), (interval.high, usual.high))
              if given and other]  # fmt: skip
    far = BOTH_LIMITS_OFF if len(ratios) > 1 else ONE_LIMIT_OFF
    return bool(ratios) and (all(r >= far for r in ratios) or all(r <= Fraction(1, far) for r in ratios))


def _fitting(quantity: Quantity, kind: QuantityKind, table: UnitTable) -> Phrase:
    """Name the units in which value and interval would both be possible."""
    numbers = [n for n in (quantity.low, quantity.high) if n is not None]
    if quantity.interval:
        numbers += [n for n in (quantity.interval.low, quantity.interval.high) if n]
    fitting = [unit for unit, factor in kind.factors.items()
               if all(kind.is_plausible(scaled(n, factor)) for n in numbers)]  # fmt: skip
    if not fitting:
        return Phrase.of("unit_check_the_report")
    return Phrase.of("unit_would_fit", units=", ".join(table.named(unit) for unit in fitting))
