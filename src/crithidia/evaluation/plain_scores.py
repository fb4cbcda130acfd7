"""Scoring plain facts, as ``evaluate`` evaluates them: a mapping from concepts to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.case import Case
from crithidia.evaluation.evaluate import Plain, facts_from
from crithidia.evaluation.scores import ScoreResult, compiled_score, result_at
from crithidia.evaluation.visits import Recorded
from crithidia.interpretation import interpret
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping


def score(score_id: str, facts: Mapping[str, Plain], *,
          baseline: Mapping[str, Plain] | None = None) -> ScoreResult:  # fmt: skip
    """Score plain facts: concept id to True, False, None or a value, all of one visit.

    A value is a number in the quantity's canonical unit or text as in a case file (``"5 cm"``,
    ``"<8 mm/h"``). ``baseline`` holds the facts of the earlier visit, for a score that compares two
    and for the change of one that does not; how far apart they may lie is for the caller to see to.
    What is left out is unknown: the result is an interval. Raises ``FactError`` for a concept or
    value that does not exist, and
    ``UnknownNameError`` for an unknown score.
    """
    compiled = compiled_score(score_id)
    earlier = (facts_of_visit(baseline), None) if baseline is not None else None
    return result_at(compiled, facts_of_visit(facts), None, earlier)


def facts_of_visit(facts: Mapping[str, Plain]) -> Recorded:
    """Return plain facts of one visit, interpreted. Raises ``FactError``."""
    vocabulary = shipped_vocabulary()
    return Recorded(interpret(Case("facts", facts_from(facts, vocabulary))).picture, vocabulary)

