"""The findings of the referee, and the claims, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case import ClaimKind
from crithidia.definition import shipped_criteria
from crithidia.report.facts import fact_document
from crithidia.report.wording import concept_label, number_in, say, set_title
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.assessment.referee import Finding
    from crithidia.case import Claim
    from crithidia.foundation.text import Language

Json = dict[str, Any]


def finding_document(finding: Finding, language: Language) -> Json:
    """Return one finding, worded in one language."""
    about = [fact.concept for fact in finding.facts] + [claim.about for claim in finding.claims]
    return {
        "id": finding.id,
        "severity": finding.severity,
        "severity_label": say(f"severity_{finding.severity}", language),
        "certainty": finding.certainty,
        "certainty_label": say(f"certainty_{finding.certainty}", language),
        "concepts": [name for name in dict.fromkeys(about) if name in shipped_vocabulary()],
        "text": say(finding.statement, language),
        "why": say(finding.why, language) if finding.why else None,
        "arithmetic": [say(line, language) for line in finding.arithmetic],
        "causes": [say(cause, language) for cause in finding.causes],
        "remedy": say(finding.remedy, language),
        "citation": _citation(finding, language),
        "evidence": [fact_document(fact, language) for fact in finding.facts],
        "claims": [claim_document(claim, language) for claim in finding.claims],
    }


def _citation(finding: Finding, language: Language) -> str | None:
    source = finding.source
    return f"{source.text} ({say('word_unverified', language)})" if source.unverified else source.text or None


def claim_document(claim: Claim, language: Language) -> Json:
    """Return one claim: what is claimed of what, in whose words, and where they stand."""
    origin = claim.provenance
    return {
        "kind": claim.kind.value,
        "about": claim.about,
        "label": _about(claim, language),
        "value": claim.value,
        "value_label": _value(claim, language),
        "counted": list(claim.counted),
        "quote": origin.quote or None,
        "page": origin.page or None,
        "note": origin.note or None,
        "where": str(origin.where) if origin.where else None,
    }


def _about(claim: Claim, language: Language) -> str:
    if claim.kind in {ClaimKind.SCORE, ClaimKind.VERDICT}:
        return set_title(claim.about, language)
    if claim.kind is ClaimKind.DIAGNOSIS:
        return next(s.disease.in_(language) for s in shipped_criteria() if s.disease.en == claim.about)
    return concept_label(claim.about, language)


def _value(claim: Claim, language: Language) -> str:
    if claim.kind is ClaimKind.SCORE:
        return f"{number_in(claim.value, language)} {say('word_points', language)}"
    if claim.kind is ClaimKind.STAGE:
        return shipped_vocabulary()[claim.about].choices[claim.value].in_(language)
    prefix = {ClaimKind.VERDICT: "verdict", ClaimKind.FLAG: "flag"}.get(claim.kind, "truth")
    return say(f"{prefix}_{claim.value}", language)
