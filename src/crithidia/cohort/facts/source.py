"""A table of facts in a Parquet file, read a part at a time: all facts of some people, whole.

Where the row groups follow each other in the order of the people, as ``cohort convert`` and ``cohort
generate`` write them, the file is read as it stands; otherwise DuckDB sorts it into a temporary file first,
on disk where memory does not suffice.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import COLUMNS, PERSON
from crithidia.cohort.facts.batch import NEEDED, check_fact_columns
from crithidia.cohort.sources import ParquetSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FACTS_AT_A_TIME: Final = 4_000_000
_WORDS: Final = ("concept", "form", "code", "unit", "pattern", "explained_by")
_UNREAD: Final = frozenset({"text", "until", "source"})
_MEMORY: Final = "4GB"


class FactSource(ParquetSource):
    """A Parquet file of facts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fact_columns(self.schema)
        self.people = None

    @property
    def parts(self) -> int | None:
        """The number of parts; nobody knows before the file is sorted."""
        return len(self._runs) if self.in_order else None

    @cached_property
    def _runs(self) -> list[list[int]]:
        """Row groups that are read together."""
        runs: list[list[int]] = []
        rows = _FACTS_AT_A_TIME
        for number in range(self._file.metadata.num_row_groups):
            size = self._file.metadata.row_group(number).num_rows
            if rows + size > _FACTS_AT_A_TIME:
                runs.append([])
                rows = 0
            runs[-1].append(number)
            rows += size
        return runs

    @cached_property
    def in_order(self) -> bool:
        """Whether no row group holds people that come before those of the one before it."""
        column = self.schema.names.index(PERSON)
        last = None
        for number in range(self._file.metadata.num_row_groups):
            found = self._file.metadata.row_group(number).column(column).statistics
            if found is None or not found.has_min_max or (last is not None and found.min < last):
                return False
            last = found.max
        return True

    def _says_something(self, name: str, *, flag: bool) -> bool:
        """Return whether a column holds anything but NULL, or a flag anything but false.

        A column that is not read is NULL throughout, and a flag that is NULL is false.
        """
        about, place = self._file.metadata, self.schema.names.index(name)
        groups = (about.row_group(number) for number in range(about.num_row_groups))
        return not all(_empty(group.column(place).statistics, group.num_rows, flag=flag) for group in groups)

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:  # noqa: ARG002
        """Yield number and Arrow table of each part that is not done yet."""
        import pyarrow.parquet as pq

        names = [c.name for c in COLUMNS if c.name in self.schema.names and c.name not in _UNREAD
                 and (c.name in NEEDED or self._says_something(c.name, flag=c.type == "bool"))]  # fmt: skip
        words = [name for name in _WORDS if name in names]
        with self._sorted() as path, pq.ParquetFile(path, read_dictionary=words) as file:
            sorted_ = self if path == self.path else FactSource(path)
            left = None
            for number, groups in enumerate(sorted_._runs):
                table = file.read_row_groups(groups, columns=names)
                whole, left = _split(left, table, last=number == len(sorted_._runs) - 1)
                if number not in done:
                    yield number, whole

    @contextmanager
    def _sorted(self) -> Iterator[Path]:
        if self.in_order:
            yield self.path
            return
        with TemporaryDirectory(prefix="crithidia-") as folder:
            path = Path(folder) / "facts.parquet"
            _sort(self.path, path, folder)
            yield path


def _empty(found: Any, rows: int, *, flag: bool) -> bool:
    """Return whether the statistics of a column say that it holds NULL only, or false for a flag."""
    if found is None or not found.has_null_count:
        return False
    return bool(found.null_count == rows or (flag and found.has_min_max and found.max is False))


def _split(left: Any, table: Any, *, last: bool) -> tuple[Any, Any]:
    """Return the people that are there as a whole, and the facts of the one who may go on."""
    every = table if left is None else pa.concat_tables([left, table], promote_options="permissive")
    if last or not every.num_rows:
        return every, None
    goes_on = pc.equal(every.column(PERSON), pc.max(table.column(PERSON)))
    return every.filter(pc.invert(goes_on)), every.filter(goes_on)


def _sort(path: Path, target: Path, folder: str) -> None:
    """Write the facts in the order of the people, each person's as they stood."""
    import duckdb

    with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as connection:
        connection.execute(
            "COPY (SELECT * EXCLUDE (file_row_number) FROM read_parquet($source, file_row_number = true) "
            "ORDER BY person_id, file_row_number) TO $target (FORMAT parquet)",
            {"source": str(path), "target": str(target)},
        )
