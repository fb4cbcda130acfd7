"""Worked cases: what stands in ``tests/criteria/<id>.yaml``, and whether a result is as expected.

The tests and the mutation check (``make mutate``) judge a result by the same function. Facts are
read as those of a case file, so that a worked case may give a value with its unit and interval
(``3100 U/L (0-200)``), a time (``{is: present, at: 2020-01-01}``) or a list of these. ``published``
names who printed the total that the case expects; ``tests/published/test_bar.py`` counts these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Case, Fact, Quantity
from crithidia.evaluation import Reason
from crithidia.foundation.document import read_document
from crithidia.foundation.numbers import decimal_of, rounded
from crithidia.intake.case_file import parse_case
from crithidia.interpretation import interpret, shipped_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.evaluation import Result
    from crithidia.interpretation import Picture
    from crithidia.interpretation.rules import Rules

HERE: Final = Path(__file__).parent
FILES: Final = tuple(sorted(HERE.glob("*.yaml")))
ASKED: Final = frozenset({"verdict", "reason", "score"})
EXPECTED: Final = ASKED | {"column", "category", "probability", "subgroup"}


@dataclass(frozen=True)
class WorkedCase:
    """One case with its facts as written and what is expected of them."""

    set_id: str
    line: int
    name: str
    why: str
    facts: Mapping[str, Any]
    assume_absent: bool
    expect: Mapping[str, Any]
    published: str = ""

    @property
    def label(self) -> str:
        return f"{self.set_id}:{self.line}:{self.name}"

    @property
    def is_plain(self) -> bool:
        """Whether every fact is a single value, without a time."""
        return not any(isinstance(value, dict | list) for value in self.facts.values())


def worked_cases(path: Path) -> tuple[WorkedCase, ...]:
    """Read the worked cases of one set."""
    document = read_document(path)
    return tuple(
        WorkedCase(
            set_id=document.data["set"],
            line=document.where("cases", i).line,
            name=str(raw["name"]),
            why=str(raw.get("why") or ""),
            facts=raw["facts"],
            assume_absent=raw.get("rest", "unknown") == "absent",
            expect=raw["expect"],
            published=str(raw.get("published") or ""),
        )
        for i, raw in enumerate(document.data["cases"])
    )


def case_of(worked: WorkedCase) -> Case:
    """Return the facts of a worked case, read as a case file is. Raises ``InputError``.

    A bare number is in the unit in which the quantity is compared.
    """
    numbers = {name: value for name, value in worked.facts.items() if isinstance(value, int | float)}
    written = {name: value for name, value in worked.facts.items()
               if name not in numbers and value != "unknown"}  # fmt: skip
    case = parse_case(json.dumps({"findings": written}), worked.label) if written else Case("worked", ())
    return replace(case, facts=(*case.facts, *map(_measured, numbers, numbers.values())))


def _measured(concept: str, number: float) -> Fact:
    unit = shipped_units().quantities[concept].unit
    return Fact(concept, Quantity.exactly(decimal_of(number), unit))


def picture_of(worked: WorkedCase, rules: Rules | None = None) -> Picture:
    """Return what the facts of a worked case show, by the shipped rules or the ones given."""
    return interpret(case_of(worked), rules=rules).picture


def failure(result: Result, expect: Mapping[str, Any]) -> str:
    """Return the first thing that is not as expected, or an empty string."""
    for key in ("verdict", "reason", "score", "category", "probability", "subgroup"):
        if key in expect:
            wanted, found = _CHECKS[key](result, expect)
            if wanted != found:
                return f"{key}: {_shown(wanted)} was expected, {_shown(found)} was found"
    return ""


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _verdict(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    return expect["verdict"], result.verdict.value


def _reason(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    return expect["reason"], result.reason.value


def _score(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    score = result.score_in(expect["column"]) if "column" in expect else result.score
    return tuple(Decimal(str(number)) for number in expect["score"]), (score.low, score.high)


def _category(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    """``none`` says that no category is certainly reached; one reached by points must classify."""
    category = result.category
    found = category.id if category else "none"
    if category and not category.classified and result.reason is Reason.SCORE_REACHED:
        found += ", which does not classify"
    return expect["category"], found


def _probability(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    found = tuple(rounded(number, 3) for number in result.probability or ())
    return tuple(Decimal(str(number)) for number in expect["probability"]), found


def _subgroup(result: Result, expect: Mapping[str, Any]) -> tuple[Any, Any]:
    return sorted(expect["subgroup"]), sorted(subgroup.id for subgroup in result.subgroups)


_CHECKS: Final = {"verdict": _verdict, "reason": _reason, "score": _score, "category": _category,
                  "probability": _probability, "subgroup": _subgroup}  # fmt: skip
