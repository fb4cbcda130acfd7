"""``crithidia cohort explain``: one person of a cohort as a single case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.assess import show
from crithidia.surfaces.cli.options import language, language_option, names, output_option, sets_option
from crithidia.surfaces.cli.tables import needs_cohort_libraries

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("person")
@click.option("--format", "-f", "format_", type=click.Choice(["text", "json", "html", "md"]), default=None,
              help="text (default), json, html or md; by default also read from the name given to -o.")
@output_option()
@language_option()
@sets_option("Criteria sets to apply, separated by commas (default: all).")
@click.option("--assume-absent", is_flag=True,
              help="Take every unknown finding as absent; the report says so.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DATE",
              help="Count only what was so by that day (a table of facts).")
@click.option("--verbose", "-v", is_flag=True, help="All evidence and the notes of each set.")
@needs_cohort_libraries
def explain(file: Path, person: str, format_: str | None, output: Path | None, lang: str, sets: str,
            as_of: datetime | None, **counted: bool) -> None:  # fmt: skip
    """Explain the verdicts of PERSON as for a single case; FILE is a wide table or a table of facts."""
    from crithidia.assessment import assess
    from crithidia.intake.person import case_of_person

    case = case_of_person(file, person)
    day = as_of.date().isoformat() if as_of else None
    verbose = counted.pop("verbose")
    assessment = assess(case, sets=names(sets), as_of=day, language=language(lang), **counted)
    show(assessment, format_, output, lang, verbose=verbose)
