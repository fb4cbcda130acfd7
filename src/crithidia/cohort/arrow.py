"""Answering what a circuit asks from the columns of an Arrow table, 64 people to a machine word."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.cohort.odd import holding, remedy
from crithidia.cohort.recorded import COMPARE, MILLIONTHS, Coded, Compared, Limited, Says
from crithidia.cohort.words import packed, run, width
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

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
        self._coded: dict[str, Any] = {}

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
            return self._words(pc.fill_null(pc.equal(self._codes(key), key.code), False))
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
            values = as_doubles(self._column(column))
            self._numbers[column] = values.fill_null(float("nan")).to_numpy()
        return self._numbers[column]

    def _codes(self, key: Coded) -> Any:
        if key.column not in self._coded:
            self._coded[key.column] = self._column(key.column, pa.string())
            check_codes(f"column '{key.column}'", self._coded[key.column], key.choices)
        return self._coded[key.column]

    def _says(self, column: str) -> tuple[Words, Words]:
        if column not in self._said:
            values = truths(column, self._column(column))
            there, present = (self._bits(values, buffer) for buffer in values.buffers())
            self._said[column] = present & there, there & ~present
        return self._said[column]

    def _column(self, name: str, kind: Any = None) -> Any:
        column = self.table.column(name)
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        return column if kind is None or column.type == kind else column.cast(kind)

    def _words(self, bits: Any) -> Words:
        """Return a boolean array without nulls as words."""
        return self._bits(bits, bits.buffers()[1])

    def _bits(self, values: Any, buffer: Any) -> Words:
        """Return the bits of a buffer as words: Arrow keeps booleans, and what is there, as bits already."""
        if buffer is None:  # nothing is missing
            return np.full(width(self.people), np.iinfo(np.uint64).max, np.uint64)
        first, shift = divmod(values.offset, 8)
        raw = np.frombuffer(buffer, np.uint8)[first : first + (shift + self.people + 7) // 8]
        if shift:
            return packed(np.unpackbits(raw, bitorder="little")[shift : shift + self.people])
        words = np.zeros(width(self.people), np.uint64)
        words.view(np.uint8)[: len(raw)] = raw
        return words


def truths(name: str, column: Any) -> Any:
    """Return a column of yes and no as booleans; 1 and 0 are such.

    Raises ``InputError`` for any other number: 2 is no in one registry and not known in the next.
    """
    if pa.types.is_integer(column.type):
        least, most = pc.min_max(column).values()
        for number in (least.as_py(), most.as_py()):
            if number not in {0, 1, None}:
                raise refuse(holding(f"column '{name}'", [number]), None, remedy(None))
    return column if column.type == pa.bool_() else column.cast(pa.bool_())


def check_codes(what: str, column: Any, choices: Collection[str]) -> None:
    """Refuse any code but those of a concept: K may be a woman, and must not be nobody unnoticed.

    Raises ``InputError``. Nothing and the empty text are no codes, but not recorded.
    """
    wrong = {code for code in pc.unique(column).to_pylist() if code} - set(choices)
    if wrong:
        raise refuse(holding(what, wrong), None, remedy(tuple(choices)))


def as_doubles(column: Any) -> Any:
    """Return numbers as the nearest doubles: Arrow's own cast makes 0.30000000000000004 of a decimal 0.3."""
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    return column if column.type == pa.float64() else column.cast(pa.float64())


def steps_of(table: Any, schedule: Schedule, outputs: Sequence[Output]) -> list[Array]:
    """Return how far each output lies above its lowest value, for one batch of people."""
    answers = ArrowAnswers(table)
    values = run(schedule, answers, answers.people)
    return [values.integers(output.whole) for output in outputs]


def classified(table: Any, schedule: Schedule, outputs: Sequence[Output]) -> list[Any]:
    """Return the columns of the result for one batch of people, as Arrow arrays."""
    pairs = zip(outputs, steps_of(table, schedule, outputs), strict=True)
    return [output_array(output, steps) for output, steps in pairs]


def output_array(output: Output, steps: Array) -> Any:
    """Return integers above the lowest value as labels, or as the numbers that they stand for."""
    if output.labels:
        codes = steps.astype(np.int8) + np.int8(output.whole.low)
        none = [code for code, label in enumerate(output.labels) if label is None]
        labels = _labels(output.labels)
        shown = pa.array(codes, mask=np.isin(codes, none) if none else None)
        return pa.DictionaryArray.from_arrays(shown, labels, safe=False)
    numbers = steps.astype(np.float64) + output.whole.low
    return pa.array(numbers if output.scale == 1 else numbers / output.scale)


@lru_cache(maxsize=64)
def _labels(labels: tuple[str | None, ...]) -> Any:
    return pa.array([label or "" for label in labels], pa.string())


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
