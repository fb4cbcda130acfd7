"""FHIR as servers and hospitals hand it over: Bundles, arrays, pretty-printed resources, ids used twice."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from crithidia.intake.fhir_bulk import files
from crithidia.intake.ledger import OUTCOMES, Ledger
from crithidia.surfaces.cli import main
from tests.intake.test_fhir_bulk import (
    ANA,
    CK,
    DSDNA,
    PATIENTS,
    RAYNAUD,
    TEN,
    condition,
    drug,
    observation,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Resource = dict[str, Any]

RESOURCES: list[Resource] = [
    *PATIENTS, condition(1, RAYNAUD), observation(1, ANA, valueString="Positive"),
    observation(2, CK, valueQuantity={"value": 350.10, "code": "U/L"}), drug(),
    {"resourceType": "Encounter", "id": "e"},
]  # fmt: skip
CONCEPTS = {"raynaud_phenomenon", "ana", "creatine_kinase", "methotrexate"}
USED = 5  # all but the patient without a known sex, and the encounter


def bundle(kind: str, *resources: Resource, **more: Any) -> Resource:
    entries = [{"fullUrl": f"urn:uuid:{r.get('id')}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "id": "b", "type": kind, "entry": entries, **more}


def balanced(ledger: Ledger) -> bool:
    return sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == ledger.read.total()


def read(path: Path, text: str | bytes, tmp_path: Path) -> tuple[Ledger, list[Any], list[dict[str, str]]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    ledger, _, facts, rejects = run(path, tmp_path)
    assert balanced(ledger)
    return ledger, [fact for fact in facts if fact["concept"] not in {"sex", "age"}], rejects


def command(data: Path, tmp_path: Path, *more: str) -> Result:
    options = ["-o", str(tmp_path / "facts.parquet"), *more]
    return CliRunner().invoke(main, ["cohort", "convert", str(data), *options])


WRITTEN: dict[str, Callable[[], str]] = {
    "searchset": lambda: json.dumps(bundle("searchset", *RESOURCES), indent=2),
    "collection": lambda: json.dumps(bundle("collection", *RESOURCES), indent=4),
    "transaction": lambda: json.dumps(bundle("transaction", *RESOURCES)),
    "bundles in a bundle": lambda: json.dumps(bundle("batch", bundle("searchset", *RESOURCES)), indent=1),
    "array": lambda: json.dumps(RESOURCES, indent=2),
    "array of one line": lambda: json.dumps(RESOURCES),
    "array with a resource on each line": lambda: "[\n" + ",\n".join(map(json.dumps, RESOURCES)) + "\n]\n",
    "pretty-printed one after the other": lambda: "\n".join(json.dumps(r, indent=2) for r in RESOURCES),
    "ndjson": lambda: "\n".join(map(json.dumps, RESOURCES)) + "\n",
    "ndjson of bundles": lambda: "\n".join(json.dumps(bundle("collection", r)) for r in RESOURCES),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("packed", [False, True])
def test_however_it_is_written_it_is_the_same(tmp_path: Path, written: str, packed: bool) -> None:
    text = WRITTEN[written]().encode()
    name = "x.json.gz" if packed else "x.json"
    ledger, facts, rejects = read(tmp_path / name, gzip.compress(text) if packed else text, tmp_path)
    assert {fact["concept"] for fact in facts} == CONCEPTS
    assert next(fact["low"] for fact in facts if fact["concept"] == "creatine_kinase") == 350.1
    assert (ledger.total("used"), ledger.total("ignored"), ledger.total("unknown")) == (USED, 1, 1)
    bundles = WRITTEN[written]().count('"Bundle"')
    assert (ledger.total("context"), ledger.read.total()) == (bundles, len(RESOURCES) + bundles)
    assert rejects == []


@pytest.mark.parametrize("mark", ["\ufeff", "\n\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_pretty_printed_resource_alone(tmp_path: Path, mark: str, encoding: str) -> None:
    text = mark + json.dumps(PATIENTS[0], indent=2)
    ledger, _, _ = read(tmp_path / "patient.json", text.encode(encoding), tmp_path)
    assert (ledger.read.total(), ledger.total("used")) == (1, 1)


def test_a_folder_of_bundles_is_one_export(tmp_path: Path) -> None:
    """One file a patient, as Synthea writes them; the patient may stand in another file."""
    (tmp_path / "output" / "fhir").mkdir(parents=True)
    for number, part in enumerate((RESOURCES[2:], RESOURCES[:2])):
        text = json.dumps(bundle("transaction", *part), indent=2)
        (tmp_path / "output" / "fhir" / f"{number}.json").write_text(text, "utf-8")
    result = command(tmp_path / "output", tmp_path)
    assert result.exit_code == 0, result.output
    assert f"{USED}  resources used" in result.output
    assert pq.read_metadata(tmp_path / "facts.parquet").num_rows == USED + 1  # and an age


def test_references_by_the_address_of_an_entry(tmp_path: Path) -> None:
    """Entries may refer to each other by address, whatever the ids are, or without any."""
    about = {"subject": {"reference": "urn:uuid:aaa"}}
    entries = [
        {"fullUrl": "urn:uuid:aaa", "resource": {**PATIENTS[0], "id": "17"}, "request": {"method": "POST"}},
        {"fullUrl": "urn:uuid:ccc", "resource": {"resourceType": "Patient", "gender": "male"}},
        {"fullUrl": "urn:uuid:ddd", "resource": condition(1, RAYNAUD) | about},
        {"resource": condition(2, "201051000") | {"subject": {"reference": "urn:uuid:ccc"}}},
        {"resource": condition(3, RAYNAUD) | {"subject": {"reference": "Patient?identifier=x|7"}}},
    ]  # fmt: skip
    text = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}, indent=1)
    ledger, facts, [reject] = read(tmp_path / "x.json", text, tmp_path)
    assert sorted((fact["person_id"], fact["concept"]) for fact in facts) == [
        ("17", "raynaud_phenomenon"), ("ccc", "sclerodactyly"),
    ]  # fmt: skip
    assert ledger.reasons() == {"no person": 1}
    assert reject["row"] == "x.json:1 entry 5"


def test_what_is_wrong_in_a_bundle_is_named_by_entry(tmp_path: Path) -> None:
    entries = [{"resource": PATIENTS[0]}, 7, {"resource": {"id": "x"}}, {"response": {"status": "201"}},
               {"resource": condition(1, RAYNAUD)}, condition(2, RAYNAUD)]  # fmt: skip
    text = "\n" + json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1)
    ledger, [fact], rejects = read(tmp_path / "x.json", text, tmp_path)
    assert fact["source"] == "x.json:2 entry 5"
    assert [(reject["row"], reject["reason"]) for reject in rejects] == [
        ("x.json:2 entry 2", "not readable"), ("x.json:2 entry 3", "not readable"),
        ("x.json:2 entry 6", "not readable"),
    ]  # fmt: skip
    assert (ledger.total("context"), ledger.total("empty"), ledger.total("used")) == (1, 1, 2)


def test_what_was_deleted_is_not_believed(tmp_path: Path) -> None:
    """A bulk export lists deletions as entries of a Bundle without resources."""
    gone = [{"request": {"method": "DELETE", "url": url}} for url in
            ("Condition/c1", "Patient/p2", "Condition?patient=p1")]  # fmt: skip
    (tmp_path / "x").mkdir()
    deleted = {"resourceType": "Bundle", "type": "transaction", "entry": gone}
    (tmp_path / "x" / "deleted.ndjson").write_text(json.dumps(deleted), "utf-8")
    about = observation(9, ANA, valueString="Positive", subject={"reference": "Patient/p2"})
    text = "\n".join(map(json.dumps, [*PATIENTS, condition(1, RAYNAUD), condition(2, "201051000"), about]))
    (tmp_path / "x" / "all.ndjson").write_text(text, "utf-8")
    ledger, _, facts, rejects = run(tmp_path / "x", tmp_path)
    assert {fact["concept"] for fact in facts} == {"sex", "age", "sclerodactyly"}
    assert ledger.reasons() == {"deleted": 2, "no person": 1, "not readable": 1}
    assert "cannot be followed" in next(r["message"] for r in rejects if r["reason"] == "not readable")
    assert balanced(ledger)


def pair(one: Resource, other: Resource, *more: Resource) -> str:
    return "\n".join(map(json.dumps, [*PATIENTS, one, other, *more]))


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("first", "second", "held"), [
    (None, None, None),
    ({"versionId": "1"}, None, None),  # the one without a version may be the newer one
    ({"versionId": "1"}, {"versionId": "1"}, None),
    ({"lastUpdated": "2022-01-01"}, {"versionId": "7"}, None),
    ({"versionId": "1"}, {"versionId": "2"}, 20.0),
    ({"lastUpdated": "2022-01-01", "versionId": "1"}, {"lastUpdated": "2022-01-01", "versionId": "2"}, 20.0),
])  # fmt: skip
def test_one_id_with_different_content(tmp_path: Path, first: Any, second: Any, held: float | None,
                                       swapped: bool) -> None:  # fmt: skip
    """Which of two results is right cannot be told by which stands first: neither is believed."""
    one, other = (observation(1, CK, meta=meta, valueQuantity={"value": value, "code": "U/L"})
                  for meta, value in ((first, 10), (second, 20)))  # fmt: skip
    text = pair(other, one) if swapped else pair(one, other)
    ledger, facts, rejects = read(tmp_path / "x.ndjson", text, tmp_path)
    assert [fact["low"] for fact in facts] == ([held] if held else [])
    assert ledger.reasons() == ({"repeated": 1} if held else {"one id, different content": 2})
    assert {reject["value"] for reject in rejects} == {"o1"}


def test_the_same_content_twice_is_used_once(tmp_path: Path) -> None:
    """Order of keys, the state of the resource and its words for people say nothing of its own."""
    one = condition(1, RAYNAUD)
    other = dict(reversed(one.items())) | {"meta": {"lastUpdated": "2022-01-01"}, "text": {"div": "<div/>"}}
    ledger, [_], _ = read(tmp_path / "x.ndjson", pair(one, other), tmp_path)
    assert ledger.reasons() == {"repeated": 1}


def test_two_patients_with_one_id(tmp_path: Path) -> None:
    """Two hospitals that both count from 1: whose results these are cannot be told."""
    other = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "2001-01-01"}
    (tmp_path / "x.ndjson").write_text(pair(other, condition(1, RAYNAUD)), "utf-8")
    ledger, about, facts, rejects = run(tmp_path / "x.ndjson", tmp_path)
    assert facts == []
    assert ledger.reasons() == {"one id, different content": 2, "no person": 1}
    assert about["ids_with_different_content"] == {"Patient/p1": 2}
    assert "of whom this is cannot be told" in rejects[-1]["message"]
    result = command(tmp_path / "x.ndjson", tmp_path)
    assert "one id, different content: Patient/p1 (2)" in result.output


def test_two_medications_with_one_id(tmp_path: Path) -> None:
    def medication(code: str) -> Resource:
        coding = [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}]
        return {"resourceType": "Medication", "id": "m", "code": {"coding": coding}}

    given = drug(medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"})
    text = pair(medication("105585"), medication("1"), given)
    ledger, facts, _ = read(tmp_path / "x.ndjson", text, tmp_path)
    assert facts == []
    assert (ledger.reasons()["one id, different content"], ledger.total("not_mapped")) == (2, 1)


def test_what_is_not_read_may_be_repeated(tmp_path: Path) -> None:
    """Every Bundle of Synthea repeats its organisations; they are left alone, not refused."""
    several = ({"resourceType": "Organization", "id": "o", "name": name} for name in "ab")
    ledger, _, rejects = read(tmp_path / "x.ndjson", pair(*several), tmp_path)
    assert ledger.outcomes["Organization"] == {"ignored": 2}
    assert rejects == []


@pytest.mark.parametrize(("words", "low", "high", "high_open"), [
    ("< 5 U/mL", None, 5, True), ("<=5", None, 5, False), ("≤ 5 u/ml", None, 5, False), ("0-20", 0, 20, None),
    ("0 – 20 U/mL", 0, 20, None), ("0,5 do 20", 0.5, 20, None), (" 0.0\n-\t20.0 ", 0, 20, None),
    (">=3", 3, None, None),
])  # fmt: skip
def test_a_range_in_words(tmp_path: Path, words: str, low: float | None, high: float | None,
                          high_open: bool | None) -> None:  # fmt: skip
    resource = observation(1, DSDNA, valueQuantity=TEN, referenceRange=[{"text": words}])
    _, [fact], _ = read(tmp_path / "x.json", json.dumps([*PATIENTS, resource]), tmp_path)
    assert (fact["low"], fact["limit_low"], fact["limit_high"]) == (10, low, high)
    assert bool(fact["limit_high_open"]) is bool(high_open)


@pytest.mark.parametrize("words", [
    "negative", "5", "< 5 IU/L", "0-20 (adults)", "male 0-20, female 0-15", "20-0", "0-0", "< 1.234",
    "<1,234", "see report", "-", "x" * 10_000,
])  # fmt: skip
def test_a_range_in_words_that_can_be_mistaken_is_left_and_counted(tmp_path: Path, words: str) -> None:
    resource = observation(1, DSDNA, valueQuantity=TEN, referenceRange=[{"text": words}])
    (tmp_path / "x.json").write_text(json.dumps([*PATIENTS, resource]), "utf-8")
    _, about, facts, rejects = run(tmp_path / "x.json", tmp_path)
    [fact] = [fact for fact in facts if fact["concept"] == "anti_dsdna"]
    assert (fact["low"], fact["limit_low"], fact["limit_high"]) == (10, None, None)
    [(left, count)] = about["limits_not_read"].items()
    assert (count, left[:8]) == (1, words[:8])
    assert rejects == []
    assert "limits in words, not read: " in command(tmp_path / "x.json", tmp_path).output


@pytest.mark.parametrize("range_", [
    {"text": "<20", "high": {"value": 5}},  # the number holds
    {"text": "<5", "type": {"text": "therapeutic"}, "low": {}},
])
def test_words_beside_something_else(tmp_path: Path, range_: Resource) -> None:
    resource = observation(1, DSDNA, valueQuantity=TEN, referenceRange=[range_])
    _, [fact], _ = read(tmp_path / "x.json", json.dumps([*PATIENTS, resource]), tmp_path)
    assert fact["limit_high"] == (5 if "high" in range_ else None)


def test_words_for_a_value_in_words(tmp_path: Path) -> None:
    resource = observation(1, DSDNA, valueString="12 U/mL", referenceRange=[{"text": "0-20"}])
    _, [fact], _ = read(tmp_path / "x.json", json.dumps([*PATIENTS, resource]), tmp_path)
    assert (fact["low"], fact["limit_high"]) == (12, 20)


NOTHING: dict[str, tuple[str, str]] = {
    "cut short": ("x.json", json.dumps(bundle("searchset", *RESOURCES), indent=2)[:-40]),
    "one line cut short": ("x.json", json.dumps(RESOURCES[0])[:-9]),
    "xml": ("x.json", '<?xml version="1.0"?>\n<Bundle xmlns="http://hl7.org/fhir"/>'),
    "records of another kind": ("x.json", json.dumps([{"record_id": "1", "rp": "1"}], indent=1)),
    "no patients": ("x.ndjson", json.dumps(condition(1, RAYNAUD))),
    "nothing that is read": ("x.ndjson", '{"resourceType": "Encounter", "id": "e"}'),
    "an empty bundle": ("x.json", '{"resourceType": "Bundle", "type": "searchset"}'),
    "nothing": ("x.ndjson", "\n"),
}


@pytest.mark.parametrize("why", NOTHING)
@pytest.mark.parametrize("wide", [False, True])
def test_where_nothing_can_be_used_the_command_says_so(tmp_path: Path, why: str, wide: bool) -> None:
    name, text = NOTHING[why]
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "facts.parquet").write_bytes(b"old")
    rejects, report = tmp_path / "rejects.csv", tmp_path / "report.json"
    result = command(tmp_path / name, tmp_path, "--rejects", str(rejects), "--report", str(report),
                     *(["--wide"] if wide else []))  # fmt: skip
    assert result.exit_code == 3, result.output
    assert ("it is empty, so" if why == "nothing" else "nothing could be used of its") in result.output
    assert (tmp_path / "facts.parquet").read_bytes() == b"old"
    assert json.loads(report.read_text("utf-8"))["facts"] == 0
    assert rejects.exists()
    assert {path.name for path in tmp_path.iterdir()} == {name, "facts.parquet", "rejects.csv", "report.json"}


def test_a_document_cut_short_is_one_refusal_with_its_place(tmp_path: Path) -> None:
    text = json.dumps(bundle("searchset", *RESOURCES), indent=2)
    ledger, facts, [reject] = read(tmp_path / "x.json", text[:-40], tmp_path)
    assert (facts, ledger.read.total()) == ([], 1)
    assert "not readable as JSON" in reject["message"]
    assert "line" in reject["message"]


def test_a_broken_first_line_of_ndjson_is_not_a_document(tmp_path: Path) -> None:
    text = '{"resourceType": \n' + pair(*RESOURCES[2:4])[:-1]  # and the last one cut short
    ledger, [_], rejects = read(tmp_path / "x.ndjson", text, tmp_path)
    assert [reject["row"] for reject in rejects] == ["x.ndjson:1", "x.ndjson:5"]
    assert ledger.reasons() == {"not readable": 2}


def test_a_large_document_is_refused_and_lines_are_not(tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(files, "LARGEST_DOCUMENT", 500)
    monkeypatch.setattr(files, "_LONGEST_LINE", 500)
    ledger, _, [reject] = read(tmp_path / "x.json", json.dumps(bundle("searchset", *RESOURCES)), tmp_path)
    assert "more than 500 bytes" in reject["message"]
    assert "NDJSON" in reject["message"]
    lines = [*map(json.dumps, RESOURCES), json.dumps({"resourceType": "Basic", "text": "x" * 2000}), "{}"]
    ledger, _, rejects = read(tmp_path / "x.ndjson", "\n".join(lines), tmp_path)
    assert ledger.total("used") == USED
    assert [reject["row"] for reject in rejects] == ["x.ndjson:8", "x.ndjson:9"]


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    broken = json.dumps({**PATIENTS[0], "id": "\ud800"})
    for name, text in (("x.ndjson", f"{broken}\n{json.dumps(PATIENTS[1])}"), ("x.json", f"[\n{broken}]")):
        _, _, [reject] = read(tmp_path / name, text, tmp_path)
        assert "half a character" in reject["message"]


@pytest.mark.parametrize("depth", [21, 200, 900, 100_000])
@pytest.mark.parametrize("name", ["x.json", "x.ndjson"])
def test_what_is_inside_each_other_without_end(tmp_path: Path, depth: int, name: str) -> None:
    deep = "[" * depth + json.dumps(PATIENTS[0]) + "]" * depth
    ledger, facts, [reject] = read(tmp_path / name, f"{deep}\n{json.dumps(PATIENTS[1])}", tmp_path)
    assert (facts, ledger.reasons()) == ([], {"not readable": 1})
    assert re.search("deep|recursion", reject["message"])


@pytest.mark.parametrize("depth", [100, 960, 990])
def test_a_resource_with_parts_inside_each_other_without_end(tmp_path: Path, depth: int) -> None:
    deep = json.dumps(condition(1, RAYNAUD))[:-1] + ', "x": ' + "[" * depth + r'"\ud800"' + "]" * depth + "}"
    text = "\n".join([*map(json.dumps, PATIENTS), deep, deep])
    ledger, facts, _ = read(tmp_path / "x.ndjson", text, tmp_path)
    assert facts == []
    assert ledger.reasons() == {"not readable": 2}
