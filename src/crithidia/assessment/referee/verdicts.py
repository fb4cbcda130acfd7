"""Stated verdicts and diagnoses against the criteria.

Classification is not diagnosis: that the two differ is a note, never an error. A verdict stated in so
many words can be checked, and is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.assessment.referee.finding import Finding
from crithidia.case import ClaimKind
from crithidia.definition import load_criteria_set, shipped_criteria
from crithidia.evaluation import Verdict
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.assessment.referee.standing import Standing
    from crithidia.case import Claim
    from crithidia.definition import CriteriaSet
    from crithidia.evaluation import Result


def stated_verdicts(standing: Standing) -> Iterator[Finding]:
    """Yield verdicts that the facts contradict, and name once those that they cannot confirm."""
    open_claims: list[Claim] = []
    for claim in standing.claims(ClaimKind.VERDICT):
        result = standing.result(claim.about)
        if result.verdict is Verdict.UNDETERMINED:
            open_claims.append(claim)
        elif result.verdict.value != claim.value:
            yield _contradicted(claim, result)
        elif result.verdict is Verdict.MET and standing.evidenced(claim.about).verdict is not Verdict.MET:
            yield _only_as_claimed(claim, result, standing.evidenced(claim.about))
    if open_claims:
        yield Finding.of(
            "verdict_cannot_be_followed", claims=open_claims,
            verdicts=tuple(_stated(claim) for claim in open_claims),
            arithmetic=[_span_line(standing.result(claim.about)) for claim in open_claims],
        )  # fmt: skip


def _stated(claim: Claim) -> Phrase:
    return Phrase.of("referee_stated_verdict", set=claim.about, verdict=Phrase.of(f"verdict_{claim.value}"))


def _contradicted(claim: Claim, result: Result) -> Finding:
    facts = [fact for item in result.items for fact in item.evidence]
    return Finding.of(
        "verdict_against_criteria", claims=(claim,), facts=facts, arithmetic=[_span_line(result)],
        set=claim.about, stated=Phrase.of(f"verdict_{claim.value}"),
        found=Phrase.of(f"verdict_{result.verdict.value}"), source=result.compiled.set.citation.short,
    )  # fmt: skip


def _only_as_claimed(claim: Claim, result: Result, evidenced: Result) -> Finding:
    claimed = [fact for item in result.items for fact in item.evidence if fact.is_claimed]
    return Finding.of(
        "met_only_as_claimed", claims=(claim,), facts=claimed, set=claim.about,
        found=Phrase.of(f"verdict_{evidenced.verdict.value}"),
        arithmetic=[_span_line(result), _evidence_line(evidenced)],
        source=result.compiled.set.citation.short,
    )  # fmt: skip


def _span_line(result: Result) -> Phrase:
    if result.threshold is None:
        return Phrase.of("referee_line_span_by_rule", set=result.id, score=result.score)
    return Phrase.of("referee_line_span", set=result.id, score=result.score, threshold=result.threshold)


def _evidence_line(result: Result) -> Phrase:
    verdict = Phrase.of(f"verdict_{result.verdict.value}")
    if result.threshold is None:
        return Phrase.of("referee_line_on_evidence_by_rule", score=result.score, verdict=verdict)
    return Phrase.of("referee_line_on_evidence", score=result.score, threshold=result.threshold,
                     verdict=verdict)  # fmt: skip


def stated_diagnoses(standing: Standing) -> Iterator[Finding]:
    """Yield diagnoses whose current sets say otherwise, and classified diseases that nobody named."""
    claims = standing.claims(ClaimKind.DIAGNOSIS)
    for claim in claims:
        results = [standing.result(s.id) for s in _current() if s.disease.en == claim.about]
        verdicts = {result.verdict for result in results}
        wrong = {Verdict.NOT_MET} if claim.value == "present" else {Verdict.MET}
        if verdicts == wrong:
            yield Finding.of(
                f"diagnosis_{claim.value}_against_criteria", claims=(claim,),
                disease=results[0].compiled.set.disease, sets=tuple(r.compiled.set.title for r in results),
                arithmetic=[_span_line(result) for result in results],
            )  # fmt: skip
    if claims:
        yield from _not_named(standing, claims)


def _not_named(standing: Standing, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    spoken = {claim.about for claim in claims}
    spoken |= {load_criteria_set(c.about).disease.en for c in standing.claims(ClaimKind.VERDICT)}
    families = shipped_library().document("referee/diseases.yaml").data
    spoken |= {name for family in families if spoken & set(family["of"]) for name in family["of"]}
    met = [s for s in _current() if s.disease.en not in spoken
           and standing.result(s.id).verdict is Verdict.MET
           and standing.evidenced(s.id).verdict is Verdict.MET]  # fmt: skip
    if met:
        results = [standing.result(s.id) for s in met]
        yield Finding.of(
            "criteria_without_diagnosis", sets=tuple(s.title for s in met), claims=claims,
            facts=[fact for r in results for item in r.items if item.points for fact in item.evidence],
            arithmetic=[_span_line(result) for result in results],
        )  # fmt: skip


def _current() -> Iterator[CriteriaSet]:
    """Yield the sets that no later one replaces."""
    return (criteria for criteria in shipped_criteria() if not criteria.replaced_by)
