"""What reference equations expect of the patient, with every age and height that the record allows.

A device may have used an equation that is not known here. So two questions are kept apart: whether
an equation at hand fits, and whether the value lies further off than equations differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.written import Span
from crithidia.foundation.library import shipped_library
from crithidia.interpretation.physiology import Person, Reference, shipped_physiology
from crithidia.interpretation.physiology.references import GROUPS, references
from crithidia.interpretation.physiology.values import age_at, code_of, latest, sex_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.assessment.referee.written import Values
    from crithidia.case import Fact, Moment
    from crithidia.interpretation import Interpretation


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a device spoke of: sex, the ages that the printed one can stand for, height if recorded."""

    sex: str
    ages: tuple[float, float]
    height: Span | None
    groups: tuple[str, ...]
    facts: tuple[Fact, ...]

    def people(self, group: str, height: float | None) -> tuple[Person, ...]:
        """Return the person at either end of the age."""
        return tuple(Person(self.sex, age, height, group) for age in self.ages)

    @property
    def is_adult(self) -> bool:
        """Whether every possible age is one of an adult."""
        return bool(self.ages[0] >= _knowledge()["adults"]["from"])

    @property
    def tall(self) -> tuple[float, float]:
        """Return the least and the greatest height; one must be recorded."""
        assert self.height is not None  # noqa: S101  (asked for only where it is)
        return float(self.height.low), float(self.height.high)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one reference expects, for one ethnic group, over every age and height that is possible."""

    reference: Reference
    group: str
    span: Span


def printed() -> Mapping[str, Any]:
    """Return how far a printed number may lie from what stands behind it."""
    data: Mapping[str, Any] = _knowledge()["printed"]
    return data


def _knowledge() -> Mapping[str, Any]:
    data: Mapping[str, Any] = shipped_library().document("referee/volumes.yaml").data
    return data


def subject_at(shown: Interpretation, values: Values, at: Moment | None) -> Subject | None:
    """Return whom a device spoke of at that time; None where sex or age are not known."""
    picture = shown.picture
    sex, age, reading = sex_of(picture), age_at(picture, at), latest(picture, "age")
    if sex is None or reading is None or age is None or age.low is None or age.high is None:
        return None
    less, more = printed()["age"]
    group = code_of(picture, "gli_ethnic_group")
    heights = values.get("height", ())
    height = next((one for one in heights if one.at == at), heights[-1] if heights else None)
    facts = [reading.fact, *picture.evidence.get(("sex", True), ())]
    return Subject(sex, (max(age.low + less, 0), age.high + more), height.span if height else None,
                   (group,) if group in GROUPS else GROUPS,
                   tuple([*facts, height.fact] if height else facts))  # fmt: skip


def predictions(concepts: tuple[str, ...], subject: Subject) -> Iterator[Prediction]:
    """Yield what every reference at hand predicts for a kind of measurement; the height must be known."""
    for reference, concept in _answering(concepts):
        for group in subject.groups if reference.is_grouped else subject.groups[:1]:
            expected = [reference.expected(concept, whom)
                        for height in subject.tall for whom in subject.people(group, height)]  # fmt: skip
            if all(expected):
                medians = [Fraction(e.median) for e in expected if e is not None]
                yield Prediction(reference, group, Span(min(medians), max(medians)))


def heights(concepts: tuple[str, ...], subject: Subject, group: str,
            predicted: Span) -> Iterator[tuple[Reference, Span]]:  # fmt: skip
    """Yield the heights in cm at which a reference would predict such a value.

    A reference that does not ask for the height fits at every height, or at none.
    """
    for reference, concept in _answering(concepts):
        people = subject.people(group, None)
        values = (float(predicted.low), float(predicted.high))
        tall = [reference.height_for(concept, whom, value) for whom, value in product(people, values)]
        known = [Fraction(height) for height in tall if height is not None]
        if known and len(known) == len(tall):
            yield reference, Span(min(known), max(known))
        elif not known:
            yield from _at_every_height(reference, concept, people, predicted)


def _at_every_height(reference: Reference, concept: str, people: tuple[Person, ...],
                     predicted: Span) -> Iterator[tuple[Reference, Span]]:  # fmt: skip
    expected = [reference.expected(concept, whom) for whom in people]
    medians = [Fraction(e.median) for e in expected if e is not None]
    if medians and len(medians) == len(people) and Span(min(medians), max(medians)).meets(predicted):
        yield reference, Span(Fraction(0), Fraction(1000))


def all_at_hand(concepts: tuple[str, ...]) -> bool:
    """Return whether no reference that speaks of these measurements lacks its tables."""
    return all(reference.is_at_hand and not reference.is_unverified
               for reference in references(shipped_physiology().lungs)
               if any(concept in reference.data["equations"] for concept in concepts))  # fmt: skip


def _answering(concepts: tuple[str, ...]) -> Iterator[tuple[Reference, str]]:
    for reference in references(shipped_physiology().lungs):
        for concept in concepts:
            if reference.is_at_hand and concept in reference.data["equations"]:
                yield reference.carried_on(), concept
