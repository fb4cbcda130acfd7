"""Findings that follow from the times of others, over many people: repeated, or together."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crithidia.case import Moment
from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.facts.evidence import distinct
from crithidia.cohort.facts.statements import Stated, joined
from crithidia.interpretation.rules import shipped_rules
from crithidia.interpretation.timing import compared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crithidia.cohort.facts.findings import Findings
    from crithidia.interpretation.timing import TimingRule
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]

_EPOCH: Final = date(1970, 1, 1)
_CALENDAR: Final = frozenset({"mo", "a"})


def with_times(findings: Findings) -> Findings:
    """Return what is known once the rules for times are applied."""
    found: dict[Literal, list[Stated]] = {}
    for literal, made in timed(findings):
        found.setdefault(literal, []).append(made)
    if not found:
        return findings
    return findings.with_more({literal: joined(parts) for literal, parts in found.items()})


def timed(findings: Findings) -> Iterator[tuple[Literal, Stated]]:
    """Yield the statements that the rules for times make."""
    for rule in shipped_rules().timing:
        missing = np.zeros(findings.size, bool)
        for name in rule.of:
            new = findings.truths(findings.known((name, False))) & ~missing
            if new.any():
                yield (rule.finding, False), findings.evidence((name, False)).firsts(new)
            missing |= new
        made = _paired(findings, rule, ~missing)
        if made is not None:
            yield (rule.finding, True), made


def _paired(findings: Findings, rule: TimingRule, among: Array) -> Stated | None:
    """Return a statement for everybody in whom two days lie as the rule asks.

    It has the earliest such day; a pair that nobody puts down to another cause goes first.
    """
    every = _beginnings(findings, rule, among)
    if not len(every):
        return None
    causes = [cause for name in rule.of for cause in findings.causes((name, True))]
    free = every
    if any(findings.stated[cause].ever_explained for cause in causes):
        free = _beginnings(findings, rule, among, lambda stated: ~stated.explained)
    people, first = np.unique(every >> 32, return_index=True)
    days = every[first]
    freed, first_free = np.unique(free >> 32, return_index=True)
    unexplained = np.isin(people, freed, assume_unique=True)
    days[unexplained] = free[first_free]
    at = ((days & 0xFFFFFFFF) + UNDATED).astype(np.int32)
    return Stated(people.astype(np.int32), at, np.ones(len(people), bool), ~unexplained)


def _beginnings(findings: Findings, rule: TimingRule, among: Array,
                which: Callable[[Stated], Array] | None = None) -> Array:  # fmt: skip
    """Return the earlier day of the pairs of days that lie as the rule asks, in order."""
    days = [findings.evidence((name, True)).days(among, which) for name in rule.of]
    if rule.lasting:
        absent = findings.evidence((rule.of[0], False)).days(among)
        first, second = _ends(*_unbroken(days[0], absent))
    elif rule.repeated:
        first, second = _ends(days[0], days[0] >> 32)
    else:
        first, second = _neighbours(*days)
    return distinct(first[_lies(first, second, rule)]) if len(first) else first


def _unbroken(days: Array, absent: Array) -> tuple[Array, Array]:
    """Return days and, for each, the run of days to which it belongs; no absence lies within a run.

    A day on which the finding was also absent ends one run and begins another.
    """
    before, upto = np.searchsorted(absent, days, "left"), np.searchsorted(absent, days, "right")
    twice = upto > before
    places = np.repeat(np.arange(len(days)), 1 + twice)
    again = np.diff(places, prepend=-1) == 0
    broken = np.ones(len(days), bool)
    broken[1:] = (upto[:-1] < before[1:]) | (days[:-1] >> 32 != days[1:] >> 32)
    return days[places], np.cumsum(broken[places] | again)


def _ends(days: Array, runs: Array) -> tuple[Array, Array]:
    """Return the first and the last day of each run that has two."""
    if not len(days):
        return days, days
    starts = np.flatnonzero(np.diff(runs, prepend=runs[0] - 1))
    ends = np.append(starts[1:], len(days)) - 1
    several = ends > starts
    return days[starts[several]], days[ends[several]]


def _neighbours(first: Array, second: Array) -> tuple[Array, Array]:
    """Return pairs of days of two findings, the earlier first: each day with the nearest of the other."""
    pairs = [*_nearest(first, second), *_nearest(second, first)]
    days = np.concatenate([np.stack(pair) for pair in pairs], axis=1)
    return np.min(days, axis=0), np.max(days, axis=0)


def _nearest(days: Array, other: Array) -> Iterator[tuple[Array, Array]]:
    """Yield days with the nearest day of another finding of the same person, after and before."""
    after = np.searchsorted(other, days)
    for place in (after, after - 1):
        inside = (place >= 0) & (place < len(other))
        mine, its = days[inside], other[place[inside]]
        same = mine >> 32 == its >> 32
        yield mine[same], its[same]


def _lies(first: Array, second: Array, rule: TimingRule) -> Array:
    """Return which pairs of days lie far enough apart, or close enough together."""
    early, late = ((days & 0xFFFFFFFF) + UNDATED for days in (first, second))
    beyond = late - early + _distances(early, rule)
    holds: Array = beyond >= 0 if rule.repeated else beyond <= 0
    return holds


def _distances(early: Array, rule: TimingRule) -> Array | float:
    """Return how far each day lies before the day on which the distance of the rule ends, as a negative.

    Months and years are those of the calendar, asked once for each day; a number of days is the same
    everywhere.
    """
    if rule.unit not in _CALENDAR:
        return _before_end(0, rule.number, rule.unit)
    begin = int(early.min())
    which = early - begin
    distances = np.zeros(int(which.max()) + 1)
    days = np.flatnonzero(np.bincount(which))
    distances[days] = [_before_end(begin + int(day), rule.number, rule.unit) for day in days]
    found: Array = distances[which]
    return found


@lru_cache(maxsize=1 << 16)
def _before_end(day: int, number: float, unit: str) -> float:
    found = compared(_moment(day), _moment(day), number, unit)
    if found is None:
        msg = "two days can always be compared"
        raise AssertionError(msg)
    return found


def _moment(days: int) -> Moment:
    return Moment("", on=_EPOCH + timedelta(days=days))
