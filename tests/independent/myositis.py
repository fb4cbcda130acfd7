"""Myositis and the antisynthetase syndrome, written from the papers."""

from __future__ import annotations

from decimal import Decimal

from tests.independent.known import Known, Outcome, any_of, how_many

# Lundberg 2017, points in tenths: without a muscle biopsy, with one.
WEAKNESS_AND_SKIN = {
    "proximal_weakness_of_upper_limbs": (7, 7),
    "proximal_weakness_of_lower_limbs": (8, 5),
    "neck_flexors_weaker_than_extensors": (19, 16),
    "proximal_leg_muscles_weaker_than_distal": (9, 12),
    "heliotrope_rash": (31, 32),
    "gottron_papules": (21, 27),
    "gottron_sign": (33, 37),
    "anti_jo1": (39, 38),
    "endomysial_infiltration_not_invading_fibres": (0, 17),
    "perimysial_or_perivascular_infiltration": (0, 12),
    "perifascicular_atrophy": (0, 19),
    "rimmed_vacuoles": (0, 31),
}


def iim_eular_acr_2017(k: Known) -> Outcome:
    """Lundberg 2017, score table (doi:10.1136/annrheumdis-2017-211468); read in a reprint.

    Definite from 7.5 (8.7 with biopsy), probable from 5.5 (6.7), possible from 5.3 (6.5).
    """
    biopsy = int(k["muscle_biopsy"])
    tenths = sum(pair[biopsy] for name, pair in WEAKNESS_AND_SKIN.items() if k[name])
    if k["age_at_onset"] >= 40:
        tenths += (21, 22)[biopsy]
    elif k["age_at_onset"] >= 18:
        tenths += (13, 15)[biopsy]
    if any_of(k, "dysphagia", "oesophageal_dysmotility"):
        tenths += (7, 6)[biopsy]
    if any_of(k, "elevated_creatine_kinase", "elevated_ldh", "elevated_ast", "elevated_alt"):
        tenths += (13, 14)[biopsy]
    category = None
    for name, limits in (("possible", (53, 65)), ("probable", (55, 67)), ("definite", (75, 87))):
        if tenths >= limits[biopsy]:
            category = name
    return category in {"probable", "definite"}, Decimal(tenths) / 10, category


def pm_dm_bohan_peter_1975(k: Known) -> Outcome:
    """Bohan and Peter 1975, N Engl J Med 292:344 (doi:10.1056/NEJM197502132920706), from memory.

    Four features of muscle. With the rash three make it definite, two probable, one possible;
    without it four, three and two. Seven exclusions.
    """
    weak = any_of(
        k, "symmetric_limb_girdle_weakness", "proximal_weakness_of_upper_limbs",
        "proximal_weakness_of_lower_limbs",
    )  # fmt: skip
    muscle = how_many(
        weak, k["muscle_biopsy_myositis_bohan_peter"], k["elevated_muscle_enzymes"],
        k["emg_triad_of_myositis"],
    )  # fmt: skip
    category = {0: None, 1: None, 2: "possible", 3: "probable", 4: "definite"}[muscle]
    if k["dermatomyositis_rash"]:
        category = {0: None, 1: "possible", 2: "probable"}.get(muscle, "definite")
    excluded = any_of(
        k, "neurological_disease_explaining_weakness", "muscular_dystrophy", "granulomatous_myositis",
        "infectious_myositis", "metabolic_myopathy", "endocrine_myopathy", "myasthenia_gravis",
    )  # fmt: skip
    met = category in {"probable", "definite"} and not excluded
    return met, None, category


def cadm_sontheimer(k: Known) -> Outcome:
    """Sontheimer 1999 (PMID 10551671), from memory.

    The rash for six months without weakness: amyopathic if nothing else points to the muscle,
    hypomyopathic if enzymes, electromyography, biopsy or imaging do. Not with systemic
    immunosuppression for two months early on, nor with a drug known to do this.
    """
    if not k["dermatomyositis_rash_for_at_least_6_months"] or k["muscle_weakness"]:
        return False, None, None
    subclinical = any_of(
        k, "elevated_muscle_enzymes", "emg_myopathic", "muscle_biopsy_compatible_with_myositis",
        "muscle_mri_inflammation",
    )  # fmt: skip
    category = "hypomyopathic_dermatomyositis" if subclinical else "amyopathic_dermatomyositis"
    excluded = any_of(
        k, "immunosuppression_early_in_dermatomyositis_rash", "drug_inducing_dermatomyositis_like_rash"
    )
    return not excluded, None, category


def asys_connors_2010(k: Known) -> Outcome:
    """Connors 2010 (doi:10.1378/chest.10-0180), from memory: the antibody and one of five features."""
    features = any_of(
        k, "raynaud_phenomenon", "arthritis", "interstitial_lung_disease", "unexplained_fever",
        "mechanics_hands",
    )  # fmt: skip
    met = bool(k["anti_synthetase_antibody"]) and features
    return met, None, "antisynthetase_syndrome" if met else None


def asys_solomon_2011(k: Known) -> Outcome:
    """Solomon 2011 (doi:10.1590/S1806-37132011000100015), from memory.

    The antibody, and two major criteria or one major and two minor ones.
    """
    major = how_many(k["interstitial_lung_disease"], k["polymyositis_or_dermatomyositis"])
    minor = how_many(k["arthritis"], k["raynaud_phenomenon"], k["mechanics_hands"])
    enough = major == 2 or (major == 1 and minor >= 2)
    met = bool(k["anti_synthetase_antibody"]) and enough
    return met, None, "antisynthetase_syndrome" if met else None


def imnm_enmc_2016(k: Known) -> Outcome:
    """Allenbach 2018, 224th ENMC workshop (doi:10.1016/j.nmd.2017.09.016), from memory.

    Raised creatine kinase and proximal weakness with anti-SRP or anti-HMGCR; without either
    antibody the biopsy decides.
    """
    if not (k["elevated_creatine_kinase"] and k["proximal_muscle_weakness"]):
        return False, None, None
    if k["anti_srp"]:
        return True, None, "anti_srp_myopathy"
    if k["anti_hmgcr"]:
        return True, None, "anti_hmgcr_myopathy"
    if k["necrotising_myopathy_biopsy_enmc_2016"]:
        return True, None, "antibody_negative_imnm"
    return False, None, None


def ibm_enmc_2011(k: Known) -> Outcome:
    """Rose 2013, 188th ENMC workshop (PMID 24268584), read in two reprinted tables.

    (doi:10.1007/s11926-014-0477-9, Table 2, and PMC4405277, Table 1.)
    """
    mandatory = (
        k["muscle_weakness_for_over_12_months"]
        and k["age_at_onset"] > 45
        and not k["creatine_kinase_over_15_times_uln"]
    )
    patterns = how_many(
        k["knee_extension_no_stronger_than_hip_flexion"],
        k["finger_flexion_weaker_than_shoulder_abduction"],
    )
    if not mandatory or patterns == 0:
        return False, None, None
    protein = any_of(k, "muscle_fibre_protein_accumulation", "muscle_15_18_nm_filaments")
    infiltrate = any_of(
        k, "endomysial_inflammatory_infiltrate", "endomysial_infiltration_not_invading_fibres"
    )
    if infiltrate and k["rimmed_vacuoles"] and protein:
        return True, None, "clinico_pathologically_defined"
    if not (infiltrate or k["rimmed_vacuoles"] or protein or k["mhc_class_i_upregulation_in_muscle"]):
        return False, None, None
    return True, None, "clinically_defined" if patterns == 2 else "probable"
