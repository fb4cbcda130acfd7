"""The clinical picture: what is known of every concept once implications are closed.

Present travels up is-a, absent travels down, an exclusion turns one into the other. Where both
meet, the concept is in conflict: it counts as unknown, and both sources are reported. At different
times both can be true: the finding was present, and its absence at times settles none of its kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crithidia.definition import Atom, Compares, Has, Is
from crithidia.foundation.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from crithidia.case import Fact
    from crithidia.interpretation.measurements import Reading
    from crithidia.vocabulary import Literal, Vocabulary

_NO_FACTS: Final[tuple[Fact, ...]] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A concept that the facts make both present and absent."""

    concept: str
    present: tuple[Fact, ...]
    absent: tuple[Fact, ...]


@dataclass
class Picture:
    """Everything known about one patient, ready for rules.

    ``known`` holds the settled findings; ``evidence`` the facts behind each of them;
    ``readings`` the measurements that may be compared; ``explained`` the findings that the
    recorder puts down to another cause.
    """

    known: dict[str, bool] = field(default_factory=dict)
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: dict[Literal, tuple[Fact, ...]] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    explained: frozenset[str] = frozenset()

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The concepts that some fact speaks of."""
        return frozenset((*(concept for concept, _ in self.evidence), *self.readings))

    def truth(self, atom: Atom) -> Truth:
        """Return what is known of an atom."""
        if isinstance(atom, Has):
            return Truth.of(self.known.get(atom.concept))
        if isinstance(atom, Compares):
            return self._compared(atom)
        if isinstance(atom, Is):
            codes = self.codes.get(atom.concept)
            return Truth.UNKNOWN if not codes else Truth.of(atom.code in codes)
        msg = f"no truth for {type(atom).__name__}"
        raise TypeError(msg)

    def is_recorded(self, concept: str) -> bool:
        """Return whether a fact speaks of the concept itself, not only through what it implies."""
        facts = (*self.evidence.get((concept, True), ()), *self.evidence.get((concept, False), ()))
        return any(fact.concept == concept for fact in facts)

    def facts_behind(self, atom: Atom) -> tuple[Fact, ...]:
        """Return the facts that settle an atom, or that speak of it without settling it."""
        if isinstance(atom, Has):
            value = self.known.get(atom.concept)
            if value is not None:
                return self.evidence.get((atom.concept, value), _NO_FACTS)
            return (*self.evidence.get((atom.concept, True), _NO_FACTS),
                    *self.evidence.get((atom.concept, False), _NO_FACTS))  # fmt: skip
        return tuple(reading.fact for reading in self.readings.get(atom.concept, ()))

    def _compared(self, atom: Compares) -> Truth:
        """Ever on that side: one value suffices; absent only if every value says so."""
        readings = self.readings.get(atom.concept)
        if not readings:
            return Truth.UNKNOWN
        truths = [_side(reading, atom) for reading in readings]
        if Truth.PRESENT in truths:
            return Truth.PRESENT
        return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.ABSENT

    def attributable(self, vocabulary: Vocabulary) -> Picture:
        """Return the picture in which what the recorder puts down to another cause does not count.

        Nor do unknown kinds of it: the picture stays closed under the implications.
        """
        known = dict(self.known)
        for concept in self.explained:
            for implied, value in vocabulary.implications.closure((concept, False)):
                if implied in self.explained or implied not in known:
                    known[implied] = value
        return Picture(known, self.readings, self.codes, self.evidence, self.conflicts)


def _side(reading: Reading, atom: Compares) -> Truth:
    if atom.comparator in {">", ">="}:
        return _beyond(reading.low, reading.low_open, reading.high, reading.high_open,
                       atom.threshold, strict=atom.comparator == ">")  # fmt: skip
    return _beyond(_minus(reading.high), reading.high_open, _minus(reading.low), reading.low_open,
                   -atom.threshold, strict=atom.comparator == "<")  # fmt: skip


def _minus(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number


def _beyond(low: Decimal | None, low_open: bool, high: Decimal | None, high_open: bool,
            threshold: Decimal, *, strict: bool) -> Truth:  # fmt: skip
    """Return whether a value between low and high lies at or beyond the threshold."""
    if low is not None and (low > threshold or (low == threshold and (low_open or not strict))):
        return Truth.PRESENT
    if high is not None and (high < threshold or (high == threshold and (high_open or strict))):
        return Truth.ABSENT
    return Truth.UNKNOWN


def close_literals(stated: Iterable[tuple[Literal, Fact]], vocabulary: Vocabulary,
                   disputed: frozenset[str] = frozenset()) -> Picture:  # fmt: skip
    """Return the picture of the stated literals; a disputed concept's own presence is left open."""
    evidence: dict[Literal, list[Fact]] = {}
    for literal, fact in stated:
        if literal[0] in disputed and literal[1]:
            evidence.setdefault(literal, []).append(fact)
            continue
        for implied in vocabulary.implications.closure(literal):
            evidence.setdefault(implied, []).append(fact)
    known: dict[str, bool] = {}
    recurring: list[str] = []
    conflicts: list[Conflict] = []
    for concept in dict.fromkeys(name for name, _ in evidence):
        present = tuple(evidence.get((concept, True), ()))
        absent = tuple(evidence.get((concept, False), ()))
        if concept in disputed and not absent:
            continue
        if present and absent and not _at_different_times(present, absent):
            conflicts.append(Conflict(concept, present, absent))
        else:
            known[concept] = bool(present)
            if present and absent:
                recurring.append(concept)
    for kind in _absent_at_times(recurring, evidence, vocabulary):
        known.pop(kind, None)
    frozen = {literal: tuple(facts) for literal, facts in evidence.items()}
    return Picture(known=known, evidence=frozen, conflicts=tuple(conflicts))


def _absent_at_times(recurring: Iterable[str], evidence: Mapping[Literal, Iterable[Fact]],
                     vocabulary: Vocabulary) -> set[str]:  # fmt: skip
    """Return the kinds of which only so much is known that a recurring finding was absent at times.

    A rash that came and went was of some kind while it was there: its absence in May does not say
    that it was not photosensitive in March.
    """
    at_times: dict[str, set[int]] = {}
    for concept in recurring:
        facts = {id(fact) for fact in evidence[concept, False]}
        for kind, _ in vocabulary.implications.closure((concept, False)):
            at_times.setdefault(kind, set()).update(facts)
    return {
        kind for kind, facts in at_times.items()
        if not evidence.get((kind, True)) and facts.issuperset(map(id, evidence[kind, False]))
    }  # fmt: skip


def _at_different_times(present: tuple[Fact, ...], absent: tuple[Fact, ...]) -> bool:
    """Whether every pair of statements carries two different dates: then both can be true."""
    return all(p.at and a.at and (p.at.on, p.at.offset) != (a.at.on, a.at.offset)
               for p in present for a in absent)  # fmt: skip


def known_from(findings: Mapping[str, bool], vocabulary: Vocabulary) -> tuple[dict[str, bool], set[str]]:
    """Close plain findings, without evidence; return what is known and what is in conflict."""
    known: dict[str, bool] = {}
    clashing: set[str] = set()
    for literal in findings.items():
        for concept, value in vocabulary.implications.closure(literal):
            if known.setdefault(concept, value) != value:
                clashing.add(concept)
    for concept in clashing:
        del known[concept]
    return known, clashing
