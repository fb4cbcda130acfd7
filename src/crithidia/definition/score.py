"""A disease-specific score as its paper lays it out: inputs, parts, total, categories, validity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from crithidia.definition.formula import Coded, Formula, Measured, Rounded
from crithidia.definition.nodes import Atom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.definition.criteria_set import Citation, Clause, Performance
    from crithidia.definition.nodes import Node
    from crithidia.foundation.spans import Span
    from crithidia.foundation.text import Text

OutcomeName = Literal["score", "before", "change", "percent_change"]
OUTCOMES: Final[tuple[OutcomeName, ...]] = ("score", "before", "change", "percent_change")


@dataclass(frozen=True, slots=True)
class Outcome(Formula):
    """A number that comes out of two visits: the score now, the one before, the change."""

    name: OutcomeName


@dataclass(frozen=True, slots=True)
class ScoreInput:
    """What a score asks for, and the values that the paper permits.

    ``standing`` is what holds at every visit (sex, an antibody ever found); anything else must have
    been recorded at the visit that is scored. ``ruled_out_by`` names the quantity whose measurement
    shows that the finding is absent (a transfer factor that was measured could be performed).
    """

    concept: str
    permitted: Span
    citation: Citation
    whole: bool = False
    standing: bool = False
    ruled_out_by: str = ""
    note: Text | None = None
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of the arithmetic, as it is shown to a reader."""

    id: str
    label: Text
    formula: Formula
    citation: Citation
    definition: Text | None = None
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Rounding:
    """To how many places the paper reports the score, and whether cut-offs see the rounded value."""

    places: int
    cutoffs: Literal["rounded", "unrounded"]
    citation: Citation
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Apart:
    """How far the visit that a score is compared with lies before: number and unit (d, wk, mo, a)."""

    at_least: tuple[float, str] | None = None
    at_most: tuple[float, str] | None = None


@dataclass(frozen=True)
class ScoreDefinition:
    """A published score, complete: everything an interpreter or a page needs.

    ``categories`` stand in the paper's order; ``valid`` lists to whom it applies; ``changes`` what
    the paper calls a response between two visits; ``concerns`` the criteria sets and findings of the
    diseases it belongs to; ``recorded_as`` the concept under which a case may state the total.
    """

    id: str
    title: Text
    disease: Text
    citation: Citation
    unit: str
    inputs: tuple[ScoreInput, ...]
    parts: tuple[Part, ...]
    formula: Formula
    rounding: Rounding | None = None
    categories: tuple[Clause, ...] = ()
    valid: tuple[Clause, ...] = ()
    changes: tuple[Clause, ...] = ()
    concerns: tuple[str, ...] = ()
    recorded_as: str = ""
    apart: Apart | None = None
    also_published: tuple[Citation, ...] = ()
    performance: tuple[Performance, ...] = ()
    scope: Text | None = None
    attribution: Text | None = None
    notes: tuple[Text, ...] = ()

    @property
    def judged(self) -> Formula:
        """Return what the cut-offs are applied to: the total, rounded first if the paper says so."""
        if self.rounding is None or self.rounding.cutoffs == "unrounded":
            return self.formula
        return Rounded(self.formula, self.rounding.places)

    @cached_property
    def compares_visits(self) -> bool:
        """Whether the arithmetic itself needs an earlier visit."""
        return any(leaf.occasion == "baseline" for leaf in self.formula.inputs())

    @cached_property
    def by_concept(self) -> dict[str, ScoreInput]:
        """The declared inputs by concept."""
        return {given.concept: given for given in self.inputs}

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        """Every concept that the score asks for, in order of first appearance."""
        roots: tuple[Node, ...] = (self.formula, *(clause.when for clause in self.clauses()))
        leaves = (leaf for root in roots for leaf in root.walk() if isinstance(leaf, (Measured, Coded, Atom)))
        return tuple(dict.fromkeys(leaf.concept for leaf in leaves))

    def clauses(self) -> Iterator[Clause]:
        """Yield every clause: to whom it applies, categories, changes."""
        yield from self.valid
        yield from self.categories
        yield from self.changes

    @property
    def unverified(self) -> int:
        """How many statements were not checked against the primary text."""
        marked = (*self.inputs, *self.parts, *self.clauses(), *([self.rounding] if self.rounding else ()))
        return sum(statement.unverified for statement in marked)
