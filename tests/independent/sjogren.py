"""Sjögren syndrome, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many

DRY_EYES = ("daily_dry_eyes_over_3_months", "recurrent_gritty_eyes", "tear_substitutes_over_3_times_a_day")


def sjogren_acr_eular_2016(k: Known) -> Outcome:
    """Shiboski 2017, Table 3 (doi:10.1136/annrheumdis-2016-210571), read in the journal and a reprint.

    One symptom of dryness or an ESSDAI domain lets in; seven exclusions; 4 points.
    """
    entered = any_of(
        k, *DRY_EYES, "daily_dry_mouth_over_3_months", "drinks_to_swallow_dry_food", "essdai_domain_positive"
    )
    excluded = any_of(
        k, "head_neck_radiation", "active_hepatitis_c", "aids", "sarcoidosis", "amyloidosis",
        "graft_versus_host_disease", "igg4_related_disease",
    )  # fmt: skip
    total = 3 * k["focal_lymphocytic_sialadenitis_focus_score_1"] + 3 * k["anti_ssa_ro"]
    total += how_many(
        k["ocular_staining_score_at_least_5"] or k["van_bijsterveld_score_at_least_4"],
        k["abnormal_schirmer_test"],
        k["low_unstimulated_salivary_flow"],
    )
    met = entered and not excluded and total >= 4
    return met, total, "definite" if met else None


def sjogren_aecg_2002(k: Known) -> Outcome:
    """Vitali 2002, Tables 2 and 3 (doi:10.1136/ard.61.6.554).

    The six items were read in a reprinted table, the rules and exclusions are from memory. Primary:
    four of six with histology or antibodies, or three of the four objective items. Secondary, beside
    another disease: a symptom and two of signs, histology and glands.
    """
    eyes = any_of(k, *DRY_EYES)
    mouth = any_of(
        k, "daily_dry_mouth_over_3_months", "swollen_salivary_glands_as_adult", "drinks_to_swallow_dry_food"
    )
    signs = any_of(k, "abnormal_schirmer_test", "van_bijsterveld_score_at_least_4")
    histology = bool(k["focal_lymphocytic_sialadenitis_focus_score_1"])
    glands = any_of(
        k, "low_unstimulated_salivary_flow", "sialectasis_on_parotid_sialography",
        "abnormal_salivary_scintigraphy",
    )  # fmt: skip
    antibodies = any_of(k, "anti_ssa_ro", "anti_ssb_la")
    total = how_many(eyes, mouth, signs, histology, glands, antibodies)
    objective = how_many(signs, histology, glands, antibodies)
    category = None
    if k["disease_associated_with_secondary_sjogren"]:
        if (eyes or mouth) and how_many(signs, histology, glands) >= 2:
            category = "secondary"
    elif objective >= 3 or (total >= 4 and (histology or antibodies)):
        category = "primary"
    return category is not None and not _excluded(k), total, category


def _excluded(k: Known) -> bool:
    return any_of(
        k, "head_neck_radiation", "hepatitis_c_infection", "active_hepatitis_c", "aids",
        "pre_existing_lymphoma", "sarcoidosis", "graft_versus_host_disease", "current_anticholinergic_drug",
    )  # fmt: skip
