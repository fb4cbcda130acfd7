"""OMOP CDM 5.4 into facts: every row accounted for; a code says present, nothing says absent but a result."""

from __future__ import annotations

import csv
import sqlite3
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from crithidia.assessment import assess
from crithidia.case import Case
from crithidia.case.fact_table import fact_of, row_from
from crithidia.foundation.problems import InputError
from crithidia.intake.codes import load_codes
from crithidia.intake.ledger import OUTCOMES, Ledger
from crithidia.intake.omop import convert_omop, open_omop

if TYPE_CHECKING:
    from pathlib import Path

# A small database of our own. 372887 and the like are made up where they are not looked up by id.
TABLES: dict[str, tuple[str, list[tuple[object, ...]]]] = {
    "person": ("person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,gender_source_value", [
        (1, 8532, 1970, 5, 20, "F"), (2, 8507, 1980, None, None, "M"), (3, 0, 1990, 1, 1, ""),
    ]),
    "condition_occurrence": (
        ("condition_occurrence_id,person_id,condition_concept_id,condition_source_concept_id,"
        "condition_start_date,condition_source_value"), [
            (11, 1, 9001, 0, "2020-01-10", "266261006"), (12, 1, 9002, 0, "2020-01-11", "M34.0"),
            (13, 7, 9001, 0, "2020-01-10", "266261006"), (14, 2, 0, 9003, "2021-01-01", "L94.3"),
            (15, 2, 9001, 0, "2999-01-01", "266261006"),
        ]),
    "measurement": (
        ("measurement_id,person_id,measurement_concept_id,measurement_date,operator_concept_id,"
        "value_as_number,value_as_concept_id,unit_concept_id,range_low,range_high,unit_source_value,"
        "value_source_value,measurement_source_concept_id,measurement_source_value"), [
            (21, 1, 3007220, "2020-02-01", 0, 350.0, 0, 8645, 24.0, 170.0, "U/L", "350", 0, ""),
            (22, 1, 3016723, "2020-02-01", 4172703, 0.9, 0, 8840, 0.5, 1.1, "", "", 0, ""),
            (23, 1, 3020460, "2020-02-01", 4171756, 5.0, 0, 0, None, None, "mg/L", "<5", 0, ""),
            (24, 1, 3014568, "2020-02-01", 0, None, 45884084, 0, None, None, "", "", 0, ""),
            (25, 1, 3014825, "2020-02-01", 0, None, 9010, 0, None, None, "", "", 0, ""),
            (26, 1, 3002971, "2020-02-01", 0, 320.0, 0, 0, None, None, "", "", 0, ""),
            (27, 2, 3007220, "2020-02-01", 0, None, 0, 0, None, None, "", "", 0, ""),
            (28, 2, 3007220, "2020-02-01", 0, 100.0, 0, 0, None, None, "stone", "", 0, ""),
            (29, 2, 3004249, "2020-02-01", 0, 120.0, 0, 0, None, None, "mmHg", "", 0, "8480-6"),
            (30, 2, 3021322, "2020-02-01", 0, None, 45878583, 0, None, None, "", "", 0, ""),
        ]),
    "observation": (
        ("observation_id,person_id,observation_concept_id,observation_date,value_as_number,value_as_string,"
        "value_as_concept_id,unit_concept_id,unit_source_value,observation_source_concept_id,"
        "observation_source_value"), [
            (31, 2, 9001, "2022-03-01", None, "No", 0, 0, "", 0, ""),
            (32, 2, 9004, "2022-03-02", None, None, 0, 0, "", 0, ""),
        ]),
    "drug_exposure": (
        ("drug_exposure_id,person_id,drug_concept_id,drug_source_concept_id,drug_exposure_start_date,"
        "drug_source_value,sig"), [(41, 1, 1551170, 0, "2020-02-02", "312615", "20 mg daily")]),
    "visit_occurrence": ("visit_occurrence_id,person_id", [(51, 1), (52, 2)]),
    "procedure_occurrence": ("procedure_occurrence_id,person_id", [(61, 1)]),
    "concept": ("concept_id,concept_name,vocabulary_id,concept_code", [
        (9001, "Raynaud phenomenon", "SNOMED", "266261006"), (9002, "Systemic sclerosis", "ICD10CM", "M34.0"),
        (9003, "Sclerodactyly", "ICD10CM", "L94.3"), (9004, "Telangiectasia", "SNOMED", "112641009"),
        (8645, "unit per liter", "UCUM", "U/L"), (8840, "milligram per deciliter", "UCUM", "mg/dL"),
        (9010, "Negative", "SNOMED", "260385009"),
    ]),
}  # fmt: skip
ROWS = 3 + 5 + 10 + 2 + 1 + 2


def folder(path: Path) -> Path:
    path.mkdir()
    for name, (header, rows) in TABLES.items():
        with (path / f"{name.upper()}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header.split(","), *rows])
    return path


def filled(connection: Any) -> None:
    for name, (header, rows) in TABLES.items():
        columns = header.split(",")
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} VARCHAR' for column in columns)})")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608


def run(source: Any, tmp_path: Path) -> tuple[Ledger, dict[str, Any], list[Any], list[dict[str, str]]]:
    facts, rejects = tmp_path / "facts.parquet", tmp_path / "rejects.csv"
    ledger, about = convert_omop(open_omop(source), facts, rejects)
    with rejects.open(encoding="utf-8", newline="") as stream:
        return ledger, dict(about), pq.read_table(facts).to_pylist(), list(csv.DictReader(stream))


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    ledger, about, facts, rejects = run(folder(tmp_path / "cdm"), tmp_path)
    assert ledger.read.total() == ROWS
    assert sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == ROWS
    assert ledger.total("context") == 2
    assert ledger.total("not_mapped") == 2
    assert about["most_often_not_mapped"] == {"9002 Systemic sclerosis": 1, "3004249": 1}
    assert about["tables_not_read"] == {"procedure_occurrence": 1}
    assert ledger.reasons() == {"no person": 1, "date not readable": 1, "unit not recognised": 1}
    assert {(reject["row"], reject["reason"]) for reject in rejects} == {
        ("condition_occurrence 13", "no person"), ("condition_occurrence 15", "date not readable"),
        ("measurement 28", "unit not recognised"),
    }  # fmt: skip
    # Person 3 has no sex that is known; measurement 27 has no value; a negative cryoglobulin says nothing.
    assert (ledger.total("unknown"), ledger.total("empty")) == (2, 1)
    assert ledger.total("used") == len(facts) - 2  # two ages


def test_the_facts(tmp_path: Path) -> None:
    _, _, facts, _ = run(folder(tmp_path / "cdm"), tmp_path)
    found = {(f["person_id"], f["concept"]): f for f in facts}
    assert found["1", "raynaud_phenomenon"]["truth"] == 1
    assert found["1", "raynaud_phenomenon"]["at"] == date(2020, 1, 10)
    assert found["2", "raynaud_phenomenon"]["truth"] == 0  # stated, by an observation
    assert found["2", "sclerodactyly"]["truth"] == 1  # by its source concept
    assert found["2", "telangiectasia"]["truth"] == 1
    kinase = found["1", "creatine_kinase"]
    assert (kinase["low"], kinase["limit_low"], kinase["limit_high"], kinase["unit"]) == (350, 24, 170, "U/L")
    assert found["1", "creatinine"]["low"] == 79.56  # 0.9 x 88.4
    crp = found["1", "crp"]
    assert (crp["low"], crp["high"], crp["high_open"]) == (None, 5.0, True)
    assert found["1", "anti_topoisomerase_i"]["truth"] == 1
    assert found["1", "anticentromere"]["truth"] == 0
    assert (found["1", "ana"]["form"], found["1", "ana"]["low"]) == ("titre", 320)
    assert found["1", "prednisone"]["text"] == "20 mg daily"
    # Born 1970-05-20, last recorded 2020-02-02: 49 years and not yet 50.
    assert (found["1", "age"]["low"], found["1", "age"]["high"]) == (49, 50)
    # Born in 1980, last recorded 2022-03-02: 41 or 42 years.
    assert (found["2", "age"]["low"], found["2", "age"]["high"]) == (41, 43)
    assert ("1", "systemic_sclerosis") not in found


@pytest.mark.filterwarnings("ignore")  # those of Ibis about DuckDB and pandas
@pytest.mark.parametrize("kind", ["parquet", "duckdb", "sqlite", "ibis"])
def test_every_store_gives_the_same(tmp_path: Path, kind: str) -> None:
    ledger, _, facts, _ = run(folder(tmp_path / "cdm"), tmp_path)
    other_ledger, _, other_facts, _ = run(store(tmp_path, kind), tmp_path)
    assert other_facts == facts
    assert other_ledger == ledger


def store(tmp_path: Path, kind: str) -> Any:
    if kind == "sqlite":
        path = tmp_path / "cdm.sqlite"
        with sqlite3.connect(path) as connection:
            filled(connection)
        connection.close()
        return path
    path = tmp_path / "cdm.duckdb"
    with duckdb.connect(str(path)) as made:
        filled(made)
        if kind == "parquet":
            (tmp_path / "pq").mkdir()
            for name in TABLES:
                made.execute(f"COPY {name} TO '{tmp_path / 'pq' / name}.parquet' (FORMAT parquet)")
            return tmp_path / "pq"
    if kind == "ibis":
        import ibis

        return ibis.duckdb.connect(str(path), read_only=True)
    return path


def test_what_was_not_tested_stays_open(tmp_path: Path) -> None:
    _, _, facts, _ = run(folder(tmp_path / "cdm"), tmp_path)
    mine = tuple(fact_of(row_from(fact)) for fact in facts if fact["person_id"] == "2")
    verdicts = {result.id: result.verdict.value for result in assess(Case("2", mine)).results}
    # A man of 41 or 42 with telangiectasia and sclerodactyly: no serology, no capillaroscopy.
    assert verdicts["ssc_acr_eular_2013"] == "undetermined"
    assert verdicts["sle_eular_acr_2019"] == "undetermined"


def test_a_folder_without_persons(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n", "utf-8")
    with pytest.raises(InputError, match="no table 'person'"):
        open_omop(tmp_path)


def test_a_broken_database(tmp_path: Path) -> None:
    for name in ("x.duckdb", "x.sqlite"):
        (tmp_path / name).write_bytes(b"not a database at all, only some bytes of text")
        with pytest.raises(InputError, match="not readable"):
            open_omop(tmp_path / name)


@pytest.mark.parametrize(("old", "new", "words"), [
    ("concept: crp", "concept: crpp", "not a concept"),
    ("seen: here", "seen: there", "not one of the sources"),
    ("name: CRP", "nam: CRP", "not expected"),
])  # fmt: skip
def test_codes_of_ones_own(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (
        "sources:\n  here: {text: our laboratory}\n"
        'codes:\n  loinc:\n    "1988-5": {concept: crp, name: CRP, seen: here}\n'
        'omop: {sexes: {"8532": female}, operators: {}, truths: {}}\n'
    )
    path = tmp_path / "codes.yaml"
    path.write_text(text, "utf-8")
    codes = load_codes(path)
    found = codes.find("http://loinc.org", "1988-5")
    assert found is not None
    assert found.concept.id == "crp"
    assert codes.find("http://loinc.org", "8061-4") is None
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=words):
        load_codes(path)


def test_the_shipped_codes_are_cited_and_take_a_value() -> None:
    codes = load_codes()
    assert len(codes.by_code) > 200
    assert not [c.code for c in codes.by_code.values() if not c.name]
    # A diagnosis is no item of any criteria.
    for code in ("M34.0", "M34.9", "M32.10", "M33.20", "M35.00", "M05.79", "M06.9"):
        assert codes.find("ICD10CM", code) is None
