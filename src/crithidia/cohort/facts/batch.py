"""The facts of some people as columns of numbers: all facts of each person, none of anybody else.

A person is a number from 0 in the order of ``people``; a concept and a code are numbers too. A bound that
is NULL is NaN, a date is days since 1970 and ``UNDATED`` where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import COLUMNS, PERSON
from crithidia.foundation.problems import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Array = np.ndarray[Any, Any]

UNDATED: Final = np.iinfo(np.int32).min
NEEDED: Final = (PERSON, "concept", "form")
_TYPES: Final = {
    "string": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "int8": (pa.types.is_integer, pa.types.is_boolean),
    "double": (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal),
    "bool": (pa.types.is_boolean,),
    "date": (pa.types.is_date, pa.types.is_timestamp),
}


@dataclass(frozen=True)
class Named:
    """A column of words as numbers: ``names[numbers[row]]``; -1 is NULL."""

    names: tuple[str, ...]
    numbers: Array

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The number of each word."""
        return {name: place for place, name in enumerate(self.names)}

    def rows(self, name: str) -> Array:
        """Return which rows hold a word."""
        place = self.places.get(name)
        found: Array = (np.zeros(len(self.numbers), bool) if place is None else self.numbers == place)
        return found


class FactBatch:
    """The columns of one batch; each is read when it is first asked for.

    ``person`` gives the number of the person of each row, ``people`` their ids.
    """

    def __init__(self, table: Any, person: Array | None = None, people: Any = None) -> None:
        self.table = table
        self.rows: int = table.num_rows
        if person is None:
            named = _numbered(table.column(PERSON))
            person, people = named.numbers, pa.array(named.names, pa.string())
        self.person, self.people = person, people
        self._columns: dict[str, Any] = {}

    @property
    def size(self) -> int:
        """The number of people."""
        return len(self.people)

    def words(self, name: str) -> Named:
        """Return a column of words."""
        if name not in self._columns:
            there = name in self.table.schema.names
            self._columns[name] = _numbered(self._raw(name, pa.string())) if there else self._wordless
        found: Named = self._columns[name]
        return found

    @property
    def _wordless(self) -> Named:
        return Named((), np.full(self.rows, -1, np.int32))

    def number(self, name: str) -> Array:
        """Return a column of doubles, NULL as NaN."""
        if name not in self._columns:
            self._columns[name] = self._raw(name, pa.float64()).to_numpy(zero_copy_only=False)
        found: Array = self._columns[name]
        return found

    def truth(self) -> Array:
        """Return what presences and grades state: 1, 0, or -1 where it is left open."""
        if "truth" not in self._columns:
            self._columns["truth"] = _filled(self._raw("truth", pa.int8()), -1).to_numpy()
        found: Array = self._columns["truth"]
        return found

    def flag(self, name: str) -> Array:
        """Return a column of true and false; NULL is false."""
        if name not in self._columns:
            column = _filled(self._raw(name, pa.bool_()), False)
            self._columns[name] = column.to_numpy(zero_copy_only=False)
        found: Array = self._columns[name]
        return found

    @cached_property
    def at(self) -> Array:
        """The day of each fact, or ``UNDATED``."""
        days = self._raw("at", pa.date32()).cast(pa.int32())
        found: Array = _filled(days, UNDATED).to_numpy()
        return found

    @cached_property
    def explained(self) -> Array:
        """Which facts the recorder puts down to another cause."""
        causes = self.words("explained_by")
        found: Array = (causes.numbers >= 0) & ~causes.rows("")
        return found

    @cached_property
    def concept(self) -> Named:
        """The concept of each fact."""
        return self.words("concept")

    def _raw(self, name: str, kind: Any) -> Any:
        """Return a column as one array of a type; a column that is not there is NULL throughout."""
        if name not in self.table.schema.names:
            return pa.nulls(self.rows, kind)
        column = self.table.column(name)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)
        if pa.types.is_dictionary(column.type) and kind == pa.string():
            return column
        return column if column.type == kind else column.cast(kind)


def _numbered(column: Any) -> Named:
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, pa.string())
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column.cast(pa.string()))
    numbers = _filled(column.indices, -1).to_numpy().astype(np.int32, copy=False)
    return Named(tuple(str(name) for name in column.dictionary.to_pylist()), numbers)


def _filled(column: Any, value: object) -> Any:
    """Return a column without NULL; looking for none costs nothing."""
    return pc.fill_null(column, value) if column.null_count else column


def check_fact_columns(schema: Any) -> None:
    """Refuse a table that is no table of facts. Raises ``InputError`` naming every column at fault."""
    problems = [
        Problem(f"there is no column '{name}'", None,
                did_you_mean(name, schema.names) or "see the table of facts in the guide to cohort data")
        for name in NEEDED if name not in schema.names
    ]  # fmt: skip
    for column in COLUMNS:
        if column.name in schema.names:
            found = schema.field(column.name).type
            if not _fits(found, column.type):
                problems.append(Problem(f"column '{column.name}' holds {found}, not {column.type}"))
    if problems:
        raise InputError(tuple(problems))


def _fits(found: Any, wanted: str) -> bool:
    if pa.types.is_null(found):
        return True
    if pa.types.is_dictionary(found):
        found = found.value_type
    return any(holds(found) for holds in _TYPES[wanted])


def taken(batch: FactBatch, rows: Array | Sequence[int]) -> FactBatch:
    """Return the batch with some of its rows, or with rows repeated; the people stay."""
    places = np.asarray(rows)
    return FactBatch(batch.table.take(pa.array(places)), batch.person[places], batch.people)


def grouped_rows(keys: Array, rows: Array) -> Iterator[tuple[int, Array]]:
    """Yield the rows of each key, in order."""
    if not len(keys):
        return
    small = keys.astype(np.int16) if keys.max() <= np.iinfo(np.int16).max else keys  # sorted by radix
    order = np.argsort(small, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
        yield int(ordered[start]), rows[order[start:end]]
