"""One set's result as plain data: verdict, reason, table of items, what keeps it open."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.definition import Citation, Clause, Compares, CriteriaSet
from crithidia.foundation.numbers import as_json, plain
from crithidia.foundation.text import Phrase
from crithidia.interpretation import shipped_units
from crithidia.report.facts import fact_document
from crithidia.report.wording import concept_label, say
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from decimal import Decimal

    from crithidia.definition import Atom, Domain
    from crithidia.evaluation import ItemResult, Result, ScoreInterval
    from crithidia.foundation.text import Language

Json = dict[str, Any]

# What a set says of itself does not change from patient to patient: worded once a language.
_HEADS: dict[tuple[int, str], tuple[Clause, Json]] = {}
_FIXED: dict[tuple[int, str], tuple[CriteriaSet, Json]] = {}


def criteria_document(result: Result, language: Language) -> Json:
    """Return everything that is said about one set."""
    definition = result.compiled.set
    fixed = _fixed(definition, language)
    return {
        "id": result.id,
        "title": definition.title.in_(language),
        "disease": definition.disease.in_(language),
        "verdict": result.verdict.value,
        "verdict_label": say(f"verdict_{result.verdict.value}", language),
        "reason": result.reason.value,
        "reason_text": reason_text(result, language),
        "category": _category(result, language),
        "score": score_document(result.score),
        "threshold": _number(result.threshold),
        "column": result.column.id,
        "column_label": result.column.label.in_(language),
        "columns": _columns(result, language),
        "probability": _probability(result),
        "entry": _clause(result, definition.entry, language) if definition.entry else None,
        "exclusions": [_clause(result, clause, language) for clause in definition.exclusions],
        "sufficient": [_clause(result, clause, language) for clause in definition.sufficient],
        "domains": [_domain(result, domain, language) for domain in _scored(result)],
        "items": [_item(item, language) for item in result.items],
        "open": [atom_document(atom, language) for atom in result.open],
        "subgroups": [{"id": s.id, "label": s.label.in_(language), "truth": result.truth(s).value,
                       "unverified": s.unverified} for s in result.subgroups],
        "citation": dict(fixed["citation"]),
        "performance": [dict(entry) for entry in fixed["performance"]],
        "scope": definition.scope.in_(language) if definition.scope else None,
        "attribution": definition.attribution.in_(language) if definition.attribution else None,
        "notes": [note.in_(language) for note in definition.notes],
    }  # fmt: skip


def _fixed(definition: CriteriaSet, language: Language) -> Json:
    kept = _FIXED.get((id(definition), language))
    if kept is None:
        kept = _FIXED[id(definition), language] = (definition, _new_fixed(definition, language))
    return kept[1]


def _new_fixed(definition: CriteriaSet, language: Language) -> Json:
    return {
        "citation": citation_document(definition.citation),
        "performance": [
            {"sensitivity": p.sensitivity, "specificity": p.specificity,
             "setting": p.setting.in_(language), "citation": p.citation.short}
            for p in definition.performance
        ],
    }  # fmt: skip


def reason_text(result: Result, language: Language) -> str:
    """Return why the verdict is what it is, as a sentence."""
    by = "" if result.threshold is not None else "_by_rule"
    return say(Phrase.of(
        f"reason_{result.reason.value}{by}",
        score=result.score, threshold=result.threshold,
        entry=result.compiled.set.entry.label if result.compiled.set.entry else "",
        sufficient=tuple(c.label for c in result.compiled.set.sufficient),
        exclusions=tuple(c.label for c in result.exclusions_present or result.exclusions_open),
    ), language)  # fmt: skip


def _category(result: Result, language: Language) -> Json | None:
    category = result.category
    if category is None:
        return None
    return {"id": category.id, "label": category.label.in_(language),
            "classified": category.classified}  # fmt: skip


def _number(value: Decimal | None) -> int | float | None:
    return None if value is None else as_json(value)


def score_document(score: ScoreInterval) -> Json:
    """Return an interval as plain data."""
    return {"low": as_json(score.low), "high": as_json(score.high)}


def _columns(result: Result, language: Language) -> list[Json]:
    definition = result.compiled.set
    if len(definition.columns) == 1:
        return []
    return [
        {"id": column.id, "label": column.label.in_(language),
         "score": score_document(result.score_in(column.id)),
         "threshold": _number(result.compiled.thresholds[column.id])}
        for column in definition.columns
    ]  # fmt: skip


def _probability(result: Result) -> Json | None:
    if result.probability is None:
        return None
    low, high = result.probability
    return {"low": round(low, 4), "high": round(high, 4)}


def _clause(result: Result, clause: Clause, language: Language) -> Json:
    return {
        **_clause_head(clause, language),
        "truth": result.truth(clause).value,
        "evidence": [fact_document(fact, language) for fact in result.evidence(clause)],
    }


def _clause_head(clause: Clause, language: Language) -> Json:
    kept = _HEADS.get((id(clause), language))
    if kept is None:
        kept = _HEADS[id(clause), language] = (clause, _new_clause_head(clause, language))
    return kept[1]


def _new_clause_head(clause: Clause, language: Language) -> Json:
    return {
        "id": clause.id,
        "label": clause.label.in_(language),
        "definition": clause.definition.in_(language) if clause.definition else None,
        "citation": clause.citation.short,
        "unverified": clause.unverified,
    }


def _scored(result: Result) -> list[Domain]:
    column = result.column.id
    return [domain for domain in result.compiled.set.domains
            if any(column in item.points for item in domain.items)]  # fmt: skip


def _domain(result: Result, domain: Domain, language: Language) -> Json:
    return {
        "id": domain.id,
        "label": domain.label.in_(language),
        "count": domain.count,
        "group": domain.group or None,
        "score": score_document(result.domain_score(domain)),
    }


def _item(item: ItemResult, language: Language) -> Json:
    return {
        **_clause_head(item.item, language),
        "domain": item.domain.id,
        "truth": item.truth.value,
        "truth_label": say(f"truth_{item.truth.value}", language),
        "points": as_json(item.points),
        "worth": as_json(item.worth),
        "evidence": [fact_document(fact, language) for fact in item.evidence],
    }


def atom_document(atom: Atom, language: Language) -> Json:
    """Return an unknown as plain data: what it is and how it is obtained."""
    return dict(_open_words(atom, language))


@lru_cache(maxsize=4096)
def _open_words(atom: Atom, language: Language) -> Json:
    concept = shipped_vocabulary()[atom.concept]
    comparison = ""
    if isinstance(atom, Compares):
        unit = shipped_units().shown(atom.unit, language)
        comparison = f" {atom.comparator} {plain(atom.threshold)} {unit}".rstrip()
    return {
        "concept": atom.concept,
        "label": concept_label(atom.concept, language) + comparison,
        "means": concept.means.value,
        "means_label": say(f"means_{concept.means.value}", language),
    }


def citation_document(citation: Citation) -> Json:
    """Return a citation as plain data."""
    return {
        "text": ". ".join(part.rstrip(".") for part in
                          (citation.authors, citation.title, citation.journal) if part),
        "place": citation.place,
        "doi": citation.doi or None,
        "pmid": citation.pmid or None,
        "short": citation.short,
    }  # fmt: skip
