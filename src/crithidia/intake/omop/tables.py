"""The tables of an OMOP database, wherever it lies: a folder of CSV or Parquet, DuckDB, SQLite, or Ibis.

Everything comes as text, a block of rows at a time. Names of tables and columns are compared without case.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.tables.source import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROWS: Final = 20_000
Row = tuple[str | None, ...]
_SQLITE: Final = frozenset({".sqlite", ".sqlite3", ".db"})
_DUCKDB: Final = frozenset({".duckdb", ".ddb"})
_FILES: Final = {".csv": "read_csv", ".parquet": "read_parquet"}


class OmopTables(Protocol):
    """A database that can be read table by table."""

    name: str

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table in lower case; none if there is no such table."""

    def rows(self, table: str, columns: Sequence[str], where_in: tuple[str, Sequence[str]] | None = None,
             ) -> Iterator[list[Row]]:  # fmt: skip
        """Yield blocks of rows with these columns; a column that is not there is None."""

    def distinct(self, table: str, column: str) -> set[str]:
        """Return the different values of a column."""

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""


class _Sql:
    """Tables behind a DB-API connection."""

    def __init__(self, name: str, connection: Any, tables: Iterable[str]) -> None:
        self.name, self.connection = name, connection
        self.tables = {table.lower(): table for table in tables}

    def columns(self, table: str) -> tuple[str, ...]:
        if table not in self.tables:
            return ()
        cursor = self.connection.execute(f"SELECT * FROM {_name(self.tables[table])} LIMIT 0")  # noqa: S608
        return tuple(column[0].lower() for column in cursor.description)

    def rows(self, table: str, columns: Sequence[str],
             where_in: tuple[str, Sequence[str]] | None = None) -> Iterator[list[Row]]:  # fmt: skip
        there = self.columns(table)
        if not there:
            return
        parts = ", ".join(_name(column) if column in there else "NULL" for column in columns)
        query = f"SELECT {parts} FROM {_name(self.tables[table])}"  # noqa: S608
        if where_in is not None:
            column, values = where_in
            query += f" WHERE CAST({_name(column)} AS VARCHAR) IN ({', '.join('?' * len(values))})"
        cursor = self.connection.execute(query, list(where_in[1]) if where_in else [])
        while block := cursor.fetchmany(ROWS):
            yield [tuple(text_of(value) for value in row) for row in block]

    def distinct(self, table: str, column: str) -> set[str]:
        if column not in self.columns(table):
            return set()
        cursor = self.connection.execute(
            f"SELECT DISTINCT {_name(column)} FROM {_name(self.tables[table])}")  # noqa: S608
        return {str(text_of(row[0])) for row in cursor.fetchall() if row[0] is not None}

    def counts(self) -> dict[str, int]:
        return {
            name: self.connection.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0]  # noqa: S608
            for name, table in self.tables.items()
        }


class _Ibis:
    """Tables behind an Ibis connection."""

    def __init__(self, connection: Any) -> None:
        self.name, self.connection = f"ibis ({connection.name})", connection
        self.tables = {table.lower(): table for table in connection.list_tables()}

    def _table(self, table: str) -> Any:
        found = self.connection.table(self.tables[table])
        return found.rename({name.lower(): name for name in found.columns if name != name.lower()})

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(self._table(table).columns) if table in self.tables else ()

    def rows(self, table: str, columns: Sequence[str],
             where_in: tuple[str, Sequence[str]] | None = None) -> Iterator[list[Row]]:  # fmt: skip
        there = self.columns(table)
        if not there:
            return
        found = self._table(table)
        if where_in is not None:
            found = found.filter(found[where_in[0]].cast("string").isin(list(where_in[1])))
        wanted = [column for column in columns if column in there]
        for batch in found.select(wanted).to_pyarrow_batches(chunk_size=ROWS):
            values = {name: [text_of(value) for value in batch.column(name).to_pylist()] for name in wanted}
            empty = [None] * batch.num_rows
            yield list(zip(*(values.get(column, empty) for column in columns), strict=True))

    def distinct(self, table: str, column: str) -> set[str]:
        if column not in self.columns(table):
            return set()
        found = self._table(table).select(column).distinct().to_pyarrow()[column].to_pylist()
        return {str(text_of(value)) for value in found if value is not None}

    def counts(self) -> dict[str, int]:
        return {name: int(self._table(name).count().execute()) for name in self.tables}


def _name(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def open_omop(source: Any) -> OmopTables:
    """Open a folder, a DuckDB or SQLite file, or an Ibis connection. Raises ``InputError``."""
    if not isinstance(source, (str, Path)):
        return _Ibis(source)
    path = Path(source)
    tables = _opened(path)
    if not tables.columns("person"):
        raise refuse("there is no table 'person'", Position(str(path), 1),
                     "an OMOP database has the tables of the CDM, as files or in one file")  # fmt: skip
    return tables


def _opened(path: Path) -> OmopTables:
    import duckdb

    where = Position(str(path), 1)
    try:
        if path.is_dir():
            return _folder(path)
        if path.suffix.lower() in _SQLITE:
            return _sqlite(path)
        connection = duckdb.connect(str(path), read_only=True)
        found = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    except duckdb.Error as error:
        raise refuse(f"not readable: {str(error).splitlines()[0]}", where, "check the file") from None
    return _Sql(path.name, connection, [row[0] for row in found])


def _folder(path: Path) -> OmopTables:
    """Give each file of the folder as a table; numbers of OMOP are read as text."""
    import duckdb

    connection = duckdb.connect()
    tables = []
    for file in sorted(path.iterdir()):
        reader = _FILES.get(file.suffix.lower())
        if reader is None or file.stat().st_size == 0:
            continue
        options = ", all_varchar = true, header = true, quote = '\"'" if reader == "read_csv" else ""
        text = str(file).replace("'", "''")
        connection.execute(f"CREATE VIEW {_name(file.stem.lower())} AS FROM {reader}('{text}'{options})")
        tables.append(file.stem.lower())
    return _Sql(path.name, connection, tables)


def _sqlite(path: Path) -> OmopTables:
    import sqlite3

    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        found = connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise refuse(f"not readable: {error}", Position(str(path), 1), "check the file") from None
    return _Sql(path.name, connection, [row[0] for row in found])


def concept_rows(tables: OmopTables, ids: set[str]) -> Iterator[Row]:
    """Yield id, vocabulary, code and name of the concepts asked for."""
    waiting = iter(sorted(ids))
    while block := list(islice(waiting, 900)):
        for rows in tables.rows("concept", ("concept_id", "vocabulary_id", "concept_code", "concept_name"),
                                ("concept_id", block)):  # fmt: skip
            yield from rows
