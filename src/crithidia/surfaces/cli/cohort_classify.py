"""``crithidia cohort classify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.foundation.problems import InputError
from crithidia.surfaces.cli.options import names, sets_option
from crithidia.surfaces.cli.tables import (
    check_outputs,
    counted,
    needs_cohort_libraries,
    progress_of,
    require,
    written,
)
from crithidia.surfaces.output import OutputError

if TYPE_CHECKING:
    from datetime import datetime

    from crithidia.cohort.compiled import Request
    from crithidia.cohort.files import Account

_ENGINES = ("local", "duckdb", "spark", "postgres")
_MASTERS = ("local", "spark://", "k8s://", "yarn")
_DATABASES = ("postgresql://", "postgres://")
_LIBRARIES = {"duckdb": ("ibis", "duckdb"), "spark": ("pyspark", "pandas"), "postgres": ("psycopg",)}
_READ_FACTS = ("local", "spark", "postgres")


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--output", "-o", type=click.Path(), required=True,
              help="Write the verdicts to this Parquet or CSV file; Spark writes a folder.")
@sets_option("Criteria sets to apply, separated by commas (default: all).")
@click.option("--assume-absent", is_flag=True, help="Take every finding that is not recorded as absent.")
@click.option("--items", is_flag=True, help="Add whether each item is present, absent or unknown.")
@click.option("--details", is_flag=True, help="Add the column of weights in force and the category reached.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DATE",
              help="Count only what was so by that day (a table of facts).")
@click.option("--first-met", is_flag=True,
              help="Add the first day on which each set was met (a table of facts).")
@click.option("--repeated", type=click.Choice(["refuse", "rows"]), default="refuse", show_default=True,
              help="What becomes of people who stand in several rows of a wide table: refused, or each row "
                   "classified by itself.")
@click.option("--engine", type=click.Choice(_ENGINES), default="local", show_default=True,
              help="What does the work: this machine, DuckDB, a Spark cluster, or the PostgreSQL database "
                   "in which the table FILE lies.")
@click.option("--master", default=None, help="Where Spark's master is, as spark://host:7077.")
@click.option("--database", default=None, help="Where PostgreSQL is, as postgresql://user@host/database.")
@needs_cohort_libraries
def classify(file: str, output: str, sets: str, as_of: datetime | None, repeated: str, engine: str,
             master: str | None, database: str | None, **taken: bool) -> None:  # fmt: skip
    """Classify everyone in FILE: a wide table (one row a person, one column a concept) or a table of facts.

    A run that was stopped goes on where it stopped when it is started again.
    """
    from crithidia.cohort.compiled import Request
    from crithidia.cohort.sink import check_ending

    _check_options(engine, master, database)
    if engine == "spark":
        _check_folder(file, output)
    else:
        check_ending(Path(output))
        check_outputs([Path(file)] if engine != "postgres" else (), [Path(output)])
    request = Request.of(names(sets), as_of=as_of.date() if as_of else None, repeated=repeated, **taken)
    if engine not in _READ_FACTS and (request.as_of or request.first_met):
        msg = f"--as-of and --first-met need a table of facts: --engine {' or '.join(_READ_FACTS)}"
        raise click.UsageError(msg)
    with written(Path(output)):
        if engine == "local":
            _here(Path(file), Path(output), request)
        else:
            _elsewhere(file, output, request, engine, master or database or "")


def _check_folder(file: str, output: str) -> None:
    from crithidia.cohort.sources import located

    if located(file) == located(output):
        msg = f"{output}: cannot be written: it would take the place of what is read; name another folder"
        raise OutputError(msg)


def _check_options(engine: str, master: str | None, database: str | None) -> None:
    for name, value, owner in (("--master", master, "spark"), ("--database", database, "postgres")):
        if (value is None) is (engine == owner):
            msg = f"{name} goes with --engine {owner}, and --engine {owner} needs it"
            raise click.UsageError(msg)
    if master is not None and not master.startswith(_MASTERS):
        msg = (f"'{master}' is no address of a Spark master: spark://host:7077, k8s://https://host, yarn or "
               "local[*]; with Spark Connect, call crithidia.cohort.classify(dataframe)")
        raise click.BadParameter(msg, param_hint="--master")
    if database is not None and "=" not in database and not database.startswith(_DATABASES):
        msg = "this is no address of PostgreSQL: postgresql://user@host/database"  # it may hold a password
        raise click.BadParameter(msg, param_hint="--database")
    if database is not None:
        _check_address(database)


def _check_address(database: str) -> None:
    require(*_LIBRARIES["postgres"])
    from crithidia.cohort.postgres_said import address_of

    try:
        address_of(database)
    except InputError as error:
        raise click.BadParameter(str(error), param_hint="--database") from None


def _here(path: Path, output: Path, request: Request) -> None:
    from crithidia.cohort.files import classify_file
    from crithidia.cohort.sources import open_source

    with progress_of(open_source(path).people or 0, "people") as progress:
        account = classify_file(path, output, request, progress, counted("rows read") if progress else None)
    columns = f", {len(account.used)} columns used" if account.used else ""
    again = account.repeated
    people = account.people - again.rows + again.people - again.nameless
    click.echo(f"{people:,} people, {len(request.sets)} criteria sets{columns}", err=True)
    if again.rows or again.nameless:
        several = f"{again.rows:,} are of {again.people:,} people who stand in several"
        click.echo(f"  {account.people:,} rows, each classified by itself: {several}, "
                   f"{again.nameless:,} of nobody", err=True)  # fmt: skip
    _name_unused(account)


def _name_unused(account: Account) -> None:
    _name("columns of concepts that no set chosen asks for", account.unused)
    _name("columns that are no concept", account.unknown)
    for column, title in (("concept", "concepts that are not known"), ("form", "forms that are not known")):
        facts, words = account.unsaid.facts(column), account.unsaid.names(column)
        if facts:
            click.echo(f"  {facts:,} facts say nothing here:", err=True)
            _name(title, tuple(word or f"no {column} at all" for word in words), indent=4)


def _name(title: str, words: tuple[str, ...], indent: int = 2) -> None:
    if words:
        shown = ", ".join(words[:8]) + (", ..." if len(words) > 8 else "")
        click.echo(f"{' ' * indent}{len(words)} {title}: {shown}", err=True)


def _elsewhere(file: str, output: str, request: Request, engine: str, where: str) -> None:
    from crithidia.cohort.backends import classify_there

    require(*_LIBRARIES[engine])
    account = classify_there(file, output, request, engine, where)
    if account is not None:
        click.echo(f"{account.people:,} people, {len(request.sets)} criteria sets", err=True)
        _name_unused(account)

