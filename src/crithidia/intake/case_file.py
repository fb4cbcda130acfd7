"""The case file: YAML or JSON that a person writes about one patient.

A section (``history``, ``laboratory`` ...) is a mapping from concepts to entries. An entry is a
value, a mapping with ``is:`` and more (``at``, ``quote``, ``note`` ...), or a list of these. The
concept decides how its value is read. All problems of a file are reported at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Case, Fact, Moment, Quantity, Source
from crithidia.case.reading import read_interval, read_value
from crithidia.foundation.document import Document, parse_document, read_document
from crithidia.foundation.problems import InputError, Problem, shown
from crithidia.intake.claims import ClaimEntries
from crithidia.vocabulary import Concept, Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.case import Value
    from crithidia.foundation.document import Key

SECTIONS: Final = (
    "history", "family_history", "examination", "laboratory", "autoantibodies", "imaging",
    "lung_function", "capillaroscopy", "cardiology", "histology", "comorbidities", "assessment",
    "findings",
)  # fmt: skip
TOP_LEVEL: Final = ("crithidia", "id", "source", "index_date", "patient", "notes", "treatment",
                    "visits", "claims", *SECTIONS)  # fmt: skip
ENTRY_KEYS: Final = ("is", "at", "quote", "page", "note", "basis", "explained_by", "interval",
                     "predicted")
SOURCE_KEYS: Final = ("title", "authors", "journal", "year", "doi", "pmid")
DRUG_KEYS: Final = ("drug", "dose", "start", "stop", "quote", "page", "note")
FORMAT: Final = "case/1"


def load_case(path: str | Path, vocabulary: Vocabulary | None = None) -> Case:
    """Read a case file. Raises ``InputError`` with every problem, each with file and line."""
    path = Path(path)
    return case_of(read_document(path, typed=False), path.stem, vocabulary)


def parse_case(text: str, name: str = "case", vocabulary: Vocabulary | None = None) -> Case:
    """Read a case from text, as ``load_case`` does from a file."""
    return case_of(parse_document(text, name, typed=False), name, vocabulary)


def case_of(document: Document, fallback_id: str, vocabulary: Vocabulary | None = None) -> Case:
    """Read a case from a document whose scalars are still text; it may lack an id of its own."""
    return _Reader(document, vocabulary or shipped_vocabulary(), fallback_id).read()


@dataclass(frozen=True)
class _Place:
    """Where an entry stands and what holds for everything there."""

    address: tuple[Key, ...]
    at: Moment | None = None


class _Reader(ClaimEntries):
    def __init__(self, document: Document, vocabulary: Vocabulary, fallback_id: str) -> None:
        super().__init__(document, vocabulary)
        self.fallback_id = fallback_id
        self.index_date: date | None = None
        self.remarks: list[tuple[Moment, str]] = []

    def read(self) -> Case:
        data = self._mapping(self.document.data, ())
        self._check_keys(data, TOP_LEVEL, ())
        self._check_format(data)
        self.index_date = self._index_date(data)
        facts = (
            *self._patient(data),
            *self._sections(data, _Place(())),
            *self._treatment(data),
            *self._visits(data),
        )
        claims = tuple(self._claims(data))
        if not facts and not claims and not self.problems:
            self._problem("the case has no facts", remedy="see 'crithidia case new'")
        case = Case(
            id=self._text(data, "id", ()) or self.fallback_id,
            facts=facts,
            source=self._source(data),
            notes=self._text(data, "notes", ()),
            index_date=self.index_date,
            remarks=tuple(self.remarks),
            claims=claims,
        )
        if self.problems:
            raise InputError(tuple(sorted(self.problems, key=_in_file_order)))
        return case

    def _check_format(self, data: Mapping[str, Any]) -> None:
        written = data.get("crithidia", FORMAT)
        if written != FORMAT:
            self._problem(f"the format '{shown(written)}' is not known", "crithidia",
                          remedy=f"this version reads {FORMAT}")  # fmt: skip

    def _index_date(self, data: Mapping[str, Any]) -> date | None:
        written = data.get("index_date")
        if not written:
            return None
        moment = self._moment(written, ("index_date",))
        if moment and moment.on is None:
            self._problem("index_date must be a date", "index_date", remedy="e.g. 2022-05-01")
        return moment.on if moment else None

    def _source(self, data: Mapping[str, Any]) -> Source:
        raw = data.get("source")
        if isinstance(raw, str):
            return Source(title=raw)
        raw = self._mapping(raw, ("source",))
        self._check_keys(raw, SOURCE_KEYS, ("source",))
        return Source(**{key: self._text(raw, key, ("source",)) for key in SOURCE_KEYS if key in raw})

    def _patient(self, data: Mapping[str, Any]) -> Iterator[Fact]:
        raw = self._mapping(data.get("patient"), ("patient",))
        known = patient_concepts(self.vocabulary)
        self._check_keys(raw, known, ("patient",))
        for key in known:
            if key in raw:
                yield from self._entries(self.vocabulary[key], raw[key], _Place(("patient", key)))

    def _sections(self, data: Mapping[str, Any], place: _Place) -> Iterator[Fact]:
        for section in SECTIONS:
            raw = self._mapping(data.get(section), (*place.address, section))
            for name, entry in raw.items():
                address = (*place.address, section, name)
                concept = self._concept(name, address)
                if concept and concept.kind is Kind.DRUG:
                    self._problem(f"{concept.id} is a drug", *address,
                                  remedy=f"write it under treatment: - {{drug: {concept.id}}}")
                elif concept:
                    yield from self._entries(concept, entry, replace(place, address=address))

    def _entries(self, concept: Concept, raw: Any, place: _Place) -> Iterator[Fact]:
        if isinstance(raw, list) and raw:
            for i, entry in enumerate(raw):
                yield from self._entry(concept, entry, replace(place, address=(*place.address, i)))
        else:
            yield from self._entry(concept, raw, place)

    def _entry(self, concept: Concept, raw: Any, place: _Place) -> Iterator[Fact]:
        if isinstance(raw, list):
            message = "a list inside a list has no meaning here" if raw else "an empty list says nothing"
            self._problem(message, *place.address, remedy=_example(concept))
            return
        details = raw if isinstance(raw, dict) else {"is": raw}
        self._check_keys(details, ENTRY_KEYS, place.address)
        value = self._value(concept, details, place.address)
        if value is None:
            return
        fact = Fact(
            concept=concept.id,
            value=value,
            at=self._time(details, place),
            provenance=self._provenance(details, place.address),
            explained_by=self._text(details, "explained_by", place.address),
        )
        yield fact
        yield from self._percent_predicted(concept, details, fact, place.address)

    def _value(self, concept: Concept, details: Mapping[str, Any],
               address: tuple[Key, ...]) -> Value | None:  # fmt: skip
        written = self._text(details, "is", address)
        if not written:
            if isinstance(details.get("is", ""), str):
                self._problem(f"{concept.id} has no value", *address, remedy=_example(concept))
            return None
        try:
            value = read_value(concept, written)
        except ValueError as error:
            self._problem(f"{concept.id}: {error}", *address, "is")
            return None
        return self._with_interval(concept, value, details, address)

    def _with_interval(self, concept: Concept, value: Value, details: Mapping[str, Any],
                       address: tuple[Key, ...]) -> Value | None:  # fmt: skip
        written = self._text(details, "interval", address)
        if not written:
            return value
        if not isinstance(value, Quantity):
            self._problem(f"{concept.id}: an interval belongs to a number", *address, "interval",
                          remedy=f"'{value}' is none")  # fmt: skip
            return None
        try:
            return replace(value, interval=read_interval(written))
        except ValueError as error:
            self._problem(f"{concept.id}: {error}", *address, "interval")
            return None

    def _percent_predicted(self, concept: Concept, details: Mapping[str, Any], fact: Fact,
                           address: tuple[Key, ...]) -> Iterator[Fact]:  # fmt: skip
        written = self._text(details, "predicted", address)
        if not written:
            return
        name = f"{concept.id}_percent_predicted"
        if name not in self.vocabulary:
            self._problem(f"{concept.id} has no percent predicted", *address, "predicted")
            return
        try:
            value = read_value(self.vocabulary[name], written)
        except ValueError as error:
            self._problem(f"{name}: {error}", *address, "predicted")
            return
        yield replace(fact, concept=name, value=value)

    def _time(self, details: Mapping[str, Any], place: _Place) -> Moment | None:
        if "at" not in details:
            return place.at
        return self._moment(details["at"], (*place.address, "at"))

    def _moment(self, written: Any, address: tuple[Key, ...]) -> Moment | None:
        if not isinstance(written, str):
            self._problem(f"'{address[-1]}' must be a single value", *address,
                          remedy="not a list and not a mapping")  # fmt: skip
            return None
        try:
            moment = Moment.parse(written).resolved(self.index_date)
        except ValueError as error:
            self._problem(str(error), *address)
            return None
        if moment.on and moment.on > date.today():  # noqa: DTZ011  (the user's own calendar day)
            self._problem(f"{moment.on} lies in the future", *address, remedy="check the year")
        return moment

    def _treatment(self, data: Mapping[str, Any]) -> Iterator[Fact]:
        yield from self._drugs(data.get("treatment"), _Place(("treatment",)))

    def _drugs(self, raw: Any, place: _Place) -> Iterator[Fact]:
        if raw in (None, ""):
            return
        if not isinstance(raw, list):
            self._problem("'treatment' must be a list of drugs", *place.address,
                          remedy="- {drug: cyclosporine, dose: 100 mg 2x per day}")  # fmt: skip
            return
        for i, entry in enumerate(raw):
            yield from self._drug(entry, replace(place, address=(*place.address, i)))

    def _drug(self, raw: Any, place: _Place) -> Iterator[Fact]:
        if isinstance(raw, str):
            raw = self._drug_words(raw)
        details = self._mapping(raw, place.address)
        self._check_keys(details, DRUG_KEYS, place.address)
        concept = self._drug_concept(details, place.address)
        value = self._dose(concept, details, place.address) if concept else None
        times = {key: self._moment(details[key], (*place.address, key))
                 for key in ("start", "stop") if details.get(key)}  # fmt: skip
        start, stop = times.get("start", place.at), times.get("stop")
        if start and stop and start.is_after(stop):
            self._problem(f"the treatment ends ({stop}) before it begins ({start})", *place.address, "stop")
        if concept and value:
            yield Fact(concept.id, value, start, self._provenance(details, place.address), until=stop)

    def _drug_words(self, line: str) -> dict[str, str]:
        """Split ``mycophenolate mofetil 500 mg`` after the longest beginning that names a drug."""
        words = line.split()
        for count in range(len(words), 0, -1):
            found = self.vocabulary.find(" ".join(words[:count]))
            if found and found.kind is Kind.DRUG:
                return {"drug": found.id, "dose": " ".join(words[count:])}
        return {"drug": words[0] if words else "", "dose": " ".join(words[1:])}

    def _drug_concept(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> Concept | None:
        name = self._text(details, "drug", address)
        if not name:
            if isinstance(details.get("drug", ""), str):
                self._problem("the drug has no name", *address, remedy="- {drug: prednisone}")
            return None
        concept = self._concept(name, (*address, "drug"))
        if concept and concept.kind is not Kind.DRUG:
            self._problem(f"{concept.id} is not a drug", *address, "drug",
                          remedy="findings go into a section such as history:")  # fmt: skip
            return None
        return concept

    def _dose(self, concept: Concept, details: Mapping[str, Any],
              address: tuple[Key, ...]) -> Value | None:  # fmt: skip
        try:
            return read_value(concept, self._text(details, "dose", address) or "dose not recorded")
        except ValueError as error:
            self._problem(f"{concept.id}: {error}", *address, "dose")
            return None

    def _visits(self, data: Mapping[str, Any]) -> Iterator[Fact]:
        raw = data.get("visits")
        if raw in (None, ""):
            return
        if not isinstance(raw, list):
            self._problem("'visits' must be a list", "visits", remedy="- {at: +3 months, findings: {...}}")
            return
        for i, visit in enumerate(raw):
            yield from self._visit(visit, ("visits", i))

    def _visit(self, raw: Any, address: tuple[Key, ...]) -> Iterator[Fact]:
        visit = self._mapping(raw, address)
        self._check_keys(visit, ("at", "notes", "treatment", *SECTIONS), address)
        if not visit.get("at"):
            self._problem("a visit needs its time", *address, remedy="at: 2022-05-01 or at: +3 months")
            return
        place = _Place(address, self._moment(visit["at"], (*address, "at")))
        remark = self._text(visit, "notes", address)
        if remark and place.at:
            self.remarks.append((place.at, remark))
        yield from self._sections(visit, place)
        yield from self._drugs(visit.get("treatment"), replace(place, address=(*address, "treatment")))


def patient_concepts(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what stands under ``patient:``: sex, and what has one value in a lifetime (ages)."""
    ages = sorted(c.id for c in vocabulary.concepts.values() if c.once)
    return ("sex", *ages)


def _in_file_order(problem: Problem) -> tuple[int, int]:
    return (problem.where.line, problem.where.column) if problem.where else (0, 0)


_EXAMPLES: Final = {
    Kind.FINDING: "present, absent or unknown",
    Kind.ANTIBODY: "present, absent, ++, 1:320 or 45 U/mL (<20)",
    Kind.QUANTITY: "a number with its unit, e.g. 5.65 mmol/L (3-5)",
    Kind.DRUG: "a dose, e.g. 100 mg 2x per day",
}


def _example(concept: Concept) -> str:
    return _EXAMPLES.get(concept.kind) or f"one of {', '.join(concept.choices)}"
