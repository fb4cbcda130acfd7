"""Mixed and undifferentiated disease and interstitial pneumonia, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def mctd_alarcon_segovia_1987(k: Known) -> Outcome:
    """Alarcón-Segovia and Villarreal 1987, by Alarcón-Segovia and Cardiel 1989 (PMID 2724251).

    Read in two descriptions. Anti-RNP at 1:1600 and three of five; oedema, Raynaud and acrosclerosis
    alone do not suffice.
    """
    swollen = any_of(k, "hand_oedema", "puffy_fingers")
    acrosclerosis = any_of(k, "acrosclerosis", "sclerodactyly")
    inflamed = how_many(k["synovitis"], k["inflammatory_myopathy"])
    found = how_many(swollen, acrosclerosis, k["raynaud_phenomenon"]) + inflamed
    met = bool(k["anti_u1_rnp_at_least_1_1600"]) and found >= 3 and inflamed >= 1
    return met, None, "definite" if met else None


def mctd_kasukawa_1987(k: Known) -> Outcome:
    """Kasukawa 1987; read in two reprinted tables (doi:10.1155/2020/9692030, doi:10.1186/s41927-021-00179-2).

    Raynaud or swollen hands, anti-RNP, and something from two of three diseases.
    """
    common = any_of(k, "raynaud_phenomenon", "puffy_fingers", "hand_oedema")
    lupus = any_of(
        k, "polyarthritis", "lymphadenopathy", "facial_erythema", "malar_rash", "pericarditis",
        "acute_pericarditis", "pleuritis", "leucopenia", "thrombocytopenia",
    )  # fmt: skip
    sclerosis = any_of(
        k, "sclerodactyly", "pulmonary_fibrosis", "restrictive_pattern", "dlco_below_70_percent",
        "oesophageal_dysmotility", "oesophageal_dilatation",
    )  # fmt: skip
    muscle = any_of(k, "muscle_weakness", "elevated_creatine_kinase", "emg_myopathic")
    met = common and bool(k["anti_u1_rnp"]) and how_many(lupus, sclerosis, muscle) >= 2
    return met, None, "definite" if met else None


def mctd_japan_2019(k: Known) -> Outcome:
    """Tanaka 2021, Table 1 (doi:10.1080/14397595.2019.1709944); read in a copy of the table.

    A common manifestation, anti-U1 RNP, and an organ typical of the disease or something from two
    of three diseases. In children one disease is enough; that part and the age limit of 16 years
    are from memory.
    """
    common = any_of(k, "raynaud_phenomenon", "puffy_fingers", "hand_oedema")
    if not (common and k["anti_u1_rnp"]):
        return False, None, None
    organ = any_of(k, "pulmonary_arterial_hypertension", "aseptic_meningitis", "trigeminal_neuropathy")
    lupus = any_of(
        k, "polyarthritis", "lymphadenopathy", "facial_erythema", "malar_rash", "pericarditis",
        "acute_pericarditis", "pleuritis", "leucopenia", "leucocytes_at_most_4_0", "thrombocytopenia",
        "platelets_at_most_100",
    )  # fmt: skip
    sclerosis = any_of(
        k, "sclerodactyly", "interstitial_lung_disease", "oesophageal_dysmotility", "oesophageal_dilatation"
    )
    muscle = any_of(k, "muscle_weakness", "elevated_creatine_kinase", "elevated_aldolase", "emg_myopathic")
    diseases = how_many(lupus, sclerosis, muscle)
    if organ:
        return True, None, "definite_1"
    if diseases >= 2:
        return True, None, "definite_2"
    if diseases == 1 and k["age"] < 16:
        return True, None, "definite_child"
    return False, None, None


def mctd_sharp_1987(k: Known) -> Outcome:
    """Sharp 1987, by Alarcón-Segovia and Cardiel 1989 (PMID 2724251); read in three descriptions.

    Definite: four major, anti-RNP at 1:4000, no anti-Sm. Probable: three major, or two of the first
    three major and two minor, with anti-RNP at 1:1000; two of the descriptions ask for the absence of
    anti-Sm only for definite disease, the third for all. Possible: three major; or two
    major, or one major and three minor, with anti-RNP at 1:100. A history of swollen hands is minor.
    """
    first = [
        k["severe_myositis"],
        any_of(
            k, "dlco_below_70_percent", "pulmonary_hypertension",
            "proliferative_vascular_lesions_on_lung_biopsy",
        ),
        any_of(k, "raynaud_phenomenon", "oesophageal_dysmotility"),
    ]  # fmt: skip
    hands = any_of(k, "hand_oedema", "puffy_fingers", "sclerodactyly")
    serology = k["anti_ena_at_least_1_10000"] and k["anti_u1_rnp"] and not k["anti_smith"]
    major = how_many(*first, hands, serology)
    minor = _minor(k)
    category = None
    if _possible(k, major, minor):
        category = "possible"
    if k["anti_u1_rnp_at_least_1_1000"] and (major >= 3 or (how_many(*first) >= 2 and minor >= 2)):
        category = "probable"
    if not k["anti_smith"] and k["anti_u1_rnp_at_least_1_4000"] and major >= 4:
        category = "definite"
    return category in {"definite", "probable"}, None, category


def _possible(k: Known, major: int, minor: int) -> bool:
    rnp = k["anti_u1_rnp_at_least_1_100"]
    return major >= 3 or bool(rnp and (major >= 2 or (major >= 1 and minor >= 3)))


def _minor(k: Known) -> int:
    return how_many(
        any_of(k, "alopecia", "non_scarring_alopecia"), k["leucopenia"], k["anaemia_below_sharp_limits"],
        k["pleuritis"], any_of(k, "pericarditis", "acute_pericarditis"), k["arthritis"],
        k["trigeminal_neuropathy"], k["malar_rash"], k["thrombocytopenia"], k["mild_myositis"],
        k["history_of_hand_oedema"],
    )  # fmt: skip


def ipaf_ers_ats_2015(k: Known) -> Outcome:
    """Fischer 2015 (doi:10.1183/13993003.00150-2015), read in two reprinted tables.

    Interstitial pneumonia of no other cause and no defined disease, and two of three domains.
    """
    clinical = any_of(
        k, "mechanics_hands", "digital_tip_ulcers", "inflammatory_arthritis",
        "polyarticular_morning_stiffness_at_least_60_min", "palmar_telangiectasia", "raynaud_phenomenon",
        "puffy_fingers", "gottron_sign", "gottron_papules",
    )  # fmt: skip
    domains = how_many(clinical, _serological(k), _morphological(k))
    known = any_of(k, "alternative_cause_of_interstitial_pneumonia", "defined_connective_tissue_disease")
    met = bool(k["interstitial_lung_disease"]) and not known and domains >= 2
    return met, None, "definite" if met else None


def _serological(k: Known) -> bool:
    """At 1:320 a diffuse, homogeneous or speckled pattern; nucleolar and centromere at any titre."""
    ana = k["ana_at_least_1_320"] and (k["ana_homogeneous"] or k["ana_speckled"])
    return bool(ana) or any_of(
        k, "ana_nucleolar", "ana_centromere", "rheumatoid_factor_at_least_twice_upper_limit", "anti_ccp",
        "anti_dsdna", "anti_ssa_ro", "anti_ssb_la", "anti_u1_rnp", "anti_smith", "anti_topoisomerase_i",
        "anti_synthetase_antibody", "anti_pm_scl", "anti_mda5",
    )  # fmt: skip


def _morphological(k: Known) -> bool:
    return any_of(
        k, "hrct_nsip", "hrct_organising_pneumonia", "hrct_nsip_with_organising_pneumonia", "hrct_lip",
        "lung_biopsy_nsip", "lung_biopsy_organising_pneumonia", "lung_biopsy_nsip_with_organising_pneumonia",
        "lung_biopsy_lip", "lymphoid_aggregates_with_germinal_centres",
        "diffuse_lymphoplasmacytic_lung_infiltration", "pleural_effusion", "pleural_thickening",
        "pericardial_effusion", "pericardial_thickening", "unexplained_intrinsic_airways_disease",
        "unexplained_pulmonary_vasculopathy",
    )  # fmt: skip


def uctd(k: Known) -> Outcome:
    """Mosca 1999 (PMID 10544849), from memory: signs, antibodies twice, three years, no defined disease."""
    met = bool(
        k["ctd_signs_or_symptoms"]
        and k["ana_positive_twice"]
        and k["ctd_symptoms_for_at_least_3_years"]
        and not k["defined_connective_tissue_disease"]
    )
    return met, None, "definite" if met else None
