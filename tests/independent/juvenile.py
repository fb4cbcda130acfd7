"""The disorders of juvenile idiopathic arthritis of PRINTO, written from the paper.

Martini 2019, pages 192 to 194 (doi:10.3899/jrheum.180168), read in full. All begin before the 18th
birthday. Fulfilling several of them makes a case unclassified there; that is not part of any one.
"""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def jia_systemic_printo_2019(k: Known) -> Outcome:
    """Disorder A: quotidian fever of no other cause, and two major or one major and two minor."""
    found = k["age_at_onset"] < 18 and _systemic(k)
    return found, None, "classified" if found else None


def jia_rf_positive_printo_2019(k: Known) -> Outcome:
    """Disorder B: arthritis of six weeks, and rheumatoid factor found twice or anti-CCP once."""
    found = _lasting_arthritis_of_a_child(k) and _rf_or_anti_ccp(k)
    return found, None, "classified" if found else None


def jia_enthesitis_spondylitis_printo_2019(k: Known) -> Outcome:
    """Disorder C: three ways, each of which begins with arthritis or enthesitis."""
    other = k["other_known_condition_causing_the_arthritis"]
    found = k["age_at_onset"] < 18 and not other and _entheses_or_spine(k)
    return found, None, "classified" if found else None


def jia_early_onset_ana_positive_printo_2019(k: Known) -> Outcome:
    """Disorder D: begun at six years or earlier, ANA of 1:160 found twice, and none of A to C."""
    found = _lasting_arthritis_of_a_child(k) and k["age_at_onset"] <= 6
    found = found and k["ana_at_least_1_160_twice_3_months_apart"]
    with_arthritis = {**k, "arthritis": True, "arthralgia_for_at_least_2_weeks": False}
    excluded = _systemic(with_arthritis) or _rf_or_anti_ccp(k) or _entheses_or_spine(k)
    found = bool(found) and not excluded
    return found, None, "classified" if found else None


def _systemic(k: Known) -> bool:
    major = how_many(k["still_typical_rash"], k["arthritis"])
    minor = how_many(
        any_of(k, "generalised_lymphadenopathy", "hepatomegaly", "splenomegaly"),
        k["serositis"],
        k["arthralgia_for_at_least_2_weeks"] and not k["arthritis"],
        k["leucocytosis_at_least_15_with_neutrophilia"],
    )
    explained = any_of(
        k, "infection_explaining_the_findings", "malignancy_explaining_the_findings",
        "autoimmune_disease_explaining_the_findings",
        "monogenic_autoinflammatory_disease_explaining_the_findings",
    )  # fmt: skip
    enough = major == 2 or (major == 1 and minor >= 2)
    return bool(k["quotidian_fever_as_in_systemic_jia"]) and not explained and enough


def _lasting_arthritis_of_a_child(k: Known) -> bool:
    young = k["age_at_onset"] < 18
    other = k["other_known_condition_causing_the_arthritis"]
    return bool(k["arthritis_for_at_least_6_weeks"]) and young and not other


def _rf_or_anti_ccp(k: Known) -> bool:
    return any_of(k, "rheumatoid_factor_twice_3_months_apart", "anti_ccp")


def _entheses_or_spine(k: Known) -> bool:
    arthritis, enthesitis = k["arthritis_for_at_least_6_weeks"], k["enthesitis"]
    spine = k["inflammatory_back_pain_for_at_least_3_months"] and k["sacroiliitis_on_imaging"]
    features = how_many(
        k["sacroiliac_joint_tenderness"], k["inflammatory_back_pain"], k["hla_b27"],
        k["acute_anterior_uveitis"], k["spondyloarthritis_in_first_degree_relative"],
    )  # fmt: skip
    return bool((arthritis and enthesitis) or ((arthritis or enthesitis) and (spine or features >= 2)))
