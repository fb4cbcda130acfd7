"""Categories of the heart's measurements at their limits, and what stays open."""

from __future__ import annotations

import pytest

from tests.unit.physiology.shared import derived, shown

PH = "echocardiographic_probability_of_pulmonary_hypertension"

# Universal definition 2021: reduced <= 40, mildly reduced 41-49, preserved >= 50.
LVEF = [("40 %", "reduced"), ("40.1 %", "mildly_reduced"), ("41 %", "mildly_reduced"),
        ("49 %", "mildly_reduced"),
        ("49.9 %", "mildly_reduced"), ("50 %", "preserved"), ("35-45 %", "reduced/mildly_reduced"),
        ("'>55 %'", "preserved"), ("'<=40 %'", "reduced"), ("'<50 %'", "reduced/mildly_reduced")]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), LVEF)
def test_ejection_fraction(value: str, expected: str) -> None:
    assert shown(f"cardiology: {{lvef: {value}}}")["lvef_category"] == expected


# ESC 2021: below 125 ng/L heart failure is unlikely where symptoms are not acute.
NON_ACUTE = [("124.9 ng/l", "heart_failure_unlikely"), ("125 pg/ml", "heart_failure_not_excluded"),
             ("203 pg/ml", "heart_failure_not_excluded"), ("'<125 ng/l'", "heart_failure_unlikely"),
             ("100-150 ng/l", "heart_failure_unlikely/heart_failure_not_excluded")]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), NON_ACUTE)
def test_nt_probnp_not_acute(value: str, expected: str) -> None:
    assert shown(f"laboratory: {{nt_probnp: {value}}}")["nt_probnp_non_acute"] == expected


# Acute: below 300 unlikely; likely above 450 (under 50 years), 900 (50 to 75), 1800 (over 75).
ACUTE = [
    ("49 years", "299 ng/l", "acute_heart_failure_unlikely"), ("49 years", "300 ng/l", "grey_zone"),
    ("49 years", "450 ng/l", "grey_zone"), ("49 years", "451 ng/l", "acute_heart_failure_likely"),
    ("50 years", "451 ng/l", "grey_zone"), ("50 years", "901 ng/l", "acute_heart_failure_likely"),
    ("75 years", "901 ng/l", "acute_heart_failure_likely"), ("76 years", "901 ng/l", "grey_zone"),
    ("76 years", "1800 ng/l", "grey_zone"), ("76 years", "1801 ng/l", "acute_heart_failure_likely"),
    ("49-50 years", "500 ng/l", "acute_heart_failure_likely/grey_zone"),
]  # fmt: skip


@pytest.mark.parametrize(("age", "value", "expected"), ACUTE)
def test_nt_probnp_if_acute(age: str, value: str, expected: str) -> None:
    text = f"patient: {{age: {age}}}\nlaboratory: {{nt_probnp: {value}}}"
    assert shown(text)["nt_probnp_acute"] == expected


def test_nt_probnp_without_age_stays_open() -> None:
    found = derived("laboratory: {nt_probnp: 1000 ng/l}")["nt_probnp_acute", "nt_probnp_acute"]
    assert found.shown == "acute_heart_failure_likely/grey_zone"
    assert found.note is not None
    assert dict(found.note.parameters)["concepts"] == ("age",)
    # above 1800 ng/L it is likely at every age
    assert shown("laboratory: {nt_probnp: 2000 ng/l}")["nt_probnp_acute"] == "acute_heart_failure_likely"


SIGNS = {
    "none": "rv_lv_basal_diameter_ratio: 0.9, interventricular_septum_flattening: absent, "
    "lv_eccentricity_index: 1.0, tapse_spap_ratio: 0.7 mm/mmHg, "
    "rvot_acceleration_time: 120 ms, rvot_midsystolic_notching: absent, "
    "early_diastolic_pulmonary_regurgitation_velocity: 1.5 m/s, "
    "pulmonary_artery_wider_than_aortic_root: absent, "
    "pulmonary_artery_diameter: 22 mm, inferior_vena_cava_diameter: 18 mm, right_atrial_area: 15 cm2",
    "two of one group": "interventricular_septum_flattening: present, rv_lv_basal_diameter_ratio: 1.2, "
    "rvot_acceleration_time: 120 ms, rvot_midsystolic_notching: absent, "
    "early_diastolic_pulmonary_regurgitation_velocity: 1.5 m/s, "
    "pulmonary_artery_wider_than_aortic_root: absent, "
    "pulmonary_artery_diameter: 25 mm, inferior_vena_cava_diameter: 18 mm, right_atrial_area: 18 cm2",
    "two groups": "interventricular_septum_flattening: present, right_atrial_area: 19 cm2",
    "unknown": "",
}
# ESC/ERS 2022: TRV 2.8 or less (or not measurable), 2.9 to 3.4, above 3.4 m/s, with or without other signs.
PROBABILITY = [
    ("2.8 m/s", "none", "low"), ("2.8 m/s", "two groups", "intermediate"),
    ("2.8 m/s", "two of one group", "low"),
    ("2.9 m/s", "none", "intermediate"), ("2.9 m/s", "two groups", "high"),
    ("2.85 m/s", "none", "intermediate"),  # between the printed numbers: above 2.8
    ("3.4 m/s", "none", "intermediate"), ("3.4 m/s", "two groups", "high"),
    ("340 cm/s", "none", "intermediate"),
    ("3.5 m/s", "none", "high"), ("3.5 m/s", "unknown", "high"),
    ("2.8 m/s", "unknown", "intermediate/low"), ("3.0 m/s", "unknown", "high/intermediate"),
    ("2.7-3.0 m/s", "two groups", "high/intermediate"), ("2.7-3.0 m/s", "none", "intermediate/low"),
]  # fmt: skip


@pytest.mark.parametrize(("velocity", "signs", "expected"), PROBABILITY)
def test_probability_of_pulmonary_hypertension(velocity: str, signs: str, expected: str) -> None:
    text = f"cardiology: {{tricuspid_regurgitation_velocity: {velocity}, {SIGNS[signs]}}}"
    assert shown(text)[PH] == expected


def test_a_velocity_that_cannot_be_measured_counts_as_low() -> None:
    base = "cardiology: {tricuspid_regurgitation_velocity_not_measurable: present, %s}"
    assert shown(base % SIGNS["none"])[PH] == "low"
    assert shown(base % SIGNS["two groups"])[PH] == "intermediate"


def test_signs_alone_give_no_probability() -> None:
    assert PH not in shown(f"cardiology: {{{SIGNS['two groups']}}}")


def test_a_wide_vena_cava_is_a_sign_only_if_it_does_not_collapse() -> None:
    base = ("cardiology: {tricuspid_regurgitation_velocity: 3 m/s, rvot_acceleration_time: 90 ms, "
            "inferior_vena_cava_diameter: 24 mm, inferior_vena_cava_decreased_collapse: %s, "
            "right_atrial_area: 15 cm2, "
            "rv_lv_basal_diameter_ratio: 0.9, interventricular_septum_flattening: absent, "
            "lv_eccentricity_index: 1, "
            "tapse_spap_ratio: 0.55 mm/mmHg}")  # fmt: skip
    assert shown(base % "present")[PH] == "high"
    assert shown(base % "absent")[PH] == "intermediate"


def test_the_latest_value_is_taken() -> None:
    text = "cardiology: {lvef: {is: 35 %, at: admission}}\nvisits:\n"
    text += "  - at: +1 year\n    cardiology: {lvef: 52 %}\n"
    assert shown(text)["lvef_category"] == "preserved"
