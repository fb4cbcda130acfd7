"""The cheapest sets of findings that reach a goal: exact, the cheapest first.

Goals that no finding has in common are settled one by one and their answers combined; what a score
must gain is shared out over its parts in the same way. Where goals have findings in common the
search branches: on the ways to reach one of them, on a part that they share (with it, without
it), on a finding (found, never found). It leaves out whatever must cost more than what it has
(``estimates``). A choice costs ``EACH`` for every finding and what it takes to obtain it, so that
fewer findings come first; of the choices of the smallest size at most ``most`` are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Final

from crithidia.evaluation.estimates import (
    NEVER,
    Estimates,
    Literals,
    Position,
    numbers,
    repeated,
    together,
    union,
)
from crithidia.evaluation.goals import Cases, Every, Finding, Gain, parts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from crithidia.evaluation.estimates import View
    from crithidia.evaluation.goals import GoalTable, Level

EACH: Final = 1000

# Choices with their costs, the cheapest first, all of one size; a choice is literals as bits.
Options = tuple[tuple[int, int], ...]
# A goal, and the literals that hold in the case for which it must be reached.
Aim = tuple[int, int]
Aims = frozenset[Aim]

_NOTHING_LEFT: Final[Options] = ((0, 0),)


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to go on: what is still to be reached, from where, and what was found for it."""

    aims: Aims
    at: Position
    cost: int = 0
    found: int = 0


class Cheapest:
    """The search for the cheapest choices; keeps what it has worked out."""

    def __init__(self, table: GoalTable, literals: Literals, most: int) -> None:
        self.table = table
        self.literals = literals
        self.estimates = Estimates(table, literals)
        self.most = most
        self._kept: dict[tuple[Aims, int, int, int], tuple[int, Options]] = {}

    def options(self, goal: int, known: int, findable: int) -> Options:
        """Return the cheapest choices, among the literals that can be found, that reach a goal."""
        against = self.literals.opposite(known)
        open_ = sum(1 << i for i in numbers(findable & ~known)
                    if not self.literals.closures[i] & against)  # fmt: skip
        return self._best(Branch(frozenset({(goal, 0)}), Position(known, open_)), NEVER)

    def _best(self, branch: Branch, limit: int) -> Options:
        """Return the cheapest choices that reach every aim and cost less than the limit."""
        while True:
            pending = self._pending(branch)
            if pending is None or branch.cost >= limit:
                return ()
            literal = next((i for aim in pending if (i := self._only_way(aim, branch.at)) is not None), None)
            if literal is None:
                break
            branch = self._having(Branch(pending, branch.at, branch.cost, branch.found), literal)
        further = self._remembered(pending, branch.at, limit - branch.cost)
        return tuple((cost + branch.cost, choice | branch.found) for cost, choice in further)

    def _having(self, branch: Branch, literal: int) -> Branch:
        return Branch(branch.aims, self.literals.found(branch.at, literal),
                      branch.cost + self.literals.costs[literal], branch.found | 1 << literal)  # fmt: skip

    def _pending(self, branch: Branch) -> Aims | None:
        """Return the aims not reached yet, taken apart where all parts are needed; None if in vain."""
        pending: set[Aim] = set()
        waiting = list(branch.aims)
        while waiting:
            goal, case = waiting.pop()
            if self.estimates.reached(goal, branch.at.known | case):
                continue
            if self._view((goal, case), branch.at)[0] >= NEVER:
                return None
            node = self.table.goals[goal]
            if isinstance(node, Every):
                waiting.extend((part, case) for part in node.parts)
            else:
                pending.add((goal, case & self.table.literals[goal] & ~branch.at.known))
        return frozenset(_hardest(pending))

    def _view(self, aim: Aim, at: Position) -> View:
        goal, case = aim
        return self.estimates.view(goal, at.supposing(case))

    def _only_way(self, aim: Aim, at: Position) -> int | None:
        """Return the one literal by which an aim can be reached, if there is just one."""
        node = self.table.goals[aim[0]]
        ways = self.literals.ways[node.literal] & at.open if isinstance(node, Finding) else 0
        return ways.bit_length() - 1 if ways and not ways & (ways - 1) else None

    def _remembered(self, aims: Aims, at: Position, limit: int) -> Options:
        """Return the choices for aims that are taken apart, from memory if they were sought before."""
        if not aims:
            return _NOTHING_LEFT if limit > 0 else ()
        if together([self._view(aim, at) for aim in aims])[0] >= limit:
            return ()
        spoken = helps = below = 0
        for goal, _ in aims:
            spoken |= self.table.literals[goal]
            helps |= self.estimates.helpful(goal)
            below |= self.table.below[goal]
        key = (aims, at.known & spoken, at.open & helps, at.dropped & below)
        kept = self._kept.get(key)
        if kept is None or kept[0] < limit:
            kept = self._kept[key] = (limit, self._apart(aims, at, limit))
        return tuple(option for option in kept[1] if option[0] < limit)

    def _apart(self, aims: Aims, at: Position, limit: int) -> Options:
        """Combine the answers to groups of aims that have nothing to do with each other."""
        groups = self._groups((frozenset({aim}), self._view(aim, at)[1]) for aim in aims)
        if len(groups) == 1:
            return self._entangled(aims, at, limit)
        bounds = [together([self._view(aim, at) for aim in group])[0] for group in groups]
        total = sum(bounds)
        options = _NOTHING_LEFT
        for group, bound in zip(groups, bounds, strict=True):
            found = self._remembered(group, at, limit - total + bound)
            if not found:
                return ()
            total += found[0][0] - bound
            options = combined(options, found, self.most)
        return options

    def _groups(self, parts: Iterable[tuple[Aims, int]]) -> list[Aims]:
        groups: list[tuple[Aims, int]] = []
        for part in parts:
            joined, apart = part, []
            for other in groups:
                if self.literals.entangle(part[1], other[1]):
                    joined = (joined[0] | other[0], joined[1] | other[1])
                else:
                    apart.append(other)
            groups = [*apart, joined]
        return [aims for aims, _ in groups]

    def _entangled(self, aims: Aims, at: Position, limit: int) -> Options:
        """Return the choices for aims that hang together, or for a single one."""
        ways = {aim: ways for aim in aims if (ways := self._ways_to(aim, aims, at)) is not None}
        if ways:
            return self._first_of(min(ways.items(), key=lambda found: (len(found[1]), found[0]))[1], limit)
        units: list[tuple[int, ...]] = [(goal,) for goal, _ in aims]
        (goal, case), *others = aims
        node = self.table.goals[goal]
        if not others and isinstance(node, Gain):
            helps = [self._helping(levels, case, at) for levels in node.parts]
            if not any(self.literals.entangle(a, b) for a, b in combinations(helps, 2)):
                return self._shared_out(node, case, at, limit)
            units = [tuple(goal for _, goal in levels) for levels in node.parts]
        return self._first_of(self._with_and_without(aims, units, at), limit)

    def _helping(self, levels: Iterable[Level], case: int, at: Position) -> int:
        return union(self._view((goal, case), at)[1] for _, goal in levels)

    def _first_of(self, branches: Collection[Branch], limit: int) -> Options:
        """Return the cheapest choices of any branch, the most promising branch first."""
        ranked = sorted(
            (branch.cost + together([self._view(aim, branch.at) for aim in branch.aims])[0], i, branch)
            for i, branch in enumerate(branches)
        )
        options: Options = ()
        for least, _, branch in ranked:
            if least < limit:
                options = merged((*options, *self._best(branch, limit)), self.most)
                limit = min(limit, self._worth(options))
        return options

    def _worth(self, options: Options) -> int:
        """Return the cost from which on a further choice adds nothing to those found."""
        if not options:
            return NEVER
        return options[-1][0] if len(options) == self.most else (options[0][0] // EACH + 1) * EACH

    # Ways to go on

    def _ways_to(self, aim: Aim, aims: Aims, at: Position) -> list[Branch] | None:
        """Return the ways to reach one of several aims; None where they cannot be named one by one."""
        goal, case = aim
        node = self.table.goals[goal]
        if isinstance(node, Gain):
            return None
        if isinstance(node, Finding):
            ways = self.literals.ways[node.literal] & at.open
            return [self._having(Branch(aims - {aim}, at), i) for i in numbers(ways)]
        if isinstance(node, Cases):
            return list(self._by_case(node, aim, aims, at))
        return [Branch((aims - {aim}) | {(part, case)}, at) for part in parts_of(node)
                if self._view((part, case), at)[0] < NEVER]  # fmt: skip

    def _by_case(self, node: Cases, aim: Aim, aims: Aims, at: Position) -> Iterator[Branch]:
        """Yield what an open atom can become: found either way, or left open with both cases met."""
        goal, case = aim
        known = at.known | case
        pair = next(((2 * i, 2 * i + 1) for i in node.atoms if not known >> 2 * i & 3), None)
        if pair is None:
            yield Branch((aims - {aim}) | {(node.part, case)}, at)
            return
        ways = self.literals.ways[pair[0]] | self.literals.ways[pair[1]]
        for i in numbers(ways & at.open):
            yield self._having(Branch(aims, at), i)
        against = self.literals.opposite(known)
        cases = {(goal, case | self.literals.closures[i]) for i in pair
                 if not self.literals.closures[i] & against}  # fmt: skip
        left = Position(at.known, at.open & ~ways)  # what was dropped may be reached in a case
        yield Branch((aims - {aim}) | (cases or {(node.part, case)}), left)

    def _with_and_without(self, aims: Aims, units: Sequence[tuple[int, ...]], at: Position) -> list[Branch]:
        """Return two branches: with and without something that several units have in common."""
        cases = {case for _, case in aims}
        if len(cases) == 1:
            (case,) = cases
            goal = self._common_goal(aims, units, at, case)
            if goal is not None:
                without = Position(at.known, at.open, at.dropped | 1 << goal)
                return [Branch(aims | {(goal, case)}, at), Branch(aims, without)]
        literal = self._common_literal(aims, units, at)
        never = Position(at.known, at.open & ~(1 << literal), at.dropped)
        return [self._having(Branch(aims, at), literal), Branch(aims, never)]

    def _common_goal(self, aims: Aims, units: Sequence[tuple[int, ...]], at: Position,
                     case: int) -> int | None:  # fmt: skip
        """Return the most comprehensive goal that several units have in common, if there is one."""
        below = (union(self.table.below[goal] for goal in unit) for unit in units)
        shared = repeated(below)[1] & ~at.dropped
        for goal, _ in aims:
            shared &= ~(1 << goal)
        there = at.supposing(case)
        for goal in sorted(numbers(shared), reverse=True):
            if not self.estimates.reached(goal, there.known) and self.estimates.view(goal, there)[0] < NEVER:
                return goal
        return None

    def _common_literal(self, aims: Aims, units: Sequence[tuple[int, ...]], at: Position) -> int:
        """Return the literal with the widest consequences that matters to several units."""
        ((_, case), *others) = aims
        if others:
            helps = [self._view(aim, at)[1] for aim in aims]
        else:
            helps = [self._helping(((0, goal) for goal in unit), case, at) for unit in units]
        common = union(one & (other | self.literals.rivals(other)) for one, other in permutations(helps, 2))
        return max(numbers(common), key=lambda i: (self.literals.closures[i].bit_count(), -i))

    # What a score must gain, shared out over parts that have nothing to do with each other

    def _shared_out(self, node: Gain, case: int, at: Position, limit: int) -> Options:
        gains: dict[int, Options] = {0: _NOTHING_LEFT}
        for levels in node.parts:
            offers = self._offers(levels, case, at, limit)
            gains = _gained(gains, offers, node.needed, limit, self.most)
        return gains.get(node.needed, ())

    def _offers(self, levels: Sequence[Level], case: int, at: Position,
                limit: int) -> list[tuple[int, Options]]:  # fmt: skip
        """Return what a part can gain and how: what it has gained already, and each further level."""
        gain, reached = self.estimates.gained(levels, at.known | case)
        offers = [(gain, _NOTHING_LEFT)]
        for further, goal in levels[reached:]:
            found = self._best(Branch(frozenset({(goal, case)}), at), limit)
            if found:
                offers.append((further, found))
        return offers


def _hardest(aims: set[Aim]) -> Iterator[Aim]:
    """Yield the aims without those that take more as given than another with the same goal."""
    for goal, case in aims:
        if not case or not any(goal == same and less != case and not less & ~case for same, less in aims):
            yield goal, case


def _gained(gains: dict[int, Options], offers: Iterable[tuple[int, Options]], needed: int,
            limit: int, most: int) -> dict[int, Options]:  # fmt: skip
    """Return the cheapest choices for every gain once a part is added."""
    reachable: dict[int, list[tuple[int, int]]] = {}
    for gain, choices in offers:
        for before, options in gains.items():
            ways = reachable.setdefault(min(needed, before + gain), [])
            ways.extend(option for option in combined(options, choices, most) if option[0] < limit)
    kept: dict[int, Options] = {}
    smallest = NEVER
    for gain in sorted(reachable, reverse=True):
        options = merged(reachable[gain], most)
        if options and options[0][0] // EACH <= smallest:
            smallest = options[0][0] // EACH
            kept[gain] = options
    return kept


def merged(options: Iterable[tuple[int, int]], most: int) -> Options:
    """Return the smallest of the choices, the cheapest first, each once."""
    ordered = sorted(set(options))
    size = ordered[0][0] // EACH if ordered else 0
    return tuple(option for option in ordered[:most] if option[0] // EACH == size)


def combined(one: Options, other: Options, most: int) -> Options:
    """Return the cheapest pairs of choices that have nothing in common."""
    if other == _NOTHING_LEFT:
        return one
    pairs = sorted((cost + more, choice | further) for i, (cost, choice) in enumerate(one)
                   for more, further in other[: most // (i + 1)])  # fmt: skip
    return tuple(pairs[:most])
