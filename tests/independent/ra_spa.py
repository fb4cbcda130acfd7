"""Rheumatoid arthritis and spondyloarthritis, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def ra_acr_eular_2010(k: Known) -> Outcome:
    """Aletaha 2010, Table 3 (doi:10.1136/ard.2010.138461), read with its footnotes in reprints.

    Synovitis that nothing explains better, and 6 points. Typical erosions with a fitting history,
    or long-standing disease that once fulfilled the criteria, classify without: that footnote stands
    at the swollen joint, so that the question of a better explanation remains.
    """
    total = _joints(k)
    if any_of(k, "high_positive_rheumatoid_factor", "high_positive_anti_ccp"):
        total += 3
    elif any_of(k, "rheumatoid_factor", "anti_ccp"):
        total += 2
    total += 1 * any_of(k, "elevated_crp", "elevated_esr")
    total += 1 * (k["joint_symptom_duration"] >= 42)
    new = k["definite_clinical_synovitis"] and total >= 6
    old = k["longstanding_disease_that_fulfilled_2010_ra_criteria"] or (
        k["erosive_disease_typical_of_ra"] and k["history_compatible_with_2010_ra_criteria"]
    )
    met = bool(old or new) and not k["synovitis_better_explained_by_another_disease"]
    return met, total, "definite" if met else None


def _joints(k: Known) -> int:
    small = k["small_joints_involved"]
    if k["joints_involved"] > 10 and small >= 1:
        return 5
    if small >= 4:
        return 3
    if small >= 1:
        return 2
    return 1 if k["large_joints_involved"] >= 2 else 0


def ra_acr_1987(k: Known) -> Outcome:
    """Arnett 1988 (doi:10.1002/art.1780310302), read in a reprinted list: four of seven."""
    found = how_many(
        k["morning_stiffness_1_hour_for_6_weeks"], k["arthritis_of_3_joint_areas_for_6_weeks"],
        k["hand_joint_arthritis_for_6_weeks"], k["symmetric_arthritis_for_6_weeks"],
        k["rheumatoid_nodules"], k["rheumatoid_factor"], k["ra_radiographic_changes_of_hands"],
    )  # fmt: skip
    return found >= 4, found, "classified" if found >= 4 else None


def psa_caspar_2006(k: Known) -> Outcome:
    """Taylor 2006 (doi:10.1002/art.21972), from memory: inflammatory disease and 3 points."""
    total = 2 if k["current_psoriasis"] else 1 * any_of(
        k, "psoriasis", "history_of_psoriasis", "family_history_of_psoriasis"
    )
    total += how_many(
        k["psoriatic_nail_dystrophy"], not k["rheumatoid_factor"], k["dactylitis"],
        k["juxta_articular_new_bone_formation"],
    )  # fmt: skip
    inflamed = any_of(
        k, "inflammatory_joint_disease", "inflammatory_spinal_disease", "inflammatory_entheseal_disease"
    )
    met = inflamed and total >= 3
    return met, total, "classified" if met else None


def axspa_asas_2009(k: Known) -> Outcome:
    """Rudwaleit 2009 (doi:10.1136/ard.2009.108233), read in reprinted tables.

    Back pain of three months begun before 45: sacroiliitis and one feature, or HLA-B27 and two others.
    """
    others = how_many(
        k["inflammatory_back_pain"], k["synovitis"], k["heel_enthesitis"], k["anterior_uveitis"],
        k["dactylitis"], k["psoriasis"], k["inflammatory_bowel_disease"], k["good_response_to_nsaids"],
        k["family_history_of_spondyloarthritis"], k["elevated_crp"],
    )  # fmt: skip
    image = any_of(k, "sacroiliitis_on_imaging", "radiographic_sacroiliitis")
    category = None
    if k["hla_b27"] and others >= 2:
        category = "clinical_arm"
    if image and (others >= 1 or k["hla_b27"]):
        category = "imaging_arm"
    young = k["age_at_back_pain_onset"] < 45
    met = bool(category and k["chronic_back_pain_at_least_3_months"] and young)
    return met, None, category


def pspa_asas_2011(k: Known) -> Outcome:
    """Rudwaleit 2011 (doi:10.1136/ard.2010.133645), read in reprinted tables.

    For peripheral disease alone: with back pain now the axial criteria are to be used. Arthritis,
    enthesitis or dactylitis, and one feature, or two of another list.
    """
    present = how_many(k["spa_peripheral_arthritis"], k["enthesitis"], k["dactylitis"])
    strong = any_of(
        k, "anterior_uveitis", "psoriasis", "inflammatory_bowel_disease",
        "infection_within_1_month_before_arthritis", "hla_b27", "sacroiliitis_on_imaging",
    )  # fmt: skip
    others = how_many(k["past_inflammatory_back_pain"], k["family_history_of_spondyloarthritis"])
    others += present - 1
    met = present >= 1 and (strong or others >= 2) and not k["current_inflammatory_back_pain"]
    return met, None, "classified" if met else None


def as_modified_new_york_1984(k: Known) -> Outcome:
    """van der Linden 1984 (doi:10.1002/art.1780270401), from memory.

    Definite: sacroiliitis on radiographs and one clinical criterion. Probable: three clinical
    criteria, or sacroiliitis alone.
    """
    clinical = how_many(
        k["low_back_pain_over_3_months_better_with_exercise"],
        k["limited_lumbar_motion_in_sagittal_and_frontal_planes"],
        k["limited_chest_expansion"],
    )
    if k["radiographic_sacroiliitis"]:
        return clinical >= 1, None, "definite" if clinical else "probable"
    return False, None, "probable" if clinical == 3 else None
