"""What was recorded at which visit: a score mixes no values of different days.

Undated facts belong to the visit at which the case was recorded (offset 0, or the index date). What
holds at every visit - sex, an antibody ever found - is taken from the picture as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Final

from crithidia.case import Code, Fact, Grade, Moment
from crithidia.definition.formula import GRADES
from crithidia.foundation.spans import Span, hull_of
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from crithidia.definition.score import ScoreInput
    from crithidia.interpretation import Picture
    from crithidia.interpretation.measurements import Reading
    from crithidia.vocabulary import Vocabulary

_LAST: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """One visit, in order of time: dates and offsets each among themselves, the undated last.

    ``at`` is the time as somebody wrote it, None where nobody did.
    """

    kind: int = _LAST
    position: float = 0.0
    at: Moment | None = field(default=None, compare=False)


UNDATED: Final = Visit()


@dataclass(frozen=True)
class Recorded:
    """The facts of one picture, asked for by visit; ``visit`` None takes everything together."""

    picture: Picture
    vocabulary: Vocabulary
    index_date: date | None = None

    def visit_of(self, fact: Fact) -> Visit:
        """Return the visit at which a fact was recorded."""
        at = fact.at
        if at is None or (at.on is None and at.offset == 0) or (at.on and at.on == self.index_date):
            return self._index
        if at.on is not None:
            return Visit(1, float(at.on.toordinal()), at)
        return Visit(1, at.offset or 0.0, at)

    @property
    def _index(self) -> Visit:
        """The visit at which the case was recorded."""
        if self.index_date is None:
            return UNDATED
        return Visit(1, float(self.index_date.toordinal()), Moment(str(self.index_date), self.index_date))

    def visits(self, concepts: Iterable[str]) -> list[Visit]:
        """Return the visits at which anything was recorded of these concepts, the earliest first."""
        found = dict.fromkeys(self.visit_of(fact) for concept in concepts for fact in self._facts(concept))
        return sorted(found)

    def _facts(self, concept: str) -> Iterator[Fact]:
        if self.vocabulary[concept].kind is Kind.QUANTITY:
            yield from (reading.fact for reading in self.picture.readings.get(concept, ()))
        for truth in (True, False):
            yield from self.picture.evidence.get((concept, truth), ())

    def _at(self, facts: Iterable[Fact], visit: Visit | None) -> tuple[Fact, ...]:
        return tuple(f for f in facts if visit is None or self.visit_of(f) == visit)

    # ---- values ----------------------------------------------------------------------------------

    def readings(self, concept: str, visit: Visit | None) -> tuple[Reading, ...]:
        """Return the measurements of a quantity at a visit."""
        found = self.picture.readings.get(concept, ())
        return tuple(r for r in found if visit is None or self.visit_of(r.fact) == visit)

    def standing_readings(self, concept: str, visit: Visit | None) -> tuple[Reading, ...]:
        """Return those of the visit, or else the last that was recorded."""
        return self.readings(concept, visit) or self.picture.readings.get(concept, ())[-1:]

    def truths(self, concept: str, visit: Visit | None) -> tuple[frozenset[bool], tuple[Fact, ...]]:
        """Return what is possible of a finding, and the facts that say so."""
        present, absent = (self._at(self.picture.evidence.get((concept, truth), ()), visit)
                           for truth in (True, False))  # fmt: skip
        facts = (*present, *absent)
        known = self.picture.known.get(concept)
        if known is None or (present and absent):
            return frozenset((True, False)), facts
        if visit is None:
            return frozenset((known,)), facts
        if not facts:
            return frozenset((True, False)), ()
        return frozenset((bool(present),)), facts

    def codes(self, concept: str, visit: Visit | None) -> tuple[frozenset[str], tuple[Fact, ...]]:
        """Return the codes that are possible, and the facts that say so."""
        if self.vocabulary[concept].kind is Kind.ANTIBODY:
            return self._grades(concept, visit)
        facts = self._at(self.picture.evidence.get((concept, True), ()), visit)
        found = frozenset(f.value.code for f in facts if isinstance(f.value, Code))
        return found or frozenset(self.vocabulary[concept].choices), facts

    def _grades(self, concept: str, visit: Visit | None) -> tuple[frozenset[str], tuple[Fact, ...]]:
        """Return the grades that are possible of an antibody; without a grade, those of its truth."""
        truths, facts = self.truths(concept, visit)
        graded = frozenset(f.value.text for f in facts if isinstance(f.value, Grade)) & frozenset(GRADES)
        by_truth = frozenset(grade for grade in GRADES if (grade != "-") in truths)
        return graded & by_truth or by_truth, facts


def span_of(readings: Iterable[Reading]) -> Span | None:
    """Return the span of several measurements of one visit: the value is one of them."""
    found = [Span(-inf if r.low is None else Fraction(r.low), inf if r.high is None else Fraction(r.high),
                  r.low_open, r.high_open) for r in readings]  # fmt: skip
    return hull_of(found) if found else None


def permitted_part(span: Span, given: ScoreInput) -> Span | None:
    """Return what of a measured span the score permits; None if nothing."""
    found = span.within(given.permitted)
    return found.whole() if found is not None and given.whole else found
