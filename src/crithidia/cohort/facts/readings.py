"""Measured values of a batch beside thresholds: of each value, of each visit, of each person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from crithidia.cohort.arrow import check_codes
from crithidia.cohort.facts.batch import UNDATED
from crithidia.cohort.facts.numbers import Numbers
from crithidia.cohort.once import once
from crithidia.definition import All, AtLeast, Compares, Is, Not, Statement
from crithidia.definition import Any as AnyOf
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crithidia.cohort.facts.batch import FactBatch

    Array = np.ndarray[Any, Any]
    Pair = tuple[Array, Array]


class Values(NamedTuple):
    """The usable values of one concept: person, bounds, and the place in ``Numbers`` (-1: none)."""

    person: Array
    low: Array
    high: Array
    low_open: Array
    high_open: Array
    place: Array


class Visits(NamedTuple):
    """The people and days on which values of some concepts were taken.

    ``of`` gives the visit of each value, concept by concept.
    """

    person: Array
    at: Array
    explained: Array
    of: dict[str, Array]


@dataclass
class Readings:
    """The values of a batch that may be compared."""

    batch: FactBatch

    def __post_init__(self) -> None:
        self._values: dict[str, Values | None] = {}
        self._people: dict[Compares, Pair] = {}

    def values(self, concept: str) -> Values | None:
        """Return the usable values of a concept; None if there is none."""
        if concept not in self._values:
            found = self._recorded(concept)
            if concept == "age_at_onset":
                found = self._with_onset(found)
            self._values[concept] = found if len(found.person) else None
        return self._values[concept]

    def _recorded(self, concept: str) -> Values:
        own, places = self.numbers.own, self.numbers.of(concept)
        return Values(own.person[places], own.number("low")[places], own.number("high")[places],
                      own.flag("low_open")[places], own.flag("high_open")[places], places)  # fmt: skip

    @once
    def numbers(self) -> Numbers:
        """The numbers and titres of the batch."""
        return Numbers(self.batch)

    def _with_onset(self, recorded: Values) -> Values:
        """Nobody falls ill after the age at which the illness was described, the greatest recorded."""
        ages = self.values("age")
        if ages is None:
            return recorded
        reach = np.where(np.isnan(ages.high), np.inf, ages.high)
        order = np.lexsort((~ages.high_open, reach, ages.person))
        greatest = np.full(self.batch.size, -1)
        greatest[ages.person[order]] = order
        greatest[recorded.person] = -1
        chosen = greatest[greatest >= 0]
        chosen = chosen[~np.isnan(ages.high[chosen])]
        zeros = np.zeros(len(chosen))
        bounds = Values(ages.person[chosen], zeros, ages.high[chosen], zeros.astype(bool),
                        ages.high_open[chosen], np.full(len(chosen), -1))  # fmt: skip
        return Values(*(np.concatenate(pair) for pair in zip(recorded, bounds, strict=True)))

    def sides(self, atom: Compares) -> Pair | None:
        """Return for each value whether it certainly stands on that side, and certainly not."""
        values = self.values(atom.concept)
        if values is None:
            return None
        threshold, strict = float(atom.threshold), atom.comparator in {"<", ">"}
        if atom.comparator in {">", ">="}:
            return _beyond(values.low, values.low_open, values.high, values.high_open, threshold, strict)
        return _beyond(-values.high, values.high_open, -values.low, values.low_open, -threshold, strict)

    def people(self, atom: Compares) -> Pair:
        """Return the people with a value on that side, and those all of whose values are not."""
        if atom not in self._people:
            self._people[atom] = self._compared(atom)
        return self._people[atom]

    def _compared(self, atom: Compares) -> Pair:
        there, against = np.zeros(self.batch.size, bool), np.zeros(self.batch.size, bool)
        found, values = self.sides(atom), self.values(atom.concept)
        if found is not None and values is not None:
            there[values.person[found[0]]] = True
            against[values.person] = True
            against[values.person[~found[1]]] = False
        return there, against

    def codes(self, concept: str, code: str) -> Array:
        """Return the people with a code of a concept; with any at all where ``code`` is empty."""
        coded, spans = self._coded
        span = spans.get(coded.concept.places.get(concept, -1), slice(0, 0))
        people = coded.person[span]
        self._check(concept, span)
        words = coded.words("code")
        said = words.rows(code) if code else (words.numbers >= 0) & ~words.rows("")
        people = people[said[span]]
        found = np.zeros(self.batch.size, bool)
        found[people] = True
        return found

    def _check(self, concept: str, span: slice) -> None:
        words = self._coded[0].words("code")
        if concept not in self._checked:
            self._checked.add(concept)
            found = pa.array([words.names[n] for n in np.unique(words.numbers[span]) if n >= 0], pa.string())
            check_codes(f"'{concept}', a code,", found, shipped_vocabulary()[concept].choices)

    @once
    def _checked(self) -> set[str]:
        """The concepts whose codes were looked at."""
        return set()

    @once
    def _coded(self) -> tuple[FactBatch, dict[int, slice]]:
        """The facts that are codes, in the order of their concepts, and which of them each has."""
        return self.batch.of_kind("code")

    def visits(self, concepts: Iterable[str]) -> Visits | None:
        """Return the visits at which values of some concepts were taken; None if there were none."""
        named = {c: v for c in sorted(concepts) if (v := self.values(c)) is not None}
        if not named:
            return None
        places = np.concatenate([values.place for values in named.values()])
        person = np.concatenate([values.person for values in named.values()])
        own = self.numbers.own
        at = np.where(places < 0, UNDATED, own.at[places])
        first, which = _firsts(person.astype(np.int64) << 32 | (at.astype(np.int64) - UNDATED))
        ends = np.cumsum([len(values.place) for values in named.values()])[:-1]
        explained = np.zeros(len(first), bool)
        explained[which[(places >= 0) & own.explained[places]]] = True
        return Visits(person[first], at[first], explained,
                      dict(zip(named, np.split(which, ends), strict=True)))  # fmt: skip

    def kleene(self, statement: Statement, visits: Visits) -> Pair:
        """Return what certainly holds and what may hold of a condition at each visit."""
        if isinstance(statement, Compares):
            return self._compared_at(statement, visits)
        if isinstance(statement, Is):
            has = self.codes(statement.concept, statement.code)[visits.person]
            return has, has | ~self.codes(statement.concept, "")[visits.person]
        if isinstance(statement, Not):
            low, high = self.kleene(statement.part, visits)
            return ~high, ~low
        if isinstance(statement, (All, AnyOf, AtLeast)):
            parts = [self.kleene(part, visits) for part in statement.of]
            needed = (statement.count if isinstance(statement, AtLeast)
                      else len(parts) if isinstance(statement, All) else 1)  # fmt: skip
            low, high = (np.sum(bits, axis=0) >= needed for bits in zip(*parts, strict=True))
            return low, high
        msg = f"no truth for {type(statement).__name__} at a visit"
        raise TypeError(msg)

    def _compared_at(self, atom: Compares, visits: Visits) -> Pair:
        size = len(visits.person)
        there, against = np.zeros(size, bool), np.zeros(size, bool)
        which, found = visits.of.get(atom.concept), self.sides(atom)
        if which is not None and found is not None:
            there[which[found[0]]] = True
            against[which] = True
            against[which[~found[1]]] = False
        return there, ~against


def _beyond(low: Array, low_open: Array, high: Array, high_open: Array, threshold: float,
            strict: bool) -> Pair:  # fmt: skip
    """Return whether values between low and high lie at or beyond a threshold, and whether they do not."""
    at_low = low_open if strict else np.ones(len(low), bool)
    at_high = np.ones(len(high), bool) if strict else high_open
    with np.errstate(invalid="ignore"):
        there = (low > threshold) | ((low == threshold) & at_low)
        against = (high < threshold) | ((high == threshold) & at_high)
    return there, against & ~there


def _firsts(key: Array) -> tuple[Array, Array]:
    """Return the first place of each distinct key, and which distinct key each place has."""
    if len(key) < 2 or np.all(key[1:] > key[:-1]):
        return np.arange(len(key)), np.arange(len(key))
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return first, which
