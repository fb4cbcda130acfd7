"""Every engine against the reference, on as many people as you like, over all sets or some.

``python -m tests.cohort.deep --people 100000 --engines arrow duckdb postgres spark cluster``

``--sets`` compares some sets only; ``--engines arrow`` is Arrow against the reference; ``--facts`` says how
many people's facts are compared, on the engines that read them.

``postgres-sql`` is compared only where it is asked for: it takes some 30 ms a person, an hour for what the
others do in minutes. The text that it runs is held on PostgreSQL for all sets in every run of the tests
(``test_equality``), and with random definitions by ``make engines`` (``tests/generative``).

The reference takes some tens of milliseconds a person, so it works in several processes and says how far
it is. Exit code 1 if anything differs; each difference is printed with the row that shows it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

from crithidia import cohort
from crithidia.cohort.backends import classify_there
from crithidia.cohort.compiled import Request, compiled
from crithidia.cohort.files import classify_file
from crithidia.cohort.synthetic import Plan, generate
from tests import engines
from tests.cohort.people import by_reference, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Sets = Sequence[str] | None

CHUNK = 500
SHARES = ((0.85, 1.0), (0.6, 1.0), (0.2, 0.9), (0.0, 0.3))
WIDEST = 1500


def chunk(number: int) -> pa.Table:
    """Return the people of one chunk, named by their place."""
    table = people(CHUNK, number, SHARES[number % len(SHARES)])
    names = pa.array([f"n{number * CHUNK + i:08}" for i in range(CHUNK)])
    return table.set_column(0, "person_id", names)


def against_reference(number: int, sets: Sets) -> list[str]:
    """Return how Arrow and the reference differ on a chunk."""
    table = chunk(number)
    assume = number % 8 >= 4
    found = cohort.classify(table, sets=sets, details=True, assume_absent=assume).to_pylist()
    differences = []
    for row, result in zip(table.to_pylist(), found, strict=True):
        for name, expected in by_reference(row, sets, assume_absent=assume).items():
            if result[name] != expected:
                differences.append(f"{row['person_id']} {name}: {result[name]}, reference {expected}")
    return differences


def reference(chunks: int, processes: int, sets: Sets) -> int:
    """Compare Arrow with the reference; return the number of differences."""
    wrong = 0
    with get_context("spawn").Pool(processes) as pool:
        for done, differences in enumerate(
            pool.imap_unordered(partial(against_reference, sets=sets), range(chunks)), 1
        ):
            wrong += len(differences)
            for difference in differences[:5]:
                click.echo(difference)
            if done % 10 == 0 or done == chunks:
                click.echo(f"reference: {done * CHUNK} people, {wrong} differences")
    return wrong


def in_duckdb(path: Path, sets: Sets) -> Iterator[Callable[[], pa.Table]]:
    table = engines.duckdb().read_parquet(path)
    yield lambda: cohort.classify(table, sets=sets).to_pyarrow()


def _read_columns(table: pa.Table, sets: Sets) -> pa.Table:
    """Return the columns that the sets read: a table of PostgreSQL has 1,600 at most."""
    used = compiled(Request.of(sets), frozenset(table.column_names)).columns
    return table.select(["person_id", *used])


def in_postgres(path: Path, sets: Sets) -> Iterator[Callable[[], pa.Table]]:
    """A stream out of the database, as ``--engine postgres``."""
    out = path.with_name("postgres.parquet")
    with engines.cluster() as folder:
        where = engines.address(folder)
        engines.load_into(where, "people", _read_columns(pq.read_table(path), sets))

        def run() -> pa.Table:
            classify_there("people", str(out), Request.of(sets), "postgres", where)
            return pq.read_table(out)

        yield run


def in_postgres_sql(path: Path, sets: Sets) -> Iterator[Callable[[], pa.Table]]:
    """The database's own work, as an Ibis table gets it."""
    with engines.postgres() as connection:
        table = engines.loaded(connection, "people", _read_columns(pq.read_table(path), sets))
        yield lambda: cohort.classify(table, sets=sets).to_pyarrow()


def in_spark(path: Path, sets: Sets, master: str = "local[2]") -> Iterator[Callable[[], pa.Table]]:
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    out = path.with_name("spark")

    def run() -> pa.Table:
        classify_there(str(path), str(out), Request.of(sets), "spark", master)
        return pq.read_table(out)

    yield run


def in_cluster(path: Path, sets: Sets) -> Iterator[Callable[[], pa.Table]]:
    with engines.spark_cluster() as master:
        yield from in_spark(path, sets, master)


def facts_there(name: str, path: Path, request: Request) -> Iterator[Callable[[], pa.Table]]:
    """Facts through an engine that reads them, from a file or a table."""
    out = path.with_name(f"facts-{name}.parquet")

    def run(file: str, engine: str, where: str) -> pa.Table:
        classify_there(file, str(out), request, engine, where)
        return pq.read_table(out)

    if name == "postgres":
        with engines.cluster() as folder:
            where = engines.address(folder)
            engines.load_into(where, "facts", pq.read_table(path), every_column=True)
            yield lambda: run("facts", "postgres", where)
        return
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    with engines.spark_cluster() if name == "cluster" else nullcontext("local[2]") as master:
        yield lambda: run(str(path), "spark", master)


def compare_facts(number: int, names: Sequence[str], sets: Sets) -> int:
    """Compare engines with this machine on so many people's facts, as of a day and from when on."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="crithidia-deep-") as folder:
        path = Path(folder) / "facts.parquet"
        Path(folder).chmod(0o755)
        rows = generate(Plan(number, form="facts", missing=0.5, dates=True, seed=1), path).rows
        dated = Request.of(sets, as_of=date(2012, 1, 1), first_met=True)
        for request in (Request.of(sets, details=True), dated):
            classify_file(path, Path(folder) / "here.parquet", request)
            expected = plain(pq.read_table(Path(folder) / "here.parquet"))
            for name in names:
                for run in facts_there(name, path, request):
                    wrong += report(f"{name}, {rows} facts", run, expected)
    return wrong


ENGINES: dict[str, Callable[[Path, Sets], Iterator[Callable[[], pa.Table]]]] = {
    "duckdb": in_duckdb, "postgres": in_postgres, "postgres-sql": in_postgres_sql, "spark": in_spark,
    "cluster": in_cluster,
}  # fmt: skip


ASKED_FOR = frozenset({"postgres-sql"})
USUAL = tuple(name for name in ("arrow", *ENGINES) if name not in ASKED_FOR)


def plain(table: pa.Table) -> pa.Table:
    """Return a result with labels as text, in the order of the people."""
    columns = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
               for column in table.columns]  # fmt: skip
    return pa.table(columns, names=table.column_names).sort_by("person_id").combine_chunks()


def compare(name: str, path: Path, expected: pa.Table, sets: Sets) -> int:
    """Return in how many columns an engine differs from Arrow."""
    return sum(report(name, run, expected) for run in ENGINES[name](path, sets))


def report(name: str, run: Callable[[], pa.Table], expected: pa.Table) -> int:
    """Run, and return in how many columns the result differs."""
    start = time.perf_counter()
    found = plain(run())
    took = time.perf_counter() - start
    wrong = [c for c in expected.column_names if not _same(found[c], expected[c])]
    click.echo(f"{name}: {found.num_rows} people in {took:.1f} s, {len(wrong)} columns differ")
    return len(wrong)


def _same(a: Any, b: Any) -> bool:
    return bool(a.cast(b.type).equals(b))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--reference-people", type=int, default=None)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--engines", nargs="*", choices=["arrow", *ENGINES],
                        default=list(USUAL))
    parser.add_argument("--facts", type=int, default=5_000, help="people whose facts are compared")
    parser.add_argument("--sets", nargs="*", default=None)
    chosen = parser.parse_args()
    wrong = 0
    if "arrow" in chosen.engines:
        wrong += reference(
            -(-(chosen.reference_people or chosen.people) // CHUNK), chosen.processes, chosen.sets
        )
    others = [name for name in ENGINES if name in chosen.engines]
    read_facts = [name for name in ("postgres", "spark", "cluster") if name in others]
    if chosen.facts and read_facts:
        wrong += compare_facts(chosen.facts, read_facts, chosen.sets)
    if others and chosen.people:
        with tempfile.TemporaryDirectory(prefix="crithidia-deep-") as folder:
            path = Path(folder) / "people.parquet"
            Path(folder).chmod(0o755)
            table = pa.concat_tables([chunk(n) for n in range(-(-chosen.people // CHUNK))])
            pq.write_table(table, path, row_group_size=10_000)
            expected = plain(cohort.classify(table, sets=chosen.sets))
            wrong += sum(compare(name, path, expected, chosen.sets) for name in others)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
