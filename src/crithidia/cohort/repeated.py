"""People who stand in several rows of a wide table, and rows of nobody: found before anything is classified.

One row a person is what a wide table promises. Which of several rows is right nobody can tell from the
table, and counting each would count a person several times; so they are refused unless asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import PERSON
from crithidia.foundation.problems import InputError, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_SHOWN: Final = 5
_MEMORY: Final = "2GB"
_REMEDY: Final = (
    "keep one row a person; or take rows as visits: 'crithidia cohort convert' with 'repeated: visits'; "
    "or classify each row by itself: --repeated rows"
)


@dataclass(frozen=True)
class Repeated:
    """How many people stand in several rows, in how many rows they do, and how many rows name nobody.

    ``examples`` are some of the people with the numbers of their rows, where rows have numbers.
    """

    people: int = 0
    rows: int = 0
    nameless: int = 0
    examples: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def problems(self, where: str) -> Iterable[Problem]:
        """Yield what is wrong with the table."""
        if self.people:
            some = "; ".join(f"'{shown(name)}'{_numbers(rows)}" for name, rows in self.examples)
            more = "; ..." if self.people > len(self.examples) else ""
            yield Problem(f"{where}{self.people:,} people stand in several rows, {self.rows:,} rows in all: "
                          f"{some}{more}", None, _REMEDY)  # fmt: skip
        if self.nameless:
            yield Problem(f"{where}{self.nameless:,} rows have no {PERSON}", None,
                          "name the person, leave the rows out, or give --repeated rows")  # fmt: skip


def _numbers(rows: tuple[int, ...]) -> str:
    if not rows:
        return ""
    found = " in rows " + ", ".join(f"{row:,}" for row in rows[:MOST_SHOWN])
    return found + (", ..." if len(rows) > MOST_SHOWN else "")


def refuse_repeated(found: Repeated, where: str = "") -> None:
    """Raise ``InputError`` if anybody stands in several rows, or a row names nobody."""
    problems = tuple(found.problems(f"{where}: " if where else ""))
    if problems:
        raise InputError(problems)


def repeated_in_file(path: Path, *, first_row: int = 1) -> Repeated:
    """Return who stands in several rows of a Parquet file; ``first_row`` is the number of its first row.

    DuckDB counts them, on disk where memory does not suffice.
    """
    import duckdb
    import pyarrow.parquet as pq

    from crithidia.cohort.in_duckdb import person_in_parquet

    with (
        TemporaryDirectory(prefix="crithidia-") as folder,
        duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as connection,
    ):
        name = person_in_parquet(connection, str(path), pq.read_schema(path).names)
        return _counted(connection, name, str(path), first_row)


def _counted(connection: Any, name: str, path: str, first_row: int) -> Repeated:
    given = {"path": path}
    rows_of = f"SELECT {name} AS person, file_row_number + {first_row} AS number"
    table = f"({rows_of} FROM read_parquet($path, file_row_number = true))"
    connection.execute(
        f"CREATE TEMP TABLE again AS SELECT person, count(*) AS times FROM {table} "  # noqa: S608
        "GROUP BY person HAVING count(*) > 1 OR person IS NULL", given)  # fmt: skip
    [(people, rows, nameless)] = connection.execute(
        "SELECT count(person), coalesce(sum(times) FILTER (person IS NOT NULL), 0), "
        "coalesce(sum(times) FILTER (person IS NULL), 0) FROM again"
    ).fetchall()
    examples = connection.execute(
        f"SELECT person, list(number ORDER BY number) FROM {table} WHERE person IN "  # noqa: S608
        f"(SELECT person FROM again WHERE person IS NOT NULL ORDER BY person LIMIT {MOST_SHOWN}) "
        f"GROUP BY person ORDER BY person", given).fetchall() if people else []  # fmt: skip
    return Repeated(people, int(rows), int(nameless), tuple((str(p), tuple(r)) for p, r in examples))


def repeated_in(column: Any) -> Repeated:
    """Return who stands in several rows of a table at hand; ``column`` is the Arrow column of its people."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    counts = pc.value_counts(whole.drop_null())
    again = counts.filter(pc.greater(counts.field("counts"), 1))
    names = again.field("values").slice(0, MOST_SHOWN).to_pylist()
    examples = [(str(name), tuple(row + 1 for row in pc.indices_nonzero(pc.equal(whole, name)).to_pylist()))
                for name in names]  # fmt: skip
    rows = pc.sum(again.field("counts")).as_py() or 0
    return Repeated(len(again), rows, whole.null_count, tuple(examples))


def repeated_there(table: Any) -> Repeated:
    """Return who stands in several rows of an Ibis table; its engine counts them."""
    every = table.group_by(PERSON).aggregate(times=table.count())
    again = every.filter((every.times > 1) | every[PERSON].isnull())
    named = again[PERSON].notnull()
    [found] = again.aggregate(
        people=named.sum(), rows=again.times.sum(where=named), nameless=again.times.sum(where=~named)
    ).to_pyarrow().to_pylist()  # fmt: skip
    few = again.filter(named).order_by(PERSON).limit(MOST_SHOWN)[[PERSON]] if found["people"] else None
    names = () if few is None else few.to_pyarrow()[PERSON].to_pylist()
    return Repeated(found["people"] or 0, found["rows"] or 0, found["nameless"] or 0,
                    tuple((str(name), ()) for name in names))  # fmt: skip
