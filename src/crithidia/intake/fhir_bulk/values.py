"""Parts of FHIR resources as text: codes, values, limits, interpretations, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMES: Final = ("effectiveDateTime", "effectiveInstant", "onsetDateTime", "performedDateTime", "authoredOn",
                 "recordedDate", "issued", "whenHandedOver")  # fmt: skip
_PERIODS: Final = ("effectivePeriod", "onsetPeriod")
_JUDGED: Final = {
    "POS": "present", "NEG": "absent", "H": "present", "HH": "present", "A": "present", "AA": "present",
    "DET": "present", "ND": "absent", "N": "absent", "RR": "present", "NR": "absent",
}  # fmt: skip


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """Return system, code and display of every coding of a CodeableConcept."""
    if not isinstance(concept, dict):
        return []
    return [
        (str(part.get("system") or ""), str(part["code"]),
         str(part.get("display") or concept.get("text") or ""))
        for part in concept.get("coding") or () if isinstance(part, dict) and part.get("code")
    ]  # fmt: skip


def text_and_unit(part: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the value of an observation as a person writes it, and the unit that stands beside it."""
    if isinstance(quantity := part.get("valueQuantity"), dict):
        return _quantity(quantity), str(quantity.get("code") or quantity.get("unit") or "") or None
    if isinstance(found := part.get("valueRange"), dict):
        low, high = (found.get(end) or {} for end in ("low", "high"))
        unit = low.get("code") or low.get("unit") or high.get("code") or high.get("unit")
        return _range(low.get("value"), high.get("value")), str(unit or "") or None
    if isinstance(ratio := part.get("valueRatio"), dict):
        return _ratio(ratio), None
    if isinstance(concept := part.get("valueCodeableConcept"), dict):
        return next((display for _, _, display in codings(concept) if display), concept.get("text")), None
    for key in ("valueString", "valueInteger", "valueBoolean"):
        if key in part:
            return _plain(part[key]), None
    return None, None


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _quantity(quantity: Mapping[str, Any]) -> str | None:
    if quantity.get("value") is None:
        return None
    return f"{quantity.get('comparator') or ''}{quantity['value']}"


def _range(low: Any, high: Any) -> str | None:
    if low is None and high is None:
        return None
    if low is None:
        return f"<={high}"
    return f">={low}" if high is None else f"{low}-{high}"


def _ratio(ratio: Mapping[str, Any]) -> str | None:
    """Return a titre: a ratio of 1 to something."""
    above, below = ratio.get("numerator") or {}, ratio.get("denominator") or {}
    if above.get("value") is None or below.get("value") is None:
        return None
    return f"{above.get('comparator') or ''}{above['value']}:{below['value']}"


def limits(part: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the normal range, if there is exactly one."""
    given = [found for found in part.get("referenceRange") or () if isinstance(found, dict)]
    ranges = [found for found in given if _is_normal(found)]
    if len(ranges) != 1:
        return None, None
    low, high = (ranges[0].get(end) or {} for end in ("low", "high"))
    return _optional(low.get("value")), _optional(high.get("value"))


def _is_normal(found: Mapping[str, Any]) -> bool:
    kinds = [code for _, code, _ in codings(found.get("type"))]
    return not kinds or "normal" in kinds


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)


def interpretation(part: Mapping[str, Any]) -> str | None:
    """Return what the laboratory's interpretation says of an antibody or finding."""
    found = part.get("interpretation") or ()
    concepts = found if isinstance(found, (list, tuple)) else (found,)
    said = {_JUDGED[code] for concept in concepts for _, code, _ in codings(concept) if code in _JUDGED}
    return said.pop() if len(said) == 1 else None


def when(resource: Mapping[str, Any]) -> str | None:
    """Return the day on which something was so, as far as the resource says."""
    for key in _PERIODS:
        if isinstance(period := resource.get(key), dict) and period.get("start"):
            return _day(period["start"])
    return next((_day(resource[key]) for key in _TIMES if resource.get(key)), None)


def _day(written: Any) -> str | None:
    """Return the day of a FHIR date or time; a year or a month alone is no day."""
    day = str(written)[:10]
    return day if len(day) == 10 else None
