"""``crithidia cohort explain``: one person of a cohort as a single case."""

from __future__ import annotations

from pathlib import Path

import click

from crithidia.surfaces.cli.assess import show
from crithidia.surfaces.cli.options import language, language_option, names, output_option, sets_option
from crithidia.surfaces.cli.tables import needs_cohort_libraries


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
@click.option("--verbose", "-v", is_flag=True, help="All evidence and the notes of each set.")
@needs_cohort_libraries
def explain(file: Path, person: str, format_: str | None, output: Path | None, lang: str, sets: str,
            assume_absent: bool, verbose: bool) -> None:  # fmt: skip
    """Explain the verdicts of PERSON as for a single case; FILE is a wide table or a table of facts."""
    from crithidia.assessment import assess
    from crithidia.intake.person import case_of_person

    case = case_of_person(file, person)
    assessment = assess(case, sets=names(sets), assume_absent=assume_absent, language=language(lang))
    show(assessment, format_, output, lang, verbose=verbose)
