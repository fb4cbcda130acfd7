"""Every worked case of every score; the cases stand beside this file, one YAML file a score."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from crithidia.definition import Reaches
from crithidia.definition.score_library import load_score, shipped_score_ids
from crithidia.evaluation.hull import Hull
from crithidia.evaluation.scores import compiled_score
from crithidia.foundation.spans import point
from crithidia.foundation.truth import Truth
from tests.scores.worked import EXPECTED, FILES, WorkedScore, failure, worked_scores

if TYPE_CHECKING:
    from decimal import Decimal

    from crithidia.definition.score import ScoreDefinition

MORE_THAN_THE_TOTAL = {"ssc_ild_progression"}
IN_STEPS = {"cross_2024", "essdai", "eustar_2017", "flair_2020", "gap_2012", "h2fpef", "ild_gap_2014",
            "myositis_tis_2016", "ppf_2022", "sledai_2k"}  # fmt: skip
"""Scores whose totals go in steps that are printed in full; the others can lie between two printed ones."""
CASES = tuple(case for path in FILES for case in worked_scores(path))


def nothing_recorded(score_id: str) -> WorkedScore:
    return WorkedScore(score_id, 0, "nothing recorded", "", "", "", "", {}, {}, {})


def cuts(definition: ScoreDefinition) -> list[Decimal]:
    """Return the totals at which the category changes."""
    return sorted({node.threshold for clause in definition.categories for node in clause.when.walk()
                   if isinstance(node, Reaches) and node.score == definition.judged})  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=case.label) for case in CASES])
def test_worked_case(case: WorkedScore) -> None:
    assert failure(case.result(compiled_score(case.score_id)), case.expect) == "", case.why


def test_every_score_has_worked_cases() -> None:
    assert {path.stem for path in FILES} == set(shipped_score_ids())


def test_every_case_says_why_or_where_from() -> None:
    assert [case.label for case in CASES if not case.is_explained] == []


def test_every_case_expects_something_and_nothing_unknown() -> None:
    assert [case.label for case in CASES if not case.expect or set(case.expect) - EXPECTED] == []


@pytest.mark.parametrize("score_id", shipped_score_ids())
def test_nothing_recorded_is_no_zero_and_no_category(score_id: str) -> None:
    """With no fact at all the score is the whole interval that its inputs permit."""
    result = nothing_recorded(score_id).result(compiled_score(score_id))
    assert result.span.low < result.span.high
    assert [given.concept for given in result.inputs if given.is_known] == []
    settled = [clause.id for clause, truth in result.categories if truth is Truth.PRESENT]
    assert settled == []


@pytest.mark.parametrize("score_id", shipped_score_ids())
def test_every_statement_has_a_citation(score_id: str) -> None:
    definition = load_score(score_id)
    citations = [*(c.citation for c in definition.clauses()), *(p.citation for p in definition.parts),
                 *(given.citation for given in definition.inputs)]  # fmt: skip
    assert all(citation.doi or citation.pmid or citation.title for citation in citations)


@pytest.mark.parametrize("score_id", shipped_score_ids())
def test_the_categories_exclude_each_other_and_leave_no_gap(score_id: str) -> None:
    """At every number that a total can have, exactly one category of a partition is reached.

    Scores with one category, or with categories that look at more than the total, are left out.
    """
    definition = load_score(score_id)
    if len(definition.categories) < 2 or score_id in MORE_THAN_THE_TOTAL:
        return
    compiled = compiled_score(score_id)
    result = nothing_recorded(score_id).result(compiled)
    for cut in cuts(definition):
        for number in (point(cut), point(f"{cut - cut.scaleb(-3)}"), point(f"{cut + cut.scaleb(-3)}")):
            if result.span.within(number) is None:
                continue
            hull = Hull(compiled.hull.implications, totals={definition.judged: number})
            reached = [c.id for c in definition.categories if hull.truth(c.when, result.box) is Truth.PRESENT]
            assert len(reached) == 1, (number, reached)


@pytest.mark.parametrize("score_id", sorted(set(shipped_score_ids()) - IN_STEPS))
def test_totals_that_are_shown_as_a_cut_off_are_tried_on_both_of_its_sides(score_id: str) -> None:
    """The cut-off is applied before rounding: of two totals shown alike, one is below it and one above."""
    definition = load_score(score_id)
    assert definition.rounding is not None
    half = Fraction(1, 2 * 10**definition.rounding.places)
    spans = [case.result(compiled_score(score_id)).span for case in CASES if case.score_id == score_id]
    ends = [(Fraction(span.low), Fraction(span.high)) for span in spans
            if not isinstance(span.low, float) and not isinstance(span.high, float)]  # fmt: skip
    for cut in map(Fraction, cuts(definition)):
        assert any(cut - half <= low and high < cut for low, high in ends), f"nothing just below {cut}"
        assert any(cut < low and high < cut + half for low, high in ends), f"nothing just above {cut}"
