"""Random complete assignments of what a set asks for, within what the vocabulary allows.

The definition is used here for one purpose: to make the entry criterion likely and exclusions rare.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from crithidia.definition import Compares, Has, Is
from crithidia.evaluation import compiled_set
from crithidia.vocabulary import shipped_vocabulary
from tests.completions import rules_between

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from crithidia.definition import Clause
    from tests.independent.known import Criteria

Value = bool | Decimal | str
Assignment = dict[str, Value]
DENSITIES: Final = (0.1, 0.25, 0.4, 0.6, 0.8)
WHOLE: Final = frozenset({"1"})  # numbers of joints, points of a questionnaire


class Draw:
    """Assignments for one set."""

    def __init__(self, set_id: str) -> None:
        compiled = compiled_set(set_id)
        self.findings = tuple(a.concept for a in compiled.atoms if isinstance(a, Has))
        self.codes = {a.concept: sorted(shipped_vocabulary()[a.concept].choices)
                      for a in compiled.atoms if isinstance(a, Is)}  # fmt: skip
        self.limits: dict[str, list[Decimal]] = {}
        for atom in compiled.atoms:
            if isinstance(atom, Compares):
                self.limits.setdefault(atom.concept, []).append(atom.threshold)
        self.names = (*self.findings, *self.codes, *self.limits)
        self.follows: dict[tuple[str, bool], list[tuple[str, bool]]] = {}
        for i, j, truth in rules_between(compiled.atoms):
            a, b = compiled.atoms[i], compiled.atoms[j]
            if isinstance(a, Has) and isinstance(b, Has):
                self.follows.setdefault((a.concept, True), []).append((b.concept, truth))
                self.follows.setdefault((b.concept, not truth), []).append((a.concept, False))
        definition = compiled.set
        self.likely = dict.fromkeys(_concepts(definition.exclusions), 0.03)
        entry = () if definition.entry is None else (definition.entry,)
        self.likely |= dict.fromkeys(_concepts(entry), 0.9)

    def value(self, name: str, density: float, chance: random.Random) -> Value:
        """Return a value for one concept."""
        if name in self.codes:
            return chance.choice(self.codes[name])
        if name in self.limits:
            return _number(name, self.limits[name], chance)
        return chance.random() < self.likely.get(name, density)

    def put(self, into: Assignment, name: str, value: Value) -> None:
        """Set one value and whatever follows from it."""
        into[name] = value
        if isinstance(value, bool):
            into.update(self.follows.get((name, value), ()))

    def complete(self, chance: random.Random, known: Mapping[str, Value] | None = None) -> Assignment:
        """Return a random assignment of everything, with what is known kept."""
        drawn: Assignment = {}
        for name, value in (known or {}).items():
            self.put(drawn, name, value)
        density = chance.choice(DENSITIES)
        for name in chance.sample(self.names, len(self.names)):
            if name not in drawn:
                self.put(drawn, name, self.value(name, density, chance))
        return drawn

    def border(self, met: Criteria, chance: random.Random) -> Iterator[Assignment]:
        """Walk from one assignment to another; yield those on both sides of each change of verdict."""
        here, there = self.complete(chance), self.complete(chance)
        for name in chance.sample(self.names, len(self.names)):
            after = dict(here)
            self.put(after, name, there[name])
            if met(after)[0] != met(here)[0]:
                yield here
                yield after
            here = after


def _concepts(clauses: tuple[Clause, ...]) -> set[str]:
    return {atom.concept for clause in clauses for atom in clause.when.atoms() if isinstance(atom, Has)}


def _number(name: str, limits: list[Decimal], chance: random.Random) -> Decimal:
    """Return a value at, beside or between the limits, or anywhere around them."""
    unit = shipped_vocabulary()[name].unit
    step = Decimal(1) if unit in WHOLE else Decimal("0.01")
    if chance.random() < 0.7:
        return chance.choice(limits) + chance.choice((-step, Decimal(0), step))
    low, high = min(limits) * Decimal("0.9"), max(limits) * Decimal("1.1")
    anywhere = low + (high - low) * Decimal(chance.randrange(1001)) / 1000
    return max(anywhere.quantize(step), Decimal(0))


@cache
def draw_for(set_id: str) -> Draw:
    return Draw(set_id)
