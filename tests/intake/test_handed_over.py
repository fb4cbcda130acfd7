"""Files of statistics packages and spreadsheets from the draft of a mapping to verdicts; and broken ones."""

from __future__ import annotations

import csv
import random
import re
from datetime import date
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from click.testing import CliRunner

from crithidia.foundation.problems import InputError
from crithidia.intake.ledger import OUTCOMES
from crithidia.intake.tables.convert import convert
from crithidia.intake.tables.dates import read_date
from crithidia.intake.tables.draft import draft_mapping
from crithidia.intake.tables.mapping import load_mapping
from crithidia.intake.tables.source import open_table
from crithidia.surfaces.cli import main
from tests.intake.handed_over import cell, sheet, write_ods, write_protected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from crithidia.intake.ledger import Ledger

# What a Polish registry keeps: codes with labels, codes for not known, dates, numbers, words.
LABELS: dict[str, str | None] = {
    "plec": "Płeć", "rp": "Objaw Raynauda", "dt": "Data wizyty", "ck": "CK [U/l]",
    "opis": "Stwardnienie skóry palców",
}  # fmt: skip
CODES: dict[str, dict[Any, str]] = {
    "plec": {1: "kobieta", 2: "mężczyzna"}, "rp": {1: "tak", 2: "nie", 8: "nie wiadomo", 9: "brak danych"},
}  # fmt: skip
SAVE: dict[str, Any] = {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta,
                        ".xpt": pyreadstat.write_xport}  # fmt: skip
FRAME = pd.DataFrame({
    "idp": ["ż1", "p2", "p3", "p4"], "plec": [1.0, 2.0, 1.0, 2.0], "rp": [1.0, 2.0, 9.0, 8.0],
    "dt": [date(2020, 5, 1), date(1987, 5, 18), None, date(1959, 12, 31)], "ck": [350.25, 120.0, None, -99.0],
    "opis": ["tak", "źle", "", "nie"],
})  # fmt: skip


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *map(str, arguments)])


def converted(folder: Path, path: Path,
              mapping: str) -> tuple[Ledger, list[dict[str, Any]], list[dict[str, str]]]:  # fmt: skip
    (folder / "m.yaml").write_text(mapping, "utf-8")
    loaded = load_mapping(folder / "m.yaml")
    ledger = convert(open_table(path, loaded.file), loaded, folder / "f.parquet", folder / "r.csv")
    assert sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == ledger.read.total()
    with (folder / "r.csv").open(encoding="utf-8", newline="") as stream:
        return ledger, pq.read_table(folder / "f.parquet").to_pylist(), list(csv.DictReader(stream))


def write_stata(path: Path) -> None:
    """Stata has letters for what is missing: .a for refused, .b for not known."""
    frame = FRAME.assign(rp=[1, 2, "a", 8], ck=[350.25, 120.0, None, "b"])
    pyreadstat.write_dta(frame, str(path), column_labels=LABELS, variable_value_labels=CODES,
                         missing_user_values={"rp": ["a"], "ck": ["b"]})  # fmt: skip


def write_spss(path: Path) -> None:
    pyreadstat.write_sav(FRAME, str(path), compress=path.suffix == ".zsav", column_labels=LABELS,
                         variable_value_labels=CODES,
                         missing_ranges={"rp": [9], "ck": [{"lo": -99, "hi": -1}]})  # fmt: skip


def write_transport(path: Path) -> None:
    """A transport file of SAS holds no labels of codes and cannot tell why a number is missing."""
    frame = FRAME.assign(ck=[350.25, 120.0, None, None])
    pyreadstat.write_xport(frame, str(path), column_labels=LABELS, file_format_version=5)


def write_opendocument(path: Path) -> None:
    header = ["idp", "Płeć", "Objaw Raynauda", "Data wizyty", "CK [U/l]", "opis"]
    rows: list[list[str]] = [[cell(name) for name in header]]
    labels = {number: CODES["rp"][number] for number in (1, 2, 8, 9)}
    for row in FRAME.to_dict("records"):
        number = None if pd.isna(row["ck"]) or row["ck"] < 0 else row["ck"]
        rows.append([
            cell(row["idp"]), cell(CODES["plec"][int(row["plec"])]), cell(labels[int(row["rp"])]),
            cell(row["dt"], "date"), cell(number, "float"), cell(row["opis"]),
        ])  # fmt: skip
    write_ods(path, sheet(*rows))


WRITERS: dict[str, Callable[[Path], None]] = {
    ".sav": write_spss, ".zsav": write_spss, ".dta": write_stata, ".xpt": write_transport,
    ".ods": write_opendocument,
}  # fmt: skip


@pytest.mark.parametrize("ending", WRITERS)
def test_from_the_draft_to_the_verdicts(tmp_path: Path, ending: str) -> None:
    """Everybody's file gives the same facts; only SAS needs somebody to say what its codes mean."""
    data, mapping = tmp_path / f"rejestr{ending}", tmp_path / "m.yaml"
    WRITERS[ending](data)
    result = run("map", data, "-o", mapping)
    assert result.exit_code == 0, result.output
    if ending == ".xpt":
        text = mapping.read_text("utf-8")
        assert "what do 1, 2, 8, 9 mean?" in text
        meant = ("columns:\n  rp:\n    concept: raynaud_phenomenon\n"
                 "    values: {1: present, 2: absent, 8: unknown, 9: unknown}\n"
                 "  plec: {concept: sex, values: {1: female, 2: male}}\n")  # fmt: skip
        mapping.write_text(text.replace("columns:\n", meant).partition("# Doubtful")[0], "utf-8")
    facts, verdicts = tmp_path / "facts.parquet", tmp_path / "verdicts.csv"
    result = run("convert", data, "-m", mapping, "-o", facts, "--rejects", tmp_path / "r.csv")
    assert result.exit_code == 0, result.output
    rows = pq.read_table(facts).to_pylist()
    assert sorted((row["person_id"], row["code"]) for row in rows if row["concept"] == "sex") == [
        ("p2", "male"), ("p3", "female"), ("p4", "male"), ("ż1", "female"),
    ]  # fmt: skip
    assert [(row["person_id"], row["truth"], row["at"]) for row in rows if row["form"] == "presence"] == [
        ("ż1", 1, date(2020, 5, 1)), ("p2", 0, date(1987, 5, 18)),
    ]  # fmt: skip
    assert [(row["low"], row["unit"]) for row in rows if row["concept"] == "creatine_kinase"] == [
        (350.25, "U/L"), (120.0, "U/L"),
    ]  # fmt: skip
    assert len((tmp_path / "r.csv").read_text("utf-8").splitlines()) == 1
    result = run("classify", facts, "-o", verdicts, "--sets", "ssc_acr_eular_2013")
    assert result.exit_code == 0, result.output
    with verdicts.open(encoding="utf-8", newline="") as stream:
        assert {row["person_id"] for row in csv.DictReader(stream)} == {"ż1", "p2", "p3", "p4"}


def test_a_portable_file_of_spss(tmp_path: Path) -> None:
    """9 is declared as missing for RP, by a record 8 after that of the variable; its cell is empty."""
    path = tmp_path / "x.por"
    frame = pd.DataFrame({"idp": ["a", "b", "c"], "rp": [1.0, 2.0, 9.0], "crp": [5.5, 6.0, 12.25],
                          "dt": [date(2020, 5, 1), date(1950, 12, 24), None]})  # fmt: skip
    pyreadstat.write_por(frame, str(path))
    content = path.read_text("ascii").replace("\r\n", "").replace("\n", "")
    assert content.count("/RP5/8/2/5/8/2/") == 1
    content = content.replace("/RP5/8/2/5/8/2/", "/RP5/8/2/5/8/2/89/")
    path.write_text("\r\n".join(content[at : at + 80] for at in range(0, len(content), 80)), "ascii")
    draft = draft_mapping(open_table(path)).text
    assert "RP: {could_be: [raynaud_phenomenon], because: \"what do 1, 2 mean?" in draft
    ledger, facts, _ = converted(tmp_path, path, (
        "crithidia: mapping/1\nperson: IDP\ndate: DT\ncolumns:\n  CRP: {concept: crp, unit: mg/L}\n"
        "  RP: {concept: raynaud_phenomenon, values: {1: present, 2: absent}}\n"))  # fmt: skip
    assert ledger.outcomes["RP"] == {"used": 2, "empty": 1}
    assert [(fact["person_id"], fact["truth"]) for fact in facts if fact["form"] == "presence"] == [
        ("a", 1), ("b", 0),
    ]  # fmt: skip
    assert [(fact["low"], fact["at"]) for fact in facts if fact["concept"] == "crp"] == [
        (5.5, date(2020, 5, 1)), (6.0, date(1950, 12, 24)), (12.25, None),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_what_the_file_declares_as_missing_is_unknown_wherever_it_stands(tmp_path: Path, ending: str) -> None:
    """A person, a date or a limit that is declared as missing is none; -99 is no upper limit."""
    path = tmp_path / f"x{ending}"
    if ending == ".sav":
        days = [date(2020, 1, 1), date(2020, 1, 1), date(1900, 1, 1)]
        frame = pd.DataFrame({"id": ["a", "zz", "c"], "dt": days, "ck": [10.0, 10.0, 20.0],
                              "uln": [170.0, 170.0, -99.0], "site": [1.0, 1.0, 9.0]})  # fmt: skip
        pyreadstat.write_sav(frame, str(path), missing_ranges={
            "id": ["zz"], "uln": [-99], "site": [9], "dt": [{"lo": 10_000_000_000.0, "hi": 10_020_000_000.0}],
        })  # fmt: skip
    else:
        frame = pd.DataFrame({"id": [1, "b", 3], "dt": [15406, 15406, "a"], "ck": [10.0, 10.0, 20.0],
                              "uln": [170.0, 170.0, "c"], "site": [1, 1, "a"]})  # fmt: skip
        letters = {"id": ["b"], "uln": ["c"], "dt": ["a"], "site": ["a"]}
        pyreadstat.write_dta(frame, str(path), variable_format={"dt": "%td"}, missing_user_values=letters)
    ledger, facts, rejects = converted(tmp_path, path, (
        "crithidia: mapping/1\nperson: id\ndate: dt\nsite: site\ncolumns:\n"
        "  ck: {concept: creatine_kinase, unit: U/L, upper_limit: {column: uln}}\n"))  # fmt: skip
    assert [(fact["low"], fact["limit_high"], fact["at"] is None) for fact in facts] == [
        (10.0, 170.0, False), (20.0, None, True),
    ]  # fmt: skip
    assert [reject["reason"] for reject in rejects] == ["no person"]
    assert [fact["site"] for fact in facts] == ["1", None]
    assert ledger.outcomes["dt"]["unknown"] == 1


@pytest.mark.parametrize("ending", [".sav", ".zsav", ".xpt", ".dta", "old .dta"])
def test_text_of_another_encoding(tmp_path: Path, ending: str) -> None:
    """Windows-1250 is what Polish installations wrote; without a word about it, it is asked for."""
    path = tmp_path / ("x" + ending.removeprefix("old "))
    frame = pd.DataFrame({"id": ["a", "b"], "rp": ["brak, QQQQ!", "tak"]})
    write: Callable[[], object] = {
        ".sav": lambda: pyreadstat.write_sav(frame, str(path)),
        ".zsav": lambda: pyreadstat.write_sav(frame, str(path), row_compress=False),
        ".xpt": lambda: pyreadstat.write_xport(frame, str(path), file_format_version=5),
        ".dta": lambda: pyreadstat.write_dta(frame, str(path), version=15),
        "old .dta": lambda: pyreadstat.write_dta(frame, str(path), version=12),
    }[ending]
    write()
    path.write_bytes(path.read_bytes().replace(b"QQQQ", "żółć".encode("cp1250")))
    if ending != "old .dta":
        result = run("map", path)
        assert result.exit_code == 3
        assert "--encoding" in result.output
    given = {} if ending == "old .dta" else {"encoding": "windows-1250"}
    [batch] = open_table(path, given).batches()
    assert batch.columns["rp"][0] == "brak, żółć!"
    with pytest.raises(InputError, match="'nonsense' is not an encoding"):
        list(open_table(path, {"encoding": "nonsense"}).batches())


def test_the_encoding_of_the_mapping_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    frame = pd.DataFrame({"id": ["a"], "plec": ["mQQczyzna"]})
    pyreadstat.write_xport(frame, str(path), file_format_version=5)
    path.write_bytes(path.read_bytes().replace(b"QQ", "ęż".encode("cp1250")))
    _, [fact], _ = converted(tmp_path, path, (
        "crithidia: mapping/1\nfile: {encoding: cp1250}\nperson: id\ncolumns:\n  plec: {concept: sex}\n"))
    assert fact["code"] == "male"


def test_a_name_of_a_portable_file_has_no_encoding(tmp_path: Path) -> None:
    (tmp_path / "x.por").write_bytes(b"ASCII SPSS PORT FILE" + b" " * 500)
    with pytest.raises(InputError, match=r"the encoding of \.por cannot be chosen"):
        open_table(tmp_path / "x.por", {"encoding": "cp1250"})


@pytest.mark.parametrize(("text", "order", "day"), [
    # The worked examples of stats.oarc.ucla.edu/spss/code, "Converting SAS or Stata dates to SPSS dates".
    ("15406", "sas", date(2002, 3, 7)), ("15406", "stata", date(2002, 3, 7)),
    ("-6509", "sas", date(1942, 3, 7)),
    ("13234838400", "spss", date(2002, 3, 7)), ("11341382400", "spss", date(1942, 3, 7)),
    # blog.stata.com/2011/01/05: January 3, 2011 is 18,630.
    ("18630", "dmy stata", date(2011, 1, 3)), ("2011-01-03", "sas", date(2011, 1, 3)),
])  # fmt: skip
def test_dates_as_programs_count_them(text: str, order: str, day: date) -> None:
    assert read_date(text, order) == day


@pytest.mark.parametrize(("text", "order", "words"), [
    ("15406", "", "'format: excel', 'format: sas', 'format: stata'"),
    ("13234838400", "", "give 'format: spss'"), ("15406", "spss", "is a number"),
    ("999999", "sas", "is not a date"), ("13234838400", "excel", "is a number"),
])  # fmt: skip
def test_a_number_is_a_date_only_as_it_is_declared(text: str, order: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_date(text, order)


@pytest.mark.parametrize("ending", [".sav", ".dta", ".xpt"])
def test_numbers_of_days_are_not_taken_for_those_of_excel(tmp_path: Path, ending: str) -> None:
    """A date without its format is a number: 15406 is 2002 in Stata and SAS, and 1942 in Excel."""
    path = tmp_path / f"x{ending}"
    number = 13_234_838_400.0 if ending == ".sav" else 15_406.0
    frame = pd.DataFrame({"id": ["a", "b"], "date": [number, number], "crp": [5.0, 6.0]})
    SAVE[ending](frame, str(path), column_labels=["Id", "date", "CRP [mg/l]"])
    draft = draft_mapping(open_table(path))
    program = {".sav": "spss", ".dta": "stata", ".xpt": "sas"}[ending]
    assert f"date: {{column: date, format: [{program}]}}" in draft.text
    _, facts, _ = converted(tmp_path, path, draft.text)
    assert [fact["at"] for fact in facts] == [date(2002, 3, 7)] * 2


@pytest.mark.parametrize("ending", [".sav", ".dta", ".xpt"])
def test_a_date_that_no_calendar_has_costs_its_own_cell_only(tmp_path: Path, ending: str) -> None:
    """Numbers such as 999999999999 stand for not known in many files."""
    path = tmp_path / f"x{ending}"
    good, beyond = (13_234_838_400.0, 999_999_999_999.0) if ending == ".sav" else (15_406.0, 9_999_999.0)
    frame = pd.DataFrame({"id": ["a", "b"], "dt": [good, beyond], "on": [good, good], "crp": [5.0, 6.0]})
    formats = {".sav": "DATE11", ".dta": "%td", ".xpt": "DATE9"}
    SAVE[ending](frame, str(path), variable_format=dict.fromkeys(("dt", "on"), formats[ending]))
    program = {".sav": "spss", ".dta": "stata", ".xpt": "sas"}[ending]
    _, facts, rejects = converted(tmp_path, path, (
        f"crithidia: mapping/1\nperson: id\ndate: {{column: dt, format: {program}}}\n"
        "columns:\n  crp: {concept: crp, unit: mg/L}\n"))  # fmt: skip
    assert [(fact["low"], fact["at"]) for fact in facts] == [(5.0, date(2002, 3, 7)), (6.0, None)]
    assert [(reject["column"], reject["row"]) for reject in rejects] == [("dt", "2")]
    [batch] = open_table(path).batches()
    assert batch.columns["on"] == ["2002-03-07", "2002-03-07"]


def test_a_finding_called_objaw_is_not_a_column_of_tests(tmp_path: Path) -> None:
    """Its word is one for the tests of a long table; what stands in it says that it is a finding."""
    path = tmp_path / "x.sav"
    frame = pd.DataFrame({"id": ["a", "b", "c"], "objaw": [1.0, 2.0, 1.0], "wynik": [5.0, 6.0, 7.0]})
    pyreadstat.write_sav(frame, str(path), column_labels=["Id", "Objaw Raynauda", "CRP [mg/l]"],
                         variable_value_labels={"objaw": {1: "tak", 2: "nie"}})  # fmt: skip
    draft = draft_mapping(open_table(path))
    assert draft.placed == ("objaw", "wynik")
    assert "layout: long" not in draft.text


def test_a_long_table_whose_tests_are_codes_with_labels(tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    frame = pd.DataFrame({"id": ["a", "a", "b", "b"], "test": [1.0, 2.0, 1.0, 2.0],
                          "wynik": [5.0, 1.0, -9.0, 2.0]})  # fmt: skip
    pyreadstat.write_sav(frame, str(path), missing_ranges={"wynik": [-9]},
                         variable_value_labels={"test": {1: "CRP [mg/l]", 2: "Objaw Raynauda"},
                                                "wynik": {1: "tak", 2: "nie"}})  # fmt: skip
    draft = draft_mapping(open_table(path))
    assert draft.placed == ("CRP [mg/l]", "Objaw Raynauda")
    ledger, facts, _ = converted(tmp_path, path, draft.text)
    assert [(fact["person_id"], fact["concept"], fact["low"], fact["truth"]) for fact in facts] == [
        ("a", "crp", 5.0, None), ("a", "raynaud_phenomenon", None, 1), ("b", "raynaud_phenomenon", None, 0),
    ]  # fmt: skip
    assert ledger.total("unknown") == 1


@pytest.mark.parametrize(("column", "concept"), [
    ("FVC % predicted", "fvc_percent_predicted"), ("FVC (%)", "fvc_percent_predicted"),
    ("FVC (% pred)", "fvc_percent_predicted"), ("FVC [% należnej]", "fvc_percent_predicted"),
    ("VC %N", "vital_capacity_percent_predicted"), ("DLCO (%pred)", "tlco_percent_predicted"),
    ("FEV1 %", "fev1_percent_predicted"), ("TLC % predicted", "tlc_percent_predicted"),
])  # fmt: skip
def test_percent_of_what(tmp_path: Path, column: str, concept: str) -> None:
    """FVC was taken for the vital capacity, whose name differs from it by a letter."""
    (tmp_path / "x.csv").write_text(f"id;{column}\na;85\nb;60\n", "utf-8")
    draft = draft_mapping(open_table(tmp_path / "x.csv"))
    assert f"{{concept: {concept}, unit: " in draft.text


def test_opendocument_of_every_type(tmp_path: Path) -> None:
    rows = [
        [cell(name) for name in ("id", "objaw Raynauda", "CRP (mg/l)", "LVEF (%)", "FVC % predicted")],
        [cell("a"), cell("true", "boolean"), cell("&lt;5,0"), cell(0.55, "percentage"), cell(85, "float")],
        [cell("b"), cell("false", "boolean"), cell(1.234, "float"), cell(0.6, "percentage"), cell(None)],
    ]
    path = write_ods(tmp_path / "x.ods", sheet(*rows), sheet([cell("other")], name="Inny"))
    draft = draft_mapping(open_table(path))
    assert "parts of one" in draft.text  # LVEF of 0.55 %
    _, facts, rejects = converted(tmp_path, path, draft.text)
    assert sorted((fact["concept"], fact["low"], fact["high"], fact["truth"]) for fact in facts
                  if fact["person_id"] == "a") == [
        ("crp", None, 5.0, None), ("fvc_percent_predicted", 85.0, 85.0, None),
        ("raynaud_phenomenon", None, None, 1),
    ]  # fmt: skip
    assert rejects == []
    assert open_table(path, {"sheet": "Inny"}).columns == ("other",)
    with pytest.raises(InputError, match="there is no sheet 'Badanie'"):
        open_table(path, {"sheet": "Badanie"})


def workbook(path: Path, *rows: list[object], merged: str = "") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


TABLE: list[list[object]] = [["id", "CRP [mg/l]"], ["a", 5], ["b", 6]]


def cut(ending: str, share: float) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"x{ending}"
        (WRITERS.get(ending) or (lambda path: workbook(path, *TABLE)))(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return path

    return write


def named(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def zipped(name: str, *members: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(member, "<a/>")
        return folder / name

    return write


def as_other(ending: str, other: str) -> Callable[[Path], Path]:
    """A file of one kind under the ending of another."""
    def write(folder: Path) -> Path:
        path = folder / f"y{ending}"
        (WRITERS.get(ending) or (lambda path: workbook(path, *TABLE)))(path)
        return path.rename(folder / f"x{other}")

    return write


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    **{f"{ending} of which {share} is there": (cut(ending, share), "not readable|cut short")
       for ending in (*WRITERS, ".xlsx") for share in (0.1, 0.5, 0.93)},
    **{f"empty {ending}": (cut(ending, 0), "not readable") for ending in WRITERS},
    "ods that is a Word document": (zipped("x.ods", "word/document.xml"), "but this is a Word document"),
    "ods that is a ZIP of tables": (zipped("x.ods", "a.csv"), "but this is a ZIP archive; unpack it"),
    "xlsx that is an ods": (as_other(".ods", ".xlsx"), r"an OpenDocument spreadsheet\n +give it .* \.ods"),
    "csv that is an xlsx": (as_other(".xlsx", ".csv"), r"an Excel workbook\n +give it the ending \.xlsx"),
    "sav that is a dta": (as_other(".dta", ".sav"), r"a file of Stata\n +give it the ending \.dta"),
    "xlsx that is a sav": (as_other(".sav", ".xlsx"), r"a file of SPSS\n +give it the ending \.sav"),
    "xls that is a web page": (named("x.xls", b"<html><table><tr><td>id</td></tr></table>"), "a web page"),
    "xls that is XML": (named("x.xls", b'<?xml version="1.0"?><Workbook/>'), "an XML document"),
    "csv that is packed": (named("x.csv", b"\x1f\x8b\x08\x00" + bytes(40)), "packed with gzip; unpack it"),
    "sav that is text": (named("x.sav", b"id;crp\n1;5\n" * 50), "not readable"),
    "xlsx that is text": (named("x.xlsx", b"id;crp\n1;5\n" * 50), "not readable as a spreadsheet"),
    "parquet that is text": (named("x.parquet", b"id;crp\n1;5\n"), "not readable as Parquet"),
    "xlsx with a password": (lambda folder: write_protected(folder / "x.xlsx"), "protected by a password"),
    "xlsx without a cell": (lambda folder: workbook(folder / "x.xlsx"), "the sheet 'Sheet' is empty"),
    "ods without a cell": (lambda folder: write_ods(folder / "x.ods", sheet()), "'Badania' is empty"),
    "ods without a sheet": (lambda folder: write_ods(folder / "x.ods"), "there is no sheet"),
    "xlsx with a merged header": (
        lambda folder: workbook(folder / "x.xlsx", ["Pacjent", "Laboratorium", None], ["id", "CRP", "CK"],
                                ["a", 5, 100], merged="B1:C1"), r"x\.xlsx:1:1: cells of the row with"),
    "xlsx with a title over the table": (
        lambda folder: workbook(folder / "x.xlsx", [None], ["Rejestr 2021", None], *TABLE, merged="A2:B2"),
        r"x\.xlsx:2:1: cells of the row with the names"),
    "ods with a merged header": (
        lambda folder: write_ods(folder / "x.ods", sheet(
            [cell("id", more='table:number-rows-spanned="2"'), cell("CRP")],
            ["<table:covered-table-cell/>", cell("mg/l")], [cell("a"), cell(5, "float")])),
        r"x\.ods:1:1: cells of the row with the names"),
    "a document": (named("x.docx", b"PK\x03\x04"), r"'\.docx' is not a table that is read here"),
    "a SAS catalog": (named("formats.sas7bcat", bytes(100)), "is not a table that is read here"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("command", ["map", "convert"])
def test_a_broken_file_is_one_message_and_no_output(tmp_path: Path, kind: str, command: str) -> None:
    write, words = BROKEN[kind]
    data = write(tmp_path)
    (tmp_path / "m.yaml").write_text(
        "crithidia: mapping/1\nperson: id\ncolumns:\n  crp: {concept: crp, unit: mg/L}\n"
        if data.suffix not in WRITERS else
        "crithidia: mapping/1\nperson: idp\ncolumns:\n  ck: {concept: creatine_kinase, unit: U/L}\n", "utf-8")
    (tmp_path / "facts.parquet").write_bytes(b"old")
    before = {path.name for path in tmp_path.iterdir()}
    written = [tmp_path / name for name in ("draft.yaml", "facts.parquet", "r.csv")]
    options = ["-m", tmp_path / "m.yaml", "-o", written[1], "--rejects", written[2]]
    result = run(command, data, *(["-o", written[0]] if command == "map" else options))
    assert result.exit_code == 3, result.output
    assert isinstance(result.exception, SystemExit)
    assert re.search(words, result.output), result.output
    assert "1 problem; nothing was written" in result.output
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (tmp_path / "facts.parquet").read_bytes() == b"old"


def test_fhir_is_not_mapped(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", "utf-8")
    result = run("map", tmp_path / "x.json")
    assert (result.exit_code, "FHIR needs no mapping" in result.output) == (3, True)


def test_a_spreadsheet_with_broken_bytes_is_refused_or_read(tmp_path: Path) -> None:
    """Whatever bytes are changed: a message, or a table, never another error."""
    chance = random.Random(1)  # noqa: S311
    rows = [cell("id"), cell("CRP")], [cell("a"), cell(5, "float")]
    originals = [write_ods(tmp_path / "x.ods", sheet(*rows)), workbook(tmp_path / "x.xlsx", *TABLE)]
    for original in originals:
        content, refused = original.read_bytes(), 0
        for _ in range(300):
            broken = bytearray(content)
            for _ in range(4):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            original.write_bytes(broken)
            try:
                list(open_table(original).batches())
            except InputError:
                refused += 1
        assert refused > 30


def test_a_title_that_is_not_merged_into_the_header_is_none_of_our_business(tmp_path: Path) -> None:
    """Merged cells below the names of the columns do not stop a table."""
    path = workbook(tmp_path / "x.xlsx", *TABLE, ["c", None], merged="A4:B4")
    _, facts, _ = converted(tmp_path, path, (
        "crithidia: mapping/1\nperson: id\ncolumns:\n  'CRP [mg/l]': {concept: crp, unit: mg/L}\n"))
    assert [fact["low"] for fact in facts] == [5.0, 6.0]


@pytest.mark.parametrize("text", [
    "PAR1;PAR2\n1;2\n", "PAR1\n1\n", "%id;x\n1;2\n", "<10;x\n1;2\n", "$FL2;x\n1;2\n",
])  # fmt: skip
def test_text_that_begins_like_another_kind_is_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8")
    assert open_table(tmp_path / "x.csv").columns[0] == text.partition("\n")[0].partition(";")[0]
