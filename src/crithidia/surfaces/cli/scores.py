"""``crithidia scores``: list, show, compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.options import (
    case_argument,
    format_option,
    language,
    language_option,
    names,
    output_option,
)
from crithidia.surfaces.output import write_document

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.case import Case


@click.group()
def scores() -> None:
    """Disease-specific scores and activity indices: which there are, what they ask for, what they give."""


@scores.command(name="list")
@click.option("--disease", "-d", default="", metavar="WORD", help="Only scores whose disease contains WORD.")
@format_option()
@language_option("Language of the texts.")
def scores_list(disease: str, format_: str, lang: str) -> None:
    """List the scores by disease."""
    from crithidia.report.score_definition import score_list_document, score_list_text

    document = score_list_document(disease, language(lang))
    write_document(document, score_list_text(document, language(lang)), format_)


@scores.command(name="show")
@click.argument("score_id", metavar="ID")
@format_option()
@language_option("Language of the texts.")
def scores_show(score_id: str, format_: str, lang: str) -> None:
    """Show the score ID: inputs, formula, categories, to whom it applies, sources, notes."""
    from crithidia.report.score_definition import score_definition_document, score_definition_text

    document = score_definition_document(score_id, language(lang))
    write_document(document, score_definition_text(document, language(lang)), format_)


@scores.command(name="compute")
@case_argument
@click.option("--score", "-s", "wanted", default="", metavar="ID",
              help="Scores to work out, separated by commas (default: those that belong to the case).")
@format_option()
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
    write_document(documents, [*parts, *(Text(line, "dim") for line in said)], format_, output)
