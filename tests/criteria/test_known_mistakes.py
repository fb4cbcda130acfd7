"""Mistakes measured in other implementations of the criteria, each a test by its name.

More of them stand as worked cases named ``error in circulation`` in the YAML files beside this one.
Points and thresholds in the comments are those of the published tables cited in the data files.
"""

from __future__ import annotations

import pytest

from crithidia.definition import shipped_criteria_ids
from crithidia.evaluation import Reason, Result, Verdict, evaluate
from crithidia.foundation.library import shipped_library
from crithidia.interpretation.physiology.kdigo import kdigo_g_stage


def judged(set_id: str, present: str, **values: str | bool) -> Result:
    """Evaluate with the findings named present and every other finding absent."""
    facts: dict[str, str | bool] = dict.fromkeys(present.split(), True)
    return evaluate(set_id, {**facts, **values}, assume_absent=True)


def test_sle_2019_verdict_from_the_total_without_the_ana_entry_criterion() -> None:
    # Class III nephritis 10 + joints 6 = 16, but no ANA at 1:80 or more.
    result = judged("sle_eular_acr_2019", "lupus_nephritis_class_iii sle_joint_involvement")
    assert (str(result.score), result.verdict) == ("16", Verdict.NOT_MET)
    assert result.reason is Reason.ENTRY_NOT_MET


def test_aps_2023_verdict_from_the_total_without_3_plus_3() -> None:
    # Laboratory 5 + 7 = 12, clinical 2 (valve thickening): the total is 14, the clinical part too low.
    result = judged(
        "aps_acr_eular_2023",
        "apl_test_within_3_years_of_clinical_criterion cardiac_valve_thickening "
        "persistent_lupus_anticoagulant persistent_anticardiolipin_igg_at_least_80 "
        "persistent_anti_beta2gpi_igg_at_least_80",
    )
    assert (str(result.score), result.verdict) == ("14", Verdict.NOT_MET)


def test_igg4_rd_exclusions_that_never_exclude() -> None:
    # Pancreas and biliary tree 19 + two sets of glands 14 = 33, with antibodies against PR3.
    glands = "bilateral_gland_involvement_two_or_more_sets"
    findings = f"igg4rd_organ_involvement pancreas_and_biliary_tree_involvement {glands}"
    assert judged("igg4rd_acr_eular_2019", findings).verdict is Verdict.MET
    excluded = judged("igg4rd_acr_eular_2019", f"{findings} anti_pr3")
    assert (excluded.verdict, excluded.reason) == (Verdict.NOT_MET, Reason.EXCLUDED)


def test_yamaguchi_with_one_major() -> None:
    # Five criteria, of which two must be major: one major and all four minor do not do.
    one = "still_typical_rash sore_throat lymphadenopathy liver_dysfunction_not_due_to_drugs"
    assert judged("aosd_yamaguchi_1992", one, rheumatoid_factor=False, ana=False).verdict is Verdict.NOT_MET
    two = f"{one} arthralgia_for_at_least_2_weeks"
    assert judged("aosd_yamaguchi_1992", two, rheumatoid_factor=False, ana=False).verdict is Verdict.MET


def test_ssc_2013_pitting_scars_and_ulcers_swapped() -> None:
    assert str(judged("ssc_acr_eular_2013", "fingertip_pitting_scars").score) == "3"
    assert str(judged("ssc_acr_eular_2013", "digital_tip_ulcers").score) == "2"


def test_iim_2017_skin_items_taken_as_highest_instead_of_summed() -> None:
    # Heliotrope 3.1 + papules 2.1 + sign 3.3 = 8.5, definite; the highest alone would be 3.3.
    result = judged("iim_eular_acr_2017", "heliotrope_rash gottron_papules gottron_sign", age_at_onset="10 a")
    assert (str(result.score), result.verdict) == ("8.5", Verdict.MET)


def test_iim_2017_columns_mixed() -> None:
    # Heliotrope and anti-Jo-1: 3.1 + 3.9 = 7.0 without, 3.2 + 3.8 = 7.0 with biopsy; papules 2.1 and 2.7.
    without = judged("iim_eular_acr_2017", "gottron_papules", age_at_onset="50 a")
    with_ = judged("iim_eular_acr_2017", "gottron_papules muscle_biopsy", age_at_onset="50 a")
    assert (without.column.id, str(without.score)) == ("without_biopsy", "4.2")  # 2.1 + 2.1
    assert (with_.column.id, str(with_.score)) == ("with_biopsy", "4.9")  # 2.2 + 2.7


def test_iim_2017_cut_off_at_50_percent() -> None:
    # Gottron sign 3.3 + onset at 40 or more 2.1 = 5.4: above 5.3 (50 %), below 5.5 (55 %).
    result = judged("iim_eular_acr_2017", "gottron_sign", age_at_onset="40 a")
    assert (str(result.score), result.verdict) == ("5.4", Verdict.NOT_MET)
    assert result.category is not None
    assert (result.category.id, result.category.classified) == ("possible", False)


def test_mpa_2022_pauci_immune_glomerulonephritis_worth_1() -> None:
    assert str(judged("mpa_acr_eular_2022", "pauci_immune_glomerulonephritis").score) == "3"


def test_gout_2015_cut_off_7_instead_of_8() -> None:
    # Tophus 4, urate 6 to under 8 mg/dL (400 umol/L) 2, first metatarsophalangeal joint 2 or ankle 1.
    cases = (("first_mtp", "8", Verdict.MET), ("ankle_or_midfoot", "7", Verdict.NOT_MET))
    for joint, score, verdict in cases:
        findings = f"peripheral_joint_or_bursa_episode tophus {joint}_in_mono_or_oligoarticular_episode"
        result = judged("gout_acr_eular_2015", findings, uric_acid="400 umol/L")
        assert (str(result.score), result.verdict) == (score, verdict)


@pytest.mark.parametrize(("urate", "points"), [("3.9 mg/dL", -4), ("4 mg/dL", 0), ("6 mg/dL", 2),
                                               ("8 mg/dL", 3), ("10 mg/dL", 4)])  # fmt: skip
def test_gout_2015_urate_item_misread(urate: str, points: int) -> None:
    result = judged("gout_acr_eular_2015", "peripheral_joint_or_bursa_episode", uric_acid=urate)
    assert int(result.score.low) == int(result.score.high) == points


def test_axial_spa_counting_the_entry_feature_again() -> None:
    # Sacroiliitis and no other feature; HLA-B27 and one other feature: neither arm is reached.
    back = "chronic_back_pain_at_least_3_months"
    for findings in ("sacroiliitis_on_imaging", "hla_b27 inflammatory_back_pain"):
        result = judged("axspa_asas_2009", f"{back} {findings}", age_at_back_pain_onset="30 a")
        assert result.verdict is Verdict.NOT_MET, findings


def test_peripheral_spa_counting_the_entry_feature_again() -> None:
    # Dactylitis opens the set; with a family history alone only one further feature is there.
    one = judged("pspa_asas_2011", "dactylitis family_history_of_spondyloarthritis")
    assert one.verdict is Verdict.NOT_MET
    more = "dactylitis family_history_of_spondyloarthritis past_inflammatory_back_pain"
    assert judged("pspa_asas_2011", more).verdict is Verdict.MET


def test_exactly_six_weeks_of_symptoms_count_in_ra_2010() -> None:
    for weeks, points in (("6 wk", 1), ("41 d", 0)):
        result = judged("ra_acr_eular_2010", "definite_clinical_synovitis", joint_symptom_duration=weeks)
        duration = next(item for item in result.items if item.id == "symptoms_for_6_weeks")
        assert int(duration.points) == points, weeks


def test_egfr_is_staged_before_rounding() -> None:
    stages = shipped_library().document("measurements/kidney.yaml").data["kdigo"]["g_stages"]
    assert kdigo_g_stage(59.6, stages) == "g3a"  # printed as 60


def test_alternatives_inside_an_item_added_up() -> None:
    assert str(judged("ssc_acr_eular_2013", "anticentromere anti_topoisomerase_i").score) == "3"
    lungs = "interstitial_lung_disease pulmonary_arterial_hypertension"
    assert str(judged("ssc_acr_eular_2013", lungs).score) == "2"
    assert str(judged("sle_eular_acr_2019", "anti_dsdna anti_smith").score) == "6"
    assert str(judged("gout_acr_eular_2015", "double_contour_sign urate_deposition_on_dect",
                      uric_acid="5 mg/dL").score) == "4"  # fmt: skip


@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_a_blank_form_says_nothing(set_id: str) -> None:
    assert evaluate(set_id, {}).verdict is Verdict.UNDETERMINED
