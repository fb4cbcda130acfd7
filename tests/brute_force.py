"""The plain reference: what a definition says when everything is known, and all completions.

Nothing here is shared with the engines. A world settles every finding and gives every quantity
one value; a definition is then true or false, or a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

from crithidia.definition import Node, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Value = Decimal | bool


@dataclass(frozen=True)
class World:
    """One way things could be: findings true or false, quantities with a number, codes."""

    findings: Mapping[str, bool]
    numbers: Mapping[str, Decimal]
    codes: Mapping[str, str]


def value(node: Node, world: World) -> Value:  # noqa: C901, PLR0911  (one line a node kind)
    """Return what a node is worth in a world."""
    match node:
        case nodes.Has(concept):
            return world.findings[concept]
        case nodes.Is(concept, code):
            return world.codes[concept] == code
        case nodes.Compares(concept, comparator, threshold, _):
            return _compare(world.numbers[concept], comparator, threshold)
        case nodes.All(of):
            return all(value(part, world) for part in of)
        case nodes.Any(of):
            return any(value(part, world) for part in of)
        case nodes.AtLeast(of, count):
            return sum(bool(value(part, world)) for part in of) >= count
        case nodes.Not(part):
            return not value(part, world)
        case nodes.Reaches(score, comparator, threshold):
            return _compare(Decimal(value(score, world)), comparator, threshold)
        case nodes.Points(when, points):
            return points if value(when, world) else Decimal(0)
        case nodes.Sum(of):
            return sum((Decimal(value(part, world)) for part in of), Decimal(0))
        case nodes.Highest(of):
            return max(Decimal(value(part, world)) for part in of)
        case nodes.Capped(part, limit):
            return min(Decimal(value(part, world)), limit)
    raise TypeError(type(node))


def _compare(number: Decimal, comparator: str, threshold: Decimal) -> bool:
    return {"<": number < threshold, "<=": number <= threshold,
            ">": number > threshold, ">=": number >= threshold}[comparator]  # fmt: skip


def worlds(
    concepts: Sequence[str],
    rules: Sequence[tuple[str, str, bool]],
    known: Mapping[str, bool],
    numbers: Mapping[str, Sequence[Decimal]],
    codes: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[World]:
    """Yield every world in which all rules (a present makes b present or absent) hold."""
    codes = codes or {}
    choices = [(known[c],) if c in known else (False, True) for c in concepts]
    for truths in product(*choices):
        findings = dict(zip(concepts, truths, strict=True))
        if all(not findings[a] or findings[b] is effect for a, b, effect in rules):
            for values in product(*numbers.values()):
                for chosen in product(*codes.values()):
                    yield World(findings, dict(zip(numbers, values, strict=True)),
                                dict(zip(codes, chosen, strict=True)))  # fmt: skip


def hull(node: Node, possible: Sequence[World]) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest value over all worlds."""
    found = [Decimal(value(node, world)) for world in possible]
    return min(found), max(found)
