"""Systemic sclerosis, written from the papers."""

from __future__ import annotations

from tests.independent.known import Known, Outcome, any_of, how_many


def ssc_acr_eular_2013(k: Known) -> Outcome:
    """van den Hoogen 2013, Table 1 (doi:10.1002/art.38098); weights also read in a reprinted table.

    Not for skin thickening that spares the fingers, nor where a scleroderma-like disorder explains
    the picture better.
    """
    if k["skin_thickening_of_fingers_proximal_to_mcp"]:
        total = 9
    else:
        total = 4 if k["sclerodactyly"] else 2 * k["puffy_fingers"]
    total += 3 if k["fingertip_pitting_scars"] else 2 * k["digital_tip_ulcers"]
    total += 2 * k["telangiectasia"] + 2 * k["abnormal_nailfold_capillaries"] + 3 * k["raynaud_phenomenon"]
    total += 2 * any_of(k, "pulmonary_arterial_hypertension", "interstitial_lung_disease")
    total += 3 * any_of(k, "anticentromere", "anti_topoisomerase_i", "anti_rna_polymerase_iii")
    outside = any_of(k, "skin_thickening_sparing_fingers", "scleroderma_like_disorder")
    met = total >= 9 and not outside
    return met, total, "definite" if met else None


def ssc_acr_1980(k: Known) -> Outcome:
    """Subcommittee for Scleroderma Criteria 1980, abstract (doi:10.1002/art.1780230510), from memory.

    The major criterion, or two of three minor ones.
    """
    major = any_of(k, "scleroderma_proximal_to_mcp_or_mtp", "skin_thickening_of_fingers_proximal_to_mcp")
    minor = how_many(
        k["sclerodactyly"],
        k["fingertip_pitting_scars"] or k["loss_of_finger_pad_substance"],
        k["bibasilar_pulmonary_fibrosis"],
    )
    met = major or minor >= 2
    return met, None, "definite" if met else None


def ssc_leroy_medsger_2001(k: Known) -> Outcome:
    """LeRoy and Medsger 2001, J Rheumatol 28:1573 (PMID 11469464); read in a description of the rule.

    Raynaud phenomenon documented objectively with capillaroscopy or antibody; reported only: both.
    """
    antibody = any_of(
        k, "anticentromere", "anti_topoisomerase_i", "anti_u3_rnp_fibrillarin", "anti_pm_scl",
        "anti_fibrillin", "anti_rna_polymerase_i", "anti_rna_polymerase_iii",
    )  # fmt: skip
    signs = how_many(k["abnormal_nailfold_capillaries"], antibody)
    needed = 1 if k["raynaud_objectively_documented"] else 2
    met = bool(k["raynaud_phenomenon"]) and signs >= needed
    return met, None, "early_systemic_sclerosis" if met else None


def vedoss(k: Known) -> Outcome:
    """Avouac 2011 (doi:10.1136/ard.2010.136929), from memory.

    Three red flags (Raynaud, puffy fingers, antinuclear antibodies) ask for referral; an abnormal
    capillaroscopy or a specific antibody then confirms.
    """
    flags = k["raynaud_phenomenon"] and k["puffy_fingers"] and k["ana"]
    if not flags:
        return False, None, None
    met = any_of(k, "abnormal_nailfold_capillaries", "anticentromere", "anti_topoisomerase_i")
    return met, None, "very_early_systemic_sclerosis" if met else "referral"


def crest(k: Known) -> Outcome:
    """Three of the five features that make the name (the knowledge file names the paper), from memory."""
    found = how_many(
        k["calcinosis_cutis"], k["raynaud_phenomenon"], k["oesophageal_dysmotility"],
        k["sclerodactyly"], k["telangiectasia"],
    )  # fmt: skip
    return found >= 3, found, "crest_syndrome" if found >= 3 else None
