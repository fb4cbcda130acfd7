"""What a score is, as plain data, on a terminal and as a page: inputs, arithmetic, categories, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from crithidia.definition.score import OUTCOMES, Outcome, ScoreDefinition
from crithidia.definition.score_library import load_score, shipped_score_ids
from crithidia.foundation.text import Phrase
from crithidia.report.formula_text import FormulaWriter
from crithidia.report.listing import is_named, lines_by_disease
from crithidia.report.scores import citation_document, permitted_text, unit_label
from crithidia.report.wording import concept_label, phrases, say
from crithidia.vocabulary import Kind, shipped_vocabulary
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from crithidia.definition import Citation, Clause, Node
    from crithidia.definition.score import ScoreInput
    from crithidia.foundation.text import Language
    from crithidia.foundation.text import Text as Text_

Json = dict[str, Any]


def score_list_document(disease: str, language: Language) -> list[Json]:
    """Return all scores in one line each; ``disease`` keeps those whose disease contains the word."""
    found = [d for d in map(load_score, shipped_score_ids()) if is_named(d.disease, disease)]
    return [
        {"id": d.id, "title": d.title.in_(language), "disease": d.disease.in_(language),
         "year": d.citation.year or None, "inputs": len(d.concepts), "unverified": d.unverified}
        for d in sorted(found, key=lambda d: (fold(d.disease.in_(language)), d.id))
    ]  # fmt: skip


def score_list_text(lines: list[Json], language: Language) -> Iterator[RenderableType]:
    """Yield the list for a terminal."""
    return lines_by_disease(lines, language)


def score_definition_document(score_id: str, language: Language) -> Json:
    """Return one score. Raises ``UnknownNameError`` for an id that does not exist."""
    definition = load_score(score_id)
    writer = FormulaWriter.of(definition, language)
    return {
        "id": definition.id,
        "title": definition.title.in_(language),
        "disease": definition.disease.in_(language),
        "year": definition.citation.year or None,
        "citation": citation_document(definition.citation),
        "also_published": [citation_document(c) for c in definition.also_published],
        "scope": definition.scope.in_(language) if definition.scope else None,
        "attribution": definition.attribution.in_(language) if definition.attribution else None,
        "unit": definition.unit,
        "unit_label": unit_label(definition.unit, language),
        "formula": writer.rule(definition.formula),
        "inputs": [_input(definition, concept, language) for concept in definition.concepts],
        "parts": [{"id": part.id, "label": part.label.in_(language), "rule": writer.rule(part.formula),
                   "definition": part.definition.in_(language) if part.definition else None,
                   "citation": part.citation.short, "place": part.citation.place or None,
                   "unverified": part.unverified}
                  for part in definition.parts],
        "rounding": _rounding(definition, language),
        "valid": [_clause(clause, definition, writer) for clause in definition.valid],
        "categories": [_clause(clause, definition, writer) for clause in definition.categories],
        "changes": [_clause(clause, definition, _of_outcomes(writer)) for clause in definition.changes],
        "performance": [{"sensitivity": p.sensitivity, "specificity": p.specificity,
                         "setting": p.setting.in_(language), "citation": p.citation.short}
                        for p in definition.performance],
        "notes": [note.in_(language) for note in definition.notes],
        "unverified": definition.unverified,
    }  # fmt: skip


def _of_outcomes(writer: FormulaWriter) -> FormulaWriter:
    outcomes: dict[Node, Text_] = {Outcome(name): phrases()[f"outcome_{name}"] for name in OUTCOMES}
    return FormulaWriter(writer.language, {**writer.names, **outcomes})


def _input(definition: ScoreDefinition, concept: str, language: Language) -> Json:
    given = definition.by_concept.get(concept)
    kind = shipped_vocabulary()[concept].kind
    unit = shipped_vocabulary()[concept].unit
    return {
        "concept": concept,
        "label": concept_label(concept, language),
        "permitted": permitted_text(given, language) if given and kind is Kind.QUANTITY else None,
        "unit_label": unit_label(unit, language) if unit else "",
        "standing": bool(given and given.standing),
        "citation": _cited(given, definition).short,
        "place": _cited(given, definition).place or None,
        "note": given.note.in_(language) if given and given.note else None,
        "unverified": bool(given and given.unverified),
    }


def _cited(given: ScoreInput | None, definition: ScoreDefinition) -> Citation:
    return given.citation if given else definition.citation


def _rounding(definition: ScoreDefinition, language: Language) -> str | None:
    rounding = definition.rounding
    if rounding is None:
        return None
    return say(Phrase.of(f"score_rounding_{rounding.cutoffs}", places=str(rounding.places)), language)


def _clause(clause: Clause, definition: ScoreDefinition, writer: FormulaWriter) -> Json:
    language = writer.language
    return {
        "id": clause.id,
        "label": clause.label.in_(language),
        "condition": writer.clause(clause, definition.judged),
        "definition": clause.definition.in_(language) if clause.definition else None,
        "citation": clause.citation.short,
        "place": clause.citation.place or None,
        "unverified": clause.unverified,
    }


def score_definition_text(document: Json, language: Language) -> Iterator[RenderableType]:
    """Yield one score for a terminal."""
    yield Text.assemble((document["title"], "bold"), f"  {document['id']}")
    yield Text(f"{document['citation']['text']}. {document['citation']['short']}", "dim")
    if document["scope"]:
        yield Text(document["scope"])
    sections = {
        "score_formula": [document["formula"], document["rounding"] or ""],
        "word_inputs": [_input_line(given, language) for given in document["inputs"]],
        "word_parts": [f"{p['label']}: {p['rule']}{_mark(p, language)}" for p in document["parts"]],
        "score_applies_to": [_clause_line(clause, language) for clause in document["valid"]],
        "word_category": [_clause_line(clause, language) for clause in document["categories"]],
        "score_responses": [_clause_line(clause, language) for clause in document["changes"]],
    }
    for heading, lines in sections.items():
        yield from _section(heading, lines, language)
    for note in document["notes"]:
        yield Padding(Text(note, "dim"), (0, 2))


def _section(heading: str, lines: Iterable[str], language: Language) -> Iterator[RenderableType]:
    found = [line for line in lines if line]
    if found:
        yield Text(say(heading, language), "bold")
        yield from (Padding(Text(line), (0, 2)) for line in found)


def _input_line(given: Json, language: Language) -> str:
    span = f" {given['permitted']} {given['unit_label']}".rstrip() if given["permitted"] else ""
    return f"{given['label']}{span}{_mark(given, language)}"


def _clause_line(clause: Json, language: Language) -> str:
    return f"{clause['label']}: {clause['condition']}{_mark(clause, language)}  ({clause['citation']})"


def _mark(statement: Json, language: Language) -> str:
    return f" [{say('word_unverified', language)}]" if statement["unverified"] else ""
