"""The statements that speak for one finding, directly or by implication, and the days they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.facts.statements import Stated, dated, joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]


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

    def days(self, among: Array, which: Callable[[Stated], Array] | None = None) -> Array:
        """Return the distinct days of each of some people, as person * 2^32 + day, in order."""
        found = [np.array([], np.int64)]
        for _, stated, speaks in self.parts:
            counts = dated(stated) & among[stated.person]
            for choice in (speaks, which(stated) if which else None):
                counts = counts if choice is None else counts & choice
            found.append(person_days(stated.person[counts], stated.at[counts]))
        return distinct(np.concatenate(found))

    def firsts(self, among: Array) -> Stated:
        """Return the first statement of each of some people."""
        parts = [Stated(*(column[chosen] for column in stated)) for _, stated, speaks in self.parts
                 for chosen in (among[stated.person] if speaks is None else among[stated.person] & speaks,)]
        every = joined(parts)
        order = np.lexsort((every.order, every.person))
        _, first = np.unique(every.person[order], return_index=True)
        return Stated(*(column[order[first]] for column in every))


def distinct(numbers: Array) -> Array:
    """Return the distinct numbers, in order; sorting what is nearly in order beats hashing."""
    ordered = np.sort(numbers, kind="stable")
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))] if len(ordered) else ordered


def person_days(person: Array, at: Array) -> Array:
    """Return people and days as one number each, in the order of people, then days."""
    found: Array = (person.astype(np.int64) << 32) + (at.astype(np.int64) - UNDATED)
    return found
