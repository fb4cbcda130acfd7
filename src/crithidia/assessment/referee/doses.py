"""Doses against the cited maxima of ``knowledge/referee/doses.yaml``.

Says that a dose is unusual, not that it is wrong. A maximum by weight needs the weight; where that
is not recorded, only a dose above the usual maximum is pointed out, with the weight that it asks for.
Refuses to judge a dose whose frequency is not understood, except by its single amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crithidia.assessment.referee.finding import Finding, cited
from crithidia.case import Dose
from crithidia.foundation.library import shipped_library
from crithidia.foundation.numbers import rounded
from crithidia.foundation.text import Phrase, Text
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crithidia.case import Fact
    from crithidia.interpretation import Interpretation
    from crithidia.interpretation.measurements import Reading

_IN_MG: Final[Mapping[str, Decimal]] = {
    "mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001"), "µg": Decimal("0.001"),
    "mcg": Decimal("0.001"),
}  # fmt: skip
_DAYS_A_WEEK: Final = 7
_ROUNDING: Final = Decimal("1.001")  # once a week is kept as 0.1429 times a day


@dataclass(frozen=True, slots=True)
class Given:
    """A dose in milligrams, a single one and a day; ``by_weight``: per kilogram of body weight."""

    fact: Fact
    single: Decimal
    per_day: Decimal | None
    by_weight: bool

    @property
    def daily(self) -> Decimal | None:
        """Milligrams a day, if the frequency is known."""
        return None if self.per_day is None else self.single * self.per_day

    def said(self, limit: Mapping[str, Any]) -> dict[str, Any]:
        """Return what every finding about the dose says."""
        label: Text = shipped_vocabulary()[self.fact.concept].label
        return {"drug": label, "dose": str(self.fact.value), "source": cited(limit)}


def doses(shown: Interpretation) -> Iterator[Finding]:
    """Yield for each dose the first limit that it exceeds."""
    limits: Mapping[str, Sequence[Mapping[str, Any]]] = shipped_library().document("referee/doses.yaml").data
    weight = _weight(shown)
    for fact in shown.case.facts:
        given = _given(fact)
        if given is not None:
            found = (_exceeded(given, limit, weight) for limit in limits.get(fact.concept, ()))
            yield from list(filter(None, found))[:1]


def _given(fact: Fact) -> Given | None:
    dose = fact.value
    if not isinstance(dose, Dose) or not dose.amount:
        return None
    unit = dose.unit.lower()
    factor = _IN_MG.get(unit.removesuffix("/kg"))
    return None if factor is None else Given(fact, dose.amount * factor, dose.per_day, unit.endswith("/kg"))


def _exceeded(given: Given, limit: Mapping[str, Any], weight: Reading | None) -> Finding | None:
    return next((judge(given, limit, weight) for kind, judge in _KINDS if kind in limit), None)


def _at_once(given: Given, limit: Mapping[str, Any], _: Reading | None) -> Finding | None:
    most = _number(limit["most_mg_at_once"])
    if given.by_weight or given.single <= most:
        return None
    line = Phrase.of("referee_line_single", amount=given.single)
    return _too_high(given, limit, line, Phrase.of("referee_mg_at_once", number=most))


def _every_day(given: Given, limit: Mapping[str, Any], _: Reading | None) -> Finding | None:
    if given.by_weight or given.per_day is None or given.per_day < 1:
        return None
    return Finding.of("daily_instead_of_weekly", facts=(given.fact,), **given.said(limit))


def _a_week(given: Given, limit: Mapping[str, Any], _: Reading | None) -> Finding | None:
    most, daily = _number(limit["most_mg_a_week"]), given.daily
    if given.by_weight or daily is None or daily * _DAYS_A_WEEK <= most * _ROUNDING:
        return None
    line = Phrase.of("referee_line_weekly", amount=given.single, weekly=rounded(daily * _DAYS_A_WEEK, 1))
    return _too_high(given, limit, line, Phrase.of("referee_mg_a_week", number=most))


def _a_day(given: Given, limit: Mapping[str, Any], weight: Reading | None) -> Finding | None:
    most, daily = _number(limit["most_mg_a_day"]), given.daily
    begins = any(daily == _number(loading) for loading in limit.get("loading_mg", ()))
    if given.by_weight or daily is None or daily <= most or begins:
        return None
    line = Phrase.of("referee_line_daily", amount=given.single, times=given.per_day, daily=rounded(daily, 1))
    words = Phrase.of("referee_mg_a_day", number=most)
    if not limit.get("without_weight"):
        return _too_high(given, limit, line, words)
    if weight is not None:
        return None
    return Finding.of("dose_without_weight", facts=(given.fact,), arithmetic=[line], limit=words,
                      **given.said(limit))  # fmt: skip


def _by_weight(given: Given, limit: Mapping[str, Any], weight: Reading | None) -> Finding | None:
    """Compare a dose by weight; without the weight only a dose already given per kilogram."""
    most, daily = _number(limit["most_mg_per_kg_a_day"]), given.daily
    words = Phrase.of("referee_mg_per_kg_a_day", number=most)
    if daily is None:
        return None
    if given.by_weight:
        line = Phrase.of("referee_line_per_kg_stated", daily=daily)
        return _too_high(given, limit, line, words) if daily > most else None
    allowed = most * (1 + _number(limit.get("tolerance", 0)))
    if weight is None or not weight.high or daily / weight.high <= allowed:
        return None
    line = Phrase.of("referee_line_per_kg", daily=daily, weight=weight.high,
                     result=rounded(daily / weight.high, 1))  # fmt: skip
    return _too_high(given, limit, line, words, weight.fact)


def _too_high(given: Given, limit: Mapping[str, Any], line: Phrase, words: Phrase, *more: Fact) -> Finding:
    return Finding.of("dose_above_maximum", facts=(given.fact, *more), arithmetic=[line], limit=words,
                      **given.said(limit))  # fmt: skip


def _weight(shown: Interpretation) -> Reading | None:
    found = shown.picture.readings.get("body_weight", ())
    return found[-1] if found else None


def _number(written: float) -> Decimal:
    return Decimal(str(written))


_Judge = Callable[[Given, Mapping[str, Any], "Reading | None"], "Finding | None"]
_KINDS: Final[tuple[tuple[str, _Judge], ...]] = (
    ("most_mg_at_once", _at_once), ("weekly", _every_day), ("most_mg_a_week", _a_week),
    ("most_mg_a_day", _a_day), ("most_mg_per_kg_a_day", _by_weight),
)  # fmt: skip
