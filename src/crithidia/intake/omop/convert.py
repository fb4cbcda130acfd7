"""Rows of the OMOP CDM into facts. A condition says that a finding is present; nothing says that it is absent
but a result that does. Every row of the tables read is accounted for.
"""  # noqa: D205

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crithidia.foundation.problems import shown
from crithidia.intake.codes import OF_FINDINGS, Coded, Codes, load_codes
from crithidia.intake.events import Events
from crithidia.intake.fact_output import FactOutput
from crithidia.intake.ledger import Ledger
from crithidia.intake.omop.files import READ
from crithidia.intake.omop.tables import OmopTables, Row, concept_rows
from crithidia.intake.people import Birth, sex_row
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PERSON: Final = ("person_id", "gender_concept_id", "gender_source_value", "year_of_birth", "month_of_birth",
                  "day_of_birth")  # fmt: skip
_CONDITION: Final = (
    "condition_occurrence_id", "person_id", "condition_concept_id", "condition_source_concept_id",
    "condition_start_date", "condition_source_value", "condition_status_concept_id",
)  # fmt: skip
_DRUG: Final = ("drug_exposure_id", "person_id", "drug_concept_id", "drug_source_concept_id",
                "drug_exposure_start_date", "drug_source_value", "sig")  # fmt: skip
_MEASUREMENT: Final = (
    "measurement_id", "person_id", "measurement_concept_id", "measurement_source_concept_id",
    "measurement_date", "measurement_source_value", "value_as_number", "operator_concept_id",
    "value_as_concept_id", "unit_concept_id", "unit_source_value", "range_low", "range_high",
    "value_source_value",
)  # fmt: skip
_OBSERVATION: Final = (
    "observation_id", "person_id", "observation_concept_id", "observation_source_concept_id",
    "observation_date", "observation_source_value", "value_as_number", "value_as_string",
    "value_as_concept_id", "unit_concept_id", "unit_source_value", "qualifier_concept_id",
)  # fmt: skip
_CONTEXT: Final = ("visit_occurrence", "visit_detail", "observation_period", "death")
_NOTHING: Final = frozenset({None, "", "0"})


def convert_omop(
    tables: OmopTables, target: Path, rejects: Path | None = None, codes: Codes | None = None,
    progress: Callable[[int], None] | None = None, *, even_empty: bool = True,
) -> tuple[Ledger, dict[str, object]]:  # fmt: skip
    """Write the facts of an OMOP database; return the books, and what was not mapped or not read.

    ``even_empty`` says whether to write a file without facts. Raises ``OSError`` for an output that
    cannot be written.
    """
    with FactOutput(target, rejects, even_empty=even_empty) as output:
        events = Events(codes or load_codes(), output, Ledger("rows"))
        conversion = _Conversion(tables, events, progress)
        conversion.run()
        events.finish()
    counts = tables.counts()
    about: dict[str, object] = {
        "input": tables.name,
        "most_often_not_mapped": dict(events.not_mapped.most_common(50)),
        "tables_not_read": {name: count for name, count in sorted(counts.items())
                            if name not in {*READ, *_CONTEXT, "concept"} and count},
    }  # fmt: skip
    return events.ledger, about


@dataclass
class _Conversion:
    tables: OmopTables
    events: Events
    progress: Callable[[int], None] | None = None
    names: dict[str, str] = field(default_factory=dict)
    coded: dict[str, Coded | None] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Read the tables one after the other."""
        self._learn_concepts()
        handlers: dict[str, tuple[tuple[str, ...], Callable[[Row], None]]] = {
            "person": (_PERSON, self._person), "condition_occurrence": (_CONDITION, self._condition),
            "measurement": (_MEASUREMENT, self._measurement),
            "observation": (_OBSERVATION, self._observation), "drug_exposure": (_DRUG, self._drug),
        }  # fmt: skip
        for table, (columns, handle) in handlers.items():
            for block in self.tables.rows(table, columns):
                for row in block:
                    self.events.expected += 1
                    handle(row)
                if self.progress:
                    self.progress(self.events.expected)
        counts = self.tables.counts()
        for table in _CONTEXT:
            if counts.get(table):
                self.events.expected += counts[table]
                self.events.ledger.count(table, "context", counts[table])

    def _learn_concepts(self) -> None:
        """Look up what the concepts that occur are, in the vocabulary of the database and in the codes."""
        ids: set[str] = set()
        for table, columns in (
            ("condition_occurrence", _CONDITION[2:4]), ("drug_exposure", _DRUG[2:4]),
            ("measurement", ("measurement_concept_id", "measurement_source_concept_id", "unit_concept_id",
                             "value_as_concept_id")),
            ("observation", ("observation_concept_id", "observation_source_concept_id", "unit_concept_id",
                             "value_as_concept_id", "qualifier_concept_id")),
        ):  # fmt: skip
            for column in columns:
                ids |= self.tables.distinct(table, column)
        ids -= {"0"}
        for concept_id, vocabulary, code, name in concept_rows(self.tables, ids):
            if concept_id is None:
                continue
            self.names[concept_id] = name or ""
            if vocabulary == "UCUM" and code:
                self.units[concept_id] = code
            if vocabulary and code:
                self.coded[concept_id] = self.events.codes.find(vocabulary, code)
        for concept_id in ids:
            if self.coded.get(concept_id) is None:
                self.coded[concept_id] = self.events.codes.by_omop.get(concept_id)

    def _find(self, row: Row) -> Coded | None:
        """Return what the standard concept of a row means, or else its source concept."""
        for concept_id in row[2:4]:
            if concept_id not in _NOTHING and (found := self.coded.get(str(concept_id))):
                return found
        return None

    def _described(self, row: Row) -> str:
        """Return how a code that means nothing here is called."""
        for concept_id in row[2:4]:
            if concept_id not in _NOTHING:
                name = self.names.get(str(concept_id), "")
                return f"{concept_id} {name}".strip()
        return f"no concept, source value {row[5] or 'none'}"

    def _begun(self, table: str, row: Row) -> Coded | None:
        """Return what a row means, if it has a person and a meaning; otherwise count it."""
        if row[1] is None or row[1] not in self.events.persons.known:
            self.events.refuse(table, "no person", f"{table} {row[0]}", "person_id", row[1] or "",
                               "the person is not in the table person", "correct the row")  # fmt: skip
            return None
        found = self._find(row)
        if found is None:
            self.events.unmapped(table, self._described(row))
        return found

    def _person(self, row: Row) -> None:
        person, gender, gender_source, *born = row
        place = f"person {person}"
        if person is None:
            self.events.refuse("person", "no person", place, "person_id", "", "the row has no id", "add it")
            return
        self.events.persons.known.add(person)
        try:
            year, month, day = map(_number, born)
            if year:
                self.events.persons.births[person] = Birth.of(year, month, day)
        except ValueError as error:
            self.events.refuse("person", "date not readable", place, "birth",
                               "-".join(part or "" for part in born), str(error), "correct it",
                               person)  # fmt: skip
            return
        sex = self.events.codes.sexes.get(gender or "")
        if sex is None:
            del gender_source
            self.events.ledger.count("person", "unknown")
            return
        self.events.fact("person", sex_row(person, sex, place))

    def _condition(self, row: Row) -> None:
        coded = self._begun("condition_occurrence", row)
        if coded is None:
            return
        if row[6] in self.events.codes.preliminary:
            self.events.ledger.count("condition_occurrence", "unknown")
            return
        self._present("condition_occurrence", coded, row)

    def _present(self, table: str, coded: Coded, row: Row) -> None:
        """Take a row whose code names a finding for the finding being present."""
        place, person = f"{table} {row[0]}", str(row[1])
        fine, on = self.events.day(table, row[4], place, person)
        if not fine:
            return
        self.events.persons.seen(person, on)
        if not coded.concept.takes_presence:
            self.events.refuse(table, "no value", place, coded.name, "", f"{coded.concept.id} needs a value",
                               "record it as a measurement", person)  # fmt: skip
            return
        self.events.value(table, coded, person, "present", place, on)

    def _drug(self, row: Row) -> None:
        coded = self._begun("drug_exposure", row)
        if coded is None:
            return
        place, person = f"drug_exposure {row[0]}", str(row[1])
        fine, on = self.events.day("drug_exposure", row[4], place, person)
        if fine:
            self.events.persons.seen(person, on)
            self.events.value("drug_exposure", coded, person, row[6] or coded.name, place, on)

    def _measurement(self, row: Row) -> None:
        coded = self._begun("measurement", row)
        if coded is None:
            return
        place, person = f"measurement {row[0]}", str(row[1])
        fine, on = self.events.day("measurement", row[4], place, person)
        if not fine:
            return
        self.events.persons.seen(person, on)
        number, operator, value_concept, unit, unit_source, low, high, source_value = row[6:]
        text = self._value_text(number, operator, value_concept, source_value)
        beside = {"unit": self.units.get(unit or "", unit_source), "lower_limit": low, "upper_limit": high}
        self.events.value("measurement", coded, person, text, place, on, beside)

    def _observation(self, row: Row) -> None:
        coded = self._begun("observation", row)
        if coded is None:
            return
        place, person = f"observation {row[0]}", str(row[1])
        number, string, value_concept, unit, unit_source, qualifier = row[6:]
        text = self._value_text(number, None, value_concept, string)
        if text is None and qualifier not in _NOTHING:
            text = self._words_of(str(qualifier))
        if text is None and coded.system in OF_FINDINGS and coded.concept.kind is not Kind.QUANTITY:
            self._present("observation", coded, row)
            return
        fine, on = self.events.day("observation", row[4], place, person)
        if fine:
            self.events.persons.seen(person, on)
            beside = {"unit": self.units.get(unit or "", unit_source)}
            self.events.value("observation", coded, person, text, place, on, beside)

    def _value_text(self, number: str | None, operator: str | None, value_concept: str | None,
                    words: str | None) -> str | None:  # fmt: skip
        """Return a value as a person writes it: a number with its sign, or the name of a concept."""
        if number not in {None, ""}:
            return f"{self._sign(operator)}{number}"
        if value_concept not in _NOTHING:
            return self._words_of(str(value_concept), words)
        return words

    def _sign(self, operator: str | None) -> str:
        """Return the sign before a number; an operator that is not known leaves no number."""
        if operator in _NOTHING:
            return ""
        sign = self.events.codes.operators.get(str(operator), f"operator {operator} ")
        return "" if sign == "=" else sign

    def _words_of(self, concept_id: str, words: str | None = None) -> str:
        """Return what a concept says; one that nobody names is no value that can be read."""
        known = self.events.codes.truths.get(concept_id) or self.names.get(concept_id)
        return known or words or f"concept {concept_id} without a name"


def _number(part: str | None) -> int | None:
    """Return a part of a birth; nothing and 0 say that it is not known. Raises ``ValueError``."""
    if not part:
        return None
    if not part.isdecimal():
        msg = f"'{shown(part)}' is not a whole number"
        raise ValueError(msg)
    return int(part) or None
