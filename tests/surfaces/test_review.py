"""``crithidia review``: formats, severities, exit codes; and claims with mistakes in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import crithidia
from crithidia.foundation.paths import SCHEMAS
from crithidia.foundation.problems import InputError
from crithidia.intake import parse_case
from crithidia.surfaces.cli import main

PUBLISHED = str(Path(__file__).parents[2] / "examples" / "stepien-2023.yaml")
CLEAN = "laboratory: {sodium: 140 mmol/L (135-145)}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", *arguments])


def document(*arguments: str) -> dict[str, Any]:
    result = run(PUBLISHED, "--format", "json", *arguments)
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.output)
    return found


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_json_follows_its_schema(language: str) -> None:
    schema = json.loads((SCHEMAS / "review.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    found = document("--lang", language)
    assert list(Draft202012Validator(schema).iter_errors(found)) == []
    assert found["counts"] == {"error": 2, "warning": 3, "note": 3}


def test_the_review_schema_describes_findings_as_the_assessment_schema_does() -> None:
    files = (SCHEMAS / f"{name}.schema.json" for name in ("review", "assessment"))
    schemas = [json.loads(file.read_text("utf-8")) for file in files]
    for part in ("fact", "claim", "finding"):
        assert schemas[0]["$defs"][part] == schemas[1]["$defs"][part]


def test_severity_lists_the_graver_only() -> None:
    assert [f["severity"] for f in document("--severity", "error")["findings"]] == ["error"] * 2
    assert document("--severity", "warning")["counts"]["note"] == 3
    text = run(PUBLISHED, "--severity", "error").output
    assert "warning (" not in text
    assert "not listed: 6 less grave" in text


def test_notes_take_a_line_each_until_asked_for() -> None:
    short, full = run(PUBLISHED).output, run(PUBLISHED, "--severity", "note").output
    assert "Give the z-score" not in short
    assert "Give the z-score" in full
    assert "in full with --severity note" in short


def test_strict_ends_with_1_for_errors_only(tmp_path: Path) -> None:
    clean, warned = tmp_path / "clean.yaml", tmp_path / "warned.yaml"
    clean.write_text(CLEAN)
    warned.write_text("autoantibodies: {ana: absent, anticentromere: present}\n")
    assert run(PUBLISHED).exit_code == 0
    assert run(PUBLISHED, "--strict").exit_code == 1
    assert run(str(clean), "--strict").exit_code == 0
    assert run(str(warned), "--strict").exit_code == 0
    assert "does not add up" in run(str(clean)).output
    assert run(str(tmp_path / "missing.yaml"), "--strict").exit_code == 3


@pytest.mark.parametrize(("name", "begins"), [("r.html", "<!doctype html>"), ("r.md", "# Review"),
                                              ("r.json", "{"), ("r.txt", "Review")])  # fmt: skip
def test_the_name_of_the_output_chooses_the_format(tmp_path: Path, name: str, begins: str) -> None:
    target = tmp_path / name
    assert run(PUBLISHED, "-o", str(target)).exit_code == 0
    assert target.read_text("utf-8").startswith(begins)


def test_markdown_goes_by_two_names() -> None:
    assert run(PUBLISHED, "-f", "md").output == run(PUBLISHED, "-f", "markdown").output


def test_the_assessment_shows_the_same_findings() -> None:
    assessed: Any = crithidia.assess(PUBLISHED).to_dict()
    assert assessed["consistency"] == document()["findings"]
    page = CliRunner().invoke(main, ["assess", PUBLISHED, "-f", "html"]).output
    for finding in document()["findings"]:
        assert finding["text"].split(" - ")[0][:40] in page.replace("&#39;", "'")


def test_what_is_claimed_is_marked_everywhere() -> None:
    for format_ in ("text", "md", "html"):
        assert "only claimed" in CliRunner().invoke(main, ["assess", PUBLISHED, "-f", format_, "-v"]).output


MISTAKES = [
    ("claims: {score: 16}", "must be a list"),
    ("claims: [{score: 16}]", "names no set"),
    ("claims: [{score: 16, set: ssc_acr_eular_2031}]", "did you mean 'ssc_acr_eular_2013'"),
    ("claims: [{score: many, set: ssc_acr_eular_2013}]", "no number of points"),
    ("claims: [{verdict: fulfilled, set: ssc_acr_eular_2013}]", "not one of met, not_met"),
    ("claims: [{verdict: met, score: 16, set: ssc_acr_eular_2013}]", "a claim is one of"),
    ("claims: [{quote: x}]", "a claim is one of"),
    ("claims: [{verdict: met, set: ssc_acr_eular_2013, of: tlc}]", "no meaning beside 'verdict'"),
    ("claims: [{diagnosis: sarkoidoza}]", "no criteria set is for"),
    ("claims: [{diagnosis: systemic slcerosis}]", "did you mean 'systemic sclerosis'"),
    ("claims: [{diagnosis: ssc, is: suspected}]", "claims nothing"),
    ("claims: [{stage: g9, of: kdigo_g_stage}]", "is not one of"),
    ("claims: [{stage: g3}]", "does not say of what"),
    ("claims: [{stage: g3, of: sodium}]", "is not a code"),
    ("claims: [{flag: decreased, of: sodium}]", "not one of low, normal, high"),
    ("claims: [{finding: sodium}]", "not a finding"),
    ("claims: [{finding: sclerodactly}]", "did you mean 'sclerodactyly'"),
    ("claims: [{score: 16, set: ssc_acr_eular_2013, counted: sclerodactyly}]", "must be a list of concepts"),
    ("claims: [met]", "must be a mapping"),
    ("examination: {sclerodactyly: {is: present, basis: hearsay}}", "is no basis"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_a_mistake_in_a_claim_is_reported_with_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_case(f"notes: x\n{text}\n", "case.yaml")
    assert words in str(caught.value)
    assert "case.yaml:2:" in str(caught.value)


def test_claims_alone_make_a_case() -> None:
    case = parse_case("claims: [{score: 16 points, set: ssc_acr_eular_2013}]")
    assert [(claim.about, str(claim.number)) for claim in case.claims] == [("ssc_acr_eular_2013", "16")]


def test_a_claim_counts_in_no_set() -> None:
    text = "claims: [{finding: sclerodactyly}, {diagnosis: ssc}, {verdict: met, set: ssc_acr_eular_2013}]"
    result = crithidia.assess(parse_case(text))["ssc_acr_eular_2013"]
    assert (str(result.score.low), result.verdict.value) == ("0", "undetermined")
