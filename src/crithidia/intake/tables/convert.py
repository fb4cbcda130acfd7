"""A table into the table of facts, batch by batch; every cell is accounted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import FactRow
from crithidia.foundation.problems import Position, shown
from crithidia.intake.fact_output import FactOutput
from crithidia.intake.ledger import Ledger, Reject
from crithidia.intake.tables.cells import EMPTY, UNKNOWN, CellReader, Outcome, Refusal
from crithidia.intake.tables.dates import read_date
from crithidia.intake.tables.mapping import DateColumn, Meaning, TableMapping, check_columns
from crithidia.intake.tables.words import folded, shipped_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from crithidia.intake.tables.source import Batch, Table

_REMEMBERED: Final = 300_000
_REPEATED: Final = frozenset({"person repeated"})
_REMEDIES: Final = {
    "no person": "give the person an id",
    "person repeated": "say 'person: {column: ..., repeated: visits}' if these are visits, or correct the id",
}


def convert(table: Table, mapping: TableMapping, target: Path, rejects: Path | None = None,
            progress: Callable[[int], None] | None = None) -> Ledger:  # fmt: skip
    """Write the facts of a table to a Parquet file, and what could not be used to a CSV file.

    Both files appear whole or not at all. Raises ``InputError`` for a mapping that does not fit the table,
    and ``OSError`` for an output that cannot be written.
    """
    check_columns(mapping, table.columns, Position(mapping.name, 1))
    with FactOutput(target, rejects, with_site=bool(mapping.site)) as output:
        conversion = _Conversion(table, mapping, output)
        for batch in table.batches():
            conversion.take(batch)
            if progress:
                progress(conversion.ledger.rows)
        conversion.finish()
    return conversion.ledger


@dataclass
class _Column:
    """One column or test with what its cells have been read as so far."""

    source: str
    meaning: Meaning
    reader: CellReader
    known: dict[Any, Outcome] = field(default_factory=dict)

    def read(self, key: Any, names: Sequence[str]) -> Outcome:
        """Read a cell; ``key`` is its text, or its text and those of the columns beside it."""
        outcome = self.known.get(key)
        if outcome is None:
            text, beside = (key, {}) if not names else (key[0], dict(zip(names, key[1:], strict=True)))
            outcome = self.reader.read(text, beside)
            if len(self.known) > _REMEMBERED:
                self.known.clear()
            self.known[key] = outcome
        return outcome


@dataclass
class _Conversion:
    table: Table
    mapping: TableMapping
    output: FactOutput
    ledger: Ledger = field(default_factory=Ledger)
    cells: int = 0
    people: set[str] = field(default_factory=set)
    with_facts: set[str] = field(default_factory=set)
    dates: dict[tuple[str, str], date | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = [self._column(meaning) for meaning in self.mapping.meanings]
        self.tests = {name: column for column in self.columns
                      for name in (folded(column.meaning.name), column.meaning.name)}  # fmt: skip

    def _column(self, meaning: Meaning) -> _Column:
        described = self.table.described
        cells = self.mapping.value if self.mapping.long else meaning.name
        unknown = self.mapping.unknown | described.missing.get(cells, frozenset())
        reader = CellReader.of(meaning, described.labels.get(cells), unknown)
        source = f"{cells}: {meaning.name}" if self.mapping.long else meaning.name
        return _Column(source, meaning, reader)

    def take(self, batch: Batch) -> None:
        """Convert one batch."""
        self._uneven(batch)
        self.ledger.rows += len(batch)
        self.cells += len(batch) * len(self.table.columns)
        people = [(person or "").strip() for person in batch.columns[self.mapping.person]]
        usable = self._usable_rows(batch, people)
        self._count_context(batch, usable)
        self._refuse_rows(batch, people, usable)
        if self.mapping.long:
            self._take_long(batch, people, usable)
        else:
            rows = [index for index, why in enumerate(usable) if not why]
            for column in self.columns:
                self._take_column(column, batch, people, rows)

    def finish(self) -> None:
        """Close the books."""
        self.ledger.people = len(self.with_facts)
        self.ledger.check(self.cells)

    def _uneven(self, batch: Batch) -> None:
        for row in batch.uneven:
            self.ledger.rows += 1
            self.ledger.rows_refused["uneven row"] += 1
            self.cells += row.cells
            self.ledger.refuse("(whole rows)", "uneven row", row.cells)
            self.output.reject([Reject(str(row.row), "", "", "uneven row", row.message,
                                       "look at quotes and delimiters", pieces=row.cells)])  # fmt: skip

    def _usable_rows(self, batch: Batch, people: list[str]) -> list[str]:
        """Return for each row why it cannot be used, or an empty text."""
        del batch
        found = []
        for person in people:
            if not person or shipped_words().is_unknown(person):
                found.append("no person")
            elif not self.mapping.repeated and person in self.people:
                found.append("person repeated")
            else:
                self.people.add(person)
                found.append("")
        return found

    def _refuse_rows(self, batch: Batch, people: list[str], usable: list[str]) -> None:
        values = self.mapping.value_columns()
        for index, why in enumerate(usable):
            if not why:
                continue
            filled = 0
            for name in values:
                if (batch.columns[name][index] or "").strip():
                    self.ledger.refuse(name, why)
                    filled += 1
                else:
                    self.ledger.count(name, "empty")
            self.ledger.rows_refused[why] += 1
            person = people[index]
            message = f"'{person}' stands in an earlier row" if why in _REPEATED else "the row has no person"
            self.output.reject([Reject(str(batch.rows[index]), self.mapping.person, person, why, message,
                                       _REMEDIES[why], person, filled)])  # fmt: skip

    def _count_context(self, batch: Batch, usable: list[str]) -> None:
        """Count the cells of all columns that do not become facts themselves."""
        values = set(self.mapping.value_columns())
        context = set(self.mapping.context_columns())
        dated = {column.column: column for column in self._date_columns()}
        for name in self.table.columns:
            if name in values:
                continue
            cells = batch.columns[name]
            filled = sum(1 for cell in cells if cell and cell.strip())
            self.ledger.count(name, "empty", len(cells) - filled)
            if name in dated:
                self._count_dates(dated[name], batch, usable)
            else:
                self.ledger.count(name, self._standing(name, context), filled)

    def _standing(self, name: str, context: set[str]) -> str:
        if name in context:
            return "context"
        if name in self.mapping.unsure:
            return "unsure"
        return "ignored" if name in self.mapping.ignore else "not_mapped"

    def _date_columns(self) -> Iterator[DateColumn]:
        if self.mapping.date:
            yield self.mapping.date
        for column in self.columns:
            if column.meaning.date:
                yield column.meaning.date

    def _count_dates(self, column: DateColumn, batch: Batch, usable: list[str]) -> None:
        for index, text in enumerate(batch.columns[column.column]):
            words = (text or "").strip()
            if not words:
                continue
            found = self._date(words, column)
            if isinstance(found, str) and found:
                self.ledger.refuse(column.column, "date not readable")
                person = (batch.columns[self.mapping.person][index] or "").strip()
                remedy = "" if usable[index] else "correct it; what it dates is used without a time"
                self.output.reject([Reject(str(batch.rows[index]), column.column, words, "date not readable",
                                           found, remedy, person)])  # fmt: skip
            else:
                self.ledger.count(column.column, "context" if found else "unknown")

    def _date(self, words: str, column: DateColumn) -> date | str:
        """Return the date, an empty text where it is stated to be unknown, or what is wrong with it."""
        key = (words, column.order)
        found = self.dates.get(key)
        if found is None:
            if words in self.mapping.unknown or shipped_words().is_unknown(words):
                found = ""
            else:
                try:
                    found = read_date(words, column.order)
                except ValueError as error:
                    found = str(error)
            if len(self.dates) > _REMEMBERED:
                self.dates.clear()
            self.dates[key] = found
        return found

    def _day(self, batch: Batch, index: int, meaning: Meaning) -> date | None:
        column = meaning.date or self.mapping.date
        words = (batch.columns[column.column][index] or "").strip() if column else ""
        if column is None or not words:
            return None
        found = self._date(words, column)
        return None if isinstance(found, str) else found

    def _take_long(self, batch: Batch, people: list[str], usable: list[str]) -> None:
        of_test: dict[str, list[int]] = {}
        for index, name in enumerate(batch.columns[self.mapping.test]):
            if not usable[index]:
                of_test.setdefault((name or "").strip(), []).append(index)
        for name, rows in of_test.items():
            column = self.tests.get(name) or self.tests.get(folded(name))
            if column is not None:
                self._take_column(column, batch, people, rows)
                continue
            filled = sum(1 for index in rows if (batch.columns[self.mapping.value][index] or "").strip())
            source = f"{self.mapping.value}: {shown(name)}"
            self.ledger.count(source, self._standing(name, set()), filled)
            self.ledger.count(source, "empty", len(rows) - filled)

    def _take_column(self, column: _Column, batch: Batch, people: list[str], rows: list[int]) -> None:
        cells = batch.columns[self.mapping.value if self.mapping.long else column.meaning.name]
        beside = {key: batch.columns[operand.column] for key, operand in column.meaning.operands.items()
                  if operand.column}  # fmt: skip
        names = tuple(beside)
        facts = _Facts()
        counts = {EMPTY: 0, UNKNOWN: 0}
        rejects: list[Reject] = []
        for index in rows:
            key: Any = (cells[index], *(beside[name][index] for name in names)) if names else cells[index]
            outcome = column.read(key, names)
            if isinstance(outcome, FactRow):
                facts.add(outcome, index)
            elif isinstance(outcome, Refusal):
                rejects.append(self._reject(column, outcome, batch, index, people[index]))
            else:
                counts[outcome] += 1
        for outcome, count in counts.items():
            self.ledger.count(column.source, outcome, count)
        for reject in rejects:
            self.ledger.refuse(column.source, reject.reason)
        self.output.reject(rejects)
        self._write(column, batch, people, facts)

    def _reject(self, column: _Column, refusal: Refusal, batch: Batch, index: int, person: str) -> Reject:
        cells = batch.columns[self.mapping.value if self.mapping.long else column.meaning.name]
        return Reject(str(batch.rows[index]), column.source, cells[index] or "", refusal.reason,
                      refusal.message, refusal.remedy, person)  # fmt: skip

    def _write(self, column: _Column, batch: Batch, people: list[str], facts: _Facts) -> None:
        self.ledger.count(column.source, "used", len(facts.rows))
        self.ledger.facts += len(facts.rows)
        given: dict[str, Sequence[Any]] = {
            "person_id": [people[index] for index in facts.rows],
            "at": [self._day(batch, index, column.meaning) for index in facts.rows],
            "source": [f"{self.table.name}:{batch.rows[index]}, {column.source}" for index in facts.rows],
        }
        if self.mapping.site:
            sites = batch.columns[self.mapping.site]
            given["site"] = [(sites[index] or "").strip() or None for index in facts.rows]
        self.with_facts.update(given["person_id"])
        self.output.add(facts.templates, facts.indices, given)


@dataclass
class _Facts:
    """Facts of one column in one batch: distinct templates, and which row follows which."""

    templates: list[FactRow] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    _place: dict[int, int] = field(default_factory=dict)

    def add(self, template: FactRow, row: int) -> None:
        place = self._place.get(id(template))
        if place is None:
            place = self._place[id(template)] = len(self.templates)
            self.templates.append(template)
        self.indices.append(place)
        self.rows.append(row)


def conversion_report(ledger: Ledger, table: Table, mapping: TableMapping, target: Path) -> Mapping[str, Any]:
    """Return the books of a conversion with the names of its files."""
    return ledger.report({"input": table.name, "mapping": mapping.name, "output": str(target)})
