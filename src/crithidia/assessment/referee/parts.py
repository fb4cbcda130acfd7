"""Numbers that are made of other numbers: ratios, parts and wholes, products.

Which quantity is part of which stands in ``knowledge/referee/parts.yaml``. Only values of the same
recorded time are compared, and every number may lie anywhere within its rounding.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.finding import Finding, cited
from crithidia.assessment.referee.written import (
    Span,
    Values,
    Written,
    canonical_unit,
    shown,
    together,
    unit_text,
)
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def parts_and_wholes(values: Values) -> Iterator[Finding]:
    """Yield every relation of the file that the values of one time break."""
    rules = shipped_library().document("referee/parts.yaml").data
    for rule in rules["part_of"]:
        yield from _larger_parts(values, rule)
    for rule in rules["sums"]:
        yield from _sums(values, rule)
    for rule in rules["ratios"]:
        yield from _ratios(values, rule)
    for rule in rules["quotients"]:
        yield from _quotients(values, rule)
    for rule in rules["products"]:
        yield from _products(values, rule)
    for rule in rules["estimates"]:
        yield from _estimates(values, rule)


def _larger_parts(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    for whole in values.get(rule["whole"], ()):
        for part in (p for name in rule["parts"] for p in values.get(name, ()) if together(p, whole)):
            if part.span.low > whole.span.high:
                yield Finding.of(
                    "part_exceeds_whole", facts=(part.fact, whole.fact), source=cited(rule),
                    part=part.label, value=part.number, part_unit=part.unit,
                    whole=whole.label, total=whole.number, whole_unit=whole.unit,
                )  # fmt: skip


def _sums(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    """Compare a whole with the sum of its parts; ``complete`` parts must also reach it."""
    for whole in values.get(rule["whole"], ()):
        parts = _gathered(values, whole, rule["parts"])
        if len(parts) < (len(rule["parts"]) if rule["complete"] else 2):
            continue
        total = _added(parts)
        allowed = whole.span.widened(whole.span.middle * Fraction(str(rule.get("tolerance", 0))))
        exceeds = total.low > allowed.high
        if exceeds or (rule["complete"] and total.high < allowed.low):
            yield _sum_finding(rule, whole, parts, total, exceeds=exceeds)


def _gathered(values: Values, whole: Written, names: Sequence[Any]) -> list[Written]:
    """Return the parts measured with the whole; none where one of them was measured more than once."""
    parts: list[Written] = []
    for name in names:
        options = name if isinstance(name, list) else [name]
        found = ([p for p in values.get(option, ()) if together(p, whole)] for option in options)
        measured = next((some for some in found if some), [])
        if len(measured) > 1:
            return []
        parts.extend(measured)
    return parts


def _added(parts: Sequence[Written]) -> Span:
    total = parts[0].span
    for part in parts[1:]:
        total += part.span
    return total


def _sum_finding(rule: dict[str, Any], whole: Written, parts: Sequence[Written], total: Span, *,
                 exceeds: bool) -> Finding:  # fmt: skip
    names = tuple(part.label for part in parts)
    return Finding.of(
        "parts_exceed_whole" if exceeds else "parts_do_not_make_whole",
        facts=(whole.fact, *(part.fact for part in parts)), source=cited(rule),
        arithmetic=[Phrase.of("referee_line_sum", parts=names, low=shown(total.low), high=shown(total.high),
                              unit=canonical_unit(whole.concept))],
        whole=whole.label, total=whole.number, whole_unit=whole.unit, parts=names, sum=shown(total.middle),
        unit=canonical_unit(whole.concept),
    )  # fmt: skip


def _ratios(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    """Compare a stated ratio with that of its parts, for any of the wholes it may have."""
    for ratio in values.get(rule["ratio"], ()):
        tops = [v for v in values.get(rule["part"], ()) if together(v, ratio)]
        wholes = [v for name in rule["of"] for v in values.get(name, ()) if together(v, ratio)]
        worked = [(top, whole, (top.span / whole.span).times(Fraction(str(rule["times"]))))
                  for top in tops for whole in wholes if whole.span.low > 0]  # fmt: skip
        stated = ratio.span.widened(ratio.last_place / 2)
        share = Fraction(str(rule.get("tolerance", 0)))
        if worked and not any(stated.meets(span.widened(span.middle * share)) for _, _, span in worked):
            yield Finding.of(
                "ratio_not_of_its_parts", source=cited(rule),
                facts=(ratio.fact, *dict.fromkeys(v.fact for top, whole, _ in worked for v in (top, whole))),
                arithmetic=[_ratio_line(top, whole, span, ratio) for top, whole, span in worked],
                ratio=ratio.label, value=ratio.number, unit=ratio.unit,
            )  # fmt: skip


def _ratio_line(top: Written, whole: Written, span: Span, ratio: Written) -> Phrase:
    return Phrase.of("referee_line_ratio", part=top.label, value=top.number, part_unit=top.unit,
                     whole=whole.label, total=whole.number, whole_unit=whole.unit,
                     low=shown(span.low), high=shown(span.high),
                     unit=canonical_unit(ratio.concept))  # fmt: skip


def _products(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    """Compare a quantity with a share of another: eosinophils with their percentage of leucocytes."""
    for product in values.get(rule["product"], ()):
        factors = [[v for v in values.get(name, ()) if together(v, product)] for name in rule["of"]]
        if any(len(found) != 1 for found in factors):
            continue
        (first,), (second,) = factors
        worked = (first.span * second.span).times(Fraction(str(rule["times"])))
        if not product.span.widened(product.last_place / 2).meets(worked):
            yield Finding.of(
                "product_not_of_its_factors", facts=(product.fact, first.fact, second.fact),
                source=cited(rule),
                arithmetic=[Phrase.of("referee_line_product", first=first.label, value=first.number,
                                      first_unit=first.unit, second=second.label, other=second.number,
                                      second_unit=second.unit, low=shown(worked.low, 3),
                                      high=shown(worked.high, 3), unit=canonical_unit(product.concept))],
                product=product.label, value=product.number, unit=product.unit,
            )  # fmt: skip


def _quotients(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    """Compare the quotient of two values with the limits between which it stays."""
    least, most = (Fraction(str(limit)) for limit in rule["between"])
    unit = unit_text(rule["unit"])
    for whole in values.get(rule["of"], ()):
        for part in (v for v in values.get(rule["part"], ()) if together(v, whole)):
            span = (part.span / whole.span).times(Fraction(str(rule["times"])))
            if span.high < least or span.low > most:
                line = Phrase.of("referee_line_ratio", part=part.label, value=part.number,
                                 part_unit=part.unit, whole=whole.label, total=whole.number,
                                 whole_unit=whole.unit, low=shown(span.low, 0), high=shown(span.high, 0),
                                 unit=unit)  # fmt: skip
                yield Finding.of(
                    "quotient_out_of_range", facts=(part.fact, whole.fact), source=cited(rule),
                    arithmetic=[line], name=Text(**rule["name"]), part=part.label, whole=whole.label,
                    least=shown(least, 0), most=shown(most, 0), unit=unit,
                )  # fmt: skip


def _estimates(values: Values, rule: dict[str, Any]) -> Iterator[Finding]:
    """Compare a value with its estimate from others of the same time, where the estimate is valid."""
    for stated in values.get(rule["estimate"], ()):
        named = [rule["whole"], rule["part"], rule["other"]]
        found = [[v for v in values.get(name, ()) if together(v, stated)] for name in named]
        if any(len(some) != 1 for some in found):
            continue
        whole, part, other = (some[0] for some in found)
        if other.span.high >= Fraction(str(rule["valid_below"])):
            continue
        span = whole.span - part.span - other.span.times(1 / Fraction(str(rule["divide_by"])))
        allowed = span.widened(abs(span.middle) * Fraction(str(rule["tolerance"])))
        if not allowed.meets(stated.span):
            yield Finding.of(
                "value_against_estimate", facts=[v.fact for v in (stated, whole, part, other)],
                source=cited(rule), concept=stated.concept, value=stated.number, unit=stated.unit,
                arithmetic=[Phrase.of("referee_line_estimate", whole=whole.number, part=part.number,
                                      other=other.number, divisor=Decimal(str(rule["divide_by"])),
                                      low=shown(span.low), high=shown(span.high),
                                      unit=canonical_unit(stated.concept))],
            )  # fmt: skip
