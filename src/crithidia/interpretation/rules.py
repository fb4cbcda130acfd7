"""Findings that follow from measurements, by the rules in ``knowledge/measurements``.

``findings.yaml`` holds thresholds (leucopenia), ``limits.yaml`` values outside their own reference
interval (elevated CK), ``ana_patterns.yaml`` the words for patterns, ``confirmations.yaml`` which
test confirms which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Fact, Grade, Interval, Presence, Quantity, Titre
from crithidia.case.values import TIMES_UPPER_LIMIT
from crithidia.definition.conditions import Scope
from crithidia.definition.kleene import kleene
from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.truth import Truth
from crithidia.interpretation.derived import derived_fact
from crithidia.interpretation.measurements import Flag, Measurement, Reading, short_of
from crithidia.interpretation.physiology import Physiology, load_physiology
from crithidia.interpretation.picture import Picture
from crithidia.interpretation.timing import TimingRule, load_timing
from crithidia.interpretation.units import fold_unit
from crithidia.vocabulary import Literal, Vocabulary, shipped_vocabulary
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crithidia.definition import Statement


_BETWEEN_PATTERNS: Final = re.compile(r"\s*(?:\+|,|;|&|/|\band\b|\bwith\b|\boraz\b|\bi\b)\s*", re.IGNORECASE)
_PATTERN_WORD: Final = re.compile(r"\bpatterns?\b|\btyp(?:y)? świecenia\b|\bświecenie\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """A finding that a comparison of quantities settles."""

    finding: str
    when: Statement
    quantities: frozenset[str]


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A finding that a value outside its own interval settles.

    ``times`` multiplies the limit; ``inclusive`` says that exactly so many times it counts.
    """

    finding: str
    flag: Flag
    times: Decimal
    inclusive: bool


@dataclass(frozen=True)
class Rules:
    """All rules that turn measurements into findings."""

    thresholds: tuple[ThresholdRule, ...]
    limits: Mapping[str, tuple[LimitRule, ...]]
    patterns: Mapping[str, str]
    confirmations: Mapping[str, str]
    physiology: Physiology
    timing: tuple[TimingRule, ...] = ()


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """Return the rules that come with the package."""
    return load_rules(shipped_library(), shipped_vocabulary())


def load_rules(library: Library, vocabulary: Vocabulary) -> Rules:
    """Build the rules. Raises ``InputError`` for a condition that cannot be read."""
    limits: dict[str, list[LimitRule]] = {}
    for finding, entry in library.document("measurements/limits.yaml").data.items():
        rule = LimitRule(finding, Flag(entry["flag"]), decimal_of(entry.get("times", 1)),
                         entry.get("inclusive", False))  # fmt: skip
        limits.setdefault(entry["concept"], []).append(rule)
    return Rules(
        thresholds=tuple(_thresholds(library, vocabulary)),
        limits={concept: tuple(rules) for concept, rules in limits.items()},
        patterns=dict(_patterns(library)),
        confirmations={entry["screening"]: entry["confirmatory"]
                       for entry in library.document("measurements/confirmations.yaml").data},
        physiology=load_physiology(library, vocabulary),
        timing=tuple(load_timing(library, vocabulary)),
    )  # fmt: skip


def _thresholds(library: Library, vocabulary: Vocabulary) -> Iterator[ThresholdRule]:
    document = library.document("measurements/findings.yaml")
    for finding, entry in document.data.items():
        when = Scope(document, vocabulary).condition(entry["when"], finding, "when")
        yield ThresholdRule(finding, when, frozenset(atom.concept for atom in when.atoms()))


def _patterns(library: Library) -> Iterator[tuple[str, str]]:
    for concept, entry in library.document("measurements/ana_patterns.yaml").data.items():
        for words in entry["words"].values():
            yield from ((fold(word), concept) for word in words)


def stated_literals(facts: Iterable[Fact], vocabulary: Vocabulary) -> Iterator[tuple[Literal, Fact]]:
    """Yield what each fact says of its own concept: present or absent."""
    for fact in facts:
        truth = _truth_of_value(fact)
        if truth.is_known and vocabulary[fact.concept].takes_presence:
            yield (fact.concept, truth is Truth.PRESENT), fact


def _truth_of_value(fact: Fact) -> Truth:
    value = fact.value
    if isinstance(value, (Presence, Grade)):
        return value.truth
    if not isinstance(value, Quantity):
        return Truth.UNKNOWN
    if value.unit == TIMES_UPPER_LIMIT:
        return _against_limit(value, Decimal(1), limit_itself_high=False)
    interval = value.interval
    if interval is None or interval.high is None or not _shares_unit(value, interval):
        return Truth.UNKNOWN
    return _against_limit(value, interval.high, limit_itself_high=interval.high_open)


def _shares_unit(value: Quantity, interval: Interval) -> bool:
    return not interval.unit or fold_unit(interval.unit) == fold_unit(value.unit)


def _against_limit(value: Quantity, limit: Decimal, *, limit_itself_high: bool) -> Truth:
    """Return whether a value is above its limit; of ``<20``, 20 itself is above."""
    if value.low is not None and (value.low > limit or (value.low == limit and limit_itself_high)):
        return Truth.PRESENT
    if value.high is None or value.high > limit or (value.high == limit and limit_itself_high):
        return Truth.UNKNOWN
    return Truth.ABSENT


def threshold_facts(readings: Mapping[str, tuple[Reading, ...]], codes: dict[str, tuple[str, ...]],
                    rules: Rules) -> Iterator[Fact]:  # fmt: skip
    """Yield a derived fact for every threshold rule that one visit's readings settle.

    Codes, such as sex, hold at every visit.
    """
    for rule in rules.thresholds:
        for group in _by_time(readings, rule.quantities):
            truth = kleene(rule.when, Picture(readings=group, codes=codes).truth)
            if truth.is_known:
                sources = tuple(reading.fact for part in group.values() for reading in part)
                yield derived_fact(rule.finding, truth, rule.finding, sources)


def _by_time(readings: Mapping[str, tuple[Reading, ...]],
             concepts: frozenset[str]) -> Iterator[dict[str, tuple[Reading, ...]]]:  # fmt: skip
    """Group the readings of a rule's quantities by the moment at which they were taken."""
    groups: dict[Any, dict[str, tuple[Reading, ...]]] = {}
    for concept in sorted(concepts):
        for reading in readings.get(concept, ()):
            group = groups.setdefault(reading.fact.at, {})
            group[concept] = (*group.get(concept, ()), reading)
    yield from groups.values()


def limit_facts(measurements: Iterable[Measurement], rules: Rules, *,
                defaults_settle: bool = False) -> Iterator[Fact]:  # fmt: skip
    """Yield a derived fact for every measurement that a limit rule speaks of.

    A default interval flags and settles nothing, unless the user asks for it (``defaults_settle``).
    """
    for measurement in measurements:
        if measurement.doubt is not None or (measurement.by_default and not defaults_settle):
            continue
        for rule in rules.limits.get(measurement.fact.concept, ()):
            truth = _beyond_limit(measurement, rule)
            if truth.is_known:
                yield derived_fact(rule.finding, truth, rule.finding, (measurement.fact,))


def _beyond_limit(measurement: Measurement, rule: LimitRule) -> Truth:
    """Return whether a value lies beyond so many times its own limit.

    Of an interval without that limit nothing follows.
    """
    quantity, interval = measurement.quantity, measurement.interval
    if quantity.is_multiple_of_limit:
        return _multiple_beyond(quantity, rule)
    if measurement.flag is Flag.CANNOT_SAY or not _has_limit(measurement, rule.flag):
        return Truth.UNKNOWN
    if measurement.flag is not rule.flag:
        return Truth.ABSENT
    if rule.times == 1:
        return Truth.PRESENT
    if interval is None or interval.high is None:
        return Truth.UNKNOWN
    return _against_limit(quantity, interval.high * rule.times, limit_itself_high=rule.inclusive)


def _has_limit(measurement: Measurement, flag: Flag) -> bool:
    own: list[Interval | None] = [measurement.interval]
    intervals = [r.interval for r in measurement.defaults] or own
    limits = [None if i is None else i.high if flag is Flag.HIGH else i.low for i in intervals]
    return all(limit is not None for limit in limits)


def _multiple_beyond(quantity: Quantity, rule: LimitRule) -> Truth:
    """Compare a multiple of the limit that the rule speaks of; the other limit says nothing here."""
    if rule.flag is Flag.HIGH and quantity.unit == TIMES_UPPER_LIMIT:
        return _against_limit(quantity, rule.times, limit_itself_high=rule.inclusive)
    if rule.flag is Flag.LOW and quantity.unit != TIMES_UPPER_LIMIT and rule.times == 1:
        return _below_limit(quantity)
    return Truth.UNKNOWN


def _below_limit(quantity: Quantity) -> Truth:
    if short_of(quantity, Decimal(1)):
        return Truth.PRESENT
    return Truth.ABSENT if quantity.low is not None and quantity.low >= 1 else Truth.UNKNOWN


def pattern_facts(facts: Iterable[Fact], rules: Rules) -> Iterator[Fact]:
    """Yield the ANA pattern that the words after a titre name."""
    for fact in facts:
        if isinstance(fact.value, Titre) and fact.value.comparator != "<":
            for concept in patterns_in(fact.value.pattern, rules.patterns):
                yield derived_fact(concept, Truth.PRESENT, "ana_pattern", (fact,))


def patterns_in(words: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the patterns that words name (``nucleolar + speckled``); none if a part is unknown."""
    if (whole := known.get(_pattern_name(words))) is not None:
        return (whole,)
    parts = [known.get(_pattern_name(part)) for part in _BETWEEN_PATTERNS.split(_bare(words))]
    found = [concept for concept in parts if concept is not None]
    return tuple(dict.fromkeys(found)) if len(found) == len(parts) else ()


def _pattern_name(words: str) -> str:
    return fold(_bare(words))


def _bare(words: str) -> str:
    """Drop brackets and the word for pattern around a name."""
    text = words.strip().strip("()[]").strip()
    return _PATTERN_WORD.sub("", text).strip()


def titre_readings(facts: Iterable[Fact]) -> Iterator[Reading]:
    """Yield titres as readings of the reciprocal, so that thresholds can be compared."""
    for fact in facts:
        if isinstance(fact.value, Titre):
            number = Decimal(fact.value.reciprocal)
            sign = fact.value.comparator
            low = None if sign.startswith("<") else number
            high = None if sign.startswith(">") else number
            yield Reading(low, high, sign == ">", sign == "<", fact)
