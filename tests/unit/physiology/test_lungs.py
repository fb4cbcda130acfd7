"""Spirometry, volumes and transfer factor of whole cases: z-scores, patterns, what stays open.

Expected z-scores are worked out from the printed equations of the ECSC (value - predicted) / RSD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crithidia.assessment import assess
from crithidia.definition import Has
from crithidia.foundation.truth import Truth
from crithidia.intake import parse_case
from crithidia.interpretation.physiology import shipped_physiology
from crithidia.interpretation.physiology.ventilation import grade
from crithidia.report import to_json
from tests.unit.physiology.shared import LUNGS, derived, shown, workbook_2017

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.definition import Atom

pytest.importorskip("spiref")


@pytest.fixture(autouse=True)
def no_tables_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRITHIDIA_DATA", str(tmp_path))
    return tmp_path


def case(lung_function: str, *, sex: str = "male", age: str = "50 years", height: str = "180 cm",
         group: str = "caucasian") -> str:  # fmt: skip
    body = f"height: {height}" if height else ""
    group = f", gli_ethnic_group: {group}" if group else ""
    return (f"patient: {{sex: {sex}, age: {age}}}\nexamination: {{{(body + group).strip(', ')}}}\n"
            f"lung_function: {{{lung_function}}}\n")  # fmt: skip


# Severity by ERS/ATS 2021: -1.65 to -2.5 mild, -2.51 to -4.0 moderate, below -4.1 severe.
GRADES = [
    (-1.65, "mild"),
    (-2.5, "mild"),
    (-2.51, "moderate"),
    (-4.0, "moderate"),
    (-4.1, "severe"),
    (-9, "severe"),
]


@pytest.mark.parametrize(("z", "expected"), GRADES)
def test_severity_at_its_limits(z: float, expected: str) -> None:
    assert grade(z, LUNGS["severity"]["grades"]) == expected


# Man of 50, 180 cm: VC 6.10 × 1.80 - 0.028 × 50 - 4.65 = 4.93, RSD 0.56; TLC 7.302, RSD 0.70.
Z_SCORES = [
    ("vital_capacity: 4.93 l", "vital_capacity_z_score", "0", "lung_z_normal"),
    ("vital_capacity: 4.37 l", "vital_capacity_z_score", "-1", "lung_z_normal"),
    ("vital_capacity: 4.01 l", "vital_capacity_z_score", "-1.64", "lung_z_normal"),  # 4.0088 is the limit
    ("vital_capacity: 4.00 l", "vital_capacity_z_score", "-1.66", "lung_z_mild"),
    ("vital_capacity: 3.53 l", "vital_capacity_z_score", "-2.5", "lung_z_mild"),
    ("vital_capacity: 3.52 l", "vital_capacity_z_score", "-2.52", "lung_z_moderate"),
    ("vital_capacity: 2.60 l", "vital_capacity_z_score", "-4.16", "lung_z_severe"),
    ("tlc: 8.5 l", "tlc_z_score", "1.71", "lung_z_high"),
    ("tlc: 5500 ml", "tlc_z_score", "-2.57", "lung_z_moderate"),
    ("tlc: 6.0-6.4 l", "tlc_z_score", "-1.86 … -1.29", "lung_z_open"),
    ("tlc: 5.0-6.0 l", "tlc_z_score", "-3.29 … -1.86", "lung_z_low"),
]


@pytest.mark.parametrize(("entry", "concept", "z", "note"), Z_SCORES)
def test_z_scores(entry: str, concept: str, z: str, note: str) -> None:
    found = derived(case(entry))[concept, "ecsc_1993"]
    assert found.shown == z
    assert found.note is not None
    assert found.note.id == note


def test_the_note_gives_what_was_expected() -> None:
    document = to_json(assess(parse_case(case("vital_capacity: 4.00 l")), sets=["ssc_acr_eular_2013"]), "pl")
    assert "wartość należna 4,93 l, dolna granica normy 4,01 l, 81% wartości należnej" in document


@pytest.mark.parametrize("text", [
    case("vital_capacity: 4.0 l", height=""),
    case("vital_capacity: 4.0 l", height="200 cm"),  # the equation ends at 195 cm
    case("vital_capacity: 4.0 l", age="71 years"),
    case("vital_capacity: 4.0 l").replace("sex: male, ", ""),
])  # fmt: skip
def test_without_what_the_equation_needs_there_is_no_z_score(text: str) -> None:
    assert "vital_capacity_z_score" not in shown(text)


def test_height_within_bounds_gives_a_z_score_within_bounds() -> None:
    """VC 4.0 l: at 175 cm predicted 4.625, z -1.12; at 185 cm 5.235, z -2.21."""
    found = derived(case("vital_capacity: 4.0 l", height="175-185 cm"))["vital_capacity_z_score", "ecsc_1993"]
    assert found.shown == "-2.21 … -1.12"
    assert found.note is not None
    assert found.note.id == "lung_z_open"


def test_without_the_ethnic_group_gli_2012_answers_for_all_groups() -> None:
    """Man of 40, 175 cm, FEV1 3.0 l: z -2.08 as Caucasian; the other groups expect less."""
    known = derived(case("fev1: 3.0 l", age="40 years", height="175 cm"))["fev1_z_score", "gli_2012"]
    assert known.shown == "-2.08"
    found = derived(case("fev1: 3.0 l", age="40 years", height="175 cm", group=""))[
        "fev1_z_score", "gli_2012"
    ]
    low, high = (float(end) for end in found.shown.split(" … "))
    assert low <= -2.08 < -1 < high
    assert found.number is None


def test_ratios_come_from_one_visit() -> None:
    text = """\
lung_function:
  fev1: {is: 2.0 l, at: admission}
  fvc: {is: 4.0 l, at: admission}
visits:
  - at: +1 year
    lung_function: {fev1: 1.5 l}
"""
    assert shown(text)["fev1_fvc_ratio"] == "50"


# Bronchodilator: man of 50, 170 cm, 'other' group; GLI-2012 expects 3.3157 l of FEV1.
RESPONSES = [
    ("2.40 l", "12.1", "bronchodilator_response_yes"),  # 0.4 / 3.3157
    ("2.34 l", "10.3", "bronchodilator_response_yes"),
    ("2.33 l", "10", "bronchodilator_response_no"),  # 0.33 / 3.3157 = 9.95
    ("1.90 l", "-3", "bronchodilator_response_no"),
    ("2.3-2.4 l", "9 … 12.1", "bronchodilator_response_open"),
]


@pytest.mark.parametrize(("after", "change", "note"), RESPONSES)
def test_bronchodilator_response_is_more_than_10_percent_of_predicted(
    after: str, change: str, note: str
) -> None:
    text = case(f"fev1: 2.0 l, fev1_post_bronchodilator: {after}", height="170 cm", group="other_mixed")
    found = derived(text)["fev1_bronchodilator_change", "bronchodilator_response"]
    assert found.shown == change
    assert found.note is not None
    assert found.note.id == note


def pattern(**truths: bool) -> str:
    """Return the pattern of some findings below their limits; what is not named is unknown."""
    names = {"ratio": "fev1_vc_below_lower_limit", "vc": "vital_capacity_below_lower_limit",
             "fev1": "fev1_below_lower_limit", "tlc": "tlc_below_lower_limit"}  # fmt: skip
    known = {names[name]: value for name, value in truths.items()}

    def truth(atom: Atom) -> Truth:
        assert isinstance(atom, Has)
        return Truth.of(known.get(atom.concept))

    return "/".join(shipped_physiology().ventilatory.possible(truth))


# ERS/ATS 2021: obstruction by the ratio, restriction by TLC, mixed by both; a low VC alone settles nothing.
PATTERNS = [
    ({"ratio": False, "vc": False, "fev1": False}, "normal"),
    ({"ratio": False, "vc": False, "fev1": False, "tlc": False}, "normal"),
    ({"ratio": True, "vc": False}, "obstruction"),
    ({"ratio": True, "vc": False, "tlc": False}, "obstruction"),
    ({"ratio": True, "vc": True, "tlc": False}, "obstruction"),
    ({"ratio": True, "vc": True, "tlc": True}, "mixed"),
    ({"ratio": True, "vc": False, "tlc": True}, "mixed"),
    ({"ratio": True, "tlc": True}, "mixed"),
    ({"ratio": True, "vc": True}, "mixed/obstruction"),
    ({"ratio": True}, "mixed/obstruction"),
    ({"ratio": False, "vc": True, "tlc": True}, "restriction"),
    ({"ratio": False, "vc": False, "fev1": False, "tlc": True}, "restriction"),
    ({"ratio": False, "vc": True, "tlc": False}, "non_specific"),
    ({"ratio": False, "vc": True}, "restriction/non_specific"),
    ({"ratio": False, "vc": False, "fev1": True}, "isolated_low_fev1"),
    ({"ratio": False, "vc": False}, "isolated_low_fev1/normal/restriction"),
    ({"ratio": False}, "restriction/non_specific/isolated_low_fev1/normal"),
    ({"vc": True, "tlc": True}, "mixed/restriction"),
    ({"tlc": False, "vc": True}, "obstruction/non_specific"),
]


@pytest.mark.parametrize(("truths", "expected"), PATTERNS)
def test_ventilatory_pattern(truths: dict[str, bool], expected: str) -> None:
    assert pattern(**truths) == expected


# Man of 50, 180 cm: FEV1/VC 78.21 ± 7.17 (limit 66.4), VC 4.93 (4.01), TLC 7.302 (6.15).
WHOLE = [
    ("fev1: 4.0 l, vc_max: 5.0 l", "normal"),
    ("fev1: 2.4 l, vc_max: 5.0 l", "obstruction"),  # 48 %
    ("fev1: 2.8 l, vc_max: 3.4 l, tlc: 5.0 l", "restriction"),
    ("fev1: 2.8 l, vc_max: 3.4 l, tlc: 7.0 l", "non_specific"),
    ("fev1: 2.8 l, vc_max: 3.4 l", "restriction/non_specific"),
    ("fev1: 1.5 l, vc_max: 3.4 l, tlc: 5.0 l", "mixed"),
    ("fev1: 1.5 l, vc_max: 3.4 l, tlc_below_lower_limit: absent", "obstruction"),  # TLC as stated
]


@pytest.mark.parametrize(("entries", "expected"), WHOLE)
def test_pattern_of_a_case(entries: str, expected: str) -> None:
    assert shown(case(entries))["ventilatory_pattern"] == expected


def test_an_open_pattern_says_what_would_decide() -> None:
    found = derived(case("fev1: 2.8 l, vc_max: 3.4 l"))["ventilatory_pattern", "ventilatory_pattern"]
    assert found.note is not None
    assert dict(found.note.parameters)["concepts"] == ("tlc",)
    without = derived(case("fev1: 2.8 l, vc_max: 3.4 l, tlc: 5 l", height=""))[
        "ventilatory_pattern", "ventilatory_pattern"
    ]
    assert without.note is not None
    assert dict(without.note.parameters)["concepts"] == ("height",)


def test_vital_capacities_that_disagree_settle_nothing() -> None:
    """VCmax 3.4 l is low, VC 4.5 l is not; FEV1 is low, so the pattern is not normal but stays open."""
    found = shown(case("fev1: 2.8 l, vc_max: 3.4 l, vital_capacity: 4.5 l, tlc: 7.0 l"))
    assert found["ventilatory_pattern"] == "non_specific/isolated_low_fev1"


def test_nothing_is_said_without_a_ratio_or_a_tlc() -> None:
    assert "ventilatory_pattern" not in shown(case("vital_capacity: 3.0 l"))


def test_gas_transfer(no_tables_of_the_user: Path) -> None:
    """Man of 40, 175 cm, by GLI-2017 with splines of zero for KCO and VA; TLCO expects 10.1, limit 7.7."""
    pytest.importorskip("openpyxl")
    from crithidia.interpretation.physiology.workbook import install

    install(workbook_2017(no_tables_of_the_user / "book.xlsx"), LUNGS)

    def of(entries: str) -> str:
        return shown(case(entries, age="40 years", height="175 cm")).get("gas_transfer_pattern", "")

    assert of("tlco: 10 mmol/min/kPa") == "normal"
    assert of("tlco: 14 mmol/min/kPa") == "high"
    assert (
        of("tlco: 4 mmol/min/kPa, kco: 0.7 mmol/min/kPa/L, alveolar_volume: 4 l")
        == "low_with_low_kco_and_low_volume"
    )
    assert (
        of("tlco: 4 mmol/min/kPa, kco: 1.6 mmol/min/kPa/L, alveolar_volume: 3 l") == "low_with_preserved_kco"
    )
    assert of("tlco: 4 mmol/min/kPa, alveolar_volume: 7 l") == "low_with_low_kco_and_normal_volume"
    assert of("tlco: 4 mmol/min/kPa").split("/") == [
        "low_with_low_kco_and_normal_volume", "low_with_low_kco_and_low_volume", "low_with_preserved_kco",
    ]  # fmt: skip


def limits(text: str) -> dict[str, dict[str, object]]:
    return {p.id: dict(p.parameters) for p in assess(parse_case(text), sets=["ssc_acr_eular_2013"]).limits}


def test_percent_of_predicted_without_height() -> None:
    """74 % of VC lies below the fixed 80 %; whether below the lower limit cannot be said."""
    text = case("vc_max: {is: 2.62 l, predicted: 74%}", sex="female", age="57 years", height="")
    found = limits(text)
    assert str(found["percent_predicted_below_fixed"]["values"]).count("74%") == 2
    assert "percent_predicted_below_fixed" not in limits(
        case("vc_max: {is: 2.62 l, predicted: 81%}", height="")
    )
    assert "percent_predicted_below_fixed" not in limits(case("vc_max: {is: 2.62 l, predicted: 74%}"))


def test_what_holds_at_every_height_is_said() -> None:
    """Woman of 57: at 180 cm the limit of TLC is 6.09 - 0.99 = 5.10, that of VC 3.74 - 0.69 = 3.05."""
    text = case(
        "tlc: 5.35 l, vital_capacity: {is: 3.54 l, predicted: 79%}", sex="female", age="57 years", height=""
    )
    found = limits(text)
    assert len(tuple(found["within_limits_at_every_height"]["values"])) == 2  # type: ignore[arg-type]
    assert "percent_predicted_below_fixed" not in found
    low = limits(case("tlc: 2.7 l", sex="female", age="57 years", height=""))  # at 145 cm 3.78 - 0.99 = 2.79
    assert "below_limits_at_every_height" in low
    neither = limits(case("tlc: 4.0 l", sex="female", age="57 years", height=""))
    assert not {"within_limits_at_every_height", "below_limits_at_every_height"} & set(neither)


def test_missing_tables_are_named() -> None:
    found = limits(case("kco: 1.2 mmol/min/kPa/L"))
    assert found["reference_tables_missing"]["concepts"] == ("kco",)
