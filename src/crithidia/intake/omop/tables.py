"""The tables of an OMOP database, wherever it lies: a folder of CSV or Parquet, DuckDB, SQLite, or Ibis.

Everything comes as text, a block of rows at a time. Names of tables and columns are compared without case.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.omop.files import complaint, relation
from crithidia.intake.tables.source import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROWS: Final = 20_000
Row = tuple[str | None, ...]
_SQLITE: Final = frozenset({".sqlite", ".sqlite3", ".db"})
_TABLES: Final = frozenset({".csv", ".gz", ".parquet"})
_WHOLE: Final = ("_id", "_of_birth")
_FLOAT: Final = re.compile(r"[0-9]+\.0*")


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
    """Tables behind a DB-API connection; ``tables`` gives how SQL calls each."""

    def __init__(self, name: str, connection: Any, tables: Mapping[str, str]) -> None:
        self.name, self.connection = name, connection
        self.tables = {table.lower(): called for table, called in tables.items()}

    def columns(self, table: str) -> tuple[str, ...]:
        if table not in self.tables:
            return ()
        cursor = self._run(f"SELECT * FROM {self.tables[table]} LIMIT 0")  # noqa: S608
        return tuple(column[0].lower() for column in cursor.description)

    def rows(self, table: str, columns: Sequence[str],
             where_in: tuple[str, Sequence[str]] | None = None) -> Iterator[list[Row]]:  # fmt: skip
        there = self.columns(table)
        if not there:
            return
        parts = ", ".join(_name(column) if column in there else "NULL" for column in columns)
        query = f"SELECT {parts} FROM {self.tables[table]}"  # noqa: S608
        if where_in is not None:
            column, values = where_in
            query += f" WHERE CAST({_name(column)} AS VARCHAR) IN ({', '.join('?' * len(values))})"
        cursor = self._run(query, list(where_in[1]) if where_in else [])
        with self._readable():
            while block := cursor.fetchmany(ROWS):
                yield [tuple(map(_cell, columns, row)) for row in block]

    def distinct(self, table: str, column: str) -> set[str]:
        if column not in self.columns(table):
            return set()
        cursor = self._run(f"SELECT DISTINCT {_name(column)} FROM {self.tables[table]}")  # noqa: S608
        with self._readable():
            return {str(_cell(column, row[0])) for row in cursor.fetchall() if row[0] is not None}

    def counts(self) -> dict[str, int]:
        return {
            name: self._run(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for name, table in self.tables.items()
        }

    def _run(self, query: str, values: Sequence[str] = ()) -> Any:
        with self._readable():
            return self.connection.execute(query, list(values))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn what a database says about its files into a message."""
        import sqlite3

        import duckdb

        try:
            yield
        except (duckdb.Error, sqlite3.Error) as error:
            raise complaint(error, self.name) from None


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
            values = {name: [_cell(name, value) for value in batch.column(name).to_pylist()]
                      for name in wanted}  # fmt: skip
            empty = [None] * batch.num_rows
            yield list(zip(*(values.get(column, empty) for column in columns), strict=True))

    def distinct(self, table: str, column: str) -> set[str]:
        if column not in self.columns(table):
            return set()
        found = self._table(table).select(column).distinct().to_pyarrow()[column].to_pylist()
        return {str(_cell(column, value)) for value in found if value is not None}

    def counts(self) -> dict[str, int]:
        return {name: int(self._table(name).count().execute()) for name in self.tables}


def _name(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _cell(column: str, value: Any) -> str | None:
    """Return a cell as text; ids and parts of a birth that a float holds are integers all the same."""
    text = text_of(value)
    if text is not None and column.endswith(_WHOLE) and _FLOAT.fullmatch(text):
        return text.partition(".")[0]
    return text


def open_omop(source: Any) -> OmopTables:
    """Open a folder, a DuckDB or SQLite file, or an Ibis connection. Raises ``InputError``."""
    tables: OmopTables
    if isinstance(source, (str, Path)):
        where, tables = str(source), _opened(Path(source))
    else:
        tables = _Ibis(source)
        where = tables.name
    if not tables.columns("person"):
        raise refuse("there is no table 'person'", Position(where, 1),
                     "an OMOP database has the tables of the CDM, as files or in one file; "
                     "a FHIR export has files *.ndjson")  # fmt: skip
    return tables


def _opened(path: Path) -> OmopTables:
    import duckdb

    where = Position(str(path), 1)
    try:
        if path.is_dir():
            return _folder(path)
        if path.suffix.lower() in _SQLITE:
            return _sqlite(path)
        if path.suffix.lower() in _TABLES:
            raise refuse("this is one table, and no database", where,
                         "give the folder with the tables, or a file .duckdb or .sqlite")  # fmt: skip
        connection = duckdb.connect(str(path), read_only=True)
        query = "SELECT table_catalog, table_schema, table_name FROM information_schema.tables"
        found = connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise complaint(error, str(path)) from None
    return _Sql(path.name, connection, _in_schemas(found, where))


def _in_schemas(found: Sequence[tuple[str, str, str]], where: Position) -> dict[str, str]:
    """Return how SQL calls each table: those of the schema with persons first, then what others add.

    A vocabulary may lie in a schema of its own; two schemas with persons are two databases.
    """
    with_persons = sorted({schema for _, schema, table in found if table.lower() == "person"})
    first = "main" if "main" in with_persons else next(iter(with_persons), "main")
    if len(with_persons) > 1 and first != "main":
        raise refuse(f"several schemas have a table 'person': {', '.join(with_persons)}", where,
                     "keep one in a file of its own, or give convert_omop a connection to it")  # fmt: skip
    ordered = sorted(found, key=lambda names: names[1] == first)  # the last one of a name stays
    return {names[2].lower(): ".".join(map(_name, names)) for names in ordered}


def _sqlite(path: Path) -> OmopTables:
    import sqlite3

    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        found = connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise refuse(f"not readable: {error}", Position(str(path), 1), "check the file") from None
    return _Sql(path.name, connection, {row[0]: _name(row[0]) for row in found})


def _folder(path: Path) -> OmopTables:
    """Give each file of a folder as a table, and each folder in it that holds Parquet files."""
    import duckdb

    connection = duckdb.connect()
    tables: dict[str, str] = {}
    for file in sorted(path.iterdir()):
        found = relation(file)
        if found is None:
            continue
        table, text = found
        if table in tables:
            raise refuse(f"the table '{table}' is there twice", Position(str(file), 1), "keep one of them")
        connection.execute(f"CREATE VIEW {_name(table)} AS FROM {text}")
        tables[table] = _name(table)
    return _Sql(path.name, connection, tables)


def concept_rows(tables: OmopTables, ids: set[str]) -> Iterator[Row]:
    """Yield id, vocabulary, code and name of the concepts asked for."""
    waiting = iter(sorted(ids))
    while block := list(islice(waiting, 900)):
        for rows in tables.rows("concept", ("concept_id", "vocabulary_id", "concept_code", "concept_name"),
                                ("concept_id", block)):  # fmt: skip
            yield from rows
