"""Findings that follow from the times of other findings, by ``knowledge/measurements/timing*.yaml``.

``repeated``: the same finding was present at two times at least so far apart (antiphospholipid
antibodies twelve weeks apart); what was found in between does not matter. ``lasting``: the same,
and never absent in between (arthritis for six weeks). ``together``: two findings were present
within so long of each other. Where the times needed are not recorded, nothing follows: the finding
stays unknown.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.truth import Truth
from crithidia.interpretation.derived import derived_fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.case import Fact, Moment
    from crithidia.foundation.document import Document
    from crithidia.foundation.library import Library
    from crithidia.interpretation.picture import Picture
    from crithidia.vocabulary import Vocabulary

_DAYS: Final = {"d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}


@dataclass(frozen=True, slots=True)
class TimingRule:
    """A finding, the one or two findings whose times settle it, and the distance between them."""

    finding: str
    of: tuple[str, ...]
    number: float
    unit: str
    lasting: bool = False

    @property
    def repeated(self) -> bool:
        """Whether one finding must recur, rather than two fall together."""
        return len(self.of) == 1


def load_timing(library: Library, vocabulary: Vocabulary) -> Iterator[TimingRule]:
    """Yield every timing rule. Raises ``InputError`` for a finding that is no concept."""
    for document in library.folder("measurements"):
        if document.name.startswith("measurements/timing"):
            for finding, entry in document.data.items():
                yield _rule(document, finding, entry, vocabulary)


def _rule(document: Document, finding: str, entry: Mapping[str, Any], vocabulary: Vocabulary) -> TimingRule:
    once = entry.get("repeated") or entry.get("lasting")
    of = (once,) if once else tuple(entry["together"])
    for name in (finding, *of):
        if name not in vocabulary:
            raise document.refuse(f"'{name}' is not a concept", finding,
                                  remedy=vocabulary.suggestion(name))  # fmt: skip
    distance = next(entry[key] for key in ("at_least_apart", "at_least", "at_most_apart") if key in entry)
    number, unit = distance.split()
    return TimingRule(finding, of, float(number), unit, lasting="lasting" in entry)


def timing_facts(picture: Picture, rules: tuple[TimingRule, ...]) -> Iterator[Fact]:
    """Yield the findings that the recorded times settle."""
    for rule in rules:
        missing = next((name for name in rule.of if picture.known.get(name) is False), None)
        if missing:
            sources = picture.evidence.get((missing, False), ())
            yield derived_fact(rule.finding, Truth.ABSENT, rule.finding, _earliest(sources))
        elif found := _pair(picture, rule):
            yield derived_fact(rule.finding, Truth.PRESENT, rule.finding, found)


def _earliest(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Return the fact without a time, or the earliest; at best one not put down to another cause."""
    ranks = sorted(facts, key=lambda fact: (fact.at is not None, *_day(fact), bool(fact.explained_by)))
    return tuple(ranks[:1])


def _day(fact: Fact) -> tuple[date, float]:
    at = fact.at
    return (at.on if at and at.on else date.max, at.offset if at and at.offset else 0.0)


def _pair(picture: Picture, rule: TimingRule) -> tuple[Fact, Fact] | None:
    """Return the two facts that lie as far apart, or as close together, as the rule asks.

    The earliest such pair; one that nobody puts down to another cause goes first.
    """
    times = [[fact for fact in picture.evidence.get((name, True), ()) if fact.at] for name in rule.of]
    pairs = combinations(times[0], 2) if rule.repeated else product(*times)
    return min((_in_order(*pair) for pair in pairs if _lies(picture, rule, *pair)), key=_rank, default=None)


def _lies(picture: Picture, rule: TimingRule, first: Fact, second: Fact) -> bool:
    if first.at is None or second.at is None:
        return False
    beyond = compared(first.at, second.at, rule.number, rule.unit)
    if beyond is None or (beyond < 0 if rule.repeated else beyond > 0):
        return False
    return not (rule.lasting and _absent_between(picture, rule.of[0], first.at, second.at))


def _in_order(first: Fact, second: Fact) -> tuple[Fact, Fact]:
    return (second, first) if first.at and second.at and first.at.is_after(second.at) else (first, second)


def _rank(pair: tuple[Fact, Fact]) -> tuple[bool, date, float]:
    first, second = pair
    return (bool(first.explained_by or second.explained_by), *_day(first))


def _absent_between(picture: Picture, name: str, first: Moment, second: Moment) -> bool:
    """Return whether a finding is recorded as absent at a time between two others."""
    times = [fact.at for fact in picture.evidence.get((name, False), ()) if fact.at]
    return any(_lies_between(at, first, second) or _lies_between(at, second, first) for at in times)


def _lies_between(at: Moment, early: Moment, late: Moment) -> bool:
    return bool(at.is_after(early) and late.is_after(at))


def compared(first: Moment, second: Moment, number: float, unit: str) -> float | None:
    """Return how many days two moments lie further apart than so many units; None if incomparable.

    Between dates, months and years are those of the calendar: 2020-02-29 to 2023-02-28 is 3 years.
    """
    if first.on is not None and second.on is not None:
        early, late = sorted((first.on, second.on))
        return float((late - _later(early, number, unit)).days)
    if first.offset is not None and second.offset is not None:
        return abs(first.offset - second.offset) - number * _DAYS[unit]
    return None


def _later(day: date, number: float, unit: str) -> date:
    if unit not in {"mo", "a"} or number != int(number):
        return day + timedelta(days=round(number * _DAYS[unit]))
    months = day.year * 12 + day.month - 1 + int(number) * (12 if unit == "a" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
