"""The words of tables, from ``knowledge/mappings/words.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.truth import Truth
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Words:
    """Folded words: what they state, which mean not known, and what columns are called."""

    truths: Mapping[str, Truth]
    unknown: frozenset[str]
    sexes: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    noise: tuple[str, ...]

    def is_unknown(self, text: str) -> bool:
        """Return whether a cell says that nothing is known."""
        return folded(text) in self.unknown


def folded(text: str) -> str:
    """Reduce a word: as names are, but a lone sign such as ``-`` stays."""
    return fold(text) or text.strip()


@lru_cache(maxsize=1)
def shipped_words() -> Words:
    """Return the words that come with the package."""
    return load_words(shipped_library())


def load_words(library: Library) -> Words:
    """Read the words."""
    data = library.document("mappings/words.yaml").data
    truths = {folded(word): Truth.PRESENT for word in data["present"]}
    truths |= {folded(word): Truth.ABSENT for word in data["absent"]}
    sexes = {folded(word): code for code in ("female", "male") for word in data[code]}
    columns = {role: tuple(folded(word) for word in words) for role, words in data["columns"].items()}
    noise = tuple(sorted({folded(word) for word in data["noise"]}, key=len, reverse=True))
    return Words(truths, frozenset(folded(word) for word in data["unknown"]), sexes, columns, noise)
