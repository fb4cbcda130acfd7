"""The KDIGO categories of GFR and albuminuria, and the risk that follows from both.

Categories are taken from the unrounded value. A value known only within bounds that straddle a
limit leaves its category open: all that are possible are named. Limits:
``knowledge/measurements/kidney.yaml`` (KDIGO 2012, doi:10.1038/kisup.2012.77).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crithidia.interpretation.units import shipped_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crithidia.interpretation.measurements import Reading
    from crithidia.interpretation.physiology.values import Bounds

RISKS: Final = ("low", "moderate", "high", "very_high")
_PER_GRAM: Final = frozenset({"mg/g", "ug/mg", "mg/mg", "g/g"})


def kdigo_g_stage(value: float, stages: Sequence[Mapping[str, Any]]) -> str:
    """Return the GFR category of an unrounded eGFR: g1 to g5."""
    return str(next(stage["id"] for stage in stages if value >= stage["from"]))


def possible_g_stages(estimate: Bounds, stages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the categories that an estimate within bounds can have, best first."""
    ids = [str(stage["id"]) for stage in stages]
    best = 0 if estimate.high is None else ids.index(kdigo_g_stage(estimate.high, stages))
    worst = ids.index(kdigo_g_stage(estimate.low or 0.0, stages))
    return tuple(ids[best : worst + 1])


def kdigo_a_stage(value: Fraction, stages: Sequence[Mapping[str, Any]], *, less: bool = False,
                  more: bool = False) -> str:  # fmt: skip
    """Return the albuminuria category of a value in the unit of the limits: a1 to a3.

    ``less`` and ``more`` say that the true value lies below or above this one: ``<30 mg/g`` is A1
    and 30 mg/g is A2; 300 mg/g is A2 and ``>300 mg/g`` is A3.
    """
    for stage in stages:
        limit = Fraction(str(stage.get("below", stage.get("up_to", 0))))
        beneath = value < limit or (value == limit and (less or ("up_to" in stage and not more)))
        if beneath and "above" not in stage:
            return str(stage["id"])
    return str(stages[-1]["id"])


def possible_a_stages(reading: Reading, limits: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the categories that a measured albumin excretion or ratio can have.

    KDIGO rounds its limits in mg/g and in mg/mmol; a ratio is compared in the one in which it was
    reported.
    """
    unit, factor = _reported(reading)
    stages = limits[unit]
    ids = [str(stage["id"]) for stage in stages]
    low = 0
    if reading.low is not None:
        low = ids.index(kdigo_a_stage(Fraction(reading.low) * factor, stages, more=reading.low_open))
    if reading.high is None:
        return tuple(ids[low:])
    highest = kdigo_a_stage(Fraction(reading.high) * factor, stages, less=reading.high_open)
    return tuple(ids[low : ids.index(highest) + 1])


def _reported(reading: Reading) -> tuple[str, Fraction]:
    """Return the unit whose limits apply, and the factor from the canonical unit to it."""
    concept, table = reading.fact.concept, shipped_units()
    kind = table.quantities[concept]
    written = getattr(reading.fact.value, "unit", "")
    if table.code_of(written, concept) in _PER_GRAM:
        return "mg/g", 1 / kind.factors["mg/g"]
    return kind.unit, Fraction(1)


def possible_risks(categories: Iterable[Sequence[str]], albuminuria: Sequence[str],
                   grid: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:  # fmt: skip
    """Return the risks that the possible categories of both kinds lead to, lowest first."""
    found = {grid[g][a] for stages in categories for g in stages for a in albuminuria}
    return tuple(risk for risk in RISKS if risk in found)
