"""What a form asks: one question for each thing that the chosen criteria sets speak of.

The id of a question is the id of its concept (``ana_titre`` for the titre of an antibody): it is the
field name in REDCap and the linkId in FHIR, and it finds the concept again when the form comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final

from crithidia.definition import Compares, Has
from crithidia.foundation.text import LANGUAGES, Text
from crithidia.foundation.truth import Truth
from crithidia.interpretation import shipped_units
from crithidia.interpretation.units import NO_UNIT
from crithidia.vocabulary import Kind, Means
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crithidia.definition import Atom, CriteriaSet
    from crithidia.vocabulary import Concept, Vocabulary

TITRE_UNIT: Final = "{titer}"
UNKNOWN: Final = "unknown"
PRESENCE: Final = (
    ("1", Truth.PRESENT, Text("present", "obecne")),
    ("0", Truth.ABSENT, Text("absent", "nieobecne")),
    ("9", Truth.UNKNOWN, Text("unknown", "nieznane")),
)
UNKNOWN_LABEL: Final = PRESENCE[-1][2]
SECTIONS: Final = {
    Means.HISTORY: Text("History", "Wywiad"),
    Means.EXAMINATION: Text("Examination", "Badanie przedmiotowe"),
    Means.LABORATORY: Text("Laboratory", "Badania laboratoryjne"),
    Means.FUNCTION: Text("Tests of function", "Badania czynnościowe"),
    Means.IMAGING: Text("Imaging", "Badania obrazowe"),
    Means.BIOPSY: Text("Biopsy", "Biopsja"),
}
_SUFFIX: Final = "_titre"
_TITRE_LABEL: Final = Text("{name}: titre 1:n, enter n", "{name}: miano 1:n, wpisz n")


class Answer(Enum):
    """Which sort of answer a question takes."""

    PRESENCE = "presence"
    NUMBER = "number"
    TITRE = "titre"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; ``help`` says what counts."""

    id: str
    concept: Concept
    answer: Answer
    label: Text
    help: Text | None = None

    @property
    def unit(self) -> str:
        """Return the unit (UCUM) in which a number is asked for, or an empty string."""
        if self.answer is Answer.TITRE:
            return TITRE_UNIT
        return shipped_units().quantities[self.concept.id].unit if self.answer is Answer.NUMBER else ""

    @property
    def shown_unit(self) -> Text | None:
        """Return the unit as people read it; None for counts, which have none."""
        if self.answer is not Answer.NUMBER or self.unit == NO_UNIT:
            return None
        return Text(*(shipped_units().shown(self.unit, language) for language in LANGUAGES))

    @property
    def limits(self) -> tuple[Decimal, Decimal | None] | None:
        """Return the numbers between which an answer can lie at all."""
        if self.answer is Answer.TITRE:
            return Decimal(1), None
        return shipped_units().quantities[self.concept.id].plausible if self.answer is Answer.NUMBER else None

    def choices(self) -> Iterator[tuple[str, Text]]:
        """Yield code and label of every choice of a coded answer, unknown last."""
        yield from self.concept.choices.items()
        if UNKNOWN not in self.concept.choices:
            yield UNKNOWN, UNKNOWN_LABEL


def questions_for(sets: Iterable[CriteriaSet], vocabulary: Vocabulary) -> tuple[Question, ...]:
    """Return what the sets ask, each thing once, from the easiest to obtain to the hardest."""
    sets = tuple(sets)
    said = _definitions(sets)
    asked: dict[str, Question] = {}
    for atom in _atoms(sets):
        question = _asked_by(atom, vocabulary[atom.concept], said.get(atom.concept))
        asked.setdefault(question.id, question)
    return tuple(sorted(asked.values(), key=lambda question: question.concept.means.effort))


def _atoms(sets: tuple[CriteriaSet, ...]) -> Iterator[Atom]:
    for one in sets:
        for root in (*(clause.when for clause in one.clauses()), one.fulfilled):
            yield from root.atoms()


def _definitions(sets: tuple[CriteriaSet, ...]) -> dict[str, Text]:
    """Return what the papers say of a finding where a clause is that finding and no more."""
    return {
        clause.when.concept: clause.definition
        for one in reversed(sets) for clause in one.clauses()
        if isinstance(clause.when, Has) and clause.definition
    }  # fmt: skip


def _asked_by(atom: Atom, concept: Concept, definition: Text | None) -> Question:
    if isinstance(atom, Compares) and concept.kind is Kind.ANTIBODY:
        return _titre(concept)
    return Question(concept.id, concept, _ANSWERS[concept.kind], concept.label,
                    concept.definition or definition)  # fmt: skip


_ANSWERS: Final = {
    Kind.FINDING: Answer.PRESENCE, Kind.ANTIBODY: Answer.PRESENCE,
    Kind.QUANTITY: Answer.NUMBER, Kind.CODE: Answer.CODE,
}  # fmt: skip


def _titre(concept: Concept) -> Question:
    label = Text(*(_TITRE_LABEL.in_(language).format(name=concept.label.in_(language))
                   for language in LANGUAGES))  # fmt: skip
    return Question(f"{concept.id}{_SUFFIX}", concept, Answer.TITRE, label)


@dataclass(frozen=True)
class QuestionIndex:
    """Every question that any form may hold, found by its id or by its label in either language."""

    by_id: Mapping[str, Question]
    by_label: Mapping[str, Question]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> QuestionIndex:
        """Collect the questions about all concepts of a vocabulary."""
        asked = [
            Question(concept.id, concept, _ANSWERS[concept.kind], concept.label)
            for concept in vocabulary.concepts.values() if concept.kind in _ANSWERS
        ]  # fmt: skip
        titres = [_titre(q.concept) for q in asked if q.concept.kind is Kind.ANTIBODY]
        return cls(
            by_id={question.id: question for question in (*titres, *asked)},
            by_label={fold(question.label.in_(language)): question
                      for question in (*titres, *asked) for language in LANGUAGES},
        )  # fmt: skip

    def find(self, name: str) -> Question | None:
        """Return the question of that id or label, or None."""
        return self.by_id.get(name.strip()) or self.by_label.get(fold(name))
