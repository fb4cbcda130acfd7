"""A batch of rows as Arrow arrays: each distinct text of a column once, and which row has which."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.intake.tables.source import Batch

SEPARATOR: Final = "\x1f"
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Encoded:
    """The distinct texts of some rows, and for each row the index of its text."""

    texts: list[str]
    indices: Array

    def at(self, rows: Array) -> Encoded:
        """Return the same for some of the rows."""
        return Encoded(self.texts, self.indices[rows])

    def rows_of_each(self) -> Iterator[tuple[str, Array]]:
        """Yield every text with the rows that have it."""
        order = np.argsort(self.indices, kind="stable")
        ends = np.cumsum(np.bincount(self.indices, minlength=len(self.texts)))
        for index, text in enumerate(self.texts):
            yield text, order[ends[index - 1] if index else 0 : ends[index]]


@dataclass
class Block:
    """A batch with what has been made of its columns so far; an empty cell is an empty text."""

    batch: Batch
    days: dict[tuple[str, str], Any] = field(default_factory=dict)
    _texts: dict[str, Any] = field(default_factory=dict)
    _stripped: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.batch)

    def texts(self, name: str) -> Any:
        """Return a column as an array of text."""
        if name not in self._texts:
            self._texts[name] = pa.array(self.batch.columns[name], pa.string()).fill_null("")
        return self._texts[name]

    def stripped(self, name: str) -> Any:
        """Return a column without the spaces around its texts."""
        if name not in self._stripped:
            self._stripped[name] = pc.utf8_trim_whitespace(self.texts(name))
        return self._stripped[name]

    def filled(self, name: str, rows: Array | None = None) -> int:
        """Return how many cells, of all rows or of some, are not blank."""
        texts = self.stripped(name)
        chosen = texts if rows is None else texts.take(pa.array(rows))
        return int(pc.sum(pc.not_equal(chosen, "")).as_py() or 0)

    def encoded(self, *names: str) -> Encoded:
        """Return the distinct texts of a column, or of several side by side after separators."""
        columns = [self.texts(name) for name in names]
        joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, SEPARATOR)
        found = joined.dictionary_encode()
        return Encoded(found.dictionary.to_pylist(), found.indices.to_numpy(zero_copy_only=False))

    @cached_property
    def row_numbers(self) -> Any:
        """Return the numbers of the rows as text."""
        return pa.array(self.batch.rows, pa.int64()).cast(pa.string())
