"""From the recorded facts of a case to everything that they show, before any criteria."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from crithidia.case import Case, Code, Fact, Provenance, Quantity
from crithidia.foundation.text import Phrase
from crithidia.foundation.truth import Truth
from crithidia.interpretation.doubt import Doubt
from crithidia.interpretation.measurements import Measurement, Reading, measure
from crithidia.interpretation.physiology import derive_physiology
from crithidia.interpretation.picture import Picture, close_literals
from crithidia.interpretation.references import Person, References, shipped_references
from crithidia.interpretation.rules import (
    Rules,
    limit_facts,
    pattern_facts,
    shipped_rules,
    stated_literals,
    threshold_facts,
    titre_readings,
)
from crithidia.interpretation.timing import timing_facts
from crithidia.interpretation.units import UnitTable, shipped_units
from crithidia.vocabulary import Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crithidia.interpretation.derived import Derived


@dataclass(frozen=True)
class Interpretation:
    """What a case shows: measurements with flags, derived values, the picture, the doubts."""

    case: Case
    measurements: tuple[Measurement, ...]
    derived: tuple[Derived, ...]
    picture: Picture
    doubts: tuple[Doubt, ...]


def interpret(case: Case, *, vocabulary: Vocabulary | None = None, units: UnitTable | None = None,
              rules: Rules | None = None, references: References | None = None,
              defaults_settle: bool = False) -> Interpretation:  # fmt: skip
    """Interpret a case with the shipped knowledge, or with the one given.

    ``references``: the published intervals that flag and that intervals are checked against (none for
    numbers that were checked before). ``defaults_settle``: let a default reference interval settle
    findings as the laboratory's own does.
    """
    vocabulary = vocabulary or shipped_vocabulary()
    units = units or shipped_units()
    rules = rules or shipped_rules()
    person = Person.of(case.facts, _ages(case.facts, units))
    references = shipped_references() if references is None else references
    measurements = tuple(_measurements(case.facts, vocabulary, units, (references, person)))
    readings = _readings(chain((m.reading for m in measurements), titre_readings(case.facts)))
    readings = _with_bounded_onset(readings)
    found = tuple(chain(
        threshold_facts(readings, _codes(case.facts), rules),
        limit_facts(measurements, rules, defaults_settle=defaults_settle),
        pattern_facts(case.facts, rules),
    ))  # fmt: skip
    picture = _picture((*case.facts, *found), readings, vocabulary, rules)
    timed = tuple(timing_facts(picture, rules.timing))
    if timed:
        picture = _picture((*case.facts, *found, *timed), readings, vocabulary, rules)
    doubts = tuple(chain(
        (m.doubt for m in measurements if m.doubt),
        _conflict_doubts(picture),
        _confirmation_doubts(case, rules),
    ))  # fmt: skip
    derived = tuple(derive_physiology(picture, rules.physiology))
    return Interpretation(case, measurements, derived, picture, doubts)


def _measurements(facts: Iterable[Fact], vocabulary: Vocabulary, units: UnitTable,
                  against: tuple[References, Person]) -> Iterator[Measurement]:  # fmt: skip
    for fact in facts:
        if isinstance(fact.value, Quantity) and vocabulary[fact.concept].kind in {
            Kind.QUANTITY, Kind.ANTIBODY,
        }:  # fmt: skip
            yield measure(fact, fact.value, units, *against)


def _ages(facts: Iterable[Fact], units: UnitTable) -> tuple[Decimal, Decimal] | None:
    """Return the least and the greatest age in years that the case leaves possible."""
    found = [measure(f, f.value, units).reading for f in facts
             if f.concept == "age" and isinstance(f.value, Quantity)]  # fmt: skip
    bounds = [n for reading in found if reading for n in (reading.low, reading.high)]
    known = [n for n in bounds if n is not None]
    return (min(known), max(known)) if known and len(known) == len(bounds) else None


def _readings(found: Iterable[Reading | None]) -> dict[str, tuple[Reading, ...]]:
    readings: dict[str, tuple[Reading, ...]] = {}
    for reading in found:
        if reading is not None:
            concept = reading.fact.concept
            readings[concept] = (*readings.get(concept, ()), reading)
    return readings


def _with_bounded_onset(readings: dict[str, tuple[Reading, ...]]) -> dict[str, tuple[Reading, ...]]:
    """Nobody falls ill after the age at which the illness was described: the greatest that is recorded.

    The order in which ages are recorded says nothing; where one has no upper bound, the onset has none.
    """
    ages = readings.get("age", ())
    if not ages or "age_at_onset" in readings or any(age.high is None for age in ages):
        return readings
    age = max(ages, key=_reach)
    ceiling = age.high
    value = Quantity(Decimal(0), ceiling, "a")
    fact = Fact("age_at_onset", value, None,
                Provenance(rule="onset_not_after_age", derived_from=(age.fact,)))  # fmt: skip
    bounded = Reading(Decimal(0), ceiling, low_open=False, high_open=age.high_open, fact=fact)
    return {**readings, "age_at_onset": (bounded,)}


def _reach(reading: Reading) -> tuple[Decimal, bool]:
    """Order readings with an upper bound by how far they reach: up to 40 years before 40 years."""
    return reading.high or Decimal(0), not reading.high_open


def _picture(facts: tuple[Fact, ...], readings: dict[str, tuple[Reading, ...]],
             vocabulary: Vocabulary, rules: Rules) -> Picture:  # fmt: skip
    disputed = frozenset(screening for screening, _, _ in _unconfirmed(facts, rules))
    picture = close_literals(stated_literals(facts, vocabulary), vocabulary, disputed)
    codes = _codes(facts)
    evidence = dict(picture.evidence)
    for fact in facts:
        if isinstance(fact.value, Code):
            evidence[(fact.concept, True)] = (*evidence.get((fact.concept, True), ()), fact)
    return replace(picture, readings=readings, codes=codes, evidence=evidence,
                   explained=_explained(picture, vocabulary))  # fmt: skip


def _codes(facts: Iterable[Fact]) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    for fact in facts:
        if isinstance(fact.value, Code):
            codes[fact.concept] = (*codes.get(fact.concept, ()), fact.value.code)
    return codes


def _explained(picture: Picture, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the findings whose every piece of evidence is put down to another cause.

    A procedure that a finding requires was done, whatever the finding is put down to.
    """
    return frozenset(
        concept for (concept, value), facts in picture.evidence.items()
        if value and picture.known.get(concept)
        and all(f.explained_by and concept in vocabulary.kinds_of(f.concept) for f in facts)
    )  # fmt: skip


def _unconfirmed(facts: Iterable[Fact], rules: Rules) -> Iterator[tuple[str, Fact, Fact]]:
    """Yield screening tests that are positive while the test that confirms them is negative."""
    facts = tuple(facts)
    for screening, confirmatory in rules.confirmations.items():
        positive = _first(facts, screening, Truth.PRESENT)
        negative = _first(facts, confirmatory, Truth.ABSENT)
        if positive and negative:
            yield screening, positive, negative


def _first(facts: Iterable[Fact], concept: str, truth: Truth) -> Fact | None:
    for fact in facts:
        if fact.concept == concept and getattr(fact.value, "truth", None) is truth:
            return fact
    return None


def _conflict_doubts(picture: Picture) -> Iterator[Doubt]:
    for conflict in picture.conflicts:
        yield Doubt("contradiction", "error",
                    Phrase.of("contradiction", concept=conflict.concept,
                              present=_sources(conflict.present), absent=_sources(conflict.absent)),
                    Phrase.of("contradiction_remedy"),
                    (*conflict.present, *conflict.absent))  # fmt: skip


def _sources(facts: tuple[Fact, ...]) -> str:
    """Name where the facts were recorded, once each."""
    roots = dict.fromkeys(root for fact in facts for root in fact.roots())
    return "; ".join(
        f"{root.concept}: {root.value}" + (f" ({root.provenance.where})" if root.provenance.where else "")
        for root in roots
    )


def _confirmation_doubts(case: Case, rules: Rules) -> Iterator[Doubt]:
    for screening, positive, negative in _unconfirmed(case.facts, rules):
        yield Doubt("not_confirmed", "warning",
                    Phrase.of("not_confirmed", concept=screening, value=str(positive.value),
                              confirmatory=negative.concept),
                    Phrase.of("not_confirmed_remedy", concept=screening),
                    (positive, negative))  # fmt: skip
