"""What a goal needs at the least: whether it is reached, a lower bound of its cost, what can help.

The bound treats findings that several parts have in common with care: parts without a common
finding add up, of the others only the dearest counts, or each counts in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

from crithidia.evaluation.goals import Cases, Every, Finding, Gain, One

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from crithidia.evaluation.goals import Goal, GoalTable

NEVER: Final = 1 << 60

# What something costs at the least, and the literals that can help, as bits.
View = tuple[int, int]

_DONE: Final[View] = (0, 0)
_IN_VAIN: Final[View] = (NEVER, 0)


@dataclass(frozen=True, slots=True)
class Position:
    """What is known, what may still be found, and the goals that are not to be relied on."""

    known: int
    open: int
    dropped: int = 0

    def supposing(self, case: int) -> Position:
        """Return the position with the literals of a case taken as known."""
        return Position(self.known | case, self.open, self.dropped) if case else self


class Literals:
    """Literals numbered ``2 * atom + truth``: what follows from each, and what each follows from.

    ``closures`` holds, for each literal, the literals that follow from it, itself included.
    """

    def __init__(self, closures: Sequence[int], costs: Sequence[int]) -> None:
        self.closures = closures
        self.costs = costs
        self.ways = [0] * len(closures)
        for i, closure in enumerate(closures):
            for j in numbers(closure):
                self.ways[j] |= 1 << i
        self._absent = sum(1 << i for i in range(0, len(closures), 2))
        self._rivals: dict[int, int] = {}

    @classmethod
    def unrelated(cls, count: int, cost: int) -> Literals:
        """Return literals of which none follows from another, all at one cost."""
        return cls([1 << i for i in range(count)], [cost] * count)

    def opposite(self, mask: int) -> int:
        """Return the same atoms with the other truth."""
        return (mask & self._absent) << 1 | (mask >> 1) & self._absent

    def found(self, at: Position, literal: int) -> Position:
        """Return the position once a literal was found: what follows is known, rivals are out."""
        known = at.known | self.closures[literal]
        return Position(known, at.open & ~(known | self.opposite(known)), at.dropped)

    def rivals(self, mask: int) -> int:
        """Return what any of the literals would rule out."""
        if mask not in self._rivals:
            self._rivals[mask] = union(self.opposite(self.closures[i]) for i in numbers(mask))
        return self._rivals[mask]

    def entangle(self, one: int, other: int) -> bool:
        """Return whether literals of the one are, or rule out, literals of the other."""
        return bool(other & (one | self.rivals(one)))


class Estimates:
    """What the goals of a table need; what has been worked out is kept."""

    def __init__(self, table: GoalTable, literals: Literals) -> None:
        self.table = table
        self.literals = literals
        self._views: dict[tuple[int, int, int, int], View] = {}
        self._reached: dict[tuple[int, int], bool] = {}
        self._helpful: dict[int, int] = {}

    def reached(self, goal: int, known: int) -> bool:
        """Return whether a goal is reached, whatever the cases that are left open."""
        key = (goal, known & self.table.literals[goal])
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self._look(self.table.goals[goal], known)
        return found

    def _look(self, goal: Goal, known: int) -> bool:
        if isinstance(goal, Finding):
            return bool(known >> goal.literal & 1)
        if isinstance(goal, Every):
            return all(self.reached(part, known) for part in goal.parts)
        if isinstance(goal, One):
            return any(self.reached(part, known) for part in goal.parts)
        if isinstance(goal, Cases):
            return self.reached(goal.part, known)
        return sum(self.gained(levels, known)[0] for levels in goal.parts) >= goal.needed

    def gained(self, levels: Iterable[tuple[int, int]], known: int) -> tuple[int, int]:
        """Return the best level that is reached: its gain and its number from one; (0, 0) if none."""
        return max(((gain, i) for i, (gain, part) in enumerate(levels, 1) if self.reached(part, known)),
                   default=(0, 0))  # fmt: skip

    def helpful(self, goal: int) -> int:
        """Return every literal that could ever help to reach a goal."""
        mask = self.table.literals[goal]
        found = self._helpful.get(mask)
        if found is None:
            found = self._helpful[mask] = union(self.literals.ways[i] for i in numbers(mask))
        return found

    def view(self, goal: int, at: Position) -> View:
        """Return what reaching a goal costs at the least, and the literals that can help."""
        key = (goal, at.known & self.table.literals[goal], at.open & self.helpful(goal),
               at.dropped & self.table.below[goal])  # fmt: skip
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = self._viewed(goal, at)
        return found

    def _viewed(self, number: int, at: Position) -> View:
        if self.reached(number, at.known):
            return _DONE
        if at.dropped >> number & 1:
            return _IN_VAIN
        goal = self.table.goals[number]
        if isinstance(goal, Finding):
            ways = self.literals.ways[goal.literal] & at.open
            return min((self.literals.costs[i] for i in numbers(ways)), default=NEVER), ways
        if isinstance(goal, Every):
            return together([self.view(part, at) for part in goal.parts])
        if isinstance(goal, One):
            return _either(self.view(part, at) for part in goal.parts)
        return self._gain(goal, at) if isinstance(goal, Gain) else self._cases(number, goal, at)

    def _cases(self, number: int, goal: Cases, at: Position) -> View:
        """Take both truths of every atom in question as known: no case needs less."""
        both = union(self.literals.closures[2 * i + truth] for i in goal.atoms for truth in (0, 1))
        least, _ = self.view(goal.part, Position(at.known | both, at.open))
        return (least, self.helpful(number) & at.open) if least < NEVER else _IN_VAIN

    def _gain(self, goal: Gain, at: Position) -> View:
        offers = [[(gain, self.view(part, at)) for gain, part in levels] for levels in goal.parts]
        helps = [_either(view for _, view in levels)[1] for levels in offers]
        once, often = repeated(helps)
        times = max((sum(mask >> i & 1 for mask in helps) for i in numbers(often)), default=1)
        gains = {0: 0}
        for levels, mask in zip(offers, helps, strict=True):
            share = times if mask & often else 1
            gains = _added(gains, [(gain, least // share) for gain, (least, _) in levels if least < NEVER],
                           goal.needed)  # fmt: skip
        least = gains.get(goal.needed, NEVER)
        return (least, once) if least < NEVER else _IN_VAIN


def _added(gains: dict[int, int], levels: Iterable[tuple[int, int]], needed: int) -> dict[int, int]:
    """Return the least cost of each gain once a part is added; none that gains less for more."""
    reachable = dict(gains)
    for gain, cost in levels:
        for before, spent in gains.items():
            total = min(needed, before + gain)
            if spent + cost < reachable.get(total, NEVER):
                reachable[total] = spent + cost
    kept, cheapest = {}, NEVER
    for gain in sorted(reachable, reverse=True):
        if reachable[gain] < cheapest:
            kept[gain] = cheapest = reachable[gain]
    return kept


def together(views: Collection[View]) -> View:
    """Return what several goals need: those without a common literal add up, else the dearest counts."""
    once, often = repeated(helps for _, helps in views)
    added = dearest = 0
    for least, helps in views:
        if least >= NEVER:
            return _IN_VAIN
        if helps & often:
            dearest = max(dearest, least)
        else:
            added += least
    return added + dearest, once


def _either(views: Iterable[View]) -> View:
    possible = [view for view in views if view[0] < NEVER]
    return min((least for least, _ in possible), default=NEVER), union(helps for _, helps in possible)


def repeated(masks: Iterable[int]) -> tuple[int, int]:
    """Return the bits that are in any of the masks, and those that are in several."""
    once = often = 0
    for mask in masks:
        often |= once & mask
        once |= mask
    return once, often


def union(masks: Iterable[int]) -> int:
    """Return the bits that are in any of the masks."""
    return reduce(or_, masks, 0)


def numbers(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
