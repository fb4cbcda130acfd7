"""What ties the atoms of a definition together, and which of them pull both ways.

Interval arithmetic is exact only while no unknown pulls both ways. An atom is *critical* in a node if it
occurs there with both signs, or if an implication ties it to an atom of the other sign. Every
interpreter of definitions branches on these and on nothing else.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crithidia.definition.nodes import Atom, Compares, Has, Is, Node, Not, Points, Reaches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crithidia.vocabulary import Implications


def scale_of(node: Node) -> int:
    """Return the power of ten that turns every number below the node into an integer."""
    places = 0
    for part in node.walk():
        for name in ("points", "threshold", "limit"):
            number = getattr(part, name, None)
            if isinstance(number, Decimal) and not isinstance(part, Compares):
                places = max(places, -int(number.as_tuple().exponent))
    return int(10**places)


def polarities(node: Node) -> dict[Atom, int]:
    """Return the signs with which each atom moves the node: 1 up, 2 down, 3 both."""
    signs: dict[Atom, int] = {}
    _collect(node, 1, signs)
    return signs


def _collect(node: Node, sign: int, signs: dict[Atom, int]) -> None:
    if isinstance(node, Atom):
        signs[node] = signs.get(node, 0) | sign
        return
    turns = (
        isinstance(node, Not)
        or (isinstance(node, Reaches) and node.comparator in {"<", "<="})
        or (isinstance(node, Points) and node.points < 0)
    )
    for child in node.children():
        _collect(child, 3 - sign if turns else sign, signs)


Arrows = dict[tuple[int, int], tuple[tuple[int, int], ...]]


def arrows_between(atoms: Sequence[Atom], implications: Implications) -> Arrows:
    """Return what each atom's truth forces on the other atoms: (atom, truth) -> (atom, truth)s."""
    arrows: dict[tuple[int, int], set[tuple[int, int]]] = {}
    place = {atom.concept: i for i, atom in enumerate(atoms) if isinstance(atom, Has)}
    for concept, i in place.items():
        for value in (0, 1):
            for other, forced in implications.closure((concept, bool(value))):
                if other != concept and other in place:
                    arrows.setdefault((i, value), set()).add((place[other], int(forced)))
    for i, j in _ordered_thresholds(atoms):
        arrows.setdefault((i, 1), set()).add((j, 1))
        arrows.setdefault((j, 0), set()).add((i, 0))
    for i, j in _rival_codes(atoms):
        arrows.setdefault((i, 1), set()).add((j, 0))
    return {literal: tuple(sorted(forced)) for literal, forced in arrows.items()}


def _ordered_thresholds(atoms: Sequence[Atom]) -> list[tuple[int, int]]:
    """Return pairs (i, j) of comparisons of one quantity where i holding makes j hold."""
    compared = [(i, a) for i, a in enumerate(atoms) if isinstance(a, Compares)]
    return [(i, j) for i, a in compared for j, b in compared if i != j and _forces(a, b)]


def _forces(a: Compares, b: Compares) -> bool:
    if (a.concept, a.unit, a.comparator[0]) != (b.concept, b.unit, b.comparator[0]):
        return False
    beyond = a.threshold - b.threshold if a.comparator[0] == ">" else b.threshold - a.threshold
    return beyond > 0 or (beyond == 0 and (a.comparator == b.comparator or len(b.comparator) == 2))


def _rival_codes(atoms: Sequence[Atom]) -> list[tuple[int, int]]:
    coded = [(i, a) for i, a in enumerate(atoms) if isinstance(a, Is)]
    return [(i, j) for i, a in coded for j, b in coded if a.concept == b.concept and i != j]


def independent(parts: Sequence[Node], positions: Mapping[Atom, int], arrows: Arrows) -> bool:
    """Return whether no two parts share an atom or are tied by an implication."""
    taken: set[int] = set()
    for part in parts:
        own = {positions[atom] for atom in part.atoms()}
        tied = {j for (i, _), forced in arrows.items() if i in own for j, _ in forced}
        if (own | tied) & taken:
            return False
        taken |= own
    return True


def critical_atoms(node: Node, positions: Mapping[Atom, int], arrows: Arrows) -> tuple[int, ...]:
    """Return the positions of the atoms that pull a node both ways, in order."""
    signs = {positions[atom]: sign for atom, sign in polarities(node).items()}
    critical = {i for i, sign in signs.items() if sign == 3}
    for (i, value), forced in arrows.items():
        for j, consequence in forced:
            if i in signs and j in signs and not critical & {i, j}:
                # At one end of the scale i takes `value` if that is its best there.
                same_direction = (signs[i] == signs[j]) == (value == consequence)
                if not same_direction:
                    critical.add(max(i, j))
    return tuple(sorted(critical))
