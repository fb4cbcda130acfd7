"""Exact lowest and highest values of a definition over everything still unknown.

Interval arithmetic alone is exact only while no unknown pulls both ways: a finding that scores in
one place and excludes in another cannot be absent and present at once. So each definition is
compiled with the list of its *critical* atoms: those that occur with both signs, or that an
implication ties to an atom of the other sign. The hull branches on critical atoms that are
unknown, closes the implications after each choice, and uses interval arithmetic for the rest,
where it is exact: all remaining unknowns can go to their best ends together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import Atom, Node, nodes
from crithidia.definition.ties import critical_atoms, independent

if TYPE_CHECKING:
    from decimal import Decimal

    from crithidia.definition.ties import Arrows

Bounds = tuple[int, int]
State = Sequence[Bounds]
Compute = Callable[[State], Bounds]

ABSENT: Final[Bounds] = (0, 0)
UNKNOWN: Final[Bounds] = (0, 1)
PRESENT: Final[Bounds] = (1, 1)


@dataclass(frozen=True)
class Compiler:
    """Turns nodes into functions from a state to bounds; scores are scaled to integers.

    ``functions`` keeps every node compiled so far, so that shared parts are compiled once;
    ``exactly`` does so for those compiled to exact bounds.
    """

    positions: dict[Atom, int]
    scale: int
    functions: dict[Node, Compute] = field(default_factory=dict)
    exactly: dict[Node, Compute] = field(default_factory=dict)

    def compile(self, node: Node) -> Compute:
        """Return the function of a node. Raises ``TypeError`` for a kind it does not know."""
        if node not in self.functions:
            if type(node) not in _COMPILERS:
                msg = f"no evaluation for {type(node).__name__}"
                raise TypeError(msg)
            compute = _COMPILERS[type(node)](self, node)
            self.functions[node] = _remembering(compute) if len(node.children()) > 2 else compute
        return self.functions[node]

    def _integer(self, number: Decimal) -> int:
        return int(number * self.scale)

    def _atom(self, node: Atom) -> Compute:
        position = self.positions[node]
        return lambda state: state[position]

    def _split(self, parts: Sequence[Node]) -> tuple[list[int], list[Compute]]:
        """Return the places of the parts that are atoms, to be looked up, and the other functions."""
        places = [self.positions[part] for part in parts if isinstance(part, Atom)]
        return places, [self.compile(part) for part in parts if not isinstance(part, Atom)]

    def _all(self, node: nodes.All) -> Compute:
        places, parts = self._split(node.of)

        def compute(state: State) -> Bounds:
            low = 1
            for place in places:
                part_low, part_high = state[place]
                if not part_high:
                    return ABSENT
                low &= part_low
            for part in parts:
                part_low, part_high = part(state)
                if not part_high:
                    return ABSENT
                low &= part_low
            return low, 1

        return compute

    def _any(self, node: nodes.Any) -> Compute:
        places, parts = self._split(node.of)

        def compute(state: State) -> Bounds:
            high = 0
            for place in places:
                part_low, part_high = state[place]
                if part_low:
                    return PRESENT
                high |= part_high
            for part in parts:
                part_low, part_high = part(state)
                if part_low:
                    return PRESENT
                high |= part_high
            return 0, high

        return compute

    def _at_least(self, node: nodes.AtLeast) -> Compute:
        places, parts = self._split(node.of)
        count = node.count

        def compute(state: State) -> Bounds:
            low = high = 0
            for place in places:
                part_low, part_high = state[place]
                low += part_low
                high += part_high
            for part in parts:
                part_low, part_high = part(state)
                low += part_low
                high += part_high
            return int(low >= count), int(high >= count)

        return compute

    def _not(self, node: nodes.Not) -> Compute:
        part = self.compile(node.part)

        def compute(state: State) -> Bounds:
            low, high = part(state)
            return 1 - high, 1 - low

        return compute

    def _reaches(self, node: nodes.Reaches) -> Compute:
        score = self.compile(node.score)
        threshold = self._integer(node.threshold)
        if node.comparator in {"<", "<="}:
            limit = threshold if node.comparator == "<=" else threshold - 1
            return lambda state: _below(score(state), limit)
        limit = threshold if node.comparator == ">=" else threshold + 1
        return lambda state: _above(score(state), limit)

    def _points(self, node: nodes.Points) -> Compute:
        when = self.compile(node.when)
        points = self._integer(node.points)
        if points < 0:
            return lambda state: _times(when(state), points)

        def compute(state: State) -> Bounds:
            low, high = when(state)
            return low * points, high * points

        return compute

    def _simple(self, parts: Sequence[Node]) -> tuple[list[tuple[int, int]], list[Compute]]:
        """Return place and points of the parts that count one atom upwards, and the other functions."""
        simple, others = [], []
        for part in parts:
            if isinstance(part, nodes.Points) and isinstance(part.when, Atom) and part.points > 0:
                simple.append((self.positions[part.when], self._integer(part.points)))
            else:
                others.append(self.compile(part))
        return simple, others

    def _sum(self, node: nodes.Sum) -> Compute:
        simple, parts = self._simple(node.of)

        def compute(state: State) -> Bounds:
            low = high = 0
            for place, points in simple:
                part_low, part_high = state[place]
                if part_high:
                    high += points
                    if part_low:
                        low += points
            for part in parts:
                part_low, part_high = part(state)
                low += part_low
                high += part_high
            return low, high

        return compute

    def _highest(self, node: nodes.Highest) -> Compute:
        simple, parts = self._simple(node.of)
        if not simple:
            return parts[0] if len(parts) == 1 else lambda state: _maximum([part(state) for part in parts])
        simple.sort(key=lambda part: -part[1])

        def compute(state: State) -> Bounds:
            low = high = 0
            for place, points in simple:
                part_low, part_high = state[place]
                if part_high:
                    high = high or points
                    if part_low:
                        low = points
                        break
            return _maximum([(low, high), *(part(state) for part in parts)]) if parts else (low, high)

        return compute

    def _capped(self, node: nodes.Capped) -> Compute:
        part = self.compile(node.part)
        limit = self._integer(node.limit)

        def compute(state: State) -> Bounds:
            low, high = part(state)
            return min(low, limit), min(high, limit)

        return compute


_COMPILERS: Final[dict[type[Node], Callable[[Compiler, Any], Compute]]] = {
    nodes.Has: Compiler._atom,
    nodes.Compares: Compiler._atom,
    nodes.Is: Compiler._atom,
    nodes.All: Compiler._all,
    nodes.Any: Compiler._any,
    nodes.AtLeast: Compiler._at_least,
    nodes.Not: Compiler._not,
    nodes.Reaches: Compiler._reaches,
    nodes.Points: Compiler._points,
    nodes.Sum: Compiler._sum,
    nodes.Highest: Compiler._highest,
    nodes.Capped: Compiler._capped,
}


def _remembering(compute: Compute) -> Compute:
    """Return the function with its last answer kept, for as long as it is asked of the same state.

    One evaluation looks at the larger parts of a definition several times: for the verdict, the
    score, the items and the open questions. States are never changed once made.
    """
    last: tuple[State | None, Bounds] = None, UNKNOWN

    def remembered(state: State) -> Bounds:
        nonlocal last
        seen, bounds = last
        if seen is not state:
            bounds = compute(state)
            last = state, bounds
        return bounds

    return remembered


def _hull_of(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), max(a[1], b[1])


def _maximum(parts: Sequence[Bounds]) -> Bounds:
    return max([low for low, _ in parts]), max([high for _, high in parts])


def _below(bounds: Bounds, limit: int) -> Bounds:
    return int(bounds[1] <= limit), int(bounds[0] <= limit)


def _above(bounds: Bounds, limit: int) -> Bounds:
    return int(bounds[0] >= limit), int(bounds[1] >= limit)


def _times(bounds: Bounds, factor: int) -> Bounds:
    return bounds[1] * factor, bounds[0] * factor


class Hull:
    """The exact bounds of one node over all completions of a state."""

    def __init__(self, node: Node, compiler: Compiler, arrows: Arrows) -> None:
        self.compute = compiler.compile(node)
        self.arrows = arrows
        self.critical = critical_atoms(node, compiler.positions, arrows)
        self._parts = (node, compiler, arrows)

    @cached_property
    def exact(self) -> Compute:
        """The exact bounds; compiled when an unknown that pulls both ways is first met."""
        node, compiler, arrows = self._parts
        exact = _Exact(compiler.positions, compiler.scale, compiler.exactly, local=compiler, arrows=arrows)
        return exact.compile(node)

    def __call__(self, state: State) -> Bounds:
        """Return the bounds of the node in a state that is closed under the implications."""
        bounds = self.compute(state)
        if bounds[0] == bounds[1] or not self.critical:
            return bounds
        return self.exact(state)


@dataclass(frozen=True)
class _Exact(Compiler):
    """Compiles a node to its exact bounds, branching as far down as possible.

    Parts that neither share an unknown nor are tied by an implication can go to their ends
    independently, so the exact bounds of the parts give those of the whole.
    """

    local: Compiler = field(default_factory=lambda: Compiler({}, 1))
    arrows: Arrows = field(default_factory=dict)

    def compile(self, node: Node) -> Compute:
        """Return the function that gives a node's exact bounds."""
        if node not in self.functions:
            self.functions[node] = self._exact(node)
        return self.functions[node]

    def _exact(self, node: Node) -> Compute:
        critical = critical_atoms(node, self.positions, self.arrows)
        if not critical:
            return self.local.compile(node)
        if independent(node.children(), self.positions, self.arrows):
            return _remembering(_COMPILERS[type(node)](self, node))
        return _remembering(_branching(self.local.compile(node), self.arrows, critical))


def _branching(compute: Compute, arrows: Arrows, critical: tuple[int, ...]) -> Compute:
    """Return the bounds over both answers to each critical unknown."""

    def search(state: State, best: Bounds | None) -> Bounds | None:
        bounds = compute(state)
        if best is not None and bounds[0] >= best[0] and bounds[1] <= best[1]:
            return best
        open_ = next((i for i in critical if state[i] == UNKNOWN), None)
        if open_ is None or bounds[0] == bounds[1]:
            return bounds if best is None else _hull_of(best, bounds)
        for value in (0, 1):
            chosen = close(state, open_, value, arrows)
            if chosen is not None:
                best = search(chosen, best)
        return best

    return lambda state: search(state, None) or compute(state)


def close(state: State, position: int, value: int, arrows: Arrows) -> list[Bounds] | None:
    """Return the state with one atom settled and all that follows; None if impossible."""
    settled = list(state)
    for i, forced in ((position, value), *arrows.get((position, value), ())):
        bounds = (forced, forced)
        if settled[i] not in (UNKNOWN, bounds):
            return None
        settled[i] = bounds
    return settled
