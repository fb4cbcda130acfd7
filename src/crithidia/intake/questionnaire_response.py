"""A filled form: FHIR R4 QuestionnaireResponse to a case.

The linkIds are those of ``crithidia criteria form --to fhir-questionnaire``. An item without an answer
says nothing; items of other linkIds are not read and are named in the notes of the case. ``authored``
is the day of the index visit and not the time of a finding: the form asks what was ever found, and
answers of one day do not make two findings fall together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Case, Fact, Moment, Presence, Provenance
from crithidia.foundation.document import parse_json
from crithidia.foundation.numbers import decimal_of, plain
from crithidia.foundation.problems import InputError, Problem, shown
from crithidia.foundation.truth import Truth
from crithidia.intake.forms.answers import read_answer
from crithidia.intake.forms.questionnaire import UCUM, code_system
from crithidia.intake.forms.questions import Answer, Question, QuestionIndex
from crithidia.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from crithidia.case import Value
    from crithidia.foundation.document import Document, Key

RESOURCE: Final = "QuestionnaireResponse"
_STATUSES: Final = ("in-progress", "completed", "amended", "stopped", "entered-in-error")
_NUMBERS: Final = ("valueDecimal", "valueInteger")
_EXPECTED: Final = {
    Answer.PRESENCE: "valueCoding with the code present, absent or unknown",
    Answer.CODE: "valueCoding with one of the codes of the form",
    Answer.NUMBER: "valueDecimal or valueQuantity",
    Answer.TITRE: "valueInteger: the n of 1:n",
}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=T|$)")


def parse_questionnaire_response(text: str, name: str = "response",
                                 vocabulary: Vocabulary | None = None) -> Case:  # fmt: skip
    """Read a response from JSON text. Raises ``InputError`` with every problem and its place."""
    return case_of_response(parse_json(text, name), name, vocabulary)


def case_of_response(document: Document, fallback_id: str, vocabulary: Vocabulary | None = None) -> Case:
    """Read a response from a document whose scalars are still text."""
    return _Reader(document, QuestionIndex.of(vocabulary or shipped_vocabulary())).read(fallback_id)


class _Reader:
    def __init__(self, document: Document, index: QuestionIndex) -> None:
        self.document = document
        self.index = index
        self.problems: list[Problem] = []
        self.known = 0
        self.unread: list[str] = []

    def read(self, fallback_id: str) -> Case:
        data = self._mapping(self.document.data, ())
        self._check_status(data)
        authored = self._authored(data)
        facts = tuple(self._items(data.get("item"), ("item",)))
        if not self.known and not self.problems:
            self._problem("no item of this response is one of a Crithidia form", "item",
                          remedy="make the form with 'crithidia criteria form'")  # fmt: skip
        if self.problems:
            raise InputError(tuple(self.problems))
        notes = f"Items not read: {', '.join(self.unread)}" if self.unread else ""
        return Case(self._id(data) or fallback_id, facts, notes=notes, index_date=authored)

    def _problem(self, message: str, *address: Key, remedy: str = "") -> None:
        self.problems.append(Problem(message, self.document.where(*address), remedy))

    def _mapping(self, raw: Any, address: tuple[Key, ...]) -> Mapping[str, Any]:
        if isinstance(raw, dict):
            return raw
        self._problem(f"{_named(address)} must be an object", *address, remedy="{...} in JSON")
        return {}

    def _list(self, raw: Any, address: tuple[Key, ...]) -> list[Any]:
        if isinstance(raw, list):
            return raw
        if raw is not None:
            self._problem(f"{_named(address)} must be a list", *address, remedy="[...] in JSON")
        return []

    def _check_status(self, data: Mapping[str, Any]) -> None:
        status = data.get("status")
        if status == "entered-in-error":
            self._problem("the response is marked as entered in error", "status", remedy="it is not read")
        elif status not in _STATUSES:
            written = f"'{shown(status)}' is not a status" if status else "the response has no status"
            self._problem(written, "status", remedy=f"one of {', '.join(_STATUSES)}")

    def _authored(self, data: Mapping[str, Any]) -> date | None:
        """Return the day on which the answers were given; a month or a year alone is no day."""
        written = data.get("authored")
        match = _DAY.match(written) if isinstance(written, str) else None
        try:
            return Moment.parse(match[0]).on if match else None
        except ValueError as error:
            self._problem(f"authored: {error}", "authored")
            return None

    def _id(self, data: Mapping[str, Any]) -> str:
        subject = data.get("subject")
        subject = subject if isinstance(subject, dict) else {}
        identifier = subject.get("identifier")
        named = identifier.get("value") if isinstance(identifier, dict) else None
        found = subject.get("reference") or named or data.get("id")
        return found.rpartition("/")[2] if isinstance(found, str) else ""

    def _items(self, raw: Any, address: tuple[Key, ...]) -> Iterator[Fact]:
        for i, item in enumerate(self._list(raw, address)):
            yield from self._item(self._mapping(item, (*address, i)), (*address, i))

    def _item(self, item: Mapping[str, Any], address: tuple[Key, ...]) -> Iterator[Fact]:
        link = item.get("linkId")
        if item and not (isinstance(link, str) and link):
            self._problem("the item has no linkId", *address)
        answers = self._list(item.get("answer"), (*address, "answer"))
        question = self.index.by_id.get(link) if isinstance(link, str) else None
        if question:
            self.known += 1
            yield from self._answers(question, answers, (*address, "answer"))
        elif answers:
            self.unread.append(shown(link))
        yield from self._items(item.get("item"), (*address, "item"))
        for i, answer in enumerate(answers):
            if isinstance(answer, dict):
                yield from self._items(answer.get("item"), (*address, "answer", i, "item"))

    def _answers(self, question: Question, answers: list[Any], address: tuple[Key, ...]) -> Iterator[Fact]:
        if len(answers) > 1:
            self._problem(f"{question.id} has {len(answers)} answers; one is expected", *address)
            return
        for i, raw in enumerate(answers):
            place = (*address, i)
            try:
                value = self._value(question, self._mapping(raw, place), place)
            except ValueError as error:
                self._problem(f"{question.id}: {error}", *place, remedy=_EXPECTED[question.answer])
                continue
            if value is not None:
                yield Fact(question.concept.id, value, None,
                           Provenance(where=self.document.where(*place)))  # fmt: skip

    def _value(self, question: Question, answer: Mapping[str, Any],
               place: tuple[Key, ...]) -> Value | None:  # fmt: skip
        values = [key for key in answer if key.startswith("value")]
        if not values:
            return None
        if len(values) > 1:
            msg = f"an answer has one value, not {len(values)}"
            raise ValueError(msg)
        key, raw = values[0], answer[values[0]]
        if question.answer in {Answer.PRESENCE, Answer.CODE}:
            if key != "valueCoding":
                raise ValueError(_wrong(key))
            return _coded(question, self._mapping(raw, (*place, key)))
        if key == "valueQuantity" and question.answer is Answer.NUMBER:
            return read_answer(question, _quantity(self._mapping(raw, (*place, key))))
        if key not in _NUMBERS:
            raise ValueError(_wrong(key))
        return read_answer(question, _number(raw))


def _coded(question: Question, coding: Mapping[str, Any]) -> Value | None:
    code, system = coding.get("code"), coding.get("system")
    expected = code_system(question)
    if not coding:
        return None
    if system and system != expected:
        msg = f"the code is from '{shown(system)}', not from {expected}"
        raise ValueError(msg)
    if not isinstance(code, str) or not code:
        msg = "the coding has no code"
        raise ValueError(msg)
    if question.answer is Answer.CODE:
        return read_answer(question, code)
    if code not in {truth.value for truth in Truth}:
        msg = f"'{shown(code)}' is not present, absent or unknown"
        raise ValueError(msg)
    return Presence(Truth(code))


def _quantity(quantity: Mapping[str, Any]) -> str:
    """Return a FHIR Quantity as people write it; its unit is the code if that is UCUM."""
    unit = quantity.get("code") if quantity.get("system") == UCUM else None
    written = [quantity.get("comparator", ""), _number(quantity.get("value")),
               " ", unit or quantity.get("unit") or quantity.get("code") or ""]  # fmt: skip
    if not all(isinstance(part, str) for part in written):
        msg = "comparator and unit must be single values"
        raise ValueError(msg)
    return "".join(written).strip()


def _number(raw: Any) -> str:
    if not isinstance(raw, str):
        msg = "a number is expected" if raw is not None else "the quantity has no value"
        raise ValueError(msg)
    number = decimal_of(raw)
    if number and not -300 < number.adjusted() < 300:
        msg = f"'{shown(raw)}' is no measurement"
        raise ValueError(msg)
    return plain(number)


def _wrong(key: str) -> str:
    return f"{shown(key)} does not answer this question"


def _named(address: tuple[Key, ...]) -> str:
    if not address:
        return "the response"
    last = address[-1]
    return f"'{shown(last)}'" if isinstance(last, str) else f"entry {last + 1} of '{address[-2]}'"
