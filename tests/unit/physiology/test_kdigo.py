"""KDIGO categories exactly at their limits, in each unit, and the risk of both categories.

Limits: KDIGO 2012, statements 1.2.3 and 1.2.4 (doi:10.1038/kisup.2012.77). Risk: the heat map as
adapted in doi:10.4239/wjd.v8.i5.222, Table 1, and the case studies of the National Kidney
Foundation's risk map (G1/A1 low, G1/A2 moderately increased).
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from crithidia.interpretation.physiology.kdigo import kdigo_a_stage, kdigo_g_stage
from tests.unit.physiology.shared import KIDNEY, derived, shown

# KDIGO 2012: G1 >= 90, G2 60-89, G3a 45-59, G3b 30-44, G4 15-29, G5 < 15; staged before rounding.
STAGES = [(90.0, "g1"), (89.99, "g2"), (60.0, "g2"), (59.97, "g3a"), (59.6, "g3a"), (45.0, "g3a"),
          (44.99, "g3b"), (30.0, "g3b"), (29.99, "g4"), (15.0, "g4"), (14.99, "g5"), (0.5, "g5")]  # fmt: skip


@pytest.mark.parametrize(("value", "stage"), STAGES)
def test_gfr_category(value: float, stage: str) -> None:
    assert kdigo_g_stage(value, KIDNEY["kdigo"]["g_stages"]) == stage


# A1 < 30 mg/g (< 3 mg/mmol), A2 30-300 (3-30), A3 > 300 (> 30); the limits in both units are rounded.
ALBUMIN = [
    ("mg/g", "29.9", "a1"), ("mg/g", "30", "a2"), ("mg/g", "300", "a2"), ("mg/g", "300.1", "a3"),
    ("mg/mmol", "2.99", "a1"), ("mg/mmol", "3", "a2"), ("mg/mmol", "30", "a2"), ("mg/mmol", "30.1", "a3"),
    ("mg/(24.h)", "29", "a1"), ("mg/(24.h)", "30", "a2"), ("mg/(24.h)", "301", "a3"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "value", "stage"), ALBUMIN)
def test_albuminuria_category(unit: str, value: str, stage: str) -> None:
    assert kdigo_a_stage(Fraction(value), KIDNEY["kdigo"]["a_stages"][unit]) == stage


RECORDED = [
    ("urine_albumin_creatinine_ratio: 28 mg/g", "a1"),  # 3.16 mg/mmol, but reported in mg/g
    ("urine_albumin_creatinine_ratio: 30 mg/g", "a2"),
    ("urine_albumin_creatinine_ratio: 0.03 mg/mg", "a2"),
    ("urine_albumin_creatinine_ratio: 3.1 mg/mmol", "a2"),
    ("urine_albumin_creatinine_ratio: 2.9 mg/mmol", "a1"),
    ("urine_albumin_creatinine_ratio: <30 mg/g", "a1"),  # below 30 is A1, 30 itself is not
    ("urine_albumin_creatinine_ratio: <3 mg/mmol", "a1"),
    ("urine_albumin_creatinine_ratio: <=30 mg/g", "a1/a2"),
    ("urine_albumin_creatinine_ratio: 20-400 mg/g", "a1/a2/a3"),
    ("urine_albumin_creatinine_ratio: '>300 mg/g'", "a3"),
    ("urine_albumin_creatinine_ratio: '>=300 mg/g'", "a2/a3"),
    ("urine_albumin_24h: 31 mg/24h", "a2"),
    ("urine_albumin_24h: 0.4 g/d", "a3"),
]


@pytest.mark.parametrize(("entry", "stage"), RECORDED)
def test_recorded_albumin(entry: str, stage: str) -> None:
    assert shown(f"laboratory:\n  {entry}\n")["kdigo_a_stage"] == stage


HEAT_MAP = {
    "g1": ("low", "moderate", "high"),
    "g2": ("low", "moderate", "high"),
    "g3a": ("moderate", "high", "very_high"),
    "g3b": ("high", "very_high", "very_high"),
    "g4": ("very_high", "very_high", "very_high"),
    "g5": ("very_high", "very_high", "very_high"),
}


@pytest.mark.parametrize("g", HEAT_MAP)
def test_heat_map(g: str) -> None:
    assert tuple(KIDNEY["kdigo"]["risk"][g][a] for a in ("a1", "a2", "a3")) == HEAT_MAP[g]


def case(creatinine: str, rest: str) -> str:
    return f"patient: {{sex: male, age: 60 years}}\nlaboratory:\n  creatinine: {creatinine}\n{rest}"


def test_risk_needs_both_categories() -> None:
    assert "kdigo_risk_category" not in shown(case("1.4 mg/dl", ""))
    assert "kdigo_risk_category" not in shown("laboratory: {urine_albumin_creatinine_ratio: 40 mg/g}\n")


def test_risk_of_measured_and_of_stated_albuminuria() -> None:
    measured = case("1.4 mg/dl", "  urine_albumin_creatinine_ratio: 40 mg/g\n")  # G3a, A2
    assert shown(measured)["kdigo_risk_category"] == "high"
    stated = case("1.4 mg/dl", "comorbidities: {kdigo_a_stage: a1}\n")  # G3a, A1
    assert shown(stated)["kdigo_risk_category"] == "moderate"


def test_risk_stays_open_where_the_equations_differ() -> None:
    """Man of 60, 1.3 mg/dL: 59.3 by the equation of 2009 (G3a), 62.9 by that of 2021 (G2)."""
    found = derived(case("1.3 mg/dl", "  urine_albumin_creatinine_ratio: 10 mg/g\n"))
    assert found["kdigo_g_stage", "ckd_epi_2009"].shown == "g3a"
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g2"
    assert found["kdigo_risk_category", "kdigo_risk"].shown == "low/moderate"
