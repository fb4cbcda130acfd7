"""A fact as evidence: what was recorded, where, in which words, and what followed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case import Code, Fact, Moment, Presence, Quantity
from crithidia.interpretation import shipped_units
from crithidia.report.wording import concept_label, number_in, say
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.foundation.text import Language


def fact_document(fact: Fact, language: Language) -> dict[str, Any]:
    """Return one fact as plain data; a derived fact carries the facts that it came from."""
    origin = fact.provenance
    return {
        "concept": fact.concept,
        "label": concept_label(fact.concept, language),
        "value": str(fact.value),
        "value_label": value_label(fact, language),
        "at": str(fact.at) if fact.at else None,
        "at_label": moment_label(fact.at, language) if fact.at else None,
        "quote": origin.quote or None,
        "page": origin.page or None,
        "note": origin.note or None,
        "where": str(origin.where) if origin.where else None,
        "rule": origin.rule or None,
        "claimed": fact.is_claimed,
        "explained_by": fact.explained_by or None,
        "derived_from": [fact_document(source, language) for source in origin.derived_from],
    }


def value_label(fact: Fact, language: Language) -> str:
    """Return a fact's value in words."""
    if isinstance(fact.value, Presence):
        return say(f"truth_{fact.value.truth.value}", language)
    if isinstance(fact.value, Code):
        choices = shipped_vocabulary()[fact.concept].choices
        return choices[fact.value.code].in_(language)
    if isinstance(fact.value, Quantity):
        return _quantity_label(fact.concept, fact.value, language)
    return str(fact.value)


def _quantity_label(concept: str, quantity: Quantity, language: Language) -> str:
    """Return number and unit as people read them; a unit that is not known stays as written."""
    units = shipped_units()
    code = units.code_of(quantity.unit, concept) if quantity.unit else None
    unit = units.shown(code, language) if code else quantity.unit
    return f"{number_in(quantity.number, language)} {unit}".strip()


def moment_label(moment: Moment, language: Language) -> str:
    """Return a moment in words: a date as it is, an offset in the units of the language."""
    sign, number, unit = moment.text[:1], moment.text[1:].split(" ")[0], moment.text.split(" ")[-1]
    if sign in "+-" and moment.offset:
        words = say("time_" + unit.rstrip("s"), language)
        return f"{sign}{number_in(number, language)} {words}"
    return say("time_index", language) if moment.offset == 0 else moment.text
