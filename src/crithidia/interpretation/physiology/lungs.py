"""What spirometry, lung volumes and transfer factor say.

The ratios from their parts, each value against its reference (``spirometry``), the response to a
bronchodilator, and the patterns (``ventilation``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.numbers import plain, rounded
from crithidia.foundation.text import Phrase, Text
from crithidia.foundation.truth import Truth
from crithidia.interpretation.derived import Derived
from crithidia.interpretation.physiology.spirometry import Judged, Value, judge
from crithidia.interpretation.physiology.values import Bounds, latest
from crithidia.interpretation.physiology.ventilation import derive_patterns, grade
from crithidia.interpretation.units import shipped_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.interpretation.measurements import Reading
    from crithidia.interpretation.physiology.categories import Categories
    from crithidia.interpretation.picture import Picture

_RATIOS: Final = (("fev1_vc_ratio", "vc_max"), ("fev1_fvc_ratio", "fvc"))
_CITATION: Final = "doi:10.1183/13993003.01499-2021"
_PLACES: Final = {"%": 1}


def derive_lungs(picture: Picture, knowledge: Mapping[str, Any], ventilatory: Categories,
                 gas_transfer: Categories) -> Iterator[Derived]:  # fmt: skip
    """Yield the ratios, the z-scores, the bronchodilator response and the patterns."""
    ratios = tuple(_ratios(picture))
    yield from (derived for derived, _ in ratios)
    values = {value.concept: value for value in _values(picture, knowledge)}
    values.update({value.concept: value for _, value in ratios})
    judged = [one for value in values.values() if (one := judge(picture, value, knowledge))]
    yield from (_z_score(one, knowledge) for one in judged)
    yield from _bronchodilator(picture, judged, knowledge)
    yield from derive_patterns(picture, judged, ventilatory, gas_transfer)


def _ratios(picture: Picture) -> Iterator[tuple[Derived, Value]]:
    """Yield FEV1/VCmax and FEV1/FVC in percent from the parts of the last visit that has both."""
    for ratio, denominator in _RATIOS:
        pair = _last_pair(picture, "fev1", denominator)
        if pair is None:
            continue
        part, total = pair
        number = part.low / total.low * Decimal(100) if part.low is not None and total.low else None
        if number is None:
            continue
        yield (Derived(ratio, plain(rounded(number, 1)), "%", number, ratio, _CITATION,
                       (part.fact, total.fact), Phrase.of("ratio_needs_lower_limit")),
               Value(ratio, Bounds.at(float(number)), pair, part.fact.at))  # fmt: skip


def _last_pair(picture: Picture, part: str, total: str) -> tuple[Reading, Reading] | None:
    """Return the last two exact readings that were taken together, one of them each time."""
    parts, totals = picture.readings.get(part, ()), picture.readings.get(total, ())
    for reading in reversed(parts):
        together = [other for other in totals if other.fact.at == reading.fact.at]
        alone = sum(other.fact.at == reading.fact.at for other in parts) == 1
        if len(together) == 1 and alone and _exact(reading) and _exact(together[0]):
            return reading, together[0]
    return None


def _exact(reading: Reading) -> bool:
    return reading.low is not None and reading.low == reading.high


def _values(picture: Picture, knowledge: Mapping[str, Any]) -> Iterator[Value]:
    for concept in knowledge["choice"]:
        reading = latest(picture, concept)
        if reading is not None:
            yield Value(concept, Bounds.of(reading), (reading,), reading.fact.at)


def _z_score(one: Judged, knowledge: Mapping[str, Any]) -> Derived:
    """Return the z-score of a value, with what was expected and how far it is off."""
    concept = one.value.concept
    unit = shipped_units().quantities[concept].unit
    places = _PLACES.get(unit, 2)
    note = Phrase.of(
        _verdict(one, knowledge), concept=concept, predicted=_both(one.predicted.shown(places)),
        lower=_both(one.lower.shown(places)), percent=_both(one.percent.shown(0)),
        unit=Text(shipped_units().shown(unit, "en"), shipped_units().shown(unit, "pl")),
    )  # fmt: skip
    return Derived(f"{concept}_z_score", one.z.shown(2), "", one.z.decimal(), one.reference.id,
                   one.reference.citation, one.facts, note)  # fmt: skip


def _both(shown: str) -> Text:
    return Text(shown, shown.replace(".", ","))


def _verdict(one: Judged, knowledge: Mapping[str, Any]) -> str:
    """Return the id of the sentence for a value: normal, high, low by grade, or open."""
    if one.is_high is Truth.PRESENT:
        return "lung_z_high"
    if one.is_low is Truth.PRESENT:
        grades = {grade(z, knowledge["severity"]["grades"]) for z in (one.z.low, one.z.high) if z is not None}
        return {"mild": "lung_z_mild", "moderate": "lung_z_moderate", "severe": "lung_z_severe"}[
            grades.pop()
        ] if len(grades) == 1 else "lung_z_low"  # fmt: skip
    if one.is_low is Truth.ABSENT and one.is_high is Truth.ABSENT:
        return "lung_z_normal"
    return "lung_z_open"


def _bronchodilator(picture: Picture, judged: list[Judged],
                    knowledge: Mapping[str, Any]) -> Iterator[Derived]:  # fmt: skip
    """Yield the change of FEV1 and FVC after a bronchodilator in percent of the predicted value."""
    limit = float(knowledge["bronchodilator"]["percent_of_predicted_above"])
    for one in judged:
        concept = one.value.concept
        after = latest(picture, f"{concept}_post_bronchodilator", one.value.at)
        if after is None or after.fact.at != one.value.at:
            continue
        change = _change(one, Bounds.of(after))
        yield Derived(f"{concept}_bronchodilator_change", change.shown(1), "%", change.decimal(),
                      "bronchodilator_response", _CITATION, (*one.facts, after.fact),
                      Phrase.of(_response(change, limit)))  # fmt: skip


def _change(one: Judged, after: Bounds) -> Bounds:
    """Return 100 × (after - before) / predicted within bounds."""
    before, predicted = one.value.bounds, (one.predicted.low, one.predicted.high)
    ends = [100 * (late - early) / median
            for late, early in ((after.low, before.high), (after.high, before.low))
            if late is not None and early is not None
            for median in predicted if median]  # fmt: skip
    known = None not in (after.low, after.high, before.low, before.high)
    return Bounds.over(ends) if known else Bounds(None, None)


def _response(change: Bounds, limit: float) -> str:
    if change.low is not None and change.low > limit:
        return "bronchodilator_response_yes"
    if change.high is not None and change.high <= limit:
        return "bronchodilator_response_no"
    return "bronchodilator_response_open"
