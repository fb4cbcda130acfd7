"""What has to be known so that a statement is certain, as goals that only grow with knowledge.

A statement is compiled once for each truth it may be brought to. A *literal* is an atom with a
truth, numbered ``2 * atom + truth``. Goals are kept in a table, shared parts once, parts before
the goals made of them; sets of literals and of goals are bits of integers.

Where an atom pulls both ways (``bounds``: critical), a statement may be certain although neither
truth of that atom is known. ``Cases`` marks the lowest place at which this can matter: its part
must be certain in every case of the atoms named that is left open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import Atom, Node, Score, Statement, nodes
from crithidia.definition.ties import critical_atoms, independent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crithidia.definition.ties import Arrows

# A value that a score can be brought to, and the goal that brings it there.
Level = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """The literal must be known."""

    literal: int


@dataclass(frozen=True, slots=True)
class Every:
    """Each of the goals must be reached; without goals nothing is left to do."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class One:
    """One of the goals is enough; without goals it cannot be done."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What the parts gain must add up; each part offers levels, of which one counts."""

    parts: tuple[tuple[Level, ...], ...]
    needed: int


@dataclass(frozen=True, slots=True)
class Cases:
    """The part must be reached in every case of the atoms that remain unknown."""

    atoms: tuple[int, ...]
    part: int


Goal = Finding | Every | One | Gain | Cases


@dataclass
class GoalTable:
    """Goals by number, each with the literals it speaks of and the goals it is made of, as bits."""

    goals: list[Goal] = field(default_factory=list)
    literals: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    _numbers: dict[Goal, int] = field(default_factory=dict)

    def add(self, goal: Goal) -> int:
        """Return the number of a goal, a new one if it is not in the table."""
        number = self._numbers.get(goal)
        if number is None:
            number = self._numbers[goal] = len(self.goals)
            parts = parts_of(goal)
            self.goals.append(goal)
            self.literals.append(reduce(or_, (self.literals[i] for i in parts), _spoken_of(goal)))
            self.below.append(reduce(or_, (self.below[i] for i in parts), 1 << number))
        return number

    def every(self, parts: Iterable[int]) -> int:
        """Return the goal that all parts are reached; a gain that a greater one includes is left out."""
        chosen = self._without(parts, lambda gain, other: self._includes(other, gain))
        return chosen[0] if len(chosen) == 1 else self.add(Every(chosen))

    def one(self, parts: Iterable[int]) -> int:
        """Return the goal that one of the parts is reached; a gain that includes a smaller is left out."""
        chosen = self._without(parts, self._includes)
        return chosen[0] if len(chosen) == 1 else self.add(One(chosen))

    def _without(self, parts: Iterable[int], needless: Callable[[int, int], bool]) -> tuple[int, ...]:
        """Return the parts in order, without those that are needless beside another."""
        chosen = sorted(set(parts))
        gains = [part for part in chosen if isinstance(self.goals[part], Gain)]
        return tuple(part for part in chosen if part not in gains
                     or not any(needless(part, other) for other in gains if other != part))  # fmt: skip

    def _includes(self, number: int, other: int) -> bool:
        """Return whether one gain asks for more of the same parts than another."""
        more, less = self.goals[number], self.goals[other]
        return (isinstance(more, Gain) and isinstance(less, Gain) and more.needed > less.needed
                and tuple(_up_to(less.needed, levels) for levels in more.parts) == less.parts)  # fmt: skip

    def gain(self, parts: Iterable[Sequence[Level]], needed: int) -> int:
        """Return the goal that the parts together gain what is needed."""
        if needed <= 0:
            return self.every(())
        offered = [_up_to(needed, levels) for levels in parts if levels]
        most = sum(levels[-1][0] for levels in offered)
        if most < needed:
            return self.one(())
        if most == needed:
            return self.every(levels[-1][1] for levels in offered)
        if all(levels[0][0] == needed for levels in offered):
            return self.one(levels[0][1] for levels in offered)
        return self.add(Gain(tuple(offered), needed))


def parts_of(goal: Goal) -> tuple[int, ...]:
    """Return the goals directly below a goal."""
    if isinstance(goal, Gain):
        return tuple(part for levels in goal.parts for _, part in levels)
    if isinstance(goal, Cases):
        return (goal.part,)
    return () if isinstance(goal, Finding) else goal.parts


def _spoken_of(goal: Goal) -> int:
    if isinstance(goal, Finding):
        return 1 << goal.literal
    return sum(3 << 2 * i for i in goal.atoms) if isinstance(goal, Cases) else 0


def _up_to(needed: int, levels: Sequence[Level]) -> tuple[Level, ...]:
    """Return levels of which none gains more than needed."""
    enough = next((i for i, (gain, _) in enumerate(levels) if gain >= needed), None)
    return tuple(levels) if enough is None else (*levels[:enough], (needed, levels[enough][1]))


@dataclass(frozen=True)
class Offers:
    """The worst value of a score and the better ones in ascending order, each with its goal."""

    worst: int
    levels: tuple[Level, ...] = ()

    @property
    def best(self) -> int:
        """The best value that can be had."""
        return self.levels[-1][0] if self.levels else self.worst

    @property
    def gains(self) -> tuple[Level, ...]:
        """The levels as gains over the worst value."""
        return tuple((value - self.worst, goal) for value, goal in self.levels)

    def first(self, value: int) -> int:
        """Return the goal of the lowest level that is at least the value."""
        return next(goal for level, goal in self.levels if level >= value)


@dataclass(frozen=True)
class GoalMaker:
    """Turns statements of one set into goals; scores become integers by the scale."""

    positions: dict[Atom, int]
    scale: int
    arrows: Arrows
    table: GoalTable = field(default_factory=GoalTable)
    guarded: bool = True
    _made: dict[tuple[Node, int], int] = field(default_factory=dict)

    def certain(self, statement: Statement, truth: bool) -> int:
        """Return the goal that the statement certainly has that truth. Raises ``TypeError``."""
        key = (statement, int(truth))
        if key not in self._made:
            self._made[key] = self._cases(statement, lambda maker: maker._plain(statement, truth))
        return self._made[key]

    def _plain(self, statement: Statement, truth: bool) -> int:
        if type(statement) not in _STATEMENTS:
            msg = f"no goal for {type(statement).__name__}"
            raise TypeError(msg)
        return _STATEMENTS[type(statement)](self, statement, truth)

    def _cases(self, node: Node, make: Callable[[GoalMaker], int]) -> int:
        critical = self._critical(node)
        if not critical:
            return make(self)
        return self.table.add(Cases(critical, make(self._unguarded())))

    def _critical(self, node: Node) -> tuple[int, ...]:
        """Return the atoms whose cases matter here, not only further down."""
        if not self.guarded:
            return ()
        critical = critical_atoms(node, self.positions, self.arrows)
        if critical and independent(node.children(), self.positions, self.arrows):
            return ()
        return critical

    def _unguarded(self) -> GoalMaker:
        return replace(self, guarded=False, _made={})

    def _atom(self, atom: Atom, truth: bool) -> int:
        return self.table.add(Finding(2 * self.positions[atom] + truth))

    def _all(self, node: nodes.All, truth: bool) -> int:
        parts = [self.certain(part, truth) for part in node.of]
        return self.table.every(parts) if truth else self.table.one(parts)

    def _any(self, node: nodes.Any, truth: bool) -> int:
        parts = [self.certain(part, truth) for part in node.of]
        return self.table.one(parts) if truth else self.table.every(parts)

    def _at_least(self, node: nodes.AtLeast, truth: bool) -> int:
        needed = node.count if truth else len(node.of) - node.count + 1
        return self.table.gain([((1, self.certain(part, truth)),) for part in node.of], needed)

    def _not(self, node: nodes.Not, truth: bool) -> int:
        return self.certain(node.part, not truth)

    def _reaches(self, node: nodes.Reaches, truth: bool) -> int:
        """Return the goal that a score is above a limit or below: below is above with the sign turned."""
        threshold = int(node.threshold * self.scale)
        if (node.comparator in {">", ">="}) is truth:
            beyond = (node.comparator == ">") if truth else (node.comparator == "<=")
            return self._at(node.score, 1, threshold + beyond)
        beyond = (node.comparator == "<") if truth else (node.comparator == ">=")
        return self._at(node.score, -1, -threshold + beyond)

    def _at(self, score: Score, sign: int, value: int) -> int:
        """Return the goal that ``sign`` times the score is certainly at least the value."""
        if isinstance(score, nodes.Sum):
            return self._cases(score, lambda maker: maker._added_up(score, sign, value))
        offers = self.offers(score, sign)
        if offers.worst >= value:
            return self.table.every(())
        return offers.first(value) if offers.best >= value else self.table.one(())

    def _added_up(self, score: nodes.Sum, sign: int, value: int) -> int:
        parts = [self.offers(part, sign) for part in self._summands(score)]
        return self.table.gain([p.gains for p in parts], value - sum(p.worst for p in parts))

    def offers(self, score: Score, sign: int) -> Offers:
        """Return to what values ``sign`` times the score can be brought for certain."""
        critical = self._critical(score)
        maker = self._unguarded() if critical else self
        offers = _SCORES[type(score)](maker, score, sign)
        if not critical:
            return offers
        return Offers(offers.worst, tuple((value, self.table.add(Cases(critical, goal)))
                                          for value, goal in offers.levels))  # fmt: skip

    def _points(self, node: nodes.Points, sign: int) -> Offers:
        points = sign * int(node.points * self.scale)
        if points > 0:
            return Offers(0, ((points, self.certain(node.when, True)),))
        return Offers(points, ((0, self.certain(node.when, False)),)) if points else Offers(0)

    def _summands(self, score: Score) -> Iterator[Score]:
        """Yield the parts of a sum, sums among them taken apart unless cases matter there."""
        for part in score.children():
            if isinstance(part, nodes.Sum) and not self._critical(part):
                yield from self._summands(part)
            elif isinstance(part, Score):
                yield part

    def _sum(self, node: nodes.Sum, sign: int) -> Offers:
        parts = [self.offers(part, sign) for part in self._summands(node)]
        worst = sum(part.worst for part in parts)
        totals = {0}
        for part in parts:
            totals |= {total + gain for total in totals for gain, _ in part.gains}
        gains = [part.gains for part in parts]
        return Offers(worst, tuple((worst + total, self.table.gain(gains, total))
                                   for total in sorted(totals) if total))  # fmt: skip

    def _highest(self, node: nodes.Highest, sign: int) -> Offers:
        """One part is enough to lift the highest; to lower it, all must be low."""
        parts = [self.offers(part, sign) for part in node.of]
        values = {value for part in parts for value in (part.worst, *(v for v, _ in part.levels))}
        if sign > 0:
            worst = max(part.worst for part in parts)
            return Offers(worst, tuple(
                (value, self.table.one(p.first(value) for p in parts if p.best >= value))
                for value in sorted(values) if value > worst))  # fmt: skip
        worst, best = min(part.worst for part in parts), min(part.best for part in parts)
        return Offers(worst, tuple(
            (value, self.table.every(p.first(value) for p in parts if p.worst < value))
            for value in sorted(values) if worst < value <= best))  # fmt: skip

    def _capped(self, node: nodes.Capped, sign: int) -> Offers:
        part, limit = self.offers(node.part, sign), sign * int(node.limit * self.scale)
        cut = min if sign > 0 else max
        worst = last = cut(part.worst, limit)
        levels = []
        for value, goal in part.levels:
            if cut(value, limit) > last:
                last = cut(value, limit)
                levels.append((last, goal))
        return Offers(worst, tuple(levels))


_STATEMENTS: Final[dict[type[Node], Callable[[GoalMaker, Any, bool], int]]] = {
    nodes.Has: GoalMaker._atom,
    nodes.Compares: GoalMaker._atom,
    nodes.Is: GoalMaker._atom,
    nodes.All: GoalMaker._all,
    nodes.Any: GoalMaker._any,
    nodes.AtLeast: GoalMaker._at_least,
    nodes.Not: GoalMaker._not,
    nodes.Reaches: GoalMaker._reaches,
}
_SCORES: Final[dict[type[Node], Callable[[GoalMaker, Any, int], Offers]]] = {
    nodes.Points: GoalMaker._points,
    nodes.Sum: GoalMaker._sum,
    nodes.Highest: GoalMaker._highest,
    nodes.Capped: GoalMaker._capped,
}
