"""What is said about a score in a few lines; terminal, HTML and Markdown show the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crithidia.foundation.text import Phrase
from crithidia.report.wording import number_in, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from crithidia.foundation.text import Language

Json = dict[str, Any]


def remarks(document: Json, language: Language) -> list[str]:
    """Return what a reader must know beside the number: what is open, missing, refused or doubtful."""
    sources = (_on_validity, _on_inputs, _on_stated)
    return [line for source in sources for line in source(document, language)]


def category_text(document: Json, language: Language) -> str:
    """Return the category reached, or those between which it is open."""
    if document["category"]:
        return str(document["category"]["label"])
    open_ = [c["label"] for c in document["categories"] if c["truth"] == "unknown"]
    return say(Phrase.of("score_open_categories", categories=", ".join(open_)), language) if open_ else ""


def score_text(document: Json) -> str:
    """Return the number with its unit."""
    return f"{document['score']['text']} {document['unit_label']}".strip()


def _on_validity(document: Json, language: Language) -> Iterator[str]:
    for truth in ("absent", "unknown"):
        labels = [c["label"] for c in document["valid"] if c["truth"] == truth]
        if labels:
            yield say(Phrase.of(f"score_applies_{truth}", conditions="; ".join(labels)), language)


def _on_inputs(document: Json, language: Language) -> Iterator[str]:
    for given in document["inputs"]:
        if given["refused"]:
            yield say(Phrase.of("score_refused", input=given["label"], range=given["permitted"]), language)
    if document["missing"] and not document["stated_only"]:
        yield say(Phrase.of("score_missing", inputs=_labels(document["missing"])), language)
    if document["deciding"] and not document["stated_only"]:
        yield say(Phrase.of("score_deciding", inputs=_labels(document["deciding"])), language)


def _on_stated(document: Json, language: Language) -> Iterator[str]:
    if document["stated_only"]:
        yield say("score_stated_only", language)
    if document["agrees"] is False:
        yield say(Phrase.of("score_disagrees", stated=document["stated"]["text"]), language)
    if document["unverified"]:
        yield say(Phrase.of("score_unverified", count=str(document["unverified"])), language)


def _labels(named: Iterable[Json]) -> str:
    return ", ".join(dict.fromkeys(str(one["label"]) for one in named))


def visits_text(document: Json, language: Language) -> str:
    """Return the other visits on one line."""
    return "; ".join(f"{other['at_label'] or say('time_index', language)}: {other['score']['text']}"
                     for other in document["others"])  # fmt: skip


def score_lines(documents: list[Json], language: Language, *,
                verbose: bool = False) -> Iterator[RenderableType]:  # fmt: skip
    """Yield the scores for a terminal; ``verbose`` adds the parts and the notes."""
    table = Table.grid(padding=(0, 2))
    for document in documents:
        table.add_row(Text(document["title"]), Text(score_text(document), "bold"),
                      Text(category_text(document, language)),
                      Text(document["at_label"] or "", "dim"))  # fmt: skip
    yield table
    for document in documents:
        said = remarks(document, language)
        if said or verbose or document["others"]:
            yield Text(document["title"], "bold")
        yield from (Padding(Text(line, "dim"), (0, 2)) for line in said)
        if document["others"]:
            line = f"{say('word_visits', language)}: {visits_text(document, language)}"
            yield Padding(Text(line, "dim"), (0, 2))
        yield from _changes(document, language)
        if verbose:
            yield from score_details(document, language)


def _changes(document: Json, language: Language) -> Iterator[RenderableType]:
    reached = [c["label"] for c in document["changes"] if c["truth"] == "present"]
    if document["change"]:
        more = f" ({', '.join(reached)})" if reached else ""
        line = f"{say('word_change', language)}: {document['change']['text']}{more}"
        yield Padding(Text(line, "dim"), (0, 2))


def score_details(document: Json, language: Language) -> Iterator[RenderableType]:
    """Yield what the score is worked out from, and its source."""
    table = Table.grid(padding=(0, 2))
    for given in document["inputs"]:
        sign, style = ("✓", "green") if given["known"] else ("?", "yellow")
        table.add_row(Text(sign, style), Text(given["label"]),
                      Text(f"{given['value_label']} {given['unit_label']}".strip()),
                      Text("; ".join(_said(fact) for fact in given["evidence"]), "dim"))  # fmt: skip
    yield Padding(table, (0, 2))
    parts = [f"{part['label']} {part['value']['text']}" for part in document["parts"]]
    if parts:
        yield Padding(Text(f"{say('word_parts', language)}: {'; '.join(parts)}", "dim"), (0, 2))
    for note in document["notes"]:
        yield Padding(Text(note, "dim"), (0, 2))
    yield Padding(Text(number_in(document["citation"]["short"], "en"), "dim"), (0, 2))


def _said(fact: Json) -> str:
    return str((fact["quote"] and f"“{fact['quote']}”") or fact["where"] or fact["value_label"])
