"""One measured value against its reference: z-score, limits of normal, percent of predicted.

What is recorded within bounds (a range, an age in whole years, an ethnic group that is not
recorded) gives a z-score within bounds. Refuses to work without sex, age or, where the equation
needs it, height.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from crithidia.foundation.truth import Truth
from crithidia.interpretation.physiology.references import GROUPS, Person, chosen, everyone
from crithidia.interpretation.physiology.splines import STEP
from crithidia.interpretation.physiology.values import (
    Bounds,
    age_at,
    basis,
    code_of,
    latest,
    sex_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.case import Fact, Moment
    from crithidia.interpretation.measurements import Reading
    from crithidia.interpretation.physiology.distribution import Expected
    from crithidia.interpretation.physiology.references import Reference
    from crithidia.interpretation.picture import Picture

GROUP: str = "gli_ethnic_group"


@dataclass(frozen=True, slots=True)
class Value:
    """A value to be judged: the bounds in the canonical unit, the readings, and when."""

    concept: str
    bounds: Bounds
    readings: tuple[Reading, ...]
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A value against its reference; ``limit`` is the z-score at which normal ends."""

    value: Value
    reference: Reference
    z: Bounds
    predicted: Bounds
    lower: Bounds
    percent: Bounds
    limit: float
    facts: tuple[Fact, ...]

    @property
    def is_low(self) -> Truth:
        """Whether the value lies below the lower limit of normal."""
        return _beyond(self.z.high, self.z.low, lambda z: z < -self.limit)

    @property
    def is_high(self) -> Truth:
        """Whether the value lies above the upper limit of normal."""
        return _beyond(self.z.low, self.z.high, lambda z: z > self.limit)


def _beyond(nearest: float | None, farthest: float | None, test: Any) -> Truth:
    """Return present if even the nearest end is beyond, absent if not even the farthest is."""
    if nearest is not None and test(nearest):
        return Truth.PRESENT
    return Truth.ABSENT if farthest is not None and not test(farthest) else Truth.UNKNOWN


def judge(picture: Picture, value: Value, knowledge: Mapping[str, Any]) -> Judged | None:
    """Return a value against the reference that answers for it, or None where none does."""
    group = code_of(picture, GROUP)
    reference = chosen(value.concept, knowledge, group if group in GROUPS else None)
    height = latest(picture, "height", value.at)
    people = tuple(_people(picture, value.at, height, group))
    if reference is None or not people:
        return None
    everybody = [whom for person in people for whom in everyone(reference, person)]
    expected = [reference.expected(value.concept, whom) for whom in everybody]
    known = tuple(e for e in expected if e is not None)
    if len(known) < len(expected):
        return None
    needs_height = height if _needs_height(reference, value.concept, people[0]) else None
    return _judged(value, reference, known, float(knowledge["limits_of_normal"]["z"]),
                   basis(picture, *value.readings, needs_height))  # fmt: skip


def _judged(value: Value, reference: Reference, expected: tuple[Expected, ...], limit: float,
            facts: tuple[Fact, ...]) -> Judged:  # fmt: skip
    low, high = value.bounds.low, value.bounds.high
    return Judged(
        value, reference,
        z=Bounds(None if low is None else min(e.z(low) for e in expected),
                 None if high is None else max(e.z(high) for e in expected)),
        predicted=Bounds.over(e.median for e in expected),
        lower=Bounds.over(e.at(-limit) for e in expected),
        percent=Bounds(None if low is None else min(e.percent(low) for e in expected),
                       None if high is None else max(e.percent(high) for e in expected)),
        limit=limit, facts=facts,
    )  # fmt: skip


def _needs_height(reference: Reference, concept: str, person: Person) -> bool:
    without = Person(person.sex, person.age, None, GROUPS[0])
    return reference.expected(concept, without) is None


def _people(picture: Picture, at: Moment | None, height: Reading | None,
            group: str | None) -> Iterator[Person]:  # fmt: skip
    """Yield the person at every end of what is known of age and height."""
    sex, age = sex_of(picture), age_at(picture, at)
    if sex is None or age is None or age.low is None or age.high is None:
        return
    heights: tuple[float | None, ...] = (None,)
    if height is not None:
        bounds = Bounds.of(height)
        if bounds.low is None or bounds.high is None:
            return
        heights = (bounds.low, bounds.high)
    for years, tall in product(_ages(age.low, age.high), dict.fromkeys(heights)):
        yield Person(sex, years, tall, group if group in GROUPS else None)


def _ages(low: float, high: float) -> Iterator[float]:
    """Yield both ends and what lies between them in the steps of the tables."""
    yield low
    while low + STEP < high:
        low += STEP
        yield low
    if high > low:
        yield high
