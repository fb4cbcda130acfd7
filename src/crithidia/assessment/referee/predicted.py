"""A value against its own percent predicted, by what reference equations expect of the patient.

With a recorded height: whether the printed percentage fits any equation. Without one: whether one
height lets all percentages stand. A note where every equation that is known here is at hand and none
fits, a warning where the value lies further off than equations differ. Refuses to speak where the
difference could be rounding, or an equation that is not at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.expected import (
    Prediction,
    Subject,
    all_at_hand,
    heights,
    predictions,
    printed,
    subject_at,
)
from crithidia.assessment.referee.finding import Finding
from crithidia.assessment.referee.volumes import Pair, greatest_ratio, kinds, pairs
from crithidia.assessment.referee.written import Span, Values, canonical_unit, shown, together
from crithidia.foundation.text import Phrase, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crithidia.interpretation import Interpretation

_MOST: int = 8  # values of one time that are compared in every combination


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A pair with the kind of measurement it is of, and the predicted values that its print allows."""

    pair: Pair
    kind: Mapping[str, Any]

    @property
    def concepts(self) -> tuple[str, ...]:
        """The quantities that share this predicted value."""
        return tuple(self.kind["of"])

    @property
    def predicted(self) -> Span:
        """The predicted values, where the percentage may have been rounded or cut off."""
        less, more = (Fraction(str(step)) for step in printed()["percent"])
        percent, place = Fraction(self.pair.percent.number), self.pair.percent.last_place
        share = Span(percent + less * place, percent + more * place).times(Fraction(1, 100))
        return self.pair.value.span / share

    @property
    def allowed(self) -> Span:
        """The predicted values, with as much more at both ends as reference equations differ."""
        ratio = greatest_ratio(self.predicted.low, self.kind)
        return Span(self.predicted.low / ratio, self.predicted.high * ratio)


def percentages(seen: Interpretation, values: Values) -> Iterator[Finding]:
    """Yield percentages that no reference equation can have given."""
    for at in dict.fromkeys(one.pair.value.at for one in _judged(values)):
        subject = subject_at(seen, values, at)
        here = [one for one in _judged(values) if one.pair.value.at == at]
        if subject is None:
            continue
        if subject.height is not None:
            yield from _against_height(here, subject)
        else:
            yield from _against_each_other(_not_said_already(here), subject)


def _judged(values: Values) -> list[Judged]:
    return [Judged(pair, kind)
            for kind in kinds() for concept in kind["of"] for pair in pairs(values, concept)]  # fmt: skip


# --- the height is recorded


def _against_height(found: Sequence[Judged], subject: Subject) -> Iterator[Finding]:
    for one in found:
        expected = tuple(predictions(one.concepts, subject))
        if not expected or any(p.span.meets(one.predicted) for p in expected):
            continue
        if not any(p.span.meets(one.allowed) for p in expected):
            yield _misfit("percent_far_from_references", one, expected, subject)
        elif subject.is_adult and all_at_hand(one.concepts):
            yield _misfit("percent_of_no_reference", one, expected, subject)


def _misfit(rule: str, one: Judged, expected: Iterable[Prediction], subject: Subject) -> Finding:
    value, unit = one.pair.value, canonical_unit(one.pair.value.concept)
    nearest = sorted(expected, key=lambda p: abs(p.span.middle - one.predicted.middle))
    each = {p.reference.title: p for p in reversed(nearest)}  # of every reference the nearest group
    lines = [Phrase.of("referee_line_printed", label=value.label, value=value.number, written_unit=value.unit,
                       percent=one.pair.percent.number, low=shown(one.predicted.low),
                       high=shown(one.predicted.high), unit=unit)]  # fmt: skip
    lines += [_expected_line(p, one, unit) for p in reversed(each.values())]
    return Finding.of(
        rule, facts=(value.fact, one.pair.percent.fact, *subject.facts), arithmetic=lines,
        label=value.label, value=value.number, unit=value.unit, percent=one.pair.percent.number,
    )  # fmt: skip


def _expected_line(prediction: Prediction, one: Judged, unit: Text) -> Phrase:
    share = (one.pair.value.span / prediction.span).times(Fraction(100))
    return Phrase.of("referee_line_expected", reference=Text.same(prediction.reference.title), unit=unit,
                     low=shown(prediction.span.low), high=shown(prediction.span.high),
                     least=shown(share.low, 0), most=shown(share.high, 0))  # fmt: skip


# --- the height is not recorded


def _not_said_already(found: list[Judged]) -> list[Judged]:
    """Return what is left without values of one kind that disagree; they have a finding already."""
    return [one for one in found
            if all(one.predicted.meets(other.allowed)
                   for other in found if other.kind is one.kind)]  # fmt: skip


def _against_each_other(found: list[Judged], subject: Subject) -> Iterator[Finding]:
    """Yield a finding where no one height lets all of them stand."""
    for rule, spans in (("heights_far_apart", [one.allowed for one in found]),
                        ("heights_disagree", [one.predicted for one in found])):  # fmt: skip
        if len(found) < 2 or _common_heights(found, spans, subject):
            continue
        if rule == "heights_far_apart" or _all_are_known(found, subject):
            yield _apart(rule, found, subject)
            return


def _all_are_known(found: Iterable[Judged], subject: Subject) -> bool:
    return subject.is_adult and all(all_at_hand(one.concepts) for one in found)


Heights = tuple[Span, ...]


def _heights(one: Judged, span: Span, subject: Subject, group: str) -> Heights:
    return tuple(found for _, found in heights(one.concepts, subject, group, span))


def _common_heights(found: Sequence[Judged], spans: Sequence[Span], subject: Subject) -> Heights:
    """Return the heights at which some equation of one ethnic group gives every percentage.

    A value of which no equation at hand speaks is no reason against any height.
    """
    for group in subject.groups:
        each = [_heights(one, span, subject, group) for one, span in zip(found, spans, strict=True)]
        if common := _shared(filter(None, each)):
            return common
    return ()


def _shared(each: Iterable[Heights]) -> Heights:
    """Return the heights that lie in one of the spans of every value."""
    common: Heights = (Span(Fraction(0), Fraction(1000)),)
    for some in each:
        common = tuple(Span(max(a.low, b.low), min(a.high, b.high))
                       for a in common for b in some if a.meets(b))  # fmt: skip
    return common


def _apart(rule: str, found: Sequence[Judged], subject: Subject) -> Finding:
    pairs_ = [one.pair for one in found]
    return Finding.of(
        rule, facts=[w.fact for pair in pairs_ for w in (pair.value, pair.percent)] + list(subject.facts),
        arithmetic=[line for one in found for line in _height_lines(one, subject)],
        causes=[cause] if (cause := fitting_height(found, subject)) else [],
        labels=tuple(pair.value.label for pair in pairs_),
    )  # fmt: skip


def _height_lines(one: Judged, subject: Subject) -> Iterator[Phrase]:
    """Yield the heights that every reference implies for a value, the ethnic groups of one together."""
    implied: dict[str, list[Span]] = {}
    for group in subject.groups:
        for reference, span in heights(one.concepts, subject, group, one.predicted):
            implied.setdefault(reference.title, []).append(span)
    pair, unit = one.pair, canonical_unit(one.pair.value.concept)
    for title, spans in implied.items():
        yield Phrase.of("referee_line_height", label=pair.value.label, value=pair.value.number,
                        written_unit=pair.value.unit, percent=pair.percent.number, unit=unit,
                        reference=Text.same(title), low=shown(min(s.low for s in spans), 0),
                        high=shown(max(s.high for s in spans), 0))  # fmt: skip


def height_of_the_others(seen: Interpretation, values: Values, involved: Sequence[Pair]) -> Phrase | None:
    """Say which height lets the other percentages of that time stand, and which value it leaves out."""
    first = involved[0].value
    subject = subject_at(seen, values, first.at)
    here = [one for one in _judged(values) if together(one.pair.value, first)]
    return fitting_height(here, subject) if subject and subject.height is None else None


def fitting_height(found: Sequence[Judged], subject: Subject) -> Phrase | None:
    """Name the height that lets most percentages stand, three or more, and what comes nowhere near it.

    None where two choices of values fit equally well, or nothing is left out.
    """
    fits = _fits(found[:_MOST], subject)
    most = max(map(len, fits), default=0)
    best = [some for some in fits if len(some) == most]
    if len(best) != 1:
        return None
    (some,) = best
    rest = [one for one in found if one not in some and not _near(one, fits[some], subject)]
    return _height_phrase(some, rest, fits[some]) if rest else None


def _fits(found: Sequence[Judged], subject: Subject) -> dict[tuple[Judged, ...], Heights]:
    """Return every choice of three values or more that one height lets stand, with the heights."""
    fits: dict[tuple[Judged, ...], Heights] = {}
    for group in subject.groups:
        each = [(one, _heights(one, one.predicted, subject, group)) for one in found]
        each = [(one, some) for one, some in each if some]
        for count in range(3, len(each) + 1):
            for chosen in combinations(each, count):
                if common := _shared(some for _, some in chosen):
                    fits.setdefault(tuple(one for one, _ in chosen), common)
    return fits


def _near(one: Judged, common: Heights, subject: Subject) -> bool:
    """Return whether an equation that is not at hand could give the percentage at such a height."""
    spans = [_heights(one, one.allowed, subject, group) for group in subject.groups]
    return not any(spans) or any(a.meets(b) for a in common for some in spans for b in some)


def _height_phrase(some: Sequence[Judged], rest: Sequence[Judged], common: Heights) -> Phrase:
    return Phrase.of("referee_cause_height", labels=tuple(one.pair.value.label for one in some),
                     others=tuple(one.pair.value.label for one in rest),
                     low=shown(min(span.low for span in common), 1),
                     high=shown(max(span.high for span in common), 1))  # fmt: skip
