"""What is known of each finding of each person: implications closed, contradictions left open.

The meaning is that of ``interpretation.picture`` and ``interpretation.timing`` for a single case; here each
answer is a column of truths, one a person. Two statements that contradict each other are a conflict unless
each has a day and the days differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.evidence import Evidence
from crithidia.cohort.facts.statements import dated
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.cohort.facts.statements import Stated
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]


@dataclass
class Findings:
    """What some statements make known of ``size`` people."""

    size: int
    stated: Mapping[Literal, Stated]

    def __post_init__(self) -> None:
        self._kept: dict[tuple[str, object], Array] = {}
        self._implications = shipped_vocabulary().implications
        self._causes: dict[Literal, tuple[Literal, ...]] = {}

    def known(self, literal: Literal) -> Array:
        """Return in whom a finding is known to be present, or absent."""
        return self._keep("known", literal, self._known)

    def attributed(self, literal: Literal) -> Array:
        """Return the same where what is put down to another cause does not count."""
        if not self._ever_explained:
            return self.known(literal)
        return self._keep("attributed", literal, self._attributed)

    def _keep(self, what: str, key: Any, make: Callable[[Any], Array]) -> Array:
        found = self._kept.get((what, key))
        if found is None:
            found = self._kept[what, key] = make(key)
        return found

    def _known(self, literal: Literal) -> Array:
        concept, value = literal
        present, absent = self._any((concept, True)), self._any((concept, False))
        if not value:
            return self._certainly_absent(concept) & ~present if self._ever_recurring else absent & ~present
        disputed = self._disputed(concept)
        return present & ~self._conflict(concept) & ~(disputed & ~absent)

    def _certainly_absent(self, concept: str) -> Array:
        """Return in whom a finding is absent, and not only as a kind of what was absent at times."""
        found = np.zeros(self.size, bool)
        for cause, stated, speaks in self.evidence((concept, False)).parts:
            at_times = self._at_times(cause, concept)
            counts = speaks
            if at_times is not None:
                counts = ~at_times[stated.person] if speaks is None else ~at_times[stated.person] & speaks
            found[stated.person if counts is None else stated.person[counts]] = True
        return found

    def _at_times(self, cause: Literal, concept: str) -> Array | None:
        """Return in whom a cause speaks against a finding by way of one that was there at times."""
        denied = self._implications.closure((concept, True))
        ways = [self._recurring(name) for name, value in self._implications.closure(cause)
                if not value and name in self._ever_recurring and (name, True) in denied]  # fmt: skip
        return np.any(ways, axis=0) if ways else None

    def _recurring(self, concept: str) -> Array:
        """Return in whom a finding was present on one day and absent on another."""
        return self._keep("recurring", concept, self._find_recurring)

    def _find_recurring(self, concept: str) -> Array:
        both = self._any((concept, True)) & self._any((concept, False))
        return both & ~self._conflict(concept) if both.any() else both

    @cached_property
    def _ever_recurring(self) -> frozenset[str]:
        if not any(dated(stated).any() for stated in self.stated.values()):
            return frozenset()
        implied = {name for literal in self.stated for name, _ in self._implications.closure(literal)}
        return frozenset(name for name in implied if self._recurring(name).any())

    def causes(self, literal: Literal) -> tuple[Literal, ...]:
        """Return the literals of which something is stated that are or imply this one."""
        if literal not in self._causes:
            denied = self._implications.closure((literal[0], not literal[1]))
            self._causes[literal] = tuple(
                cause for concept, value in denied if (cause := (concept, not value)) in self.stated
            )
        return self._causes[literal]

    def evidence(self, literal: Literal) -> Evidence:
        """Return the statements that are or imply a literal; a disputed one implies nothing."""
        return Evidence(tuple(
            (cause, self.stated[cause], self._speaks(cause, literal)) for cause in self.causes(literal)
        ))  # fmt: skip

    def _speaks(self, cause: Literal, literal: Literal) -> Array | None:
        """Return which statements of a cause speak for a literal; None for all."""
        if cause == literal or not cause[1] or cause[0] not in shipped_rules().confirmations:
            return None
        return ~self._disputed(cause[0])[self.stated[cause].person]

    def _any(self, literal: Literal) -> Array:
        return self._keep("any", literal, lambda key: self.evidence(key).people(self.size))

    def _undated(self, literal: Literal) -> Array:
        return self._keep("undated", literal,
                          lambda key: self.evidence(key).people(self.size, lambda s: ~dated(s)))  # fmt: skip

    def _disputed(self, concept: str) -> Array:
        """Return in whom a screening test is plainly positive that its confirming test denies."""
        return self._keep("disputed", concept, self._find_disputed)

    def _find_disputed(self, concept: str) -> Array:
        confirming = shipped_rules().confirmations.get(concept)
        if confirming is None:
            return np.zeros(self.size, bool)
        return self._plainly((concept, True)) & self._plainly((confirming, False))

    def _plainly(self, literal: Literal) -> Array:
        found = np.zeros(self.size, bool)
        stated = self.stated.get(literal)
        if stated is not None:
            found[stated.person[stated.plain]] = True
        return found

    def _conflict(self, concept: str) -> Array:
        """Return in whom a finding is made both present and absent by what can not both be true."""
        return self._keep("conflict", concept, self._find_conflict)

    def _find_conflict(self, concept: str) -> Array:
        present, absent = (concept, True), (concept, False)
        both = self._any(present) & self._any(absent)
        if not both.any():
            return both
        undated = (self._undated(present) | self._undated(absent)) & both
        open_ = both & ~undated
        return undated | self._on_one_day(concept, open_) if open_.any() else undated

    def _on_one_day(self, concept: str, among: Array) -> Array:
        """Return in whom presence and absence are stated of the same day."""
        present, absent = (self.evidence((concept, value)).days(among) for value in (True, False))
        found = np.zeros(self.size, bool)
        found[np.intersect1d(present, absent) >> 32] = True
        return found

    def _explained(self, concept: str) -> Array:
        """Return in whom every piece of evidence for a finding is put down to another cause."""
        return self._keep("explained", concept, self._find_explained)

    def _find_explained(self, concept: str) -> Array:
        vocabulary = shipped_vocabulary()
        unexplained = np.zeros(self.size, bool)
        for cause, stated, speaks in self.evidence((concept, True)).parts:
            counts = np.ones(len(stated.person), bool) if speaks is None else speaks
            if concept in vocabulary.kinds_of(cause[0]):
                counts = counts & ~stated.explained
            unexplained[stated.person[counts]] = True
        return self.known((concept, True)) & ~unexplained

    @cached_property
    def _ever_explained(self) -> tuple[str, ...]:
        """The findings that are put down to another cause in somebody."""
        concepts = {concept for literal, stated in self.stated.items() if stated.explained.any()
                    for concept, value in self._implications.closure(literal) if value}  # fmt: skip
        return tuple(sorted(concept for concept in concepts if self._explained(concept).any()))

    def _attributed(self, literal: Literal) -> Array:
        concept, value = literal
        present, absent = self.known((concept, True)), self.known((concept, False))
        own = self._explained(concept)
        if value:
            return present & ~own
        taken = [self._explained(cause) for cause in self._ever_explained
                 if (concept, False) in self._implications.closure((cause, False))]  # fmt: skip
        denied = np.any(taken, axis=0) if taken else np.zeros(self.size, bool)
        return absent | (denied & (own | ~(present | absent)))
