"""Vasculitis, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many

NOSE = (
    "bloody_nasal_discharge", "nasal_ulcers", "nasal_crusting", "nasal_congestion", "nasal_blockage",
    "nasal_septal_defect_or_perforation",
)  # fmt: skip


def _sorted(k: Known, vessels: str, total: int, cut: int) -> Outcome:
    """The sets of 2022 only sort a vasculitis that was diagnosed and is no mimic."""
    met = bool(k[vessels]) and not k["vasculitis_mimic"] and total >= cut
    return met, total, "classified" if met else None


def gpa_acr_eular_2022(k: Known) -> Outcome:
    """Robson 2022 (doi:10.1002/art.41986), read in a summary and a reprinted criteria box; 5 points."""
    total = 3 * any_of(k, *NOSE)
    total += 2 * any_of(
        k, "auricular_chondritis", "nasal_chondritis", "hoarse_voice", "stridor",
        "endobronchial_involvement", "saddle_nose_deformity",
    )  # fmt: skip
    total += 1 * any_of(k, "conductive_hearing_loss", "sensorineural_hearing_loss")
    total += 5 * any_of(k, "anca_c", "anti_pr3")
    total += 2 * any_of(k, "pulmonary_nodules", "pulmonary_mass", "pulmonary_cavitation")
    total += 2 * any_of(
        k, "granuloma_on_biopsy", "extravascular_granulomatous_inflammation", "giant_cells_on_biopsy"
    )
    total += 1 * any_of(
        k, "sinus_inflammation_on_imaging", "sinus_consolidation_on_imaging", "sinus_effusion_on_imaging",
        "mastoiditis_on_imaging",
    )  # fmt: skip
    total += int(k["pauci_immune_glomerulonephritis"])
    total -= 1 * any_of(k, "anca_p", "anti_mpo")
    total -= 4 * k["blood_eosinophils_at_least_1"]
    return _sorted(k, "small_or_medium_vessel_vasculitis", total, 5)


def mpa_acr_eular_2022(k: Known) -> Outcome:
    """Suppiah 2022 (doi:10.1002/art.41983), read in a summary with all weights; 5 points."""
    total = -3 * any_of(k, *NOSE)
    total += 6 * any_of(k, "anca_p", "anti_mpo")
    total += 3 * any_of(k, "pulmonary_fibrosis", "interstitial_lung_disease")
    total += 3 * k["pauci_immune_glomerulonephritis"]
    total -= 1 * any_of(k, "anca_c", "anti_pr3")
    total -= 4 * k["blood_eosinophils_at_least_1"]
    return _sorted(k, "small_or_medium_vessel_vasculitis", total, 5)


def egpa_acr_eular_2022(k: Known) -> Outcome:
    """Grayson 2022 (doi:10.1002/art.41982), from memory of abstract and criteria box; 6 points."""
    total = 3 * k["obstructive_airway_disease"] + 3 * k["nasal_polyps"] + 1 * k["mononeuritis_multiplex"]
    total += 5 * k["blood_eosinophils_at_least_1"] + 2 * k["extravascular_eosinophilic_inflammation"]
    total -= 3 * any_of(k, "anca_c", "anti_pr3")
    total -= 1 * k["haematuria"]
    return _sorted(k, "small_or_medium_vessel_vasculitis", total, 6)


def gca_acr_eular_2022(k: Known) -> Outcome:
    """Ponte 2022 (doi:10.1136/ard-2022-223480), read in the abstract and in reprinted boxes.

    Age of at least 50 at diagnosis is required; 6 points.
    """
    total = 2 * k["morning_stiffness_of_shoulders_or_neck"] + 3 * k["sudden_visual_loss"]
    total += 2 * any_of(k, "jaw_claudication", "tongue_claudication")
    total += 2 * k["new_temporal_headache"] + 2 * k["scalp_tenderness"]
    total += 2 * any_of(
        k, "temporal_artery_reduced_pulse", "temporal_artery_tenderness", "temporal_artery_cord_like"
    )
    total += 3 * any_of(k, "esr_at_least_50", "crp_at_least_10_mg_per_l")
    total += 5 * any_of(k, "temporal_artery_biopsy_definite_vasculitis", "temporal_artery_halo_sign")
    total += 2 * k["bilateral_axillary_artery_involvement"] + 2 * k["fdg_pet_activity_throughout_aorta"]
    met, _, category = _sorted(k, "medium_or_large_vessel_vasculitis", total, 6)
    if k["age_at_diagnosis"] < 50:
        met, category = False, None
    return met, total, category


def takayasu_acr_eular_2022(k: Known) -> Outcome:
    """Grayson 2022 (doi:10.1002/art.42324); weights read in the abstract and in reprinted boxes.

    Age of at most 60 and vasculitis on imaging are required; 5 points.
    """
    total = 1 * (k["sex"] == "female")
    total += 2 * any_of(k, "angina", "ischaemic_cardiac_pain")
    total += 2 * any_of(k, "arm_claudication", "leg_claudication")
    total += 2 * k["vascular_bruit"] + 2 * k["reduced_pulse_in_upper_limb"]
    total += 2 * any_of(k, "reduced_carotid_pulse", "carotid_tenderness")
    total += 1 * k["systolic_difference_between_arms_at_least_20_mmhg"]
    total += how_many(
        k["at_least_1_affected_arterial_territory"], k["at_least_2_affected_arterial_territories"],
        k["at_least_3_affected_arterial_territories"],
    )  # fmt: skip
    total += 1 * k["symmetric_involvement_of_paired_arteries"]
    total += 3 * k["abdominal_aorta_with_renal_or_mesenteric_involvement"]
    met, _, category = _sorted(k, "medium_or_large_vessel_vasculitis", total, 5)
    if k["age_at_diagnosis"] > 60 or not k["vasculitis_on_vascular_imaging"]:
        met, category = False, None
    return met, total, category


def gpa_acr_1990(k: Known) -> Outcome:
    """Leavitt 1990 (PMID 2202308), from memory: two of four."""
    found = how_many(
        any_of(k, "oral_ulcers", "purulent_nasal_discharge", "bloody_nasal_discharge"),
        any_of(k, "pulmonary_nodules", "fixed_pulmonary_infiltrates", "pulmonary_cavitation"),
        any_of(k, "haematuria_over_5_red_cells_per_hpf", "red_blood_cell_casts"),
        any_of(
            k, "granulomatous_inflammation_of_arterial_wall", "perivascular_granulomatous_inflammation",
            "extravascular_granulomatous_inflammation",
        ),
    )  # fmt: skip
    return found >= 2, found, "classified" if found >= 2 else None


def egpa_acr_1990(k: Known) -> Outcome:
    """Masi 1990 (doi:10.1002/art.1780330806), from memory: four of six."""
    found = how_many(
        any_of(k, "asthma", "wheezing_or_diffuse_expiratory_rhonchi"),
        k["blood_eosinophils_over_10_percent"],
        any_of(k, "mononeuropathy", "mononeuritis_multiplex", "polyneuropathy"),
        k["migratory_or_transient_pulmonary_infiltrates"],
        any_of(k, "paranasal_sinus_pain_or_tenderness", "paranasal_sinus_opacification_on_imaging"),
        k["extravascular_eosinophils_beside_a_vessel"],
    )
    return found >= 4, found, "classified" if found >= 4 else None


def gca_acr_1990(k: Known) -> Outcome:
    """Hunder 1990 (doi:10.1002/art.1780330810), from memory: three of five."""
    found = how_many(
        k["age_at_onset"] >= 50,
        k["new_localised_headache"],
        any_of(k, "temporal_artery_tenderness", "temporal_artery_reduced_pulse"),
        k["esr_at_least_50"],
        k["artery_biopsy_mononuclear_or_granulomatous_arteritis"],
    )
    return found >= 3, found, "classified" if found >= 3 else None


def takayasu_acr_1990(k: Known) -> Outcome:
    """Arend 1990 (doi:10.1002/art.1780330811), read in a reprinted table: three of six."""
    found = how_many(
        k["age_at_onset"] <= 40,
        any_of(k, "arm_claudication", "leg_claudication"),
        k["reduced_brachial_pulse"],
        k["systolic_difference_between_arms_over_10_mmhg"],
        k["bruit_over_subclavian_artery_or_abdominal_aorta"],
        k["arteriographic_narrowing_or_occlusion"],
    )
    return found >= 3, found, "classified" if found >= 3 else None


def iga_vasculitis_eular_printo_pres_2010(k: Known) -> Outcome:
    """Ozen 2010, Table 1 (doi:10.1136/ard.2009.116657), read in the journal.

    Purpura mostly of the legs and one of four; of atypical distribution only with IgA in a biopsy.
    """
    iga = any_of(
        k, "iga_deposits_on_biopsy", "leucocytoclastic_vasculitis_with_predominant_iga",
        "proliferative_glomerulonephritis_with_predominant_iga",
    )  # fmt: skip
    purpura = k["purpura_or_petechiae_with_lower_limb_predominance"] or (
        k["purpura_or_petechiae_of_atypical_distribution"] and iga
    )
    further = any_of(
        k, "acute_diffuse_colicky_abdominal_pain", "leucocytoclastic_vasculitis_with_predominant_iga",
        "proliferative_glomerulonephritis_with_predominant_iga",
        "acute_arthritis_with_swelling_or_painful_limitation", "acute_arthralgia",
        "proteinuria_over_0_3_g_per_day", "urine_albumin_creatinine_ratio_over_30_mg_per_mmol",
        "haematuria_over_5_red_cells_per_hpf", "red_blood_cell_casts",
        "haematuria_at_least_2_plus_on_dipstick",
    )  # fmt: skip
    met = bool(purpura) and further
    return met, None, "classified" if met else None


def cryoglobulinaemic_vasculitis_2011(k: Known) -> Outcome:
    """De Vita 2011 (doi:10.1136/ard.2011.150755); the rule read in the abstract, the lists from memory.

    Cryoglobulins twice, and two of three: questionnaire (2 of 3), clinic (3 of 4), laboratory (2 of 3).
    """
    questionnaire = how_many(
        k["reported_small_red_spots_on_skin"], k["reported_red_spots_turning_brown"],
        k["reported_viral_hepatitis"],
    )  # fmt: skip
    clinic = how_many(
        any_of(k, "fatigue", "unexplained_low_grade_fever", "unexplained_fever", "fibromyalgia"),
        any_of(k, "arthralgia", "arthritis"),
        any_of(
            k, "purpura", "skin_ulcers", "necrotising_vasculitis", "hyperviscosity_syndrome",
            "raynaud_phenomenon",
        ),
        any_of(k, "peripheral_neuropathy", "cranial_nerve_involvement", "vasculitic_cns_involvement"),
    )  # fmt: skip
    laboratory = how_many(k["low_c4"], k["rheumatoid_factor"], k["serum_m_component"])
    positive = how_many(questionnaire >= 2, clinic >= 3, laboratory >= 2)
    met = bool(k["serum_cryoglobulins_twice_12_weeks_apart"]) and positive >= 2
    return met, None, "classified" if met else None


def behcet_icbd_2014(k: Known) -> Outcome:
    """International Team 2014 (doi:10.1111/jdv.12107), from memory of the abstract; 4 points."""
    total = 2 * k["behcet_ocular_lesions"] + 2 * k["oral_aphthosis"] + 2 * k["genital_aphthosis"]
    total += how_many(
        k["behcet_skin_lesions"], k["behcet_neurological_manifestations"],
        k["behcet_vascular_manifestations"], k["positive_pathergy_test"],
    )  # fmt: skip
    return total >= 4, total, "classified" if total >= 4 else None


def behcet_isg_1990(k: Known) -> Outcome:
    """International Study Group 1990 (doi:10.1016/0140-6736(90)92643-V), from memory.

    Recurrent oral ulcers and two of four.
    """
    others = how_many(
        any_of(k, "genital_aphthosis", "genital_scarring_from_ulcers"),
        any_of(k, "uveitis", "vitreous_cells", "retinal_vasculitis"),
        any_of(
            k, "erythema_nodosum", "pseudofolliculitis",
            "papulopustular_lesions_after_adolescence_without_corticosteroids",
        ),
        k["positive_pathergy_test"],
    )  # fmt: skip
    met = bool(k["recurrent_oral_ulceration_3_times_a_year"]) and others >= 2
    return met, None, "classified" if met else None
