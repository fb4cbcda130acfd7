"""A fact: concept, value, time, provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crithidia.case.moment import Moment
    from crithidia.case.values import Value
    from crithidia.foundation.problems import Position


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from: a place in a file, a quotation, or the rule that derived it.

    ``claimed`` marks what the authors assert without the record showing it.
    """

    where: Position | None = None
    quote: str = ""
    page: str = ""
    note: str = ""
    rule: str = ""
    derived_from: tuple[Fact, ...] = ()
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a person.

    ``until`` ends what lasts, such as a treatment; ``explained_by`` names a cause the recorder
    prefers.
    """

    concept: str
    value: Value
    at: Moment | None = None
    provenance: Provenance = Provenance()
    explained_by: str = ""
    until: Moment | None = None

    @property
    def is_derived(self) -> bool:
        """Whether a rule made this fact out of others."""
        return bool(self.provenance.rule)

    @property
    def is_claimed(self) -> bool:
        """Whether the fact rests on nothing but what the authors assert."""
        return all(root.provenance.claimed for root in self.roots())

    def roots(self) -> tuple[Fact, ...]:
        """Return the recorded facts that this one rests on; itself if it was recorded."""
        if not self.provenance.derived_from:
            return (self,)
        return tuple(root for fact in self.provenance.derived_from for root in fact.roots())
