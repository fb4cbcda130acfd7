"""A small table of results: what is written to CSV, Parquet and JSON, and drawn in the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under named columns; ``id`` names the sheet and its file."""

    id: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                msg = f"a row of '{self.id}' has {len(row)} cells under {len(self.columns)} columns"
                raise ValueError(msg)

    @classmethod
    def of(cls, id_: str, columns: Iterable[str], records: Iterable[Mapping[str, Cell]]) -> Sheet:
        """Return the sheet of some records, each with a cell for every column."""
        names = tuple(columns)
        return cls(id_, names, tuple(tuple(record[name] for name in names) for record in records))

    def records(self) -> Iterator[dict[str, Cell]]:
        """Yield each row as a mapping from column to cell."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the cells of one column."""
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)
