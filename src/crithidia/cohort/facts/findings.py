"""What is known of each finding of each person: implications closed, contradictions left open.

The meaning is that of ``interpretation.picture`` and ``interpretation.timing`` for a single case; here each
answer is a bit of every person, 64 to a word. Two statements that contradict each other are a conflict
unless each has a day and the days differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.evidence import Evidence
from crithidia.cohort.facts.statements import dated, joined, marked
from crithidia.cohort.once import once
from crithidia.cohort.words import packed, unpacked, width
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crithidia.cohort.facts.statements import Stated
    from crithidia.cohort.words import Words
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]


@dataclass
class Findings:
    """What some statements make known of ``size`` people."""

    size: int
    stated: Mapping[Literal, Stated]
    _kept: dict[tuple[str, object], Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._implications = shipped_vocabulary().implications
        self._speakers = _speakers(frozenset(self.stated))

    def with_more(self, found: Mapping[Literal, Stated]) -> Findings:
        """Return what is known with more statements; what is known of the others stays."""
        merged = {literal: joined([self.stated[literal], more]) if literal in self.stated else more
                  for literal, more in found.items()}  # fmt: skip
        kept = {key: bits for key, bits in self._kept.items() if key[0] in _SORTS and key[1] not in found}
        return Findings(self.size, {**self.stated, **merged}, kept)

    def known(self, literal: Literal) -> Words:
        """Return in whom a finding is known to be present, or absent."""
        return self._keep("known", literal, self._known)

    def attributed(self, literal: Literal) -> Words:
        """Return the same where what is put down to another cause does not count."""
        if not self._ever_explained:
            return self.known(literal)
        return self._keep("attributed", literal, self._attributed)

    def conflict(self, concept: str) -> Words:
        """Return in whom a finding is made both present and absent by what can not both be true."""
        return self._keep("conflict", concept, self._find_conflict)

    def truths(self, words: Words) -> Array:
        """Return bits as truths, one a person."""
        return unpacked(words, self.size)

    def _keep(self, what: str, key: Any, make: Callable[[Any], Words]) -> Words:
        found = self._kept.get((what, key))
        if found is None:
            found = self._kept[what, key] = make(key)
        return found

    @once
    def _nobody(self) -> Words:
        return np.zeros(width(self.size), np.uint64)

    def _united(self, parts: Iterable[Words]) -> Words:
        found = self._nobody
        for part in parts:
            found = part if found is self._nobody else found | part
        return found

    def _known(self, literal: Literal) -> Words:
        concept, value = literal
        present, absent = self._any((concept, True)), self._any((concept, False))
        if not value:
            return self._certainly_absent(concept) & ~present if self._ever_recurring else absent & ~present
        disputed = self._disputed(concept)
        return present & ~self.conflict(concept) & ~(disputed & ~absent)

    def _certainly_absent(self, concept: str) -> Words:
        """Return in whom a finding is absent, and not only as a kind of what was absent at times."""
        return self._united(self._in_whom("all", cause) & ~self._at_times(cause, concept)
                            for cause in self.causes((concept, False)))  # fmt: skip

    def _at_times(self, cause: Literal, concept: str) -> Words:
        """Return in whom a cause speaks against a finding by way of one that was there at times."""
        denied = self._implications.closure((concept, True))
        ways = [name for name, value in self._implications.closure(cause)
                if not value and name in self._ever_recurring and (name, True) in denied]  # fmt: skip
        return self._united(map(self._recurring, ways))

    def _recurring(self, concept: str) -> Words:
        """Return in whom a finding was present on one day and absent on another."""
        return self._keep("recurring", concept, self._find_recurring)

    def _find_recurring(self, concept: str) -> Words:
        both = self._any((concept, True)) & self._any((concept, False))
        return both & ~self.conflict(concept) if both.any() else both

    @once
    def _ever_recurring(self) -> frozenset[str]:
        if not any(dated(stated).any() for stated in self.stated.values()):
            return frozenset()
        implied = {name for literal in self.stated for name, _ in self._implications.closure(literal)}
        return frozenset(name for name in implied if self._recurring(name).any())

    def causes(self, literal: Literal) -> tuple[Literal, ...]:
        """Return the literals of which something is stated that are or imply this one."""
        return tuple(cause for cause, _ in self._speaking(literal))

    def evidence(self, literal: Literal) -> Evidence:
        """Return the statements that are or imply a literal; a disputed one implies nothing."""
        return Evidence(tuple(
            (cause, self.stated[cause], self.truths(~self._disputed(cause[0])) if mute else None)
            for cause, mute in self._speaking(literal)
        ))  # fmt: skip

    def _speaking(self, literal: Literal) -> tuple[tuple[Literal, bool], ...]:
        """Return the causes of a literal, and whether each is mute where it is disputed."""
        return self._speakers.of(literal)

    def _heard(self, which: str, literal: Literal) -> Words:
        """Return in whom there are statements of that sort that are or imply a literal."""
        return self._united(
            self._in_whom(which, cause) & ~self._disputed(cause[0]) if mute else self._in_whom(which, cause)
            for cause, mute in self._speaking(literal)
        )

    def _in_whom(self, which: str, cause: Literal) -> Words:
        """Return in whom there are statements of a literal itself, all or those of one sort."""
        return self._keep(which, cause, lambda key: self._of_people(key, which))

    def _of_people(self, literal: Literal, which: str) -> Words:
        stated, chosen = self.stated.get(literal), _SORTS[which]
        if stated is None:
            return self._nobody
        return stated.whom(self.size) if chosen is None else marked(stated.person[chosen(stated)], self.size)

    def _any(self, literal: Literal) -> Words:
        return self._keep("any", literal, lambda key: self._heard("all", key))

    def _disputed(self, concept: str) -> Words:
        """Return in whom a screening test is plainly positive that its confirming test denies."""
        return self._keep("disputed", concept, self._find_disputed)

    def _find_disputed(self, concept: str) -> Words:
        confirming = shipped_rules().confirmations.get(concept)
        if confirming is None:
            return self._nobody
        for which in ("all", "plain"):
            both = self._in_whom(which, (concept, True)) & self._in_whom(which, (confirming, False))
            if not both.any():
                return self._nobody
        return both

    def _find_conflict(self, concept: str) -> Words:
        present, absent = (concept, True), (concept, False)
        both = self._any(present) & self._any(absent)
        if not both.any():
            return both
        undated = (self._heard("undated", present) | self._heard("undated", absent)) & both
        open_ = both & ~undated
        return undated | self._on_one_day(concept, open_) if open_.any() else undated

    def _on_one_day(self, concept: str, among: Words) -> Words:
        """Return in whom presence and absence are stated of the same day."""
        people = self.truths(among)
        present, absent = (self.evidence((concept, value)).days(people) for value in (True, False))
        found = np.zeros(self.size, bool)
        found[np.intersect1d(present, absent, assume_unique=True) >> 32] = True
        return packed(found)

    def _explained(self, concept: str) -> Words:
        """Return in whom every piece of evidence for a finding is put down to another cause."""
        return self._keep("explained", concept, self._find_explained)

    def _find_explained(self, concept: str) -> Words:
        kinds_of = shipped_vocabulary().kinds_of
        parts = []
        for cause, mute in self._speaking((concept, True)):
            which = "unexplained" if concept in kinds_of(cause[0]) else "all"
            people = self._in_whom(which, cause)
            parts.append(people & ~self._disputed(cause[0]) if mute else people)
        return self.known((concept, True)) & ~self._united(parts)

    @once
    def _ever_explained(self) -> tuple[str, ...]:
        """The findings that are put down to another cause in somebody."""
        concepts = {concept for literal, stated in self.stated.items() if stated.ever_explained
                    for concept, value in self._implications.closure(literal) if value}  # fmt: skip
        return tuple(sorted(concept for concept in concepts if self._explained(concept).any()))

    def _attributed(self, literal: Literal) -> Words:
        concept, value = literal
        present, absent = self.known((concept, True)), self.known((concept, False))
        own = self._explained(concept)
        if value:
            return present & ~own
        denied = self._united(self._explained(cause) for cause in self._ever_explained
                              if (concept, False) in self._implications.closure((cause, False)))  # fmt: skip
        return absent | (denied & (own | ~(present | absent)))


class _Speakers:
    """Which of some stated literals speak for others."""

    def __init__(self, stated: frozenset[Literal]) -> None:
        self._stated = stated
        self._of: dict[Literal, tuple[tuple[Literal, bool], ...]] = {}

    def of(self, literal: Literal) -> tuple[tuple[Literal, bool], ...]:
        """Return the causes of a literal, and whether each is mute where it is disputed."""
        if literal not in self._of:
            denied = shipped_vocabulary().implications.closure((literal[0], not literal[1]))
            causes = (cause for concept, value in denied if (cause := (concept, not value)) in self._stated)
            confirmed = shipped_rules().confirmations
            self._of[literal] = tuple(
                (cause, cause != literal and cause[1] and cause[0] in confirmed) for cause in causes
            )
        return self._of[literal]


@lru_cache(maxsize=8)
def _speakers(stated: frozenset[Literal]) -> _Speakers:
    """Return who speaks for whom; batches mostly state the same literals."""
    return _Speakers(stated)


_SORTS: Mapping[str, Callable[[Stated], Array] | None] = {
    "all": None,
    "undated": lambda stated: ~dated(stated),
    "plain": lambda stated: stated.plain,
    "unexplained": lambda stated: ~stated.explained,
}
