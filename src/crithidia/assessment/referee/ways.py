"""Which items a stated total is made of: every way, exactly.

A domain comes out as one of its *choices*: the points it gives and the items that count there. A
way takes one choice from each domain. Ways are found over the domains' totals (dynamic programming),
listed up to a limit, and each is checked for being possible at all: that some completion of what is
unknown, closed under the implications, makes exactly these items count.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain, combinations, islice, product
from typing import TYPE_CHECKING, Final

from crithidia.definition import All, Any, Not
from crithidia.evaluation.bounds import UNKNOWN, Hull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crithidia.definition import Domain, Item, Statement
    from crithidia.evaluation import CompiledSet
    from crithidia.evaluation.bounds import State

Way = tuple[str, ...]
MOST_WAYS: Final = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome of a domain: its points (scaled to integers), what counts, and when it is so."""

    points: int
    counted: Way
    when: Statement | None


@dataclass(frozen=True)
class Ways:
    """The ways to a total. ``complete`` says that all were listed; else ``ways`` are some of them."""

    ways: tuple[Way, ...]
    complete: bool
    always: frozenset[str]

    @property
    def impossible(self) -> bool:
        """Whether nothing makes this total."""
        return self.complete and not self.ways

    @classmethod
    def either(cls, several: Iterable[Ways]) -> Ways:
        """Return the ways of several columns as one."""
        kept = [ways for ways in several if not ways.impossible]
        listed = tuple(dict.fromkeys(way for ways in kept for way in ways.ways))
        always = frozenset.intersection(*(ways.always for ways in kept)) if kept else frozenset()
        return cls(listed, all(ways.complete for ways in kept), always)

    def covering(self, groups: Iterable[frozenset[str]]) -> Ways:
        """Return the listed ways in which an item of every group counts."""
        wanted = tuple(groups)
        kept = tuple(way for way in self.ways if all(group & set(way) for group in wanted))
        always = frozenset.intersection(*map(frozenset, kept)) if kept else frozenset()
        return Ways(kept, self.complete, always if self.complete else self.always)


@dataclass(frozen=True)
class Counting:
    """A set, one column of its table, and what is known of each atom."""

    compiled: CompiledSet
    column: str
    state: State

    @cached_property
    def domains(self) -> tuple[tuple[Choice, ...], ...]:
        """The possible choices of each domain; items that simply add up stand alone."""
        parts = chain.from_iterable(self._parts(domain) for domain in self.compiled.set.domains)
        return tuple(tuple(c for c in choices if self.possible((c,))) for choices in parts)

    def _parts(self, domain: Domain) -> Iterator[tuple[Choice, ...]]:
        items = [item for item in domain.items if self.column in item.points]
        if not items:
            return
        cap = None if domain.cap is None else self._scaled(domain.cap)
        if domain.count == "highest":
            yield tuple(_capped(self._highest(items), cap))
        elif cap is None:
            yield from (tuple(self._sums([item])) for item in items)
        else:
            yield tuple(_capped(self._sums(items), cap))

    def _scaled(self, points: Decimal) -> int:
        return int(points * self.compiled.scale)

    def _points(self, item: Item) -> int:
        return self._scaled(item.points[self.column])

    def _sums(self, items: Sequence[Item]) -> Iterator[Choice]:
        for size in range(len(items) + 1):
            for chosen in combinations(items, size):
                parts = [item.when if item in chosen else Not(item.when) for item in items]
                yield Choice(sum(map(self._points, chosen)), tuple(i.id for i in chosen), _all(parts))

    def _highest(self, items: Sequence[Item]) -> Iterator[Choice]:
        """Yield what can count: the item with the most points of those present, if above nothing.

        Negative points count only where every item is present and none of them is worth more.
        """
        points = {item.id: self._points(item) for item in items}
        for item in items:
            if points[item.id] > 0:
                above = [Not(other.when) for other in items if points[other.id] > points[item.id]]
                yield Choice(points[item.id], (item.id,), _all([item.when, *above]))
        positive = [Not(item.when) for item in items if points[item.id] > 0]
        if positive or any(not value for value in points.values()):
            yield Choice(0, (), _all(positive))
            return
        best = max(points.values())
        every = _all([item.when for item in items])
        yield from (Choice(best, (item.id,), every) for item in items if points[item.id] == best)
        yield Choice(0, (), _any([Not(item.when) for item in items]))

    def possible(self, choices: Iterable[Choice]) -> bool:
        """Return whether these choices can come out together, given what is known."""
        parts = [choice.when for choice in choices if choice.when is not None]
        gate = next(c.when for c in self.compiled.set.columns if c.id == self.column)
        whole = _all([*parts, *([gate] if gate else [])])
        if whole is None:
            return True
        return bool(Hull(whole, self.compiled.compiler, self.compiled.arrows)(self.state)[1])

    @cached_property
    def _tied(self) -> bool:
        """Whether domains share an unknown or are tied by an implication: then ways need a check."""
        taken: set[int] = set()
        for choices in self.domains:
            atoms = {atom for c in choices if c.when is not None for atom in c.when.atoms()}
            own = {p for atom in atoms if self.state[p := self.compiled.compiler.positions[atom]] == UNKNOWN}
            reach = {j for (i, _), forced in self.compiled.arrows.items() if i in own for j, _ in forced}
            if (own | reach) & taken:
                return True
            taken |= own
        return any(column.when is not None for column in self.compiled.set.columns)

    def ways(self, total: Decimal, allowed: Callable[[str], bool] = lambda _: True) -> Ways:
        """Return the ways to a total in which only ``allowed`` items count."""
        wanted = total * self.compiled.scale
        if wanted != int(wanted):
            return Ways((), complete=True, always=frozenset())
        domains = [tuple(c for c in choices if all(map(allowed, c.counted))) for choices in self.domains]
        listed, complete = self._listed(domains, int(wanted))
        always = frozenset.intersection(*map(frozenset, listed)) if listed else frozenset()
        if not complete:
            always = frozenset(i for i in always if not _reachable(_without(domains, i), int(wanted)))
        return Ways(tuple(dict.fromkeys(listed)), complete, always)

    def totals(self, groups: Sequence[frozenset[str]]) -> Iterator[Decimal]:
        """Yield the totals in which only items of these groups count, and one of each group at least."""
        known = frozenset(chain.from_iterable(groups))
        domains = [[c for c in choices if known.issuperset(c.counted)] for choices in self.domains]
        named = [choices for choices in domains if any(c.counted for c in choices)]
        for choices in islice(product(*named), MOST_WAYS):
            counted = {item for choice in choices for item in choice.counted}
            if all(group & counted for group in groups):
                yield Decimal(sum(c.points for c in choices)) / self.compiled.scale

    def _listed(self, domains: Sequence[tuple[Choice, ...]], wanted: int) -> tuple[list[Way], bool]:
        found: list[Way] = []
        for tried, choices in enumerate(_combined(domains, wanted)):
            if tried >= MOST_WAYS:
                return found, False
            if not self._tied or self.possible(choices):
                found.append(tuple(item for choice in choices for item in choice.counted))
        return found, True


def _combined(domains: Sequence[tuple[Choice, ...]], wanted: int) -> Iterator[tuple[Choice, ...]]:
    """Yield one choice from each domain so that the points make the total, without dead ends."""
    ends: list[set[int]] = [{0}]
    for choices in reversed(domains):
        ends.append({c.points + rest for c in choices for rest in ends[-1]})
    ends.reverse()

    def walk(place: int, left: int) -> Iterator[tuple[Choice, ...]]:
        if place == len(domains):
            yield ()
            return
        for choice in domains[place]:
            if left - choice.points in ends[place + 1]:
                for rest in walk(place + 1, left - choice.points):
                    yield (choice, *rest)

    return walk(0, wanted) if wanted in ends[0] else iter(())


def _reachable(domains: Sequence[tuple[Choice, ...]], wanted: int) -> bool:
    totals = {0}
    for choices in domains:
        totals = {total + choice.points for total in totals for choice in choices}
    return wanted in totals


def _without(domains: Sequence[tuple[Choice, ...]], item: str) -> list[tuple[Choice, ...]]:
    return [tuple(c for c in choices if item not in c.counted) for choices in domains]


def _capped(choices: Iterable[Choice], cap: int | None) -> Iterator[Choice]:
    for choice in choices:
        points = choice.points if cap is None else min(choice.points, cap)
        yield Choice(points, choice.counted, choice.when)


def _all(parts: Sequence[Statement]) -> Statement | None:
    return None if not parts else parts[0] if len(parts) == 1 else All(tuple(parts))


def _any(parts: Sequence[Statement]) -> Statement:
    return parts[0] if len(parts) == 1 else Any(tuple(parts))
