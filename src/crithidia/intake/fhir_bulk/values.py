"""Parts of FHIR resources as text: codes, values, limits, interpretations, times."""

from __future__ import annotations

import re
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
_PLAIN: Final = ("valueString", "valueInteger", "valueBoolean")
_READ: Final = frozenset({"valueQuantity", "valueRange", "valueRatio", "valueCodeableConcept", *_PLAIN})
UCUM: Final = "http://unitsofmeasure.org"
_VALUE: Final = re.compile("value[A-Z]")
# The words in brackets that end the full name of a SNOMED CT concept and say of which kind it is.
_TAG: Final = re.compile(r"\s*\((?:qualifier value|finding|disorder|situation)\)$")


def mapping(part: Any) -> Mapping[str, Any]:
    """Return a part that should be an object; anything else is taken for an empty one."""
    return part if isinstance(part, dict) else {}


def parts(several: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a part that should be a list of them; one alone is taken for a list of one."""
    found = several if isinstance(several, list) else [several]
    return [part for part in found if isinstance(part, dict)]


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """Return system, code and display of every coding of a CodeableConcept."""
    concept = mapping(concept)
    return [
        (str(part.get("system") or ""), str(part["code"]),
         str(part.get("display") or concept.get("text") or ""))
        for part in parts(concept.get("coding")) if part.get("code")
    ]  # fmt: skip


def value_key(part: Mapping[str, Any]) -> str | None:
    """Return the name under which an observation has its value, or nothing if it has none."""
    return next((key for key in part if _VALUE.match(key)), None)


def is_of_other_kind(part: Mapping[str, Any]) -> bool:
    """Return whether an observation has a value of a kind that is not read here, such as a time."""
    key = value_key(part)
    return key is not None and not _READ & set(part)


def text_and_unit(part: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the value of an observation as a person writes it, and the unit that stands beside it."""
    if isinstance(quantity := part.get("valueQuantity"), dict):
        return _quantity(quantity), _unit(quantity)
    if isinstance(found := part.get("valueRange"), dict):
        low, high = (mapping(found.get(end)) for end in ("low", "high"))
        return _range(low.get("value"), high.get("value")), _unit(low) or _unit(high)
    if isinstance(ratio := part.get("valueRatio"), dict):
        return _ratio(ratio), None
    if isinstance(concept := part.get("valueCodeableConcept"), dict):
        return _name(concept), None
    for key in _PLAIN:
        if key in part:
            return _plain(part[key]), None
    return None, None


def _unit(quantity: Mapping[str, Any]) -> str | None:
    """Return the unit of a quantity: its code if that is one of UCUM, else its words."""
    code, words = (str(quantity.get(key) or "") for key in ("code", "unit"))
    is_ucum = quantity.get("system") in (None, "", UCUM)
    return (code or words if is_ucum else words or code) or None


def _name(concept: Mapping[str, Any]) -> str | None:
    """Return what a coded value is called; a code without a name is no value that can be read."""
    written = codings(concept)
    words = next((display for _, _, display in written if display), concept.get("text"))
    if words:
        return _TAG.sub("", str(words))
    return f"code {written[0][1]} without a name" if written else None


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
    above, below = mapping(ratio.get("numerator")), mapping(ratio.get("denominator"))
    if above.get("value") is None or below.get("value") is None:
        return None
    return f"{above.get('comparator') or ''}{above['value']}:{below['value']}"


def interpretation(part: Mapping[str, Any]) -> str | None:
    """Return what the laboratory's interpretation says of an antibody or finding."""
    concepts = parts(part.get("interpretation"))
    said = {_JUDGED[code] for concept in concepts for _, code, _ in codings(concept) if code in _JUDGED}
    return said.pop() if len(said) == 1 else None


def when(resource: Mapping[str, Any]) -> str | None:
    """Return the first day that a resource gives for something; a year or a month alone is no day."""
    periods = [mapping(resource.get(key)) for key in _PERIODS]
    written = [period.get(end) for period in periods for end in ("start", "end")]
    days = (_day(time) for time in (*written, *(resource.get(key) for key in _TIMES)))
    return next((day for day in days if day), None)


def _day(written: Any) -> str | None:
    day = str(written or "")[:10]
    return day if len(day) == 10 else None
