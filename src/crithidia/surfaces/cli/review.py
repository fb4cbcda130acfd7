"""``crithidia review``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

import click

from crithidia.surfaces.cli.options import case_argument, language, language_option, output_option

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.assessment import Review
    from crithidia.case import Case
    from crithidia.foundation.text import Language
    from crithidia.interpretation.doubt import Severity

_FORMATS = {"text": "text", "json": "json", "html": "html", "md": "md", "markdown": "md"}
_SUFFIXES = {".json": "json", ".html": "html", ".htm": "html", ".md": "md"}


@click.command()
@case_argument
@click.option("--format", "-f", "format_", type=click.Choice(list(_FORMATS)), default=None,
              help="text (default), json, html or md; by default also read from the name given to -o.")
@output_option()
@language_option()
@click.option("--severity", type=click.Choice(["error", "warning", "note"]), default=None,
              help="List only findings of that severity and graver; in text also list them in full.")
@click.option("--strict", is_flag=True, help="End with exit code 1 if an error is found, listed or not.")
@click.pass_context
def review(context: click.Context, case: Case, format_: str | None, output: Path | None, lang: str,
           severity: str | None, strict: bool) -> None:  # fmt: skip
    """Say what does not add up in the CASE file: numbers, statements, scores, dates, doses."""
    from crithidia.assessment import review as review_case

    found = review_case(case, language=language(lang))
    chosen = _FORMATS[format_] if format_ else _SUFFIXES.get(output.suffix.lower() if output else "", "text")
    lowest = cast("Severity | None", severity)
    if chosen == "text":
        _print(found, output, language(lang), lowest)
    else:
        _write(found, chosen, output, language(lang), lowest or "note")
    if strict and found.errors:
        context.exit(1)


def _print(found: Review, output: Path | None, lang: Language, severity: Severity | None) -> None:
    from io import StringIO

    from rich.console import Console

    from crithidia.report.review_terminal import print_review
    from crithidia.surfaces.output import write_output

    if output is None:
        width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 110
        print_review(found, Console(highlight=False, width=width), lang, severity)
        return
    kept = StringIO()
    print_review(found, Console(file=kept, highlight=False, width=110), lang, severity)
    write_output(kept.getvalue(), output)


def _write(found: Review, format_: str, output: Path | None, lang: Language, severity: Severity) -> None:
    from crithidia.report.review import review_to_html, review_to_json, review_to_markdown
    from crithidia.surfaces.output import write_output

    render = {"json": review_to_json, "html": review_to_html, "md": review_to_markdown}[format_]
    write_output(render(found, lang, severity), output)
