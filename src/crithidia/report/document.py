"""The assessment as a JSON document; every other report is drawn from it.

The document follows ``knowledge/schemas/assessment.schema.json``. It carries no time of its own:
the same input gives the same bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crithidia.assessment.overlap import named_sets
from crithidia.case import Case, Code, Dose, Fact, Moment
from crithidia.evaluation import Result, Verdict, decide
from crithidia.foundation.numbers import as_json, rounded
from crithidia.interpretation import Derived, shipped_units
from crithidia.report.antibodies import antibodies_document
from crithidia.report.criteria import criteria_document
from crithidia.report.decision import decision_document
from crithidia.report.facts import fact_document, moment_label, value_label
from crithidia.report.findings import claim_document, finding_document
from crithidia.report.measurements import measurement_document
from crithidia.report.scores import score_result_document
from crithidia.report.wording import concept_label, say
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection

    from crithidia.assessment import Agreement, Assessment, OverlapResult
    from crithidia.foundation.text import Language

Json = dict[str, Any]
FORMAT = "assessment/1"


def assessment_document(assessment: Assessment, language: Language = "en", *,
                        only: Collection[str] | None = None,
                        decisions: bool = True) -> dict[str, object]:  # fmt: skip
    """Return the whole assessment as plain data, worded in one language.

    ``only`` and ``decisions=False`` are for a reader that shows few sets: criteria documents for
    these sets alone, without what would decide each verdict.
    """
    shown = assessment.interpretation
    return {
        "format": FORMAT,
        "language": language,
        "knowledge": {"version": assessment.knowledge.version, "hash": assessment.knowledge.hash},
        "options": {
            "assume_absent": assessment.assume_absent,
            "default_intervals": assessment.default_intervals,
            "as_of": str(assessment.as_of) if assessment.as_of else None,
            "as_of_label": moment_label(assessment.as_of, language) if assessment.as_of else None,
            "sets": [result.id for result in assessment.results],
        },
        "case": case_document(assessment.case, language),
        "criteria": [_decided(result, language, decisions=decisions) for result in assessment.results
                     if only is None or result.id in only],
        "overlap": [_overlap(found, language) for found in assessment.overlaps],
        "agreement": [_agreement(found, language) for found in assessment.agreements],
        "antibodies": antibodies_document(assessment.antibodies, language),
        "measurements": [measurement_document(m, language) for m in shown.measurements],
        "derived": [_derived(value, language) for value in shown.derived],
        "scores": [score_result_document(found, language) for found in assessment.scores],
        "consistency": [finding_document(finding, language) for finding in assessment.findings],
        "treatment": [_drug(fact, language) for fact in _drugs(shown.case)],
        "course": _course(shown.case, language),
        "assumptions": [{"id": p.id, "text": say(p, language)} for p in assessment.assumptions],
        "limits": [{"id": p.id, "text": say(p, language)} for p in assessment.limits],
    }


def _decided(result: Result, language: Language, *, decisions: bool) -> Json:
    """Return a set's document, with what would decide it where something recorded scores in it."""
    document = criteria_document(result, language)
    relevant = result.verdict is Verdict.MET or (
        result.verdict is Verdict.UNDETERMINED and any(item.points > 0 for item in result.items)
    )
    return {**document, "decision": short_decision(result, language) if relevant and decisions else None}


def short_decision(result: Result, language: Language) -> Json:
    """Return what would decide a verdict, as far as an assessment shows it."""
    return decision_document(decide(result, refuting=False, most=3), language)


def to_json(assessment: Assessment, language: Language = "en") -> str:
    """Return the document as text that ends in a newline."""
    return json.dumps(assessment_document(assessment, language), ensure_ascii=False, indent=2) + "\n"


def case_document(case: Case, language: Language) -> Json:
    """Return who and what a case is: patient, source, notes, claims, number of facts."""
    source = case.source
    return {
        "id": case.id,
        "patient": {
            fact.concept: _patient_value(fact, language)
            for concept in ("sex", "age", "age_at_onset")
            for fact in case.of(concept)[:1]
        },
        "source": {"text": str(source), "title": source.title, "doi": source.doi} if str(source) else None,
        "notes": case.notes or None,
        "facts": len(case.facts),
        "claims": [claim_document(claim, language) for claim in case.claims],
    }


def _patient_value(fact: Fact, language: Language) -> str:
    if isinstance(fact.value, Code):
        return shipped_vocabulary()[fact.concept].choices[fact.value.code].in_(language)
    return value_label(fact, language)


def _derived(value: Derived, language: Language) -> Json:
    return {
        "concept": value.concept,
        "label": concept_label(value.concept, language),
        "value": _derived_value(value),
        "value_label": _derived_label(value, language),
        "unit": value.unit or None,
        "unit_label": shipped_units().shown(value.unit, language) if value.unit else "",
        "unrounded": float(rounded(value.number, 4)) if value.number is not None else None,
        "method": value.method,
        "method_label": say(f"method_{value.method}", language),
        "citation": value.citation,
        "note": say(value.note, language) if value.note else None,
        "evidence": [fact_document(fact, language) for fact in value.inputs],
    }


def _derived_value(value: Derived) -> float | str:
    from decimal import Decimal

    return as_json(Decimal(value.shown)) if value.number is not None else value.shown


def _derived_label(value: Derived, language: Language) -> str:
    """Return a number as shown, or the words for a code; of an open category all that are possible."""
    concept = shipped_vocabulary().concepts.get(value.concept)
    codes = value.shown.split("/")
    if concept and all(code in concept.choices for code in codes):
        return " / ".join(concept.choices[code].in_(language) for code in codes)
    return value.shown


def _overlap(found: OverlapResult, language: Language) -> Json:
    pattern = found.pattern
    return {
        "id": pattern.id,
        "label": pattern.label.in_(language),
        "form": found.form.id if found.form else None,
        "form_label": found.form.label.in_(language) if found.form else None,
        "recognised": True,
        "sets": sorted(named_sets(pattern)),
        "reasoning": [
            {"text": step.text.in_(language), "citation": step.citation.short}
            for step in found.reasoning
        ],
        "limits": pattern.limits.in_(language) if pattern.limits else None,
        "citation": pattern.citation.short,
        "evidence": [fact_document(fact, language) for fact in found.evidence],
    }


def _agreement(found: Agreement, language: Language) -> Json:
    return {
        "disease": found.disease.in_(language),
        "agree": found.agree,
        "sets": [
            {"id": r.id, "title": r.compiled.set.title.in_(language), "verdict": r.verdict.value,
             "verdict_label": say(f"verdict_{r.verdict.value}", language)}
            for r in found.results
        ],
        "findings": [
            {"concept": weighed.concept, "label": concept_label(weighed.concept, language),
             "points": [None if p is None else as_json(p) for p in weighed.points],
             "explains": weighed.explains}
            for weighed in found.findings
        ],
    }  # fmt: skip


def _drugs(case: Case) -> list[Fact]:
    vocabulary = shipped_vocabulary()
    return [fact for fact in case.facts if vocabulary[fact.concept].kind is Kind.DRUG]


def _drug(fact: Fact, language: Language) -> Json:
    dose = fact.value if isinstance(fact.value, Dose) else None
    daily = dose.amount * dose.per_day if dose and dose.amount and dose.per_day else None
    return {
        "concept": fact.concept,
        "label": concept_label(fact.concept, language),
        "dose": str(fact.value),
        "daily_dose": {"value": as_json(daily), "unit": dose.unit} if daily is not None and dose else None,
        "at": str(fact.at) if fact.at else None,
        "at_label": moment_label(fact.at, language) if fact.at else None,
        "until": str(fact.until) if fact.until else None,
        "until_label": moment_label(fact.until, language) if fact.until else None,
        "evidence": [fact_document(fact, language)],
    }


def _course(case: Case, language: Language) -> list[Json]:
    """Return what was recorded with a time, moment by moment."""
    moments: dict[Moment, list[Fact]] = {}
    for fact in case.facts:
        if fact.at is not None:
            moments.setdefault(fact.at, []).append(fact)
    remarks: dict[Moment, list[str]] = {}
    for moment, words in case.remarks:
        remarks.setdefault(moment, []).append(words)
        moments.setdefault(moment, [])
    return [
        {"at": str(moment), "at_label": moment_label(moment, language),
         "facts": [fact_document(fact, language) for fact in facts],
         "notes": remarks.get(moment, [])}
        for moment, facts in sorted(moments.items(), key=lambda entry: _order(entry[0]))
    ]  # fmt: skip


def _order(moment: Moment) -> tuple[str, float]:
    return (moment.on.isoformat() if moment.on else "", moment.offset or 0.0)
