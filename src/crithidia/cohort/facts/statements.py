"""What the facts of a batch state: findings present or absent, by person, with their times.

What a number states by itself is told by ``numbers``; thresholds, which compare all values of one visit, are
worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.once import once
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.facts.numbers import Numbers
    from crithidia.cohort.facts.readings import Readings
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]
    Column = Array | Callable[[], Array]


class Stated:
    """Statements of one literal: the people and the days of whom and when they are.

    ``plain`` statements are presences; a number beside its limit is none. ``explained`` are put down to
    another cause. Whatever is given as a function is worked out when it is first asked for: of most
    statements nobody asks more than whom they are about.
    """

    def __init__(self, person: Array, at: Column, plain: Column, explained: Column) -> None:
        self.person = person
        self._columns = (at, plain, explained)

    @once
    def at(self) -> Array:
        """Return the day of each, or ``UNDATED``."""
        return _made(self._columns[0])

    @once
    def plain(self) -> Array:
        """Return which of them are presences."""
        return _made(self._columns[1])

    @once
    def explained(self) -> Array:
        """Return which of them are put down to another cause."""
        return _made(self._columns[2])

    def taken(self, chosen: Array) -> Stated:
        """Return some of the statements."""
        return Stated(self.person[chosen], lambda: self.at[chosen], lambda: self.plain[chosen],
                      lambda: self.explained[chosen])  # fmt: skip


def _made(column: Column) -> Array:
    return column() if callable(column) else column


def joined(parts: Sequence[Stated]) -> Stated:
    """Return the statements of several parts together."""
    if len(parts) == 1:
        return parts[0]
    return Stated(
        np.concatenate([part.person for part in parts]),
        lambda: np.concatenate([part.at for part in parts]),
        lambda: np.concatenate([part.plain for part in parts]),
        lambda: np.concatenate([part.explained for part in parts]),
    )


@dataclass
class Statements:
    """The statements of a batch by literal."""

    batch: FactBatch
    readings: Readings

    @once
    def by_literal(self) -> dict[Literal, Stated]:
        """Every statement, those that follow from values among them."""
        parts: dict[Literal, list[Stated]] = {}
        for literal, stated in (*self._presences(), *self._values(), *self._thresholds()):
            if len(stated.person):
                parts.setdefault(literal, []).append(stated)
        return {literal: joined(found) for literal, found in parts.items()}

    def _presences(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what presences and grades state."""
        batch, vocabulary = self.batch, shipped_vocabulary()
        for value in (True, False):
            rows, spans = batch.of_kind("present" if value else "absent")
            people = batch.person[rows]
            for number, span in spans.items():
                name = batch.concept.names[number]
                if name in vocabulary and vocabulary[name].takes_presence:
                    yield (name, value), _of_rows(batch, rows[span], people[span])

    def _values(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what values state by themselves."""
        numbers = self.readings.numbers
        for said in numbers.statements():
            yield said.literal, _of_values(numbers, said.places, derived=said.derived)

    def _thresholds(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield the findings that thresholds settle, for each person and day with a value."""
        for rule in shipped_rules().thresholds:
            visits = self.readings.visits(rule.quantities)
            if visits is None:
                continue
            low, high = self.readings.kleene(rule.when, visits)
            for value, holds in ((True, low), (False, ~high)):
                plain = np.ones(np.count_nonzero(holds), bool)
                yield (rule.finding, value), Stated(visits.person[holds], visits.at[holds], plain,
                                                    visits.explained[holds])  # fmt: skip


def _of_rows(batch: FactBatch, rows: Array, person: Array) -> Stated:
    return Stated(person, lambda: batch.at[rows], lambda: np.ones(len(rows), bool),
                  lambda: batch.explained[rows])  # fmt: skip


def _of_values(numbers: Numbers, places: Array, *, derived: bool) -> Stated:
    own = numbers.own
    return Stated(own.person[places], lambda: own.at[places],
                  lambda: np.full(len(places), derived), lambda: own.explained[places])  # fmt: skip


def dated(stated: Stated) -> Array:
    """Return which statements have a day."""
    found: Array = stated.at != UNDATED
    return found
