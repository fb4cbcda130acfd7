"""The facts of some people as columns of numbers: all facts of each person, none of anybody else.

``FactBatch(table)`` takes an Arrow table of facts (``case.fact_table``) that holds every fact of each of its
people. The facts may be in any order; where those of each person follow each other, nothing is sorted and
nothing is looked up. Words may be plain or dictionaries; columns that say nothing may be left out. A fact
of nobody is refused.

A person is a number from 0 in the order of ``people``, that of their first facts; a concept and a code are
numbers too. A bound that is NULL is NaN, a date is days since 1970 and ``UNDATED`` where there is none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pyarrow as pa

from crithidia.case.fact_table import COLUMNS, PERSON
from crithidia.cohort.facts.columns import Named, people_of, truths_of, values_of, words_of
from crithidia.cohort.once import once
from crithidia.cohort.words import width
from crithidia.foundation.problems import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from crithidia.case.fact_table import Column
    from crithidia.cohort.facts.columns import Values
    from crithidia.cohort.words import Words

    Array = np.ndarray[Any, Any]

Kept = TypeVar("Kept")

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

KINDS: Final = ("present", "absent", "number", "code")
_KIND_OF_FORM: Final = {"quantity": "number", "titre": "number", "code": "code"}
_FEW: Final = 40  # forms; three times as many are int8
_BLOCK: Final = 4096  # people; what is marked of them at once fits into the memory of a core


class FactBatch:
    """The columns of one batch; each is read when it is first asked for.

    ``person`` gives the number of the person of each row, ``people`` their ids.
    """

    def __init__(self, table: Any, person: Array | None = None, people: Any = None) -> None:
        self.table = table
        if person is None:
            person, people = people_of(table.column(PERSON))
        self.person, self.people = person, people
        self.rows: int = len(person)
        self._columns: dict[str, Any] = {}
        self._expected: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """The number of people."""
        return len(self.people)

    def has(self, name: str) -> bool:
        """Return whether there is a column of that name."""
        return name in self.table.schema.names

    def words(self, name: str) -> Named:
        """Return a column of words."""
        names, values = self._words(name)
        return self._kept(f"words of {name}", lambda: Named(names, self._read(values, -1)))

    def number(self, name: str) -> Array:
        """Return a column of doubles, NULL as NaN."""
        return self._kept(name, lambda: self._every(name, pa.float64(), np.nan))

    def truth(self) -> Array:
        """Return what presences and grades state: 1, 0, or -1 where it is left open."""
        return self._kept("truth", lambda: truths_of(self._column("truth", pa.int8())))

    def flag(self, name: str) -> Array:
        """Return a column of true and false; NULL is false."""
        return self._kept(name, lambda: self._every(name, pa.bool_(), False) if self.has(name)
                          else np.zeros(self.rows, bool))  # fmt: skip

    @once
    def at(self) -> Array:
        """The day of each fact, or ``UNDATED``."""
        return self._every("at", pa.date32(), UNDATED)

    def days_of(self, rows: Array) -> Array:
        """Return the days of some rows, or ``UNDATED``."""
        return self.values("at", pa.date32()).at(rows, UNDATED)

    @once
    def explained(self) -> Array:
        """Which facts the recorder puts down to another cause."""
        if not self.has("explained_by"):
            return np.zeros(self.rows, bool)
        causes = self.words("explained_by")
        found: Array = (causes.numbers >= 0) & ~causes.rows("")
        return found

    @once
    def ever_explained(self) -> bool:
        """Whether any fact is put down to another cause."""
        return self.has("explained_by") and bool(self.explained.any())

    @property
    def concept(self) -> Named:
        """The concept of each fact."""
        return self.words("concept")

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that there are; a number is a place among them."""
        return self._words("concept")[0]

    def values(self, name: str, kind: Any) -> Values:
        """Return a column as it lies in the table, NULL throughout where there is none."""
        return self._kept(f"{name} as it stands", lambda: values_of(self._column(name, kind), kind))

    def _column(self, name: str, kind: Any) -> Any:
        return self.table.column(name) if self.has(name) else pa.nulls(self.table.num_rows, kind)

    def _words(self, name: str) -> tuple[tuple[str, ...], Values]:
        return self._kept(f"words of {name} as they stand",
                          lambda: words_of(self._column(name, pa.string())))  # fmt: skip

    def _every(self, name: str, kind: Any, missing: object) -> Array:
        return self._read(self.values(name, kind), missing)

    def _read(self, values: Values, missing: object) -> Array:
        """Return the values of these rows, and ``missing`` for what is not there."""
        return values.every(missing)

    def _kept(self, key: str, make: Callable[[], Kept]) -> Kept:
        if key not in self._columns:
            self._columns[key] = make()
        found: Kept = self._columns[key]
        return found

    @once
    def _key(self) -> Array:
        """The kind of value and the concept of each fact: kind * concepts + concept.

        What says nothing is last. It is int16 where that suffices, which is sorted by radix.
        """
        (forms, form), (concepts, concept) = self._words("form"), self._words("concept")
        size = len(concepts)
        kind = np.int16 if (len(KINDS) + 1) * size < np.iinfo(np.int16).max else np.int32
        threefold = np.array(range(0, 3 * len(forms) + 3, 3), np.int8 if len(forms) < _FEW else np.int32)
        stated: Array = self._read(form.meaning(threefold), threefold[-1])
        stated += self.truth() + np.int8(1)
        key: Array = _offsets(forms, size, kind).take(stated, mode="clip")
        named = self._read(concept.meaning(np.array([*range(size), -1], kind)), -1)
        key += named
        if len(key) and named.min() < 0:
            key[named < 0] = len(KINDS) * size
        return key

    def of_kind(self, kind: str) -> tuple[FactBatch, dict[int, slice]]:
        """Return the facts of one of ``KINDS`` in the order of their concepts, and which each concept has."""
        names = self.concepts
        first = KINDS.index(kind) * len(names)
        rows = np.flatnonzero((self._key >= first) & (self._key < first + len(names)))
        concepts = self._key.take(rows) - self._key.dtype.type(first)
        counts = np.bincount(concepts, minlength=len(names))
        spans = {concept: slice(int(start), int(end)) for concept, (start, end)
                 in enumerate(pairwise(np.cumsum([0, *counts]))) if end > start}  # fmt: skip
        named = Named(names, np.repeat(np.arange(len(names), dtype=np.int32), counts))
        return _Taken(self, rows, np.argsort(concepts, kind="stable"), concept=named), spans

    def presences(self) -> Iterator[tuple[str, int, Words]]:
        """Yield of each concept in whom it is stated to be ``present``, and ``absent``."""
        size = len(self.concepts)
        stated = _marked(self._key, self.person, self.size, 2 * size)
        for number in np.flatnonzero(stated.any(axis=1)).tolist():
            yield KINDS[number // size], number % size, stated[number]

    def expect(self, asked: Iterable[tuple[str, int]]) -> None:
        """Say for which kinds and concepts ``rows_of`` will be asked, so that they are found in one pass."""
        self._expected = frozenset(self._number(kind, concept) for kind, concept in asked)

    def rows_of(self, kind: str, concept: int) -> Array:
        """Return the rows that state a concept to be ``present``, or ``absent``.

        Whoever asks for what was not expected has all presences sorted.
        """
        number = self._number(kind, concept)
        rows, ends = self._rows_expected if number in self._expected else self._rows_of_presences
        found: Array = rows[ends[number] : ends[number + 1]]
        return found

    def _number(self, kind: str, concept: int) -> int:
        return KINDS.index(kind) * len(self.concepts) + concept

    @once
    def _rows_expected(self) -> tuple[Array, Array]:
        wanted = np.zeros((len(KINDS) + 1) * len(self.concepts) + 1, bool)
        wanted[list(self._expected)] = True
        return self._by_key(np.flatnonzero(wanted.take(self._key)))

    @once
    def _rows_of_presences(self) -> tuple[Array, Array]:
        return self._by_key(np.flatnonzero(self._key < 2 * len(self.concepts)))

    def _by_key(self, rows: Array) -> tuple[Array, Array]:
        """Return rows of presences in the order of what they state, and where each statement begins."""
        key = self._key.take(rows)
        counts = np.bincount(key, minlength=2 * len(self.concepts))
        return rows.take(np.argsort(key, kind="stable")), np.cumsum([0, *counts])


class _Taken(FactBatch):
    """Some rows of another batch, which may be about other people; only what is asked for is taken.

    ``places`` are taken as they come; ``order``, where there is one, is the order in which they then stand.
    """

    def __init__(
        self, batch: FactBatch, places: Array, order: Array | None = None, *,
        person: Array | None = None, people: Any = None, concept: Named | None = None,
    ) -> None:  # fmt: skip
        self._places, self._order = places, order
        self._of = batch
        if isinstance(batch, _Taken):
            self._of, self._places = batch._of, batch._rows.take(places)
        super().__init__(batch.table, self._ordered(batch.person.take(places)) if person is None else person,
                         batch.people if people is None else people)  # fmt: skip
        if concept is not None:
            self._kept("words of concept", lambda: concept)

    @property
    def _rows(self) -> Array:
        return self._ordered(self._places)

    def _ordered(self, values: Array) -> Array:
        return values if self._order is None else values.take(self._order)

    def truth(self) -> Array:
        """Return what presences and grades state: 1, 0, or -1 where it is left open."""
        return self._kept("truth", lambda: self._ordered(self._of.truth().take(self._places)))

    def values(self, name: str, kind: Any) -> Values:
        """Return a column as it lies in the table, rows that were not taken among it."""
        return self._of.values(name, kind)

    def days_of(self, rows: Array) -> Array:
        """Return the days of some rows, or ``UNDATED``."""
        return self._of.days_of(self._rows.take(rows))

    def _words(self, name: str) -> tuple[tuple[str, ...], Values]:
        return self._of._words(name)

    def _read(self, values: Values, missing: object) -> Array:
        return self._ordered(values.at(self._places, missing))


def _marked(key: Array, person: Array, people: int, keys: int) -> Array:
    """Return for each key, of the first ones, of whom there is a fact with it, as words of 64 people."""
    rows = None if np.all(person[1:] >= person[:-1]) else np.argsort(person, kind="stable")
    if rows is not None:
        key, person = key.take(rows), person.take(rows)
    found = np.zeros((keys, width(people) * 8), np.uint8)
    firsts = np.arange(0, people, _BLOCK)
    there = np.empty((keys + 1) * _BLOCK, bool)
    for first, start, end in zip(firsts, np.searchsorted(person, firsts),
                                 np.searchsorted(person, firsts + _BLOCK), strict=True):  # fmt: skip
        there[:] = False
        place = np.minimum(key[start:end], keys).astype(np.intp)
        place *= _BLOCK
        place += person[start:end]
        place -= first
        there.put(place, True)
        bits = np.packbits(there.reshape(-1, _BLOCK)[:keys], axis=1, bitorder="little")
        found[:, first // 8 : (first + _BLOCK) // 8] = bits[:, : found.shape[1] - first // 8]
    return found.view(np.uint64)


def _offsets(forms: Sequence[str], concepts: int, kind: Any) -> Array:
    """Return where the concepts of each kind begin, for form * 3 + truth + 1; what says nothing is last."""
    stated = {"presence": (None, "absent", "present"), "grade": (None, "absent", "present")}
    kinds = [kind for form in (*forms, "") for kind in stated.get(form, (_KIND_OF_FORM.get(form),) * 3)]
    last = len(KINDS)
    return np.array([(KINDS.index(kind) if kind else last) * concepts for kind in kinds], kind)


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


def taken(batch: FactBatch, rows: Array, person: Array | None = None, people: Any = None) -> FactBatch:
    """Return the batch with some of its rows, or with rows repeated.

    The people stay, or are those given with the number of the person of each row.
    """
    return _Taken(batch, rows, person=person, people=people)
