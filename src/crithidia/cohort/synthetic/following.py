"""What drawn values show, by the same rules as for a single case, for arrays of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.definition.nodes import All, AtLeast, Atom, Compares, Is, Not
from crithidia.definition.nodes import Any as AnyOf
from crithidia.interpretation.measurements import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.definition import Statement
    from crithidia.interpretation.rules import LimitRule, Rules

Array = np.ndarray[Any, Any]
Bounds = tuple[Array, Array]


@dataclass(frozen=True)
class Known:
    """The values of a batch of people; NaN or a negative code is no value."""

    numbers: Mapping[str, Array]
    titres: Mapping[str, Array]
    codes: Mapping[str, Array]
    choices: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, tuple[float, float]]

    def values(self, concept: str) -> Array | None:
        """Return the numbers of a quantity or the reciprocals of a titre."""
        return self.numbers.get(concept, self.titres.get(concept))

    @property
    def size(self) -> int:
        """Return how many people there are."""
        return len(next(iter(self.codes.values())))


def derived_findings(known: Known, rules: Rules) -> Iterator[tuple[str, Array, Array, tuple[str, ...]]]:
    """Yield each finding that values settle: who has it, who has not, and which quantities say so."""
    for rule in rules.thresholds:
        behind = tuple(name for name in sorted(rule.quantities) if known.values(name) is not None)
        if behind:
            low, high = _bounds(rule.when, known)
            yield rule.finding, low, ~high, behind
    for concept, of_concept in rules.limits.items():
        if concept in known.limits:
            for limit_rule in of_concept:
                present = _beyond(known.numbers[concept], known.limits[concept], limit_rule)
                yield limit_rule.finding, present, ~present & ~np.isnan(known.numbers[concept]), (concept,)


def _beyond(values: Array, limits: tuple[float, float], rule: LimitRule) -> Array:
    if rule.flag is Flag.LOW:
        return values < limits[0]
    limit = limits[1] * float(rule.times)
    return (values > limits[1]) & ((values >= limit) if rule.inclusive else (values > limit))


def _bounds(statement: Statement, known: Known) -> Bounds:
    """Return where the statement certainly holds, and where it may."""
    if isinstance(statement, Compares):
        return _compared(statement, known)
    if isinstance(statement, Is):
        return _coded(statement, known)
    if isinstance(statement, Not):
        low, high = _bounds(statement.part, known)
        return ~high, ~low
    if isinstance(statement, (All, AnyOf, AtLeast)):
        parts = [_bounds(part, known) for part in statement.of]
        needed = (statement.count if isinstance(statement, AtLeast)
                  else len(parts) if isinstance(statement, All) else 1)  # fmt: skip
        low_count = np.sum([part[0] for part in parts], axis=0)
        high_count = np.sum([part[1] for part in parts], axis=0)
        return low_count >= needed, high_count >= needed
    if isinstance(statement, Atom):
        return np.zeros(known.size, dtype=bool), np.ones(known.size, dtype=bool)
    msg = f"{type(statement).__name__} cannot stand in a rule about values"
    raise TypeError(msg)


def _compared(atom: Compares, known: Known) -> Bounds:
    values = known.values(atom.concept)
    if values is None:
        return np.zeros(known.size, dtype=bool), np.ones(known.size, dtype=bool)
    threshold = float(atom.threshold)
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[atom.comparator]
    holds: Array = compare(values, threshold)
    return holds, holds | np.isnan(values)


def _coded(atom: Is, known: Known) -> Bounds:
    codes = known.codes.get(atom.concept)
    if codes is None:
        return np.zeros(known.size, dtype=bool), np.ones(known.size, dtype=bool)
    holds: Array = codes == known.choices[atom.concept].index(atom.code)
    return holds, holds | (codes < 0)
