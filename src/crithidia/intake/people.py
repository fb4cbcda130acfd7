"""What databases and exports say of persons: sex, birth, and the age at which they were last seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from crithidia.case import Code, Fact, Moment, Quantity
from crithidia.case.fact_table import FactRow, row_of
from crithidia.intake.tables.dates import EARLIEST

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Birth:
    """When somebody was born, as far as it is known: a year, or a day between two."""

    earliest: date
    latest: date

    @classmethod
    def of(cls, year: int, month: int | None = None, day: int | None = None) -> Birth:
        """Return a birth of which month and day may not be known. Raises ``ValueError``."""
        if year < EARLIEST.year:
            msg = f"{year} lies before {EARLIEST.year}; check the year"
            raise ValueError(msg)
        if month is None:
            return cls(date(year, 1, 1), date(year, 12, 31))
        if day is None:
            last = date(year + month // 12, month % 12 + 1, 1)
            return cls(date(year, month, 1), date.fromordinal(last.toordinal() - 1))
        born = date(year, month, day)
        return cls(born, born)


@dataclass
class Persons:
    """The persons seen so far, with the last day on which each was recorded."""

    births: dict[str, Birth] = field(default_factory=dict)
    last_seen: dict[str, date] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def seen(self, person: str, on: date | None) -> None:
        """Note that a person was recorded on a day."""
        if on is not None and on > self.last_seen.get(person, date.min):
            self.last_seen[person] = on

    def ages(self) -> Iterator[FactRow]:
        """Yield the age of each person on the day last recorded, in completed years (67 is 67 to 68)."""
        for person, birth in self.births.items():
            day = self.last_seen.get(person)
            if day is None or day < birth.latest:
                continue
            low, high = completed_years(birth.latest, day), completed_years(birth.earliest, day) + 1
            value = Quantity(Decimal(low), Decimal(high), "a", high_open=True)
            fact = Fact("age", value, Moment(day.isoformat(), on=day))
            yield row_of(person, fact, "birth date and day last recorded")


def sex_row(person: str, sex: str, source: str) -> FactRow:
    """Return the fact about a person's sex."""
    return row_of(person, Fact("sex", Code(sex)), source)


def completed_years(born: date, day: date) -> int:
    """Return how many birthdays somebody has had by a day; born on 29 February, it is 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
