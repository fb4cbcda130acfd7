"""Findings that follow from the times of others, over many people: repeated, or together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crithidia.case import Moment
from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.facts.statements import Stated, dated, joined
from crithidia.interpretation.rules import shipped_rules
from crithidia.interpretation.timing import compared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crithidia.cohort.facts.findings import Findings
    from crithidia.interpretation.timing import TimingRule
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Evidence:
    """Statements that speak for one literal: cause, statements, and which of them (None: all)."""

    parts: tuple[tuple[Literal, Stated, Array | None], ...]

    def people(self, size: int, which: Callable[[Stated], Array] | None = None) -> Array:
        """Return in whom there is any; ``which`` chooses among the statements."""
        found = np.zeros(size, bool)
        for _, stated, speaks in self.parts:
            counts = speaks
            if which is not None:
                counts = which(stated) if counts is None else which(stated) & counts
            found[stated.person if counts is None else stated.person[counts]] = True
        return found

    def days(self, among: Array) -> Array:
        """Return the distinct days of each of some people, as person * 2^32 + day."""
        found = [_person_days(stated, speaks, among) for _, stated, speaks in self.parts]
        return np.unique(np.concatenate(found)) if found else np.array([], np.int64)

    def firsts(self, among: Array) -> Stated:
        """Return the first statement of each of some people."""
        parts = [Stated(*(column[chosen] for column in stated)) for _, stated, speaks in self.parts
                 for chosen in (among[stated.person] if speaks is None else among[stated.person] & speaks,)]
        every = joined(parts)
        order = np.lexsort((every.order, every.person))
        _, first = np.unique(every.person[order], return_index=True)
        return Stated(*(column[order[first]] for column in every))


def _person_days(stated: Stated, speaks: Array | None, among: Array) -> Array:
    chosen = dated(stated) & among[stated.person]
    if speaks is not None:
        chosen &= speaks
    found: Array = (stated.person[chosen].astype(np.int64) << 32) + (
        stated.at[chosen].astype(np.int64) - UNDATED
    )
    return found


def timed(findings: Findings) -> Iterator[tuple[Literal, Stated]]:
    """Yield the statements that the rules for times make."""
    for rule in shipped_rules().timing:
        missing = np.zeros(findings.size, bool)
        for name in rule.of:
            new = findings.known((name, False)) & ~missing
            if new.any():
                first = findings.evidence((name, False)).firsts(new)
                yield (rule.finding, False), first._replace(plain=np.ones(len(first.person), bool))
            missing |= new
        made = _paired(findings, rule, ~missing)
        if made is not None:
            yield (rule.finding, True), made


def _paired(findings: Findings, rule: TimingRule, among: Array) -> Stated | None:
    """Return a statement for everybody in whom two days lie as the rule asks."""
    days = [findings.evidence((name, True)).days(among) for name in rule.of]
    pairs = _ends(days[0]) if rule.repeated else _neighbours(days[0], days[1])
    first, second = pairs
    if not len(first):
        return None
    holds = _lies(first, second, rule)
    people, places = np.unique(first[holds] >> 32, return_index=True)
    if not len(people):
        return None
    at = ((first[holds][places] & 0xFFFFFFFF) + UNDATED).astype(np.int32)
    none = np.zeros(len(people), bool)
    return Stated(people.astype(np.int32), at, np.zeros(len(people), np.int64), ~none, none)


def _ends(days: Array) -> tuple[Array, Array]:
    """Return the first and the last day of each person who has two."""
    if not len(days):
        return days, days
    starts = np.flatnonzero(np.diff(days >> 32, prepend=-1))
    ends = np.append(starts[1:], len(days)) - 1
    several = ends > starts
    return days[starts[several]], days[ends[several]]


def _neighbours(first: Array, second: Array) -> tuple[Array, Array]:
    """Return each day of the first finding with the nearest days of the second, before and after."""
    if not len(first) or not len(second):
        none = np.array([], np.int64)
        return none, none
    after = np.searchsorted(second, first)
    pairs = []
    for place in (after, after - 1):
        inside = (place >= 0) & (place < len(second))
        mine, other = first[inside], second[place[inside]]
        same = mine >> 32 == other >> 32
        pairs.append((mine[same], other[same]))
    return np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])


def _lies(first: Array, second: Array, rule: TimingRule) -> Array:
    """Return which pairs of days lie far enough apart, or close enough together."""
    days = np.stack([first & 0xFFFFFFFF, second & 0xFFFFFFFF], axis=1) + UNDATED
    distinct, which = np.unique(days, axis=0, return_inverse=True)
    beyond = np.array([_beyond(int(a), int(b), rule.number, rule.unit) for a, b in distinct])
    holds: Array = (beyond >= 0 if rule.repeated else beyond <= 0)[which.reshape(-1)]
    return holds


@lru_cache(maxsize=1 << 16)
def _beyond(first: int, second: int, number: float, unit: str) -> float:
    found = compared(_moment(first), _moment(second), number, unit)
    if found is None:
        msg = "two days can always be compared"
        raise AssertionError(msg)
    return found


def _moment(days: int) -> Moment:
    return Moment("", on=_EPOCH + timedelta(days=days))
