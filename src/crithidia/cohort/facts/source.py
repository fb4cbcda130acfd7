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
from crithidia.cohort.facts.batch import NEEDED, WORDS, check_fact_columns, read_columns
from crithidia.cohort.facts.typed import typed_schema
from crithidia.cohort.in_duckdb import person_in_parquet, quoted
from crithidia.cohort.sources import CsvSource, ParquetSource
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crithidia.cohort.sources import Source

FACTS_AT_A_TIME: Final = 4_000_000
_BATCH: Final = 1 << 20
_MEMORY: Final = "4GB"
_OWN: Final = frozenset(column.name for column in COLUMNS)


class CsvFacts(CsvSource):
    """A CSV file of facts, which is read once it is Parquet (``facts_of``)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fact_columns(self.schema)

    def identity(self) -> bytes:
        """Return what tells this state of the file, in these parts, from others."""
        return super().identity() + f" {FACTS_AT_A_TIME}".encode()


class FactSource(ParquetSource):
    """A Parquet file of facts. A row group that is too large is read in slices."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fact_columns(typed_schema(self.schema))
        self.people = None

    @property
    def parts(self) -> int | None:
        """The number of parts; nobody knows before the file is sorted."""
        return sum(slices for _, slices in self._runs) if self.in_order else None

    @cached_property
    def _runs(self) -> list[tuple[list[int], int]]:
        """Row groups that are read together, and in how many slices."""
        runs: list[tuple[list[int], int]] = []
        about, rows = self._file.metadata, FACTS_AT_A_TIME
        for number in range(about.num_row_groups):
            size = about.row_group(number).num_rows
            if rows + size > FACTS_AT_A_TIME:
                runs.append(([], -(-size // (2 * FACTS_AT_A_TIME)) or 1))
                rows = 0
            runs[-1][0].append(number)
            rows += size
        return runs

    def identity(self) -> bytes:
        """Return what tells this state of the file, in these parts, from others."""
        return super().identity() + f" {FACTS_AT_A_TIME}".encode()

    @cached_property
    def in_order(self) -> bool:
        """Whether no row group holds people that come before those of the one before it, by their names."""
        column = self.schema.names.index(PERSON)
        if typed_schema(self.schema).field(column) != self.schema.field(column):
            return False
        last = None
        for number in range(self._file.metadata.num_row_groups):
            found = self._file.metadata.row_group(number).column(column).statistics
            if found is None or not found.has_min_max or (last is not None and found.min < last):
                return False
            last = found.max
        return True

    @cached_property
    def read_columns(self) -> list[str]:
        """The columns that are read: those that say something, and that classifying asks for."""
        return [column.name for column in read_columns(self.schema.names) if column.name in NEEDED
                or self._says_something(column.name, flag=column.type == "bool")]  # fmt: skip

    def _says_something(self, name: str, *, flag: bool) -> bool:
        """Return whether a column holds anything but NULL, or a flag anything but false.

        A column that is not read is NULL throughout, and a flag that is NULL is false.
        """
        about, place = self._file.metadata, self.schema.names.index(name)
        groups = (about.row_group(number) for number in range(about.num_row_groups))
        return not all(_empty(group.column(place).statistics, group.num_rows, flag=flag) for group in groups)

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:
        """Yield number and Arrow table of each part that is not done yet.

        It has the columns that classifying needs, and of ``columns`` those that there are.
        """
        more = [name for name in columns if name in self.schema.names and name not in self.read_columns]
        with self._sorted() as path:
            sorted_ = self if path == self.path else FactSource(path)
            left = None
            for number, table, ends in sorted_._tables([*self.read_columns, *more], done):
                _check_named(table.column(PERSON), self.path)
                whole, left = _split(left, table, ends=ends)
                if number not in done:
                    yield number, whole

    def _tables(self, names: list[str], done: frozenset[int]) -> Iterator[tuple[int, Any, bool]]:
        """Yield the facts of each part as they lie in the file; of what is done, only what others need.

        Also whether nobody goes on in the next part, as far as the file says by itself.
        """
        import pyarrow.parquet as pq

        words = [name for name in (PERSON, *WORDS) if name in names]
        first = 0
        with pq.ParquetFile(self.path, read_dictionary=words, memory_map=True) as file:
            for groups, slices in self._runs:
                numbers = range(first, first + slices)
                first += slices
                if done.issuperset([*numbers, first]):  # nobody who goes on is of a part still to be done
                    continue
                if slices == 1:
                    yield numbers[0], file.read_row_groups(groups, columns=names), self._ends(groups[-1])
                    continue
                rows = -(-sum(self._rows_of(group) for group in groups) // slices)
                batches = file.iter_batches(min(rows, _BATCH), row_groups=groups, columns=names)
                for number, table in zip(numbers, _of_size(batches, rows), strict=True):
                    yield number, table, number == numbers[-1] and self._ends(groups[-1])

    def _ends(self, group: int) -> bool:
        """Return whether the row group after one begins with people who come later, or there is none."""
        about = self._file.metadata
        if group + 1 == about.num_row_groups:
            return True
        column = self.schema.names.index(PERSON)
        found, following = (about.row_group(g).column(column).statistics for g in (group, group + 1))
        return bool(following.min > found.max)

    def _rows_of(self, group: int) -> int:
        return int(self._file.metadata.row_group(group).num_rows)

    @contextmanager
    def _sorted(self) -> Iterator[Path]:
        if self.in_order:
            yield self.path
            return
        with TemporaryDirectory(prefix="crithidia-") as folder:
            path = Path(folder) / "facts.parquet"
            _sort(self.path, self.schema.names, path, folder)
            yield path


def _empty(found: Any, rows: int, *, flag: bool) -> bool:
    """Return whether the statistics of a column say that it holds NULL only, or false for a flag."""
    if found is None or not found.has_null_count:
        return False
    return bool(found.null_count == rows or (flag and found.has_min_max and found.max is False))


def _check_named(people: Any, path: Path) -> None:
    if people.null_count:
        raise refuse(f"{path}: {people.null_count:,} facts have no {PERSON}", None,
                     "every fact needs a person; leave out those that have none")  # fmt: skip


def _of_size(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """Yield batches as tables of so many rows; the last has what is left."""
    waiting: list[Any] = []
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]))
        if sum(table.num_rows for table in waiting) >= rows:
            every = pa.concat_tables(waiting)
            yield every.slice(0, rows)
            waiting = [every.slice(rows)] if every.num_rows > rows else []
    if waiting:
        yield pa.concat_tables(waiting)


def _split(left: Any, table: Any, *, ends: bool) -> tuple[Any, Any]:
    """Return the people that are there as a whole, and the facts of the one who may go on."""
    every = table if left is None else pa.concat_tables([left, table], promote_options="permissive")
    if ends or not every.num_rows:
        return every, None
    goes_on = pc.equal(every.column(PERSON), _greatest(table.column(PERSON)))
    rows = pc.sum(goes_on).as_py()
    if pc.sum(goes_on.slice(len(goes_on) - rows)).as_py() == rows:  # they come last
        return every.slice(0, every.num_rows - rows), every.slice(every.num_rows - rows)
    return every.filter(pc.invert(goes_on)), every.filter(goes_on)


def _greatest(people: Any) -> Any:
    """Return the last of the people, who may be a dictionary with entries that nobody uses."""
    return pc.max(pa.chunked_array([chunk.dictionary.take(chunk.indices.unique())
                                    for chunk in people.chunks], pa.string()))  # fmt: skip


def facts_of(source: Source, folder: Path, reading: Callable[[int], None] | None = None) -> Source:
    """Return a source of facts as one of whole people; CSV becomes Parquet in a folder."""
    if isinstance(source, CsvSource):
        source = source.as_parquet(source.schema.names, folder, reading)
    return FactSource(source.path) if isinstance(source, ParquetSource) else source


def _sort(path: Path, names: Sequence[str], target: Path, folder: str) -> None:
    """Write the facts in the order of the people, who are named by text.

    A column whose name differs from one of the table of facts in case only is left out, as DuckDB would take
    one for the other.
    """
    import duckdb

    with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as connection:
        described = "DESCRIBE SELECT * FROM read_parquet($source)"
        held = connection.execute(described, {"source": str(path)}).fetchall()
        person = f"CAST({person_in_parquet(connection, str(path), names)} AS VARCHAR)"
        chosen = ", ".join(f"{person if name == PERSON else quoted(own)} AS {quoted(name)}"
                           for name, (own, *_) in zip(names, held, strict=True)
                           if name in _OWN or name.lower() not in _OWN)  # fmt: skip
        connection.execute(
            f"COPY (SELECT {chosen} FROM read_parquet($source) ORDER BY {person}) "  # noqa: S608
            "TO $target (FORMAT parquet)", {"source": str(path), "target": str(target)},
        )  # fmt: skip
