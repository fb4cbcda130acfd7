"""The subgroups of those sets that have them: which one a classified patient falls into.

The functions are called as the sets. They are asked only where the criteria are met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.independent.known import Known, any_of, how_many

if TYPE_CHECKING:
    from collections.abc import Callable


def iim_eular_acr_2017(k: Known) -> str:
    """Lundberg 2017, classification tree (doi:10.1136/annrheumdis-2017-211468), from memory.

    Children: with the rash juvenile dermatomyositis. Adults with the rash: dermatomyositis if a
    muscle is weak, else amyopathic. Without: inclusion body myositis by weak finger flexors that
    treatment did not improve, or by rimmed vacuoles.
    """
    rash = any_of(k, "heliotrope_rash", "gottron_papules", "gottron_sign")
    if k["age_at_onset"] < 18:
        return "juvenile_dermatomyositis" if rash else "juvenile_myositis_other_than_dermatomyositis"
    if rash:
        weak = any_of(
            k, "proximal_weakness_of_upper_limbs", "proximal_weakness_of_lower_limbs",
            "neck_flexors_weaker_than_extensors", "proximal_leg_muscles_weaker_than_distal",
        )  # fmt: skip
        return "dermatomyositis" if weak else "amyopathic_dermatomyositis"
    fingers = k["finger_flexor_weakness"] and not k["treatment_response_improved"]
    return "inclusion_body_myositis" if fingers or k["rimmed_vacuoles"] else "polymyositis_or_imnm"


def pm_dm_bohan_peter_1975(k: Known) -> str:
    """Bohan and Peter 1975 (doi:10.1056/NEJM197502132920706): the rash makes the difference."""
    return "dermatomyositis" if k["dermatomyositis_rash"] else "polymyositis"


def aps_sydney_2006(k: Known) -> str:
    """Miyakis 2006 (doi:10.1111/j.1538-7836.2006.01753.x), read in a reprinted table.

    More than one laboratory criterion, or lupus anticoagulant, anticardiolipin or anti-beta2GPI alone.
    """
    lupus, cardiolipin, beta2 = (
        k["persistent_lupus_anticoagulant"],
        k["persistent_anticardiolipin_igg_or_igm_medium_or_high_titre"],
        k["persistent_anti_beta2gpi_igg_or_igm_above_99th_percentile"],
    )
    if how_many(lupus, cardiolipin, beta2) > 1:
        return "category_i"
    if lupus:
        return "category_iia"
    return "category_iib" if cardiolipin else "category_iic"


def axspa_asas_2009(k: Known) -> str:
    """Rudwaleit 2009 (doi:10.1136/ard.2009.108233): by radiographic sacroiliitis, from memory."""
    form = "radiographic" if k["radiographic_sacroiliitis"] else "non_radiographic"
    return f"{form}_axial_spondyloarthritis"


def ssc_leroy_medsger_2001(k: Known) -> str:
    """LeRoy and Medsger 2001 (PMID 11469464), from memory: no skin disease, distal or proximal."""
    if k["diffuse_cutaneous_skin_thickening"]:
        return "diffuse_cutaneous_ssc"
    return "limited_cutaneous_ssc" if k["skin_thickening"] else "limited_ssc"


SUBGROUPS: Final[dict[str, Callable[[Known], str]]] = {
    function.__name__: function
    for function in (
        iim_eular_acr_2017, pm_dm_bohan_peter_1975, aps_sydney_2006, axspa_asas_2009, ssc_leroy_medsger_2001,
    )
}  # fmt: skip
