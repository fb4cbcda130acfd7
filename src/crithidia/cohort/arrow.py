"""Answering what a circuit asks from the columns of an Arrow table, 64 people to a machine word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.cohort.recorded import COMPARE, MILLIONTHS, Coded, Compared, Limited, Says
from crithidia.cohort.words import packed, run, width

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from crithidia.cohort.program import Output
    from crithidia.cohort.schedule import Schedule
    from crithidia.cohort.words import Words

    Array = np.ndarray[Any, Any]


class ArrowAnswers:
    """The bits of one batch of people, each column looked at once."""

    def __init__(self, table: Any) -> None:
        self.table = table
        self.people: int = table.num_rows
        self._numbers: dict[str, Array] = {}
        self._said: dict[str, tuple[Words, Words]] = {}

    def __call__(self, key: Hashable) -> Words:
        """Return the bit that the columns say under a key."""
        if isinstance(key, Says):
            return self._says(key.column)[0 if key.present else 1]
        if isinstance(key, Compared):
            with np.errstate(invalid="ignore"):
                return packed(COMPARE[key.comparator](self._number(key.column), float(key.number)))
        if isinstance(key, Limited):
            return packed(self._beyond(key))
        if isinstance(key, Coded):
            codes = self._column(key.column, pa.string())
            return self._words(pc.fill_null(pc.equal(codes, key.code), False))
        msg = f"no column answers {key!r}"
        raise TypeError(msg)

    def _beyond(self, key: Limited) -> Array:
        value, limit, times = self._number(key.column), self._number(key.limit), float(key.times)
        if times != 1:
            value, limit = np.floor(value * MILLIONTHS + 0.5), np.floor(limit * times * MILLIONTHS + 0.5)
        with np.errstate(invalid="ignore"):
            beyond: Array = COMPARE[key.comparator](value, limit)
        return beyond

    def _number(self, column: str) -> Array:
        if column not in self._numbers:
            values = self._column(column, pa.float64())
            self._numbers[column] = values.fill_null(float("nan")).to_numpy()
        return self._numbers[column]

    def _says(self, column: str) -> tuple[Words, Words]:
        if column not in self._said:
            values = self._column(column, pa.bool_())
            there = pc.is_valid(values)
            present = self._words(pc.fill_null(values, False))
            self._said[column] = present, self._words(there) & ~present
        return self._said[column]

    def _column(self, name: str, kind: Any) -> Any:
        column = self.table.column(name)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(column, pa.ChunkedArray):  # a chunked array of no or several chunks
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        return column if column.type == kind else column.cast(kind)

    def _words(self, bits: Any) -> Words:
        """Return a boolean array without nulls as words; Arrow keeps it as bits already."""
        if bits.offset:
            return packed(bits.to_numpy(zero_copy_only=False))
        words = np.zeros(width(self.people), np.uint64)
        size = (self.people + 7) // 8
        words.view(np.uint8)[:size] = np.frombuffer(bits.buffers()[1], np.uint8, size)
        return words


def classified(table: Any, schedule: Schedule, outputs: Sequence[Output]) -> list[Any]:
    """Return the columns of the result for one batch of people, as Arrow arrays."""
    answers = ArrowAnswers(table)
    values = run(schedule, answers, answers.people)
    return [_as_array(output, values.integers(output.whole)) for output in outputs]


def _as_array(output: Output, steps: Array) -> Any:
    """Return integers above the lowest value as labels, or as the numbers that they stand for."""
    low, high = output.whole.low, output.whole.high
    if output.labels:
        labels = pa.array(list(output.labels), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(steps + low, pa.int8()), labels)
    numbers = np.array([(low + step) / output.scale for step in range(high - low + 1)])
    return pa.array(numbers[steps], pa.float64())


def arrow_type(output: Output) -> Any:
    """Return the Arrow type of a column of the result."""
    return pa.dictionary(pa.int8(), pa.string()) if output.labels else pa.float64()


def kind_of(type_: Any) -> str:
    """Return what an Arrow type holds: bool, int, double, string, null, or its own name."""
    kinds = ((pa.types.is_boolean, "bool"), (pa.types.is_integer, "int"), (pa.types.is_floating, "double"),
             (pa.types.is_decimal, "double"), (pa.types.is_null, "null"), (_is_text, "string"))  # fmt: skip
    return next((name for holds, name in kinds if holds(type_)), str(type_))


def _is_text(type_: Any) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(holds(type_) for holds in kinds)
