"""All completions of a definition at once: the reference of ``brute_force``, one bit a world.

Every atom is taken as a finding that holds or not. Which of them can hold together follows from
the concepts alone (kinds, procedures, exclusions), from the order of thresholds and from codes;
nothing is shared with the engine. ``as_findings`` lets the plain reference judge the same worlds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from crithidia.definition import Atom, Node, nodes
from crithidia.vocabulary import shipped_vocabulary
from tests.brute_force import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Rule = tuple[int, int, bool]
Values = dict[Decimal, int]
FEASIBLE: Final = 14


@cache
def _general(concept: str) -> frozenset[str]:
    """Return the concept and all that is present whenever it is."""
    entry = shipped_vocabulary()[concept]
    return frozenset({concept}).union(*map(_general, (*entry.is_a, *entry.requires)))


@cache
def _excluded(concept: str) -> frozenset[str]:
    """Return what is excluded by the concept or by anything more general, as stated there."""
    stated = (shipped_vocabulary()[name].excludes for name in _general(concept))
    return frozenset(name for names in stated for name in names)


def _consequence(a: Atom, b: Atom) -> bool | None:
    """Return the truth of b that a brings with it; None if it brings none."""
    if isinstance(a, nodes.Has) and isinstance(b, nodes.Has):
        if b.concept in _general(a.concept):
            return True
        apart = _excluded(a.concept) & _general(b.concept) or _excluded(b.concept) & _general(a.concept)
        return False if apart else None
    if isinstance(a, nodes.Is) and isinstance(b, nodes.Is):
        return False if a.concept == b.concept else None
    if isinstance(a, nodes.Compares) and isinstance(b, nodes.Compares) and a.concept == b.concept:
        return _beyond(a, b)
    return None


def _beyond(a: nodes.Compares, b: nodes.Compares) -> bool | None:
    """A value above 5 is above 4; sides face to face are other values of a course."""
    same = a.comparator[0] == b.comparator[0]
    further = a.threshold > b.threshold if a.comparator[0] == ">" else a.threshold < b.threshold
    equal = a.threshold == b.threshold and (a.comparator, b.comparator) in {(">", ">="), ("<", "<=")}
    return True if same and (further or equal) else None


def rules_between(atoms: Sequence[Atom]) -> tuple[Rule, ...]:
    """Return every (i, j, truth): if atom i holds, atom j has that truth."""
    found = ((i, j, _consequence(a, b)) for i, a in enumerate(atoms) for j, b in enumerate(atoms) if i != j)
    return tuple((i, j, truth) for i, j, truth in found if truth is not None)


def as_findings(node: Node) -> Node:
    """Return the node with every atom written as a finding named after it."""
    match node:
        case Atom():
            return nodes.Has(str(node))
        case nodes.Not(part):
            return nodes.Not(as_findings(part))  # type: ignore[arg-type]
        case nodes.Reaches(score, comparator, threshold):
            return nodes.Reaches(as_findings(score), comparator, threshold)  # type: ignore[arg-type]
        case nodes.Points(when, points):
            return nodes.Points(as_findings(when), points)  # type: ignore[arg-type]
        case nodes.Capped(part, limit):
            return nodes.Capped(as_findings(part), limit)  # type: ignore[arg-type]
    return replace(node, of=tuple(as_findings(part) for part in node.children()))  # type: ignore[type-var]


def world_of(truths: Mapping[Atom, bool]) -> World:
    """Return the world for the plain reference in which ``as_findings`` can be judged."""
    return World({str(atom): truth for atom, truth in truths.items()}, {}, {})


@dataclass(frozen=True)
class Completions:
    """Every consistent completion of some atoms of which a few are known; ``possible`` has their bits."""

    atoms: tuple[Atom, ...]
    masks: dict[Atom, int]
    everywhere: int
    possible: int

    @classmethod
    def of(cls, atoms: Sequence[Atom], known: Mapping[Atom, bool], most: int = FEASIBLE) -> Completions:
        """Lay out the worlds; at most so many atoms may be unknown."""
        unknown = [atom for atom in atoms if atom not in known]
        if len(unknown) > most:
            msg = f"{len(unknown)} unknowns are too many to try"
            raise ValueError(msg)
        size = 1 << len(unknown)
        everywhere = (1 << size) - 1
        masks = {atom: everywhere if known[atom] else 0 for atom in atoms if atom in known}
        for i, atom in enumerate(unknown):
            half = 1 << i
            masks[atom] = everywhere // ((1 << 2 * half) - 1) * (((1 << half) - 1) << half)
        possible = everywhere
        for i, j, truth in rules_between(atoms):
            effect = masks[atoms[j]] if truth else everywhere ^ masks[atoms[j]]
            possible &= (everywhere ^ masks[atoms[i]]) | effect
        return cls(tuple(atoms), masks, everywhere, possible)

    def world(self, bit: int) -> World:
        """Return one world for the plain reference."""
        return world_of({atom: bool(mask >> bit & 1) for atom, mask in self.masks.items()})

    def truths(self, node: Node) -> set[bool]:
        """Return the truths that a statement has in the possible worlds."""
        mask = self.where(node)
        return {truth for truth, found in ((True, mask), (False, ~mask)) if found & self.possible}

    def hull(self, node: Node) -> tuple[Decimal, Decimal]:
        """Return the lowest and highest value of a score in the possible worlds."""
        found = [number for number, mask in self.values(node).items() if mask & self.possible]
        return min(found), max(found)

    def where(self, node: Node) -> int:
        """Return the worlds in which a statement holds."""
        match node:
            case Atom():
                return self.masks[node]
            case nodes.Not(part):
                return self.everywhere ^ self.where(part)
            case nodes.Reaches(score, comparator, threshold):
                return self._those(self.values(score), lambda n: _stands(n, comparator, threshold))
            case nodes.All(of):
                return self._those(self._counts(of), lambda n: n == len(of))
            case nodes.Any(of):
                return self._those(self._counts(of), lambda n: n >= 1)
            case nodes.AtLeast(of, count):
                return self._those(self._counts(of), lambda n: n >= count)
        raise TypeError(type(node))

    def values(self, node: Node) -> Values:
        """Return each value that a score can have, with the worlds in which it has it."""
        match node:
            case nodes.Points(when, points):
                mask = self.where(when)
                return _merged([(points, mask), (Decimal(0), self.everywhere ^ mask)])
            case nodes.Sum(of):
                return self._folded(of, lambda a, b: a + b)
            case nodes.Highest(of):
                return self._folded(of, max)
            case nodes.Capped(part, limit):
                return _merged([(min(number, limit), mask) for number, mask in self.values(part).items()])
        raise TypeError(type(node))

    def _counts(self, of: Sequence[Node]) -> Values:
        ones = [nodes.Points(part, Decimal(1)) for part in of]  # type: ignore[arg-type]
        return self._folded(ones, lambda a, b: a + b)

    def _folded(self, of: Sequence[Node], join: Callable[[Decimal, Decimal], Decimal]) -> Values:
        whole = self.values(of[0])
        for part in of[1:]:
            whole = _merged([
                (join(a, b), here & there)
                for b, there in self.values(part).items() for a, here in whole.items()
            ])  # fmt: skip
        return whole

    @staticmethod
    def _those(values: Values, wanted: Callable[[Decimal], bool]) -> int:
        found = 0
        for number, mask in values.items():
            if wanted(number):
                found |= mask
        return found


def _merged(pairs: Sequence[tuple[Decimal, int]]) -> Values:
    merged: Values = {}
    for number, mask in pairs:
        if mask:
            merged[number] = merged.get(number, 0) | mask
    return merged


def _stands(number: Decimal, comparator: str, threshold: Decimal) -> bool:
    return {"<": number < threshold, "<=": number <= threshold,
            ">": number > threshold, ">=": number >= threshold}[comparator]  # fmt: skip


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
