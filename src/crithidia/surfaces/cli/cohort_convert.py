"""``crithidia cohort convert``: tables, databases and exports into the table of facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.foundation.problems import CrithidiaError, refuse
from crithidia.surfaces.cli.tables import check_outputs, needs_cohort_libraries, progress_of, written

if TYPE_CHECKING:
    from crithidia.intake.ledger import Ledger

    Found = tuple[Ledger, dict[str, object]]

_FHIR = (".ndjson", ".ndjson.gz", ".json", ".json.gz")
# What the tables of an OMOP database may be kept as; a .json beside them describes them.
_TABLES = (".csv", ".csv.gz", ".parquet")
_KINDS = ("table", "omop", "fhir")
_PARQUET = frozenset({".parquet", ".pq"})
_DATABASES = frozenset({".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db"})


class NothingUsedError(CrithidiaError):
    """An input of which nothing could be used: there are no facts to write."""

    exit_code = 3


@click.command()
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
@click.option("--from", "kind", type=click.Choice(_KINDS), default=None,
              help="What DATA is: a table, an OMOP database, or an export of FHIR; by default "
                   "told by its files.")
@click.option("--mapping", "-m", type=click.Path(path_type=Path, dir_okay=False),
              help="The mapping file of a table; see 'crithidia cohort map'.")
@click.option("--codes", type=click.Path(path_type=Path, dir_okay=False),
              help="Codes and their concepts, in place of the ones shipped (OMOP, FHIR).")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="Write the facts to this Parquet file.")
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False),
              help="Write everything that could not be used to this CSV file, with reason and remedy.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the counts to this JSON file.")
@click.option("--wide", is_flag=True, help="Write one row a person instead of one row a fact.")
@needs_cohort_libraries
def convert(data: Path, kind: str | None, mapping: Path | None, codes: Path | None, output: Path,
            rejects: Path | None, report: Path | None, wide: bool) -> None:  # fmt: skip
    """Convert a table, a database or an export into facts.

    Nothing is dropped silently: the counts add up to the input. Where nothing could be used, no facts are
    written, only the counts and the rejects, and the exit code is 3.
    """
    if not data.exists():
        raise refuse(f"{data}: there is no such file or folder")
    kind = kind or _kind_of(data)
    if kind == "table" and mapping is None:
        msg = "a table needs --mapping; draft one with 'crithidia cohort map'"
        raise click.UsageError(msg)
    if (mapping is not None and kind != "table") or (codes is not None and kind == "table"):
        msg = "--mapping belongs to tables, --codes to OMOP and FHIR"
        raise click.UsageError(msg)
    _check_ending(output)
    check_outputs((data, mapping, codes), (output, rejects, report))
    with written(output):
        run = _as_wide if wide else _as_facts
        ledger, about = run(kind, data, mapping if kind == "table" else codes, output, rejects)
    _tell(ledger, about, report)
    if not ledger.facts:
        raise _nothing(data, output, rejects, ledger)


def _nothing(data: Path, output: Path, rejects: Path | None, ledger: Ledger) -> NothingUsedError:
    read = ledger.read.total()
    said = f"nothing could be used of its {read:,} {ledger.piece}" if read else "it is empty"
    where = "the counts say why"
    if ledger.reasons():
        where = f"the reasons stand in {rejects}" if rejects else "--rejects FILE gives the reasons"
    return NothingUsedError(f"{data}: {said}, so {output} was not written; {where}")


def _check_ending(output: Path) -> None:
    if output.suffix.lower() not in _PARQUET:
        msg = f"'{output}' does not end in .parquet, and facts are written as Parquet"
        raise click.BadParameter(msg, param_hint="--output")


def _kind_of(data: Path) -> str:
    """Tell what the data are by the files there."""
    if data.suffix.lower() in _DATABASES:
        return "omop"
    names = [path.name.lower() for path in data.rglob("*")] if data.is_dir() else [data.name.lower()]
    if any(name.endswith(_FHIR[:2]) for name in names):
        return "fhir"
    if data.is_dir() and any(name.endswith(_TABLES) for name in names):
        return "omop"
    if any(name.endswith(_FHIR) for name in names):
        return "fhir"
    return "omop" if data.is_dir() else "table"


def _as_facts(kind: str, data: Path, given: Path | None, output: Path, rejects: Path | None) -> Found:
    convert_one = {"table": _table, "omop": _omop, "fhir": _fhir}[kind]
    ledger, about = convert_one(data, given, output, rejects)
    return ledger, {**about, "output": str(output)}


def _table(data: Path, mapping: Path | None, output: Path, rejects: Path | None) -> Found:
    from crithidia.intake.tables.convert import convert as run
    from crithidia.intake.tables.dictionary import open_explained
    from crithidia.intake.tables.mapping import load_mapping

    assert mapping is not None  # noqa: S101  (checked before)
    loaded = load_mapping(mapping)
    table = open_explained(data, loaded.file, mapping.parent)
    with progress_of(table.total or 0, "rows") as progress:
        ledger = run(table, loaded, output, rejects, progress, even_empty=False)
    return ledger, {"input": table.name, "mapping": str(mapping)}


def _omop(data: Path, codes: Path | None, output: Path, rejects: Path | None) -> Found:
    from crithidia.intake.codes import load_codes
    from crithidia.intake.omop import convert_omop, open_omop

    known, tables = load_codes(codes), open_omop(data)
    with progress_of(sum(tables.counts().values()), "rows") as progress:
        return convert_omop(tables, output, rejects, known, progress, even_empty=False)


def _fhir(data: Path, codes: Path | None, output: Path, rejects: Path | None) -> Found:
    from crithidia.intake.codes import load_codes
    from crithidia.intake.fhir_bulk import convert_fhir, open_export

    known, files = load_codes(codes), open_export(data)
    with progress_of(0, "resources") as progress:
        return convert_fhir(files, output, rejects, known, progress, even_empty=False)


def _as_wide(kind: str, data: Path, given: Path | None, output: Path, rejects: Path | None) -> Found:
    from tempfile import TemporaryDirectory

    from crithidia.intake.tables.wide import write_wide

    with TemporaryDirectory(prefix="crithidia-") as folder:
        facts = Path(folder) / "facts.parquet"
        ledger, about = _as_facts(kind, data, given, facts, rejects)
        several = write_wide(facts, output) if ledger.facts else {}
    return ledger, {**about, "output": str(output), "several_values": several}


def _tell(ledger: Ledger, about: dict[str, object], report: Path | None) -> None:
    from crithidia.intake.ledger import lines
    from crithidia.surfaces.output import write_output

    for line in lines(ledger):
        click.echo(line, err=True)
    for key, title in (("tables_not_read", "tables not read"),
                       ("most_often_not_mapped", "most often not mapped"),
                       ("limits_not_read", "limits in words, not read"),
                       ("ids_with_different_content", "one id, different content")):  # fmt: skip
        if names := about.get(key):
            assert isinstance(names, dict)  # noqa: S101
            shown = ", ".join(f"{name} ({count:,})" for name, count in list(names.items())[:8])
            click.echo(f"  {title}: {shown}", err=True)
    several = about.get("several_values")
    if isinstance(several, dict) and several:
        count = sum(several.values())
        click.echo(f"{count:>12,}  cells of the wide table left empty: several values", err=True)
    if report:
        text = json.dumps(ledger.report(about), ensure_ascii=False, indent=1)
        write_output(text + "\n", report)
