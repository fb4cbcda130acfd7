"""Tables into facts: everything is read or refused with a reason, and the counts add up to the input."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from crithidia.case.fact_table import FactRow
from crithidia.foundation.problems import InputError
from crithidia.intake.forms import write_form
from crithidia.intake.ledger import OUTCOMES, Ledger
from crithidia.intake.tables.cells import CellReader, Refusal, plain_number
from crithidia.intake.tables.convert import convert
from crithidia.intake.tables.dates import read_date
from crithidia.intake.tables.dictionary import open_explained
from crithidia.intake.tables.draft import draft_mapping
from crithidia.intake.tables.mapping import Meaning, load_mapping
from crithidia.intake.tables.source import open_table
from crithidia.intake.tables.wide import write_wide
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MESSY = """\
Nr pacjenta;Płeć;Objaw Raynauda;CK [U/l];CK ULN;CRP (mg/l);ANA (miano);anty-Jo-1;sclerodactyly;\
Data wizyty;Uwagi;DLCO %
1;K;tak;1 234,5;170;12,4;1:320;dodatni;1;2021-03-04;ok;70
2;M;nie;<0,5;170;n.d.;1:80;ujemny;0;04.03.2021;;65
3;K;yes;150;170;b/d;ujemne;neg;1;13/05/2021;;x
3;K;1;150;170;4,0;1:160;pos;1;2021-05-01;;80
4; K ; + ;2.345,6;170;5,0 ;1:640;;0;2021-13-01;;81
;K;tak;100;170;5;1:640;+;0;2021-01-01;;81
5;x;może;12,5 mg;170;1,234;dużo;??;2;44562;;200
6;K;tak;100
"""
MAPPING = """\
crithidia: mapping/1
file: {decimal: ","}
person: Nr pacjenta
date: {column: Data wizyty, format: [dmy, excel]}
columns:
  Płeć: {concept: sex}
  Objaw Raynauda: {concept: raynaud_phenomenon, values: {1: present}}
  "CK [U/l]": {concept: creatine_kinase, unit: U/l, upper_limit: {column: CK ULN}}
  CRP (mg/l): {concept: crp, unit: mg/l}
  ANA (miano): {concept: ana, as: titre}
  anty-Jo-1: {concept: anti_jo1}
  sclerodactyly: {concept: sclerodactyly, values: {1: present, 0: absent}}
ignore: [Uwagi]
unsure:
  DLCO %: {could_be: [tlco_percent_predicted]}
"""


def messy(tmp_path: Path) -> Path:
    path = tmp_path / "rejestr.csv"
    path.write_bytes(MESSY.encode("cp1250"))
    return path


def mapping_file(tmp_path: Path, text: str = MAPPING) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, "utf-8")
    return path


def run(tmp_path: Path, data: Path, text: str) -> tuple[Ledger, list[dict[str, Any]], list[dict[str, str]]]:
    facts, rejects = tmp_path / "facts.parquet", tmp_path / "rejects.csv"
    mapping = load_mapping(mapping_file(tmp_path, text))
    ledger = convert(open_explained(data, mapping.file, tmp_path), mapping, facts, rejects)
    with rejects.open(encoding="utf-8", newline="") as stream:
        return ledger, pq.read_table(facts).to_pylist(), list(csv.DictReader(stream))


def brief(facts: list[dict[str, Any]], concept: str) -> list[tuple[Any, ...]]:
    keys = ("person_id", "truth", "low", "high", "code")
    return [tuple(fact[key] for key in keys) for fact in facts if fact["concept"] == concept]


def test_a_messy_table_is_read_or_refused_and_adds_up(tmp_path: Path) -> None:
    ledger, facts, rejects = run(tmp_path, messy(tmp_path), MAPPING)
    # 7 rows of 12 cells and one of 4.
    assert ledger.read.total() == 7 * 12 + 4
    assert sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == 7 * 12 + 4
    assert ledger.total("used") == len(facts) == ledger.facts
    assert sum(int(reject["pieces"]) for reject in rejects) == ledger.reasons().total()
    # The row without a person has seven filled cells that would be values.
    assert ledger.reasons() == {
        "no person": 7, "uneven row": 4, "unknown coding": 3, "not a titre": 1, "date not readable": 1,
        "unit not recognised": 1,
    }  # fmt: skip
    assert ledger.rows_refused == {"no person": 1, "uneven row": 1}


def test_the_values_of_the_messy_table(tmp_path: Path) -> None:
    _, facts, _ = run(tmp_path, messy(tmp_path), MAPPING)
    assert brief(facts, "creatine_kinase") == [
        ("1", None, 1234.5, 1234.5, None), ("2", None, None, 0.5, None), ("3", None, 150.0, 150.0, None),
        ("3", None, 150.0, 150.0, None), ("4", None, 2345.6, 2345.6, None),
    ]  # fmt: skip
    assert brief(facts, "crp") == [
        ("1", None, 12.4, 12.4, None), ("3", None, 4.0, 4.0, None), ("4", None, 5.0, 5.0, None),
        ("5", None, 1.234, 1.234, None),
    ]  # fmt: skip
    assert [row[:2] for row in brief(facts, "raynaud_phenomenon")] == [
        ("1", 1), ("2", 0), ("3", 1), ("3", 1), ("4", 1),
    ]  # fmt: skip
    assert [(row[0], row[4]) for row in brief(facts, "sex")] == [
        ("1", "female"), ("2", "male"), ("3", "female"), ("3", "female"), ("4", "female"),
    ]  # fmt: skip
    days = {(fact["person_id"], fact["at"]) for fact in facts}
    assert days == {
        ("1", date(2021, 3, 4)), ("2", date(2021, 3, 4)), ("3", date(2021, 5, 13)), ("3", date(2021, 5, 1)),
        ("4", None), ("5", date(2022, 1, 1)),
    }  # fmt: skip
    kinase = [fact for fact in facts if fact["concept"] == "creatine_kinase"]
    assert {fact["limit_high"] for fact in kinase} == {170.0}
    assert kinase[0]["source"] == "rejestr.csv:2, CK [U/l]"


def test_every_refusal_says_where_why_and_what_to_do(tmp_path: Path) -> None:
    _, _, rejects = run(tmp_path, messy(tmp_path), MAPPING)
    found = {(reject["row"], reject["column"], reject["reason"]) for reject in rejects}
    assert found == {
        ("9", "", "uneven row"), ("7", "Nr pacjenta", "no person"), ("6", "Data wizyty", "date not readable"),
        ("8", "Płeć", "unknown coding"), ("8", "Objaw Raynauda", "unknown coding"),
        ("8", "CK [U/l]", "unit not recognised"), ("8", "ANA (miano)", "not a titre"),
        ("8", "sclerodactyly", "unknown coding"),
    }  # fmt: skip
    assert all(reject["message"] and reject["remedy"] for reject in rejects)


def test_a_person_in_two_rows_is_refused_unless_they_are_visits(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,rp\na,yes\nb,no\na,no\n", "utf-8")
    mapping = "crithidia: mapping/1\nperson: id\ncolumns: {rp: {concept: raynaud_phenomenon}}\n"
    ledger, facts, rejects = run(tmp_path, path, mapping)
    assert len(facts) == 2
    assert ledger.reasons() == {"person repeated": 1}
    assert (rejects[0]["row"], rejects[0]["person"]) == ("4", "a")
    visits = mapping.replace("person: id", "person: {column: id, repeated: visits}")
    assert len(run(tmp_path, path, visits)[1]) == 3


def test_a_column_of_the_wrong_type_is_refused_cell_by_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,crp\na,high\nb,low\nc,\n", "utf-8")
    ledger, facts, rejects = run(
        tmp_path, path, "crithidia: mapping/1\nperson: id\ncolumns: {crp: {concept: crp, unit: mg/L}}\n"
    )
    assert facts == []
    assert ledger.reasons() == {"not a number": 2}
    assert [reject["value"] for reject in rejects] == ["high", "low"]


def test_a_long_table(tmp_path: Path) -> None:
    path = tmp_path / "lab.tsv"
    path.write_text(
        "pacjent\tbadanie\twynik\tjednostka\tnorma od\tnorma do\tdata badania\n"
        "1\tCK\t350\tU/l\t24\t170\t2021-01-05\n1\tKreatynina\t0,9\tmg/dl\t0,5\t1,1\t2021-01-05\n"
        "2\tCK\t12\tmmHg\t\t\t2021-01-06\n2\tferrytyna\t\tug/l\t\t\t2021-01-06\n"
        "2\tcoś innego\t5\tszt\t\t\t2021-01-06\n2\tAnty-Ro\tujemne\t\t\t\t2021-01-06\n", "utf-8",
    )  # fmt: skip
    draft = draft_mapping(open_table(path))
    assert "layout: long" in draft.text
    assert draft.not_placed == ("coś innego",)
    ledger, facts, rejects = run(tmp_path, path, draft.text)
    assert brief(facts, "creatine_kinase") == [("1", None, 350.0, 350.0, None)]
    # 0.9, 0.5 and 1.1 mg/dL x 88.4
    creatinine = next(fact for fact in facts if fact["concept"] == "creatinine")
    assert (creatinine["low"], creatinine["limit_low"], creatinine["limit_high"]) == (79.56, 44.2, 97.24)
    # a creatine kinase in mmHg: a unit, but one of something else
    assert [reject["reason"] for reject in rejects] == ["unit of something else"]
    assert ledger.read.total() == 6 * 7


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".sav", ".dta"])
def test_every_format_gives_the_same_facts(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({
        "id": ["a", "b", "c"], "rp": [1.0, 0.0, None], "crp": [12.5, 3.0, None],
        "seen": [date(2020, 5, 1), date(2021, 6, 2), None],
    })  # fmt: skip
    path = tmp_path / f"table{ending}"
    writers = {".csv": lambda: frame.to_csv(path, index=False),
               ".xlsx": lambda: frame.to_excel(path, index=False),
               ".parquet": lambda: pq.write_table(pa.Table.from_pandas(frame), path),
               ".sav": lambda: pyreadstat.write_sav(frame, str(path)),
               ".dta": lambda: pyreadstat.write_dta(frame, str(path))}  # fmt: skip
    write: Callable[[], object] = writers[ending]
    write()
    _, facts, _ = run(tmp_path, path, (
        "crithidia: mapping/1\nperson: id\ndate: seen\ncolumns:\n"
        "  rp: {concept: raynaud_phenomenon, values: {1: present, 0: absent}}\n"
        "  crp: {concept: crp, unit: mg/L}\n"
    ))  # fmt: skip
    assert sorted(brief(facts, "crp")) == [("a", None, 12.5, 12.5, None), ("b", None, 3.0, 3.0, None)]
    stated = [fact for fact in facts if fact["form"] == "presence"]
    assert [(fact["person_id"], fact["truth"], fact["at"]) for fact in stated] == [
        ("a", 1, date(2020, 5, 1)), ("b", 0, date(2021, 6, 2)),
    ]  # fmt: skip


def test_labels_and_missing_codes_of_spss(tmp_path: Path) -> None:
    path = tmp_path / "r.sav"
    frame = pd.DataFrame({"id": ["a", "b", "c", "d"], "v7": [1.0, 2.0, 9.0, 8.0]})
    pyreadstat.write_sav(
        frame, str(path), column_labels={"v7": "Objaw Raynauda"}, missing_ranges={"v7": [9]},
        variable_value_labels={"v7": {1: "tak", 2: "nie", 8: "nie wiadomo", 9: "brak danych"}},
    )  # fmt: skip
    draft = draft_mapping(open_table(path))
    assert 'v7: {concept: raynaud_phenomenon, values: {"1": present, "2": absent, "8": unknown' in draft.text
    ledger, facts, _ = run(tmp_path, path, draft.text)
    assert [fact["truth"] for fact in facts] == [1, 0]
    assert ledger.total("unknown") == 2


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_the_labels_of_columns_tell_date_and_unit(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"r{ending}"
    frame = pd.DataFrame({"id": ["a", "b"], "v2": [date(2020, 5, 1), date(2021, 6, 2)], "v3": [900.0, 120.0]})
    write: Callable[..., object] = pyreadstat.write_sav if ending == ".sav" else pyreadstat.write_dta
    write(frame, str(path), column_labels=["Id", "Data badania", "CK [U/l]"])
    draft = draft_mapping(open_table(path))
    assert (draft.placed, draft.unsure, draft.not_placed) == (("v3",), (), ())
    _, facts, _ = run(tmp_path, path, draft.text)
    assert [fact["low"] for fact in facts] == [900.0, 120.0]
    assert [fact["at"] for fact in facts] == [date(2020, 5, 1), date(2021, 6, 2)]


def test_a_raw_redcap_export_with_its_dictionary(tmp_path: Path) -> None:
    (tmp_path / "dictionary.csv").write_text(
        "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels"\n'
        "record_id,a,,text,Record,\nrp,a,,radio,Raynaud phenomenon,\"1, Yes | 2, No | 3, Not known\"\n"
        'skin,a,,checkbox,Skin,"1, Sclerodactyly | 2, Telangiectasia"\n', "utf-8",
    )  # fmt: skip
    path = tmp_path / "export.csv"
    path.write_text("record_id,rp,skin___1,skin___2\n1,1,1,0\n2,2,0,1\n3,3,0,0\n", "utf-8")
    given = {"dictionary": "dictionary.csv"}
    draft = draft_mapping(open_explained(path, given, tmp_path), given)
    _, facts, _ = run(tmp_path, path, draft.text)
    assert [fact["truth"] for fact in facts if fact["concept"] == "raynaud_phenomenon"] == [1, 0]
    # An unticked box is not a no.
    assert [fact["truth"] for fact in facts if fact["concept"] == "sclerodactyly"] == [1]


DRAFTS = [
    # column, values, line of the draft
    ("Raynaud's phenomenon", ["yes", "no"], '"Raynaud\'s phenomenon": {concept: raynaud_phenomenon}'),
    ("Sklerodaktylia", ["tak", "nie"], "Sklerodaktylia: {concept: sclerodactyly}"),
    ("malar rash", ["1", "0"], 'malar rash: {concept: malar_rash, values: {"1": present, "0": absent}}'),
    ("Hb [g/dl]", ["12.5", "9.8"], '"Hb [g/dl]": {concept: haemoglobin, unit: "g/dl"}'),
    ("crp_mg_l", ["12.5", "9.8"], 'crp_mg_l: {concept: crp, unit: "mg/l"}'),
    ("ANA titre", ["320", "80"], "ANA titre: {concept: ana, as: titre}"),
    ("plec", ["K", "M"], 'plec: {concept: sex, values: {"K": female, "M": male}}'),
    ("age", ["54", "61"], "age: {concept: age}"),
    ("teleangiektazje", ["tak", "nie"], "teleangiektazje: {concept: telangiectasia}"),
    ("DLCO %", ["70", "81"], '"DLCO %": {concept: tlco_percent_predicted, unit: "%"}'),
]


@pytest.mark.parametrize(("column", "values", "line"), DRAFTS, ids=lambda v: v if isinstance(v, str) else "")
def test_what_is_certain_is_placed(tmp_path: Path, column: str, values: list[str], line: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"id,{column}\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)), "utf-8")
    draft = draft_mapping(open_table(path))
    assert line in draft.text
    load_mapping(mapping_file(tmp_path, draft.text))


@pytest.mark.parametrize(("column", "values", "because"), [
    ("raynaud_phenomenon", ["1", "2"], "what do 1, 2 mean"),
    ("crp", ["12", "4"], "no unit"),
    ("raynaud_phenomenon", ["12", "47"], "2 of 2 values are not present or absent: '12' (1), '47' (1)"),
    ("creatine_kinase [U/L]", ["high", "low"], "2 of 2 values are not numbers: 'high' (1), 'low' (1)"),
    ("haemoglobin [g/dl]", ["125", "98"], "cannot be read"),
    ("sklerodaktilija", ["tak", "nie"], "near:"),
    ("rheumatoid factor", ["12", "140"], "without the laboratory's limit"),
    ("sex", ["1", "2"], "are not female, male"),
])  # fmt: skip
def test_what_is_doubtful_waits(tmp_path: Path, column: str, values: list[str], because: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"id,{column}\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)), "utf-8")
    draft = draft_mapping(open_table(path))
    assert draft.unsure == (column,)
    assert because in draft.text
    mapping = load_mapping(mapping_file(tmp_path, draft.text))
    assert mapping.meanings == ()


PARTLY = [
    ("raynaud_phenomenon", ["yes"] * 5 + ["no"] * 3 + ["maybe"] * 2 + ["ask"],
     "3 of 11 values are not present or absent: 'maybe' (2), 'ask' (1)",
     'values: {"no": absent, "yes": present}'),
    ("creatine_kinase [U/L]", ["120", "high", "high", "95", "88"],
     "2 of 5 values are not numbers: 'high' (2)", 'unit: "U/L"'),
    ("sex", ["F", "M", "X", "X", "Y"], "3 of 5 values are not female, male: 'X' (2), 'Y' (1)",
     'values: {"F": female, "M": male}'),
    ("haemoglobin [g/dl]", ["12.5", "98", "13.1"],
     "1 of 3 values cannot be read as haemoglobin in g/dl: '98' (1)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("column", "values", "because", "kept"), PARTLY)
def test_only_the_values_at_fault_are_named(
    tmp_path: Path, column: str, values: list[str], because: str, kept: str
) -> None:
    """With how often each was seen; what was understood stays mapped, and works once the line is moved."""
    path = tmp_path / "t.csv"
    path.write_text(f"id,{column}\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)), "utf-8")
    draft = draft_mapping(open_table(path))
    assert draft.unsure == (column,)
    line = next(line for line in draft.text.splitlines() if because in line)
    assert kept in line
    entry = "{" + line[line.index("concept: ") :]
    moved = f"crithidia: mapping/1\nperson: id\ncolumns:\n  '{column}': {entry}\n"
    ledger, _, rejects = run(tmp_path, path, moved)
    refused = Counter(reject["value"] for reject in rejects)
    assert ledger.facts == len(values) - refused.total()
    assert because.partition(": ")[2] == ", ".join(f"'{v}' ({n})" for v, n in refused.most_common())


def test_what_will_be_refused_of_a_placed_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    values = ["yes"] * 6 + ["no"] * 3 + ["perhaps"]
    path.write_text("id,raynaud_phenomenon\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)), "utf-8")
    draft = draft_mapping(open_table(path))
    assert draft.placed == ("raynaud_phenomenon",)
    assert "will be refused: 'perhaps' (1)" in draft.text
    ledger, _, rejects = run(tmp_path, path, draft.text)
    assert ledger.facts == 9
    assert [reject["value"] for reject in rejects] == ["perhaps"]


def test_what_nothing_is_near_to_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,shoe size\n1,42\n2,39\n", "utf-8")
    draft = draft_mapping(open_table(path))
    assert draft.not_placed == ("shoe size",)
    assert "#   shoe size" in draft.text


LONG = """\
{}
1;CRP;12.4;mg/l;2021-03-04
1;ANA titre;1:320;;04.03.2021
1;raynaud_phenomenon;yes;;
2;CRP;<5;mg/l;13/05/2021
2;ANA titre;1:80;;2021-05-13
2;raynaud_phenomenon;sometimes;;
"""


@pytest.mark.parametrize(("header", "roles"), [
    ("Patient;Analysis;Result;Units;Taken on", {}),  # by their names
    ("patient;co;ile;unit;kiedy", {}),  # by what stands in them
    ("a;b;c;d;e", {"person": "a", "unit": "d"}),  # some are told
    ("a;b;c;d;e", {"person": "a", "test": "b", "value": "c", "unit": "d", "date": "e"}),
])  # fmt: skip
def test_long_tables_have_columns_of_any_name(tmp_path: Path, header: str, roles: dict[str, str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text(LONG.format(header), "utf-8")
    draft = draft_mapping(open_table(path), roles=roles)
    assert draft.placed == ("CRP", "ANA titre")
    assert draft.unsure == ("raynaud_phenomenon",)
    assert "1 of 2 values are not present or absent: 'sometimes' (1)" in draft.text
    ledger, facts, _ = run(tmp_path, path, draft.text)
    assert ledger.read.total() == 6 * 5
    assert [(f["person_id"], f["concept"], f["high"], f["at"]) for f in facts] == [
        ("1", "crp", 12.4, date(2021, 3, 4)), ("2", "crp", 5.0, date(2021, 5, 13)),
        ("1", "ana", 320.0, date(2021, 3, 4)), ("2", "ana", 80.0, date(2021, 5, 13)),
    ]  # fmt: skip


def test_a_wide_table_is_not_taken_for_a_long_one(tmp_path: Path) -> None:
    """Names of findings in a column do not make a table long: there is nothing that would be their value."""
    path = tmp_path / "t.csv"
    rows = ["arthritis", "raynaud_phenomenon", "arthritis", "raynaud_phenomenon"]
    path.write_text("id,complaint\n" + "".join(f"p{i},{v}\n" for i, v in enumerate(rows)), "utf-8")
    draft = draft_mapping(open_table(path))
    assert "layout: long" not in draft.text


def test_a_role_of_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(LONG.format("a;b;c;d;e"), "utf-8")
    with pytest.raises(InputError, match=r"no column 'B' \(test\)"):
        draft_mapping(open_table(path), roles={"test": "B"})


MISTAKES = [
    ("concept: crp, unit", "concept: crpp, unit", "not a concept"),
    ("as: titre", "as: title", "titre"),
    ("{1: present}", "{1: presnet}", "cannot be 'presnet'"),
    ("anty-Jo-1:", "anty-Jo-2:", "has no column"),
    ("person: Nr pacjenta", "persn: Nr pacjenta", "not expected"),
    ("column: CK ULN", "column: CK UPN", "has no column 'CK UPN'"),
]


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES)
def test_mistakes_in_a_mapping_have_their_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in MAPPING
    with pytest.raises(InputError, match=words) as caught:
        run(tmp_path, messy(tmp_path), MAPPING.replace(old, new))
    where = caught.value.problems[0].where
    assert where is not None
    assert where.file.endswith("mapping.yaml")
    assert not (tmp_path / "facts.parquet").exists()


@pytest.mark.parametrize(("text", "decimal", "number"), [
    ("1 234,5", ",", "1234.5"), ("1.234,5", ",", "1234.5"), ("1.234", ",", "1234"),
    ("0,5", ",", "0.5"),
    ("1,234", ".", "1234"), ("1,234.5", ".", "1234.5"), ("12'345", ".", "12345"), ("1.5", ".", "1.5"),
    ("1.234,5", "", "1234.5"), ("1,234.5", "", "1234.5"), ("1,234", "", "1,234"),
    ("1.234.567", "", "1234567"),
    ("1 234 567", "", "1234567"), ("-3", "", "-3"),
])  # fmt: skip
def test_numbers(text: str, decimal: str, number: str) -> None:
    assert plain_number(text, decimal) == number


@pytest.mark.parametrize(("text", "decimal"), [("1,2,3", "."), ("1.5", ","), ("12.34,5", ",")])
def test_a_number_that_does_not_fit_the_declared_sign(text: str, decimal: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        plain_number(text, decimal)


@pytest.mark.parametrize(("text", "low"), [
    ("5.2 10*9/L", 5.2), ("5,2 10*9/L", 5.2), ("1 200 10*6/L", 1.2), ("5.2 x 10^9/l", 5.2), ("5200 /uL", 5.2),
])  # fmt: skip
def test_a_power_of_ten_after_the_number_is_a_unit(text: str, low: float) -> None:
    outcome = CellReader.of(Meaning("wbc", shipped_vocabulary()["leucocytes"])).read(text)
    assert isinstance(outcome, FactRow)
    assert outcome.low == low


@pytest.mark.parametrize(("text", "decimal", "low"), [
    ("1,234", ",", 1.234), ("1.234", ".", 1.234), ("1.234", ",", 1234.0), ("1,234", ".", 1234.0),
])  # fmt: skip
def test_the_declared_sign_decides_what_could_be_either(text: str, decimal: str, low: float) -> None:
    reader = CellReader.of(Meaning("plt", shipped_vocabulary()["platelets"], decimal=decimal))
    outcome = reader.read(f"{text} 10*9/L")
    assert isinstance(outcome, FactRow)
    assert outcome.low == low


def test_a_number_of_a_typed_file_has_no_thousands(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "plt": [1.234, 1234.0]}), path)
    mapping = "crithidia: mapping/1\nperson: id\ncolumns: {plt: {concept: platelets, unit: 10*9/L}}\n"
    _, facts, _ = run(tmp_path, path, mapping)
    assert [fact["low"] for fact in facts] == [1.234, 1234.0]


def test_an_ambiguous_number_is_refused_with_the_remedy() -> None:
    reader = CellReader.of(Meaning("crp", shipped_vocabulary()["crp"]))
    outcome = reader.read("1,234 mg/L")
    assert isinstance(outcome, Refusal)
    assert (outcome.reason, "decimal:" in outcome.remedy) == ("ambiguous number", True)


@pytest.mark.parametrize(("text", "order", "day"), [
    ("2021-03-04", "", date(2021, 3, 4)), ("04.03.2021", "", date(2021, 3, 4)),
    ("4/13/2021", "", date(2021, 4, 13)),
    ("13/04/2021", "", date(2021, 4, 13)), ("04/03/2021", "dmy", date(2021, 3, 4)),
    ("04/03/2021", "mdy", date(2021, 4, 3)), ("20210304", "", date(2021, 3, 4)),
    ("2021-03-04T10:30:00Z", "", date(2021, 3, 4)), ("44562", "excel", date(2022, 1, 1)),
    ("60", "excel", None), ("05/05/2021", "", date(2021, 5, 5)), ("04/03/2021", "", None),
    ("44562", "", None),
    ("2021-02-30", "", None), ("04.03.21", "", None), ("yesterday", "", None), ("2999-01-01", "", None),
])  # fmt: skip
def test_dates(text: str, order: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(ValueError, match=r"."):
            read_date(text, order)
    else:
        assert read_date(text, order) == day


def test_the_wide_form_keeps_only_single_values(tmp_path: Path) -> None:
    run(tmp_path, messy(tmp_path), MAPPING)
    wide = tmp_path / "wide.parquet"
    several = write_wide(tmp_path / "facts.parquet", wide)
    rows = {row["person_id"]: row for row in pq.read_table(wide).to_pylist()}
    assert (rows["1"]["raynaud_phenomenon"], rows["2"]["raynaud_phenomenon"]) == (True, False)
    assert rows["1"]["creatine_kinase"] == 1234.5
    assert rows["2"]["creatine_kinase"] is None  # below 0.5: a bound is no single value
    assert rows["3"]["anti_jo1"] is None
    assert several == {"creatine_kinase": 1, "anti_jo1": 1}


@pytest.mark.parametrize(("name", "content", "words"), [
    ("t.csv", b"", "empty"), ("t.csv", b"a,a\n1,2\n", "two columns"),
    ("t.csv", b'a,b\n1,"2\n', "not readable as CSV"),
    ("t.csv", b"a\x00b,c\n1,2\n", "binary"), ("t.doc", b"x", "not a table"), ("t.xlsx", b"x", "spreadsheet"),
    ("t.parquet", b"x", "Parquet"), ("t.sav", b"x", "not readable"),
])  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        list(open_table(path).batches())


def test_books_that_do_not_add_up_are_found() -> None:
    ledger = Ledger()
    ledger.count("crp", "used", 3)
    ledger.refuse("crp", "no unit", 2)
    ledger.check(5)
    with pytest.raises(AssertionError, match="6 cells came in, 5"):
        ledger.check(6)


@pytest.mark.slow
def test_killing_a_conversion_leaves_the_old_output_and_a_rerun_finishes(tmp_path: Path) -> None:
    data, mapping = tmp_path / "big.csv", mapping_file(
        tmp_path, "crithidia: mapping/1\nperson: id\ncolumns:\n  rp: {concept: raynaud_phenomenon}\n"
        "  crp: {concept: crp, unit: mg/L}\n")  # fmt: skip
    with data.open("w", encoding="utf-8") as stream:
        stream.write("id,rp,crp\n")
        stream.writelines(f"p{i},{'yes' if i % 3 else 'no'},{i % 997}\n" for i in range(150_000))
    target, rejects = tmp_path / "facts.parquet", tmp_path / "rejects.csv"
    target.write_bytes(b"old")
    command = [sys.executable, "-m", "crithidia", "cohort", "convert", str(data), "-m", str(mapping),
               "-o", str(target), "--rejects", str(rejects)]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + 60
        while not _underway(tmp_path) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None, "the conversion ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.wait()
    assert target.read_bytes() == b"old"
    assert not rejects.exists()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert pq.ParquetFile(target).metadata.num_rows == 300_000
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "big.csv", "facts.parquet", "mapping.yaml", "rejects.csv",
    ]  # fmt: skip


def _underway(folder: Path) -> bool:
    return any(path.name.endswith(".partial") and path.stat().st_size > 100_000 for path in folder.iterdir())


def test_the_report_is_plain_data(tmp_path: Path) -> None:
    ledger, _, _ = run(tmp_path, messy(tmp_path), MAPPING)
    report = json.loads(json.dumps(ledger.report({"input": "x"})))
    cells = report["cells"]
    assert cells["read"] == sum(cells[name] for name in OUTCOMES) + sum(cells["refused"].values())
    assert report["rows"] == {"read": 8, "refused": {"uneven row": 1, "no person": 1}}
    assert report["people"] == 5


def test_the_fields_of_our_own_form_are_all_placed(tmp_path: Path) -> None:
    dictionary = tmp_path / "dictionary.csv"
    dictionary.write_text(write_form(["sle_eular_acr_2019", "ssc_acr_eular_2013"], "redcap", "en"), "utf-8")
    with dictionary.open(encoding="utf-8-sig", newline="") as stream:
        fields = [row["Variable / Field Name"] for row in csv.DictReader(stream)]
    path = tmp_path / "export.csv"
    path.write_text(",".join(fields) + "\n" + ",".join(["7", *["1"] * (len(fields) - 1)]) + "\n", "utf-8")
    given = {"dictionary": str(dictionary)}
    draft = draft_mapping(open_explained(path, given), given)
    assert len(draft.placed) + 1 == len(fields)
    assert not draft.not_placed


def test_a_table_of_facts_needs_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("person_id,concept,form,truth\na,fever,presence,1\n", "utf-8")
    with pytest.raises(InputError, match="is a table of facts already and needs no mapping"):
        draft_mapping(open_table(path))
