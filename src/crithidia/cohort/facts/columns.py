"""The columns of an Arrow table as arrays of numbers: a whole column, or only the rows that are wanted.

A column in several chunks, as a file of several row groups has it, stays in chunks, so that only what is
wanted of it is brought together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import PERSON
from crithidia.cohort.once import once
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Array = np.ndarray[Any, Any]


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


class _Chunk(NamedTuple):
    """Values, which of them are there (None: all; the others may be any), and what each value stands for."""

    values: Array
    valid: Array | None
    meaning: Array | None = None

    def taken(self, rows: Array | None, missing: object) -> Array:
        """Return the values of some rows (None: all), and ``missing`` for what is not there."""
        found = self.values if rows is None else self.values.take(rows)
        if self.meaning is not None:
            found = self.meaning.take(found, mode="clip")
        if self.valid is None:
            return found
        valid = self.valid if rows is None else self.valid.take(rows)
        return np.where(valid, found, found.dtype.type(missing))


class Values:
    """A column of numbers, flags, days, or of the numbers of words."""

    def __init__(self, chunks: Sequence[_Chunk]) -> None:
        self._chunks = chunks
        self._starts = np.cumsum([0, *(len(chunk.values) for chunk in chunks)])

    def meaning(self, meaning: Array) -> Values:
        """Return what each value stands for, of numbers from 0 on; -1 stands for the last."""
        return Values([chunk._replace(meaning=meaning.take(chunk.meaning, mode="wrap")
                                      if chunk.meaning is not None else meaning) for chunk in self._chunks])

    def every(self, missing: object) -> Array:
        """Return all values, and ``missing`` for what is not there."""
        return _together([chunk.taken(None, missing) for chunk in self._chunks])

    def at(self, rows: Array, missing: object) -> Array:
        """Return the values of some rows, and ``missing`` for what is not there."""
        if len(self._chunks) == 1:
            return self._chunks[0].taken(rows, missing)
        if np.any(rows[1:] < rows[:-1]):
            return self.every(missing).take(rows)
        ends = pairwise(np.searchsorted(rows, self._starts))
        return _together([chunk.taken(rows[first:end] - start, missing) for chunk, start, (first, end)
                          in zip(self._chunks, self._starts, ends, strict=False)])  # fmt: skip


def values_of(column: Any, kind: Any) -> Values:
    """Return an Arrow column as values of an Arrow type."""
    return Values([_chunk(chunk if chunk.type == kind else chunk.cast(kind)) for chunk in _chunks(column)])


def words_of(column: Any) -> tuple[tuple[str, ...], Values]:
    """Return the words of an Arrow column, and the number of the word of each row.

    The words of all chunks are numbered alike, each chunk by its own dictionary.
    """
    places: dict[str, int] = {}
    chunks = []
    for chunk in map(_encoded, _chunks(column)):
        known = [-1 if word is None else places.setdefault(str(word), len(places))
                 for word in chunk.dictionary.to_pylist()]  # fmt: skip
        chunks.append(_chunk(chunk.indices)._replace(meaning=np.array(known or [-1], np.int32)))
    return tuple(places), Values(chunks)


def people_of(column: Any) -> tuple[Array, Any]:
    """Return the number of the person of each fact, and the ids of the people. Raises ``InputError``.

    People are numbered in the order of their first facts.
    """
    if column.null_count:
        raise refuse(f"{column.null_count:,} facts have no {PERSON}", None,
                     "every fact needs a person; leave out those that have none")  # fmt: skip
    lengths, ids = zip(*map(_runs, map(_encoded, _chunks(column))), strict=True)
    names = pa.concat_arrays(ids)
    numbers = np.arange(len(names), dtype=np.int32)
    if not _ascend(names):
        runs = names.dictionary_encode()
        names, numbers = runs.dictionary, _chunk(runs.indices).values
    return np.repeat(numbers, np.concatenate(lengths)), names


def _ascend(names: Any) -> bool:
    """Return whether each name comes after the one before it, as in a file that is sorted by them."""
    return len(names) < 2 or pc.all(pc.less(names.slice(0, len(names) - 1), names.slice(1))).as_py()


def _runs(words: Any) -> tuple[Array, Any]:
    """Return how long each run of one word is, and the words."""
    codes = _chunk(words.indices).values
    starts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    starts = np.concatenate([[0], starts])[: len(codes)]
    named = words.dictionary.take(pa.array(codes[starts]))
    return np.diff(starts, append=len(codes)), named.cast(pa.string())


def truths_of(column: Any) -> Array:
    """Return 1, 0 and -1 for NULL. Raises ``InputError`` for any other number."""
    values = values_of(column, pa.int8())
    stated = values.every(0)
    if len(stated) and (stated.max() > 1 or stated.min() < 0):
        wrong = np.count_nonzero((stated < 0) | (stated > 1))
        raise refuse(f"{wrong:,} facts have a truth that is neither 1 nor 0", None,
                     "1 is present, 0 is absent, NULL is left open")  # fmt: skip
    return values.every(-1) if column.null_count else stated


def _together(parts: Sequence[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _chunks(column: Any) -> Sequence[Any]:
    """Return the chunks of a column, one at least."""
    if not isinstance(column, pa.ChunkedArray):
        return [column]
    return column.chunks or [pa.array([], column.type)]


def _encoded(chunk: Any) -> Any:
    """Return words with a dictionary."""
    return chunk if pa.types.is_dictionary(chunk.type) else pc.dictionary_encode(chunk.cast(pa.string()))


def _chunk(array: Any) -> _Chunk:
    """Return the values of an Arrow array as they lie in memory."""
    valid, values = array.buffers()[:2]
    there = _bits(valid, array) if array.null_count else None
    if pa.types.is_boolean(array.type):
        return _Chunk(_bits(values, array), there)
    kind = np.int32 if pa.types.is_date32(array.type) else array.type.to_pandas_dtype()
    own = slice(array.offset, array.offset + len(array))
    return _Chunk(np.frombuffer(values, kind)[own] if len(array) else np.array([], kind), there)


def _bits(buffer: Any, array: Any) -> Array:
    """Return the bits of an array as truths, one each."""
    if not len(array):
        return np.array([], bool)
    skipped = array.offset % 8
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8)[array.offset // 8 :], count=skipped + len(array),
                         bitorder="little")  # fmt: skip
    return bits[skipped:].view(bool)
