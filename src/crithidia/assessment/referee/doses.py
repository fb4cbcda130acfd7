"""Doses against the cited maxima of ``knowledge/referee/doses.yaml``.

Says that a dose is unusual, not that it is wrong; a maximum by weight needs the weight.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crithidia.assessment.referee.finding import Finding, cited
from crithidia.case import Dose
from crithidia.foundation.library import shipped_library
from crithidia.foundation.numbers import rounded
from crithidia.foundation.text import Phrase, Text
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.case import Fact
    from crithidia.interpretation import Interpretation
    from crithidia.interpretation.measurements import Reading

_IN_MG: Final[Mapping[str, Decimal]] = {
    "mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001"), "µg": Decimal("0.001"),
    "mcg": Decimal("0.001"),
}  # fmt: skip


def doses(shown: Interpretation) -> Iterator[Finding]:
    """Yield doses above the maximum, and weekly drugs that are given every day."""
    rules: Mapping[str, Any] = shipped_library().document("referee/doses.yaml").data
    for fact in shown.case.facts:
        rule = rules.get(fact.concept)
        if rule and isinstance(fact.value, Dose) and fact.value.amount and fact.value.per_day:
            yield from _judged(fact, fact.value, rule, _weight(shown))


def _judged(fact: Fact, dose: Dose, rule: Mapping[str, Any], weight: Reading | None) -> Iterator[Finding]:
    amount, per_day = dose.amount or Decimal(0), dose.per_day or Decimal(0)
    unit, by_weight = _unit(dose.unit)
    factor = _IN_MG.get(unit)
    if factor is None:
        return
    daily = amount * per_day * factor
    common: dict[str, Any] = {"drug": _label(fact), "dose": str(dose), "source": cited(rule)}
    if rule.get("weekly") and per_day >= 1:
        yield Finding.of("daily_instead_of_weekly", facts=(fact,), **common)
    elif "most_mg_a_day" in rule and not by_weight and daily > _number(rule["most_mg_a_day"]):
        yield _too_high(fact, common, _line("referee_line_daily", amount * factor, per_day, daily),
                        Phrase.of("referee_mg_a_day", number=_number(rule["most_mg_a_day"])))  # fmt: skip
    elif "most_mg_per_kg_a_day" in rule:
        yield from _by_weight(fact, rule, common, daily, None if by_weight else weight)


def _by_weight(fact: Fact, rule: Mapping[str, Any], common: dict[str, Any], daily: Decimal,
               weight: Reading | None) -> Iterator[Finding]:  # fmt: skip
    """Compare a dose by weight; without the weight only a dose already given per kilogram."""
    most = _number(rule["most_mg_per_kg_a_day"])
    limit = Phrase.of("referee_mg_per_kg_a_day", number=most)
    dose = fact.value
    if isinstance(dose, Dose) and dose.unit.lower().endswith("/kg"):
        if daily > most:
            yield _too_high(fact, common, Phrase.of("referee_line_per_kg_stated", daily=daily), limit)
    elif weight is not None and weight.high and daily / weight.high > most * (1 + _number(rule["tolerance"])):
        line = Phrase.of("referee_line_per_kg", daily=daily, weight=weight.high,
                         result=rounded(daily / weight.high, 1))  # fmt: skip
        yield _too_high(fact, common, line, limit, weight.fact)


def _too_high(fact: Fact, common: dict[str, Any], line: Phrase, limit: Phrase, *more: Fact) -> Finding:
    return Finding.of("dose_above_maximum", facts=(fact, *more), arithmetic=[line], limit=limit, **common)


def _line(phrase: str, amount: Decimal, per_day: Decimal, daily: Decimal) -> Phrase:
    return Phrase.of(phrase, amount=amount, times=per_day, daily=rounded(daily, 1))


def _unit(written: str) -> tuple[str, bool]:
    unit = written.lower()
    return unit.removesuffix("/kg"), unit.endswith("/kg")


def _weight(shown: Interpretation) -> Reading | None:
    found = shown.picture.readings.get("body_weight", ())
    return found[-1] if found else None


def _number(written: float) -> Decimal:
    return Decimal(str(written))


def _label(fact: Fact) -> Text:
    return shipped_vocabulary()[fact.concept].label
