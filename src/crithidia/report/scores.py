"""A score as plain data: its interval, what each input gives, categories, what would decide."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.numbers import as_json, plain
from crithidia.foundation.spans import Number, Span
from crithidia.interpretation import shipped_units
from crithidia.report.facts import fact_document, moment_label
from crithidia.report.wording import concept_label, number_in, say
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.case import Case
    from crithidia.definition import Citation, Clause
    from crithidia.definition.score import ScoreInput
    from crithidia.evaluation.box import Possible
    from crithidia.evaluation.scores import InputResult, ScoreResult
    from crithidia.foundation.text import Language
    from crithidia.foundation.truth import Truth

Json = dict[str, Any]
_PLACES: Final = 2


def score_result_document(result: ScoreResult, language: Language) -> Json:
    """Return everything that is said about one score of one patient."""
    definition = result.definition
    places = places_of(result)
    return {
        "id": result.id,
        "title": definition.title.in_(language),
        "disease": definition.disease.in_(language),
        "at": str(result.at) if result.at else None,
        "at_label": moment_label(result.at, language) if result.at else None,
        "before": str(result.before) if result.before else None,
        "before_label": moment_label(result.before, language) if result.before else None,
        "score": span_document(result.span, places, language),
        "unit": definition.unit,
        "unit_label": unit_label(definition.unit, language),
        "complete": result.is_complete,
        "stated": span_document(result.stated, places, language) if result.stated else None,
        "stated_only": result.is_stated_only,
        "agrees": result.agrees,
        "applies": result.applies.value,
        "valid": [clause_document(c, truth, language) for c, truth in result.valid],
        "category": _category(result.category, language),
        "categories": [clause_document(c, truth, language) for c, truth in result.categories],
        "parts": [{"id": part.id, "label": part.label.in_(language), "unverified": part.unverified,
                   "value": span_document(span, places, language), "citation": part.citation.short}
                  for part, span in result.parts],
        "inputs": [_input(given, language) for given in result.inputs],
        "missing": [_named(given, language) for given in result.missing],
        "deciding": [_named(given, language) for given in result.deciding],
        "change": span_document(result.change, places, language) if result.change else None,
        "changes": [clause_document(c, truth, language) for c, truth in result.changes],
        "others": [_other(other, language) for other in result.others],
        "unverified": definition.unverified,
        "citation": citation_document(definition.citation),
        "scope": definition.scope.in_(language) if definition.scope else None,
        "attribution": definition.attribution.in_(language) if definition.attribution else None,
        "notes": [note.in_(language) for note in definition.notes],
    }  # fmt: skip


def places_of(result: ScoreResult) -> int:
    """Return to how many places the score is shown."""
    rounding = result.definition.rounding
    return rounding.places if rounding else _PLACES


def span_document(span: Span, places: int, language: Language) -> Json:
    """Return a span as numbers and as text; an interval is rounded outward, a number half up."""
    exact = span.exact is not None or _same(span, places)
    low, high = (_rounded(span.low, places, ROUND_HALF_UP if exact else ROUND_FLOOR),
                 _rounded(span.high, places, ROUND_HALF_UP if exact else ROUND_CEILING))  # fmt: skip
    return {
        "low": None if low is None else as_json(low),
        "high": None if high is None else as_json(high),
        "low_open": span.low_open,
        "high_open": span.high_open,
        "text": number_in(_text(low, high), language),
    }


def _same(span: Span, places: int) -> bool:
    """Whether both ends are the same number but for what was rounded outward."""
    return span.is_bounded and span.high - span.low < Fraction(1, 10 ** (places + 20))


def _rounded(number: Number, places: int, how: str) -> Decimal | None:
    if isinstance(number, float):
        return None
    scaled = number * 10**places
    floor = scaled.numerator // scaled.denominator
    up = {ROUND_FLOOR: 0, ROUND_CEILING: int(scaled != floor)}.get(how, int(scaled - floor >= Fraction(1, 2)))
    return Decimal(floor + up).scaleb(-places)


def _text(low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return "?"
    if low is None and high is not None:
        return f"<= {plain(high)}"
    if high is None and low is not None:
        return f">= {plain(low)}"
    ends = [plain(end) for end in (low, high) if end is not None]
    return ends[0] if low == high else " - ".join(ends)


def unit_label(unit: str, language: Language) -> str:
    """Return the unit of a total; points go without saying."""
    return shipped_units().shown(unit, language)


def clause_document(clause: Clause, truth: Truth, language: Language) -> Json:
    """Return a clause with its truth."""
    return {
        "id": clause.id,
        "label": clause.label.in_(language),
        "truth": truth.value,
        "truth_label": say(f"score_{truth.value}", language),
        "citation": clause.citation.short,
        "unverified": clause.unverified,
    }


def citation_document(citation: Citation) -> Json:
    """Return a citation as text and identifiers."""
    name = ", ".join(part for part in (citation.authors, citation.title, citation.journal) if part)
    return {"text": name, "doi": citation.doi or None, "pmid": citation.pmid or None,
            "place": citation.place or None, "short": citation.short}  # fmt: skip


def permitted_text(given: ScoreInput, language: Language) -> str:
    """Return the permitted range of an input in words: ``0 - 28``."""
    return number_in(_text(_decimal(given.permitted.low), _decimal(given.permitted.high)), language)


def _decimal(number: Number) -> Decimal | None:
    return None if isinstance(number, float) else Decimal(number.numerator) / Decimal(number.denominator)


def _category(clause: Clause | None, language: Language) -> Json | None:
    return {"id": clause.id, "label": clause.label.in_(language)} if clause else None


def _named(given: InputResult, language: Language) -> Json:
    return {"concept": given.concept, "occasion": given.key[0], "label": _label(given, language)}


def _label(given: InputResult, language: Language) -> str:
    label = concept_label(given.concept, language)
    return f"{label} ({say('score_baseline', language)})" if given.key[0] == "baseline" else label


def _input(given: InputResult, language: Language) -> Json:
    return {
        **_named(given, language),
        "known": given.is_known,
        "refused": given.refused,
        "value_label": _value(given.possible, given, language),
        "permitted": permitted_text(given.given, language) if _has_range(given) and given.given else None,
        "unit_label": _input_unit(given, language),
        "note": given.given.note.in_(language) if given.given and given.given.note else None,
        "evidence": [fact_document(fact, language) for fact in given.facts],
    }


def _has_range(given: InputResult) -> bool:
    return isinstance(given.possible, Span)


def _input_unit(given: InputResult, language: Language) -> str:
    unit = shipped_vocabulary()[given.concept].unit
    return unit_label(unit, language) if unit else ""


def _value(possible: Possible, given: InputResult, language: Language) -> str:
    if isinstance(possible, Span):
        return number_in(_text(_decimal(possible.low), _decimal(possible.high)), language)
    if len(possible) > 1:
        return say("score_not_recorded", language)
    (value,) = possible
    if isinstance(value, bool):
        return say("truth_present" if value else "truth_absent", language)
    choices = shipped_vocabulary()[given.concept].choices
    return choices[value].in_(language) if value in choices else value


def _other(other: ScoreResult, language: Language) -> Json:
    return {
        "at": str(other.at) if other.at else None,
        "at_label": moment_label(other.at, language) if other.at else None,
        "before_label": moment_label(other.before, language) if other.before else None,
        "score": span_document(other.span, places_of(other), language),
        "complete": other.is_complete,
        "category": _category(other.category, language),
    }


def score_documents(case: Case, wanted: list[str] | None, language: Language) -> list[Json]:
    """Return the scores asked for, or those that belong to the case, worked out for it.

    A score of which nothing was recorded is left out. Raises ``UnknownNameError``.
    """
    from crithidia.assessment import assess
    from crithidia.assessment.scores import chosen_scores
    from crithidia.interpretation import interpret

    found = assess(case).scores if wanted is None else chosen_scores(interpret(case), wanted)
    return [score_result_document(result, language) for result in found]
