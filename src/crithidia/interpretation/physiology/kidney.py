"""What creatinine, cystatin C and urine albumin say of the kidneys.

Refuses to name a disease: chronic kidney disease lasts more than three months, and one value does
not show that. Equations: ``egfr``; categories: ``kdigo``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.text import Phrase
from crithidia.interpretation.derived import Derived
from crithidia.interpretation.physiology.egfr import applies, is_of_children, of_adult, of_child
from crithidia.interpretation.physiology.kdigo import possible_a_stages, possible_g_stages, possible_risks
from crithidia.interpretation.physiology.values import Bounds, age_at, basis, latest, sex_of
from crithidia.interpretation.timing import compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.case import Fact
    from crithidia.interpretation.measurements import Reading
    from crithidia.interpretation.picture import Picture

_UNIT: Final = "mL/min/{1.73_m2}"
_MARKERS: Final = ("creatinine", "cystatin_c")


def derive_kidney(picture: Picture, knowledge: Mapping[str, Any]) -> Iterator[Derived]:
    """Yield eGFR by every equation that the record allows, the categories and the risk."""
    categories: list[tuple[str, ...]] = []
    for name, equation in knowledge["equations"].items():
        estimate = _estimate(picture, equation, knowledge)
        if estimate is None:
            continue
        bounds, used = estimate
        stages = possible_g_stages(bounds, knowledge["kdigo"]["g_stages"])
        categories.append(stages)
        yield Derived(equation["result"], bounds.shown(0), _UNIT, bounds.decimal(), name,
                      f"doi:{equation['citation']['doi']}", used)  # fmt: skip
        yield Derived("kdigo_g_stage", "/".join(stages), "", None, name,
                      f"doi:{knowledge['kdigo']['citation']['doi']}", used,
                      _duration(picture, equation, knowledge))  # fmt: skip
    yield from _albuminuria(picture, knowledge["kdigo"], categories)


def _estimate(picture: Picture, equation: Mapping[str, Any], knowledge: Mapping[str, Any],
              creatinine: Reading | None = None) -> tuple[Bounds, tuple[Fact, ...]] | None:  # fmt: skip
    """Return the estimate and the facts behind it, or None where the equation cannot be used."""
    readings = _readings(picture, equation, creatinine)
    first = next(iter(readings.values()))
    age = age_at(picture, first.fact.at) if first else None
    sex = sex_of(picture)
    present = {name: reading for name, reading in readings.items() if reading is not None}
    if age is None or sex is None or len(present) < len(readings) or not applies(equation, age):
        return None
    amounts = {name: _amount(name, reading, knowledge) for name, reading in present.items()}
    used = basis(picture, *present.values())
    if is_of_children(equation):
        return of_child(equation, sex, age, amounts), used
    return of_adult(equation, sex, age, amounts), used


def _readings(picture: Picture, equation: Mapping[str, Any],
              creatinine: Reading | None) -> dict[str, Reading | None]:  # fmt: skip
    """Return the latest reading of each marker, rather of one visit."""
    first = creatinine or latest(picture, equation["uses"][0])
    at = first.fact.at if first else None
    others = {name: latest(picture, name, at) for name in equation["uses"][1:]}
    return {equation["uses"][0]: first, **others}


def _amount(name: str, reading: Reading, knowledge: Mapping[str, Any]) -> Bounds:
    scale = float(knowledge["creatinine"]["umol_per_mg_dl"]) if name == "creatinine" else 1.0
    return Bounds.of(reading).mapped(lambda value: value / scale)


def _duration(picture: Picture, equation: Mapping[str, Any], knowledge: Mapping[str, Any]) -> Phrase:
    """Say whether two estimates below 60 lie as far apart as chronic disease requires."""
    limit = next(stage["from"] for stage in knowledge["kdigo"]["g_stages"] if stage["id"] == "g2")
    low = []
    for reading in picture.readings.get("creatinine", ()):
        estimate = _estimate(picture, equation, knowledge, reading)
        if equation["uses"] == ["creatinine"] and estimate and (estimate[0].high or limit) < limit:
            low.append(reading.fact)
    if len(low) > 1 and _are_apart(low[0], low[-1], knowledge["kdigo"]["lasting"]["months"]):
        return Phrase.of("kdigo_three_months_shown")
    return Phrase.of("kdigo_needs_three_months")


def _are_apart(first: Fact, last: Fact, months: float) -> bool:
    if first.at is None or last.at is None:
        return False
    beyond = compared(first.at, last.at, float(months), "mo")
    return beyond is not None and beyond >= 0


def _albuminuria(picture: Picture, kdigo: Mapping[str, Any],
                 categories: list[tuple[str, ...]]) -> Iterator[Derived]:  # fmt: skip
    """Yield the albuminuria category of a measured value, and the risk of both categories."""
    reading = latest(picture, "urine_albumin_creatinine_ratio") or latest(picture, "urine_albumin_24h")
    if reading:
        stages = possible_a_stages(reading, kdigo["a_stages"])
        facts: tuple[Fact, ...] = (reading.fact,)
        yield Derived("kdigo_a_stage", "/".join(stages), "", None, "kdigo_albuminuria",
                      f"doi:{kdigo['citation']['doi']}", facts,
                      Phrase.of("kdigo_needs_three_months"))  # fmt: skip
    else:
        stages = picture.codes.get("kdigo_a_stage", ())[-1:]
        facts = picture.evidence.get(("kdigo_a_stage", True), ())
    if categories and stages:
        risks = possible_risks(categories, stages, kdigo["risk"])
        yield Derived("kdigo_risk_category", "/".join(risks), "", None, "kdigo_risk",
                      f"doi:{kdigo['risk_citation']['doi']}", facts,
                      Phrase.of("kdigo_risk_of_both"))  # fmt: skip
