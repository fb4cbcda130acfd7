"""A table into the table of facts, batch by batch; every cell is accounted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import FactRow
from crithidia.foundation.problems import Position, shown
from crithidia.intake.fact_output import FactOutput
from crithidia.intake.ledger import Ledger, Reject
from crithidia.intake.tables.block import SEPARATOR as _SEPARATOR
from crithidia.intake.tables.block import Array, Block
from crithidia.intake.tables.cells import USER_MISSING, CellReader, Outcome, Refusal, is_missing
from crithidia.intake.tables.dates import read_date
from crithidia.intake.tables.mapping import DateColumn, Meaning, TableMapping, check_columns
from crithidia.intake.tables.words import folded, shipped_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
            progress: Callable[[int], None] | None = None, *, even_empty: bool = True) -> Ledger:  # fmt: skip
    """Write the facts of a table to a Parquet file, and what could not be used to a CSV file.

    ``even_empty`` says whether to write a file without facts. Both files appear whole or not at all. Raises
    ``InputError`` for a mapping that does not fit the table, and ``OSError`` for an output that cannot be
    written.
    """
    check_columns(mapping, table.columns, Position(mapping.name, 1))
    with FactOutput(target, rejects, with_site=bool(mapping.site), even_empty=even_empty) as output:
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
    known: dict[str, Outcome] = field(default_factory=dict)

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """Return what stands beside a cell, and in which column."""
        return tuple((key, operand.column) for key, operand in self.meaning.operands.items()
                     if operand.column)  # fmt: skip

    def read(self, key: str) -> Outcome:
        """Read a cell; ``key`` is its text, with those of the columns beside it after separators."""
        outcome = self.known.get(key)
        if outcome is None:
            text, *others = key.split(_SEPARATOR)
            names = (name for name, _ in self.beside)
            outcome = self.reader.read(text, dict(zip(names, others, strict=False)))
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
        block = Block(batch)
        persons = block.stripped(self.mapping.person).to_pylist()
        usable = self._usable_rows(persons)
        self._count_context(block, persons, usable)
        self._refuse_rows(block, persons, usable)
        rows = np.flatnonzero([not why for why in usable])
        if self.mapping.long:
            self._take_long(block, persons, rows)
        else:
            for column in self.columns:
                self._take_column(column, block, persons, rows)

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

    def _usable_rows(self, persons: list[str]) -> list[str]:
        """Return for each row why it cannot be used, or an empty text."""
        found = []
        for person in persons:
            if not person or is_missing(person) or shipped_words().is_unknown(person):
                found.append("no person")
            elif not self.mapping.repeated and person in self.people:
                found.append("person repeated")
            else:
                self.people.add(person)
                found.append("")
        return found

    def _refuse_rows(self, block: Block, persons: list[str], usable: list[str]) -> None:
        values = self.mapping.value_columns()
        for index, why in enumerate(usable):
            if not why:
                continue
            filled = 0
            for name in values:
                if (block.batch.columns[name][index] or "").strip():
                    self.ledger.refuse(name, why)
                    filled += 1
                else:
                    self.ledger.count(name, "empty")
            self.ledger.rows_refused[why] += 1
            person = persons[index]
            message = f"'{person}' stands in an earlier row" if why in _REPEATED else "the row has no person"
            row = str(block.batch.rows[index])
            self.output.reject([Reject(row, self.mapping.person, person, why, message, _REMEDIES[why], person,
                                       filled)])  # fmt: skip

    def _count_context(self, block: Block, persons: list[str], usable: list[str]) -> None:
        """Count the cells of all columns that do not become facts themselves."""
        values = set(self.mapping.value_columns())
        context = set(self.mapping.context_columns())
        dated = {column.column: column for column in self._date_columns()}
        for name in self.table.columns:
            if name in values:
                continue
            filled = block.filled(name)
            self.ledger.count(name, "empty", len(block) - filled)
            if name in dated:
                self._count_dates(dated[name], block, persons, usable)
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

    def _count_dates(self, column: DateColumn, block: Block, persons: list[str], usable: list[str]) -> None:
        encoded = block.encoded(column.column)
        for text, rows in encoded.rows_of_each():
            words = text.strip()
            if not words:
                continue
            found = self._date(words, column)
            if not isinstance(found, str) or not found:
                self.ledger.count(column.column, "unknown" if found == "" else "context", len(rows))
                continue
            self.ledger.refuse(column.column, "date not readable", len(rows))
            for row in rows:
                remedy = "" if usable[row] else "correct it; what it dates is used without a time"
                place = str(block.batch.rows[row])
                self.output.reject([Reject(place, column.column, words, "date not readable", found, remedy,
                                           persons[row])])  # fmt: skip

    def _date(self, words: str, column: DateColumn) -> date | str:
        """Return the date, an empty text where it is stated to be unknown, or what is wrong with it."""
        key = (words, column.order)
        found = self.dates.get(key)
        if found is None:
            if is_missing(words) or words in self.mapping.unknown or shipped_words().is_unknown(words):
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

    def _days(self, block: Block, meaning: Meaning) -> Any:
        """Return the day of each row as an Arrow array, or None where rows have none."""
        column = meaning.date or self.mapping.date
        if column is None:
            return None
        key = (column.column, column.order)
        if key not in block.days:
            encoded = block.encoded(column.column)
            found = [self._date(text.strip(), column) if text.strip() else "" for text in encoded.texts]
            days = pa.array([None if isinstance(day, str) else day for day in found], pa.date32())
            block.days[key] = days.take(pa.array(encoded.indices))
        return block.days[key]

    def _take_long(self, block: Block, persons: list[str], rows: Array) -> None:
        encoded = block.encoded(self.mapping.test)
        usable = np.zeros(len(block), dtype=bool)
        usable[rows] = True
        called = self.table.described.labels.get(self.mapping.test, {})
        for text, of_test in encoded.rows_of_each():
            code, mine = text.strip(), of_test[usable[of_test]]
            name = called.get(code, code)
            if not len(mine):
                continue
            column = self.tests.get(code) or self.tests.get(name) or self.tests.get(folded(name))
            if column is not None:
                self._take_column(column, block, persons, mine)
                continue
            filled = block.filled(self.mapping.value, mine)
            source = f"{self.mapping.value}: {shown(name)}"
            self.ledger.count(source, self._standing(name, set()), filled)
            self.ledger.count(source, "empty", len(mine) - filled)

    def _take_column(self, column: _Column, block: Block, persons: list[str], rows: Array) -> None:
        cells = self.mapping.value if self.mapping.long else column.meaning.name
        encoded = block.encoded(cells, *(name for _, name in column.beside)).at(rows)
        templates: list[FactRow] = []
        of_text = np.full(len(encoded.texts), -1)
        counts = np.bincount(encoded.indices, minlength=len(encoded.texts))
        for index, text in enumerate(encoded.texts):
            if not counts[index]:
                continue
            outcome = column.read(text)
            if isinstance(outcome, FactRow):
                of_text[index] = len(templates)
                templates.append(outcome)
            elif isinstance(outcome, Refusal):
                where = rows[encoded.indices == index]
                self._reject(column, outcome, block, where, persons)
            else:
                self.ledger.count(column.source, outcome, int(counts[index]))
        which = of_text[encoded.indices]
        self._write(column, block, templates, which[which >= 0], rows[which >= 0])

    def _reject(self, column: _Column, refusal: Refusal, block: Block, rows: Array,
                persons: list[str]) -> None:  # fmt: skip
        cells = block.batch.columns[self.mapping.value if self.mapping.long else column.meaning.name]
        self.ledger.refuse(column.source, refusal.reason, len(rows))
        self.output.reject(
            Reject(str(block.batch.rows[row]), column.source, cells[row] or "", refusal.reason,
                   refusal.message, refusal.remedy, persons[row])
            for row in rows
        )  # fmt: skip

    def _write(self, column: _Column, block: Block, templates: list[FactRow], which: Array,
               rows: Array) -> None:  # fmt: skip
        if not len(rows):
            return
        self.ledger.count(column.source, "used", len(rows))
        self.ledger.facts += len(rows)
        taken = pa.array(rows)
        given = {"person_id": block.stripped(self.mapping.person).take(taken)}
        given["source"] = pc.binary_join_element_wise(
            f"{self.table.name}:", block.row_numbers.take(taken), f", {column.source}", "")  # fmt: skip
        days = self._days(block, column.meaning)
        if days is not None:
            given["at"] = days.take(taken)
        if self.mapping.site:
            sites = block.stripped(self.mapping.site).take(taken)
            none = pc.or_(pc.equal(sites, ""), pc.starts_with(sites, USER_MISSING))
            given["site"] = pc.if_else(none, None, sites)
        self.with_facts.update(pc.unique(given["person_id"]).to_pylist())
        self.output.add(templates, which, given)
