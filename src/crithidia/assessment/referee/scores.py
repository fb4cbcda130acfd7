"""A stated score against the facts: which items make it, and what stands behind each of them."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from crithidia.assessment.referee.evidence import is_shown, needed_for
from crithidia.assessment.referee.finding import Finding
from crithidia.assessment.referee.ways import Counting, Way, Ways
from crithidia.case import ClaimKind
from crithidia.evaluation.bounds import UNKNOWN
from crithidia.foundation.text import Phrase
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crithidia.assessment.referee.standing import Standing
    from crithidia.case import Claim, Fact
    from crithidia.definition import Domain, Item
    from crithidia.evaluation import CompiledSet, Result
    from crithidia.evaluation.bounds import State

_SHOWN: Final = 4


def stated_scores(standing: Standing) -> Iterator[Finding]:
    """Yield what is odd about each stated score."""
    for claim in standing.claims(ClaimKind.SCORE):
        yield from _Stated(claim, standing).findings()


class _Stated:
    """One stated score, its set, and the facts without those that rest on the claim."""

    def __init__(self, claim: Claim, standing: Standing) -> None:
        assert claim.number is not None  # noqa: S101  (the reader gives every score its number)
        self.claim = claim
        self.total: Decimal = claim.number
        self.standing = standing
        self.result: Result = standing.evidenced(claim.about)
        self.compiled: CompiledSet = self.result.compiled
        self.named = {name: self._meant_by(name) for name in claim.counted}

    def findings(self) -> Iterator[Finding]:
        nothing_known = tuple(UNKNOWN for _ in self.compiled.atoms)
        if self._ways(nothing_known).impossible:
            yield self._found("total_impossible", score=self.result.score_in(self.result.column.id))
            return
        fitting = self._ways(self.result.state)
        if fitting.impossible:
            yield self._against_facts()
            return
        named = self._ways(self.result.state, named=True) if self.named else fitting
        if named.impossible:
            yield self._named_do_not_add_up()
            return
        for item in self.compiled.set.items():
            if item.id in named.always:
                yield from self._unsupported(item.id, named.ways)

    def _columns(self, state: State) -> Iterator[Counting]:
        for column in self.compiled.set.columns:
            counting = Counting(self.compiled, column.id, state)
            if counting.possible(()):
                yield counting

    def _ways(self, state: State, *, named: bool = False) -> Ways:
        if not named:
            return Ways.either(counting.ways(self.total) for counting in self._columns(state))
        known = frozenset(item for items in self.named.values() for item in items)
        found = Ways.either(c.ways(self.total, known.__contains__) for c in self._columns(state))
        return found.covering(self.named.values())

    def _meant_by(self, name: str) -> frozenset[str]:
        """Return the items that a named concept can mean: itself, its kinds, and what it is a kind of."""
        return frozenset(
            item.id for item in self.compiled.set.items()
            if item.id == name or any(_akin(name, a.concept) for a in self.compiled.atoms_of(item.when))
        )  # fmt: skip

    def _found(self, rule: str, *, facts: Iterable[Fact] = (), arithmetic: Iterable[Phrase] = (),
               **more: Any) -> Finding:  # fmt: skip
        return Finding.of(rule, facts=facts, claims=(self.claim,), arithmetic=arithmetic, total=self.total,
                          set=self.claim.about, source=self.compiled.set.citation.short, **more)  # fmt: skip

    def _against_facts(self) -> Finding:
        present = [item for item in self.result.items if item.points]
        lines = [self._sum_line([(item.item, item.worth) for item in present])] if present else []
        facts = [fact for item in present for fact in item.evidence]
        return self._found("total_against_facts", score=self.result.score, facts=facts,
                           arithmetic=lines)  # fmt: skip

    def _named_do_not_add_up(self) -> Finding:
        nothing_known = tuple(UNKNOWN for _ in self.compiled.atoms)
        sums = sorted({total for counting in self._columns(nothing_known)
                       for total in counting.totals(tuple(self.named.values()))})  # fmt: skip
        return self._found("named_items_do_not_add_up", totals=tuple(sums),
                           concepts=tuple(self.named))  # fmt: skip

    def _unsupported(self, item_id: str, ways: tuple[Way, ...]) -> Iterator[Finding]:
        item, domain = self._item(item_id)
        if self.result.truth(item) is Truth.PRESENT or is_shown(item, self.result.picture):
            return
        lower = self._recorded_instead(item, domain)
        worth = self._worth(item)
        claimed = self.standing.result(self.claim.about)
        asserted = [f for f in claimed.evidence(item) if f.is_claimed]
        lines = [self._way_line(way) for way in ways[:_SHOWN]]
        among = Phrase.of("referee_of_items_named" if self.named else "referee_of_all_items")
        common: dict[str, Any] = {"item": item.label, "points": worth, "evidence": needed_for(item),
                                  "among": among}  # fmt: skip
        if lower is None:
            rest = Phrase.of("referee_line_without", total=self.total, points=worth, rest=self.total - worth)
            yield self._found("counted_without_evidence", **common, facts=asserted,
                              arithmetic=[*lines, rest, self._on_evidence()])  # fmt: skip
            return
        facts: list[Fact] = [*asserted, *self.result.evidence(lower)]
        instead = self.total - worth + self._worth(lower)
        replaced = [self._way_line(way, item, lower) for way in ways[:1]]
        yield self._found("counted_beyond_evidence", **common, facts=facts, lower=lower.label,
                          lower_points=self._worth(lower), instead=instead,
                          arithmetic=[*lines, *replaced, self._on_evidence()])  # fmt: skip

    def _item(self, item_id: str) -> tuple[Item, Domain]:
        return next((item, domain) for domain in self.compiled.set.domains
                    for item in domain.items if item.id == item_id)  # fmt: skip

    def _worth(self, item: Item) -> Decimal:
        column = self.result.column.id
        return item.points.get(column) or next(iter(item.points.values()))

    def _recorded_instead(self, item: Item, domain: Domain) -> Item | None:
        """Return the best item of the same domain that is recorded as present, if only the best counts."""
        if domain.count != "highest":
            return None
        present = [i for i in domain.items if i is not item and self.result.truth(i) is Truth.PRESENT]
        return max(present, key=self._worth, default=None)

    def _way_line(self, way: Way, gone: Item | None = None, instead: Item | None = None) -> Phrase:
        items = [self._item(item_id)[0] for item_id in way]
        chosen = [instead if instead and gone and item.id == gone.id else item for item in items]
        return self._sum_line([(item, self._worth(item)) for item in chosen])

    def _sum_line(self, counted: list[tuple[Item, Decimal]]) -> Phrase:
        parts = [Phrase.of("referee_points_of", points=worth, item=item.label) for item, worth in counted]
        added = reduce(lambda a, b: Phrase.of("referee_plus", first=a, second=b), parts)
        return Phrase.of("referee_line_points", parts=added, sum=sum((w for _, w in counted), Decimal(0)))

    def _on_evidence(self) -> Phrase:
        verdict = Phrase.of(f"verdict_{self.result.verdict.value}")
        if self.result.threshold is None:
            return Phrase.of("referee_line_on_evidence_by_rule", score=self.result.score, verdict=verdict)
        return Phrase.of("referee_line_on_evidence", score=self.result.score,
                         threshold=self.result.threshold, verdict=verdict)  # fmt: skip


def _akin(name: str, concept: str) -> bool:
    """Return whether one is a kind of the other."""
    closure = shipped_vocabulary().implications.closure
    return (concept, True) in closure((name, True)) or (name, True) in closure((concept, True))
