"""The equations for estimated GFR, over numbers and over bounds.

CKD-EPI 2009 and 2021 (creatinine), 2012 (cystatin C, and with creatinine), 2021 (creatinine and
cystatin C); bedside Schwartz 2009 under 18 years. Coefficients stand with their sources in
``knowledge/measurements/kidney.yaml``. Refuses ages outside an equation's own range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.interpretation.physiology.values import Bounds

if TYPE_CHECKING:
    from collections.abc import Mapping


def egfr(equation: Mapping[str, Any], *, sex: str, age: float, creatinine: float | None = None,
         cystatin_c: float | None = None) -> float:  # fmt: skip
    """Return eGFR in mL/min/1.73 m2 for an adult.

    ``A × min(Scr/k, 1)^a × max(Scr/k, 1)^b × min(Scys/0.8, 1)^c × max(Scys/0.8, 1)^d × e^age × f``
    with creatinine in mg/dL, cystatin C in mg/L and age in years; a marker that the equation does
    not use is left out, and so is the factor for race of the older equations. Levey 2009,
    doi:10.7326/0003-4819-150-9-200905050-00006; Inker 2012, doi:10.1056/NEJMoa1114248; Inker 2021,
    doi:10.1056/NEJMoa2102953.
    """
    value: float = float(equation["constant"]) * float(equation["age_base"]) ** age
    for name, amount in (("creatinine", creatinine), ("cystatin_c", cystatin_c)):
        if name in equation and amount is not None:
            value *= _marker(equation[name], amount, sex)
    return value * (float(equation["female_factor"]) if sex == "female" else 1.0)


def _marker(terms: Mapping[str, Any], amount: float, sex: str) -> float:
    """Return the two-slope factor of one marker."""
    relative = amount / _of_sex(terms["kappa"], sex)
    below = min(relative, 1.0) ** _of_sex(terms["alpha"], sex)
    return float(below * max(relative, 1.0) ** terms["exponent_max"])


def _of_sex(value: Mapping[str, float] | float, sex: str) -> float:
    return float(value) if isinstance(value, (int, float)) else float(value[sex])


def schwartz(equation: Mapping[str, Any], *, height_cm: float, creatinine: float) -> float:
    """Return eGFR in mL/min/1.73 m2 for a child: ``k × height / creatinine`` (cm, mg/dL).

    Schwartz 2009, doi:10.1681/ASN.2008030287.
    """
    return float(equation["k"]) * height_cm / creatinine


def applies(equation: Mapping[str, Any], age: Bounds) -> bool:
    """Return whether the whole of an age lies within the range of an equation."""
    low, high = equation["ages"]
    if age.low is None or age.low < low:
        return False
    return high is None or (age.high is not None and age.high < high)


def of_adult(equation: Mapping[str, Any], sex: str, age: Bounds, markers: Mapping[str, Bounds]) -> Bounds:
    """Return the estimate within bounds: it falls as the markers and the age rise."""
    lowest = _worked_out(equation, sex, age.high, {name: b.high for name, b in markers.items()})
    highest = _worked_out(equation, sex, age.low, {name: b.low for name, b in markers.items()})
    return Bounds(0.0 if lowest is None else lowest, highest)


def _worked_out(equation: Mapping[str, Any], sex: str, age: float | None,
                markers: Mapping[str, float | None]) -> float | None:  # fmt: skip
    """Return the estimate at one end, or None where an end is missing (or a marker is zero)."""
    known = {name: amount for name, amount in markers.items() if amount}
    if age is None or len(known) < len(markers):
        return None
    return egfr(equation, sex=sex, age=age, **known)


def of_child(equation: Mapping[str, Any], height: Bounds, creatinine: Bounds) -> Bounds:
    """Return the estimate within bounds: it rises with height and falls with creatinine."""
    low = high = None
    if height.low is not None and creatinine.high:
        low = schwartz(equation, height_cm=height.low, creatinine=creatinine.high)
    if height.high is not None and creatinine.low:
        high = schwartz(equation, height_cm=height.high, creatinine=creatinine.low)
    return Bounds(low or 0.0, high)
