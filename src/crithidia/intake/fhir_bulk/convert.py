"""FHIR resources into facts. A refuted condition is absent, a provisional one unknown; a missing one nothing.

Numbers are taken as they are written in the JSON, never through a binary fraction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.intake.codes import OF_FINDINGS, Coded, Codes, load_codes
from crithidia.intake.events import Events
from crithidia.intake.fact_output import FactOutput
from crithidia.intake.fhir_bulk.files import Line, lines_of
from crithidia.intake.fhir_bulk.values import codings, interpretation, limits, text_and_unit, when
from crithidia.intake.ledger import Ledger
from crithidia.intake.people import Birth, sex_row
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

_MEDICATION: Final = ("MedicationRequest", "MedicationStatement", "MedicationAdministration",
                      "MedicationDispense")  # fmt: skip
_VOID: Final = frozenset({"entered-in-error", "cancelled", "not-done", "not-taken"})
_VERIFIED: Final = {"confirmed": "present", "": "present", "refuted": "absent"}


def convert_fhir(
    files: tuple[Path, ...], target: Path, rejects: Path | None = None, codes: Codes | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Ledger, dict[str, object]]:  # fmt: skip
    """Write the facts of a bulk export; return the books and what was most often not mapped.

    Raises ``OSError`` for an output that cannot be written.
    """
    with FactOutput(target, rejects) as output:
        events = Events(codes or load_codes(), output, Ledger("resources"))
        conversion = _Conversion(events)
        for file in files:
            for line in lines_of(file):
                conversion.take(line)
                if progress and not events.expected % 1000:
                    progress(events.expected)
        events.finish()
    names = sorted({file.name for file in files})
    about: dict[str, object] = {"input": ", ".join(names),
                                "most_often_not_mapped": dict(events.not_mapped.most_common(50))}  # fmt: skip
    return events.ledger, about


@dataclass
class _Conversion:
    events: Events
    medications: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def take(self, line: Line) -> None:
        """Convert one resource."""
        self.events.expected += 1
        if line.resource is None:
            self.events.refuse("(lines)", "not readable", line.place, "", "", line.wrong, "export it again")
            return
        resource, kind = line.resource, line.resource["resourceType"]
        if self._is_repeated(kind, resource):
            self.events.refuse(kind, "repeated", line.place, "id", str(resource.get("id")),
                               "a resource with this id was read before", "export each once")  # fmt: skip
            return
        handlers: dict[str, Callable[[dict[str, Any], str], None]] = {
            "Patient": self._patient, "Condition": self._condition, "Observation": self._observation,
            "Medication": self._medication, **dict.fromkeys(_MEDICATION, self._treatment),
        }  # fmt: skip
        handle = handlers.get(kind)
        if handle is None:
            self.events.ledger.count(kind, "ignored")
        else:
            handle(resource, line.place)

    def _is_repeated(self, kind: str, resource: Mapping[str, Any]) -> bool:
        if not resource.get("id"):
            return False
        key = hash((kind, resource["id"]))
        if key in self.seen:
            return True
        self.seen.add(key)
        return False

    def _patient(self, resource: dict[str, Any], place: str) -> None:
        person = str(resource.get("id") or "")
        if not person:
            self.events.refuse("Patient", "no person", place, "id", "", "the patient has no id", "add it")
            return
        self.events.persons.known.add(person)
        try:
            born = [int(part) for part in str(resource.get("birthDate") or "").split("-") if part]
            if born:
                self.events.persons.births[person] = Birth.of(*born)
        except (ValueError, TypeError):
            self.events.refuse("Patient", "date not readable", place, "birthDate", str(resource["birthDate"]),
                               "the birth date is not a date", "correct it", person)  # fmt: skip
            return
        if resource.get("gender") in {"female", "male"}:
            self.events.fact("Patient", sex_row(person, resource["gender"], place))
        else:
            self.events.ledger.count("Patient", "unknown")

    def _subject(self, kind: str, resource: Mapping[str, Any], place: str) -> str | None:
        """Return the person of a resource; one that is not in the export is refused."""
        reference = resource.get("subject") or resource.get("patient") or {}
        written = str(reference.get("reference") or "") if isinstance(reference, dict) else ""
        person = written.rsplit("/", 1)[-1].removeprefix("urn:uuid:")
        if person in self.events.persons.known:
            return person
        self.events.refuse(kind, "no person", place, "subject", written, "the patient is not in the export",
                           "export Patient as well")  # fmt: skip
        return None

    def _find(self, kind: str, concept: Any) -> Coded | None:
        """Return what the first coding that means something means; count it where none does."""
        written = codings(concept)
        for system, code, _ in written:
            if found := self.events.codes.find(system, code):
                return found
        name = next((f"{code} {display}".strip() for _, code, display in written), "no code")
        self.events.unmapped(kind, name)
        return None

    def _dated(self, kind: str, resource: Mapping[str, Any], place: str,
               person: str) -> tuple[bool, date | None]:  # fmt: skip
        fine, on = self.events.day(kind, when(resource), place, person)
        if fine:
            self.events.persons.seen(person, on)
        return fine, on

    def _condition(self, resource: dict[str, Any], place: str) -> None:
        person = self._subject("Condition", resource, place)
        coded = self._find("Condition", resource.get("code")) if person else None
        if person is None or coded is None:
            return
        fine, on = self._dated("Condition", resource, place, person)
        if not fine:
            return
        status = next((code for _, code, _ in codings(resource.get("verificationStatus"))), "")
        if status == "entered-in-error":
            self.events.ledger.count("Condition", "ignored")
        elif status not in _VERIFIED or not coded.concept.takes_presence:
            self.events.ledger.count("Condition", "unknown")
        else:
            self.events.value("Condition", coded, person, _VERIFIED[status], place, on)

    def _observation(self, resource: dict[str, Any], place: str) -> None:
        person = self._subject("Observation", resource, place)
        components = [part for part in resource.get("component") or () if isinstance(part, dict)]
        self.events.expected += len(components)
        if person is None:
            self.events.ledger.count("Observation.component", "ignored", len(components))
            return
        fine, on = self._dated("Observation", resource, place, person)
        if not fine or resource.get("status") in _VOID:
            if fine:
                self.events.ledger.count("Observation", "ignored")
            self.events.ledger.count("Observation.component", "ignored", len(components))
            return
        self._observed("Observation", resource, person, place, on)
        for part in components:
            self._observed("Observation.component", part, person, place, on)

    def _observed(self, kind: str, part: Mapping[str, Any], person: str, place: str, on: date | None) -> None:
        coded = self._find(kind, part.get("code"))
        if coded is None:
            return
        text, unit = text_and_unit(part)
        low, high = limits(part)
        judged = interpretation(part)
        if text is None and part.get("dataAbsentReason"):
            self.events.ledger.count(kind, "unknown")
            return
        if judged and coded.concept.takes_presence and (text is None or self._is_bare(coded, low, high)):
            text = judged
        if text is None and coded.system in OF_FINDINGS and coded.concept.takes_presence:
            text = "present"
        beside = {"unit": unit, "lower_limit": low, "upper_limit": high}
        self.events.value(kind, coded, person, text, place, on, beside)

    def _is_bare(self, coded: Coded, low: str | None, high: str | None) -> bool:
        """Return whether the laboratory's own word decides: an antibody's number without a limit."""
        is_titre = coded.reader.meaning.form == "titre"
        return coded.concept.kind is Kind.ANTIBODY and not is_titre and low is None and high is None

    def _medication(self, resource: dict[str, Any], place: str) -> None:
        del place
        self.medications[str(resource.get("id"))] = codings(resource.get("code"))
        self.events.ledger.count("Medication", "context")

    def _treatment(self, resource: dict[str, Any], place: str) -> None:
        kind = resource["resourceType"]
        person = self._subject(kind, resource, place)
        if person is None:
            return
        coded = self._find(kind, self._drug(resource))
        if coded is None:
            return
        fine, on = self._dated(kind, resource, place, person)
        if not fine:
            return
        if resource.get("status") in _VOID:
            self.events.ledger.count(kind, "ignored")
        else:
            self.events.value(kind, coded, person, coded.name, place, on)

    def _drug(self, resource: Mapping[str, Any]) -> Any:
        """Return the concept of a drug, given in place or as a reference to a Medication."""
        if resource.get("medicationCodeableConcept"):
            return resource["medicationCodeableConcept"]
        reference = str((resource.get("medicationReference") or {}).get("reference") or "")
        known = self.medications.get(reference.rsplit("/", 1)[-1].removeprefix("urn:uuid:"), [])
        return {"coding": [{"system": s, "code": c, "display": d} for s, c, d in known]}
