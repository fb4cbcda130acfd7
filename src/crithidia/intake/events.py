"""Coded events, from a database or an export, into rows of facts: what both have in common."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import shown
from crithidia.intake.ledger import Ledger, Reject
from crithidia.intake.people import Persons
from crithidia.intake.tables.cells import Refusal
from crithidia.intake.tables.dates import read_date

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from crithidia.case.fact_table import FactRow
    from crithidia.intake.codes import Coded, Codes
    from crithidia.intake.fact_output import FactOutput

_WAITING: Final = 50_000
_REMEMBERED: Final = 200_000
# A database or an export has no mapping file in which the remedies of a table could stand.
_REMEDIES: Final = {
    "no unit": "record the unit", "not a number": "correct the record", "limits not readable": "correct them",
    "ambiguous number": "write it with a decimal point", "unknown coding": "name the value in the record",
}  # fmt: skip
_ZERO: Final = re.compile(r"0+(\.0*)?")


@dataclass
class Events:
    """Collects the rows of a conversion, keeps its books, and remembers what was not mapped."""

    codes: Codes
    output: FactOutput
    ledger: Ledger
    persons: Persons = field(default_factory=Persons)
    expected: int = 0
    not_mapped: Counter[str] = field(default_factory=Counter)
    _rows: list[FactRow] = field(default_factory=list)
    _people: set[str] = field(default_factory=set)
    _read: dict[Any, FactRow | Refusal | str] = field(default_factory=dict)

    def value(self, source: str, coded: Coded, person: str, text: str | None, place: str, on: date | None,
              beside: Mapping[str, str | None] | None = None) -> None:  # fmt: skip
        """Read the value of a mapped code and count what became of it."""
        beside = _with_limits(beside or {})
        key = (coded.system, coded.code, text, *beside.values())
        outcome = self._read.get(key)
        if outcome is None:
            outcome = coded.reader.read(text, beside)
            if len(self._read) > _REMEMBERED:
                self._read.clear()
            self._read[key] = outcome
        if isinstance(outcome, Refusal):
            self.refuse(source, outcome.reason, place, coded.name, text or "", outcome.message,
                        _REMEDIES.get(outcome.reason, outcome.remedy), person)  # fmt: skip
        elif isinstance(outcome, str):
            self.ledger.count(source, outcome)
        elif coded.only_present and outcome.truth == 0:
            self.ledger.count(source, "unknown")
        else:
            self.fact(source, replace(outcome, person_id=person, at=on, source=place))

    def fact(self, source: str, row: FactRow) -> None:
        """Count and keep a fact."""
        self.ledger.count(source, "used")
        self.keep(row)

    def keep(self, row: FactRow) -> None:
        """Keep a fact that is no piece of the input of its own, such as an age."""
        self._rows.append(row)
        self._people.add(row.person_id)
        self.ledger.facts += 1
        if len(self._rows) >= _WAITING:
            self._flush()

    def unmapped(self, source: str, name: str) -> None:
        """Count a code that means nothing here."""
        self.ledger.count(source, "not_mapped")
        self.not_mapped[name] += 1

    def refuse(self, source: str, reason: str, place: str, column: str, value: str, message: str,
               remedy: str = "", person: str = "") -> None:  # fmt: skip
        """Count and write down what could not be used."""
        self.ledger.refuse(source, reason)
        self.output.reject([Reject(place, column, shown(value), reason, message, remedy, person)])

    def day(self, source: str, text: str | None, place: str, person: str) -> tuple[bool, date | None]:
        """Return whether a date is fine, and the date; a wrong one is refused with its event."""
        if not (text or "").strip():
            return True, None
        try:
            return True, read_date(str(text))
        except ValueError as error:
            self.refuse(source, "date not readable", place, "date", str(text), str(error), "correct it",
                        person)  # fmt: skip
            return False, None

    def finish(self) -> None:
        """Add the ages, write what waits, and hold the books to the input."""
        for row in self.persons.ages():
            self.keep(row)
        self._flush()
        self.ledger.people = len(self._people)
        self.ledger.rows = self.expected
        self.ledger.check(self.expected)

    def _flush(self) -> None:
        self.output.add_rows(self._rows)
        self._rows = []


def _with_limits(beside: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """Return what stands beside a value; limits of zero and zero, which say that there are none, left out."""
    ends = [beside.get(end) for end in ("lower_limit", "upper_limit")]
    if any(end is None or not _ZERO.fullmatch(end.strip()) for end in ends):
        return beside
    return {**beside, "lower_limit": None, "upper_limit": None}
