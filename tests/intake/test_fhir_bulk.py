"""FHIR R4 bulk exports into facts: every resource accounted for."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from crithidia.foundation.problems import InputError
from crithidia.intake.fhir_bulk import convert_fhir, open_export
from crithidia.intake.ledger import OUTCOMES, Ledger

if TYPE_CHECKING:
    from pathlib import Path

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
VER = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
INT = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": "as displayed"}]}


def observation(number: int, code: str, /, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": coded(LOINC, code),
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2021-04-05T10:00:00Z",
            **more}  # fmt: skip


def condition(number: int, code: str, status: str = "", /, **more: Any) -> dict[str, Any]:
    found = {"resourceType": "Condition", "id": f"c{number}", "code": coded(SNOMED, code),
             "subject": {"reference": "urn:uuid:p1"}, "onsetDateTime": "2020-02-03", **more}  # fmt: skip
    return found | ({"verificationStatus": coded(VER, status)} if status else {})


RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1971-04-06"},
    {"resourceType": "Patient", "id": "p2", "gender": "unknown", "birthDate": "1990"},
    condition(1, "266261006", "confirmed"), condition(2, "201051000", "refuted"),
    condition(3, "112641009", "provisional"), condition(4, "40739000", "entered-in-error"),
    condition(5, "44054006"),
    condition(6, "266261006", subject={"reference": "Patient/p9"}),
    condition(1, "266261006"),
    observation(1, "2157-6", valueQuantity={"value": 350.10, "code": "U/L"},
                referenceRange=[{"low": {"value": 24}, "high": {"value": 170}}]),
    observation(2, "1988-5", valueQuantity={"value": 5, "comparator": "<", "unit": "mg/L"}),
    observation(3, "8061-4", valueCodeableConcept={"text": "Positive"}),
    observation(4, "29953-7", valueString="1:320"),
    observation(5, "5048-4", valueRatio={"numerator": {"value": 1}, "denominator": {"value": 640}}),
    observation(6, "31627-3", dataAbsentReason={"text": "not performed"}),
    observation(7, "11090-8", valueQuantity={"value": 4, "unit": "U/mL"}, interpretation=[coded(INT, "N")]),
    observation(8, "5130-0", valueQuantity={"value": 60, "unit": "U/mL"}, interpretation=[coded(INT, "POS")]),
    observation(9, "85354-9", component=[
        {"code": coded(LOINC, "8480-6"), "valueQuantity": {"value": 120, "unit": "mm[Hg]"}},
        {"code": coded(LOINC, "777-3"), "valueQuantity": {"value": 80, "code": "10*3/uL"}},
    ]),
    observation(10, "2157-6", status="entered-in-error", valueQuantity={"value": 9999, "code": "U/L"}),
    observation(11, "2157-6", valueQuantity={"value": 10, "code": "km"}),
    observation(12, "88732-3", valueQuantity={"value": 1}, interpretation=coded(INT, "NEG")),
    observation(13, "2157-6", effectiveDateTime="2021", valueQuantity={"value": 90, "code": "U/L"}),
    {"resourceType": "Medication", "id": "m1",
     "code": coded("http://www.nlm.nih.gov/research/umls/rxnorm", "105585")},
    {"resourceType": "MedicationRequest", "id": "r1", "status": "active", "authoredOn": "2021-05-06",
     "subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/m1"}},
    {"resourceType": "Encounter", "id": "e1"}, {"resourceType": "DiagnosticReport", "id": "d1"},
]  # fmt: skip
LINES = len(RESOURCES) + 2  # and two that are no resources
PIECES = LINES + 2  # and two components


def export(path: Path, *, packed: bool = False) -> Path:
    path.mkdir()
    kinds: dict[str, list[str]] = {}
    for resource in RESOURCES:
        kinds.setdefault(resource["resourceType"], []).append(json.dumps(resource))
    kinds["Observation"] += ["{broken", '{"id": "x"}', ""]
    for kind, lines in kinds.items():
        text = "\n".join(lines).encode()
        if packed:
            (path / f"{kind}.000.ndjson.gz").write_bytes(gzip.compress(text))
        else:
            (path / f"{kind}.000.ndjson").write_bytes(text)
    return path


def run(path: Path, tmp_path: Path) -> tuple[Ledger, dict[str, Any], list[Any], list[dict[str, str]]]:
    facts, rejects = tmp_path / "facts.parquet", tmp_path / "rejects.csv"
    ledger, about = convert_fhir(open_export(path), facts, rejects)
    with rejects.open(encoding="utf-8", newline="") as stream:
        return ledger, dict(about), pq.read_table(facts).to_pylist(), list(csv.DictReader(stream))


def test_every_resource_is_accounted_for(tmp_path: Path) -> None:
    ledger, _, _, rejects = run(export(tmp_path / "x"), tmp_path)
    assert ledger.read.total() == PIECES
    assert sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == PIECES
    assert ledger.reasons() == {
        "not readable": 2, "repeated": 1, "no person": 1, "unit not recognised": 1,
    }  # fmt: skip
    assert len(rejects) == 5
    # Encounter, DiagnosticReport, and two that were entered in error.
    assert ledger.total("ignored") == 4
    # Patient without a known sex, a provisional condition, a test not performed, a negative Mi-2 alpha.
    assert ledger.total("unknown") == 4
    assert ledger.total("not_mapped") == 3  # diabetes, the blood pressure panel and its component


def test_the_facts(tmp_path: Path) -> None:
    _, _, facts, _ = run(export(tmp_path / "x"), tmp_path)
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        found.setdefault(fact["concept"], []).append(fact)
    assert found["raynaud_phenomenon"][0]["truth"] == 1
    assert found["raynaud_phenomenon"][0]["at"] == date(2020, 2, 3)
    assert found["sclerodactyly"][0]["truth"] == 0  # refuted
    assert "telangiectasia" not in found  # provisional
    kinase = found["creatine_kinase"]
    assert [(k["low"], k["limit_high"], k["at"]) for k in kinase] == [
        (350.1, 170.0, date(2021, 4, 5)), (90.0, None, None),
    ]  # fmt: skip
    assert (found["crp"][0]["low"], found["crp"][0]["high"]) == (None, 5.0)
    assert [(a["form"], a["truth"], a["low"]) for a in found["ana"]] == [
        ("presence", 1, None), ("titre", None, 320.0), ("titre", None, 640.0),
    ]  # fmt: skip
    assert found["anti_smith"][0]["truth"] == 0  # the laboratory calls the number normal
    assert found["anti_dsdna"][0]["truth"] == 1
    assert found["platelets"][0]["low"] == 80.0
    assert "anti_mi2" not in found  # a negative Mi-2 alpha leaves Mi-2 beta open
    assert found["methotrexate"][0]["at"] == date(2021, 5, 6)
    # Born 1971-04-06, last recorded 2021-05-06: 50.
    assert (found["age"][0]["low"], found["age"][0]["high"]) == (50.0, 51.0)


def test_packed_files_give_the_same(tmp_path: Path) -> None:
    ledger, _, facts, _ = run(export(tmp_path / "x"), tmp_path)
    packed_ledger, _, packed, _ = run(export(tmp_path / "y", packed=True), tmp_path)
    assert packed_ledger == ledger
    assert [{**fact, "source": ""} for fact in packed] == [{**fact, "source": ""} for fact in facts]


def test_a_folder_without_an_export(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.ndjson file"):
        open_export(tmp_path)
