"""Measured values: multiples of a limit, intervals and their units, defaults, numbers with two readings."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crithidia
from crithidia.case import Interval
from crithidia.case.grades import GRADES
from crithidia.case.numerals import may_be_grouped, number, whole_number
from crithidia.case.reading import read_interval, read_quantity, read_value
from crithidia.foundation.truth import Truth
from crithidia.intake.case_file import parse_case
from crithidia.interpretation import Flag, interpret
from crithidia.interpretation.references import Person, shipped_references
from crithidia.report import to_html, to_markdown
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.interpretation import Interpretation, Measurement

WOMAN = "patient: {sex: female, age: 57 years}\n"
MAN = "patient: {sex: male, age: 57 years}\n"


def shown(laboratory: str, patient: str = WOMAN, *, settle: bool = False) -> Interpretation:
    return interpret(parse_case(f"{patient}laboratory:\n  {laboratory}\n"), defaults_settle=settle)


def measured(laboratory: str, patient: str = WOMAN) -> Measurement:
    return next(m for m in shown(laboratory, patient).measurements if m.fact.concept != "age")


@pytest.mark.parametrize(("text", "value"), [
    ("1234", "1234"), ("12.5", "12.5"), ("12,5", "12.5"), ("0,123", "0.123"), ("0.123", "0.123"),
    (".5", "0.5"),
    ("1 234", "1234"), ("1 234 567,8", "1234567.8"), ("1'234", "1234"), ("1’234.5", "1234.5"),
    ("1,234.5", "1234.5"), ("1.234,5", "1234.5"), ("1,234,567", "1234567"), ("1.234.567", "1234567"),
    ("1234,567", "1234.567"), ("1234.567", "1234.567"), ("1.234", "1.234"), ("−3", "-3"), ("-3,5", "-3.5"),
])  # fmt: skip
def test_numbers(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,234", "12,345", "-999,000"])
def test_a_comma_before_three_digits_is_refused_with_both_readings(text: str) -> None:
    with pytest.raises(ValueError, match="decimal comma or a thousands separator") as caught:
        number(text)
    assert text.replace(",", "") in str(caught.value)
    assert text.replace(",", ".") in str(caught.value)


@pytest.mark.parametrize(("text", "may_be"), [
    ("1.234", True), ("250.000", True), ("0.123", False), ("1234.567", False), ("1.23", False), ("12", False),
])  # fmt: skip
def test_a_point_before_three_digits_is_marked(text: str, may_be: bool) -> None:
    assert may_be_grouped(text) is may_be


@pytest.mark.parametrize("text", ["2560", "2 560", "2.560", "2,560", "2'560"])
def test_a_whole_number_has_no_decimal_sign(text: str) -> None:
    assert whole_number(text) == 2560


@pytest.mark.parametrize(("text", "code"), [
    ("250.000 /µl", "number_ambiguous"), ("4.500 /mm3", "number_ambiguous"), ("250 000 /µl", None),
    ("250,000/µl", "not read"), ("250.0 tys./µl", None),
])  # fmt: skip
def test_thousands_that_could_be_decimals(text: str, code: str | None) -> None:
    """250.000 /µl is 0.25 or 250 x 10*9/L, both possible in life; 250 thousand is meant."""
    if code == "not read":
        with pytest.raises(ValueError, match="thousands separator"):
            read_value(shipped_vocabulary()["platelets"], text)
        return
    doubt = measured(f'platelets: "{text}"').doubt
    assert (doubt.id if doubt else None) == code


@pytest.mark.parametrize("laboratory", ["fev1: 2.345 L", "tsh: 1.234 mIU/L", "creatinine: 1.123 mg/dL"])
def test_a_decimal_that_could_be_nothing_else_is_used(laboratory: str) -> None:
    """2345 L, 1234 mIU/L and 1123 mg/dL are impossible."""
    result = measured(laboratory)
    assert result.doubt is None
    assert result.reading is not None


def test_an_interval_that_could_be_thousands_is_not_used() -> None:
    result = measured('leucocytes: "4500 /µl (4.000-10.000)"')
    assert (result.flag, result.doubt.id if result.doubt else "") == (Flag.CANNOT_SAY, "number_ambiguous")


@pytest.mark.parametrize(("text", "low", "high", "unit"), [
    ("3 x ULN", "3", "3", "{ULN}"), ("5× GGN", "5", "5", "{ULN}"),
    ("2.5 x upper limit", "2.5", "2.5", "{ULN}"),
    ("2,5 x GGN", "2.5", "2.5", "{ULN}"), (">10x ULN", "10", None, "{ULN}"), ("3-5 x ULN", "3", "5", "{ULN}"),
    ("12 times the upper limit of normal", "12", "12", "{ULN}"), ("0.8 x LLN", "0.8", "0.8", "{LLN}"),
    ("3-krotność górnej granicy normy", "3", "3", "{ULN}"), ("0,5 x DGN", "0.5", "0.5", "{LLN}"),
])  # fmt: skip
def test_a_multiple_of_a_limit_is_read(text: str, low: str, high: str | None, unit: str) -> None:
    quantity = read_quantity(text)
    assert (quantity.low, quantity.unit) == (Decimal(low), unit)
    assert quantity.high == (None if high is None else Decimal(high))


@pytest.mark.parametrize(("laboratory", "finding", "truth"), [
    ("creatine_kinase: 3 x ULN", "elevated_creatine_kinase", Truth.PRESENT),
    ("creatine_kinase: 1 x ULN", "elevated_creatine_kinase", Truth.ABSENT),
    ("creatine_kinase: 0.8 x ULN", "elevated_creatine_kinase", Truth.ABSENT),
    ("creatine_kinase: <3 x ULN", "elevated_creatine_kinase", Truth.UNKNOWN),
    ("creatine_kinase: 15 x ULN", "creatine_kinase_over_15_times_uln", Truth.ABSENT),
    ("creatine_kinase: 15.1 x ULN", "creatine_kinase_over_15_times_uln", Truth.PRESENT),
    ("serum_igg4: 2 x ULN", "serum_igg4_at_least_2_times_upper_limit", Truth.PRESENT),
    ("complement_c3: 0.8 x LLN", "low_c3", Truth.PRESENT), ("complement_c3: 1 x LLN", "low_c3", Truth.ABSENT),
    ("complement_c3: 0.8 x ULN", "low_c3", Truth.UNKNOWN),
])  # fmt: skip
def test_a_multiple_settles_what_asks_for_the_limit(laboratory: str, finding: str, truth: Truth) -> None:
    """'Above 15 times' is not 15 times; 'at least twice' is; the other limit says nothing."""
    assert Truth.of(shown(laboratory).picture.known.get(finding)) is truth


def test_a_multiple_is_no_number() -> None:
    """500 µg/L would need the limit: a ferritin of 3 x ULN compares with nothing."""
    result = shown("ferritin: 3 x ULN")
    assert "ferritin" not in result.picture.readings
    assert result.doubts == ()


def test_a_multiple_with_its_interval_is_a_number() -> None:
    """3 x 200 U/L = 600 U/L; without the unit of the interval it stays a multiple."""
    result = measured('creatine_kinase: "3 x ULN (30-200 U/L)"')
    assert result.reading is not None
    assert (result.reading.low, result.flag, result.times_limit) == (Decimal(600), Flag.HIGH, Decimal(3))
    assert measured('creatine_kinase: "3 x ULN (30-200)"').reading is None


def test_an_age_has_no_upper_limit_of_normal() -> None:
    doubts = shown("joints_involved: 3 x ULN").doubts
    assert [doubt.id for doubt in doubts] == ["unit_not_of_quantity"]


def test_an_antibody_as_a_multiple_is_present_above_one() -> None:
    known = interpret(parse_case("autoantibodies: {anti_jo1: 5 x ULN, anti_ku: 0.5 x ULN}")).picture.known
    assert (known["anti_jo1"], known["anti_ku"]) == (True, False)


def test_an_interval_in_another_unit_is_converted() -> None:
    """12.1 g/dL against 120-160 g/L is normal, not a tenth of the limit."""
    result = measured('haemoglobin: "12.1 g/dL (120-160 g/L)"')
    assert (result.flag, result.doubt) == (Flag.NORMAL, None)
    assert result.interval == Interval(Decimal(12), Decimal(16))


def test_an_interval_in_a_unit_that_cannot_be_converted_is_doubted() -> None:
    result = measured('ferritin: "392.3 ug/L (13-150 umol/L)"')
    assert (result.doubt.id if result.doubt else "", result.reading) == ("interval_unit", None)


def test_a_remark_after_an_interval_is_no_unit() -> None:
    assert measured('ldh: "300 U/L (80-225 adults)"').flag is Flag.HIGH


def test_value_and_interval_in_the_wrong_unit_are_both_refused() -> None:
    """13.5 (2-4) is LDH in µkat/L; as U/L both would be a fiftieth of what is published."""
    result = measured('ldh: "13.5 U/L (2-4)"')
    assert (result.doubt.id if result.doubt else "", result.reading) == ("interval_not_of_unit", None)


def test_an_interval_alone_in_the_wrong_unit_leaves_the_value() -> None:
    result = measured('haemoglobin: "12.1 g/dL (120-160)"')
    assert result.doubt is not None
    assert (result.doubt.id, result.flag) == ("interval_of_another_unit", Flag.CANNOT_SAY)
    assert result.reading is not None


@pytest.mark.parametrize("laboratory", [
    "crp: 5 mg/L (<1)", "ferritin: 392 ug/L (5-150)", "ferritin: 392 ug/L (30-400)", "esr: 23 mm/h (<12)",
    "ldh: 300 U/L (240-480)", "creatine_kinase: 300 U/L (<190)", "vitamin_d_25_oh: 23.5 ng/ml (31-50)",
    "vitamin_b12: 631 pmol/l (145-569)", "complement_c4: 0.05 g/L (0.1-0.4)", "alt: 60 U/L (<35)",
    "creatinine: 108.3 µmol/l (49-90)", "urine_albumin_creatinine_ratio: 2 mg/mmol (<3)",
    "urine_protein_24h: 0.2 g/24h (<0.15)",
])  # fmt: skip
def test_the_intervals_of_real_laboratories_are_not_doubted(laboratory: str) -> None:
    assert measured(laboratory).doubt is None


@pytest.mark.parametrize(("laboratory", "patient", "flag"), [
    ("haemoglobin: 13 g/dL", WOMAN, Flag.NORMAL), ("haemoglobin: 13 g/dL", MAN, Flag.LOW),
    ("haemoglobin: 13 g/dL", "", Flag.CANNOT_SAY), ("haemoglobin: 130 g/L", MAN, Flag.LOW),
    ("haemoglobin: 11 g/dL", "patient: {age: 57 years}\n", Flag.LOW),
    ("haemoglobin: 13 g/dL", "patient: {age: 57 years}\n", Flag.CANNOT_SAY),
    ("haemoglobin: 11 g/dL", "patient: {sex: female}\n", Flag.CANNOT_SAY),
    ("creatine_kinase: 150 U/L", WOMAN, Flag.HIGH), ("creatine_kinase: 150 U/L", MAN, Flag.NORMAL),
    ("crp: 8 mg/L", WOMAN, Flag.NORMAL), ("crp: 8.1 mg/L", WOMAN, Flag.HIGH),
    ("crp: <5 mg/L", WOMAN, Flag.NORMAL), ("crp: <10 mg/L", WOMAN, Flag.CANNOT_SAY),
    ("nt_probnp: 203 pg/ml", WOMAN, Flag.CANNOT_SAY),
])  # fmt: skip
def test_defaults_by_sex_and_age(laboratory: str, patient: str, flag: Flag) -> None:
    """ABIM: haemoglobin 12-16 (women), 14-18 g/dL (men); CK 30-135, 55-170 U/L; CRP at most 0.8 mg/dL."""
    assert measured(laboratory, patient).flag is flag


def child(age: str, sex: str = "") -> str:
    return f"patient: {{age: {age} years{f', sex: {sex}' if sex else ''}}}\n"


@pytest.mark.parametrize(("laboratory", "patient", "flag"), [
    # 11.5-14.5 g/dL from 2 to 9 years; then 12.5-16.1 (boys), 12-15 (girls).
    ("haemoglobin: 11.4 g/dL", child("9"), Flag.LOW), ("haemoglobin: 11.5 g/dL", child("9"), Flag.NORMAL),
    ("haemoglobin: 12.4 g/dL", child("10", "male"), Flag.LOW),
    ("haemoglobin: 12.4 g/dL", child("10", "female"), Flag.NORMAL),
    ("haemoglobin: 12.4 g/dL", child("10"), Flag.CANNOT_SAY),
    # An age between two bands counts only where both agree.
    ("haemoglobin: 11.9 g/dL", child("9-10", "male"), Flag.CANNOT_SAY),
    ("haemoglobin: 11.4 g/dL", child("9-10", "male"), Flag.LOW),
    ("leucocytes: 15 G/l", child("9"), Flag.NORMAL), ("leucocytes: 15 G/l", child("10"), Flag.HIGH),
    ("neutrophils: 1.6 G/l", child("4"), Flag.NORMAL), ("neutrophils: 1.6 G/l", child("5"), Flag.LOW),
    ("lymphocytes: 1.9 G/l", child("4"), Flag.LOW), ("lymphocytes: 1.9 G/l", child("5"), Flag.NORMAL),
    ("platelets: 140 G/l", child("6"), Flag.LOW), ("creatinine: 0.75 mg/dL", child("9"), Flag.HIGH),
    ("creatinine: 0.75 mg/dL", child("10"), Flag.NORMAL),
    ("creatinine: 1.02 mg/dL", child("14", "male"), Flag.NORMAL),
    ("creatinine: 1.02 mg/dL", child("14", "female"), Flag.HIGH),
    ("alt: 55 U/L", child("17"), Flag.NORMAL), ("alt: 56 U/L", child("17"), Flag.HIGH),
    # The source leaves the age of 3 to both bands, 20-60 and 15-50 U/L.
    ("ast: 55 U/L", child("2"), Flag.NORMAL), ("ast: 55 U/L", child("3"), Flag.CANNOT_SAY),
    ("ast: 55 U/L", child("4"), Flag.HIGH), ("ast: 61 U/L", child("3"), Flag.HIGH),
    ("creatine_kinase: 400 U/L", child("12", "male"), Flag.NORMAL),
    ("creatine_kinase: 400 U/L", child("12", "female"), Flag.HIGH),
    ("creatine_kinase: 400 U/L", child("5", "male"), Flag.CANNOT_SAY),
    ("ldh: 300 U/L", child("8", "male"), Flag.NORMAL), ("ldh: 300 U/L", child("8", "female"), Flag.HIGH),
    ("ferritin: 100 ng/mL", child("11"), Flag.NORMAL), ("ferritin: 100 ng/mL", child("7"), Flag.HIGH),
    ("ferritin: 5 ng/mL", child("16", "female"), Flag.NORMAL),
    ("ferritin: 5 ng/mL", child("17", "female"), Flag.CANNOT_SAY),
    ("complement_c3: 0.81 g/L", child("11"), Flag.NORMAL), ("complement_c3: 0.81 g/L", child("12"), Flag.LOW),
    ("complement_c4: 0.13 g/L", child("11"), Flag.NORMAL), ("complement_c4: 0.13 g/L", child("12"), Flag.LOW),
    ("crp: 7.9 mg/L", child("1"), Flag.NORMAL), ("crp: 8 mg/L", child("1"), Flag.HIGH),
    # Nothing was seen for these.
    ("esr: 40 mm/h", child("9"), Flag.CANNOT_SAY), ("complement_c3: 0.5 g/L", child("0.5"), Flag.CANNOT_SAY),
    ("ldh: 3000 U/L", child("0.5"), Flag.CANNOT_SAY),
])  # fmt: skip
def test_defaults_of_children(laboratory: str, patient: str, flag: Flag) -> None:
    """As printed by PedSAP, Iowa, Quest, Mayo, DiaSys, ARUP and, for ferritin, from CALIPER."""
    assert measured(laboratory, patient).flag is flag


def test_the_bands_of_children_leave_no_gap_and_end_at_eighteen() -> None:
    """Within what a source covers, for either sex; creatine kinase from 6, ferritin of girls up to 17."""
    ends = {("ferritin", "female"): 17}
    for concept, intervals in shipped_references().intervals.items():
        for sex in ("female", "male"):
            bands = sorted(i.age for i in intervals if i.sex in {"", sex} and i.age[0] < 18)
            reached = bands[0][0] if bands else Decimal(18)
            for start, below in bands:
                assert start <= reached, concept
                assert below is not None
                reached = max(reached, below)
            assert reached == ends.get((concept, sex), 18), (concept, sex)


def test_a_given_interval_wins() -> None:
    result = measured('creatine_kinase: "150 U/L (<190)"')
    assert (result.flag, result.defaults) == (Flag.NORMAL, ())


def test_a_default_flags_and_settles_nothing_unless_asked() -> None:
    assert "elevated_creatine_kinase" not in shown("creatine_kinase: 850 U/L").picture.known
    assert shown("creatine_kinase: 850 U/L", settle=True).picture.known["elevated_creatine_kinase"] is True
    assert shown('creatine_kinase: "850 U/L (30-200)"').picture.known["elevated_creatine_kinase"] is True


@pytest.mark.parametrize("settle", [False, True])
def test_every_report_names_the_default(settle: bool) -> None:
    case = parse_case(WOMAN + "laboratory: {creatine_kinase: 850 U/L}")
    assessment = crithidia.assess(case, sets=["iim_eular_acr_2017"], default_intervals=settle)
    assert any(p.id == "interval_by_default_settles" for p in assessment.assumptions) is settle
    (row,) = [m for m in assessment.to_dict()["measurements"] if m["concept"] == "creatine_kinase"]  # type: ignore[attr-defined]
    assert (row["interval_origin"], row["interval"]) == ("default", "30-135")
    assert "ABIM" in row["default_interval"]["text"]
    for text in (to_html(assessment), to_markdown(assessment)):
        assert "ABIM" in text


def test_defaults_convert_exactly_and_cover_adults() -> None:
    references = shipped_references()
    adult = Person("female", (Decimal(18), Decimal(90)))
    for concept, intervals in references.intervals.items():
        assert references.possible(concept, adult), concept
        assert all(isinstance(i.factor, Fraction) for i in intervals)
    platelets = references.intervals["platelets"][0].canonical
    assert (platelets.low, platelets.high) == (Decimal(150), Decimal(450))


@pytest.mark.parametrize("unit", ["IU/mL", "RU/ml", "AU/mL", "CU", "MPL U/mL", "SGU"])
def test_arbitrary_units_do_not_convert_across_assays(unit: str) -> None:
    """45 of another assay's units is not 45 GPL: no threshold, but its own interval still speaks."""
    result = shown(f'anticardiolipin_igg: "45 {unit} (<20)"')
    assert [doubt.id for doubt in result.doubts] == ["unit_of_another_assay"]
    assert "anticardiolipin_igg_at_least_40" not in result.picture.known
    assert result.picture.known["anticardiolipin_igg"] is True


@pytest.mark.parametrize("unit", ["U/mL", "GPL", "GPL U/mL"])
def test_the_units_of_the_criteria_count(unit: str) -> None:
    assert shown(f"anticardiolipin_igg: 45 {unit}").picture.known["anticardiolipin_igg_at_least_40"] is True


def test_a_ucum_unit_that_is_not_customary_says_what_it_would_be() -> None:
    (doubt,) = shown("sodium: 14 mmol/dL").doubts
    assert doubt.id == "unit_not_customary"
    assert dict(doubt.statement.parameters)["converted"] == "140 mmol/L"


def test_a_run_without_odd_units_never_loads_the_units_library() -> None:
    import subprocess
    import sys

    example = Path(__file__).parents[2] / "examples" / "stepien-2023.yaml"
    code = (f"import sys, crithidia; crithidia.assess({str(example)!r}, sets=['uctd']); "
            "print('pint' in sys.modules, 'ucumvert' in sys.modules)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(("words", "grade"), [
    ("weakly positive", "+"), ("słabo dodatni", "+"), ("1+", "+"), ("2+", "++"), ("strongly positive", "+++"),
    ("4+", "++++"), ("graniczny", "+/-"), ("equivocal", "+/-"), ("wątpliwy", "+/-"), ("(-)", "-"),
])  # fmt: skip
def test_grades_in_words(words: str, grade: str) -> None:
    assert GRADES[words] == grade
    assert str(read_value(shipped_vocabulary()["anti_ku"], words.upper())) == grade


@pytest.mark.parametrize("text", ["3 x", "x ULN", "3 x ULN x 2", "ULN", "3 y ULN"])
def test_half_a_multiple_is_no_multiple(text: str) -> None:
    try:
        quantity = read_quantity(text)
    except ValueError:
        return
    assert not quantity.is_multiple_of_limit


def test_an_interval_of_its_own_unit_reads() -> None:
    assert read_interval("30–200 U/l") == Interval(Decimal(30), Decimal(200), unit="U/l")
    assert read_quantity("12 U/L (<5 U/L)").interval == Interval(high=Decimal(5), high_open=True)
