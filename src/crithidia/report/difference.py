"""What two criteria sets have in common and where they part: clauses, points, concepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crithidia.definition import Item, load_criteria_set
from crithidia.foundation.numbers import as_json
from crithidia.foundation.text import Phrase
from crithidia.report.definition import concepts_of, definition_of, sections
from crithidia.report.pages import localised
from crithidia.report.wording import capital, concept_label, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from crithidia.definition import Clause, CriteriaSet
    from crithidia.foundation.text import Language

Json = dict[str, Any]
FORMAT = "difference/1"
_COMPARED = ("entry", "exclusions", "sufficient", "items")


def difference_document(first_id: str, second_id: str, language: Language = "en") -> Json:
    """Return the difference of two shipped sets. Raises ``UnknownNameError``."""
    first, second = load_criteria_set(first_id), load_criteria_set(second_id)
    pairs = tuple(_pairs(first, second))
    matched = {id(clause) for pair in pairs for clause in pair}
    shared = set(concepts_of(first)) & set(concepts_of(second))
    return {
        "format": FORMAT,
        "language": language,
        "first": _head(first, language),
        "second": _head(second, language),
        "in_both": [_pair(a, b, language) for a, b in pairs],
        "only_first": _only(first, matched, language),
        "only_second": _only(second, matched, language),
        "concepts_in_both": _named((c for c in concepts_of(first) if c in shared), language),
        "concepts_only_first": _named((c for c in concepts_of(first) if c not in shared), language),
        "concepts_only_second": _named((c for c in concepts_of(second) if c not in shared), language),
    }


def _head(definition: CriteriaSet, language: Language) -> Json:
    document = definition_of(definition.id, language)
    return {key: document[key] for key in ("id", "title", "disease", "year", "columns")}


def _clauses(definition: CriteriaSet) -> tuple[Clause, ...]:
    return tuple(clause for section, clause in sections(definition) if section in _COMPARED)


def _pairs(first: CriteriaSet, second: CriteriaSet) -> Iterator[tuple[Clause, Clause]]:
    """Yield the clauses that two sets share: the same condition or, failing that, the same id."""
    free = list(_clauses(second))
    for clause in _clauses(first):
        same = [other for other in free if other.when == clause.when]
        same = same or [other for other in free if other.id == clause.id]
        section = _section(first, clause)
        same.sort(key=lambda other: _section(second, other) != section)
        if same:
            free = [other for other in free if other is not same[0]]
            yield clause, same[0]


def _section(definition: CriteriaSet, clause: Clause) -> str:
    return next(section for section, other in sections(definition) if other is clause)


def _points(clause: Clause) -> Json | None:
    if not isinstance(clause, Item):
        return None
    return {name: as_json(number) for name, number in clause.points.items()}


def _pair(first: Clause, second: Clause, language: Language) -> Json:
    points = (_points(first), _points(second))
    return {
        "id": first.id,
        "label": first.label.in_(language),
        "label_second": second.label.in_(language),
        "same_condition": first.when == second.when,
        "points_first": points[0],
        "points_second": points[1],
        "same_points": _worths(points[0]) == _worths(points[1]),
    }


def _worths(points: Json | None) -> tuple[float, ...] | None:
    return None if points is None else tuple(points.values())


def _only(definition: CriteriaSet, matched: set[int], language: Language) -> list[Json]:
    return [
        {"id": clause.id, "label": clause.label.in_(language), "points": _points(clause)}
        for clause in _clauses(definition) if id(clause) not in matched
    ]  # fmt: skip


def _named(concepts: Iterator[str], language: Language) -> list[Json]:
    return [{"id": concept, "label": concept_label(concept, language)} for concept in concepts]


def difference_text(document: Json, language: Language) -> Iterator[RenderableType]:
    """Yield a difference for a terminal."""
    first, second = document["first"]["id"], document["second"]["id"]
    if document["in_both"]:
        yield _heading(say("diff_in_both", language))
        yield _shared(document, language)
    for set_id, key in ((first, "only_first"), (second, "only_second")):
        if document[key]:
            yield _heading(say(Phrase.of("diff_only", set=set_id), language))
        for clause in document[key]:
            points = _shown_points(clause["points"], language)
            yield Text(f"  {capital(clause['label'])}" + (f"  {points}" if points else ""))
    for heading, key in (
        (say("diff_concepts_both", language), "concepts_in_both"),
        (say(Phrase.of("diff_concepts_only", set=first), language), "concepts_only_first"),
        (say(Phrase.of("diff_concepts_only", set=second), language), "concepts_only_second"),
    ):
        if document[key]:
            yield _heading(heading)
            yield Padding(Text("; ".join(concept["label"] for concept in document[key])), (0, 0, 0, 2))


def _shared(document: Json, language: Language) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for side in ("first", "second"):
        table.add_column(document[side]["id"], justify="right")
    table.add_column("")
    for pair in document["in_both"]:
        remarks = [say(phrase, language) for phrase, same in
                   (("diff_other_points", pair["same_points"]),
                    ("diff_other_condition", pair["same_condition"])) if not same]  # fmt: skip
        table.add_row(f"  {capital(pair['label'])}", _shown_points(pair["points_first"], language),
                      _shown_points(pair["points_second"], language),
                      Text(", ".join(remarks), "yellow"))  # fmt: skip
    return table


def _shown_points(points: Json | None, language: Language) -> str:
    return "" if points is None else " / ".join(localised(number, language) for number in points.values())


def _heading(text: str) -> Padding:
    return Padding(Text(text, "bold"), (1, 0, 0, 0))
