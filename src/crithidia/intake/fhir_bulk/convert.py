"""FHIR resources into facts. A refuted condition is absent, a provisional one unknown; a missing one nothing.

Numbers are taken as they are written in the JSON, never through a binary fraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import shown
from crithidia.intake.codes import OF_FINDINGS, Coded, Codes, load_codes
from crithidia.intake.events import Events
from crithidia.intake.fact_output import FactOutput
from crithidia.intake.fhir_bulk.files import pieces_of
from crithidia.intake.fhir_bulk.pieces import BUNDLE, Piece
from crithidia.intake.fhir_bulk.ranges import LIMITS, Ranges
from crithidia.intake.fhir_bulk.standing import (
    IGNORED,
    UNKNOWN,
    of_condition,
    of_observation,
    of_treatment,
    parts_of,
    person_of,
)
from crithidia.intake.fhir_bulk.survey import READ, TREATMENTS, Survey, survey
from crithidia.intake.fhir_bulk.values import (
    codings,
    interpretation,
    is_of_other_kind,
    mapping,
    parts,
    text_and_unit,
    value_key,
    when,
)
from crithidia.intake.ledger import Ledger
from crithidia.intake.people import Birth, sex_row
from crithidia.intake.tables.words import folded
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

_NAMED: Final = 50
_SUPERSEDED: Final = {
    "repeated": ("repeated", "another version of this resource is used, or the same was read before",
                 "export each once"),
    "contested": ("one id, different content",
                  "resources with this id differ, and none says that it is newer; none is used",
                  "export each once, or with meta.lastUpdated"),
    "deleted": ("deleted", "the export says that it was deleted", ""),
}  # fmt: skip
# A number that only the laboratory's own limits or its own word can judge.
_BARE: Final = re.compile(r"[<>]?=?\s*-?[0-9][^:(]*")


def convert_fhir(
    files: tuple[Path, ...], target: Path, rejects: Path | None = None, codes: Codes | None = None,
    progress: Callable[[int], None] | None = None, *, even_empty: bool = True,
) -> tuple[Ledger, dict[str, object]]:  # fmt: skip
    """Write the facts of an export; return the books, what was most often not mapped and what was left.

    ``even_empty`` says whether to write a file without facts. Raises ``InputError`` for a file that is
    broken, ``OSError`` for an output that cannot be written.
    """
    with FactOutput(target, rejects, even_empty=even_empty) as output:
        events = Events(codes or load_codes(), output, Ledger("resources"))
        conversion = _Conversion(events, survey(files))
        for file in files:
            for piece in pieces_of(file):
                conversion.take(piece)
                if progress and not events.expected % 1000:
                    progress(events.expected)
        events.finish()
    names = sorted({file.name for file in files})
    about: dict[str, object] = {
        "input": ", ".join(names),
        "most_often_not_mapped": dict(events.not_mapped.most_common(_NAMED)),
        "limits_not_read": dict(conversion.ranges.not_read.most_common(_NAMED)),
        "ids_with_different_content": dict(list(conversion.survey.contested.items())[:_NAMED]),
    }  # fmt: skip
    return events.ledger, about


@dataclass
class _Conversion:
    events: Events
    survey: Survey
    number: int = -1
    ranges: Ranges = field(default_factory=Ranges)

    def __post_init__(self) -> None:
        self.events.persons.known |= self.survey.patients
        self.handlers: dict[str, Callable[[dict[str, Any], str], None]] = {
            "Patient": self._patient, "Condition": self._condition, "Observation": self._observation,
            "Medication": self._medication, **dict.fromkeys(TREATMENTS, self._treatment),
        }  # fmt: skip

    def take(self, piece: Piece) -> None:
        """Convert one resource."""
        self.events.expected += 1
        self.number += 1
        if piece.resource is None:
            self._no_resource(piece)
            return
        kind = piece.resource["resourceType"]
        if kind not in READ:
            self.events.ledger.count(kind, "context" if kind == BUNDLE else IGNORED)
        elif standing := self.survey.standing(self.number, piece.resource):
            reason, message, remedy = _SUPERSEDED[standing]
            self.events.refuse(kind, reason, piece.place, "id", str(piece.resource["id"]), message, remedy)
        else:
            self.handlers[kind](piece.resource, piece.place)

    def _no_resource(self, piece: Piece) -> None:
        if piece.wrong:
            self.events.refuse("(lines)", "not readable", piece.place, "", "", piece.wrong, "export it again")
        else:
            self.events.ledger.count("Bundle.entry", "context" if piece.deleted else "empty")

    def _patient(self, resource: dict[str, Any], place: str) -> None:
        person = str(resource.get("id") or "")
        if not person:
            self.events.refuse("Patient", "no person", place, "id", "", "the patient has no id", "add it")
            return
        try:
            born = [int(part) for part in str(resource.get("birthDate") or "").split("-") if part]
            if born:
                self.events.persons.births[person] = Birth.of(*born)
        except (ValueError, TypeError) as error:
            self.events.refuse("Patient", "date not readable", place, "birthDate", str(resource["birthDate"]),
                               f"the birth date is not a date: {error}", "correct it", person)  # fmt: skip
            return
        if resource.get("gender") in ("female", "male"):
            self.events.fact("Patient", sex_row(person, resource["gender"], place))
        else:
            self.events.ledger.count("Patient", "unknown")

    def _subject(self, kind: str, resource: Mapping[str, Any], place: str) -> str | None:
        """Return the person of a resource; one that is not in the export is refused."""
        person, written = person_of(resource, self.survey.patients)
        if person is None:
            said = self._why_nobody(written)
            self.events.refuse(kind, "no person", place, "subject", written, said, "export Patient as well")
        return person

    def _why_nobody(self, written: str) -> str:
        if f"Patient/{parts_of(written)[1]}" in self.survey.contested:
            return "the patient's id has different content; of whom this is cannot be told"
        return "the patient is not in the export" if written else "it does not refer to a patient"

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
        said = of_condition(resource)
        if said == IGNORED:
            self.events.ledger.count("Condition", IGNORED)
            return
        fine, on = self._dated("Condition", resource, place, person)
        if not fine:
            return
        if said == UNKNOWN or not coded.concept.takes_presence:
            self.events.ledger.count("Condition", UNKNOWN)
        else:
            self.events.value("Condition", coded, person, said, place, on)

    def _observation(self, resource: dict[str, Any], place: str) -> None:
        person = self._subject("Observation", resource, place)
        components = parts(resource.get("component"))
        self.events.expected += len(components)
        if person is None:
            self.events.ledger.count("Observation.component", IGNORED, len(components))
            return
        if counted := of_observation(resource):
            self.events.ledger.count("Observation", counted)
            self.events.ledger.count("Observation.component", counted, len(components))
            return
        fine, on = self._dated("Observation", resource, place, person)
        if not fine:
            self.events.ledger.count("Observation.component", IGNORED, len(components))
            return
        self._observed("Observation", resource, person, place, on)
        for part in components:
            self._observed("Observation.component", part, person, place, on)

    def _observed(self, kind: str, part: Mapping[str, Any], person: str, place: str, on: date | None) -> None:
        coded = self._find(kind, part.get("code"))
        if coded is None:
            return
        text, unit = text_and_unit(part)
        limits = self.ranges.limits(part, unit, coded.concept.id)
        judged = interpretation(part) if coded.concept.takes_presence else None
        if wrong := self._wrong(coded, part, text, judged):
            self.events.refuse(kind, wrong[0], place, coded.name, text or "", wrong[1], wrong[2], person)
            return
        if text is None and part.get("dataAbsentReason"):
            self.events.ledger.count(kind, UNKNOWN)
            return
        if judged and (text is None or self._is_bare(coded, text, limits)):
            text = judged
        if text is None and self._is_named(coded, part):
            text = "present"
        beside = {"unit": unit} | {name: limits.get(name) for name in LIMITS}
        self.events.value(kind, coded, person, text, place, on, beside)

    def _wrong(self, coded: Coded, part: Mapping[str, Any], text: str | None,
               judged: str | None) -> tuple[str, str, str] | None:  # fmt: skip
        """Return reason, message and remedy where the value cannot be read, or is denied beside itself."""
        if is_of_other_kind(part):
            return "not readable", f"{value_key(part)} is not a kind of value that is read here", ""
        if text and judged and coded.reader.words.truths.get(folded(text), judged) != judged:
            said = f"'{shown(text)}' stands beside an interpretation that says {judged}"
            return "contradicts itself", said, "look it up in the record"
        return None

    def _is_named(self, coded: Coded, part: Mapping[str, Any]) -> bool:
        """Return whether a code says by itself that a finding is there: it names it, and has no value."""
        has_value = value_key(part) is not None or parts(part.get("component"))
        return coded.system in OF_FINDINGS and coded.concept.takes_presence and not has_value

    def _is_bare(self, coded: Coded, text: str, limits: Mapping[str, str | None]) -> bool:
        """Return whether the laboratory's own word decides: an antibody's number without a limit."""
        if any(limit is not None for limit in limits.values()) or coded.reader.meaning.form == "titre":
            return False
        return coded.concept.kind is Kind.ANTIBODY and _BARE.fullmatch(text) is not None

    def _medication(self, resource: dict[str, Any], place: str) -> None:
        del resource, place
        self.events.ledger.count("Medication", "context")

    def _treatment(self, resource: dict[str, Any], place: str) -> None:
        kind = resource["resourceType"]
        person = self._subject(kind, resource, place)
        coded = self._find(kind, self._drug(resource)) if person else None
        if person is None or coded is None:
            return
        if counted := of_treatment(resource):
            self.events.ledger.count(kind, counted)
            return
        fine, on = self._dated(kind, resource, place, person)
        if fine:
            self.events.value(kind, coded, person, coded.name, place, on)

    def _drug(self, resource: Mapping[str, Any]) -> Any:
        """Return the concept of a drug: in place, in a Medication inside the resource, or in another."""
        if resource.get("medicationCodeableConcept"):
            return resource["medicationCodeableConcept"]
        written = str(mapping(resource.get("medicationReference")).get("reference") or "")
        if written.startswith("#"):
            inside = [part for part in parts(resource.get("contained")) if part.get("id") == written[1:]]
            return inside[0].get("code") if inside else None
        known = self.survey.medications.get(parts_of(written)[1], [])
        return {"coding": [{"system": s, "code": c, "display": d} for s, c, d in known]}
