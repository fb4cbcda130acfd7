"""A table of PostgreSQL, brought here as a stream and classified here.

The circuit of all sets takes PostgreSQL some hundred times as long as it takes to hand over the columns. So
only the columns that are read leave the database, in one transaction that sees one state of it.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pyarrow as pa
from pyarrow import csv

from crithidia.case.fact_table import PERSON, holds_facts, kinds_of_columns
from crithidia.case.person_names import LARGEST
from crithidia.cohort.facts.batch import check_fact_columns, read_columns
from crithidia.cohort.facts.whole import whole_people
from crithidia.cohort.repeated import MOST_SHOWN, Repeated
from crithidia.cohort.sources import PEOPLE_AT_A_TIME
from crithidia.foundation.problems import refuse
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BYTES_AT_A_TIME: Final = 1 << 25
_FACTS_AT_A_TIME: Final = 1_000_000
_LONGEST_NAME: Final = 63
_TYPES: Final[Mapping[str, Any]] = {
    "bool": pa.bool_(), "int2": pa.int64(), "int4": pa.int64(), "int8": pa.int64(), "float4": pa.float64(),
    "float8": pa.float64(), "numeric": pa.float64(), "text": pa.string(), "varchar": pa.string(),
    "bpchar": pa.string(), "uuid": pa.string(), "citext": pa.string(), "name": pa.string(),
    "date": pa.date32(), "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us"),
}  # fmt: skip
_COLUMNS: Final = """
    WITH RECURSIVE held AS (
        SELECT attname, attnum, atttypid AS kind FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attname, attnum, typbasetype FROM held JOIN pg_type ON kind = oid WHERE typtype = 'd'
    )
    SELECT attname, CASE typtype WHEN 'e' THEN 'text' ELSE typname END
    FROM held JOIN pg_type ON kind = oid WHERE typtype <> 'd' ORDER BY attnum
"""

_AGAIN: Final = """
    WITH again AS (SELECT ({person})::text AS person, count(*) AS times FROM {table}
                   GROUP BY {person} HAVING count(*) > 1 OR ({person}) IS NULL)
    SELECT count(person), coalesce(sum(times) FILTER (WHERE person IS NOT NULL), 0),
           coalesce(sum(times) FILTER (WHERE person IS NULL), 0),
           (SELECT array_agg(person) FROM (SELECT person FROM again WHERE person IS NOT NULL
                                           ORDER BY person LIMIT {most}) AS first_few)
    FROM again
"""


@contextmanager
def opened(where: str, table: str) -> Iterator[PostgresSource]:
    """Give the source of a table, or of a view, in the database at an address.

    Raises ``InputError`` for a table that is not there, and what psycopg raises.
    """
    import psycopg

    with psycopg.connect(where) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # all statements see one state
        yield PostgresSource(connection, table)


class PostgresSource:
    """People, one a row, or facts, sorted by person on the way out."""

    people: int | None = None
    parts: int | None = None

    def __init__(self, connection: Any, table: str) -> None:
        self._connection = connection
        self._table = self._found(table)
        held = dict(connection.execute(_COLUMNS, (self._table,)).fetchall())
        self._held = _whole_names(held)
        self._person_type = held.get(PERSON, "")
        fields = {name: _TYPES.get(held[cut], pa.binary()) for name, cut in self._held.items()}
        self._facts = holds_facts(self._held)
        if PERSON in fields and (self._facts or fields[PERSON] != pa.int64()):
            fields[PERSON] = pa.string()  # whatever names people: a double would take two for one
        self.schema = pa.schema(list(fields.items()))
        if self._facts:
            check_fact_columns(self.schema)

    def _found(self, table: str) -> str:
        """Return the table as SQL names it; ``table`` may name its schema."""
        quoted = '"' + table.replace('"', '""') + '"'
        from psycopg import errors

        with suppress(errors.InvalidName, errors.SyntaxError):  # words that are no name of a table
            for name in (quoted, table):
                [found] = self._connection.execute("SELECT to_regclass(%s)::text", (name,)).fetchone()
                if found is not None:
                    return str(found)
        raise refuse(f"there is no table '{table}' in the database", None,
                     "a schema's table is written as in SQL: study.facts, study.\"Facts\"")  # fmt: skip

    def read(self, columns: Sequence[str], done: frozenset[int]) -> Iterator[tuple[int, Any]]:
        """Yield number and Arrow table of each part that is not done yet."""
        if self._facts:
            names = [column.name for column in read_columns(self._held)]
            tables = self._copied(names, f" ORDER BY {_quoted(PERSON)}")
            batches = (batch for table in tables for batch in table.to_batches())
            parts = whole_people(batches, _FACTS_AT_A_TIME)
        else:
            parts = self._copied(list(dict.fromkeys(columns)), "")
        yield from (part for part in enumerate(parts) if part[0] not in done)

    def repeated(self) -> Repeated:
        """Return who stands in several rows of a table of people; nobody does in a table of facts."""
        if self._facts or PERSON not in self._held:
            return Repeated()
        person = _person(_quoted(PERSON), self._person_type)
        text = _AGAIN.format(person=person, table=self._table, most=MOST_SHOWN)
        people, rows, nameless, names = self._connection.execute(text).fetchone()
        return Repeated(people, int(rows), int(nameless), tuple((name, ()) for name in names or ()))

    def _copied(self, names: list[str], order: str) -> Iterator[Any]:
        """Yield the columns of some rows after others."""
        types = {name: self._kind(name) for name in names}
        chosen = ", ".join(self._chosen(name) for name in names)
        query = f"COPY (SELECT {chosen} FROM {self._table}{order}) TO STDOUT (FORMAT csv)"  # noqa: S608
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            for rows in _blocks(copy):
                yield _parsed(rows, types)

    def _kind(self, name: str) -> Any:
        kind = self.schema.field(name).type
        return pa.date32() if pa.types.is_timestamp(kind) else kind

    def _chosen(self, name: str) -> str:
        """Return a column as it is selected: numbers as doubles, times as days."""
        column, kind = _quoted(self._held[name]), self.schema.field(name).type
        if pa.types.is_timestamp(kind):
            return f"{column}::date"
        if name == PERSON:
            return _person(column, self._person_type)
        if pa.types.is_floating(kind):
            return f"{column}::float8"
        return f"{column}::text" if pa.types.is_string(kind) else column  # without the blanks of char(n)

    def identity(self) -> bytes:
        """Return a name of its own for each run: nobody knows whether a table has changed."""
        return uuid4().bytes


def _whole_names(held: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of a table by their whole names: PostgreSQL cuts long ones."""
    whole: dict[str, str] = {}
    for name in kinds_of_columns(shipped_vocabulary()):
        if name[:_LONGEST_NAME] in held and len(name) > _LONGEST_NAME:
            whole[name] = name[:_LONGEST_NAME]
    cut = set(whole.values())
    return {**{name: name for name in held if name not in cut}, **whole}


def _person(column: str, kind: str) -> str:
    """Return the SQL of a person's name (``case.person_names``); NaN is nobody."""
    if kind in {"float4", "float8"}:
        whole = f"{column} = floor({column}) AND abs({column}) < {LARGEST!r}"
        return (f"CASE WHEN {column} = 'NaN' THEN NULL WHEN {whole} THEN {column}::bigint::text "
                f"ELSE {column}::text END")  # fmt: skip
    if kind == "numeric":
        return f"trim_scale(nullif({column}, 'NaN'))::text"
    return column if kind in {"int2", "int4", "int8"} else f"{column}::text"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _blocks(copy: Any) -> Iterator[list[bytes]]:
    """Yield the lines of some rows after others."""
    rows: list[bytes] = []
    size = 0
    for line in copy:
        rows.append(bytes(line))
        size += len(line)
        if size >= _BYTES_AT_A_TIME or len(rows) >= PEOPLE_AT_A_TIME:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _parsed(rows: list[bytes], types: Mapping[str, Any]) -> Any:
    """Return lines of CSV as an Arrow table; what is not quoted and empty is NULL."""
    text = b"".join(rows)
    return csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(column_names=list(types), block_size=len(text)),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(column_types=dict(types), null_values=[""], strings_can_be_null=True,
                           quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"]),
    )  # fmt: skip
