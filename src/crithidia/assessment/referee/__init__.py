"""The referee: numbers against each other, statements against facts, in one list of findings.

One file a family of rules; each takes facts, interpretation and results and returns findings. What
the rules know - which volume shares a predicted value with which, what must be seen before lung
disease is claimed, how much of a drug is given - stands in ``knowledge/referee`` with its source.
Refuses to correct anything: a finding says what would resolve it.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from crithidia.assessment.referee.contradictions import contradictions
from crithidia.assessment.referee.doses import doses
from crithidia.assessment.referee.evidence import claimed_findings
from crithidia.assessment.referee.finding import (
    CERTAINTIES,
    SEVERITIES,
    Certainty,
    Finding,
    at_least,
)
from crithidia.assessment.referee.flags import implausible_intervals, stated_flags, stated_stages
from crithidia.assessment.referee.indices import stated_indices
from crithidia.assessment.referee.parts import parts_and_wholes
from crithidia.assessment.referee.predicted import height_of_the_others, percentages
from crithidia.assessment.referee.scores import stated_scores
from crithidia.assessment.referee.standing import Standing
from crithidia.assessment.referee.times import times
from crithidia.assessment.referee.verdicts import stated_diagnoses, stated_verdicts
from crithidia.assessment.referee.volumes import volumes_disagree
from crithidia.assessment.referee.written import written_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crithidia.case import Case
    from crithidia.evaluation import Result
    from crithidia.interpretation import Interpretation

__all__ = ["CERTAINTIES", "SEVERITIES", "Certainty", "Finding", "at_least", "referee"]


def referee(case: Case, shown: Interpretation, results: Iterable[Result] = ()) -> tuple[Finding, ...]:
    """Return everything that does not add up in a case, gravest and surest first.

    ``results`` spares the evaluation of sets that were evaluated already, on everything recorded.
    """
    standing = Standing(case, shown, {result.id: result for result in results})
    values = written_values(shown)
    found = list(chain(
        map(Finding.from_doubt, shown.doubts),
        volumes_disagree(values, partial(height_of_the_others, shown, values)),
        percentages(shown, values),
        parts_and_wholes(values),
        stated_flags(standing, values),
        implausible_intervals(standing),
        stated_stages(standing),
        contradictions(standing),
        stated_scores(standing),
        stated_indices(shown),
        stated_verdicts(standing),
        stated_diagnoses(standing),
        times(shown),
        doses(shown),
    ))  # fmt: skip
    found.extend(claimed_findings(standing, {fact for finding in found for fact in finding.facts}))
    return tuple(sorted(_merged(found), key=_rank))


def _merged(found: Iterable[Finding]) -> Iterable[Finding]:
    """Keep one of the findings by which a rule says the same of the same recorded facts and claims.

    Two entries that contradict each other do so in every finding that follows from either.
    """
    kept: dict[object, Finding] = {}
    for finding in found:
        recorded = frozenset(root for fact in finding.facts for root in fact.roots())
        same = recorded if finding.id == "contradiction" else finding.statement
        kept.setdefault((finding.id, same, finding.claims), finding)
    return kept.values()


def _rank(finding: Finding) -> tuple[int, int]:
    return SEVERITIES.index(finding.severity), CERTAINTIES.index(finding.certainty)
