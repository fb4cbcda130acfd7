"""A case in two lights: with everything that is recorded, and without what the authors only assert."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from crithidia.evaluation import Result, compiled_set, evaluate_picture
from crithidia.interpretation import Interpretation, interpret

if TYPE_CHECKING:
    from crithidia.case import Case, Claim, ClaimKind


@dataclass
class Standing:
    """What is shown by a case; results of sets are worked out when a rule asks for them."""

    case: Case
    shown: Interpretation
    results: dict[str, Result] = field(default_factory=dict)
    _evidenced: dict[str, Result] = field(default_factory=dict)

    @cached_property
    def evidence(self) -> Interpretation:
        """What the case shows without the facts that rest on a claim alone."""
        kept = self.case.without_claimed()
        return self.shown if kept is self.case else interpret(kept)

    def result(self, set_id: str) -> Result:
        """Return the result of a set on everything that is recorded."""
        if set_id not in self.results:
            self.results[set_id] = evaluate_picture(compiled_set(set_id), self.shown.picture)
        return self.results[set_id]

    def evidenced(self, set_id: str) -> Result:
        """Return the result of a set without what is only asserted."""
        if self.evidence is self.shown:
            return self.result(set_id)
        if set_id not in self._evidenced:
            self._evidenced[set_id] = evaluate_picture(compiled_set(set_id), self.evidence.picture)
        return self._evidenced[set_id]

    def claims(self, kind: ClaimKind) -> tuple[Claim, ...]:
        """Return the claims of one kind, in order."""
        return tuple(claim for claim in self.case.claims if claim.kind is kind)
