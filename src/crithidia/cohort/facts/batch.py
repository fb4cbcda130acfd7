"""The facts of some people as columns of numbers: all facts of each person, none of anybody else.

``FactBatch(table)`` takes an Arrow table of facts (``case.fact_table``) that holds every fact of each of its
people. The facts may be in any order; where those of each person follow each other, nothing is sorted and
nothing is looked up. Words may be plain or dictionaries; columns that say nothing may be left out. A fact
of nobody is refused.

A person is a number from 0 in the order of ``people``, that of their first facts; a concept and a code are
numbers too. A bound that is NULL is NaN, a date is days since 1970 and ``UNDATED`` where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import COLUMNS, PERSON
from crithidia.cohort.once import once
from crithidia.foundation.problems import InputError, Problem, did_you_mean, refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crithidia.case.fact_table import Column

    Array = np.ndarray[Any, Any]

UNDATED: Final = np.iinfo(np.int32).min
NEEDED: Final = (PERSON, "concept", "form")
WORDS: Final = ("concept", "form", "code", "unit", "pattern", "explained_by")
DOUBLES: Final = frozenset(column.name for column in COLUMNS if column.type == "double")
_UNREAD: Final = frozenset({"text", "until", "source"})
_TYPES: Final = {
    "string": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    "int8": (pa.types.is_integer, pa.types.is_boolean),
    "double": (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal),
    "bool": (pa.types.is_boolean,),
    "date": (pa.types.is_date, pa.types.is_timestamp),
}


KINDS: Final = ("number", "code", "absent", "present")
_KIND_OF_FORM: Final = {"quantity": "number", "titre": "number", "code": "code"}


@dataclass(frozen=True)
class Named:
    """A column of words as numbers: ``names[numbers[row]]``; -1 is NULL."""

    names: tuple[str, ...]
    numbers: Array

    @once
    def places(self) -> Mapping[str, int]:
        """The number of each word."""
        return {name: place for place, name in enumerate(self.names)}

    def rows(self, name: str) -> Array:
        """Return which rows hold a word."""
        place = self.places.get(name)
        found: Array = np.zeros(len(self.numbers), bool) if place is None else self.numbers == place
        return found


class FactBatch:
    """The columns of one batch; each is read when it is first asked for.

    ``person`` gives the number of the person of each row, ``people`` their ids.
    """

    def __init__(self, table: Any, person: Array | None = None, people: Any = None) -> None:
        self.table = table
        if person is None:
            person, people = _people(table.column(PERSON))
        self.person, self.people = person, people
        self.rows: int = len(person)
        self._columns: dict[str, Any] = {}

    @property
    def size(self) -> int:
        """The number of people."""
        return len(self.people)

    def has(self, name: str) -> bool:
        """Return whether there is a column of that name."""
        return name in self.table.schema.names

    def words(self, name: str) -> Named:
        """Return a column of words."""
        if name not in self._columns:
            wordless = Named((), np.full(self.rows, -1, np.int32))
            self._columns[name] = self._numbered(name) if self.has(name) else wordless
        found: Named = self._columns[name]
        return found

    def _numbered(self, name: str) -> Named:
        # The words of all chunks are numbered alike, each chunk by its own dictionary.
        column = self.table.column(name)
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        places: dict[str, int] = {}
        numbers = np.empty(self.rows, np.int32)
        first = 0
        for chunk in map(_words, chunks):
            known = [places.setdefault(str(word), len(places)) for word in chunk.dictionary.to_pylist()]
            own = _filled(chunk.indices, -1).to_numpy()
            np.take(np.array([*known, -1], np.int32), own, mode="wrap", out=numbers[first : first + len(own)])
            first += len(own)
        return Named(tuple(places), numbers)

    def number(self, name: str) -> Array:
        """Return a column of doubles, NULL as NaN."""
        if name not in self._columns:
            self._columns[name] = self._raw(name, pa.float64()).to_numpy(zero_copy_only=False)
        found: Array = self._columns[name]
        return found

    def numbers_of(self, name: str, rows: Array) -> Array:
        """Return some rows of a column of doubles, NULL as NaN, without making doubles of the others."""
        if not len(rows):
            return np.array([], np.float64)
        column = self._raw(name, pa.float64())
        valid, values = column.buffers()
        own = slice(column.offset, column.offset + len(column))
        found: Array = np.frombuffer(values, np.float64)[own][rows]
        if column.null_count:
            there = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")[own][rows]
            found[there == 0] = np.nan
        return found

    def truth(self) -> Array:
        """Return what presences and grades state: 1, 0, or -1 where it is left open."""
        if "truth" not in self._columns:
            self._columns["truth"] = _truths(self._raw("truth", pa.int8()))
        found: Array = self._columns["truth"]
        return found

    def flag(self, name: str) -> Array:
        """Return a column of true and false; NULL is false."""
        if name not in self._columns:
            self._columns[name] = self._flag(name) if self.has(name) else np.zeros(self.rows, bool)
        found: Array = self._columns[name]
        return found

    def _flag(self, name: str) -> Array:
        found: Array = _filled(self._raw(name, pa.bool_()), False).to_numpy(zero_copy_only=False)
        return found

    @once
    def at(self) -> Array:
        """The day of each fact, or ``UNDATED``."""
        days = self._raw("at", pa.date32()).cast(pa.int32())
        found: Array = _filled(days, UNDATED).to_numpy()
        return found

    @once
    def explained(self) -> Array:
        """Which facts the recorder puts down to another cause."""
        if not self.has("explained_by"):
            return np.zeros(self.rows, bool)
        causes = self.words("explained_by")
        found: Array = (causes.numbers >= 0) & ~causes.rows("")
        return found

    @once
    def concept(self) -> Named:
        """The concept of each fact."""
        return self.words("concept")

    @once
    def _by_kind(self) -> tuple[Array, Array]:
        """The rows in the order of kind of value and concept, and the end of each of these.

        One pass sorts all facts: first numbers, then codes, then what is absent, then what is present.
        """
        form, concept = self.words("form"), self.concept
        size = len(concept.names)
        key = _offsets(form.names, size)[form.numbers.astype(np.int16) * 3 + (self.truth() + np.int16(1))]
        kind = np.int16 if len(KINDS) * size < np.iinfo(np.int16).max else np.int32  # int16: sorted by radix
        key = key.astype(kind) + concept.numbers.astype(kind)
        for unsaid in (form, concept):
            if len(unsaid.numbers) and unsaid.numbers.min() < 0:
                key[unsaid.numbers < 0] = len(KINDS) * size
        counts = np.bincount(key, minlength=len(KINDS) * size + 1)
        return np.argsort(key, kind="stable"), np.cumsum(counts)

    def of_kind(self, kind: str) -> tuple[Array, dict[int, slice]]:
        """Return the rows of one of ``KINDS`` in the order of their concepts, and which each concept has."""
        order, ends = self._by_kind
        size = len(self.concept.names)
        first = KINDS.index(kind) * size
        starts = np.concatenate([[0], ends])[first : first + size + 1]
        spans = {concept: slice(int(start - starts[0]), int(end - starts[0]))
                 for concept, (start, end) in enumerate(pairwise(starts)) if end > start}  # fmt: skip
        return order[starts[0] : starts[-1]], spans

    def _raw(self, name: str, kind: Any) -> Any:
        """Return a column as one array of a type; a column that is not there is NULL throughout."""
        if not self.has(name):
            return pa.nulls(self.rows, kind)
        column = self.column(name)
        return column if column.type == kind else column.cast(kind)

    def column(self, name: str) -> Any:
        """Return a column as it stands in the table, as one array."""
        key = f"{name} as it stands"
        if key not in self._columns:
            self._columns[key] = self._as_it_stands(name)
        return self._columns[key]

    def _as_it_stands(self, name: str) -> Any:
        return _whole(self.table.column(name))


class _Taken(FactBatch):
    """Some rows of another batch, which may be about other people; only what is asked for is taken."""

    def __init__(self, batch: FactBatch, places: Array, person: Array, people: Any) -> None:
        super().__init__(batch.table, person, people)
        self._of, self._places = batch, places

    def _numbered(self, name: str) -> Named:
        every = self._of.words(name)
        return Named(every.names, every.numbers[self._places])

    def number(self, name: str) -> Array:
        """Return a column of doubles, NULL as NaN."""
        if name not in self._columns:
            self._columns[name] = self._of.numbers_of(name, self._places)
        found: Array = self._columns[name]
        return found

    @once
    def at(self) -> Array:
        """The day of each fact, or ``UNDATED``."""
        found: Array = self._of.at[self._places]
        return found

    def _as_it_stands(self, name: str) -> Any:
        return self._of.column(name).take(pa.array(self._places))


def _offsets(forms: Sequence[str], concepts: int) -> Array:
    """Return where the concepts of each kind begin, for form * 3 + truth + 1; what says nothing is last."""
    stated = {"presence": (None, "absent", "present"), "grade": (None, "absent", "present")}
    kinds = [kind for form in (*forms, "") for kind in stated.get(form, (_KIND_OF_FORM.get(form),) * 3)]
    last = len(KINDS)
    return np.array([(KINDS.index(kind) if kind else last) * concepts for kind in kinds], np.int32)


def _whole(column: Any) -> Any:
    """Return a column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


def _words(column: Any) -> Any:
    """Return a column of words as one dictionary array."""
    column = _whole(column)
    return column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column.cast(pa.string()))


def _people(column: Any) -> tuple[Array, Any]:
    """Return the number of the person of each fact, and the ids of the people. Raises ``InputError``."""
    column = _words(column)
    if column.null_count:
        raise refuse(f"{column.null_count:,} facts have no {PERSON}", None,
                     "every fact needs a person; leave out those that have none")  # fmt: skip
    codes = column.indices.to_numpy()
    starts = np.concatenate([[0], 1 + np.flatnonzero(codes[1:] != codes[:-1])])[: len(codes)]
    own = codes[starts]
    if len(np.unique(own)) == len(own):  # the facts of each person follow each other
        person = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(starts, append=len(codes)))
    else:
        _, first, which = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        person = np.argsort(order).astype(np.int32)[which]
        own = codes[first[order]]
    return person, column.dictionary.take(pa.array(own)).cast(pa.string())


def _truths(column: Any) -> Array:
    """Return 1, 0 and -1 for NULL. Raises ``InputError`` for any other number."""
    found: Array = _filled(column, -1).to_numpy()
    wrong = np.count_nonzero((found < -1) | (found > 1)) + np.count_nonzero(found == -1) - column.null_count
    if wrong:
        raise refuse(f"{wrong:,} facts have a truth that is neither 1 nor 0", None,
                     "1 is present, 0 is absent, NULL is left open")  # fmt: skip
    return found


def _filled(column: Any, value: object) -> Any:
    """Return a column without NULL; looking for none costs nothing."""
    return pc.fill_null(column, value) if column.null_count else column


def read_columns(names: Collection[str]) -> list[Column]:
    """Return the columns, of those named, that classifying reads: not words kept for people to read."""
    return [column for column in COLUMNS if column.name in names and column.name not in _UNREAD]


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
                problems.append(Problem(f"column '{column.name}' holds {found}, not {column.type}", None,
                                        f"write it as {column.type}"))
    if problems:
        raise InputError(tuple(problems))


def _fits(found: Any, wanted: str) -> bool:
    if pa.types.is_null(found):
        return True
    if pa.types.is_dictionary(found):
        found = found.value_type
    return any(holds(found) for holds in _TYPES[wanted])


def taken(batch: FactBatch, rows: Array | Sequence[int], person: Array | None = None,
          people: Any = None) -> FactBatch:  # fmt: skip
    """Return the batch with some of its rows, or with rows repeated.

    The people stay, or are those given with the number of the person of each row.
    """
    places = np.asarray(rows)
    if person is None:
        return _Taken(batch, places, batch.person[places], batch.people)
    return _Taken(batch, places, person, people)
