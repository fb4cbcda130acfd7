"""The unit table against the functional tests of the UCUM community and against the UCUM library."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from crithidia.interpretation import shipped_units, ucum

FILE = Path(__file__).parent / "ucum_functional_tests.yaml"
CASES: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
TABLE = shipped_units()
ARBITRARY = {"arbitrary_concentration", "multiple_of_limit"}
# Standard atomic weights, abridged (IUPAC 2021, doi:10.1515/pac-2019-0603)
ATOMS = {"H": "1.0080", "C": "12.011", "N": "14.007", "O": "15.999", "P": "30.974", "Co": "58.933"}


@pytest.mark.parametrize(("case", "unit"), CASES["valid"])
def test_a_valid_unit_is_valid(case: str, unit: str) -> None:
    assert ucum.is_ucum(unit), case


@pytest.mark.parametrize(("case", "unit"), CASES["invalid"])
def test_an_invalid_unit_is_neither_valid_nor_in_the_table(case: str, unit: str) -> None:
    assert not ucum.is_ucum(unit), case
    assert TABLE.code_of(unit) is None, case


@pytest.mark.parametrize(("case", "value", "unit", "into", "outcome"),
                         [(case, *rest) for case, rest in CASES["conversions"].items()])  # fmt: skip
def test_a_conversion_has_the_outcome(case: str, value: str, unit: str, into: str, outcome: str) -> None:
    """To the precision that the file prints (its note: 2 digits of 6.3 give 25, three of 6.30 give 25.2)."""
    factor = ucum.ratio(unit, into)
    assert factor is not None, case
    digits = len(Decimal(value).as_tuple().digits)
    exact = float(outcome)
    tolerance = 10 ** (1 - digits) if digits > 1 else 1e-5
    assert float(value) * factor == pytest.approx(exact, rel=tolerance), case


def test_every_unit_of_the_file_that_the_table_knows_is_read_as_itself() -> None:
    """The units that the vocabulary uses: the code as it stands, or one of the same size."""
    asked = 0
    for case, unit in CASES["valid"]:
        code = TABLE.code_of(unit)
        if code is None or unit in {"Ms", "S"}:  # case is ignored: no laboratory means megaseconds or siemens
            continue
        asked += 1
        enzyme = code == "U/L" and unit.lower() == "[iu]/l"  # an international unit of an enzyme is 1 U
        arbitrary = TABLE.dimension[code] in ARBITRARY
        assert code == unit or arbitrary or enzyme or ucum.ratio(unit, code) == pytest.approx(1), case
    assert asked >= 50


@pytest.mark.parametrize("code", TABLE.display)
def test_every_code_of_the_table_is_ucum(code: str) -> None:
    assert ucum.is_ucum(code)


def test_a_dimension_of_the_table_is_one_dimension_of_the_library() -> None:
    for one, other in combinations(TABLE.display, 2):
        if TABLE.dimension[one] == TABLE.dimension[other] and TABLE.dimension[one] not in ARBITRARY:
            if TABLE.dimension[one] in {"temperature", "volume_rate_per_body_surface"}:
                continue  # another zero; annotations, which the library leaves out
            assert ucum.ratio(one, other) is not None, (one, other)


@pytest.mark.parametrize("name", TABLE.quantities)
def test_every_factor_of_one_dimension_is_exact(name: str) -> None:
    """Each pair of units of one dimension: the ratio of the factors is the ratio of the units, exactly."""
    factors = TABLE.quantities[name].factors
    for one, other in combinations(factors, 2):
        size = ucum.ratio(_plain(one), _plain(other))
        if TABLE.dimension[one] in ARBITRARY or size is None or _molar(one) != _molar(other):
            continue
        if "/(4.mm2)" in {one, other}:
            continue  # a focus score without a unit is per 4 mm2, as the score is defined
        exact = Fraction(min(size, 1 / size)).limit_denominator(10**7)
        assert factors[one] / factors[other] == (exact if size < 1 else 1 / exact), (name, one, other, size)


def _plain(code: str) -> str:
    return re.sub(r"/?\{[^}]*\}", "", code) or "1"


def _molar(code: str) -> bool:
    return "mol" in code or "eq" in code


@pytest.mark.parametrize("name", [n for n, kind in TABLE.quantities.items() if kind.molar_mass])
def test_factors_between_mass_and_substance_follow_from_the_molar_mass(name: str) -> None:
    """Laboratories round them; 0.2 percent is the most that the rounding makes (1 mg/g: 0.113 mg/mmol)."""
    kind = TABLE.quantities[name]
    assert kind.molar_mass is not None
    grams = float(kind.molar_mass)
    compared = 0
    for one, other in combinations(kind.factors, 2):
        if _molar(one) == _molar(other):
            continue
        mass, substance = (other, one) if _molar(one) else (one, other)
        if TABLE.dimension[mass] == "ratio":  # per gram of creatinine, against per mole of it
            expected = _size(mass, "g/g") * grams / _size(substance, "g/mol")
        else:
            expected = _size(mass, "g/L") / grams / _size(substance, "mol/L")
        ours = float(kind.factors[mass] / kind.factors[substance])
        assert ours == pytest.approx(expected, rel=2e-3), (name, mass, substance)
        compared += 1
    assert compared or name == "ferritin"  # its molar results are refused


def _size(code: str, unit: str) -> float:
    size = ucum.ratio(code, unit)
    assert size is not None
    return size


def test_molar_masses_add_up() -> None:
    from crithidia.foundation.library import shipped_library

    data = shipped_library().document("measurements/quantities.yaml").data
    added = 0
    for name, entry in data.items():
        formula = entry.get("molar_mass", {}).get("formula")
        if formula:
            parts = re.findall(r"([A-Z][a-z]?)([0-9]*)", formula)
            total = sum(Decimal(ATOMS[atom]) * int(count or 1) for atom, count in parts)
            assert float(entry["molar_mass"]["g_per_mol"]) == pytest.approx(float(total), rel=1e-4), name
            added += 1
    assert added >= 10


@pytest.mark.parametrize(("code", "canonical", "size"), [
    ("mmol/dL", "mmol/L", 10), ("kg/m3", "g/L", 1), ("ng/cm3", "ug/L", 1), ("U/dL", "U/L", 10),
])  # fmt: skip
def test_an_unlisted_unit_has_a_size(code: str, canonical: str, size: float) -> None:
    assert ucum.ratio(code, canonical) == pytest.approx(size)


@pytest.mark.parametrize(("code", "canonical"), [
    ("[IU]/mL", "/mL"), ("[iU]/L", "10*9/L"), ("[GPL'U]/mL", "[MPL'U]/mL"), ("{RU}/mL", "{AU}/mL"),
    ("g/L", "mmol/L"), ("Cel", "[degF]"), ("foo", "g/L"), ("", "g/L"),
])  # fmt: skip
def test_what_is_not_commensurable_has_none(code: str, canonical: str) -> None:
    """An arbitrary unit is commensurable with itself only, whatever a library makes of it."""
    assert ucum.ratio(code, canonical) is None
