"""Answering what a circuit asks from a batch of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.cohort.facts.asked import HasCode, Known, Measured
from crithidia.cohort.facts.findings import Findings
from crithidia.cohort.facts.readings import Readings
from crithidia.cohort.facts.statements import Statements
from crithidia.cohort.facts.timing import with_times
from crithidia.cohort.once import once
from crithidia.cohort.words import packed

if TYPE_CHECKING:
    from collections.abc import Hashable

    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.words import Words


class FactAnswers:
    """The bits of one batch of people, worked out from their facts."""

    def __init__(self, batch: FactBatch) -> None:
        self.people = batch.size
        self.readings = Readings(batch)
        self.statements = Statements(batch, self.readings)

    @once
    def findings(self) -> Findings:
        """What is known of every finding."""
        return with_times(Findings(self.people, self.statements.by_literal))

    def __call__(self, key: Hashable) -> Words:
        """Return the bit of a key."""
        if isinstance(key, Known):
            literal = key.concept, key.present
            return self.findings.attributed(literal) if key.attributed else self.findings.known(literal)
        if isinstance(key, Measured):
            return packed(self.readings.people(key.atom)[0 if key.holds else 1])
        if isinstance(key, HasCode):
            return packed(self.readings.codes(key.concept, key.code))
        msg = f"no facts answer {key!r}"
        raise TypeError(msg)
