"""``crithidia assess``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from crithidia.surfaces.cli.options import (
    case_argument,
    language,
    language_option,
    names,
    output_option,
    sets_option,
)

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.assessment import Assessment
    from crithidia.case import Case

_FORMATS = click.Choice(["text", "json", "html", "md"])


@click.command()
@case_argument
@click.option("--format", "-f", "format_", type=_FORMATS, default=None,
              help="text (default), json, html or md; by default also read from the name given to -o.")
@output_option()
@language_option()
@sets_option("Criteria sets to apply, separated by commas (default: all).")
@click.option("--assume-absent", is_flag=True,
              help="Take every unknown finding as absent; the report says so.")
@click.option("--default-intervals", is_flag=True,
              help="Let published reference intervals settle findings where the laboratory gave none.")
@click.option("--as-of", default=None, metavar="TIME",
              help="Count only what was recorded until then: 2022-05-01, admission, '+3 months'.")
@click.option("--verbose", "-v", is_flag=True, help="All evidence and the notes of each set.")
def assess(case: Case, format_: str | None, output: Path | None, lang: str, sets: str,
           verbose: bool, **counted: Any) -> None:  # fmt: skip
    """Assess the CASE file, or a filled form: criteria, overlap, measurements, doubts."""
    from crithidia.assessment import assess as assess_case

    try:
        assessment = assess_case(case, sets=names(sets), language=language(lang), **counted)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from None
    show(assessment, format_, output, lang, verbose=verbose)


def show(assessment: Assessment, format_: str | None, output: Path | None, lang: str, *,
         verbose: bool = False) -> None:  # fmt: skip
    """Print or write an assessment; the format is also read from the name of the output."""
    chosen = format_ or _format_of(output)
    if chosen == "text":
        _print(assessment, output, lang, verbose=verbose)
    else:
        _write(assessment, chosen, output, lang)


def _format_of(output: Path | None) -> str:
    suffixes = {".json": "json", ".html": "html", ".htm": "html", ".md": "md"}
    return suffixes.get(output.suffix.lower(), "text") if output else "text"


def _print(assessment: Assessment, output: Path | None, lang: str, *, verbose: bool) -> None:
    from io import StringIO

    from rich.console import Console

    from crithidia.report.terminal import print_assessment
    from crithidia.surfaces.output import write_output

    if output is None:
        width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 110
        console = Console(highlight=False, width=width)
        print_assessment(assessment, console, language(lang), verbose=verbose)
        return
    kept = StringIO()
    console = Console(file=kept, highlight=False, width=110)
    print_assessment(assessment, console, language(lang), verbose=verbose)
    write_output(kept.getvalue(), output)


def _write(assessment: Assessment, format_: str, output: Path | None, lang: str) -> None:
    from crithidia.report import to_html, to_json, to_markdown
    from crithidia.surfaces.output import write_output

    render = {"json": to_json, "html": to_html, "md": to_markdown}[format_]
    write_output(render(assessment, language(lang)), output)
