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
    condition(1, "266261006", "confirmed"),
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


PATIENTS = RESOURCES[:2]
RAYNAUD, CK, ANA, DSDNA = "266261006", "2157-6", "8061-4", "5130-0"
METHOTREXATE = coded("http://www.nlm.nih.gov/research/umls/rxnorm", "105585")
TEN = {"value": 10, "code": "U/mL"}


def finding(**more: Any) -> dict[str, Any]:
    return observation(1, "") | {"code": coded(SNOMED, RAYNAUD)} | more


def drug(**more: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "r", "subject": {"reference": "Patient/p1"},
            "authoredOn": "2021-05-06", "medicationCodeableConcept": METHOTREXATE, **more}  # fmt: skip


def alone(tmp_path: Path, *resources: dict[str, Any]) -> tuple[Ledger, list[Any]]:
    """Convert these resources and the patients; return the books, and the facts but sex and age."""
    (tmp_path / "all").mkdir()
    text = "\n".join(map(json.dumps, (*resources, *PATIENTS)))
    (tmp_path / "all" / "export.ndjson").write_text(text, "utf-8")
    ledger, _, facts, _ = run(tmp_path / "all", tmp_path)
    return ledger, [fact for fact in facts if fact["concept"] not in {"sex", "age"}]


@pytest.mark.parametrize(("resource", "outcome"), [
    # A verification that is there and cannot be read says nothing; one in words or of FHIR R3 is read.
    (condition(1, RAYNAUD, verificationStatus={"text": "refuted"}), 0),
    (condition(1, RAYNAUD, verificationStatus="refuted"), 0),
    (condition(1, RAYNAUD, verificationStatus={"text": "to be seen"}), "unknown"),
    (condition(1, RAYNAUD, verificationStatus={"coding": [{"code": "7"}, {"code": "refuted"}]}), 0),
    (condition(1, RAYNAUD, "differential"), "unknown"),
    # What is not final may still change.
    (observation(1, ANA, status="preliminary", valueString="Positive"), "unknown"),
    (observation(1, ANA, status="registered", valueString="Positive"), "unknown"),
    (observation(1, ANA, status="unknown", valueString="Positive"), "unknown"),
    (observation(1, ANA, status="cancelled", valueString="Positive"), "ignored"),
    (observation(1, ANA, status="corrected", valueString="Positive"), 1),
    # A finding that has a value is not there because it is named.
    (finding(), 1),
    (finding(valueCodeableConcept={"coding": [{"system": SNOMED, "code": "260385009"}]}), "unknown coding"),
    (finding(valueCodeableConcept={"coding": [{"code": "1", "display": "Absent (qualifier value)"}]}), 0),
    (finding(valueDateTime="2020-01-01"), "not readable"),
    (finding(valueQuantity={"unit": "1"}), "empty"),
    (finding(component=[{"code": coded(LOINC, "8480-6")}]), "empty"),
    # Words and interpretation.
    (observation(1, ANA, valueString="Not detected"), 0),
    (observation(1, ANA, valueString="Detected"), 1),
    (observation(1, ANA, valueString="Positive", interpretation=[coded(INT, "N")]), "contradicts itself"),
    (observation(1, ANA, valueString="Negative", interpretation=[coded(INT, "A")]), "contradicts itself"),
    # Who it is about.
    (observation(1, ANA, valueString="Negative", subject={"reference": "Patient/p1/_history/p2"}), 0),
    (observation(1, ANA, valueString="Negative", subject={"reference": "https://x.org/fhir/Patient/p1"}), 0),
    (observation(1, ANA, valueString="Negative", subject={"reference": "Group/p1"}), "no person"),
    (observation(1, ANA, valueString="Negative", subject={"reference": "p1", "type": "Device"}), "no person"),
    (observation(1, ANA, valueString="Negative", subject={"reference": "#p1"}), "no person"),
    (observation(1, ANA, valueString="Negative", subject=None), "no person"),
    # Drugs that were not given.
    (drug(), None),
    (drug(doNotPerform=True), "ignored"),
    (drug(status="draft"), "unknown"),
    (drug(intent="proposal"), "unknown"),
    (drug(status="declined"), "ignored"),
    (drug(medicationCodeableConcept=None, medicationReference={"reference": "#m"},
          contained=[{"resourceType": "Medication", "id": "m", "code": METHOTREXATE}]), None),
    ({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": finding()}]}, 1),
])  # fmt: skip
def test_what_a_resource_says(tmp_path: Path, resource: dict[str, Any], outcome: object) -> None:
    ledger, facts = alone(tmp_path, resource)
    if isinstance(outcome, str):
        assert facts == []
        assert ledger.total(outcome) - (outcome == "unknown") + ledger.reasons()[outcome] == 1  # and a sex
    else:
        assert [(fact["person_id"], fact["truth"]) for fact in facts] == [("p1", outcome)]


@pytest.mark.parametrize(("given", "limit"), [
    ({"high": {"value": 20, "unit": "U/mL"}}, 20),
    ({"high": {"value": 20}}, 20),
    ({"high": {"value": 20, "unit": "mg/dL"}}, None),  # not the unit of the value
    ({"high": {"value": 20}, "type": {"text": "therapeutic"}}, None),
    ({"low": {"value": 0}, "high": {"value": 0.0}}, None),
    ({"text": "<20"}, 20),
    ({"high": "20"}, None),
])  # fmt: skip
def test_limits(tmp_path: Path, given: dict[str, Any], limit: float | None) -> None:
    _, [fact] = alone(tmp_path, observation(1, DSDNA, valueQuantity=TEN, referenceRange=[given]))
    assert (fact["low"], fact["limit_low"], fact["limit_high"]) == (10, None, limit)


def test_numbers_and_units_as_written(tmp_path: Path) -> None:
    ucum, local = "http://unitsofmeasure.org", "http://example.org/units"
    _, facts = alone(
        tmp_path,
        observation(1, "2160-0", valueQuantity={"value": 9e-1, "system": ucum, "code": "mg/dL"}),
        observation(2, "2160-0", valueQuantity={"value": 1.5e2, "system": local, "code": "17",
                                                "unit": "umol/L"}),
    )  # fmt: skip
    assert [(fact["low"], fact["unit"]) for fact in facts] == [(79.56, "umol/L"), (150, "umol/L")]


def test_the_newest_version_holds_wherever_it_stands(tmp_path: Path) -> None:
    def version(number: int, value: int, day: int, **more: Any) -> dict[str, Any]:
        meta = {"versionId": str(number), "lastUpdated": f"2022-01-{day:02}T00:00:00Z"}
        return observation(1, CK, meta=meta, valueQuantity={"value": value, "code": "U/L"}, **more)

    first, second = version(9, 100, 1), version(10, 200, 2)
    for number, order in enumerate([(first, second), (second, first)]):
        (tmp_path / str(number)).mkdir()
        ledger, [fact] = alone(tmp_path / str(number), *order)
        assert fact["low"] == 200
        assert ledger.reasons() == {"repeated": 1}
    (tmp_path / "void").mkdir()
    ledger, facts = alone(tmp_path / "void", first, version(11, 200, 3, status="entered-in-error"))
    assert facts == []
    assert ledger.total("ignored") == 1


def test_days(tmp_path: Path) -> None:
    _, facts = alone(
        tmp_path,
        condition(1, RAYNAUD, onsetDateTime="2019", recordedDate="2020-02-02"),
        condition(2, RAYNAUD, onsetDateTime=None, onsetAge={"value": 30}, recordedDate="2020-02-03"),
        observation(3, CK, effectiveDateTime=None, effectivePeriod={"end": "2020-02-04"},
                    valueQuantity={"value": 1, "code": "U/L"}),
    )  # fmt: skip
    assert [fact["at"] for fact in facts] == [date(2020, 2, 2), date(2020, 2, 3), date(2020, 2, 4)]


def test_a_birth_in_another_millennium(tmp_path: Path) -> None:
    (tmp_path / "p.ndjson").write_text(json.dumps(PATIENTS[0] | {"birthDate": "0971-04-06"}), "utf-8")
    ledger, _, facts, _ = run(tmp_path, tmp_path)
    assert facts == []
    assert ledger.reasons() == {"date not readable": 1}


def test_a_file_cut_short_writes_nothing(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(map(json.dumps, RESOURCES)).encode())
    (tmp_path / "x.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    facts, rejects = tmp_path / "facts.parquet", tmp_path / "rejects.csv"
    with pytest.raises(InputError, match=r"x\.ndjson\.gz:[0-9:]+ cannot be read on"):
        convert_fhir(open_export(tmp_path), facts, rejects)
    assert not facts.exists()
    assert not rejects.exists()


def test_parts_of_the_wrong_type_are_no_facts(tmp_path: Path) -> None:
    """Every part of every resource replaced by something else: counted, never a traceback."""
    resources: list[dict[str, Any]] = []
    for resource in RESOURCES:
        for key in set(resource) - {"resourceType", "id"}:
            for wrong in ("x", 7, ["x"], {"value": "x"}, [{"low": "x"}], None):
                resources.append({**resource, key: wrong, "id": f"x{len(resources)}"})
    ledger, _ = alone(tmp_path, *resources)
    assert ledger.read.total() >= len(resources) + 2
