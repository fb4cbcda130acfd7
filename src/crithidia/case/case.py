"""A case: the facts of one person, and where they were taken from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from datetime import date

    from crithidia.case.claim import Claim
    from crithidia.case.fact import Fact
    from crithidia.case.moment import Moment


@dataclass(frozen=True, slots=True)
class Source:
    """The publication or record that a case was taken from."""

    title: str = ""
    authors: str = ""
    journal: str = ""
    year: str = ""
    doi: str = ""
    pmid: str = ""

    def __str__(self) -> str:
        year = "" if self.year in self.journal else self.year
        parts = (self.authors, self.title, self.journal, year,
                 f"doi:{self.doi}" if self.doi else "")  # fmt: skip
        return ". ".join(part.rstrip(".") for part in parts if part)


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one person in the order in which they were recorded.

    ``remarks`` are free words about a visit, ``claims`` what the authors conclude; nothing is concluded
    from either.
    """

    id: str
    facts: tuple[Fact, ...]
    source: Source = Source()
    notes: str = ""
    index_date: date | None = None
    remarks: tuple[tuple[Moment, str], ...] = ()
    claims: tuple[Claim, ...] = ()

    def of(self, concept: str) -> tuple[Fact, ...]:
        """Return the facts about one concept, in order."""
        return tuple(fact for fact in self.facts if fact.concept == concept)

    def without_claimed(self) -> Case:
        """Return the case without the facts that rest on the authors' assertion alone."""
        kept = tuple(fact for fact in self.facts if not fact.is_claimed)
        return self if len(kept) == len(self.facts) else replace(self, facts=kept)

    def until(self, moment: Moment | None) -> Case:
        """Return the case as it was known at a moment; facts without a time stay.

        Raises ``InputError`` for a date and an offset that nothing puts in order.
        """
        if moment is None:
            return self
        limit = moment.resolved(self.index_date)
        later = [fact.at.is_after(limit) if fact.at else False for fact in self.facts]
        if None in later:
            fact = self.facts[later.index(None)]
            raise refuse(
                f"'{fact.at}' cannot be compared with '{moment}'", fact.provenance.where,
                "give index_date: in the case file, so that dates and offsets can be compared",
            )  # fmt: skip
        kept = tuple(f for f, is_later in zip(self.facts, later, strict=True) if not is_later)
        return replace(self, facts=kept)
