"""Score files that are refused, visits that are scored, and the command line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from crithidia import score
from crithidia.assessment.scores import chosen_scores
from crithidia.definition.score_library import build_score, load_score
from crithidia.foundation.document import parse_document, read_document
from crithidia.foundation.library import shipped_library
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import CrithidiaError
from crithidia.foundation.spans import Span, UndefinedError, exponential, logarithm, point, square_root
from crithidia.foundation.truth import Truth
from crithidia.intake.case_file import parse_case
from crithidia.interpretation import interpret
from crithidia.surfaces.cli import main
from crithidia.vocabulary import shipped_vocabulary
from tests.mutation.scores import ScoreChanges

if TYPE_CHECKING:
    from crithidia.evaluation.evaluate import Plain
    from crithidia.evaluation.scores import ScoreResult

HEAD = """\
id: small
disease: {en: x, pl: x}
title: {en: x, pl: x}
citation: {doi: 10.1000/x}
concerns: [ra_acr_eular_2010]
inputs:
  crp: {from: 0, unit: mg/L}
"""


def refused(rest: str) -> str:
    with pytest.raises(CrithidiaError) as caught:
        build_score(parse_document(HEAD + rest, "small.yaml"), shipped_vocabulary(), shipped_library())
    return str(caught.value)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("formula: crp + esr\n", "esr"),
        ("formula: ln(crp)\n", "logarithm of zero"),
        ("formula: 1/crp\n", "division by zero"),
        ("formula: crp + (2\n", "')' is expected"),
        ("formula: sinus(crp)\n", "sinus"),
        ("parts: {a: {of: crp, bands: {'<= 8': 0}, label: {en: x, pl: x}}}\n", "otherwise"),
        ("formula: crp\ncategories: {a: {when: crp > 3, label: {en: x, pl: x}}}\n", "unit"),
    ],
)
def test_a_mistake_is_refused_with_its_place(rest: str, said: str) -> None:
    message = refused(rest)
    assert "small.yaml:" in message
    assert said in message


def test_every_key_of_a_score_file_is_documented() -> None:
    schema = read_document(SHIPPED / "schemas/scores.schema.json").data
    guide = Path("docs/guide/scores.md").read_text(encoding="utf-8")
    keys = {*schema["properties"]} - {"$schema"}
    assert [key for key in sorted(keys) if f"`{key}`" not in guide] == []


# ---- numbers ---------------------------------------------------------------------------------------


def test_functions_round_outward_and_are_exact_where_the_value_is() -> None:
    assert square_root(point(16)) == point(4)
    assert logarithm(point(1)) == point(0)
    assert logarithm(point(1000), base_ten=True) == point(3)
    assert exponential(point(0)) == point(1)
    ln2 = logarithm(point(2))
    assert ln2.low < ln2.high
    assert ln2.high - ln2.low < Fraction(1, 10**35)
    assert Fraction(693147180559945309, 10**18) < ln2.low
    assert ln2.high < Fraction(693147180559945310, 10**18)


def test_a_function_without_a_value_says_so() -> None:
    with pytest.raises(UndefinedError):
        logarithm(point(-1))
    with pytest.raises(UndefinedError):
        square_root(point(-1))
    with pytest.raises(UndefinedError):
        Span(Fraction(-1), Fraction(1)).reciprocal()


# ---- facts -----------------------------------------------------------------------------------------


def test_an_antibody_without_a_grade_may_have_any() -> None:
    facts: dict[str, Plain] = {"ferritin": 100, "ldh": 200, "hrct_imaging_score": 1,
                               "rapidly_progressive_ild": False}  # fmt: skip
    assert score("flair_2020", {**facts, "anti_mda5": True}).span == Span(Fraction(2), Fraction(4))
    assert score("flair_2020", {**facts, "anti_mda5": "++"}).span == point(3)
    assert score("flair_2020", {**facts, "anti_mda5": False}).span == point(0)


def test_a_measured_value_rules_out_that_it_cannot_be_performed() -> None:
    facts: dict[str, Plain] = {"sex": "female", "age": 50, "fvc_percent_predicted": 80}
    assert score("gap_2012", facts).span == Span(Fraction(0), Fraction(3))
    assert score("gap_2012", {**facts, "tlco_percent_predicted": 60}).span == point(0)
    assert score("gap_2012", {**facts, "tlco_cannot_be_performed": True}).span == point(3)


def test_what_a_ruled_out_branch_asks_for_is_not_lacking() -> None:
    facts: dict[str, Plain] = {"sex": "female", "age": 50, "fvc_percent_predicted": 80}
    assert score("gap_2012", facts).known_share == Fraction(3, 5)
    unable = score("gap_2012", {**facts, "tlco_cannot_be_performed": True})
    assert unable.known_share == 1
    assert unable.is_complete


def test_a_stated_total_is_checked_against_the_inputs() -> None:
    inputs: dict[str, Plain] = {"tender_joints_28": 3, "swollen_joints_28": 3,
              "patient_global_assessment": 20, "physician_global_assessment": 20}  # fmt: skip
    assert score("cdai", {**inputs, "cdai_recorded": 10}).agrees is True
    assert score("cdai", {**inputs, "cdai_recorded": 12}).agrees is False


def test_the_change_since_an_earlier_visit_is_a_response() -> None:
    result = score("cdai", {"cdai_recorded": 6}, baseline={"cdai_recorded": 40})
    assert result.change == point(-34)
    assert [c.id for c, truth in result.changes if truth is Truth.PRESENT] == ["major_response"]


# ---- visits ----------------------------------------------------------------------------------------

CASE = """\
crithidia: case/1
id: visits
index_date: 2024-06-01
examination:
  tender_joints_28:
    - {is: 8, at: 2024-01-10}
    - {is: 2, at: 2024-05-10}
    - {is: 1, at: 2024-06-01}
  swollen_joints_28:
    - {is: 8, at: 2024-01-10}
    - {is: 2, at: 2024-05-10}
  patient_global_assessment:
    - {is: 50 mm, at: 2024-01-10}
    - {is: 20 mm, at: 2024-05-10}
  physician_global_assessment:
    - {is: 50 mm, at: 2024-01-10}
    - {is: 10 mm, at: 2024-05-10}
"""


def scored(text: str, score_id: str) -> ScoreResult:
    (found,) = chosen_scores(interpret(parse_case(text)), [score_id])
    return found


def test_the_latest_complete_visit_is_scored_and_the_others_are_listed() -> None:
    result = scored(CASE, "cdai")
    assert result.at is not None
    assert str(result.at).startswith("2024-05-10")
    assert result.span == point(7)
    assert [other.span for other in result.others] == [Span(Fraction(1), Fraction(49)), point(26)]
    assert result.change == point(-19)


def test_values_of_different_visits_are_never_combined() -> None:
    other = CASE.replace("{is: 20 mm, at: 2024-05-10}", "{is: 20 mm, at: 2024-05-11}")
    assert scored(other, "cdai").span == point(26)


DECLINE = """\
crithidia: case/1
id: decline
index_date: 2024-06-01
patient: {age: 60 years}
examination:
  fvc_percent_predicted: [{is: 80 %, at: 2023-07-01}, {is: 74 %, at: 2024-06-01}]
  tlco_percent_predicted: [{is: 60 %, at: 2023-07-01}, {is: 60 %, at: 2024-06-01}]
"""


def test_two_visits_within_the_time_of_the_paper_are_compared() -> None:
    result = scored(DECLINE, "ppf_2022")
    assert {part.id: span for part, span in result.parts}["fvc_decline"] == point(6)
    too_far = DECLINE.replace("2023-07-01", "2022-07-01")
    assert list(chosen_scores(interpret(parse_case(too_far)), ["ppf_2022"])) == []


# ---- the mutation check and the command line -------------------------------------------------------


def test_every_kind_of_change_is_made() -> None:
    document = parse_document(
        HEAD + "parts:\n  a: {of: crp, bands: {'<= 8': 0, otherwise: 3}}\n  b: {value: 0.5*a}\n", "small.yaml"
    )
    assert [mutant.change for mutant in ScoreChanges(document).scores()] == [
        "from: 0 -> from: -1", "from: 0 -> from: 1", "<= 8: 0 -> <= 8: -1", "<= 8: 0 -> <= 8: 1",
        "<= 8 -> < 8", "<= 8 -> <= 7", "<= 8 -> <= 9", "otherwise: 3 -> otherwise: 2",
        "otherwise: 3 -> otherwise: 4", "0.5*a -> 0.4*a", "0.5*a -> 0.6*a", "0.5*a -> 0.5/a",
    ]  # fmt: skip


def printed(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_scores_are_listed_and_shown() -> None:
    assert "das28_esr" in printed("scores", "list", "--disease", "arthritis")
    listed = json.loads(printed("scores", "list", "--format", "json"))
    assert listed
    shown = printed("scores", "show", "cdai", "--lang", "pl")
    assert load_score("cdai").title.pl in " ".join(shown.split())
    assert CliRunner().invoke(main, ("scores", "show", "cdia")).exit_code == 5


def test_a_case_is_scored(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    assert "7" in printed("scores", "compute", str(path), "--score", "cdai")
    document = json.loads(printed("scores", "compute", str(path), "--score", "cdai", "--format", "json"))
    assert "low" in json.dumps(document)
    assert printed("scores", "compute", str(path), "--score", "cdai", "--lang", "pl")
