"""Systemic lupus erythematosus, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def sle_eular_acr_2019(k: Known) -> Outcome:
    """Aringer 2019, Figure 2 (doi:10.1136/annrheumdis-2018-214819), read in three reprinted tables.

    Antinuclear antibodies at 1:80 are the entry; 10 points, at least one of them clinical.
    """
    clinical = 2 * k["fever"]
    clinical += max(3 * k["leucopenia"], 4 * k["thrombocytopenia"], 4 * k["autoimmune_haemolysis"])
    clinical += max(2 * k["delirium"], 3 * k["psychosis"], 5 * k["seizure"])
    clinical += _skin(k)
    clinical += 6 if k["acute_pericarditis"] else 5 * any_of(k, "pleural_effusion", "pericardial_effusion")
    clinical += 6 * _joints(k)
    clinical += _kidney(k)
    immune = 2 * any_of(
        k, "anticardiolipin_medium_or_high_titre", "anti_beta2_glycoprotein_i", "lupus_anticoagulant"
    )
    immune += {0: 0, 1: 3, 2: 4}[how_many(k["low_c3"], k["low_c4"])]
    immune += 6 * any_of(k, "anti_dsdna", "anti_smith")
    met = bool(k["ana_at_least_1_80"]) and clinical > 0 and clinical + immune >= 10
    return met, clinical + immune, "definite" if met else None


def _skin(k: Known) -> int:
    if k["acute_cutaneous_lupus"]:
        return 6
    if any_of(k, "subacute_cutaneous_lupus", "discoid_lupus"):
        return 4
    return 2 * any_of(k, "non_scarring_alopecia", "oral_ulcers")


def _joints(k: Known) -> bool:
    tender = k["tenderness_in_at_least_2_joints"] and k["morning_stiffness_at_least_30_min"]
    return bool(k["sle_joint_involvement"] or tender)


def _kidney(k: Known) -> int:
    if any_of(k, "lupus_nephritis_class_iii", "lupus_nephritis_class_iv"):
        return 10
    if any_of(k, "lupus_nephritis_class_ii", "lupus_nephritis_class_v"):
        return 8
    return 4 * bool(k["proteinuria_over_0_5_g_per_day"])


def sle_slicc_2012(k: Known) -> Outcome:
    """Petri 2012, Table 3 (doi:10.1002/art.34473), read in the manuscript and in a reprint.

    Four of seventeen, at least one clinical and one immunological; or nephritis on biopsy with
    antinuclear or anti-dsDNA antibodies.
    """
    clinical, immune = _slicc_clinical(k), _slicc_immune(k)
    dsdna = any_of(k, "anti_dsdna_above_slicc_limit", "anti_dsdna_crithidia")
    nephritis = k["lupus_nephritis"] and (k["ana"] or dsdna)
    met = bool(nephritis) or (clinical >= 1 and immune >= 1 and clinical + immune >= 4)
    return met, clinical + immune, "definite" if met else None


def _slicc_clinical(k: Known) -> int:
    acute = any_of(
        k, "acute_cutaneous_lupus", "bullous_lupus", "toxic_epidermal_necrolysis_lupus",
        "maculopapular_lupus_rash", "photosensitive_lupus_rash", "subacute_cutaneous_lupus",
    )  # fmt: skip
    chronic = any_of(
        k, "discoid_lupus", "hypertrophic_lupus", "lupus_panniculitis", "mucosal_lupus",
        "lupus_tumidus", "chilblain_lupus", "discoid_lupus_lichen_planus_overlap",
    )  # fmt: skip
    serositis = any_of(
        k, "pleurisy_over_1_day", "pleural_effusion", "pleural_rub", "pericardial_pain_over_1_day",
        "pericardial_effusion", "pericardial_rub", "pericarditis_on_ecg", "acute_pericarditis",
    )  # fmt: skip
    kidney = any_of(
        k, "proteinuria_at_least_0_5_g_per_day", "proteinuria_over_0_5_g_per_day", "red_blood_cell_casts"
    )
    nerves = any_of(
        k, "seizure", "psychosis", "mononeuritis_multiplex", "myelitis", "peripheral_neuropathy",
        "cranial_neuropathy", "acute_confusional_state", "delirium",
    )  # fmt: skip
    return how_many(
        acute, chronic, k["oral_ulcers"] or k["nasal_ulcers"], k["non_scarring_alopecia"], _joints(k),
        serositis, kidney, nerves, _haemolysis(k), k["leucopenia"] or k["lymphopenia_below_1_0"],
        k["thrombocytopenia"],
    )  # fmt: skip


def _haemolysis(k: Known) -> bool:
    return any_of(k, "haemolytic_anaemia", "autoimmune_haemolytic_anaemia")


def _slicc_immune(k: Known) -> int:
    antiphospholipid = any_of(
        k, "lupus_anticoagulant", "false_positive_syphilis_test", "anticardiolipin_medium_or_high_titre",
        "anti_beta2_glycoprotein_i",
    )  # fmt: skip
    return how_many(
        k["ana"],
        any_of(k, "anti_dsdna_above_slicc_limit", "anti_dsdna_crithidia"),
        k["anti_smith"],
        antiphospholipid,
        k["low_complement"],
        k["positive_direct_coombs_test"] and not _haemolysis(k),
    )


def sle_acr_1997(k: Known) -> Outcome:
    """Hochberg 1997 (doi:10.1002/art.1780400928) on Tan 1982, from memory: four of eleven."""
    serositis = any_of(
        k, "convincing_pleuritic_pain", "pleural_rub", "pleural_effusion", "pericarditis_on_ecg",
        "pericardial_rub", "pericardial_effusion", "acute_pericarditis",
    )  # fmt: skip
    kidney = any_of(
        k, "persistent_proteinuria_over_0_5_g_per_day", "persistent_proteinuria_over_3_plus", "cellular_casts"
    )
    blood = any_of(
        k, "haemolytic_anaemia_with_reticulocytosis", "leucopenia_twice", "lymphopenia_below_1_5_twice",
        "thrombocytopenia",
    )  # fmt: skip
    immune = any_of(
        k, "anti_dsdna", "anti_smith", "anticardiolipin_igg", "anticardiolipin_igm",
        "lupus_anticoagulant", "false_positive_syphilis_test_6_months",
    )  # fmt: skip
    total = how_many(
        k["malar_rash"], k["discoid_lupus"], k["photosensitivity"],
        k["oral_ulcers"] or k["nasal_ulcers"], k["nonerosive_arthritis_of_at_least_2_joints"],
        serositis, kidney, k["seizure"] or k["psychosis"], blood, immune, k["ana"],
    )  # fmt: skip
    return total >= 4, total, "definite" if total >= 4 else None
