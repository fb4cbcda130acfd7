"""A criteria set as its paper lays it out: entry, exclusions, domains of items, categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from crithidia.definition.nodes import (
    All,
    Any,
    Atom,
    Capped,
    Highest,
    Node,
    Not,
    Points,
    Reaches,
    Score,
    Statement,
    Sum,
)
from crithidia.definition.ties import scale_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from crithidia.foundation.text import Text

Counting = Literal["highest", "sum"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a clause comes from."""

    doi: str = ""
    pmid: str = ""
    title: str = ""
    authors: str = ""
    journal: str = ""
    year: int = 0
    place: str = ""

    def at(self, place: str) -> Citation:
        """Return the same paper at another table or page."""
        return Citation(self.doi, self.pmid, self.title, self.authors, self.journal,
                        self.year, place)  # fmt: skip

    @property
    def short(self) -> str:
        """Return paper, place and identifier on one line."""
        name = f"{self.authors} {self.year}".strip() if self.year else self.authors
        identifier = f"doi:{self.doi}" if self.doi else f"PMID {self.pmid}" if self.pmid else ""
        return ", ".join(part for part in (name, self.place, identifier) if part)


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement of the paper, with its name, meaning and source."""

    id: str
    label: Text
    when: Statement
    citation: Citation
    definition: Text | None = None
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Item(Clause):
    """A clause that scores; ``points`` per column of the paper's table."""

    points: Mapping[str, Decimal] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Domain:
    """Items that are scored together: all of them added, or only the highest counted."""

    id: str
    label: Text
    count: Counting
    items: tuple[Item, ...]
    cap: Decimal | None = None
    group: str = ""
    citation: Citation = field(default_factory=Citation)

    def score(self, column: str) -> Score:
        """Return the domain's score in one column of the table."""
        parts = tuple(
            Points(item.when, item.points[column]) for item in self.items if column in item.points
        )
        if not parts:
            msg = f"domain '{self.id}' has no item in column '{column}'"
            raise ValueError(msg)
        whole: Score = Highest(parts) if self.count == "highest" else Sum(parts)
        return whole if self.cap is None else Capped(whole, self.cap)


@dataclass(frozen=True, slots=True)
class Category(Clause):
    """A grade of classification (definite, probable); only some count as classified."""

    classified: bool = True


@dataclass(frozen=True, slots=True)
class Subgroup(Clause):
    """A leaf of the authors' subgroup tree; it applies to those who are classified."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of weights with its own cut-offs, and when the authors say to use it.

    ``intercept`` belongs to a logistic model: probability = 1 / (1 + exp(intercept - score)).
    """

    id: str
    label: Text
    categories: tuple[Category, ...]
    when: Statement | None = None
    intercept: Decimal | None = None

    @property
    def classified(self) -> Statement:
        """Return the statement that one of the categories that count is reached."""
        parts = tuple(c.when for c in self.categories if c.classified)
        return parts[0] if len(parts) == 1 else Any(parts)


@dataclass(frozen=True, slots=True)
class Performance:
    """Sensitivity and specificity (0 to 1) as the authors report them."""

    sensitivity: float
    specificity: float
    setting: Text
    citation: Citation


@dataclass(frozen=True)
class CriteriaSet:
    """A published criteria set, complete: everything an interpreter or a page needs."""

    id: str
    title: Text
    disease: Text
    citation: Citation
    domains: tuple[Domain, ...]
    columns: tuple[Column, ...]
    entry: Clause | None = None
    exclusions: tuple[Clause, ...] = ()
    sufficient: tuple[Clause, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    also_published: tuple[Citation, ...] = ()
    performance: tuple[Performance, ...] = ()
    scope: Text | None = None
    notes: tuple[Text, ...] = ()
    attribution: Text | None = None
    replaces: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()

    def items(self) -> Iterator[Item]:
        """Yield every item in the order of the table."""
        for domain in self.domains:
            yield from domain.items

    def clauses(self) -> Iterator[Clause]:
        """Yield every clause: entry, exclusions, sufficient, items, categories, subgroups."""
        if self.entry:
            yield self.entry
        yield from self.exclusions
        yield from self.sufficient
        yield from self.items()
        for column in self.columns:
            yield from column.categories
        yield from self.subgroups

    def score(self, column: str) -> Score:
        """Return the total score in one column of the table."""
        parts = tuple(domain.score(column) for domain in self.domains
                      if any(column in item.points for item in domain.items))  # fmt: skip
        return parts[0] if len(parts) == 1 else Sum(parts)

    @cached_property
    def classified(self) -> Statement:
        """Return the statement that sufficient criteria or a category are reached."""
        ways: list[Statement] = [clause.when for clause in self.sufficient]
        ways.extend(
            All((column.when, column.classified)) if column.when else column.classified
            for column in self.columns
        )
        return ways[0] if len(ways) == 1 else Any(tuple(ways))

    @cached_property
    def fulfilled(self) -> Statement:
        """Return the whole set as one statement: entry, no exclusion, classified."""
        parts: list[Statement] = [self.entry.when] if self.entry else []
        parts.extend(Not(clause.when) for clause in self.exclusions)
        parts.append(self.classified)
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """Return all atoms of the set, each once, in order of first appearance."""
        roots: list[Node] = [*(clause.when for clause in self.clauses()), self.fulfilled]
        return tuple(dict.fromkeys(atom for root in roots for atom in root.atoms()))

    @cached_property
    def scale(self) -> int:
        """Return the factor that makes every number of the set an integer."""
        scores = (self.score(column.id) for column in self.columns)
        return max(scale_of(node) for node in (self.fulfilled, *scores))

    def threshold(self, column: str) -> Decimal | None:
        """Return the lowest total score that classifies in that column, if a score decides."""
        total = self.score(column)
        chosen = next(c for c in self.columns if c.id == column)
        cuts = [
            node.threshold
            for category in chosen.categories if category.classified
            for node in category.when.walk()
            if isinstance(node, Reaches) and node.score == total
        ]  # fmt: skip
        return min(cuts, default=None)
