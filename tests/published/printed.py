"""Values of equations that others printed: reading them, and working out what we say.

The cases stand beside this file: ``kidney.yaml`` and ``lungs.yaml`` with their sources, ``cells.yaml``
with the cells of published workbooks that some of them need. A printed number is met if ours lies
within half a unit of its last place, or within what its source allows and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.document import read_document
from crithidia.foundation.library import shipped_library
from crithidia.interpretation.physiology.egfr import egfr, schwartz, u25
from crithidia.interpretation.physiology.references import Person, Reference, reference
from crithidia.interpretation.physiology.splines import STEP, Row, Splines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.interpretation.physiology.distribution import Expected

HERE: Final = Path(__file__).parent
KIDNEY: Final = shipped_library().document("measurements/kidney.yaml").data
LUNGS: Final = shipped_library().document("measurements/lungs.yaml").data
UMOL_PER_MG_DL: Final = 88.4
_FRACTION: Final = "fev1_fvc_ratio"


@dataclass(frozen=True)
class Printed:
    """One printed number: of which equation, for whom, by whom, and how near ours has to be."""

    equation: str
    inputs: str
    kind: str
    value: float
    near: float
    ours: float
    source: str

    @property
    def label(self) -> str:
        return f"{self.equation}:{self.inputs}:{self.kind}"


def written(name: str) -> Any:
    """Return what stands in one of the files beside this one."""
    return read_document(HERE / name).data


def _shown(inputs: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(inputs.items()))


# Kidney

_OUTPUT: Final = frozenset({"source", "equation", "egfr", "factor"})


def kidney(section: str = "cases") -> tuple[tuple[Printed, Fraction], ...]:
    """Return the printed eGFR values, each with the factor by which theirs differs from the equation."""
    data = written("kidney.yaml")
    return tuple(
        (_estimate(case, data["sources"][case["source"]]), Fraction(1) * _factor(case.get("factor", "1/1")))
        for case in data[section]
    )


def _factor(text: str) -> Fraction:
    above, below = text.split("/")
    return Fraction(above) / Fraction(below)


def _estimate(case: Mapping[str, Any], source: Mapping[str, Any]) -> Printed:
    inputs = {key: value for key, value in case.items() if key not in _OUTPUT}
    near = 0.5 * 10.0 ** -source["places"]
    return Printed(case["equation"], _shown(inputs), "egfr", float(case["egfr"]), near,
                   estimated(case["equation"], inputs), source["title"])  # fmt: skip


def estimated(equation: str, inputs: Mapping[str, Any]) -> float:
    """Return our eGFR for inputs as the file writes them."""
    given = {key: float(value) for key, value in inputs.items() if key != "sex"}
    if "creatinine_umol" in given:
        given["creatinine"] = given.pop("creatinine_umol") / UMOL_PER_MG_DL
    terms = KIDNEY["equations"][equation]
    if "k" in terms:
        return schwartz(terms, height_cm=given["height"], creatinine=given["creatinine"])
    age = given.pop("age")
    if "k_by_age" in terms:
        height, (marker,) = given.pop("height", 100.0), given.values()
        return u25(terms, sex=inputs["sex"], age=age, marker=marker, height_cm=height)
    return egfr(terms, sex=inputs["sex"], age=age, **given)


# Lungs


def lungs(section: str = "people") -> tuple[tuple[Printed, float], ...]:
    """Return the printed values of lung function, each with what theirs adds to the equation."""
    data = written("lungs.yaml")
    tables = {name: _tables(name) for name in written("cells.yaml")}
    return tuple(
        (printed, float(person.get("add", 0)))
        for person in data[section]
        for printed in _of_person(person, data["sources"][person["source"]], tables)
    )


def _tables(name: str) -> dict[tuple[str, str], Splines]:
    """Return tables that hold the published cells and zeros between them, which no case reaches."""
    return {
        (concept, sex): _splines({float(age): (0.0, *cell) for age, cell in cells.items()})
        for concept, sexes in written("cells.yaml")[name].items()
        for sex, cells in sexes.items()
    }


def _splines(cells: Mapping[float, Row]) -> Splines:
    """Return a table from the first age to one step after the last."""
    first, last = min(cells), max(cells)
    count = round((last - first) / STEP) + 2
    return Splines(first, tuple(cells.get(first + i * STEP, (0.0, 0.0, 0.0)) for i in range(count)))


def _reference(name: str, tables: Mapping[str, Any]) -> Reference:
    if name in tables:
        return Reference(name, LUNGS["references"][name], tables[name])
    return reference(name, LUNGS)


def _of_person(
    case: Mapping[str, Any], source: Mapping[str, Any], tables: Mapping[str, Any]
) -> Iterator[Printed]:
    used = _reference(case["reference"], tables)
    person = Person(case["sex"], float(case["age"]), float(case["height"]), case.get("group"))
    whom = _shown({key: case[key] for key in ("sex", "age", "height", "group") if key in case})
    for kind in ("predicted", "lower", "upper", "percent", "z"):
        for concept, value in case.get(kind, {}).items():
            expected = used.expected(concept, person)
            assert expected is not None, (case, concept)
            printed = value[1] if isinstance(value, list) else value
            ours = _said(expected, kind, value, _scale(used.id, concept))
            yield Printed(f"{used.id}:{concept}", whom, kind, float(printed), _near(source, kind, concept),
                          ours, source["title"])  # fmt: skip


def _scale(name: str, concept: str) -> float:
    """Return what a printed value is multiplied by to be in our unit: GLI prints the ratio as a fraction."""
    return 100.0 if concept == _FRACTION and name.startswith("gli") else 1.0


def _said(expected: Expected, kind: str, value: Any, scale: float) -> float:
    if kind == "percent":
        return expected.percent(float(value[0]) * scale)
    if kind == "z":
        return expected.z(float(value[0]) * scale)
    score = {"predicted": 0.0, "lower": -1.645, "upper": 1.645}[kind]
    return expected.at(score) / scale


def _near(source: Mapping[str, Any], kind: str, concept: str) -> float:
    places = source["places"]
    units = source["within"].get(concept, source["within"]["default"])
    last = places[kind] if isinstance(places, dict) else places
    return float(units) * 10.0 ** -int(last) * (1 + 1e-6)
