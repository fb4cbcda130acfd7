"""Wide tables in files, read a part at a time: Parquet by its row groups, CSV once it is Parquet."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from crithidia.case.csv_table import csv_error, csv_options, csv_schema
from crithidia.case.fact_table import PERSON, holds_facts
from crithidia.case.person_names import all_whole, is_numbered, named, without_decimals
from crithidia.foundation.problems import InputError, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PEOPLE_AT_A_TIME: Final = 1 << 17
_CSV_BLOCK: Final = 1 << 25
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SAMPLE: Final = 1 << 20


class Source(Protocol):
    """A file of people in parts that are always the same."""

    schema: Any
    people: int | None

    @property
    def parts(self) -> int | None:
        """The number of parts; None if nobody knows before the end."""

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:
        """Yield number and Arrow table of each part that is not done yet."""

    def identity(self) -> bytes:
        """Return what tells this state of the file from others."""


def open_source(path: Path) -> Source:
    """Return the source of a file, by its ending. Raises ``InputError``."""
    if not path.exists():
        raise refuse(f"{path}: there is no such file")
    kinds: dict[str, type[ParquetSource | CsvSource]] = {
        ".parquet": ParquetSource, ".pq": ParquetSource, ".csv": CsvSource,
    }  # fmt: skip
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise refuse(f"{path}: the ending says neither Parquet nor CSV", None,
                     "convert it with 'crithidia cohort convert'")  # fmt: skip
    try:
        return kind(path)
    except (OSError, ValueError) as error:  # Arrow's own errors are of both kinds
        raise refuse(f"{path}: cannot be read: {_first_line(error)}") from None


def located(path: str) -> str:
    """Return an address (``hdfs://...``) as it is, and a path of this machine as an address."""
    return path if _ADDRESS.match(path) else Path(path).absolute().as_uri()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@dataclass
class ParquetSource:
    """A Parquet file: small row groups are read together, large ones in slices."""

    path: Path

    def __post_init__(self) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(self.path, memory_map=True)
        self.schema = _with_names(self._file.schema_arrow)
        self.people: int | None = self._file.metadata.num_rows

    @cached_property
    def _groups(self) -> list[tuple[list[int], int]]:
        """Row groups that are read together, with the number of parts that they make."""
        found: list[tuple[list[int], int]] = []
        together: list[int] = []
        rows = 0
        for number in range(self._file.metadata.num_row_groups):
            size = self._file.metadata.row_group(number).num_rows
            if together and rows + size > PEOPLE_AT_A_TIME:
                found.append((together, _slices(rows)))
                together, rows = [], 0
            together, rows = [*together, number], rows + size
        if together:
            found.append((together, _slices(rows)))
        return found

    @property
    def parts(self) -> int | None:
        """The number of parts."""
        return sum(slices for _, slices in self._groups)

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:
        """Yield number and Arrow table of each part that is not done yet."""
        first = 0
        for groups, slices in self._groups:
            numbers = range(first, first + slices)
            first += slices
            if done.issuperset(numbers):
                continue
            for number, table in zip(numbers, self._slices(groups, columns, slices), strict=True):
                if number not in done:
                    yield number, table

    def _slices(self, groups: list[int], columns: Sequence[str], slices: int) -> Iterator[Any]:
        import pyarrow as pa

        if slices == 1:
            yield _named(self._file.read_row_groups(groups, columns=list(columns)), is_numbered, named)
            return
        batches = self._file.iter_batches(PEOPLE_AT_A_TIME, row_groups=groups, columns=list(columns))
        yield from (_named(pa.Table.from_batches([batch]), is_numbered, named) for batch in batches)

    def identity(self) -> bytes:
        """Return what tells this state of the file from others: size, time, and what its footer says."""
        stat = self.path.stat()
        with self.path.open("rb") as file:
            file.seek(max(0, stat.st_size - _SAMPLE))
            footer = hashlib.sha256(file.read()).hexdigest()
        return f"{stat.st_size} {stat.st_mtime_ns} {footer} {PEOPLE_AT_A_TIME}".encode()


def _with_names(schema: Any) -> Any:
    """Return the schema of a wide table with text for people who are named by numbers with decimals."""
    import pyarrow as pa

    place = schema.get_field_index(PERSON)
    if place < 0 or holds_facts(schema.names) or not is_numbered(schema.field(place).type):
        return schema
    return schema.set(place, pa.field(PERSON, pa.string()))


def _named(table: Any, numbered: Callable[[Any], bool], name: Callable[[Any], Any]) -> Any:
    """Return a table whose people are named by text, where they are numbered."""
    place = table.schema.get_field_index(PERSON)
    if place < 0 or not numbered(table.schema.field(place).type):
        return table
    return table.set_column(place, PERSON, name(table.column(place)))


def _slices(rows: int) -> int:
    return max(1, -(-rows // PEOPLE_AT_A_TIME))


@dataclass
class CsvSource:
    """A CSV file with a header; an empty cell is not recorded."""

    path: Path
    people: int | None = None
    parts: int | None = None

    def __post_init__(self) -> None:
        self.schema = csv_schema(self.path)

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:
        """Yield number and Arrow table of each part. Raises ``InputError`` for a cell of the wrong type."""
        import pyarrow as pa
        from pyarrow import csv

        options = csv_options(self.schema, columns)
        try:
            with csv.open_csv(self.path, csv.ReadOptions(block_size=_CSV_BLOCK), None, options) as reader:
                for number, batch in enumerate(reader):
                    if number not in done:
                        yield number, self._with_names(pa.Table.from_batches([batch]))
        except pa.ArrowInvalid as error:
            raise self._refused(error) from None

    def _with_names(self, table: Any) -> Any:
        return _named(table, lambda _: self.numbered, without_decimals)

    @cached_property
    def numbered(self) -> bool:
        """Whether all people are whole numbers with ``.0``; mostly the first block shows that not."""
        from pyarrow import csv

        if PERSON not in self.schema.names:
            return False
        options = csv_options(self.schema, [PERSON])
        with csv.open_csv(self.path, csv.ReadOptions(block_size=_SAMPLE), None, options) as reader:
            return all_whole(batch.column(0) for batch in reader)

    def as_parquet(self, columns: Sequence[str], folder: Path,
                   reading: Callable[[int], None] | None = None) -> ParquetSource:  # fmt: skip
        """Return some of the columns as a Parquet file in a folder, written there unless it is there already.

        ``reading`` is told the rows read so far. Raises ``InputError`` for a cell of the wrong type.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        whole, half = folder / "table.parquet", folder / "table.half"
        if not whole.exists():
            schema = pa.schema([self.schema.field(name) for name in columns])
            rows = 0
            with pq.ParquetWriter(half, schema) as writer:  # facts are read by the statistics
                for _, table in self.read(columns, frozenset()):
                    writer.write_table(table.cast(schema))
                    rows += table.num_rows
                    if reading:
                        reading(rows)
            half.replace(whole)
        return ParquetSource(whole)

    def _refused(self, error: Exception) -> InputError:
        return refuse(f"{self.path}: {csv_error(error, self.schema.names)}", None,
                      f"true or false, plain numbers and codes; other codings are mapped by "
                      f"'crithidia cohort map {self.path.name}'")  # fmt: skip

    def identity(self) -> bytes:
        """Return what tells this state of the file from others: size and time."""
        stat = self.path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns} {PEOPLE_AT_A_TIME}".encode()


def check_person(schema: Any, name: object) -> None:
    """Refuse a table that does not name its people."""
    if PERSON not in schema.names:
        raise refuse(f"{name}: there is no column '{PERSON}'", None,
                     "one row a person, or convert the table with 'crithidia cohort convert'")  # fmt: skip
