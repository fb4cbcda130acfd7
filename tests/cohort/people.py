"""Random people as a wide table, and what the reference engine says of them.

Numbers are drawn at, just below and just above every threshold, beside limits that multiply to inexact
doubles, outside the plausible range, and as NaN.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crithidia.case import Case, Code, Fact, Interval, Presence, Quantity, Titre
from crithidia.case.fact_table import LOWER_LIMIT, NUMBER, TITRE, UPPER_LIMIT, wide_columns
from crithidia.definition import Compares, shipped_criteria, shipped_criteria_ids
from crithidia.evaluation import compiled_set, evaluate_picture
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.truth import Truth
from crithidia.interpretation import interpret, shipped_units
from crithidia.interpretation.references import shipped_references
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    Rng = np.random.Generator
    Row = Mapping[str, Any]

WHAT = ("verdict", "low", "high", "reason", "column", "category")
UPPER = (10.0, 14.1, 20.0, 40.5, 170.0, 200.0)
LOWER = (0.0, 0.5, 1.0, 4.1, 7.0)
FITTING = (0.11, 1 / 9, 0.2, 0.25, 0.9, 1.0, 1.1, 4.0, 5.0, 9.0, 9.5)
TITRES = (40.0, 80.0, 100.0, 160.0, 320.0, 640.0, 1000.0, 1280.0, 1600.0, 4000.0)
TIMES_A_LIMIT = (42.3, 30.0, 28.2, 15 * 14.1, 121.5, 51.0)


def people(number: int, seed: int, missing: tuple[float, float] = (0.2, 0.9)) -> pa.Table:
    """Return a wide table with every column there is; each is missing in a share drawn from the range."""
    rng = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {"person_id": pa.array([f"p{i}" for i in range(number)])}
    sick = rng.random(number)
    for concept in shipped_vocabulary().concepts.values():
        for name, kind in wide_columns(concept):
            gone = rng.random(number) < rng.uniform(*missing)
            columns[name] = _column(concept, name, kind, gone, sick, rng)
    return pa.table(columns)


def _column(concept: Concept, name: str, kind: str, gone: Any, sick: Any, rng: Rng) -> pa.Array:
    number = len(sick)
    if kind == "bool":
        return pa.array(rng.random(number) < sick * rng.uniform(0.05, 0.9), mask=gone)
    if kind == "string":
        choices = np.array([*concept.choices], dtype=object)
        return pa.array(choices[rng.integers(0, len(choices), number)], mask=gone, type=pa.string())
    return pa.array(_numbers(concept, name, number, rng), mask=gone)


def _numbers(concept: Concept, name: str, number: int, rng: Rng) -> Any:
    for ending, values in ((UPPER_LIMIT, UPPER), (LOWER_LIMIT, LOWER), (TITRE, TITRES)):
        if name.endswith(ending):
            return rng.choice((*values, *_published(concept, ending)), number)
    kind = shipped_units().quantities.get(concept.id)
    low, high = (0.0, 500.0) if kind is None else (float(kind.plausible[0]), float(kind.plausible[1]))
    found = np.round(rng.uniform(low - 0.02 * (high - low), high, number), 2)
    cuts = [n for cut in _cuts().get(concept.id, ()) for n in (cut, round(cut - 0.1, 6), round(cut + 0.1, 6))]
    if cuts:
        found = np.where(rng.random(number) < 0.7, rng.choice(cuts, number), found)
    found = np.where(rng.random(number) < 0.1, rng.choice(TIMES_A_LIMIT, number), found)
    return np.where(rng.random(number) < 0.05, np.nan, found)


def _published(concept: Concept, ending: str) -> list[float]:
    """Return limits as published and so many times off, where a unit begins to be doubted."""
    usual = [r.canonical for r in shipped_references().intervals.get(concept.id, ())]
    limits = [i.high if ending == UPPER_LIMIT else i.low for i in usual] if ending != TITRE else []
    found = [round(float(limit) * times, 6) for limit in limits if limit for times in FITTING]
    upper = ending == UPPER_LIMIT
    return [n for n in found if (n >= max(UPPER) if upper else n <= min(UPPER))]


@lru_cache(maxsize=1)
def _cuts() -> dict[str, set[float]]:
    """Every threshold that anything is compared with."""
    found: dict[str, set[float]] = defaultdict(set)
    atoms = [*(a for s in shipped_criteria() for a in s.atoms),
             *(a for rule in shipped_rules().thresholds for a in rule.when.atoms())]  # fmt: skip
    for atom in atoms:
        if isinstance(atom, Compares):
            found[atom.concept].add(float(atom.threshold))
    return found


def case_of(row: Row) -> Case:
    """Return the case that a row of a wide table describes."""
    facts = (fact for concept in shipped_vocabulary().concepts.values() for fact in _facts(concept, row))
    return Case("row", tuple(facts))


def _facts(concept: Concept, row: Row) -> Iterator[Fact]:
    value = row.get(concept.id)
    if concept.kind is Kind.CODE:
        if value is not None:
            yield Fact(concept.id, Code(value))
        return
    if concept.kind is Kind.QUANTITY:
        yield from _quantity(concept, concept.id, row)
        return
    if not concept.takes_presence:
        return
    if value is not None:
        yield Fact(concept.id, Presence(Truth.of(value)))
    titre = _decimal(row, concept.id + TITRE)
    if titre is not None:
        yield Fact(concept.id, Titre(int(titre)))
    yield from _quantity(concept, concept.id + NUMBER, row)


def _quantity(concept: Concept, column: str, row: Row) -> Iterator[Fact]:
    number = _decimal(row, column)
    if number is None:
        return
    low, high = _decimal(row, concept.id + LOWER_LIMIT), _decimal(row, concept.id + UPPER_LIMIT)
    interval = None if low is None and high is None else Interval(low, high)
    kind = shipped_units().quantities.get(concept.id)
    yield Fact(concept.id, Quantity.exactly(number, kind.unit if kind else "U/mL", interval))


def _decimal(row: Row, column: str) -> Decimal | None:
    number = row.get(column)
    return None if number is None or math.isnan(number) else decimal_of(number)


def by_reference(
    row: Row, sets: Sequence[str] | None = None, *, assume_absent: bool = False
) -> dict[str, Any]:
    """Return what the reference engine says of a row: ``<set>__<what>`` to value."""
    picture = interpret(case_of(row)).picture
    found: dict[str, Any] = {}
    for set_id in sets or shipped_criteria_ids():
        result = evaluate_picture(compiled_set(set_id), picture, assume_absent=assume_absent)
        score, category = result.score, result.category
        values = (result.verdict.value, float(score.low), float(score.high), result.reason.value,
                  result.column.id, category.id if category else None)  # fmt: skip
        found.update(zip((f"{set_id}__{what}" for what in WHAT), values, strict=True))
    return found
