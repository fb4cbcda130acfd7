"""From definition nodes to a circuit: lowest and highest value of each node, exact.

The same two levels as the reference (``evaluation.bounds``): interval arithmetic where no unknown pulls
both ways, and branching over the critical atoms where one does. A branch settles each critical atom
that is unknown, with all that follows from it; the bounds are those over all branches that what is known
leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final
from typing import Any as Anything

from crithidia.cohort.circuit import FALSE, Bit, Circuit, Whole
from crithidia.definition import (
    All,
    Any,
    AtLeast,
    Atom,
    Capped,
    Compares,
    Has,
    Highest,
    Is,
    Node,
    Not,
    Points,
    Reaches,
    Score,
    Statement,
    Sum,
)
from crithidia.definition.ties import Arrows, critical_atoms, independent

if TYPE_CHECKING:
    from decimal import Decimal

Truth = tuple[Bit, Bit]
Span = tuple[Whole, Whole]
Bounds = Truth | Span
Below = Callable[[Anything], Anything]


@dataclass(frozen=True)
class Meaning:
    """The meaning of the nodes of one set: scores are scaled to integers.

    A state holds what is known of each atom, at its place in ``positions``.
    """

    circuit: Circuit
    positions: Mapping[Atom, int]
    arrows: Arrows
    scale: int

    def truth(self, node: Statement, state: Sequence[Truth]) -> Truth:
        """Return what certainly holds and what may hold, over all completions of the unknowns."""
        low, high = self._exact(node, state)
        return low, high

    def span(self, node: Score, state: Sequence[Truth]) -> Span:
        """Return the lowest and highest score over all completions of the unknowns."""
        low, high = self._exact(node, state)
        return low, high

    def local(self, node: Node, state: Sequence[Truth]) -> Anything:
        """Return the bounds by interval arithmetic alone."""
        if isinstance(node, Atom):
            return state[self.positions[node]]
        return self._combined(node, lambda part: self.local(part, state))

    def _exact(self, node: Node, state: Sequence[Truth]) -> Anything:
        critical = critical_atoms(node, self.positions, self.arrows)
        if not critical:
            return self.local(node, state)
        if independent(node.children(), self.positions, self.arrows):
            return self._combined(node, lambda part: self._exact(part, state))
        return self._branching(node, state, critical)

    def _combined(self, node: Node, below: Below) -> Anything:
        kind = type(node)
        if kind not in COMBINED:
            msg = f"no circuit for {kind.__name__}"
            raise TypeError(msg)
        return COMBINED[kind](self, node, below)

    def _branching(self, node: Node, state: Sequence[Truth], critical: Sequence[int]) -> Anything:
        """Return the bounds over both answers to each critical unknown."""
        branches = [
            (open_, self.local(node, settled))
            for answers in product((0, 1), repeat=len(critical))
            if self._possible(dict(zip(critical, answers, strict=True)))
            for open_, settled in [self._branch(state, list(zip(critical, answers, strict=True)))]
            if open_ != FALSE
        ]
        if isinstance(node, Score):
            return self._hull_of_spans(branches)
        circuit = self.circuit
        return (circuit.all(circuit.any((open_ ^ 1, low)) for open_, (low, _) in branches),
                circuit.any(circuit.all((open_, high)) for open_, (_, high) in branches))  # fmt: skip

    def _hull_of_spans(self, branches: Sequence[tuple[Bit, Span]]) -> Span:
        """Return the hull; a branch that is closed counts as the worst of those there are."""
        circuit = self.circuit
        top = circuit.constant(max(low.high for _, (low, _) in branches))
        bottom = circuit.constant(min(high.low for _, (_, high) in branches))
        lows = (circuit.choose(open_, low, top) for open_, (low, _) in branches)
        highs = (circuit.choose(open_, high, bottom) for open_, (_, high) in branches)
        return circuit.lowest(lows), circuit.highest(highs)

    def _possible(self, answers: Mapping[int, int]) -> bool:
        """Return whether no answer forbids another."""
        return not any(
            answers.get(j, forced) != forced
            for choice in answers.items() for j, forced in self.arrows.get(choice, ())
        )  # fmt: skip

    def _branch(self, state: Sequence[Truth], choices: Sequence[tuple[int, int]]) -> tuple[Bit, list[Truth]]:
        """Return whether what is known leaves the choices open, and the state once they are made."""
        circuit = self.circuit
        settled = list(state)
        for i, value in choices:
            unknown = circuit.all((state[i][0] ^ 1, state[i][1]))
            for j, forced in ((i, value), *self.arrows.get((i, value), ())):
                low, high = settled[j]
                settled[j] = (
                    (circuit.any((low, unknown)), high) if forced
                    else (low, circuit.all((high, unknown ^ 1)))
                )  # fmt: skip
        leaves = (state[i][1] if value else state[i][0] ^ 1 for i, value in choices)
        return circuit.all(leaves), settled

    def integer(self, number: Decimal) -> int:
        """Return a number of the definition, scaled."""
        return int(number * self.scale)


def _all(meaning: Meaning, node: All, below: Below) -> Truth:
    parts = [below(part) for part in node.of]
    return meaning.circuit.all(low for low, _ in parts), meaning.circuit.all(high for _, high in parts)


def _any(meaning: Meaning, node: Any, below: Below) -> Truth:
    parts = [below(part) for part in node.of]
    return meaning.circuit.any(low for low, _ in parts), meaning.circuit.any(high for _, high in parts)


def _at_least(meaning: Meaning, node: AtLeast, below: Below) -> Truth:
    circuit = meaning.circuit
    parts = [below(part) for part in node.of]
    return (circuit.at_least(circuit.weighted((1, low) for low, _ in parts), node.count),
            circuit.at_least(circuit.weighted((1, high) for _, high in parts), node.count))  # fmt: skip


def _not(_: Meaning, node: Not, below: Below) -> Truth:
    low, high = below(node.part)
    return high ^ 1, low ^ 1


def _reaches(meaning: Meaning, node: Reaches, below: Below) -> Truth:
    low, high = below(node.score)
    threshold = meaning.integer(node.threshold)
    least = threshold + 1 if node.comparator in {">", "<="} else threshold
    reached = meaning.circuit.at_least(low, least), meaning.circuit.at_least(high, least)
    return (reached[1] ^ 1, reached[0] ^ 1) if node.comparator in {"<", "<="} else reached


def _points(meaning: Meaning, node: Points, below: Below) -> Span:
    low, high = below(node.when)
    points = meaning.integer(node.points)
    if points < 0:
        low, high = high, low
    return meaning.circuit.weighted([(points, low)]), meaning.circuit.weighted([(points, high)])


def _sum(meaning: Meaning, node: Sum, below: Below) -> Span:
    parts = [below(part) for part in node.of]
    return meaning.circuit.sum(low for low, _ in parts), meaning.circuit.sum(high for _, high in parts)


def _highest(meaning: Meaning, node: Highest, below: Below) -> Span:
    parts = [below(part) for part in node.of]
    return (meaning.circuit.highest(low for low, _ in parts),
            meaning.circuit.highest(high for _, high in parts))  # fmt: skip


def _capped(meaning: Meaning, node: Capped, below: Below) -> Span:
    low, high = below(node.part)
    limit = meaning.circuit.constant(meaning.integer(node.limit))
    return meaning.circuit.lowest((low, limit)), meaning.circuit.lowest((high, limit))


COMBINED: Final[dict[type[Node], Callable[[Meaning, Anything, Below], Bounds]]] = {
    All: _all,
    Any: _any,
    AtLeast: _at_least,
    Not: _not,
    Reaches: _reaches,
    Points: _points,
    Sum: _sum,
    Highest: _highest,
    Capped: _capped,
}
ATOMS: Final[frozenset[type[Atom]]] = frozenset({Has, Compares, Is})
