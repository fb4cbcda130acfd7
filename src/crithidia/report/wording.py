"""The program's own sentences, in English and Polish, from ``knowledge/phrases``."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import load_criteria_set
from crithidia.evaluation import ScoreInterval
from crithidia.foundation.library import shipped_library
from crithidia.foundation.numbers import plain
from crithidia.foundation.text import Language, Phrase, Text
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"[^\W\d_A-Z]{3}")
_CONCEPTS = frozenset({"concept", "concepts", "confirmatory"})


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Text]:
    """Return every sentence by its id."""
    return {
        name: Text(**text)
        for document in shipped_library().folder("phrases")
        for name, text in document.data.items()
    }


def say(phrase: Phrase | str, language: Language) -> str:
    """Return a sentence in one language, its parameters filled in."""
    if isinstance(phrase, str):
        return phrases()[phrase].in_(language)
    values = {name: _shown(name, value, language) for name, value in phrase.parameters}
    return " ".join(phrases()[phrase.id].in_(language).format(**values).split())


def _shown(name: str, value: Any, language: Language) -> str:
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, Phrase):
        return say(value, language)
    if isinstance(value, (Decimal, ScoreInterval)):
        return number_in(str(value) if isinstance(value, ScoreInterval) else plain(value), language)
    if isinstance(value, tuple):
        return ", ".join(_shown(name, part, language) for part in value)
    if name in _CONCEPTS:
        return concept_label(str(value), language)
    return set_title(str(value), language) if name == "set" else str(value)


def number_in(text: str, language: Language) -> str:
    """Return a number or a range of numbers with the decimal sign of the language."""
    return text.replace(".", ",") if language == "pl" else text


def concept_label(concept: str, language: Language) -> str:
    """Return the label of a concept."""
    vocabulary = shipped_vocabulary()
    return vocabulary[concept].label.in_(language) if concept in vocabulary else concept


def set_title(set_id: str, language: Language) -> str:
    """Return the title of a criteria set."""
    return load_criteria_set(set_id).title.in_(language)


def set_name(set_id: str, language: Language) -> str:
    """Return the title of a criteria set as it stands by itself."""
    return capital(set_title(set_id, language))


def item_label(set_id: str, item: str, language: Language) -> str:
    """Return the label of an item of a criteria set."""
    labels = {clause.id: clause.label for clause in load_criteria_set(set_id).items()}
    return labels[item].in_(language) if item in labels else item


def capital(text: str) -> str:
    """Begin with a capital, except where a name has its own way: eGFR, pH, mRSS."""
    return text[:1].upper() + text[1:] if _WORD.match(text) else text
