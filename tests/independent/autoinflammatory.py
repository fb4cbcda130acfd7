"""Autoinflammatory recurrent fevers, written from Gattorno 2019 (doi:10.1136/annrheumdis-2019-215048)."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def _hereditary(k: Known, confirmed: str, unconfirmed: str | None, features: int) -> Outcome:
    """Table 2 and its footnote, read in the journal's table: one feature, or two by an unclear genotype.

    Raised acute phase reactants in the flares, and confounding diseases considered.
    """
    genetic = bool(k[confirmed]) and features >= 1
    if unconfirmed is not None:
        genetic = genetic or (bool(k[unconfirmed]) and features >= 2)
    met = (
        genetic
        and bool(k["raised_acute_phase_reactants_during_flares"])
        and not k["confounding_disease_explaining_recurrent_fever"]
    )
    return met, None, "classified" if met else None


def caps_eurofever_printo_2019(k: Known) -> Outcome:
    """Gattorno 2019, Table 2, first column (doi:10.1136/annrheumdis-2019-215048)."""
    red_eye = any_of(k, "conjunctivitis", "episcleritis", "uveitis")
    features = how_many(k["urticarial_rash"], red_eye, k["sensorineural_hearing_loss"])
    return _hereditary(k, "confirmatory_nlrp3_genotype", "non_confirmatory_nlrp3_genotype", features)


def fmf_eurofever_printo_2019(k: Known) -> Outcome:
    """Gattorno 2019, Table 2, second column (doi:10.1136/annrheumdis-2019-215048)."""
    features = how_many(
        k["fever_episodes_of_1_to_3_days"], k["arthritis"], k["chest_pain"], k["abdominal_pain"]
    )
    return _hereditary(k, "confirmatory_mefv_genotype", "non_confirmatory_mefv_genotype", features)


def traps_eurofever_printo_2019(k: Known) -> Outcome:
    """Gattorno 2019, Table 2, third column (doi:10.1136/annrheumdis-2019-215048)."""
    features = how_many(
        k["fever_episodes_of_at_least_7_days"], k["myalgia"], k["migratory_rash"], k["periorbital_oedema"],
        k["relatives_with_the_same_recurrent_fever"],
    )  # fmt: skip
    return _hereditary(k, "confirmatory_tnfrsf1a_genotype", "non_confirmatory_tnfrsf1a_genotype", features)


def mkd_eurofever_printo_2019(k: Known) -> Outcome:
    """Gattorno 2019, Table 2, fourth column (doi:10.1136/annrheumdis-2019-215048)."""
    features = how_many(
        k["gastrointestinal_symptoms_with_fever_episodes"], k["cervical_lymphadenitis"], k["oral_aphthosis"]
    )
    return _hereditary(k, "confirmatory_mvk_genotype", None, features)


def pfapa_eurofever_printo_2019(k: Known) -> Outcome:
    """Gattorno 2019, PFAPA table (same DOI), read in two reprinted tables: seven of eight."""
    found = how_many(
        k["pharyngotonsillitis"], k["fever_episodes_of_3_to_6_days"], k["cervical_lymphadenitis"],
        k["regular_periodicity_of_fever_episodes"], not k["diarrhoea"], not k["chest_pain"],
        not k["skin_rash"], not k["arthritis"],
    )  # fmt: skip
    return found >= 7, found, "classified" if found >= 7 else None
