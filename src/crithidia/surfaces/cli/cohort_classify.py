"""``crithidia cohort classify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.options import names, sets_option
from crithidia.surfaces.cli.tables import needs_cohort_libraries, progress_of, require, written

if TYPE_CHECKING:
    from crithidia.cohort.compiled import Request

_ENGINES = ("local", "duckdb", "spark", "postgres")


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True,
              help="Write the verdicts to this Parquet or CSV file; Spark writes a folder.")
@sets_option("Criteria sets to apply, separated by commas (default: all).")
@click.option("--assume-absent", is_flag=True, help="Take every finding that is not recorded as absent.")
@click.option("--items", is_flag=True, help="Add whether each item is present, absent or unknown.")
@click.option("--details", is_flag=True, help="Add the column of weights in force and the category reached.")
@click.option("--engine", type=click.Choice(_ENGINES), default="local", show_default=True,
              help="What does the work: this machine, DuckDB, a Spark cluster, or the PostgreSQL database "
                   "in which the table FILE lies.")
@click.option("--master", default=None, help="Where Spark's master is, as spark://host:7077.")
@click.option("--database", default=None, help="Where PostgreSQL is, as postgresql://user@host/database.")
@needs_cohort_libraries
def classify(file: str, output: Path, sets: str, engine: str, master: str | None, database: str | None,
             **taken: bool) -> None:  # fmt: skip
    """Classify everyone in FILE, a wide table: one row a person, one column a concept.

    A run that was stopped goes on where it stopped when it is started again.
    """
    from crithidia.cohort.compiled import Request
    from crithidia.cohort.sink import check_ending

    if engine != "spark":
        check_ending(output)
    _check_options(engine, master, database)
    request = Request.of(names(sets), **taken)
    with written(output):
        if engine == "local":
            _here(Path(file), output, request)
        else:
            _elsewhere(file, output, request, engine, master or database or "")


def _check_options(engine: str, master: str | None, database: str | None) -> None:
    for name, value, owner in (("--master", master, "spark"), ("--database", database, "postgres")):
        if (value is None) is (engine == owner):
            msg = f"{name} goes with --engine {owner}, and --engine {owner} needs it"
            raise click.UsageError(msg)


def _here(path: Path, output: Path, request: Request) -> None:
    from crithidia.cohort.files import classify_file
    from crithidia.cohort.sources import open_source

    with progress_of(open_source(path).people or 0, "people") as progress:
        account = classify_file(path, output, request, progress)
    click.echo(f"{account.people:,} people, {len(request.sets)} criteria sets, "
               f"{len(account.used)} columns used", err=True)  # fmt: skip
    _name("columns of concepts that no set chosen asks for", account.unused)
    _name("columns that are no concept", account.unknown)


def _name(title: str, columns: tuple[str, ...]) -> None:
    if columns:
        shown = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        click.echo(f"  {len(columns)} {title}: {shown}", err=True)


def _elsewhere(file: str, output: Path, request: Request, engine: str, where: str) -> None:
    from crithidia.cohort.backends import classify_there

    require("ibis", *{"spark": ("pyspark",), "postgres": ("psycopg",)}.get(engine, ("duckdb",)))
    classify_there(file, output, request, engine, where)
