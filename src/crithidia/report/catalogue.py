"""Lists over all criteria sets: the catalogue, what a search finds, what is not verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Column, Table
from rich.text import Text

from crithidia.definition import shipped_criteria
from crithidia.report.definition import definition_of
from crithidia.report.guide.search import find
from crithidia.report.guide.site import by_disease
from crithidia.report.listing import is_named, lines_by_disease
from crithidia.report.pages import item_count, localised
from crithidia.report.wording import capital, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from crithidia.foundation.text import Language

Json = dict[str, Any]
_SORTS: Final = {"set": "guide_sets", "item": "guide_items", "score": "heading_scores",
                 "concept": "guide_concepts"}  # fmt: skip


def catalogue_document(disease: str, language: Language) -> list[Json]:
    """Return the sets whose disease, in either language, contains a word; all for an empty one."""
    documents = [definition_of(s.id, language) for s in shipped_criteria() if is_named(s.disease, disease)]
    return [_line(document) for _, group in by_disease(documents) for document in group]


def _line(document: Json) -> Json:
    return {
        **{key: document[key] for key in ("id", "title", "disease", "year")},
        "cutoffs": [c["cutoff"] for c in document["columns"] if c["cutoff"]],
        "items": item_count(document["domains"]),
        "unverified": len(document["unverified"]),
        "replaced_by": [other["id"] for other in document["replaced_by"]],
    }


def catalogue_text(lines: list[Json], language: Language) -> Iterator[RenderableType]:
    """Yield the catalogue for a terminal."""
    return lines_by_disease(lines, language)


def search_document(query: str, language: Language) -> list[Json]:
    """Return what a search finds, best first."""
    return [
        {"kind": entry.sort, "id": entry.id, "label": entry.label, "context": entry.context,
         **({"set": entry.set_id} if entry.sort == "item" else {})}
        for entry in find(query, language)
    ]  # fmt: skip


def search_text(found: list[Json], language: Language) -> Iterator[RenderableType]:
    """Yield what a search found, by kind, for a terminal."""
    for sort, phrase in _SORTS.items():
        own = [entry for entry in found if entry["kind"] == sort]
        if own:
            yield Text(capital(say(phrase, language)), "bold")
        for entry in own:
            where = f"{entry['set']}: {entry['id']}" if sort == "item" else entry["id"]
            yield Text.assemble(f"  {capital(entry['label'])}", (f"  {where}", "dim"))
    if not found:
        yield Text(say("guide_search_nothing", language))


def unverified_document(language: Language) -> list[Json]:
    """Return every clause marked as unverified, with its set."""
    return [
        {"set": s.id, "title": s.title.in_(language), **clause}
        for s in shipped_criteria() for clause in definition_of(s.id, language)["unverified"]
    ]  # fmt: skip


def unverified_text(clauses: list[Json], language: Language) -> Iterator[RenderableType]:
    """Yield the unverified clauses, set by set, for a terminal."""
    for set_id in dict.fromkeys(clause["set"] for clause in clauses):
        own = [clause for clause in clauses if clause["set"] == set_id]
        yield Text.assemble((set_id, "bold"), f"  {localised(len(own), language)}")
        table = Table.grid("", "", Column(no_wrap=True), "", padding=(0, 2))
        for clause in own:
            table.add_row("", Text(clause["section_label"], "dim"), Text(clause["id"]),
                          Text(capital(clause["label"])))  # fmt: skip
        yield table
    if not clauses:
        yield Text(say("guide_unverified_none", language))
