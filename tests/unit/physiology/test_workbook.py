"""Workbooks of the published layout: what is taken, and what is refused with which reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from crithidia.foundation.problems import InputError
from crithidia.interpretation.physiology.installed import data_folder, installed_tables, origins
from crithidia.interpretation.physiology.workbook import install
from crithidia.surfaces.cli import main
from tests.unit.physiology.shared import (
    CELLS_2017,
    LUNGS,
    derived,
    workbook_2017,
    workbook_2021,
    workbook_global,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("openpyxl")

Rows = list[list[Any]]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRITHIDIA_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize(("write", "name", "concepts"), [
    (workbook_2017, "gli_2017", {"tlco", "kco", "alveolar_volume"}),
    (workbook_global, "gli_global_2022", {"fev1", "fvc", "fev1_fvc_ratio"}),
    (workbook_2021, "gli_2021", {"tlc", "frc", "rv"}),
])  # fmt: skip
def test_a_published_workbook_is_recognised_and_kept(
    own_folder: Path, write: Callable[[Path], Path], name: str, concepts: set[str]
) -> None:
    found, path = install(write(own_folder / "book.xlsx"), LUNGS)
    assert found.id == name
    assert path.parent == data_folder()
    tables = installed_tables(name)
    assert tables is not None
    assert set(tables) == {(concept, sex) for concept in concepts for sex in ("female", "male")}
    (origin,) = origins()
    assert (origin.reference, origin.file, len(origin.sha256)) == (name, "book.xlsx", 64)


def test_columns_may_stand_in_any_order(own_folder: Path) -> None:
    def turned(title: str, rows: Rows) -> Rows:
        del title
        return [[row[4], row[3], row[2], row[1], None] for row in rows]

    install(workbook_2017(own_folder / "book.xlsx", change=turned), LUNGS)
    tables = installed_tables("gli_2017")
    assert tables is not None
    assert tables["tlco", "male"].at(40) == pytest.approx((0.0, 0.0636300920917403, -0.0726859471571395))


def cell(sheet: str, row: int, column: int, value: object) -> Callable[[str, Rows], Rows]:
    def changed(title: str, rows: Rows) -> Rows:
        if title == sheet:
            rows[row][column] = value
        return rows

    return changed


def without_row(title: str, rows: Rows) -> Rows:
    return rows[:100] + rows[101:] if title == "VA_m" else rows


def cut_short(title: str, rows: Rows) -> Rows:
    return rows[:300] if title == "KCO_SI_m" else rows


def without_header(title: str, rows: Rows) -> Rows:
    return rows[1:] if title == "TLCO_SI_f" else rows


# what is wrong, the words of the message, the line it names
REFUSED = [
    (cell("TLCO_SI_m", 3, 2, "n/a"), "mspline is 'n/a', not a number", 4),
    (cell("TLCO_SI_m", 3, 2, None), "mspline is None, not a number", 4),
    (cell("TLCO_SI_m", 3, 3, 7.5), "sspline is 7.5, not a number from -5 to 5", 4),
    (cell("TLCO_SI_m", 3, 3, True), "sspline is True, not a number", 4),
    (cell("TLCO_SI_m", 3, 1, 5.6), "the age 5.6 stands where 5.5 is expected", 4),
    (without_row, "the age 30 stands where 29.75 is expected", 101),
    (cut_short, "the worksheet 'KCO_SI_m' has 299 ages; from 5 to 90 years there are 341", 1),
    (without_header, "the worksheet 'TLCO_SI_f' has no header", 1),
    (cell("TLCO_SI_m", 1, 2, -0.2), "control value M spline of tlco, male, 5 years: -0.2", 1),
    (cell("TLCO_SI_m", 141, 2, 0.07), "control value of tlco, male, 40 years, 175 cm", 1),
    (cell("TLCO_SI_m", 0, 3, "Sigma"), "the worksheet 'TLCO_SI_m' has no column Sspline", 1),
]


@pytest.mark.parametrize(("change", "words", "line"), REFUSED, ids=[words[:40] for _, words, _ in REFUSED])
def test_a_changed_workbook_is_refused_whole(
    own_folder: Path, change: Callable[[str, Rows], Rows], words: str, line: int
) -> None:
    with pytest.raises(InputError) as caught:
        install(workbook_2017(own_folder / "book.xlsx", change=change), LUNGS)
    (problem, *_) = caught.value.problems
    assert words in problem.message
    assert problem.where is not None
    assert problem.where.line == line
    assert not data_folder().exists()


def test_a_missing_sheet_is_named(own_folder: Path) -> None:
    cells = [entry for entry in CELLS_2017 if entry[0] != "VA_f"]
    with pytest.raises(InputError, match="these worksheets are missing: VA female"):
        install(workbook_2017(own_folder / "book.xlsx", cells), LUNGS)


def test_traditional_units_are_refused_by_name(own_folder: Path) -> None:
    cells = [(title.replace("TLCO_SI", "DLCO").replace("_SI", ""), *rest) for title, *rest in CELLS_2017]
    with pytest.raises(InputError, match="traditional units; that in SI units is needed"):
        install(workbook_2017(own_folder / "book.xlsx", cells), LUNGS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content", [b"", b"age,Mspline\n5,0.1\n", b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0 old"]
)
def test_what_is_no_workbook_is_refused(own_folder: Path, content: bytes) -> None:
    path = own_folder / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not an Excel workbook"):
        install(path, LUNGS)


def test_a_damaged_file_of_ours_is_refused_not_half_used(own_folder: Path) -> None:
    _, path = install(workbook_2017(own_folder / "book.xlsx"), LUNGS)
    data = json.loads(path.read_text("utf-8"))
    del data["tables"]["tlco"]["male"]["rows"]
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(InputError, match="is damaged"):
        installed_tables("gli_2017")
    path.write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        installed_tables("gli_2017")


def test_the_command_line(own_folder: Path) -> None:
    book = workbook_2017(own_folder / "book.xlsx")
    run = CliRunner()
    before = run.invoke(main, ["reference", "list"])
    assert "not here: crithidia reference install FILE" in before.output
    done = run.invoke(main, ["reference", "install", str(book)])
    assert done.exit_code == 0
    assert "GLI-2017 (gli_2017), doi:10.1183/13993003.00010-2017" in done.output
    assert "from book.xlsx, sha256" in run.invoke(main, ["reference", "list"]).output
    wrong = run.invoke(main, ["reference", "install", str(own_folder / "none.xlsx")])
    assert wrong.exit_code == 3
    assert "cannot be read" in wrong.output


TRANSFER = """\
patient: {sex: male, age: 40 years}
examination: {height: 175 cm}
lung_function: {tlco: 8 mmol/min/kPa}
"""


def test_installed_tables_take_over(own_folder: Path) -> None:
    assert ("tlco_z_score", "ecsc_1993_transfer") in derived(TRANSFER)
    install(workbook_2017(own_folder / "book.xlsx"), LUNGS)
    assert ("tlco_z_score", "gli_2017") in derived(TRANSFER)
