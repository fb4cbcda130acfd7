"""Facts in the canonical unit of their quantity, and the rows of a case in the table of facts.

The same conversion as for a single case: a value that is refused for scoring there is refused here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crithidia.case import Interval, Quantity
from crithidia.case.fact_table import FactRow, row_of
from crithidia.foundation.problems import refuse
from crithidia.foundation.text import Phrase
from crithidia.interpretation.doubt import Doubt
from crithidia.interpretation.measurements import measure
from crithidia.interpretation.references import shipped_references
from crithidia.interpretation.units import UnitTable, scaled, shipped_units

if TYPE_CHECKING:
    from fractions import Fraction

    from crithidia.case import Case, Fact


def canonical(fact: Fact, units: UnitTable | None = None) -> Fact | Doubt:
    """Return the fact with its quantity and interval in the canonical unit, or the doubt about it.

    An antibody without a canonical unit keeps the unit it was recorded in.
    """
    if not isinstance(fact.value, Quantity):
        return fact
    table = units or shipped_units()
    measurement = measure(fact, fact.value, table, shipped_references())
    if measurement.doubt is not None and measurement.reading is None:
        return measurement.doubt
    if measurement.quantity.is_multiple_of_limit:
        return Doubt("multiple_of_limit_in_table", "note",
                     Phrase.of("multiple_of_limit_in_table", concept=fact.concept, value=str(fact.value)),
                     Phrase.of("multiple_of_limit_in_table_remedy"), (fact,))  # fmt: skip
    reading, kind = measurement.reading, table.quantities.get(fact.concept)
    if reading is None or kind is None:
        return fact
    own = None if measurement.doubt else measurement.quantity.interval  # one of another unit is left out
    interval = _scaled(own, kind.factors[measurement.unit])
    return replace(fact, value=Quantity(reading.low, reading.high, kind.unit, reading.low_open,
                                        reading.high_open, interval))  # fmt: skip


def _scaled(interval: Interval | None, factor: Fraction) -> Interval | None:
    if interval is None:
        return None
    return replace(interval, low=None if interval.low is None else scaled(interval.low, factor),
                   high=None if interval.high is None else scaled(interval.high, factor))  # fmt: skip


def rows_of_case(case: Case, units: UnitTable | None = None) -> tuple[tuple[FactRow, ...], tuple[Doubt, ...]]:
    """Return the rows of a case, and the doubts about the values that have none.

    Raises ``InputError`` for a time that is an offset from an index visit without a date.
    """
    rows: list[FactRow] = []
    doubts: list[Doubt] = []
    for fact in case.facts:
        found = canonical(fact, units)
        if isinstance(found, Doubt):
            doubts.append(found)
            continue
        try:
            rows.append(row_of(case.id, found))
        except ValueError as error:
            raise refuse(str(error), fact.provenance.where,
                         "give index_date: in the case file") from None  # fmt: skip
    return tuple(rows), tuple(doubts)
