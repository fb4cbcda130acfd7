"""What numbers say by themselves: whether they may be compared, and what they state beside their limits.

Plain numbers - exact, in their unit, possible, beside an interval that fits the unit - are worked out over
columns. Whatever is odd about a number is asked of ``interpretation``, once for each distinct value.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from crithidia.case import Quantity
from crithidia.case.fact_table import fact_of, row_from
from crithidia.case.values import TIMES_LOWER_LIMIT, TIMES_UPPER_LIMIT
from crithidia.cohort.facts.batch import DOUBLES, WORDS
from crithidia.cohort.once import once
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
_NO_UNIT, _ANY_UNIT = -2, -3  # the unit of a concept: not in this batch; any


class Said(NamedTuple):
    """Values that state a literal; ``derived`` where a rule draws it from the value."""

    literal: Literal
    places: Array
    derived: bool


class _Value(NamedTuple):
    """What one value says: whether it may be compared, and its statements (literal, derived)."""

    usable: bool
    statements: tuple[tuple[Literal, bool], ...]


class Numbers:
    """The numbers and titres of a batch, in the order of their concepts.

    ``own`` holds them alone; ``spans`` tells which of them each concept has.
    """

    def __init__(self, batch: FactBatch) -> None:
        self.own, self.spans = batch.of_kind("number")

    @once
    def usable(self) -> Array:
        """Which of them may be compared with thresholds; a titre always may."""
        measured = _by_concept(self.own, shipped_units().quantities)
        usable: Array = ~self._quantity | (self._plain & measured[self.own.concept.numbers])
        odd, values, which = self._odd
        if len(odd):
            usable[odd] = np.array([value.usable for value in values])[which]
        return usable

    def of(self, concept: str) -> Array:
        """Return the usable values of a concept, as places in ``own``."""
        span = self.spans.get(self.own.concept.places.get(concept, -1), slice(0, 0))
        found: Array = span.start + np.flatnonzero(self.usable[span])
        return found

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

    @once
    def _quantity(self) -> Array:
        """Which of them are quantities; the others are titres."""
        return self.own.words("form").rows("quantity")

    @once
    def _plain(self) -> Array:
        """Which quantities have nothing odd about them."""
        own, low = self.own, self.own.number("low")
        least, most, units = (column[own.concept.numbers] for column in _possible(own))
        with np.errstate(invalid="ignore"):
            plain: Array = (low == own.number("high")) & (low >= least) & (low <= most) & self._quantity
        unit = own.words("unit")
        multiples = [unit.places.get(name, _NO_UNIT) for name in (TIMES_UPPER_LIMIT, TIMES_LOWER_LIMIT)]
        any_unit = units == _ANY_UNIT
        plain &= (unit.numbers == units) | any_unit
        if any_unit.any():
            plain &= ~(any_unit & np.isin(unit.numbers, multiples))
        for name in ("low_open", "high_open"):
            if own.has(name):
                plain &= ~own.flag(name)
        plain[plain] = self._fitting(np.flatnonzero(plain))
        return plain

    def _fitting(self, rows: Array) -> Array:
        """Return which rows have no interval, or one whose limits are closed and fit the unit."""
        own = self.own
        fitting: Array = np.isnan(own.number("limit_low")[rows]) & np.isnan(own.number("limit_high")[rows])
        inside = rows[~fitting]
        if len(inside):
            distinct, which = self._distinct(inside, ("concept", "unit", *_LIMITS))
            fits = np.array([_interval_fits(**record) for record in distinct])
            fitting[~fitting] = fits[which]
        return fitting

    @once
    def _odd(self) -> tuple[Array, list[_Value], Array]:
        """The other values, what each distinct one says, and which of these each is."""
        near = self._limited[self._near_limit]
        odd = np.flatnonzero(~self._plain & self._quantity)
        named = near[:0]
        if self.own.has("pattern"):
            named = np.flatnonzero(~self._quantity & (self.own.words("pattern").numbers >= 0))
        odd = np.concatenate([odd, near, named])
        if not len(odd):
            return odd, [], odd
        distinct, which = self._distinct(odd, _VALUE)
        return odd, [_said_by(**record) for record in distinct], which

    @once
    def _limited(self) -> Array:
        """The plain numbers that say something beside their limits."""
        limited = _by_concept(self.own, _limited_concepts())
        return np.flatnonzero(self._plain & limited[self.own.concept.numbers])

    @once
    def _near_limit(self) -> Array:
        """Which of these lie so near a multiple of their limit that doubles cannot tell."""
        every = self.own.number("low")[self._limited]
        near = np.zeros(len(every), bool)
        for name in ("limit_low", "limit_high"):
            limits = self.own.number(name)[self._limited]
            there = np.flatnonzero(~np.isnan(limits))
            value, limit = every[there], limits[there]
            narrow = _NARROW * np.abs(value)
            for times in _multiples():
                near[there] |= np.abs(value - limit * times) <= narrow
        return near

    def _beside_limits(self, places: Array) -> Iterator[Said]:
        """Yield what plain numbers state that do not lie at a limit; the rules are those of one case."""
        rules, vocabulary = shipped_rules(), shipped_vocabulary()
        for number, span in self.spans.items():
            name = self.own.concept.names[number]
            first, last = np.searchsorted(places, (span.start, span.stop))
            own = places[first:last]
            if not len(own):
                continue
            for rule in rules.limits.get(name, ()):
                yield from self._by_rule(rule, own)
            if vocabulary[name].takes_presence:
                high = self.own.number("limit_high")[own]
                above = self.own.number("low")[own] > high
                yield Said((name, True), own[above], derived=False)
                yield Said((name, False), own[~above & ~np.isnan(high)], derived=False)

    def _by_rule(self, rule: LimitRule, places: Array) -> Iterator[Said]:
        value = self.own.number("low")[places]
        if rule.flag is Flag.HIGH:
            limit = self.own.number("limit_high")[places]
            beyond = (value > limit) & (value > limit * float(rule.times))
        else:
            limit = self.own.number("limit_low")[places]
            beyond = value < limit
        known = ~np.isnan(limit)
        if rule.flag is not Flag.HIGH and rule.times != 1:  # a multiple of a lower limit is never asked
            known &= ~beyond
        yield Said((rule.finding, True), places[beyond & known], derived=True)
        yield Said((rule.finding, False), places[~beyond & known], derived=True)

    def _distinct(self, places: Array, names: Sequence[str]) -> tuple[list[dict[str, Any]], Array]:
        """Return the distinct values of some columns at some places, and which of them each place has."""
        names = [name for name in names if self.own.has(name)]
        columns = [self._comparable(name, places) for name in names]
        starts = _changes(columns)
        runs = pa.table([pa.array(column[starts], from_pandas=True) for column in columns], names=names)
        runs = runs.append_column("run", pa.array(np.arange(len(starts))))
        found = runs.group_by(names, use_threads=False).aggregate([("run", "list")])
        lists = found.column("run_list").combine_chunks()
        sizes, which = np.diff(lists.offsets.to_numpy()), np.empty(len(starts), np.int64)
        which[lists.flatten().to_numpy()] = np.repeat(np.arange(len(found)), sizes)
        return ([self._spoken(record) for record in found.select(names).to_pylist()],
                np.repeat(which, np.diff(starts, append=len(places))))  # fmt: skip

    def _comparable(self, name: str, places: Array) -> Array:
        """Return a column as numbers, words as the numbers of the words."""
        if name in WORDS:
            return self.own.words(name).numbers.take(places)
        column = self.own.number(name) if name in DOUBLES else self.own.flag(name)
        return column.take(places)

    def _spoken(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with words for their numbers."""
        words = {name: self.own.words(name).names[number] if number >= 0 else None
                 for name, number in record.items() if name in WORDS}  # fmt: skip
        return {**record, **words}


def _changes(columns: Sequence[Array]) -> Array:
    """Return the rows that differ from the one before in any column."""
    changed = np.zeros(len(columns[0]), bool)
    changed[:1] = True
    for column in columns:
        bits = column.view(np.int64) if column.dtype == np.float64 else column  # NaN is like NaN
        changed[1:] |= bits[1:] != bits[:-1]
    return np.flatnonzero(changed)


def _by_concept(batch: FactBatch, concepts: Container[str]) -> Array:
    return np.array([name in concepts for name in batch.concept.names], bool)


@lru_cache(maxsize=1)
def _limited_concepts() -> frozenset[str]:
    antibodies = (c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.ANTIBODY)
    return frozenset((*shipped_rules().limits, *antibodies))


@lru_cache(maxsize=1)
def _multiples() -> tuple[float, ...]:
    rules = (rule for rules in shipped_rules().limits.values() for rule in rules)
    return tuple(sorted({1.0, *(float(rule.times) for rule in rules)}))


def _possible(own: FactBatch) -> tuple[Array, Array, Array]:
    """Return the least and greatest possible value of each concept, and the number of its unit."""
    places = own.words("unit").places
    kinds = [shipped_units().quantities.get(name) for name in own.concept.names]
    least = np.array([float(kind.plausible[0]) if kind else -np.inf for kind in kinds])
    most = np.array([float(kind.plausible[1]) if kind else np.inf for kind in kinds])
    units = [places.get(kind.unit, _NO_UNIT) if kind and kind.unit else _ANY_UNIT for kind in kinds]
    return least, most, np.array(units, np.int32)


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
