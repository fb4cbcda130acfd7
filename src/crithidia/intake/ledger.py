"""The books of a conversion: what was read, and what became of each piece of it. They must add up.

A piece is a cell of a table, a row of a database or a resource of an export. Each is counted once, under the
source it stood in: ``used``, ``empty``, ``unknown`` (recorded as not known), ``context`` (says when, who, or
within which limits), ``not_mapped``, ``ignored`` (on purpose), ``unsure`` (waits for a decision) or refused
with a reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = "conversion/1"
OUTCOMES: Final = ("used", "empty", "unknown", "context", "not_mapped", "ignored", "unsure")


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be used: where it stood, what it was, why, and what to do.

    ``pieces`` says how many pieces it stands for: a row without a person takes all its cells with it.
    """

    row: str
    column: str
    value: str
    reason: str
    message: str
    remedy: str = ""
    person: str = ""
    pieces: int = 1


@dataclass
class Ledger:
    """Counts by source. ``piece`` names what is counted."""

    piece: str = "cells"
    read: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    people: int = 0
    facts: int = 0
    rows: int = 0
    rows_refused: Counter[str] = field(default_factory=Counter)

    def count(self, source: str, outcome: str, pieces: int = 1) -> None:
        """Count pieces read from a source and what became of them."""
        if pieces:
            self.read[source] += pieces
            self.outcomes.setdefault(source, Counter())[outcome] += pieces

    def refuse(self, source: str, reason: str, pieces: int = 1) -> None:
        """Count pieces that could not be used."""
        if pieces:
            self.read[source] += pieces
            self.refused.setdefault(source, Counter())[reason] += pieces

    def total(self, outcome: str) -> int:
        """Return how many pieces had an outcome."""
        return sum(counts[outcome] for counts in self.outcomes.values())

    def reasons(self) -> Counter[str]:
        """Return how many pieces were refused for each reason."""
        return sum(self.refused.values(), Counter())

    def check(self, expected: int) -> None:
        """Hold the books to the input: ``expected`` pieces came in, and each is accounted for once."""
        counted = sum(self.total(outcome) for outcome in OUTCOMES) + self.reasons().total()
        if not expected == counted == self.read.total():
            msg = f"{expected} {self.piece} came in, {counted} are accounted for"
            raise AssertionError(msg)

    def report(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Return the books as plain data."""
        return {
            "crithidia": FORMAT, **about,
            "rows": {"read": self.rows, "refused": dict(self.rows_refused)},
            "people": self.people, "facts": self.facts,
            self.piece: {"read": self.read.total(), **{name: self.total(name) for name in OUTCOMES},
                         "refused": dict(self.reasons().most_common())},
            "sources": {
                source: {"read": count, **self.outcomes.get(source, {}),
                         "refused": dict(self.refused.get(source, {}))}
                for source, count in self.read.items()
            },
        }  # fmt: skip


def lines(ledger: Ledger) -> list[str]:
    """Return the books as a table for a terminal."""
    total = {"read": ledger.read.total(), **{name: ledger.total(name) for name in OUTCOMES}}
    found = [f"{count:>12,}  {ledger.piece} {name.replace('_', ' ')}" for name, count in total.items()
             if count or name in {"read", "used"}]  # fmt: skip
    found += [f"{count:>12,}  {ledger.piece} refused: {reason}" for reason, count in
              ledger.reasons().most_common()]  # fmt: skip
    return [*found, f"{ledger.facts:>12,}  facts of {ledger.people:,} people"]
