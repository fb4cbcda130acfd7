"""Answering what a circuit asks from a batch of facts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from crithidia.cohort.facts.asked import HasCode, Known, Measured
from crithidia.cohort.facts.findings import Findings
from crithidia.cohort.facts.readings import Readings
from crithidia.cohort.facts.statements import Statements
from crithidia.cohort.facts.timing import with_times
from crithidia.cohort.words import packed

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np

    from crithidia.cohort.facts.batch import FactBatch
    from crithidia.cohort.words import Words

    Array = np.ndarray[Any, Any]


class FactAnswers:
    """The bits of one batch of people, worked out from their facts."""

    def __init__(self, batch: FactBatch) -> None:
        self.people = batch.size
        self.readings = Readings(batch)
        self.statements = Statements(batch, self.readings)

    @cached_property
    def findings(self) -> Findings:
        """What is known of every finding."""
        return with_times(Findings(self.people, self.statements.by_literal))

    def __call__(self, key: Hashable) -> Words:
        """Return the bit of a key."""
        return packed(self.truths(key))

    def truths(self, key: Hashable) -> Array:
        """Return the truth of a key for each person."""
        if isinstance(key, Known):
            literal = key.concept, key.present
            return self.findings.attributed(literal) if key.attributed else self.findings.known(literal)
        if isinstance(key, Measured):
            return self.readings.people(key.atom)[0 if key.holds else 1]
        if isinstance(key, HasCode):
            return self.readings.codes(key.concept, key.code)
        msg = f"no facts answer {key!r}"
        raise TypeError(msg)
