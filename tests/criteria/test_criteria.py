"""Every worked case of every set; the cases stand beside this file, one YAML file a set."""

from __future__ import annotations

import re

import pytest

from crithidia.definition import load_criteria_set, shipped_criteria_ids
from crithidia.evaluation import Verdict, compiled_set, evaluate, evaluate_picture
from tests.criteria.worked import ASKED, EXPECTED, FILES, WorkedCase, failure, picture_of, worked_cases

PLAIN = {"present": True, "absent": False, "unknown": None}
SOURCE = re.compile(r"doi:10\.\d{4,}/|PMID \d+|PMC\d+|\d{4};\d+:\d+-\d+")
CASES = tuple(case for path in FILES for case in worked_cases(path))


def _parameters(cases: tuple[WorkedCase, ...]) -> list[object]:
    return [pytest.param(case, id=case.label) for case in cases]


@pytest.mark.parametrize("case", _parameters(CASES))
def test_worked_case(case: WorkedCase) -> None:
    compiled = compiled_set(case.set_id)
    result = evaluate_picture(compiled, picture_of(case), assume_absent=case.assume_absent)
    assert failure(result, case.expect) == "", case.why


@pytest.mark.parametrize("case", _parameters(tuple(case for case in CASES if case.is_plain)))
def test_plain_facts_give_the_same(case: WorkedCase) -> None:
    """``evaluate`` with a plain mapping says what the same facts in a case file say."""
    facts = {name: PLAIN.get(value, value) for name, value in case.facts.items()}
    result = evaluate(case.set_id, facts, assume_absent=case.assume_absent)
    assert failure(result, case.expect) == "", case.why


def test_every_set_has_worked_cases() -> None:
    assert {path.stem for path in FILES} == set(shipped_criteria_ids())
    assert [case.label for case in CASES if case.set_id not in shipped_criteria_ids()] == []


def test_every_case_says_why() -> None:
    assert [case.label for case in CASES if not case.why] == []


def test_every_published_case_names_its_source() -> None:
    published = [case for case in CASES if case.name.startswith("published case:")]
    assert [case.label for case in published if not SOURCE.search(case.name)] == []
    assert [case.label for case in CASES if "published case" in case.name and case not in published] == []


def test_every_case_expects_enough_and_nothing_unknown() -> None:
    wrong = [case.label for case in CASES if not ASKED <= case.expect.keys() <= EXPECTED]
    assert wrong == []


@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_nothing_recorded_is_never_absent(set_id: str) -> None:
    """With no fact at all every set stays open, and names what would have to be known."""
    result = evaluate(set_id, {})
    assert result.verdict is Verdict.UNDETERMINED
    assert result.score.low <= 0 < result.score.high
    asked = {atom.concept for atom in result.open}
    assert asked
    assert not [item for item in result.items if item.truth.is_known]


@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_every_clause_has_a_citation(set_id: str) -> None:
    for clause in load_criteria_set(set_id).clauses():
        assert clause.citation.doi or clause.citation.pmid, clause.id
        assert clause.citation.place, clause.id
