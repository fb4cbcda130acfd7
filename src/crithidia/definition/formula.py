"""The nodes of numeric scores: a family of their own beside the nodes of criteria sets.

A ``Formula`` is a score whose value is a number worked out from measured values, findings and
codes. Statements may stand in it (``Choice``), and ``Reaches`` compares it with a threshold. The
nodes are frozen, compare by content, refuse to be built wrong, and know nothing of intervals:
``definition.extent`` says what values they can take.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from crithidia.definition.nodes import Node, Score, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from fractions import Fraction

Occasion = Literal["visit", "baseline"]
GRADES: Final = ("-", "+", "++", "+++", "++++")
"""The grades of an antibody, which stand where a coded finding has its codes."""
Function = Literal["ln", "log10", "sqrt", "exp", "floor"]
FUNCTIONS: Final[tuple[Function, ...]] = ("ln", "log10", "sqrt", "exp", "floor")


class Formula(Score):
    """A score that is worked out from numbers."""

    __slots__ = ()

    def inputs(self) -> tuple[Measured | Coded, ...]:
        """Return the distinct values that are put in, in order of first appearance."""
        return tuple(dict.fromkeys(n for n in self.walk() if isinstance(n, (Measured, Coded))))


@dataclass(frozen=True, slots=True)
class Constant(Formula):
    """A number as the paper prints it."""

    value: Decimal

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            msg = "a constant must be a finite number"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Measured(Formula):
    """A quantity in its canonical unit, at the visit that is scored or at the one it is compared with."""

    concept: str
    occasion: Occasion = "visit"


@dataclass(frozen=True, slots=True)
class Coded(Formula):
    """The number that a coded finding stands for; every code has one."""

    concept: str
    values: tuple[tuple[str, Decimal], ...]
    occasion: Occasion = "visit"

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.values]
        if not codes or len(set(codes)) != len(codes):
            msg = f"every code of {self.concept} needs one number"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Parts(Formula):
    of: tuple[Formula, ...]

    def __post_init__(self) -> None:
        if not self.of:
            msg = f"{type(self).__name__} needs at least one part"
            raise ValueError(msg)

    def children(self) -> tuple[Node, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Total(_Parts):
    """The parts added up."""


@dataclass(frozen=True, slots=True)
class Product(_Parts):
    """The parts multiplied."""


@dataclass(frozen=True, slots=True)
class Least(_Parts):
    """The lowest of the parts."""


@dataclass(frozen=True, slots=True)
class Greatest(_Parts):
    """The highest of the parts."""


@dataclass(frozen=True, slots=True)
class Quotient(Formula):
    """One part divided by another."""

    numerator: Formula
    denominator: Formula

    def children(self) -> tuple[Node, ...]:
        """Return numerator and denominator."""
        return self.numerator, self.denominator


@dataclass(frozen=True, slots=True)
class Raised(Formula):
    """The part to a fixed power."""

    part: Formula
    exponent: Fraction

    def children(self) -> tuple[Node, ...]:
        """Return the part."""
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Applied(Formula):
    """A rising function of the part: logarithm, root, exponential, whole number below."""

    function: Function
    part: Formula

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            msg = f"'{self.function}' is not one of {', '.join(FUNCTIONS)}"
            raise ValueError(msg)

    def children(self) -> tuple[Node, ...]:
        """Return the part."""
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Rounded(Formula):
    """The part rounded to so many decimal places, halves away from zero."""

    part: Formula
    places: int

    def children(self) -> tuple[Node, ...]:
        """Return the part."""
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Cut:
    """An upper limit of a band; ``included`` says whether the limit itself still lies below."""

    limit: Decimal
    included: bool


@dataclass(frozen=True, slots=True)
class Banded(Formula):
    """A number for each band of the part; ``cuts`` rise and part one band from the next."""

    part: Formula
    cuts: tuple[Cut, ...]
    values: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.cuts) + 1:
            msg = f"{len(self.cuts)} limits make {len(self.cuts) + 1} bands, not {len(self.values)}"
            raise ValueError(msg)
        keys = [(cut.limit, cut.included) for cut in self.cuts]
        if any(one >= other for one, other in pairwise(keys)):
            msg = "the limits of the bands must rise, or fall, from one to the next"
            raise ValueError(msg)

    def children(self) -> tuple[Node, ...]:
        """Return the part."""
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Choice(Formula):
    """One number if the statement holds, another if it does not; points are a choice with 0."""

    when: Statement
    then: Formula
    otherwise: Formula

    def children(self) -> tuple[Node, ...]:
        """Return the statement and both numbers."""
        return self.when, self.then, self.otherwise


def formulas(node: Node) -> Iterator[Formula]:
    """Yield every formula at or below a node."""
    return (part for part in node.walk() if isinstance(part, Formula))
