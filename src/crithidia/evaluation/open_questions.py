"""Which unknowns can still move an open statement.

Walks down from the statement and leaves out what is settled and what cannot matter: an item worth
less than what its domain already has for certain. The way down is laid out once for each node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.definition import Atom, Highest, Node, Not, Points, Reaches
from crithidia.evaluation.bounds import UNKNOWN
from crithidia.evaluation.estimates import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crithidia.evaluation.bounds import Bounds, Compiler, Compute
    from crithidia.evaluation.compiled import CompiledSet

# If one of these is open, so is its only part: no need to work that out again.
_PASS_ON: Final = (Not, Points, Reaches)
_NO_MATTER_WHAT: Final = -(1 << 60)


@dataclass(frozen=True, slots=True)
class Question:
    """What can leave a node open: atoms, as place and what they are worth, and further questions."""

    bounds: Compute
    highest: bool
    atoms: tuple[tuple[int, int], ...]
    parts: tuple[tuple[Compute, Question], ...]

    def open(self, state: Sequence[Bounds]) -> int:
        """Return the places of the unknown atoms that can move the node, as bits; it must be open."""
        certain = self.bounds(state)[0] if self.highest else _NO_MATTER_WHAT
        found = 0
        for place, worth in self.atoms:
            if worth > certain and state[place] == UNKNOWN:
                found |= 1 << place
        for bounds, part in self.parts:
            low, high = bounds(state)
            if low != high and high > certain:
                found |= part.open(state)
        return found


def question_of(node: Node, compiler: Compiler) -> Question:
    """Return the question whether a node holds, or what it comes to."""
    while isinstance(node, _PASS_ON):
        (node,) = node.children()
    atoms, parts = [], []
    for child in node.children() or (node,):
        below, worth = child, 0
        while isinstance(below, _PASS_ON):
            if isinstance(below, Points):
                worth = max(worth, int(below.points * compiler.scale))
            (below,) = below.children()
        if isinstance(below, Atom):
            atoms.append((compiler.positions[below], worth))
        else:
            parts.append((compiler.compile(child), question_of(below, compiler)))
    return Question(compiler.compile(node), isinstance(node, Highest), tuple(atoms), tuple(parts))


def open_atoms(compiled: CompiledSet, node: Node, state: Sequence[Bounds]) -> tuple[Atom, ...]:
    """Return the distinct unknown atoms that can still move an open node, in the order of the set."""
    return tuple([compiled.atoms[i] for i in numbers(compiled.question(node).open(state))])
