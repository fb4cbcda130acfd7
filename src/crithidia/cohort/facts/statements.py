"""What the facts of a batch state: findings present or absent, by person, with their times.

What a number states by itself is told by ``numbers``; thresholds, which compare all values of one visit, are
worked out here. A statement made from several rows has the order
of the first, after everything recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from crithidia.cohort.facts.batch import UNDATED, grouped_rows
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.facts.readings import Readings
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]

_RULE: Final = 1 << 40
_AFTER_RULES: Final = 1 << 50


class Stated(NamedTuple):
    """Statements of one literal: the people, days, and order in which they were made.

    ``plain`` statements are presences; a number beside its limit is none. ``explained`` are put down to
    another cause.
    """

    person: Array
    at: Array
    order: Array
    plain: Array
    explained: Array


def joined(parts: list[Stated]) -> Stated:
    """Return the statements of several parts together."""
    return Stated(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@dataclass
class Statements:
    """The statements of a batch by literal."""

    batch: FactBatch
    readings: Readings

    @cached_property
    def by_literal(self) -> dict[Literal, Stated]:
        """Every statement, those that follow from values among them."""
        parts: dict[Literal, list[Stated]] = {}
        for literal, stated in (*self._presences(), *self._values(), *self._thresholds()):
            if len(stated.person):
                parts.setdefault(literal, []).append(stated)
        return {literal: joined(found) for literal, found in parts.items()}

    def _of_rows(self, rows: Array, *, plain: bool, derived: bool = False) -> Stated:
        batch = self.batch
        order = rows.astype(np.int64) + (_AFTER_RULES if derived else 0)
        return Stated(batch.person[rows], batch.at[rows], order, np.full(len(rows), plain),
                      batch.explained[rows])  # fmt: skip

    def _presences(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what presences and grades state."""
        form, truth = self.batch.words("form"), self.batch.truth()
        said = np.flatnonzero((form.rows("presence") | form.rows("grade")) & (truth >= 0))
        vocabulary, concept = shipped_vocabulary(), self.batch.concept
        for key, rows in grouped_rows(concept.numbers[said] * 2 + truth[said], said):
            name = concept.names[key >> 1]
            if name in vocabulary and vocabulary[name].takes_presence:
                yield (name, bool(key & 1)), self._of_rows(rows, plain=True)

    def _values(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what values state by themselves."""
        for said in self.readings.numbers.statements():
            yield said.literal, self._of_rows(said.rows, plain=said.derived, derived=said.derived)

    def _thresholds(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield the findings that thresholds settle, for each person and day with a value."""
        for number, rule in enumerate(shipped_rules().thresholds, 1):
            visits = self.readings.visits(rule.quantities)
            if visits is None:
                continue
            low, high = self.readings.kleene(rule.when, visits)
            for value, holds in ((True, low), (False, ~high)):
                order = visits.first[holds] + number * _RULE
                yield (rule.finding, value), Stated(
                    visits.person[holds], visits.at[holds], order, np.ones(len(order), bool),
                    visits.explained[holds],
                )  # fmt: skip


def dated(stated: Stated) -> Array:
    """Return which statements have a day."""
    found: Array = stated.at != UNDATED
    return found
