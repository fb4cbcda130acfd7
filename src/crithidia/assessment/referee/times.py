"""Ages and dates: onset before diagnosis before now, nothing before birth or after death or publication."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Final

from crithidia.assessment.referee.finding import Finding
from crithidia.case import Presence
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import Means, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.case import Case, Fact
    from crithidia.foundation.text import Text
    from crithidia.interpretation import Interpretation, Picture
    from crithidia.interpretation.measurements import Reading

_ORDER: Final = ("age_at_onset", "age_at_diagnosis", "age")
_DAYS_OF_YEAR: Final = Fraction(1461, 4)
_IN_DAYS: Final = {"d": Fraction(1), "wk": Fraction(7), "mo": _DAYS_OF_YEAR / 12, "a": _DAYS_OF_YEAR}


def times(shown: Interpretation) -> Iterator[Finding]:
    """Yield what cannot have happened when it is said to have happened."""
    yield from _ages_in_order(shown.picture)
    yield from _durations(shown.picture)
    yield from _before_birth(shown)
    yield from _after_death(shown.case)
    yield from _after_publication(shown.case)


def _recorded(picture: Picture, concept: str) -> Reading | None:
    """Return the one reading that was recorded; a bound worked out from another value is none."""
    found = [r for r in picture.readings.get(concept, ()) if not r.fact.is_derived]
    return found[0] if len(found) == 1 else None


def _ages_in_order(picture: Picture) -> Iterator[Finding]:
    ages = [(name, reading) for name in _ORDER if (reading := _recorded(picture, name))]
    for (earlier, first), (later, second) in combinations(ages, 2):
        if first.low is not None and second.high is not None and first.low >= second.high + 1:
            yield Finding.of(
                "ages_out_of_order", facts=(first.fact, second.fact),
                earlier=_label(earlier), later=_label(later), first=str(first.fact.value),
                second=str(second.fact.value),
            )  # fmt: skip


def _durations(picture: Picture) -> Iterator[Finding]:
    """Yield durations that are longer than the life they belong to."""
    age = _recorded(picture, "age")
    if age is None or age.high is None:
        return
    life = _life(age)
    for concept, readings in picture.readings.items():
        days = _IN_DAYS.get(shipped_vocabulary()[concept].unit)
        if days is None or "duration" not in concept:
            continue
        for reading in readings:
            if reading.low is not None and Fraction(reading.low) * days > life:
                yield Finding.of("longer_than_life", facts=(reading.fact, age.fact), concept=concept,
                                 value=str(reading.fact.value), age=str(age.fact.value))  # fmt: skip


def _life(age: Reading) -> Fraction:
    """Return the most days that a person of that age in completed years can have lived."""
    return (Fraction(age.high or 0) + 1) * _DAYS_OF_YEAR


def _before_birth(shown: Interpretation) -> Iterator[Finding]:
    """Yield what lies further back than the patient's age, counted from the index visit."""
    age = _recorded(shown.picture, "age")
    if age is None or age.high is None or age.fact.at is not None:
        return
    life = _life(age)
    for fact in shown.case.facts:
        back = _days_back(fact, shown.case)
        if back is not None and back > life:
            yield Finding.of("before_birth", facts=(fact, age.fact), what=_label(fact.concept),
                             at=str(fact.at), age=str(age.fact.value))  # fmt: skip


def _days_back(fact: Fact, case: Case) -> Fraction | None:
    if fact.at is None:
        return None
    if fact.at.offset is not None:
        return -Fraction(fact.at.offset)
    if fact.at.on is not None and case.index_date is not None:
        return Fraction((case.index_date - fact.at.on).days)
    return None


def _after_death(case: Case) -> Iterator[Finding]:
    """Yield what is dated later than the death; what a biopsy shows may come from an autopsy."""
    deaths = [fact for fact in case.of("death") if fact.value == Presence(Truth.PRESENT) and fact.at]
    for death in deaths[:1]:
        late = [fact for fact in case.facts
                if _is_later(fact, death) and shipped_vocabulary()[fact.concept].means is not Means.BIOPSY]
        if late:
            yield Finding.of("after_death", facts=(*late, death), at=str(death.at),
                             what=tuple(dict.fromkeys(_label(fact.concept) for fact in late)))  # fmt: skip


def _is_later(fact: Fact, death: Fact) -> bool:
    times = (fact.at, fact.until)
    return death.at is not None and any(moment.is_after(death.at) for moment in times if moment)


def _after_publication(case: Case) -> Iterator[Finding]:
    """Yield dates later than the year in which the source was published."""
    if not case.source.year.isdigit():
        return
    year = int(case.source.year)
    late = [fact for fact in case.facts if fact.at and fact.at.on and fact.at.on.year > year]
    if late:
        yield Finding.of("after_publication", facts=late, year=str(year),
                         dates=tuple(dict.fromkeys(str(fact.at.on) for fact in late if fact.at)))  # fmt: skip


def _label(concept: str) -> Text:
    return shipped_vocabulary()[concept].label
