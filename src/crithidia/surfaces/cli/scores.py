"""``crithidia scores``: list, show, compute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from crithidia.surfaces.cli.options import case_argument, language, language_option, names, output_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from rich.console import RenderableType

    from crithidia.case import Case


@click.group()
def scores() -> None:
    """Disease-specific scores and activity indices: which there are, what they ask for, what they give."""


def _format_option() -> Callable[..., Any]:
    return click.option("--format", "-f", "format_", type=click.Choice(["text", "json"]), default="text",
                        show_default=True, help="What to print.")  # fmt: skip


def _write(document: Any, parts: Iterable[RenderableType], format_: str, output: Path | None = None) -> None:
    from crithidia.surfaces.output import write_output

    if format_ == "json":
        write_output(json.dumps(document, ensure_ascii=False, indent=2) + "\n", output)
        return
    import os
    import sys
    from io import StringIO

    from rich.console import Console

    kept = StringIO()
    width = None if output is None and (sys.stdout.isatty() or "COLUMNS" in os.environ) else 110
    console = Console(file=kept if output else None, highlight=False, width=width)
    for part in parts:
        console.print(part)
    if output:
        write_output(kept.getvalue(), output)


@scores.command(name="list")
@click.option("--disease", "-d", default="", metavar="WORD", help="Only scores whose disease contains WORD.")
@_format_option()
@language_option("Language of the texts.")
def scores_list(disease: str, format_: str, lang: str) -> None:
    """List the scores by disease."""
    from crithidia.report.score_definition import score_list_document, score_list_text

    document = score_list_document(disease, language(lang))
    _write(document, score_list_text(document, language(lang)), format_)


@scores.command(name="show")
@click.argument("score_id", metavar="ID")
@_format_option()
@language_option("Language of the texts.")
def scores_show(score_id: str, format_: str, lang: str) -> None:
    """Show the score ID: inputs, formula, categories, to whom it applies, sources, notes."""
    from crithidia.report.score_definition import score_definition_document, score_definition_text

    document = score_definition_document(score_id, language(lang))
    _write(document, score_definition_text(document, language(lang)), format_)


@scores.command(name="compute")
@case_argument
@click.option("--score", "-s", "wanted", default="", metavar="ID",
              help="Scores to work out, separated by commas (default: those that belong to the case).")
@_format_option()
@language_option()
@output_option()
def scores_compute(case: Case, wanted: str, format_: str, lang: str, output: Path | None) -> None:
    """Work out scores of CASE: the number or its interval, category, inputs, what is missing."""
    from rich.text import Text

    from crithidia.foundation.text import Phrase
    from crithidia.report.score_lines import score_lines
    from crithidia.report.scores import score_documents
    from crithidia.report.wording import say

    chosen = names(wanted)
    documents = score_documents(case, chosen, language(lang))
    parts = list(score_lines(documents, language(lang), verbose=True)) if documents else []
    found = {document["id"] for document in documents}
    missing = [score_id for score_id in chosen or () if score_id not in found]
    said = [say(Phrase.of("score_nothing_for", score=score_id), language(lang)) for score_id in missing]
    if not documents and not missing:
        said = [say("score_nothing", language(lang))]
    _write(documents, [*parts, *(Text(line, "dim") for line in said)], format_, output)
