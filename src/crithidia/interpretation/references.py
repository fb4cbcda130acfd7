"""Default reference intervals, for values beside which the laboratory printed none.

They stand, each with its source, in ``knowledge/measurements/reference_intervals.yaml``. A default flags a
value and settles no finding (ADR 13). Refuses to choose where sex or age are not known and the choice
matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Code, Interval
from crithidia.case.reading import read_interval
from crithidia.foundation.library import Library, shipped_library
from crithidia.interpretation.units import UnitTable, scaled, shipped_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from crithidia.case import Fact

_EVERY_AGE: Final = (Decimal(0), None)


@dataclass(frozen=True, slots=True)
class ReferenceInterval:
    """One published interval: as printed (``interval`` and ``unit``), and for whom.

    ``sex`` is empty where it holds for both; ``age`` is from, in years, and below (None: no end).
    ``factor`` leads from the printed unit to the canonical one.
    """

    interval: Interval
    unit: str
    factor: Fraction
    sex: str
    age: tuple[Decimal, Decimal | None]
    citation: str
    unverified: bool

    @property
    def canonical(self) -> Interval:
        """The interval in the canonical unit of the quantity."""
        return scaled_interval(self.interval, self.factor)


@dataclass(frozen=True, slots=True)
class Person:
    """What decides which interval applies; None where it is not known."""

    sex: str | None = None
    age: tuple[Decimal, Decimal] | None = None

    @classmethod
    def of(cls, facts: Iterable[Fact], ages: tuple[Decimal, Decimal] | None) -> Person:
        """Return the person of a case; a sex recorded in two ways is not known."""
        sexes = {fact.value.code for fact in facts if fact.concept == "sex" and isinstance(fact.value, Code)}
        return cls(sexes.pop() if len(sexes) == 1 else None, ages)


@dataclass(frozen=True)
class References:
    """All default intervals by quantity."""

    intervals: Mapping[str, tuple[ReferenceInterval, ...]]

    def possible(self, concept: str, person: Person) -> tuple[ReferenceInterval, ...]:
        """Return every interval that may apply; none where some age that is possible has none."""
        found = tuple(r for r in self.intervals.get(concept, ()) if _may_apply(r, person))
        return found if _cover(found, person) else ()


def scaled_interval(interval: Interval, factor: Fraction) -> Interval:
    """Return an interval in another unit; its own unit is no longer written."""
    low = None if interval.low is None else scaled(interval.low, factor)
    high = None if interval.high is None else scaled(interval.high, factor)
    return replace(interval, low=low, high=high, unit="", grouped=False)


def _may_apply(reference: ReferenceInterval, person: Person) -> bool:
    if reference.sex and person.sex and reference.sex != person.sex:
        return False
    if person.age is None:
        return True
    start, end = reference.age
    return person.age[1] >= start and (end is None or person.age[0] < end)


def _cover(found: tuple[ReferenceInterval, ...], person: Person) -> bool:
    """Return whether the intervals speak for every sex and age that the person can have."""
    sexes = (person.sex,) if person.sex else ("female", "male")
    lowest, highest = person.age or (*_EVERY_AGE,)
    return all(_covers_ages([r for r in found if r.sex in {"", sex}], lowest, highest) for sex in sexes)


def _covers_ages(found: list[ReferenceInterval], lowest: Decimal, highest: Decimal | None) -> bool:
    reached = lowest
    for start, end in sorted((r.age for r in found), key=lambda age: age[0]):
        if start > reached:
            return False
        if end is None or (highest is not None and end > highest):
            return True
        reached = max(reached, end)
    return False


@lru_cache(maxsize=1)
def shipped_references() -> References:
    """Return the intervals that come with the package."""
    return load_references(shipped_library(), shipped_units())


def load_references(library: Library, units: UnitTable) -> References:
    """Build the table. Raises ``KeyError`` for a unit that the quantity does not list."""
    data = library.document("measurements/reference_intervals.yaml").data
    return References({
        concept: tuple(_reference(entry, units.quantities[concept].factors) for entry in entries)
        for concept, entries in data.items()
    })  # fmt: skip


def _reference(entry: Mapping[str, Any], factors: Mapping[str, Fraction]) -> ReferenceInterval:
    start, below = entry.get("from", 0), entry.get("below")
    return ReferenceInterval(
        interval=read_interval(str(entry["interval"])),
        unit=entry["unit"],
        factor=factors[entry["unit"]],
        sex=entry.get("sex", ""),
        age=(Decimal(str(start)), None if below is None else Decimal(str(below))),
        citation=cited(entry["source"]),
        unverified=entry.get("unverified", False),
    )


def cited(source: Mapping[str, str]) -> str:
    """Return a source in one line: its words, and its DOI or PMID."""
    named = f"doi:{source['doi']}" if "doi" in source else ""
    if not named and "pmid" in source:
        named = f"PMID {source['pmid']}"
    return ", ".join(part for part in (source.get("text", ""), named) if part)
