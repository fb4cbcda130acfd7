"""Antiphospholipid syndrome, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of


def aps_acr_eular_2023(k: Known) -> Outcome:
    """Barbhaiya 2023 (doi:10.1002/art.42624).

    All weights and the entry were read in reprinted tables. Three points from the clinical domains
    and three from the laboratory ones. The paper has no sum of both; here all domains are added up.
    """
    clinical = _vessels(k) + _pregnancy(k)
    clinical += 4 if k["cardiac_valve_vegetation"] else 2 * k["cardiac_valve_thickening"]
    clinical += 2 * k["thrombocytopenia_20_to_130"]
    laboratory = 5 if k["persistent_lupus_anticoagulant"] else 1 * k["lupus_anticoagulant"]
    laboratory += _solid_phase(k)
    entered = clinical > 0 and bool(k["apl_test_within_3_years_of_clinical_criterion"])
    met = entered and clinical >= 3 and laboratory >= 3
    return met, clinical + laboratory, "definite" if met else None


def _vessels(k: Known) -> int:
    points = 3 if k["venous_thromboembolism_without_high_risk_profile"] else int(k["venous_thromboembolism"])
    if k["arterial_thrombotic_event_without_high_risk_profile"]:
        points += 4
    elif k["arterial_thrombotic_event"]:
        points += 2
    if any_of(
        k, "livedoid_vasculopathy_on_pathology", "apl_nephropathy_on_pathology",
        "pulmonary_haemorrhage_proven", "apl_myocardial_disease", "adrenal_haemorrhage",
    ):  # fmt: skip
        return points + 5
    suspected = any_of(
        k, "livedo_racemosa", "livedoid_vasculopathy_lesions", "apl_nephropathy_suspected",
        "pulmonary_haemorrhage_suspected",
    )  # fmt: skip
    return points + 2 * suspected


def _pregnancy(k: Known) -> int:
    severe = [k["severe_preeclampsia_before_34_weeks"], k["severe_placental_insufficiency_before_34_weeks"]]
    if all(severe):
        return 4
    if any(severe):
        return 3
    return int(any_of(k, "at_least_3_consecutive_early_pregnancy_losses", "fetal_death_16_to_33_weeks"))


def _solid_phase(k: Known) -> int:
    high = [k["persistent_anticardiolipin_igg_at_least_80"], k["persistent_anti_beta2gpi_igg_at_least_80"]]
    if all(high):
        return 7
    if any(high):
        return 5
    if any_of(k, "persistent_anticardiolipin_igg_at_least_40", "persistent_anti_beta2gpi_igg_at_least_40"):
        return 4
    igm = any_of(k, "persistent_anticardiolipin_igm_at_least_40", "persistent_anti_beta2gpi_igm_at_least_40")
    return int(igm)


def aps_sydney_2006(k: Known) -> Outcome:
    """Miyakis 2006 (doi:10.1111/j.1538-7836.2006.01753.x), read in three reprinted tables.

    One clinical and one laboratory criterion, not less than 12 weeks or more than 5 years apart.
    """
    clinical = any_of(
        k, "arterial_thrombosis", "venous_thrombosis", "pulmonary_embolism", "small_vessel_thrombosis",
        "fetal_death_at_or_beyond_10_weeks", "premature_birth_before_34_weeks_preeclampsia",
        "premature_birth_before_34_weeks_placental_insufficiency",
        "at_least_3_consecutive_abortions_before_10_weeks",
    )  # fmt: skip
    laboratory = any_of(
        k, "persistent_lupus_anticoagulant", "persistent_anticardiolipin_igg_or_igm_medium_or_high_titre",
        "persistent_anti_beta2gpi_igg_or_igm_above_99th_percentile",
    )  # fmt: skip
    apart = any_of(k, "apl_less_than_12_weeks_from_clinical_event", "apl_over_5_years_from_clinical_event")
    met = clinical and laboratory and not apart
    return met, None, "definite" if met else None
