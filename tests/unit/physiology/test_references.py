"""Reference values of lung function against the tables and examples that others published.

GLI-2012: the splines of the package against the lookup table of the task force's R macro (printed
with four decimals); predicted values against PySpiro (73.57 %) and the height of the published case.
GLI-2017: predicted values that PySpiro's tests hold after comparison with rspiro. GLI Global 2022:
PySpiro (95.77 %). ECSC 1993: PySpiro (85.11 %), the limits of the Deutsche Atemwegsliga (Leitlinie zur
Spirometrie 2015, Table 4) and of a public R package.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import pytest

from crithidia.interpretation.physiology.distribution import Expected
from crithidia.interpretation.physiology.references import (
    GROUPS,
    Person,
    Reference,
    chosen,
    expectations,
    reference,
)
from crithidia.interpretation.physiology.workbook import install
from tests.unit.physiology.shared import LUNGS, workbook_2017, workbook_2021, workbook_global

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("openpyxl")
pytest.importorskip("spiref")


@pytest.fixture(autouse=True)
def own_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRITHIDIA_DATA", str(tmp_path))
    return tmp_path


def gli2012(concept: str, sex: str, age: float, height: float, group: str = "caucasian") -> Expected:
    found = reference("gli_2012", LUNGS).expected(concept, Person(sex, age, height, group))
    assert found is not None
    return found


# parameter, sex, age, L, M and S spline: rows of RLookupTable.csv, as the task force distributed it.
MACRO = [
    ("fev1", "male", 3, 0, -0.1133, 0.2143), ("fev1", "male", 25.25, 0, 0.188, -0.0828),
    ("fev1", "male", 40, 0, 0.0721, -0.0596), ("fev1", "male", 50, 0, -0.0125, -0.024),
    ("fev1", "female", 57, 0, -0.0426, 0.0226), ("fev1", "female", 94.75, 0, -0.4982, 0.3315),
    ("fvc", "male", 12.5, 0, -0.0083, -0.0517), ("fvc", "male", 80, 0, -0.2956, 0.2141),
    ("fvc", "female", 18, 0, 0.1355, -0.0354), ("fvc", "female", 40, 0, 0.0977, -0.0965),
    ("fev1_fvc_ratio", "male", 8, 0.0026, -0.014, 0.0298),
    ("fev1_fvc_ratio", "male", 70, -0.1034, -0.0332, 0.1668),
    ("fev1_fvc_ratio", "female", 5.5, 0, -0.0244, 0.0515),
    ("fev1_fvc_ratio", "female", 33.25, 0, 0.0161, -0.0341),
]  # fmt: skip


@pytest.mark.parametrize(("concept", "sex", "age", "skew", "median", "spread"), MACRO)
def test_packaged_splines_agree_with_the_macro(concept: str, sex: str, age: float, skew: float,
                                               median: float, spread: float) -> None:  # fmt: skip
    tables = reference("gli_2012", LUNGS).tables
    assert tables is not None
    assert tables[concept, sex].at(age) == pytest.approx((skew, median, spread), abs=5.1e-5)


def test_the_package_covers_3_to_95_years() -> None:
    tables = reference("gli_2012", LUNGS).tables
    assert tables is not None
    assert {(table.first, table.last, len(table.rows)) for table in tables.values()} == {(3.0, 95.0, 369)}


def test_coefficients_of_gli_2012_agree_with_the_workbook() -> None:
    """The workbook prints the coefficients beside the splines: a0, a1 ... p0 ... q0."""
    from importlib.util import find_spec
    from pathlib import Path as File

    from crithidia.interpretation.physiology.splines import open_workbook

    spec = find_spec("spiref")
    assert spec is not None
    book = open_workbook(File(str(spec.origin)).parent / "GLI-2012.xlsx")
    groups = GROUPS[1:]
    for concept, sheet in (("fev1", "FEV1"), ("fvc", "FVC"), ("fev1_fvc_ratio", "FEV1FVC")):
        for sex in ("female", "male"):
            printed = {}
            for row in book[f"{sheet} {sex}s"].iter_rows(min_row=3, max_row=12, max_col=20, values_only=True):
                for place, cell in enumerate(row[:-1]):
                    if isinstance(cell, str) and len(cell) == 2 and cell[0] in "apq" and cell[1].isdigit():
                        printed[cell] = row[place + 1] or 0
            terms = LUNGS["references"]["gli_2012"]["equations"][concept][sex]
            ours = {"a0": terms["m"]["constant"], "a1": terms["m"]["ln_height"], "a2": terms["m"]["ln_age"],
                    "p0": terms["s"]["constant"], "p1": terms["s"]["ln_age"],
                    "q0": terms["l"]["constant"], "q1": terms["l"]["ln_age"],
                    **{f"a{i}": terms["m"]["groups"][g] for i, g in enumerate(groups, 3)},
                    **{f"p{i}": terms["s"]["groups"][g] for i, g in enumerate(groups, 2)}}  # fmt: skip
            assert ours == {name: printed[name] for name in ours}, (concept, sex)


def test_gli_2012_percent_of_predicted() -> None:
    """PySpiro: man of 40 years, 175 cm, FEV1 3.0 L is 73.57 %."""
    assert gli2012("fev1", "male", 40, 175).percent(3.0) == pytest.approx(73.57, abs=0.005)


def test_gli_2012_worked_by_hand_from_the_macro() -> None:
    """Woman of 57, 165 cm, FEV1: M, S and L from the printed coefficients and the macro's splines."""
    median = exp(-9.6987 + 2.1211 * log(165) - 0.0270 * log(57) - 0.0426)
    spread = exp(-2.3765 + 0.0972 * log(57) + 0.0226)
    limit = exp(log(1 - 1.645 * 1.154 * spread) / 1.154 + log(median))  # as the workbook prints it
    found = gli2012("fev1", "female", 57, 165)
    assert found.median == pytest.approx(median, rel=1e-4)
    assert found.at(-1.645) == pytest.approx(limit, rel=1e-4)
    assert found.z(limit) == pytest.approx(-1.645, abs=1e-3)


def test_gli_2012_ratio_has_its_l_spline() -> None:
    """Man of 70: L = 4.7101 - 0.6774 ln 70 - 0.1034; software that leaves the spline out has 1.8322."""
    assert gli2012("fev1_fvc_ratio", "male", 70, 175).skew == pytest.approx(1.7288, abs=2e-4)


def test_gli_2012_interpolates_between_the_quarters() -> None:
    low, middle, high = (gli2012("fvc", "female", age, 165).median for age in (40.0, 40.125, 40.25))
    assert min(low, high) < middle < max(low, high)


def test_published_case_fits_one_height() -> None:
    """At 167.5 cm the report's percentages come out, each from the reference the laboratory used.

    FEV1 2.42 l 93 % and TLC 5.35 l 102 % (ECSC), FEV1/VC 92.37 % 116 % (GLI-2012); woman of 57.
    """
    her = Person("female", 57, 167.5)
    ecsc = reference("ecsc_1993", LUNGS)
    for concept, value, percent in (("fev1", 2.42, 93), ("tlc", 5.35, 102)):
        expected = ecsc.expected(concept, her)
        assert expected is not None
        assert round(expected.percent(value)) == percent
    assert round(gli2012("fev1_fvc_ratio", "female", 57, 167.5).percent(92.37)) == 116


def ecsc(concept: str, sex: str, age: float, height: float | None) -> Expected:
    found = reference("ecsc_1993", LUNGS).expected(concept, Person(sex, age, height))
    assert found is not None
    return found


# Worked by hand from the reprinted equations.
ECSC = [
    ("fvc", "male", 40, 175, 5.76 * 1.75 - 0.026 * 40 - 4.34),
    ("vital_capacity", "male", 50, 180, 6.10 * 1.80 - 0.028 * 50 - 4.65),
    ("vital_capacity", "female", 57, 167, 4.66 * 1.67 - 0.024 * 57 - 3.28),
    ("fev1", "female", 30, 160, 3.95 * 1.60 - 0.025 * 30 - 2.60),
    ("fev1_vc_ratio", "female", 57, None, 89.10 - 0.19 * 57),
    ("fev1_vc_ratio", "male", 65, None, 87.21 - 0.18 * 65),
    ("tlc", "male", 40, 175, 7.99 * 1.75 - 7.08),
    ("tlc", "female", 40, 165, 6.60 * 1.65 - 5.79),
    ("rv", "male", 60, 180, 1.31 * 1.80 + 0.022 * 60 - 1.23),
    ("frc", "female", 60, 160, 2.24 * 1.60 + 0.001 * 60 - 1.00),
]


@pytest.mark.parametrize(("concept", "sex", "age", "height", "predicted"), ECSC)
def test_ecsc_1993(concept: str, sex: str, age: float, height: float | None, predicted: float) -> None:
    assert ecsc(concept, sex, age, height).median == pytest.approx(predicted)


def test_ecsc_1993_percent_of_predicted() -> None:
    """PySpiro: man of 40 years, 175 cm, FVC 4.0 L is 85.11 %."""
    assert ecsc("fvc", "male", 40, 175).percent(4.0) == pytest.approx(85.11, abs=0.005)


# The distance of the lower limit from the predicted value, as printed with its rounding.
LIMITS = [
    ("vital_capacity", "male", 0.92), ("fvc", "male", 1.00), ("fev1", "male", 0.84),
    ("fev1_vc_ratio", "male", 11.8), ("tlc", "male", 1.15), ("rv", "male", 0.67), ("frc", "male", 0.99),
    ("vital_capacity", "female", 0.69), ("fvc", "female", 0.71), ("fev1", "female", 0.62),
    ("fev1_vc_ratio", "female", 10.7), ("tlc", "female", 0.99),
    ("rv", "female", 0.58), ("frc", "female", 0.82),
]  # fmt: skip


@pytest.mark.parametrize(("concept", "sex", "distance"), LIMITS)
def test_ecsc_1993_limits(concept: str, sex: str, distance: float) -> None:
    found = ecsc(concept, sex, 50, 170)
    assert found.median - found.at(-1.645) == pytest.approx(distance, abs=0.06 if distance > 2 else 0.0061)


def test_ecsc_1993_puts_in_25_years_from_18_to_25() -> None:
    assert ecsc("fvc", "male", 18, 175).median == ecsc("fvc", "male", 25, 175).median
    assert ecsc("fvc", "male", 26, 175).median < ecsc("fvc", "male", 25, 175).median


OUTSIDE = [("ecsc_1993", "tlc", Person("male", 71, 175)), ("ecsc_1993", "tlc", Person("male", 17.9, 175)),
           ("ecsc_1993", "tlc", Person("male", 40, 196)), ("ecsc_1993", "tlc", Person("female", 40, 144)),
           ("ecsc_1993", "tlc", Person("male", 40)),
           ("gli_2012", "fvc", Person("male", 2.9, 100, "caucasian")),
           ("gli_2012", "fvc", Person("male", 95.1, 170, "caucasian")),
           ("gli_2012", "fvc", Person("male", 40, 175)),
           ("gli_2012", "fvc", Person("male", 40, None, "caucasian")),
           ("gli_2017", "tlco", Person("male", 40, 175))]  # fmt: skip


@pytest.mark.parametrize(("name", "concept", "person"), OUTSIDE)
def test_references_refuse_what_they_were_not_made_for(name: str, concept: str, person: Person) -> None:
    assert reference(name, LUNGS).expected(concept, person) is None


@pytest.fixture
def gli2017(own_tables: Path) -> Reference:
    install(workbook_2017(own_tables / "book.xlsx"), LUNGS)
    return reference("gli_2017", LUNGS)


# Predicted values in SI units, and a z-score, that PySpiro's tests hold.
GLI_2017 = [
    ("tlco", "male", 40, 175, 10.10515), ("tlco", "female", 40, 165, 7.364951),
    ("tlco", "male", 30, 175, 10.68479), ("tlco", "male", 70, 175, 8.396627),
    ("kco", "female", 48.75, 165, 1.436139),
]  # fmt: skip


@pytest.mark.parametrize(("concept", "sex", "age", "height", "predicted"), GLI_2017)
def test_gli_2017(gli2017: Reference, concept: str, sex: str, age: float, height: float,
                  predicted: float) -> None:  # fmt: skip
    found = gli2017.expected(concept, Person(sex, age, height))
    assert found is not None
    assert found.median == pytest.approx(predicted, rel=1e-5)


def test_gli_2017_z_score(gli2017: Reference) -> None:
    found = gli2017.expected("tlco", Person("male", 52.25, 175))
    assert found is not None
    assert found.z(10.0) == pytest.approx(0.4048955, abs=1e-4)


def test_gli_global_2022(own_tables: Path) -> None:
    """PySpiro: man of 40 years, 175 cm, FVC 4.5 L is 95.77 %."""
    install(workbook_global(own_tables / "book.xlsx"), LUNGS)
    found = reference("gli_global_2022", LUNGS).expected("fvc", Person("male", 40, 175))
    assert found is not None
    assert found.percent(4.5) == pytest.approx(95.77, abs=0.005)


def test_gli_2021_takes_ages_as_the_table_prints_them(own_tables: Path) -> None:
    """Boy of 5, 110 cm, from the printed equation: S of TLC has the age itself, not its logarithm."""
    install(workbook_2021(own_tables / "book.xlsx"), LUNGS)
    found = reference("gli_2021", LUNGS).expected("tlc", Person("male", 5, 110))
    assert found is not None
    assert found.median == pytest.approx(
        exp(-10.5861 + 0.1433 * log(5) + 2.3155 * log(110) - 0.0911046967631)
    )
    assert found.spread == pytest.approx(exp(-2.0616143 - 0.0008534 * 5 + 0.0944106225880))
    assert found.skew == 0.9337


def test_the_distribution_is_its_own_inverse() -> None:
    for skew in (-0.5, 0.0, 0.4, 1.0, 2.2):
        found = Expected(3.0, 0.12, skew)
        assert found.z(found.median) == pytest.approx(0)
        for z in (-2.5, -1.645, 0.5, 1.645):
            assert found.z(found.at(z)) == pytest.approx(z)


def test_without_the_group_what_needs_none_is_chosen(own_tables: Path) -> None:
    def name(concept: str, group: str | None) -> str:
        found = chosen(concept, LUNGS, group)
        return found.id if found else ""

    assert name("fev1", None) == "gli_2012"
    assert name("tlc", None) == "ecsc_1993"
    assert name("kco", None) == ""
    install(workbook_global(own_tables / "global.xlsx"), LUNGS)
    install(workbook_2021(own_tables / "volumes.xlsx"), LUNGS)
    install(workbook_2017(own_tables / "transfer.xlsx"), LUNGS)
    assert name("fev1", None) == "gli_global_2022"
    assert name("fev1", "caucasian") == "gli_2012"
    assert (name("tlc", None), name("tlco", None), name("kco", None)) == ("gli_2021", "gli_2017", "gli_2017")


def test_expectations_answer_for_every_reference_and_group() -> None:
    found = expectations("fev1", Person("male", 40, 175), LUNGS)
    assert [used.id for used, _ in found] == ["gli_2012"] * 5 + ["ecsc_1993"]
    assert [used.id for used, _ in expectations("fev1", Person("male", 40, 175, "caucasian"), LUNGS)] == [
        "gli_2012", "ecsc_1993"]  # fmt: skip
