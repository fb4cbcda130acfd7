"""``crithidia cohort map``: draft a mapping file for a table."""

from __future__ import annotations

from pathlib import Path

import click

from crithidia.surfaces.cli.options import output_option
from crithidia.surfaces.cli.tables import needs_cohort_libraries, require


def _roles(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    from crithidia.intake.tables.roles import ROLES

    pairs = {role.strip(): column.strip() for role, _, column in (text.partition("=") for text in given)}
    for role, column in pairs.items():
        if role not in ROLES or not column:
            msg = f"'{role}' is not ROLE=COLUMN with a role of {', '.join(ROLES)}"
            raise click.BadParameter(msg)
    return pairs


@click.command(name="map")
@click.argument("table_file", metavar="FILE", type=click.Path(path_type=Path))
@output_option("Write the mapping to this file; it must not exist yet.")
@click.option("--encoding", default="", help="Encoding of CSV, SPSS, Stata or SAS (default: found out).")
@click.option("--delimiter", default="", help="Delimiter of a CSV file (default: found out).")
@click.option("--sheet", default="", help="Sheet of a spreadsheet (default: the first).")
@click.option("--dictionary", default="", help="REDCap data dictionary (CSV) that explains a REDCap export.")
@click.option("--role", "roles", multiple=True, metavar="ROLE=COLUMN", callback=_roles,
              help="Which column is the person, date, site, or, of a table with one test a row, the test, "
                   "value, unit, lower_limit, upper_limit or interval; repeatable (default: found out).")
@needs_cohort_libraries
def map_table(table_file: Path, output: Path | None, roles: dict[str, str], **options: str) -> None:
    """Draft how the columns of a table become facts, by their names, labels, units and values.

    A table may have a row a person or visit, or one test a row (person, test, value, unit, date). What is
    doubtful is written under unsure: with the alternatives and is not used until you move it.
    """
    require("rapidfuzz")
    from crithidia.intake.tables.dictionary import open_explained
    from crithidia.intake.tables.draft import draft_mapping
    from crithidia.surfaces.output import OutputError, write_output

    if output is not None and output.exists():
        msg = f"{output} exists; choose another name"
        raise OutputError(msg)
    given = {key: value for key, value in options.items() if value}
    draft = draft_mapping(open_explained(table_file, given), given, roles=roles)
    write_output(draft.text, output)
    counts = (f"{len(draft.placed)} placed", f"{len(draft.unsure)} doubtful",
              f"{len(draft.not_placed)} not placed")  # fmt: skip
    click.echo(", ".join(counts), err=True)
    for title, names in (("doubtful", draft.unsure), ("not placed", draft.not_placed)):
        if names:
            click.echo(f"  {title}: {', '.join(names)}", err=True)
    if not draft.person:
        click.echo("  no column could be told to be the person: name it in the mapping", err=True)
