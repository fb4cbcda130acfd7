"""``crithidia cohort convert``: tables, databases and exports into the table of facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.tables import needs_cohort_libraries, progress_of, written

if TYPE_CHECKING:
    from crithidia.intake.ledger import Ledger


@click.command()
@click.argument("data", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--mapping", "-m", type=click.Path(path_type=Path, dir_okay=False),
              help="The mapping file; see 'crithidia cohort map'.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="Write the facts to this Parquet file.")
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False),
              help="Write everything that could not be used to this CSV file, with reason and remedy.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the counts to this JSON file.")
@click.option("--wide", is_flag=True, help="Write one row a person instead of one row a fact.")
@needs_cohort_libraries
def convert(data: Path, mapping: Path | None, output: Path, rejects: Path | None, report: Path | None,
            wide: bool) -> None:  # fmt: skip
    """Convert a table into facts. Nothing is dropped silently: the counts add up to the input."""
    if mapping is None:
        msg = "a table needs --mapping; draft one with 'crithidia cohort map'"
        raise click.UsageError(msg)
    with written(output):
        if wide:
            ledger, about = _as_wide(data, mapping, output, rejects)
        else:
            ledger, about = _as_facts(data, mapping, output, rejects)
    _tell(ledger, about, report)


def _as_facts(data: Path, mapping: Path, output: Path,
              rejects: Path | None) -> tuple[Ledger, dict[str, object]]:  # fmt: skip
    from crithidia.intake.tables.convert import convert as run
    from crithidia.intake.tables.dictionary import open_explained
    from crithidia.intake.tables.mapping import load_mapping

    loaded = load_mapping(mapping)
    table = open_explained(data, loaded.file, mapping.parent)
    with progress_of(table.total or 0, "rows") as progress:
        ledger = run(table, loaded, output, rejects, progress)
    return ledger, {"input": table.name, "mapping": str(mapping), "output": str(output)}


def _as_wide(data: Path, mapping: Path, output: Path,
             rejects: Path | None) -> tuple[Ledger, dict[str, object]]:  # fmt: skip
    from tempfile import TemporaryDirectory

    from crithidia.intake.tables.wide import write_wide

    with TemporaryDirectory(prefix="crithidia-") as folder:
        facts = Path(folder) / "facts.parquet"
        ledger, about = _as_facts(data, mapping, facts, rejects)
        several = write_wide(facts, output)
    return ledger, {**about, "output": str(output), "several_values": several}


def _tell(ledger: Ledger, about: dict[str, object], report: Path | None) -> None:
    from crithidia.intake.ledger import lines
    from crithidia.surfaces.output import write_output

    for line in lines(ledger):
        click.echo(line, err=True)
    several = about.get("several_values")
    if isinstance(several, dict) and several:
        count = sum(several.values())
        click.echo(f"{count:>12,}  cells of the wide table left empty: several values", err=True)
    if report:
        text = json.dumps(ledger.report(about), ensure_ascii=False, indent=1)
        write_output(text + "\n", report)
