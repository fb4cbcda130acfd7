"""``crithidia criteria``: list, show, search, diff, unverified; form has a file of its own."""

from __future__ import annotations

import click

from crithidia.surfaces.cli.lazy import LazyGroup
from crithidia.surfaces.cli.options import format_option, language, language_option
from crithidia.surfaces.output import write_document

# Commands of this group that have a file of their own: name -> module:attribute.
_ELSEWHERE = {"form": "crithidia.surfaces.cli.criteria_form:form"}


@click.group(cls=LazyGroup, elsewhere=_ELSEWHERE)
def criteria() -> None:
    """Look into the criteria sets: what they are, ask for and differ in."""


@criteria.command(name="list")
@click.option("--disease", "-d", default="", metavar="WORD", help="Only sets whose disease contains WORD.")
@format_option()
@language_option("Language of the texts.")
def criteria_list(disease: str, format_: str, lang: str) -> None:
    """List the criteria sets by disease."""
    from crithidia.report.catalogue import catalogue_document, catalogue_text

    document = catalogue_document(disease, language(lang))
    write_document(document, catalogue_text(document, language(lang)), format_)


@criteria.command(name="show")
@click.argument("set_id", metavar="ID")
@format_option()
@language_option("Language of the texts.")
def criteria_show(set_id: str, format_: str, lang: str) -> None:
    """Show the set ID: entry, exclusions, items, points, categories, sources, notes."""
    from crithidia.report.definition import definition_of
    from crithidia.report.definition_text import definition_text

    document = definition_of(set_id, language(lang))
    write_document(document, definition_text(document, language(lang)), format_)


@criteria.command(name="search")
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@format_option()
@language_option("Language of the texts; the search looks at both.")
def criteria_search(words: tuple[str, ...], format_: str, lang: str) -> None:
    """Find sets, items, scores and concepts in which every WORD occurs."""
    from crithidia.report.catalogue import search_document, search_text

    document = search_document(" ".join(words), language(lang))
    write_document(document, search_text(document, language(lang)), format_)


@criteria.command(name="diff")
@click.argument("first", metavar="ID")
@click.argument("second", metavar="ID")
@format_option()
@language_option("Language of the texts.")
def criteria_diff(first: str, second: str, format_: str, lang: str) -> None:
    """Compare two sets: items and concepts in both or in one, and different points."""
    from crithidia.report.difference import difference_document, difference_text

    document = difference_document(first, second, language(lang))
    write_document(document, difference_text(document, language(lang)), format_)


@criteria.command(name="unverified")
@format_option()
@language_option("Language of the texts.")
def criteria_unverified(format_: str, lang: str) -> None:
    """List every clause that was not checked against the primary text."""
    from crithidia.report.catalogue import unverified_document, unverified_text

    document = unverified_document(language(lang))
    write_document(document, unverified_text(document, language(lang)), format_)
