"""What the facts of a batch state: findings present or absent, by person, with their times.

What one row states is asked of ``interpretation``, once for each distinct value; thresholds, which compare
all values of one visit, are worked out here over columns. A statement made from several rows has the order
of the first, after everything recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from crithidia.case import Quantity
from crithidia.case.fact_table import fact_of, row_from
from crithidia.cohort.facts.batch import UNDATED
from crithidia.foundation.truth import Truth
from crithidia.interpretation import shipped_units
from crithidia.interpretation.measurements import Flag, measure
from crithidia.interpretation.rules import limit_facts, pattern_facts, shipped_rules, stated_literals
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crithidia.case import Fact
    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.facts.readings import Readings
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]

_VALUE: Final = ("concept", "form", "low", "high", "low_open", "high_open", "limit_low", "limit_high",
                 "limit_low_open", "limit_high_open", "unit", "code", "pattern")  # fmt: skip
_OPEN: Final = ("low_open", "high_open", "limit_low_open", "limit_high_open")
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
        for key, rows in _grouped(concept.numbers[said] * 2 + truth[said], said):
            name = concept.names[key >> 1]
            if name in vocabulary and vocabulary[name].takes_presence:
                yield (name, bool(key & 1)), self._of_rows(rows, plain=True)

    def _values(self) -> Iterator[tuple[Literal, Stated]]:
        """Yield what numbers beside their limits state, and patterns named after titres."""
        batch = self.batch
        numbers = np.flatnonzero(batch.words("form").rows("quantity") & self._limited())
        plain = numbers[self._plain_numbers(numbers)]
        yield from self._beside_limits(plain)
        titres = np.flatnonzero(batch.words("form").rows("titre") & (batch.words("pattern").numbers >= 0))
        near = plain[self._near_limit(plain)]
        yield from self._by_value(np.concatenate([np.setdiff1d(numbers, plain), near, titres]))

    def _limited(self) -> Array:
        """Return the rows of concepts of which a laboratory's limit decides something."""
        concept = self.batch.concept
        limited = np.array([name in _limited_concepts() for name in concept.names] + [False], bool)
        found: Array = limited[concept.numbers]
        return found

    def _plain_numbers(self, rows: Array) -> Array:
        """Return which rows hold an exact possible number, in its unit, beside closed limits."""
        batch = self.batch
        low, high = batch.number("low")[rows], batch.number("high")[rows]
        least, most, unit = _possible(batch.concept.names)
        concept, named = batch.concept.numbers[rows], batch.words("unit")
        wanted = np.array([named.places.get(name, -2) for name in unit])[concept]
        in_unit = (wanted == -2) | (named.numbers[rows] == wanted)
        flags = [batch.flag(name)[rows] for name in _OPEN]
        with np.errstate(invalid="ignore"):
            possible = (low >= least[concept]) & (low <= most[concept])
        plain: Array = (low == high) & possible & in_unit & ~np.any(flags, axis=0)
        return plain

    def _near_limit(self, rows: Array) -> Array:
        """Return which numbers lie so near a multiple of their limit that doubles cannot tell."""
        value = self.batch.number("low")[rows]
        near = np.zeros(len(rows), bool)
        for times in _multiples():
            for name in ("limit_low", "limit_high"):
                limit = self.batch.number(name)[rows] * times
                near |= np.abs(value - limit) <= 1e-9 * np.abs(value)
        return near

    def _beside_limits(self, rows: Array) -> Iterator[tuple[Literal, Stated]]:
        """Yield what exact numbers state that do not lie at a limit; the rules are those of one case."""
        rows = rows[~self._near_limit(rows)]
        batch, rules, vocabulary = self.batch, shipped_rules(), shipped_vocabulary()
        for place, own in _grouped(batch.concept.numbers[rows], rows):
            name = batch.concept.names[place]
            value = batch.number("low")[own]
            low, high = batch.number("limit_low")[own], batch.number("limit_high")[own]
            bounded = ~(np.isnan(low) & np.isnan(high))
            with np.errstate(invalid="ignore"):
                flags = {Flag.HIGH: value > high, Flag.LOW: value < low}
                for rule in rules.limits.get(name, ()):
                    beyond = flags[rule.flag]
                    multiple = np.ones(len(own), bool)
                    known = np.ones(len(own), bool)
                    if rule.times != 1:
                        multiple, known = value > high * float(rule.times), ~beyond | ~np.isnan(high)
                    for truth, holds in ((True, beyond & multiple), (False, ~(beyond & multiple))):
                        yield (rule.finding, truth), self._of_rows(
                            own[holds & bounded & known], plain=True, derived=True)  # fmt: skip
            if vocabulary[name].takes_presence:
                for truth, holds in ((True, flags[Flag.HIGH]), (False, ~flags[Flag.HIGH])):
                    yield (name, truth), self._of_rows(own[holds & ~np.isnan(high)], plain=False)

    def _by_value(self, rows: Array) -> Iterator[tuple[Literal, Stated]]:
        """Yield what values state, asked once for each distinct one."""
        if not len(rows):
            return
        distinct, which = self._distinct(rows)
        said = [_said_by(**record) for record in distinct.to_pylist()]
        places: dict[tuple[Literal, bool, bool], list[int]] = {}
        for place, statements in enumerate(said):
            for statement in statements:
                places.setdefault(statement, []).append(place)
        for (literal, plain, derived), found in places.items():
            chosen = np.zeros(len(said), bool)
            chosen[found] = True
            yield literal, self._of_rows(rows[chosen[which]], plain=plain, derived=derived)

    def _distinct(self, rows: Array) -> tuple[Any, Array]:
        """Return the distinct values of some rows, and which of them each row has."""
        table = self.batch.table.select([n for n in _VALUE if n in self.batch.table.schema.names])
        values = _plain_words(table.take(pa.array(rows)))
        names = values.schema.names
        numbered = values.append_column("row", pa.array(np.arange(len(rows))))
        grouped = numbered.group_by(names, use_threads=False).aggregate([("row", "list")])
        which = np.empty(len(rows), np.int64)
        lists = grouped.column("row_list").combine_chunks()
        sizes = np.diff(lists.offsets.to_numpy())
        which[lists.flatten().to_numpy()] = np.repeat(np.arange(len(sizes)), sizes)
        return grouped.select(names), which

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


def _plain_words(table: Any) -> Any:
    """Return a table whose dictionary columns are plain words; grouping needs that."""
    columns = [column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
               for column in table.columns]  # fmt: skip
    return pa.table(columns, names=table.schema.names)


def _grouped(keys: Array, rows: Array) -> Iterator[tuple[int, Array]]:
    """Yield the rows of each key, in order."""
    if not len(keys):
        return
    small = keys.astype(np.int16) if keys.max() <= np.iinfo(np.int16).max else keys  # sorted by radix
    order = np.argsort(small, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
        yield int(ordered[start]), rows[order[start:end]]


@lru_cache(maxsize=1)
def _limited_concepts() -> frozenset[str]:
    antibodies = (c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.ANTIBODY)
    return frozenset((*shipped_rules().limits, *antibodies))


def _possible(names: Sequence[str]) -> tuple[Array, Array, list[str]]:
    """Return the least and the greatest possible value of concepts, and their units ('' for any)."""
    kinds = [shipped_units().quantities.get(name) for name in names]
    least = np.array([float(kind.plausible[0]) if kind else -np.inf for kind in kinds] + [np.nan])
    most = np.array([float(kind.plausible[1]) if kind else np.inf for kind in kinds] + [np.nan])
    return least, most, [*(kind.unit if kind else "" for kind in kinds), ""]


@lru_cache(maxsize=1)
def _multiples() -> tuple[float, ...]:
    rules = (rule for rules in shipped_rules().limits.values() for rule in rules)
    return tuple(sorted({1.0, *(float(rule.times) for rule in rules)}))


@lru_cache(maxsize=1 << 18)
def _said_by(**record: Any) -> tuple[tuple[Literal, bool, bool], ...]:
    """Return what a value states by itself: literal, whether plainly, whether derived."""
    fact = fact_of(row_from({"person_id": "", **record}))
    vocabulary, rules = shipped_vocabulary(), shipped_rules()
    if fact.concept not in vocabulary:
        return ()
    own = [(literal, False, False) for literal, _ in stated_literals([fact], vocabulary)]
    derived = [*pattern_facts([fact], rules), *_beyond_limits(fact)]
    return (*own, *(((f.concept, f.value.truth is Truth.PRESENT), True, True) for f in derived))  # type: ignore[union-attr]


def _beyond_limits(fact: Fact) -> Iterator[Fact]:
    kinds = {Kind.QUANTITY, Kind.ANTIBODY}
    if isinstance(fact.value, Quantity) and shipped_vocabulary()[fact.concept].kind in kinds:
        yield from limit_facts([measure(fact, fact.value, shipped_units())], shipped_rules())


def dated(stated: Stated) -> Array:
    """Return which statements have a day."""
    found: Array = stated.at != UNDATED
    return found
