"""What came out for one set: verdict, reason, interval, and the items with their evidence.

A result holds the state it came from; everything beyond the verdict is worked out when asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from crithidia.definition import Atom
from crithidia.definition.verdict import Reason, Verdict
from crithidia.evaluation.bounds import UNKNOWN, Bounds
from crithidia.evaluation.open_questions import open_atoms
from crithidia.foundation.numbers import plain
from crithidia.foundation.truth import Truth, truth_of

if TYPE_CHECKING:
    from crithidia.case import Fact
    from crithidia.definition import Category, Clause, Column, Domain, Item, Subgroup
    from crithidia.evaluation.compiled import CompiledSet, Row
    from crithidia.interpretation import Picture


_NONE = Decimal(0)
_VERDICTS = {(1, 1): Verdict.MET, (0, 0): Verdict.NOT_MET, (0, 1): Verdict.UNDETERMINED}


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """The lowest and highest score over every way the unknowns could turn out."""

    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        return plain(self.low) if self.low == self.high else f"{plain(self.low)}-{plain(self.high)}"


class ItemResult(NamedTuple):
    """One item of the table: its truth, what it is worth, what it adds, and the evidence.

    ``points`` is what the item adds to the lowest score: 0 where a higher item of its domain
    counts instead.
    """

    item: Item
    domain: Domain
    truth: Truth
    worth: Decimal
    points: Decimal
    evidence: tuple[Fact, ...]

    @property
    def id(self) -> str:
        """The item's id."""
        return self.item.id


@dataclass(frozen=True)
class Result:
    """The evaluation of one set for one patient."""

    compiled: CompiledSet
    picture: Picture
    state: tuple[Bounds, ...]
    assumed: tuple[Atom, ...] = ()

    @property
    def id(self) -> str:
        """The id of the set."""
        return self.compiled.set.id

    @cached_property
    def verdict(self) -> Verdict:
        """Met, not met or undetermined: exact over all completions of the unknowns."""
        return _VERDICTS[self.compiled.fulfilled(self.state)]

    def truth(self, clause: Clause) -> Truth:
        """Return the exact truth of any clause of the set."""
        return self._settled(clause, self.compiled.local(clause.when)(self.state))

    def _settled(self, clause: Clause, bounds: Bounds) -> Truth:
        """Return the exact truth of a clause whose local bounds are known."""
        if bounds == UNKNOWN and not isinstance(clause.when, Atom):
            hull = self.compiled.hull(clause.when)
            bounds = hull.exact(self.state) if hull.critical else bounds
        return truth_of(bounds)

    @cached_property
    def reason(self) -> Reason:
        """Why the verdict is what it is."""
        if self.verdict is Verdict.MET:
            return self._why_met()
        return self._why_not() if self.verdict is Verdict.NOT_MET else self._why_open()

    def _why_met(self) -> Reason:
        enough = any(self.truth(clause) is Truth.PRESENT for clause in self.compiled.set.sufficient)
        return Reason.SUFFICIENT if enough else Reason.SCORE_REACHED

    def _why_not(self) -> Reason:
        entry = self.compiled.set.entry
        if entry and self.truth(entry) is Truth.ABSENT:
            return Reason.ENTRY_NOT_MET
        return Reason.EXCLUDED if self.exclusions_present else Reason.SCORE_TOO_LOW

    def _why_open(self) -> Reason:
        whole = self.compiled.set
        if whole.classified is whole.fulfilled:
            return Reason.SCORE_OPEN
        if self.compiled.hull(whole.classified)(self.state) == UNKNOWN:
            return Reason.SCORE_OPEN
        entry = whole.entry
        if entry and self.truth(entry) is Truth.UNKNOWN:
            return Reason.ENTRY_OPEN
        return Reason.EXCLUSION_OPEN

    @property
    def exclusions_present(self) -> tuple[Clause, ...]:
        """The exclusions that are known to apply."""
        return self._exclusions(Truth.PRESENT)

    @property
    def exclusions_open(self) -> tuple[Clause, ...]:
        """The exclusions of which nothing is known."""
        return self._exclusions(Truth.UNKNOWN)

    def _exclusions(self, truth: Truth) -> tuple[Clause, ...]:
        return tuple(c for c in self.compiled.set.exclusions if self.truth(c) is truth)

    @cached_property
    def column(self) -> Column:
        """The column of the table in force; while it is open, the first that may apply."""
        columns = self.compiled.set.columns
        truths = [(c, self._column_truth(c)) for c in columns]
        return next((c for c, truth in truths if truth is Truth.PRESENT),
                    next((c for c, truth in truths if truth is Truth.UNKNOWN), columns[0]))  # fmt: skip

    def _column_truth(self, column: Column) -> Truth:
        if column.when is None:
            return Truth.PRESENT
        return truth_of(self.compiled.hull(column.when)(self.state))

    def score_in(self, column: str) -> ScoreInterval:
        """Return the total in one column: exact bounds over all completions."""
        bounds = self.compiled.hull(self.compiled.totals[column])(self.state)
        return self._interval(bounds)

    @cached_property
    def score(self) -> ScoreInterval:
        """The total in the column in force."""
        return self.score_in(self.column.id)

    @cached_property
    def threshold(self) -> Decimal | None:
        """The lowest total that classifies, or None where no total decides."""
        return self.compiled.thresholds[self.column.id]

    @cached_property
    def probability(self) -> tuple[float, float] | None:
        """The logistic model's lowest and highest probability, where the set has a model."""
        intercept = self.column.intercept
        if intercept is None:
            return None
        return (_logistic(intercept, self.score.low), _logistic(intercept, self.score.high))

    @cached_property
    def categories(self) -> tuple[tuple[Category, Truth], ...]:
        """Each category of the column in force, strictest first, with its truth."""
        return tuple((category, self._reached(category)) for category in self.column.categories)

    def _reached(self, category: Category) -> Truth:
        cut = self.compiled.cuts.get(id(category))
        if cut is None:
            return self.truth(category)
        return truth_of((int(self.score.low >= cut), int(self.score.high >= cut)))

    @cached_property
    def category(self) -> Category | None:
        """The strictest category that is certainly reached."""
        return next((c for c, truth in self.categories if truth is Truth.PRESENT), None)

    @cached_property
    def subgroups(self) -> tuple[Subgroup, ...]:
        """The subgroups that apply or may still apply; empty where the set is not met."""
        if self.verdict is Verdict.NOT_MET:
            return ()
        return tuple(s for s in self.compiled.set.subgroups
                     if self.truth(s) is not Truth.ABSENT)  # fmt: skip

    @cached_property
    def items(self) -> tuple[ItemResult, ...]:
        """Every item of the column in force, in the order of the table."""
        return tuple(result for domain, rows in self.compiled.tables[self.column.id]
                     for result in self._items_of(domain, rows))  # fmt: skip

    def _items_of(self, domain: Domain, rows: tuple[Row, ...]) -> list[ItemResult]:
        column, mentioned = self.column.id, self.picture.mentioned
        state = self.state
        truths = {item.id: self._settled(item, local(state)) for item, local, _ in rows}
        best = self._best(domain, truths)
        results = []
        for item, _, concepts in rows:
            truth, worth = truths[item.id], item.points[column]
            adds = truth is Truth.PRESENT and (best is None or best == item.id)
            evidence = () if mentioned.isdisjoint(concepts) else self.evidence(item)
            results.append(ItemResult(item, domain, truth, worth, worth if adds else _NONE, evidence))
        return results

    def _best(self, domain: Domain, truths: dict[str, Truth]) -> str | None:
        """Return the item that counts where only the highest does; None where all add up."""
        if domain.count != "highest":
            return None
        column = self.column.id
        present = [i for i in domain.items if truths.get(i.id) is Truth.PRESENT]
        return max(present, key=lambda i: i.points[column]).id if present else ""

    def domain_score(self, domain: Domain) -> ScoreInterval:
        """Return what a domain adds in the column in force."""
        score = self.compiled.domain_scores[domain.id, self.column.id]
        return self._interval(self.compiled.hull(score)(self.state))

    def _interval(self, bounds: Bounds) -> ScoreInterval:
        scale = Decimal(self.compiled.scale)
        return ScoreInterval(bounds[0] / scale, bounds[1] / scale)

    def evidence(self, clause: Clause) -> tuple[Fact, ...]:
        """Return the facts that speak for or against a clause, once each, in order."""
        if self.picture.mentioned.isdisjoint(self.compiled.concepts_of(clause.when)):
            return ()
        atoms = self.compiled.atoms_of(clause.when)
        found = (fact for atom in atoms for fact in self.picture.facts_behind(atom))
        return tuple({id(fact): fact for fact in found}.values())

    @cached_property
    def open(self) -> tuple[Atom, ...]:
        """The unknowns that keep the verdict open, in the order of the set; empty if settled."""
        if self.verdict is not Verdict.UNDETERMINED:
            return ()
        return open_atoms(self.compiled, self.compiled.set.fulfilled, self.state)

    def __repr__(self) -> str:
        limit = f" (threshold {plain(self.threshold)})" if self.threshold is not None else ""
        return f"<{self.id}: {self.verdict.value}, {self.reason.value}, score {self.score}{limit}>"


def _logistic(intercept: Decimal, score: Decimal) -> float:
    return 1.0 / (1.0 + math.exp(float(intercept - score)))
