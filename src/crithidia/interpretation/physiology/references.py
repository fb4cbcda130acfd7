"""Which reference equation answers for a measurement, and what it expects.

The equations stand in ``knowledge/measurements/lungs.yaml``. Refuses ages and heights for which an
equation was not made, and guesses neither height nor ethnic group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING, Any, Final

from crithidia.interpretation.physiology.distribution import Expected
from crithidia.interpretation.physiology.installed import installed_tables
from crithidia.interpretation.physiology.splines import Splines, packaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CAUCASIAN: Final = "caucasian"
_OLDEST: Final = 120
_SOME_HEIGHT: Final = 170.0
GROUPS: Final = (CAUCASIAN, "african_american", "north_east_asian", "south_east_asian", "other_mixed")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a reference speaks of: sex, age in years, height in cm, and the group of GLI-2012.

    Height and group are None where they are not recorded.
    """

    sex: str
    age: float
    height: float | None = None
    group: str | None = None


@dataclass(frozen=True)
class Reference:
    """One published set of reference equations, with the tables it needs."""

    id: str
    data: Mapping[str, Any]
    tables: Mapping[tuple[str, str], Splines] | None

    @property
    def title(self) -> str:
        """Return the name by which it is known."""
        return str(self.data["title"])

    @property
    def citation(self) -> str:
        """Return the citation as reports print it."""
        return f"doi:{self.data['citation']['doi']}"

    @property
    def is_grouped(self) -> bool:
        """Whether the equations differ between ethnic groups."""
        return bool(self.data.get("grouped"))

    @property
    def is_at_hand(self) -> bool:
        """Whether the tables that it needs are there."""
        return self.data["kind"] == "linear" or bool(self.tables)

    @property
    def is_unverified(self) -> bool:
        """Whether its coefficients could not be checked."""
        return bool(self.data.get("unverified"))

    def expected(self, concept: str, person: Person) -> Expected | None:
        """Return what is expected of a person, or None where the equation does not reach.

        The value is in the canonical unit of the concept. A grouped equation needs the group, all
        but the ratio FEV1/VC of the ECSC need the height.
        """
        equation = self.data["equations"].get(concept)
        if equation is None or not self._reaches(person):
            return None
        terms = equation[person.sex]
        if self.data["kind"] == "linear":
            return self._linear(terms, person)
        table = (self.tables or {}).get((concept, person.sex))
        splines = table.at(person.age) if table else None
        if splines is None or person.height is None or (self.is_grouped and person.group is None):
            return None
        skew = _sum(terms["l"], person) + splines[0]
        median = exp(_sum(terms["m"], person) + splines[1]) * float(equation.get("scale", 1))
        return Expected(median, exp(_sum(terms["s"], person) + splines[2]), skew)

    def carried_on(self) -> Reference:
        """Return a regression carried on beyond its range of age and height, as devices carry it on.

        For comparing with what a device printed, not for judging a person. Tables end where they end.
        """
        if self.data["kind"] != "linear":
            return self
        youngest, _ = self.data["ages"]
        return replace(self, data={**self.data, "ages": [youngest, _OLDEST], "heights": None})

    def height_for(self, concept: str, person: Person, predicted: float) -> float | None:
        """Return the height in cm at which this value would be expected of a person of that sex and age.

        None where the equation has no term of height, or does not reach the person.
        """
        whom = replace(person, height=_SOME_HEIGHT)
        expected = self.expected(concept, whom)
        terms = self.data["equations"].get(concept, {}).get(person.sex, {})
        if expected is None or predicted <= 0:
            return None
        if self.data["kind"] == "linear":
            slope = float(terms.get("height", 0)) / 100
            return _SOME_HEIGHT + (predicted - expected.median) / slope if slope else None
        terms = terms["m"]
        above = log(predicted / expected.median)
        if terms.get("ln_height"):
            return _SOME_HEIGHT * exp(above / float(terms["ln_height"]))
        return _SOME_HEIGHT + above / float(terms["height"]) if terms.get("height") else None

    def _reaches(self, person: Person) -> bool:
        youngest, oldest = self.data["ages"]
        if not youngest <= person.age <= oldest:
            return False
        heights = self.data.get("heights")
        if heights is None or person.height is None:
            return True
        low, high = heights[person.sex]
        return bool(low <= person.height / 100 <= high)

    def _linear(self, terms: Mapping[str, float], person: Person) -> Expected | None:
        if "height" in terms and person.height is None:
            return None
        age = max(person.age, float(self.data.get("youngest", 0)))
        height = (person.height or 0.0) / 100
        predicted = terms["constant"] + terms.get("height", 0) * height + terms.get("age", 0) * age
        return Expected.linear(predicted, terms["rsd"])


def _sum(terms: Mapping[str, Any], person: Person) -> float:
    """Return the linear part of an LMS equation; height in cm, age in years."""
    height = person.height or 1.0
    value = {"ln_height": log(height), "height": height, "ln_age": log(person.age), "age": person.age}
    own = terms.get("groups", {}).get(person.group, 0.0)
    return float(terms["constant"] + own + sum(terms[name] * value[name] for name in value if name in terms))


def references(knowledge: Mapping[str, Any]) -> Iterator[Reference]:
    """Yield every reference of the knowledge; those whose tables are missing carry none."""
    for name in knowledge["references"]:
        yield reference(name, knowledge)


def reference(name: str, knowledge: Mapping[str, Any]) -> Reference:
    """Return one reference with its tables, as far as they are installed."""
    data = knowledge["references"][name]
    return Reference(name, data, _tables(name, data))


def _tables(name: str, data: Mapping[str, Any]) -> Mapping[tuple[str, str], Splines] | None:
    source = data.get("tables")
    if source is None:
        return None
    if source["from"] == "workbook":
        return installed_tables(name)
    sheets = tuple((concept, str(equation["sheet"])) for concept, equation in data["equations"].items())
    return packaged(source["package"], source["file"], sheets)


def chosen(concept: str, knowledge: Mapping[str, Any], group: str | None) -> Reference | None:
    """Return the reference that answers for a measurement.

    The first choice whose tables are there; one that needs the ethnic group gives way, where the
    group is not recorded, to one that does not.
    """
    usable = [candidate for name in knowledge["choice"].get(concept, ())
              for candidate in (reference(name, knowledge),)
              if candidate.is_at_hand]  # fmt: skip
    independent = [candidate for candidate in usable if not candidate.is_grouped]
    if group is None and independent:
        return independent[0]
    return usable[0] if usable else None


def expectations(concept: str, person: Person, knowledge: Mapping[str, Any],
                 ) -> tuple[tuple[Reference, Expected], ...]:  # fmt: skip
    """Return what every reference at hand expects of a person, for those who compare values.

    Where the group is not recorded, a grouped reference answers once for each group.
    """
    found = []
    for candidate in references(knowledge):
        for whom in everyone(candidate, person):
            expected = candidate.expected(concept, whom)
            if expected is not None:
                found.append((candidate, expected))
    return tuple(found)


def everyone(candidate: Reference, person: Person) -> tuple[Person, ...]:
    """Return the person, once for every group that may be theirs."""
    if not candidate.is_grouped or person.group is not None:
        return (person,)
    return tuple(Person(person.sex, person.age, person.height, group) for group in GROUPS)
