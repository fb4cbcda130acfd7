"""The autoantibodies of a case as plain data, worded in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.foundation.numbers import as_json
from crithidia.report.facts import fact_document
from crithidia.report.wording import concept_label, say

if TYPE_CHECKING:
    from crithidia.assessment.antibodies import AntibodyPanel, AntibodyResult, Association, Pattern
    from crithidia.foundation.text import Language

Json = dict[str, Any]


def antibodies_document(panel: AntibodyPanel, language: Language) -> Json:
    """Return results, reported patterns and the sentences about both."""
    return {
        "results": [_result(result, language) for result in panel.results],
        "patterns": [
            {"concept": concept, "label": concept_label(concept, language),
             "icap": [_pattern(pattern, language) for pattern in patterns]}
            for concept, patterns in panel.patterns
        ],
        "notes": [{"id": note.id, "text": say(note, language)} for note in panel.notes],
    }  # fmt: skip


def _result(result: AntibodyResult, language: Language) -> Json:
    return {
        "concept": result.concept,
        "label": concept_label(result.concept, language),
        "truth": result.truth.value,
        "truth_label": say(f"truth_{result.truth.value}", language),
        "associations": [_association(a, language) for a in result.associations],
        "expected_patterns": [p.code for p in result.expected],
        "evidence": [fact_document(fact, language) for fact in result.facts],
    }


def _association(association: Association, language: Language) -> Json:
    return {
        "antibody": association.antibody,
        "with": association.with_.in_(language),
        "percent": None if association.percent is None else as_json(association.percent),
        "of": association.of.in_(language) if association.of else None,
        "citation": association.citation,
    }


def _pattern(pattern: Pattern, language: Language) -> Json:
    return {
        "code": pattern.code,
        "name": pattern.name.in_(language),
        "antigens": pattern.antigens,
        "diseases": pattern.diseases.in_(language),
        "citation": pattern.citation,
        "unverified": pattern.unverified,
    }
