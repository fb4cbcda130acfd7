"""What is said of a value against the value: high or low, a stage, and the interval printed beside it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crithidia.assessment.referee.finding import Finding, cited
from crithidia.assessment.referee.written import canonical_unit, last_place, span_of, unit_text
from crithidia.case import ClaimKind, Code
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase, Text
from crithidia.interpretation import Flag, shipped_units
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from crithidia.assessment.referee.standing import Standing
    from crithidia.assessment.referee.written import Values
    from crithidia.case import Claim, Fact
    from crithidia.interpretation import Derived, Measurement


_OR: Final = "/"  # between the codes that are still possible


def _rules() -> Mapping[str, Any]:
    data: Mapping[str, Any] = shipped_library().document("referee/statements.yaml").data
    return data


def stated_flags(standing: Standing, values: Values) -> Iterator[Finding]:
    """Yield statements of high, normal or low that the interval, or percent predicted, does not bear out."""
    for claim in standing.claims(ClaimKind.FLAG):
        measured = [m for m in standing.shown.measurements if m.fact.concept == claim.about]
        flagged = [m for m in measured if m.flag is not Flag.CANNOT_SAY and not m.by_default]
        if flagged and all(m.flag.value != claim.value for m in flagged):
            yield from (_contradicted(claim, m) for m in flagged)
        elif not flagged and claim.value == Flag.LOW.value:
            yield from _low_without_limit(claim, values)


def _contradicted(claim: Claim, measurement: Measurement) -> Finding:
    quantity = measurement.quantity
    return Finding.of(
        "flag_against_interval", facts=(measurement.fact,), claims=(claim,),
        concept=claim.about, value=quantity.number, unit=unit_text(measurement.unit),
        interval=str(quantity.interval), stated=Phrase.of(f"flag_{claim.value}"),
        found=Phrase.of(f"flag_{measurement.flag.value}"),
    )  # fmt: skip


def _low_without_limit(claim: Claim, values: Values) -> Iterator[Finding]:
    """Yield a value called low whose percent predicted reaches the customary limit."""
    rule = _rules()["percent_predicted"]
    percents = values.get(f"{claim.about}_percent_predicted", ())
    limit = Fraction(str(rule["customary_limit"]))
    if claim.about in rule["of"] and percents and all(p.span.low >= limit for p in percents):
        yield Finding.of(
            "called_low_without_limit", claims=(claim,), source=cited(rule),
            facts=[v.fact for p in percents for v in (*values.get(claim.about, ()), p)],
            concept=claim.about, percent=tuple(p.number for p in percents), limit=rule["customary_limit"],
        )  # fmt: skip


def implausible_intervals(standing: Standing) -> Iterator[Finding]:
    """Yield values whose unit is right while their interval could only belong to another unit."""
    for measurement in standing.shown.measurements:
        kind = shipped_units().quantities.get(measurement.fact.concept)
        interval = measurement.quantity.interval
        if kind is None or interval is None or measurement.reading is None or measurement.doubt:
            continue
        factor = kind.factors[measurement.unit]
        limits = [n for n in (interval.low, interval.high) if n]
        outside = [n for n in limits if not _possible(n, factor, kind.plausible)]
        if outside:
            fitting = tuple(unit_text(unit) for unit, other in kind.factors.items()
                            if all(_possible(n, other, kind.plausible) for n in limits))  # fmt: skip
            yield _odd_interval(measurement, str(interval), fitting, kind.plausible)


def _possible(number: Decimal, factor: Fraction, plausible: tuple[Decimal, Decimal]) -> bool:
    """Return whether a rounded limit can lie within what is possible, both in the canonical unit."""
    span = span_of(number).times(factor)
    return span.high >= Fraction(plausible[0]) and span.low <= Fraction(plausible[1])


def _odd_interval(measurement: Measurement, interval: str, fitting: tuple[Text, ...],
                  plausible: tuple[Decimal, Decimal]) -> Finding:  # fmt: skip
    concept = measurement.fact.concept
    return Finding.of(
        "interval_not_possible", facts=(measurement.fact,), concept=concept,
        value=measurement.quantity.number, unit=unit_text(measurement.unit), interval=interval,
        low=plausible[0], high=plausible[1], canonical=canonical_unit(concept),
        causes=[Phrase.of("referee_cause_unit", units=fitting)] if fitting else [],
    )  # fmt: skip


def stated_stages(standing: Standing) -> Iterator[Finding]:
    """Yield stages, claimed or recorded, that no way of working them out from the values gives."""
    for concept, code, facts, claims in _stated_codes(standing):
        worked = [d for d in standing.shown.derived if d.concept == concept and d.number is None]
        if not worked or any(_same_stage(code, d, standing) for d in worked):
            continue
        choices = shipped_vocabulary()[concept].choices
        yield Finding.of(
            "stage_against_value", claims=claims,
            facts=(*facts, *(fact for d in worked for fact in d.inputs)),
            concept=concept, stated=choices[code], found=tuple(_stage_label(d) for d in worked),
            arithmetic=[_stage_line(d, standing) for d in worked], source=worked[0].citation,
        )  # fmt: skip


def _stated_codes(
    standing: Standing,
) -> Iterator[tuple[str, str, tuple[Fact, ...], tuple[Claim, ...]]]:
    for claim in standing.claims(ClaimKind.STAGE):
        yield claim.about, claim.value, (), (claim,)
    for fact in standing.shown.case.facts:
        if isinstance(fact.value, Code) and shipped_vocabulary()[fact.concept].kind is Kind.CODE:
            yield fact.concept, fact.value.code, (fact,), ()


def _same_stage(stated: str, derived: Derived, standing: Standing) -> bool:
    """Return whether the stage follows from the value, from the value as rounded, or holds the finer one."""
    stages = {*derived.shown.split(_OR), *_stages_when_rounded(derived, standing)}
    return any(stage == stated or stage.startswith(stated) for stage in stages)


def _stages_when_rounded(derived: Derived, standing: Standing) -> Iterator[str]:
    """Yield the stages that one could read off the value as it is printed, a whole number."""
    value = _value_behind(derived, standing)
    limits = _limits(derived.concept)
    if not limits or value is None or value.number is None:
        return
    half = last_place(value.number.to_integral_value()) / 2
    for number in (Fraction(value.number) - half, Fraction(value.number) + half):
        yield next(limit["id"] for limit in limits if number >= limit["from"])


def _limits(concept: str) -> list[dict[str, Any]]:
    """Return the limits of a stage, highest first, from the file that holds them."""
    place = _rules()["stages"].get(concept)
    if place is None:
        return []
    found: Any = shipped_library().document(place["file"]).data
    for key in place["at"]:
        found = found[key]
    return list(found)


def _value_behind(derived: Derived, standing: Standing) -> Derived | None:
    """Return the derived number of the same method from which a stage was read."""
    return next((d for d in standing.shown.derived
                 if d.number is not None and d.method == derived.method), None)  # fmt: skip


def _stage_label(derived: Derived) -> Text:
    """Return the stages that are possible, in words."""
    choices = shipped_vocabulary()[derived.concept].choices
    labels = [choices[code] for code in derived.shown.split(_OR)]
    return Text(_OR.join(label.en for label in labels), _OR.join(label.pl for label in labels))


def _stage_line(derived: Derived, standing: Standing) -> Phrase:
    value = _value_behind(derived, standing)
    stage = _stage_label(derived)
    method = Phrase.of(f"method_{derived.method}")
    if value is None:
        return Phrase.of("referee_line_stage_alone", method=method, stage=stage)
    return Phrase.of("referee_line_stage", method=method, value=value.shown, unit=unit_text(value.unit),
                     stage=stage)  # fmt: skip


