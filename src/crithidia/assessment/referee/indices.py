"""A stated index (DAS28, an activity score) against the index that its recorded inputs give.

Inputs are rounded before they are recorded, so a stated index may differ in its last place.
"""

from __future__ import annotations

from fractions import Fraction
from math import isinf
from typing import TYPE_CHECKING

from crithidia.assessment.referee.finding import Finding
from crithidia.assessment.referee.written import shown
from crithidia.assessment.scores import relevant_scores
from crithidia.foundation.spans import Span
from crithidia.foundation.text import Phrase, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.evaluation.scores import ScoreResult
    from crithidia.interpretation import Interpretation


def stated_indices(seen: Interpretation) -> Iterator[Finding]:
    """Yield every stated index that its inputs of the same visit cannot give."""
    for found in relevant_scores(seen, ()):
        for result in (found, *found.others):
            if result.stated is not None and not result.is_stated_only and not _close(result, result.stated):
                yield _finding(result, result.stated)


def _close(result: ScoreResult, stated: Span) -> bool:
    """Return whether the stated total fits, give or take half a unit of the place before the last."""
    rounding = result.definition.rounding
    places = max(rounding.places - 1, 0) if rounding else 0
    half = Fraction(1, 2) / Fraction(10) ** places
    return (stated + Span(-half, half)).within(result.span) is not None


def _finding(result: ScoreResult, stated: Span) -> Finding:
    facts = [fact for given in result.inputs for fact in given.facts]
    at = Text.same(str(result.at)) if result.at else Phrase.of("referee_undated")
    return Finding.of(
        "index_not_of_its_inputs", facts=facts, source=result.definition.citation.short,
        title=result.definition.title, at=at, stated=_words(stated), found=_words(result.span),
    )  # fmt: skip


def _words(span: Span) -> Phrase:
    """Return a span in words: a number, or from one to another."""
    if span.exact is not None:
        return Phrase.of("referee_number", number=shown(span.exact))
    low, high = (Text.same("…") if isinf(end) else shown(Fraction(end)) for end in (span.low, span.high))
    return Phrase.of("referee_range", low=low, high=high)
