"""Still's disease, its macrophage activation, IgG4-related disease and polychondritis, from the papers."""

from __future__ import annotations

from decimal import Decimal

from tests.independent.known import Known, Outcome, any_of, how_many


def igg4rd_acr_eular_2019(k: Known) -> Outcome:
    """Wallace 2020, Table 4 (doi:10.1136/annrheumdis-2019-216561).

    Entry, exclusions and some weights were read in the table; the weights of glands, serum IgG4,
    immunostaining, kidney and retroperitoneum are from memory. 20 points.
    """
    total = _tissue(k) + _staining(k) + _serum(k) + _organs(k)
    entered = any_of(k, "igg4rd_organ_involvement", "igg4rd_organ_lymphoplasmacytic_inflammation")
    met = entered and not any_of(k, *IGG4_EXCLUSIONS) and total >= 20
    return met, total, "classified" if met else None


IGG4_EXCLUSIONS = (
    "recurrent_prominent_fever_over_38", "no_objective_response_to_glucocorticoids",
    "unexplained_leucopenia_and_thrombocytopenia", "peripheral_eosinophilia_over_3", "anti_pr3", "anti_mpo",
    "anti_ssa_ro", "anti_ssb_la", "anti_dsdna", "anti_u1_rnp", "anti_smith",
    "other_disease_specific_autoantibody", "cryoglobulinaemia",
    "imaging_suspicious_of_malignancy_or_infection", "rapid_radiological_progression",
    "erdheim_chester_long_bone_lesions", "splenomegaly", "cellular_infiltrate_suggesting_malignancy",
    "inflammatory_myofibroblastic_tumour_markers", "prominent_neutrophilic_inflammation",
    "necrotising_vasculitis_on_biopsy", "prominent_necrosis_on_biopsy",
    "primarily_granulomatous_inflammation", "macrophage_or_histiocytic_disorder_on_biopsy",
    "multicentric_castleman_disease", "inflammatory_bowel_disease_with_only_pancreatobiliary_disease",
    "hashimoto_thyroiditis_with_only_thyroid_disease",
)  # fmt: skip


def _tissue(k: Known) -> int:
    if not k["dense_lymphocytic_infiltrate"]:
        return 0
    if k["storiform_fibrosis"]:
        return 13
    return 6 if k["obliterative_phlebitis"] else 4


def _staining(k: Known) -> int:
    if k["igg4_immunostaining_strongly_positive"]:
        return 16
    return 14 if k["igg4_immunostaining_positive"] else 7 * bool(k["igg4_immunostaining_borderline"])


def _serum(k: Known) -> int:
    if k["serum_igg4_over_5_times_upper_limit"]:
        return 11
    if k["serum_igg4_at_least_2_times_upper_limit"]:
        return 6
    return 4 * bool(k["serum_igg4_above_upper_limit"])


def _organs(k: Known) -> int:
    glands = max(
        14 * k["bilateral_gland_involvement_two_or_more_sets"],
        6 * k["bilateral_gland_involvement_one_set"],
    )
    chest = 10 if k["thoracic_paravertebral_band"] else 4 * k["peribronchovascular_and_septal_thickening"]
    pancreas = max(
        19 * k["pancreas_and_biliary_tree_involvement"],
        11 * k["diffuse_pancreas_enlargement_with_capsule_like_rim"],
        8 * k["diffuse_pancreas_enlargement"],
    )
    kidney = max(
        6 * any_of(k, "low_c3", "low_c4"),
        8 * k["renal_pelvis_thickening"],
        10 * k["bilateral_renal_cortex_low_density_areas"],
    )
    behind = max(
        8 * k["periaortic_soft_tissue_infrarenal_or_iliac"],
        4 * k["diffuse_abdominal_aortic_wall_thickening"],
    )
    return int(glands + chest + pancreas + kidney + behind)


def relapsing_polychondritis_damiani_levine_1979(k: Known) -> Outcome:
    """Damiani and Levine 1979, abstract (PMID 449538), with McAdam's six signs from two lists.

    Three signs; or one and histology; or chondritis at two sites that responds to treatment.
    """
    signs = how_many(
        k["bilateral_auricular_chondritis"],
        k["nonerosive_seronegative_polyarthritis"],
        k["nasal_chondritis"],
        any_of(k, "ocular_inflammation", "uveitis"),
        k["respiratory_tract_chondritis"],
        any_of(k, "cochlear_or_vestibular_damage", "sensorineural_hearing_loss", "tinnitus", "vertigo"),
    )
    sites = how_many(
        any_of(k, "auricular_chondritis", "bilateral_auricular_chondritis"), k["nasal_chondritis"],
        k["respiratory_tract_chondritis"],
    )  # fmt: skip
    apart = sites >= 2 or k["chondritis_in_at_least_2_separate_sites"]
    met = (
        signs >= 3
        or bool(signs >= 1 and k["cartilage_biopsy_confirming_chondritis"])
        or bool(apart and k["chondritis_response_to_glucocorticoids_or_dapsone"])
    )
    return met, None, "classified" if met else None


def aosd_yamaguchi_1992(k: Known) -> Outcome:
    """Yamaguchi 1992 (PMID 1578458), read in four reprints: five of eight, at least two of them major."""
    major = how_many(
        k["fever_at_least_39_for_at_least_1_week"], k["arthralgia_for_at_least_2_weeks"],
        k["still_typical_rash"], k["leucocytosis_with_granulocytes_at_least_80_percent"],
    )  # fmt: skip
    minor = how_many(
        k["sore_throat"], any_of(k, "lymphadenopathy", "splenomegaly"),
        k["liver_dysfunction_not_due_to_drugs"], not any_of(k, "rheumatoid_factor", "ana"),
    )  # fmt: skip
    excluded = any_of(
        k, "infection_explaining_the_findings", "malignancy_explaining_the_findings",
        "other_rheumatic_disease_explaining_the_findings",
    )  # fmt: skip
    met = major >= 2 and major + minor >= 5 and not excluded
    return met, major + minor, "classified" if met else None


def aosd_fautrel_2002(k: Known) -> Outcome:
    """Fautrel 2002 (doi:10.1097/00005792-200205000-00003), read in three reprints.

    Four major criteria, or three major and two minor.
    """
    major = how_many(
        k["spiking_fever_at_least_39"], k["arthralgia"], k["transient_erythema"], k["pharyngitis"],
        k["granulocytes_at_least_80_percent"], k["glycosylated_ferritin_at_most_20_percent"],
    )  # fmt: skip
    minor = how_many(k["maculopapular_rash"], k["leucocytosis_at_least_10"])
    met = major >= 4 or (major == 3 and minor == 2)
    return met, None, "classified" if met else None


def mas_printo_2016(k: Known) -> Outcome:
    """Ravelli 2016 (doi:10.1136/annrheumdis-2015-208982), read in two reprinted tables.

    Fever in systemic juvenile arthritis, ferritin above 684 ng/mL and two of: platelets at most 181,
    AST above 48 U/L, triglycerides above 156 mg/dL, fibrinogen at most 360 mg/dL.
    """
    mg_dl = k["triglycerides"] / Decimal("0.01129")  # mmol/L per mg/dL, as for triolein of 885.4 g/mol
    further = how_many(k["platelets"] <= 181, k["ast"] > 48, mg_dl > 156, k["fibrinogen"] * 100 <= 360)
    setting = any_of(k, "fever", "febrile") and k["known_or_suspected_systemic_jia"]
    met = bool(setting) and k["ferritin"] > 684 and further >= 2
    return bool(met), None, "classified" if met else None


def hscore_2014(k: Known) -> Outcome:
    """Fardet 2014 (doi:10.1002/art.38690), read in reprinted tables; best cut-off 169.

    The paper does not say on which side 169 itself lies; it is counted as reached.
    """
    total = 18 * any_of(k, "known_underlying_immunosuppression", "aids")
    total += _step(k["body_temperature"] >= Decimal("38.4"), k["body_temperature"] > Decimal("39.4"), 33, 49)
    total += (0, 23, 38)[how_many(k["hepatomegaly"], k["splenomegaly"])]
    total += (0, 0, 24, 34)[how_many(k["haemoglobin"] <= 92, k["leucocytes"] <= 5, k["platelets"] <= 110)]
    total += _step(k["ferritin"] >= 2000, k["ferritin"] > 6000, 35, 50)
    total += _step(k["triglycerides"] >= Decimal("1.5"), k["triglycerides"] > 4, 44, 64)
    total += 30 * (k["fibrinogen"] <= Decimal("2.5"))
    total += 19 * (k["ast"] >= 30)
    total += 35 * k["bone_marrow_haemophagocytosis"]
    met = total >= 169
    return met, total, "classified" if met else None


def _step(reached: bool, beyond: bool, points: int, more: int) -> int:
    return more if beyond else points * reached
