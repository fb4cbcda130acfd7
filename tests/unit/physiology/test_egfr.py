"""eGFR at points where the powers are simple, worked out by hand, and categories at their limits.

Values that others printed are in tests/published.
"""

from __future__ import annotations

import pytest

from crithidia.interpretation.physiology.egfr import egfr, schwartz
from tests.unit.physiology.shared import KIDNEY, derived, shown

EQUATIONS = KIDNEY["equations"]

CYSTATIN_2012 = [
    ("female", 40, 1.6, 42.06),  # 133 × 2^-1.328 × 0.996^40 × 0.932
    ("male", 50, 0.8, 108.85),  # the knot: 133 × 0.996^50
]


@pytest.mark.parametrize(("sex", "age", "cystatin", "expected"), CYSTATIN_2012)
def test_cystatin_c(sex: str, age: int, cystatin: float, expected: float) -> None:
    value = egfr(EQUATIONS["ckd_epi_2012_cystatin_c"], sex=sex, age=age, cystatin_c=cystatin)
    assert value == pytest.approx(expected, rel=1e-4)


BOTH_2012 = [
    ("male", 50, 0.9, 0.8, 105.07),  # both markers at their knots: 135 × 0.995^50
    ("female", 60, 0.7, 0.8, 96.84),  # 135 × 0.995^60 × 0.969
    ("male", 50, 1.8, 0.8, 69.27),  # × 2^-0.601
    ("male", 50, 0.9, 1.6, 64.19),  # × 2^-0.711
    ("female", 60, 0.35, 0.4, 149.14),  # × 0.5^-0.248 × 0.5^-0.375
]


@pytest.mark.parametrize(("sex", "age", "creatinine", "cystatin", "expected"), BOTH_2012)
def test_both_markers_2012(sex: str, age: int, creatinine: float, cystatin: float, expected: float) -> None:
    value = egfr(EQUATIONS["ckd_epi_2012_creatinine_cystatin_c"], sex=sex, age=age, creatinine=creatinine,
                 cystatin_c=cystatin)  # fmt: skip
    assert value == pytest.approx(expected, abs=0.01)


SCHWARTZ = [
    (140, 0.7, 82.6),  # 0.413 × 140 / 0.7
    (100, 0.413, 100.0),
    (120, 0.6, 82.6),
    (150, 1.0, 61.95),
]


@pytest.mark.parametrize(("height", "creatinine", "expected"), SCHWARTZ)
def test_schwartz(height: float, creatinine: float, expected: float) -> None:
    equation = EQUATIONS["schwartz_bedside_2009"]
    assert schwartz(equation, height_cm=height, creatinine=creatinine) == pytest.approx(expected, abs=0.005)


ADULT = "patient: {{sex: {sex}, age: {age} years}}\nlaboratory:\n  creatinine: {creatinine}\n"


def adult(creatinine: str, *, sex: str = "male", age: object = 60, more: str = "") -> str:
    return ADULT.format(sex=sex, age=age, creatinine=creatinine) + more


def test_an_estimate_that_prints_60_is_g3a_below_60() -> None:
    """122 µmol/L, man of 55: 142 × (1.38009/0.9)^-1.2 × 0.9938^55 = 60.4; 123.5 gives 59.5."""
    found = derived(adult("122.0 umol/l", age=55))
    assert found["egfr_ckd_epi_2021", "ckd_epi_2021"].shown == "60"
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g2"
    found = derived(adult("123.5 umol/l", age=55))
    assert found["egfr_ckd_epi_2021", "ckd_epi_2021"].shown == "60"
    assert 59.5 < float(found["egfr_ckd_epi_2021", "ckd_epi_2021"].number or 0) < 60
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g3a"


def test_a_range_of_creatinine_gives_a_range_and_an_open_category() -> None:
    """Man of 60: 1.4 mg/dL gives 57.54 (kidney.epi), 1.0 mg/dL 142 × (1/0.9)^-1.2 × 0.9938^60 = 86.2."""
    found = derived(adult("1.0-1.4 mg/dl"))
    assert found["egfr_ckd_epi_2021", "ckd_epi_2021"].shown == "58 … 86"
    assert found["egfr_ckd_epi_2021", "ckd_epi_2021"].number is None
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g2/g3a"


def test_a_bounded_creatinine_bounds_the_estimate() -> None:
    """100 µmol/L is 1.1312 mg/dL: 142 × 1.2569^-1.2 × 0.9938^60 = 142 × 0.7600 × 0.6886 = 74.3."""
    found = derived(adult("'>500 umol/l'"))
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g5"
    found = derived(adult("<100 umol/l"))
    assert found["egfr_ckd_epi_2021", "ckd_epi_2021"].shown == ">= 74"
    assert found["kdigo_g_stage", "ckd_epi_2021"].shown == "g1/g2"


def test_every_equation_whose_markers_were_measured_is_used() -> None:
    found = shown(adult("1.4 mg/dl", more="  cystatin_c: 0.8 mg/l\n"))
    assert found["egfr_ckd_epi_2009"] == "54"
    assert found["egfr_ckd_epi_2021"] == "58"
    assert found["egfr_ckd_epi_2021_creatinine_cystatin_c"] == "84"
    assert found["egfr_ckd_epi_2012_cystatin_c"] == "105"  # 133 × 0.996^60
    assert "egfr_ckd_epi_2012_creatinine_cystatin_c" in found


def test_cystatin_c_alone_is_enough() -> None:
    found = shown("patient: {sex: female, age: 60 years}\nlaboratory: {cystatin_c: 1.0 mg/l}\n")
    assert found["egfr_ckd_epi_2012_cystatin_c"] == "72"
    assert "egfr_ckd_epi_2021" not in found


@pytest.mark.parametrize(("age", "low", "high"), [
    # 39.0 × 1.008^-1 × 1.2 / 0.9 = 51.59 to 39.0 × 1.045 × 1.2 / 0.9 = 54.34
    ("11-13", 52, 54),
    # 87.2 × 1.011^-1 / 1.3 = 66.35 and 87.2 × 0.960 / 1.3 = 64.39, but 87.2 / 1.3 = 67.08 at 15
    ("14-16", 64, 67),
])  # fmt: skip
def test_ckid_u25_over_a_range_of_ages(age: str, low: int, high: int) -> None:
    found = shown(f"patient: {{sex: male, age: {age} years}}\nexamination: {{height: 1.2 m}}\n"
                  "laboratory: {creatinine: 0.9 mg/dl, cystatin_c: 1.3 mg/L}\n")  # fmt: skip
    concept = "egfr_ckid_u25_2021" if age == "11-13" else "egfr_ckid_u25_2021_cystatin_c"
    assert found[concept] == f"{low} … {high}"


@pytest.mark.parametrize("missing", ["sex: male, ", "age: 60 years", ""])
def test_nothing_is_guessed(missing: str) -> None:
    text = "patient: {sex: male, age: 60 years}\nlaboratory: {creatinine: 1.4 mg/dl}\n"
    found = shown(text.replace(missing, "") if missing else text.replace("creatinine: 1.4 mg/dl", ""))
    assert not [concept for concept in found if concept.startswith("egfr")]


def test_children_need_their_height() -> None:
    child = adult("1.4 mg/dl", age=10)
    assert not [concept for concept in shown(child) if concept.startswith("egfr")]
    found = shown(child + "examination: {height: 90 cm}\n")
    assert found["egfr_schwartz_bedside_2009"] == "27"
    assert found["kdigo_g_stage"] == "g4"
    # 36.1 or 39.0 × 1.008^-2 × 0.9 / 1.4 = 22.8 or 24.7
    assert found["egfr_ckid_u25_2021"] in {"23", "25"}
    assert "egfr_ckd_epi_2021" not in found
    of_age = shown(adult("1.4 mg/dl", age=18, more="examination: {height: 1.7 m}\n"))
    assert "egfr_schwartz_bedside_2009" not in of_age


def test_an_age_of_17_to_18_years_suits_no_equation() -> None:
    assert not [concept for concept in shown(adult("1.4 mg/dl", age="17-18")) if concept.startswith("egfr")]


SERIES = """\
patient: {{sex: male, age: 60 years}}
laboratory: {{creatinine: {first}}}
visits:
  - at: {at}
    laboratory: {{creatinine: 1.6 mg/dl}}
"""


@pytest.mark.parametrize(("first", "at", "note"), [
    ("{is: 1.5 mg/dl, at: admission}", "+3 months", "kdigo_three_months_shown"),
    ("{is: 1.5 mg/dl, at: admission}", "+2 months", "kdigo_needs_three_months"),
    ("{is: 1.2 mg/dl, at: admission}", "+3 months", "kdigo_needs_three_months"),  # 69: not below 60
    ("1.5 mg/dl", "+3 months", "kdigo_needs_three_months"),  # the first has no time
])  # fmt: skip
def test_three_months_must_be_shown(first: str, at: str, note: str) -> None:
    found = derived(SERIES.format(first=first, at=at))["kdigo_g_stage", "ckd_epi_2021"]
    assert found.note is not None
    assert found.note.id == note


def test_age_grows_with_the_visits() -> None:
    """Ten years on the same creatinine gives 0.9938^10 of the estimate: 57.54 × 0.9397 = 54.07."""
    text = "patient: {sex: male, age: 60 years}\nvisits:\n"
    text += "  - at: +10 years\n    laboratory: {creatinine: 1.4 mg/dl}\n"
    number = derived(text)["egfr_ckd_epi_2021", "ckd_epi_2021"].number
    assert float(number or 0) == pytest.approx(54.07, abs=0.01)
