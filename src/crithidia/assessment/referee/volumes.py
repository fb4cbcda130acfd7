"""Volumes against their own percent predicted.

A value and its percentage give back the predicted value. Volumes of one kind, in one person at one
time, must give back about the same one; how far reference equations differ stands in
``knowledge/referee/volumes.yaml``. A printed value that equals the predicted value of its neighbour
betrays a slip between columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.finding import Finding
from crithidia.assessment.referee.written import (
    Span,
    Values,
    Written,
    canonical_unit,
    shown,
    together,
)
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Pair:
    """A value with its percent predicted, and the predicted values that the two allow."""

    value: Written
    percent: Written
    predicted: Span


def pairs(values: Values, concept: str) -> Iterator[Pair]:
    """Yield each value of a quantity with the percentage recorded beside it, or at its time."""
    percents = values.get(f"{concept}_percent_predicted", ())
    for value in values.get(concept, ()):
        beside = [p for p in percents if p.fact.provenance.where == value.fact.provenance.where]
        fitting = beside or [p for p in percents if together(p, value)]
        alone = sum(together(other, value) for other in values[concept]) == 1
        if len(fitting) == 1 and (beside or alone) and fitting[0].span.low > 0:
            share = fitting[0].span.times(Fraction(1, 100))
            yield Pair(value, fitting[0], value.span / share)


def kinds() -> Sequence[Mapping[str, Any]]:
    """Return the kinds of measurement that share a predicted value, with how far equations differ."""
    found: Sequence[Mapping[str, Any]] = shipped_library().document("referee/volumes.yaml").data["kinds"]
    return found


Explained = Callable[[Sequence[Pair]], Phrase | None]


def volumes_disagree(values: Values, explained: Explained = lambda _: None) -> Iterator[Finding]:
    """Yield a finding for each kind of volume whose pairs imply different predicted values.

    ``explained`` may add what else could explain the pairs involved.
    """
    for kind in kinds():
        found = [pair for concept in kind["of"] for pair in pairs(values, concept)]
        apart = [(a, b) for a, b in combinations(found, 2)
                 if together(a.value, b.value) and not _agree(a.predicted, b.predicted, kind)]  # fmt: skip
        if apart:
            yield _finding(apart, explained)


def _agree(first: Span, second: Span, kind: Mapping[str, Any]) -> bool:
    """Return whether two reference equations could give these two predicted values."""
    if first.meets(second):
        return True
    low, high = sorted((first, second), key=lambda span: span.middle)
    return high.low / low.high <= greatest_ratio(low.high, kind)


def greatest_ratio(predicted: Fraction, kind: Mapping[str, Any]) -> Fraction:
    """Return how far apart two equations can lie for one person, as a ratio."""
    steps = [step for step in kind["differ_by"] if predicted >= Fraction(str(step["from"]))]
    return Fraction(str((steps or kind["differ_by"])[-1 if steps else 0]["ratio"]))


def _finding(apart: Sequence[tuple[Pair, Pair]], explained: Explained) -> Finding:
    involved = tuple(dict.fromkeys(pair for both in apart for pair in both))
    low = min(involved, key=lambda pair: pair.predicted.middle)
    high = max(involved, key=lambda pair: pair.predicted.middle)
    unit = canonical_unit(low.value.concept)
    slips = [slip for a, b in apart for slip in (_slip(a, b, unit), _slip(b, a, unit))]
    return Finding.of(
        "volumes_disagree",
        facts=[written.fact for pair in involved for written in (pair.value, pair.percent)],
        arithmetic=[_line(pair, unit) for pair in involved],
        causes=[cause for cause in (*slips, explained(involved)) if cause],
        first=low.value.label, second=high.value.label, unit=unit,
        low=shown(low.predicted.middle), high=shown(high.predicted.middle),
    )  # fmt: skip


def _line(pair: Pair, unit: Text) -> Phrase:
    return Phrase.of("referee_line_predicted", label=pair.value.label, value=pair.value.number,
                     written_unit=pair.value.unit, percent=pair.percent.number, unit=unit,
                     low=shown(pair.predicted.low), high=shown(pair.predicted.high))  # fmt: skip


def _slip(suspect: Pair, other: Pair, unit: Text) -> Phrase | None:
    """Return the explanation, if the suspect's value is what the other pair implies as predicted."""
    if not suspect.value.span.meets(other.predicted):
        return None
    measured = suspect.value.span * suspect.percent.span.times(Fraction(1, 100))
    return Phrase.of("referee_cause_column_slip", label=suspect.value.label, value=suspect.value.number,
                     written_unit=suspect.value.unit, unit=unit, percent=suspect.percent.number,
                     other=other.value.label, low=shown(other.predicted.low),
                     high=shown(other.predicted.high), measured=shown(measured.middle))  # fmt: skip
