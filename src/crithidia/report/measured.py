"""How a finding follows from measurements: the rules of ``knowledge/measurements`` in words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.foundation.library import shipped_library
from crithidia.foundation.numbers import plain
from crithidia.foundation.text import Phrase
from crithidia.interpretation import Flag, shipped_units
from crithidia.interpretation.rules import shipped_rules
from crithidia.report.conditions import ConditionWriter
from crithidia.report.wording import concept_label, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.foundation.text import Language
    from crithidia.interpretation.rules import LimitRule

Json = dict[str, Any]


def measured_by(finding: str, language: Language) -> tuple[Json, ...]:
    """Return the rules from which a finding follows: ``text`` and ``source``."""
    return _rules(language).get(finding, ())


@lru_cache(maxsize=2)
def _rules(language: Language) -> Mapping[str, tuple[Json, ...]]:
    found: dict[str, tuple[Json, ...]] = {}
    for finding, rule in (*_thresholds(language), *_limits(language), *_timing(language)):
        found[finding] = (*found.get(finding, ()), rule)
    return found


def _thresholds(language: Language) -> Iterator[tuple[str, Json]]:
    writer = ConditionWriter(language)
    for rule in shipped_rules().thresholds:
        yield rule.finding, {"text": writer.text(rule.when), "source": _source("findings", rule.finding)}


def _limits(language: Language) -> Iterator[tuple[str, Json]]:
    for concept, rules in shipped_rules().limits.items():
        for rule in rules:
            yield rule.finding, {"text": _beyond(concept, rule, language),
                                 "source": _source("limits", rule.finding)}  # fmt: skip


def _beyond(concept: str, rule: LimitRule, language: Language) -> str:
    if rule.flag is Flag.LOW:
        return say(Phrase.of("measured_below_limit", concept=concept), language)
    if rule.times == 1:
        return say(Phrase.of("measured_above_limit", concept=concept), language)
    return say(Phrase.of("measured_above_limits", concept=concept, times=plain(rule.times)), language)


def _timing(language: Language) -> Iterator[tuple[str, Json]]:
    for document in shipped_library().folder("measurements"):
        if document.name.startswith("measurements/timing"):
            for finding, entry in document.data.items():
                yield finding, {"text": _timed(entry, language), "source": _cited(entry)}


def _timed(entry: Json, language: Language) -> str:
    written = next(entry[key] for key in ("at_least_apart", "at_least", "at_most_apart") if key in entry)
    distance = _distance(written, language)
    if "lasting" in entry:
        return say(Phrase.of("measured_lasting", concept=entry["lasting"], distance=distance), language)
    if "repeated" in entry:
        return say(Phrase.of("measured_repeated", concept=entry["repeated"], distance=distance), language)
    names = ", ".join(concept_label(name, language) for name in entry["together"])
    return say(Phrase.of("measured_together", findings=names, distance=distance), language)


def _distance(written: str, language: Language) -> str:
    number, unit = written.split()
    return f"{number} {shipped_units().shown(unit, language)}"


def _source(file: str, finding: str) -> str:
    return _cited(shipped_library().document(f"measurements/{file}.yaml").data[finding])


def _cited(entry: Json) -> str:
    source = entry.get("source") or {}
    if isinstance(source, str):
        return source
    doi = f"doi:{source['doi']}" if "doi" in source else ""
    pmid = f"PMID {source['pmid']}" if "pmid" in source else ""
    return ", ".join(part for part in (source.get("text"), entry.get("place"), doi or pmid) if part)
