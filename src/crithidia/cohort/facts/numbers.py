"""What numbers say by themselves: whether they may be compared, and what they state beside their limits.

Plain numbers - exact, in their unit, possible, beside an interval that fits the unit - are worked out over
columns. Whatever is odd about a number is asked of ``interpretation``, once for each distinct value.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from crithidia.case import Quantity
from crithidia.case.fact_table import fact_of, row_from
from crithidia.case.values import TIMES_LOWER_LIMIT, TIMES_UPPER_LIMIT
from crithidia.cohort.facts.batch import grouped_rows
from crithidia.foundation.truth import Truth
from crithidia.interpretation import shipped_units
from crithidia.interpretation.measurements import Flag, measure
from crithidia.interpretation.references import shipped_references
from crithidia.interpretation.rules import limit_facts, pattern_facts, shipped_rules, stated_literals
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from crithidia.case import Fact
    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.interpretation import Measurement
    from crithidia.interpretation.rules import LimitRule
    from crithidia.vocabulary import Literal

    Array = np.ndarray[Any, Any]

_LIMITS: Final = ("limit_low", "limit_high", "limit_low_open", "limit_high_open")
_VALUE: Final = ("concept", "form", "low", "high", "low_open", "high_open", *_LIMITS, "unit", "code",
                 "pattern")  # fmt: skip
_NARROW: Final = 1e-9


class Said(NamedTuple):
    """Rows that state a literal; ``derived`` where a rule draws it from the value."""

    literal: Literal
    rows: Array
    derived: bool


class _Value(NamedTuple):
    """What one value says: whether it may be compared, and its statements (literal, derived)."""

    usable: bool
    statements: tuple[tuple[Literal, bool], ...]


class Numbers:
    """The numbers and titres of a batch."""

    def __init__(self, batch: FactBatch) -> None:
        self.batch = batch

    @cached_property
    def rows(self) -> Array:
        """The rows that hold a number."""
        return np.flatnonzero(self.batch.words("form").rows("quantity"))

    @cached_property
    def titres(self) -> Array:
        """The rows that hold a titre."""
        return np.flatnonzero(self.batch.words("form").rows("titre"))

    @cached_property
    def usable(self) -> Array:
        """Which rows of the batch may be compared with thresholds; a titre always may."""
        batch = self.batch
        usable = np.zeros(batch.rows, bool)
        usable[self.titres] = True
        plain = self.rows[self._plain]
        measured = _by_concept(batch, shipped_units().quantities)
        usable[plain[measured[batch.concept.numbers[plain]]]] = True
        odd, values, which = self._odd
        if len(odd):
            usable[odd] = np.array([value.usable for value in values])[which]
        return usable

    def statements(self) -> Iterator[Said]:
        """Yield what numbers beside their limits state, and the patterns named after titres."""
        yield from self._beside_limits(self._limited[~self._near_limit])
        odd, values, which = self._odd
        places: dict[tuple[Literal, bool], list[int]] = {}
        for place, value in enumerate(values):
            for statement in value.statements:
                places.setdefault(statement, []).append(place)
        for (literal, derived), found in places.items():
            chosen = np.zeros(len(values), bool)
            chosen[found] = True
            yield Said(literal, odd[chosen[which]], derived)

    @cached_property
    def _plain(self) -> Array:
        """Which numbers have nothing odd about them."""
        batch, rows = self.batch, self.rows
        low, high = batch.number("low")[rows], batch.number("high")[rows]
        concept, named = batch.concept.numbers[rows], batch.words("unit")
        least, most, units = _possible(batch.concept.names)
        wanted = np.array([named.places.get(name, -2) if name else -3 for name in units])[concept]
        open_ = np.any([batch.flag(name)[rows] for name in ("low_open", "high_open")], axis=0)
        with np.errstate(invalid="ignore"):
            possible = (low >= least[concept]) & (low <= most[concept])
        multiples = [named.places.get(unit, -2) for unit in (TIMES_UPPER_LIMIT, TIMES_LOWER_LIMIT)]
        any_unit = (wanted == -3) & ~np.isin(named.numbers[rows], multiples)
        in_unit = any_unit | (named.numbers[rows] == wanted)
        plain: Array = (low == high) & possible & in_unit & ~open_
        plain[plain] = self._fitting(rows[plain])
        return plain

    def _fitting(self, rows: Array) -> Array:
        """Return which rows have no interval, or one whose limits are closed and fit the unit."""
        batch = self.batch
        bounded = ~(np.isnan(batch.number("limit_low")[rows]) & np.isnan(batch.number("limit_high")[rows]))
        fitting = ~bounded
        inside = rows[bounded]
        if len(inside):
            distinct, which = self._distinct(inside, ("concept", "unit", *_LIMITS))
            fits = np.array([_interval_fits(**record) for record in distinct.to_pylist()])
            fitting[bounded] = fits[which]
        return fitting

    @cached_property
    def _odd(self) -> tuple[Array, list[_Value], Array]:
        """The other rows, their distinct values, and which of them each row has."""
        near = self._limited[self._near_limit]
        named = self.titres[self.batch.words("pattern").numbers[self.titres] >= 0]
        odd = np.concatenate([self.rows[~self._plain], near, named])
        if not len(odd):
            return odd, [], odd
        distinct, which = self._distinct(odd, _VALUE)
        return odd, [_said_by(**record) for record in distinct.to_pylist()], which

    @cached_property
    def _limited(self) -> Array:
        """The plain numbers that say something beside their limits."""
        plain = self.rows[self._plain]
        limited = _by_concept(self.batch, _limited_concepts())
        return plain[limited[self.batch.concept.numbers[plain]]]

    @cached_property
    def _near_limit(self) -> Array:
        """Which of these lie so near a multiple of their limit that doubles cannot tell."""
        every = self.batch.number("low")[self._limited]
        near = np.zeros(len(every), bool)
        for name in ("limit_low", "limit_high"):
            limits = self.batch.number(name)[self._limited]
            there = np.flatnonzero(~np.isnan(limits))
            value, limit = every[there], limits[there]
            narrow = _NARROW * np.abs(value)
            for times in _multiples():
                near[there] |= np.abs(value - limit * times) <= narrow
        return near

    def _beside_limits(self, rows: Array) -> Iterator[Said]:
        """Yield what plain numbers state that do not lie at a limit; the rules are those of one case."""
        batch, rules, vocabulary = self.batch, shipped_rules(), shipped_vocabulary()
        for place, own in grouped_rows(batch.concept.numbers[rows], rows):
            name = batch.concept.names[place]
            for rule in rules.limits.get(name, ()):
                yield from self._by_rule(rule, own)
            if vocabulary[name].takes_presence:
                high = batch.number("limit_high")[own]
                above = batch.number("low")[own] > high
                yield Said((name, True), own[above], derived=False)
                yield Said((name, False), own[~above & ~np.isnan(high)], derived=False)

    def _by_rule(self, rule: LimitRule, rows: Array) -> Iterator[Said]:
        value = self.batch.number("low")[rows]
        if rule.flag is Flag.HIGH:
            limit = self.batch.number("limit_high")[rows]
            beyond = (value > limit) & (value > limit * float(rule.times))
        else:
            limit = self.batch.number("limit_low")[rows]
            beyond = value < limit
        known = ~np.isnan(limit)
        if rule.flag is not Flag.HIGH and rule.times != 1:  # a multiple of a lower limit is never asked
            known &= ~beyond
        yield Said((rule.finding, True), rows[beyond & known], derived=True)
        yield Said((rule.finding, False), rows[~beyond & known], derived=True)

    def _distinct(self, rows: Array, names: Sequence[str]) -> tuple[Any, Array]:
        """Return the distinct values of some columns in some rows, and which of them each row has."""
        table = self.batch.table.select([name for name in names if name in self.batch.table.schema.names])
        values = _plain_words(table.take(pa.array(rows)))
        numbered = values.append_column("row", pa.array(np.arange(len(rows))))
        found = numbered.group_by(values.schema.names, use_threads=False).aggregate([("row", "list")])
        lists = found.column("row_list").combine_chunks()
        sizes = np.diff(lists.offsets.to_numpy())
        which = np.empty(len(rows), np.int64)
        which[lists.flatten().to_numpy()] = np.repeat(np.arange(len(sizes)), sizes)
        return found.select(values.schema.names), which


def _plain_words(table: Any) -> Any:
    """Return a table whose dictionary columns are plain words; grouping needs that."""
    columns = [column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
               for column in table.columns]  # fmt: skip
    return pa.table(columns, names=table.schema.names)


def _by_concept(batch: FactBatch, concepts: Container[str]) -> Array:
    return np.array([name in concepts for name in batch.concept.names] + [False], bool)


@lru_cache(maxsize=1)
def _limited_concepts() -> frozenset[str]:
    antibodies = (c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.ANTIBODY)
    return frozenset((*shipped_rules().limits, *antibodies))


@lru_cache(maxsize=1)
def _multiples() -> tuple[float, ...]:
    rules = (rule for rules in shipped_rules().limits.values() for rule in rules)
    return tuple(sorted({1.0, *(float(rule.times) for rule in rules)}))


def _possible(names: Sequence[str]) -> tuple[Array, Array, list[str]]:
    """Return the least and the greatest possible value of concepts, and their units ('' for any)."""
    kinds = [shipped_units().quantities.get(name) for name in names]
    least = np.array([float(kind.plausible[0]) if kind else -np.inf for kind in kinds] + [np.nan])
    most = np.array([float(kind.plausible[1]) if kind else np.inf for kind in kinds] + [np.nan])
    return least, most, [*(kind.unit if kind else "" for kind in kinds), ""]


@lru_cache(maxsize=1 << 14)
def _interval_fits(**record: Any) -> bool:
    """Return whether an interval is closed and nothing is odd about it beside a value of its size."""
    if record.get("limit_low_open") or record.get("limit_high_open"):
        return False
    inside = record.get("limit_high") if record.get("limit_high") is not None else record.get("limit_low")
    measured = _measured(_fact(form="quantity", low=inside, high=inside, **record))
    return measured is not None and measured.doubt is None


@lru_cache(maxsize=1 << 18)
def _said_by(**record: Any) -> _Value:
    """Return what a value says by itself."""
    fact = _fact(**record)
    vocabulary, rules = shipped_vocabulary(), shipped_rules()
    if fact.concept not in vocabulary:
        return _Value(usable=False, statements=())
    own = [(literal, False) for literal, _ in stated_literals([fact], vocabulary)]
    measured = _measured(fact)
    derived = [*pattern_facts([fact], rules), *(limit_facts([measured], rules) if measured else ())]
    drawn = [((f.concept, f.value.truth is Truth.PRESENT), True) for f in derived]
    usable = record["form"] == "titre" or (measured is not None and measured.reading is not None)
    return _Value(usable, (*own, *drawn))


def _fact(**record: Any) -> Fact:
    return fact_of(row_from({"person_id": "", **record}))


def _measured(fact: Fact) -> Measurement | None:
    """Return what ``interpretation`` makes of a number; None for what is no measurement."""
    vocabulary = shipped_vocabulary()
    if fact.concept not in vocabulary or not isinstance(fact.value, Quantity):
        return None
    if vocabulary[fact.concept].kind not in {Kind.QUANTITY, Kind.ANTIBODY}:
        return None
    return measure(fact, fact.value, shipped_units(), shipped_references())
