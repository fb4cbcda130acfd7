"""Whether a resource says something, and of whom: its status, what was verified, the person referred to.

What is not settled, such as a preliminary result or a planned drug, says nothing yet.
The words are those of FHIR R4: valueset-observation-status.html under http://hl7.org/fhir/R4/, and there
condition.html, medicationrequest.html, medicationstatement.html, medicationadministration.html and
medicationdispense.html; "appended" is one of reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.intake.fhir_bulk.values import codings, mapping

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

IGNORED: Final = "ignored"
UNKNOWN: Final = "unknown"

_VOID: Final = frozenset({"entered-in-error", "cancelled", "not-done", "not-taken", "declined"})
_REPORTED: Final = frozenset({"final", "amended", "corrected", "appended", ""})
_NOT_YET: Final = frozenset({"draft", "intended", "preparation", "unknown"})
_NOT_ORDERED: Final = frozenset({"proposal", "plan"})
_VERIFIED: Final = {
    "confirmed": "present", "refuted": "absent", "entered-in-error": IGNORED,
    "unconfirmed": UNKNOWN, "provisional": UNKNOWN, "differential": UNKNOWN,
}  # fmt: skip
_VERSION: Final = re.compile(r"/_history/[^/]*$")


def of_condition(resource: Mapping[str, Any]) -> str:
    """Return ``present``, ``absent``, ``unknown`` or ``ignored``; a status that cannot be read is unknown."""
    status = resource.get("verificationStatus")
    if not status:
        return "present"
    words = [code for _, code, _ in codings(status)] or [str(mapping(status).get("text") or status)]
    said = {_VERIFIED[word.strip().lower()] for word in words if word.strip().lower() in _VERIFIED}
    return said.pop() if len(said) == 1 else UNKNOWN


def of_observation(resource: Mapping[str, Any]) -> str:
    """Return how an observation is counted that says nothing, or nothing for one that does."""
    status = str(resource.get("status") or "")
    if status in _VOID:
        return IGNORED
    return "" if status in _REPORTED else UNKNOWN


def of_treatment(resource: Mapping[str, Any]) -> str:
    """Return how a drug is counted that was not given or ordered, or nothing for one that was."""
    status = str(resource.get("status") or "")
    if status in _VOID or resource.get("doNotPerform") in (True, "true"):
        return IGNORED
    return UNKNOWN if status in _NOT_YET or str(resource.get("intent")) in _NOT_ORDERED else ""


def person_of(resource: Mapping[str, Any], known: Container[str]) -> tuple[str | None, str]:
    """Return the patient that a resource is about, if the export has the patient, and the reference."""
    reference = mapping(resource.get("subject") or resource.get("patient"))
    written = str(reference.get("reference") or "")
    kind, identity = parts_of(written)
    is_patient = kind in {"", "Patient"} and reference.get("type") in (None, "Patient")
    return (identity if is_patient and identity in known else None), written


def parts_of(written: str) -> tuple[str, str]:
    """Return kind and id of what a literal reference names; a kind may be left out, as in ``urn:uuid:``."""
    parts = _VERSION.sub("", written).split("/")
    return parts[-2] if len(parts) > 1 else "", parts[-1].removeprefix("urn:uuid:").removeprefix("urn:oid:")
