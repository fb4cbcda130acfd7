"""The equations for estimated GFR, over numbers and over bounds.

CKD-EPI 2009 and 2021 (creatinine), 2012 (cystatin C, and with creatinine), 2021 (creatinine and
cystatin C); bedside Schwartz 2009 under 18 years, CKiD U25 2021 under 25. Coefficients stand with their
sources in ``knowledge/measurements/kidney.yaml``. Refuses ages outside an equation's own range.
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


def u25(equation: Mapping[str, Any], *, sex: str, age: float, marker: float,
        height_cm: float = 100.0) -> float:  # fmt: skip
    """Return eGFR in mL/min/1.73 m2 for someone under 25 years.

    ``k(sex, age) × height in m / creatinine``, or ``k(sex, age) / cystatin C``. Height in cm (not used
    for cystatin C), creatinine in mg/dL, cystatin C in mg/L, age in years. Pierce 2021,
    doi:10.1016/j.kint.2020.10.047.
    """
    bands = equation["k_by_age"][sex]
    band = next(band for band in bands if "below" not in band or age < band["below"])
    return _k(band, age) * height_cm / 100 / marker


def _k(band: Mapping[str, Any], age: float) -> float:
    """Return the constant of a band of age at some age."""
    growth = float(band.get("base", 1)) ** (age - float(band.get("from_age", age)))
    return float(band["k"]) * float(growth)


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


def is_of_children(equation: Mapping[str, Any]) -> bool:
    """Return whether an equation is a constant over a marker, as those for children are."""
    return "k" in equation or "k_by_age" in equation


def of_child(equation: Mapping[str, Any], sex: str, age: Bounds, amounts: Mapping[str, Bounds]) -> Bounds:
    """Return the estimate within bounds: it rises with height and falls with the marker."""
    marker = amounts[equation["uses"][0]]
    height = amounts.get("height", Bounds.at(100.0))  # in cm; cystatin C asks for none
    constants = _constants(equation, sex, age)
    low = high = None
    if height.low is not None and marker.high:
        low = min(constants) * height.low / marker.high
    if height.high is not None and marker.low:
        high = max(constants) * height.high / marker.low
    return Bounds(low or 0.0, high)


def _constants(equation: Mapping[str, Any], sex: str, age: Bounds) -> list[float]:
    """Return the constants per centimetre at both ends of an age, and where a band begins in between."""
    if "k" in equation or age.low is None or age.high is None:
        return [float(equation["k"])]
    found, start = [], 0.0
    for band in equation["k_by_age"][sex]:
        below = float(band.get("below", age.high + 1))
        if start <= age.high and age.low < below:
            found += [_k(band, end) / 100 for end in (max(start, age.low), min(below, age.high))]
        start = below
    return found
