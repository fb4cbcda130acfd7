"""What the facts of a batch state: findings present or absent, by person, with their times.

What a number states by itself is told by ``numbers``; thresholds, which compare all values of one visit, are
worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.once import once
from crithidia.cohort.words import packed
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.facts.numbers import Numbers
    from crithidia.cohort.facts.readings import Readings
    from crithidia.cohort.words import Words
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]
    Column = Array | Callable[[], Array]


class Stated:
    """Statements of one literal: the people and the days of whom and when they are.

    ``plain`` statements are presences; a number beside its limit is none. ``explained`` are put down to
    another cause; ``ever_explained`` where some may be. Whatever is given as a function is worked out when it
    is first asked for: of most statements nobody asks more than in whom they are made, which ``whom`` tells
    where it is known otherwise.
    """

    def __init__(
        self, person: Column, at: Column, plain: Column, explained: Column, *,
        whom: Callable[[int], Words] | None = None, ever_explained: bool = True,
    ) -> None:  # fmt: skip
        self._columns = (person, at, plain, explained)
        self._whom, self._ever_explained = whom, ever_explained

    @once
    def person(self) -> Array:
        """Return the person of each."""
        return _made(self._columns[0])

    @once
    def at(self) -> Array:
        """Return the day of each, or ``UNDATED``."""
        return _made(self._columns[1])

    @once
    def plain(self) -> Array:
        """Return which of them are presences."""
        return _made(self._columns[2])

    @once
    def explained(self) -> Array:
        """Return which of them are put down to another cause."""
        return _made(self._columns[3])

    @once
    def ever_explained(self) -> bool:
        """Return whether any of them is put down to another cause."""
        return self._ever_explained and bool(self.explained.any())

    def whom(self, size: int) -> Words:
        """Return in whom of so many people there are statements."""
        return marked(self.person, size) if self._whom is None else self._whom(size)

    def taken(self, chosen: Array) -> Stated:
        """Return some of the statements."""
        return Stated(self.person[chosen], lambda: self.at[chosen], lambda: self.plain[chosen],
                      lambda: self.explained[chosen], ever_explained=self._ever_explained)  # fmt: skip


def marked(person: Array, size: int) -> Words:
    """Return people, of so many, as bits."""
    found = np.zeros(size, bool)
    found[person] = True
    return packed(found)


def _made(column: Column) -> Array:
    return column() if callable(column) else column


def joined(parts: Sequence[Stated]) -> Stated:
    """Return the statements of several parts together."""
    if len(parts) == 1:
        return parts[0]
    return Stated(
        lambda: np.concatenate([part.person for part in parts]),
        lambda: np.concatenate([part.at for part in parts]),
        lambda: np.concatenate([part.plain for part in parts]),
        lambda: np.concatenate([part.explained for part in parts]),
        whom=lambda size: reduce(np.bitwise_or, (part.whom(size) for part in parts)),
        ever_explained=any(part.ever_explained for part in parts),
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
        for literal, stated in self._presences():
            parts.setdefault(literal, []).append(stated)
        for literal, stated in (*self._values(), *self._thresholds()):
            if len(stated.person):
                parts.setdefault(literal, []).append(stated)
        return {literal: joined(found) for literal, found in parts.items()}

    def _presences(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what presences and grades state."""
        names, vocabulary = self.batch.concepts, shipped_vocabulary()
        said = [(kind, number, (names[number], kind == "present"), whom)
                for kind, number, whom in self.batch.presences()
                if names[number] in vocabulary and vocabulary[names[number]].takes_presence]  # fmt: skip
        self.batch.expect((kind, number) for kind, number, literal, _ in said if literal in _of_times())
        for kind, number, literal, whom in said:
            yield literal, _of_rows(Rows(self.batch, kind, number), whom)

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


@dataclass
class Rows:
    """The rows of a batch that state one concept to be present, or absent, found once they are asked for."""

    batch: FactBatch
    kind: str
    concept: int

    @once
    def rows(self) -> Array:
        """Their places in the batch."""
        return self.batch.rows_of(self.kind, self.concept)


@lru_cache(maxsize=1)
def _of_times() -> frozenset[Literal]:
    """Return what speaks for or against the findings that rules for times look at."""
    closure = shipped_vocabulary().implications.closure
    looked_at = {name for rule in shipped_rules().timing for name in rule.of}
    return frozenset((concept, not denied) for name in looked_at for value in (True, False)
                     for concept, denied in closure((name, value)))  # fmt: skip


def _of_rows(own: Rows, whom: Words) -> Stated:
    batch = own.batch
    return Stated(lambda: batch.person.take(own.rows), lambda: batch.days_of(own.rows),
                  lambda: np.ones(len(own.rows), bool), lambda: batch.explained.take(own.rows),
                  whom=lambda _: whom, ever_explained=batch.ever_explained)  # fmt: skip


def _of_values(numbers: Numbers, places: Array, *, derived: bool) -> Stated:
    own = numbers.own
    return Stated(own.person.take(places), lambda: own.at.take(places),
                  lambda: np.full(len(places), derived), lambda: own.explained.take(places),
                  ever_explained=own.ever_explained)  # fmt: skip


def dated(stated: Stated) -> Array:
    """Return which statements have a day."""
    found: Array = stated.at != UNDATED
    return found
