"""OMOP CDM 5.4 into facts: every row accounted for; a code says present, nothing says absent but a result."""

from __future__ import annotations

import csv
import gzip
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


MEASUREMENT = ("measurement_id,person_id,measurement_concept_id,measurement_date,operator_concept_id,"
               "value_as_number,value_as_concept_id,unit_concept_id,range_low,range_high,"
               "unit_source_value")  # fmt: skip
OBSERVATION = ("observation_id,person_id,observation_concept_id,observation_date,value_as_string,"
               "value_as_concept_id,qualifier_concept_id")  # fmt: skip
CONDITION = ("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
             "condition_status_concept_id,condition_source_value")  # fmt: skip
PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth"


def small(path: Path, **tables: str) -> Path:
    """Write a database of one woman born on 1970-05-20, with the concepts of above and the tables given."""
    path.mkdir()
    concepts = TABLES["concept"]
    rows = [concepts[0], *(",".join(map(str, row)) for row in concepts[1])]
    for name, text in {"person": f"{PERSON}\n1,8532,1970,5,20", "concept": "\n".join(rows), **tables}.items():
        (path / f"{name}.csv").write_text(f"{text}\n", "utf-8")
    return path


@pytest.mark.parametrize(("table", "row", "outcome"), [
    # A concept that nobody names says neither yes nor no, and an operator that is not known no number.
    ("observation", "1,1,9001,2020-02-01,,4188540,0", "unknown coding"),
    ("observation", "1,1,9001,2020-02-01,,0,4188540", "unknown coding"),
    ("observation", "1,1,9001,2020-02-01,,0,9010", 0),
    ("observation", "1,1,9001,2020-02-01,,0,", 1),
    ("measurement", "1,1,3014568,2020-02-01,0,,4188540,0,,,", "unknown coding"),
    ("measurement", "1,1,3020460,2020-02-01,4180000,5,0,0,,,mg/L", "not a number"),
    ("measurement", "1,1,3014568,2020-02-01,0,NULL,45884084,0,,,", 1),
    ("condition_occurrence", "1,1,9001,2020-02-01,32899,x", "unknown"),
    ("condition_occurrence", "1,1,9001,2020-02-01,32902,x", 1),
])  # fmt: skip
def test_what_a_row_says(tmp_path: Path, table: str, row: str, outcome: object) -> None:
    header = next(columns for columns in (OBSERVATION, MEASUREMENT, CONDITION) if columns.startswith(table))
    ledger, _, facts, _ = run(small(tmp_path / "cdm", **{table: f"{header}\n{row}"}), tmp_path)
    found = [fact["truth"] for fact in facts if fact["concept"] not in {"sex", "age"}]
    if isinstance(outcome, str):
        assert found == []
        assert ledger.total(outcome) + ledger.reasons()[outcome] == 1
    else:
        assert found == [outcome]


def test_limits_of_zero_and_zero_are_none(tmp_path: Path) -> None:
    rows = [f"{n},1,3021614,2020-02-01,0,5,0,0,{low},{high},IU/mL"
            for n, (low, high) in enumerate([("0", "0.0"), ("0", "14")])]  # fmt: skip
    _, _, facts, _ = run(small(tmp_path / "cdm", measurement="\n".join([MEASUREMENT, *rows])), tmp_path)
    found = [(fact["limit_low"], fact["limit_high"]) for fact in facts if fact["form"] == "quantity"]
    assert found[:2] == [(None, None), (0, 14)]


def test_whole_numbers_written_as_floats_and_words_for_nothing(tmp_path: Path) -> None:
    """What pandas and R make of integers where some are missing."""
    path = small(
        tmp_path / "cdm",
        person=f"{PERSON}\n1.0,8532.0,1970.0,5.0,NA\n2.0,8507.0,NULL,\\N,",
        measurement=f"{MEASUREMENT}\n1.0,1.0,3007220.0,2020-02-01,0.0,350.5,0.0,8645.0,NULL,NA,",
    )
    ledger, _, facts, _ = run(path, tmp_path)
    assert not ledger.reasons()
    found = {(fact["person_id"], fact["concept"]): fact for fact in facts}
    assert found["2", "sex"]["code"] == "male"
    assert (found["1", "creatine_kinase"]["low"], found["1", "creatine_kinase"]["unit"]) == (350.5, "U/L")
    # Born in May 1970: 49 on the first of February.
    assert (found["1", "age"]["low"], found["1", "age"]["high"]) == (49, 50)


@pytest.mark.parametrize("birth", ["abc,5,20", "1970,13,20", "1070,5,20", "1970,2,30"])
def test_births_that_cannot_be(tmp_path: Path, birth: str) -> None:
    ledger, _, facts, _ = run(small(tmp_path / "cdm", person=f"{PERSON}\n1,8532,{birth}"), tmp_path)
    assert facts == []
    assert ledger.reasons() == {"date not readable": 1}


@pytest.mark.parametrize(("row", "words"), [
    ("1,1,3007220,2020-02-01,0,5", r"measurement\.csv:2:1: not readable: Expected Number of Columns: 11"),
    ('1,1,3007220,2020-02-01,0,5,0,0,,,"U/L', r"measurement\.csv:2:1: not readable: .*unterminated quote"),
])  # fmt: skip
def test_a_broken_row_is_named_and_nothing_is_written(tmp_path: Path, row: str, words: str) -> None:
    path = small(tmp_path / "cdm", measurement=f"{MEASUREMENT}\n{row}")
    with pytest.raises(InputError, match=words):
        run(path, tmp_path)
    assert not (tmp_path / "facts.parquet").exists()
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.parametrize("kind", ["packed", "folder", "tabs", "schema"])
def test_every_way_to_keep_a_table_is_read(tmp_path: Path, kind: str) -> None:
    measurement = f"{MEASUREMENT}\n1,1,3007220,2020-02-01,0,350,0,0,,,U/L"
    path = small(tmp_path / "cdm", measurement=measurement)
    file = path / "measurement.csv"
    if kind == "packed":
        (path / "measurement.csv.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    elif kind == "folder":  # as Spark writes it
        (path / "measurement").mkdir()
        (path / "measurement" / "_SUCCESS").touch()
        made = path / "measurement" / "part-0.parquet"
        duckdb.execute(f"COPY (FROM read_csv('{file}', all_varchar = true)) TO '{made}' (FORMAT parquet)")
        file.unlink()
    elif kind == "tabs":  # as Athena writes vocabularies: with tabs, and quotes that nothing ends
        rows = f'{measurement}\n2,1,1,2020-02-01,,"x,,,,,'
        file.write_text(rows.replace(",", "\t"), "utf-8")
    else:
        file = tmp_path / "cdm.duckdb"
        with duckdb.connect(str(file)) as made_in:
            made_in.execute("CREATE SCHEMA cdm")
            for table in ("person", "concept", "measurement"):
                made_in.execute(f"CREATE TABLE cdm.cdm.{table} AS FROM '{path / table}.csv'")
        path = file
    _, _, facts, _ = run(path, tmp_path)
    assert [fact["low"] for fact in facts if fact["concept"] == "creatine_kinase"] == [350]


def test_no_table_is_left_out_unnoticed(tmp_path: Path) -> None:
    path = small(tmp_path / "cdm")
    (path / "measurement.tsv").write_text("measurement_id\n1\n", "utf-8")
    with pytest.raises(InputError, match="'measurement' is in a format that is not read"):
        open_omop(path)
    (path / "measurement.tsv").unlink()
    duckdb.execute(f"COPY (SELECT 1 AS person_id) TO '{path}/person.parquet' (FORMAT parquet)")
    with pytest.raises(InputError, match="'person' is there twice"):
        open_omop(path)


@pytest.mark.filterwarnings("ignore")  # those of Ibis about DuckDB and pandas
def test_a_connection_to_another_database() -> None:
    import ibis

    with pytest.raises(InputError, match="no table 'person'"):
        open_omop(ibis.duckdb.connect())


def test_one_table_is_no_database(tmp_path: Path) -> None:
    path = small(tmp_path / "cdm") / "person.csv"
    with pytest.raises(InputError, match="one table, and no database"):
        open_omop(path)
