"""A measurement and a doubt as plain data, worded in one language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crithidia.assessment.intervals import interval_note
from crithidia.foundation.numbers import as_json, significant
from crithidia.interpretation import shipped_units
from crithidia.report.facts import fact_document
from crithidia.report.wording import concept_label, say

if TYPE_CHECKING:
    from crithidia.foundation.text import Language
    from crithidia.interpretation import Doubt, Measurement

Json = dict[str, Any]


def measurement_document(measurement: Measurement, language: Language) -> Json:
    """Return a measured value with its flag, the interval behind it, and whether it is used."""
    quantity = measurement.quantity
    value: float | str = as_json(quantity.exact) if quantity.exact is not None else quantity.number
    return {
        "concept": measurement.fact.concept,
        "label": concept_label(measurement.fact.concept, language),
        "value": value,
        "unit": measurement.unit or None,
        "unit_label": shipped_units().shown(measurement.unit, language),
        "interval": _interval(measurement) if measurement.interval else None,
        "interval_origin": _origin(measurement),
        "default_interval": _default(measurement, language),
        "flag": measurement.flag.value,
        "flag_label": _flag_label(measurement, language),
        "times_limit": as_json(measurement.times_limit) if measurement.times_limit is not None else None,
        "used": measurement.reading is not None or measurement.doubt is None,
        "doubt": doubt_document(measurement.doubt, language) if measurement.doubt else None,
        "evidence": [fact_document(measurement.fact, language)],
    }


def _interval(measurement: Measurement) -> str:
    """Return the interval in the unit of the value; a default that was converted is rounded for reading."""
    interval = measurement.interval
    if interval is None or not measurement.defaults:
        return str(interval)
    low, high = (None if n is None else significant(n, 4) for n in (interval.low, interval.high))
    return str(replace(interval, low=low, high=high))


def _origin(measurement: Measurement) -> str | None:
    if measurement.defaults:
        return "default"
    return "laboratory" if measurement.interval else None


def _default(measurement: Measurement, language: Language) -> Json | None:
    note = interval_note(measurement)
    if note is None:
        return None
    return {
        "text": say(note, language),
        "citations": list(dict.fromkeys(reference.citation for reference in measurement.defaults)),
        "unverified": any(reference.unverified for reference in measurement.defaults),
    }


def _flag_label(measurement: Measurement, language: Language) -> str:
    label = say(f"flag_{measurement.flag.value}", language)
    if measurement.by_default:
        return f"{label} ({say('word_default_interval', language)})"
    if measurement.defaults or measurement.interval:
        return say("flag_open", language) if measurement.flag.value == "cannot_say" else label
    return label


def doubt_document(doubt: Doubt, language: Language) -> Json:
    """Return what does not add up, why, and what would resolve it."""
    return {
        "id": doubt.id,
        "severity": doubt.severity,
        "severity_label": say(f"severity_{doubt.severity}", language),
        "concepts": list(dict.fromkeys(fact.concept for fact in doubt.facts)),
        "text": say(doubt.statement, language),
        "remedy": say(doubt.remedy, language),
        "evidence": [fact_document(fact, language) for fact in doubt.facts],
    }
