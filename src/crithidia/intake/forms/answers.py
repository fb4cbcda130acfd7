"""From the words of an answer to a value. Blank and unknown are never absent."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crithidia.case import Presence, Titre
from crithidia.case.grades import TRUTHS
from crithidia.case.reading import read_quantity, read_value
from crithidia.foundation.problems import shown
from crithidia.intake.forms.questions import PRESENCE, UNKNOWN, UNKNOWN_LABEL, Answer, Question

if TYPE_CHECKING:
    from crithidia.case import Value

# The codes that REDCap proposes for missing data; a project may let any field take them.
_MISSING: Final = frozenset({"UNK", "NASK", "ASKU", "NAV", "NAVU", "NI", "NA", "MSK"})
_CODES: Final = {code: truth for code, truth, _ in PRESENCE}
_RECIPROCAL: Final = re.compile(r"(?P<sign>[<>]=?|≤|≥)?\s*(?P<n>[0-9]+)(?:\.0+)?")
_NOT_KNOWN: Final = frozenset({UNKNOWN, UNKNOWN_LABEL.en, UNKNOWN_LABEL.pl})
_LONGEST: Final = 500


def read_answer(question: Question, text: str) -> Value | None:
    """Return the value that an answer means, None where nothing was answered.

    Raises ``ValueError`` with what was wrong and what would be right.
    """
    if len(text) > _LONGEST:
        msg = f"the answer has {len(text):,} characters; at most {_LONGEST} are read"
        raise ValueError(msg)
    words = " ".join(text.split())
    if not words or words in _MISSING:
        return None
    if question.answer is Answer.PRESENCE:
        return _presence(words)
    if words.lower() in _NOT_KNOWN and words.lower() not in question.concept.choices:
        return None
    if question.answer is Answer.CODE:
        return read_value(question.concept, words)
    return (_titre if question.answer is Answer.TITRE else _number)(question, words)


def _presence(words: str) -> Presence:
    truth = _CODES.get(words) or TRUTHS.get(words.lower())
    if truth is None:
        known = ", ".join(f"{code} ({label.en})" for code, _, label in PRESENCE)
        msg = f"'{shown(words)}' is none of {known}, nor one of these words"
        raise ValueError(msg)
    return Presence(truth)


def _number(question: Question, words: str) -> Value:
    """Read a number; without a unit it is in the one that the form asks for."""
    quantity = read_quantity(words)
    return quantity if quantity.unit else replace(quantity, unit=question.unit)


def _titre(question: Question, words: str) -> Titre:
    if match := _RECIPROCAL.fullmatch(words):
        words = f"{match['sign'] or ''}1:{match['n']}"
    value = read_value(question.concept, words)
    if not isinstance(value, Titre):
        msg = f"'{shown(words)}' is not a titre; write 320 or 1:320"
        raise ValueError(msg)
    return value
