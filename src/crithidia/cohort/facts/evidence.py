"""The statements that speak for one finding, directly or by implication, and the days they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.facts.statements import Stated, dated, joined
from crithidia.cohort.once import once

if TYPE_CHECKING:
    from collections.abc import Callable

    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Evidence:
    """Statements that speak for one literal: cause, statements, and in whom they do (None: everybody)."""

    parts: tuple[tuple[Literal, Stated, Array | None], ...]

    def days(self, among: Array, which: Callable[[Stated], Array] | None = None) -> Array:
        """Return the distinct days of each of some people, as person * 2^32 + day, in order."""
        found = [np.array([], np.int64)]
        for _, stated, speaks in self.parts:
            counts = dated(stated) & _heard(among, speaks)[stated.person]
            if which is not None:
                counts &= which(stated)
            found.append(person_days(stated.person[counts], stated.at[counts]))
        return distinct(np.concatenate(found))

    def firsts(self, among: Array) -> Stated:
        """Return the first statement of each of some people, of all of whom there are some, as a presence.

        One without a day, or the earliest; of those of one day, one that is not put down to another cause.
        They are looked for once somebody asks when or why.
        """
        first = _First(self, among)
        return Stated(np.flatnonzero(among), lambda: first.stated.at,
                      lambda: np.ones(np.count_nonzero(among), bool), first.explained)  # fmt: skip


@dataclass
class _First:
    """The first statements of some people, in their order."""

    evidence: Evidence
    among: Array

    @once
    def stated(self) -> Stated:
        every = joined([stated.taken(np.flatnonzero(_heard(self.among, speaks)[stated.person]))
                        for _, stated, speaks in self.evidence.parts])  # fmt: skip
        order = np.lexsort((every.explained, every.at, every.person))
        return every.taken(order[np.flatnonzero(np.diff(every.person[order], prepend=-1))])

    def explained(self) -> Array:
        if any(stated.ever_explained for _, stated, _ in self.evidence.parts):
            return self.stated.explained
        return np.zeros(np.count_nonzero(self.among), bool)


def _heard(among: Array, speaks: Array | None) -> Array:
    return among if speaks is None else among & speaks


def distinct(numbers: Array) -> Array:
    """Return the distinct numbers, in order; sorting what is nearly in order beats hashing."""
    if len(numbers) < 2 or np.all(numbers[1:] > numbers[:-1]):
        return numbers
    ordered = np.sort(numbers, kind="stable")
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))]


def person_days(person: Array, at: Array) -> Array:
    """Return people and days as one number each, in the order of people, then days."""
    found: Array = (person.astype(np.int64) << 32) + (at.astype(np.int64) - UNDATED)
    return found
