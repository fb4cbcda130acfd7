"""What a doubt says, in English: messages about mistakes in input files are in English."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.foundation.library import shipped_library

if TYPE_CHECKING:
    from crithidia.foundation.text import Phrase


def said(phrase: Phrase) -> str:
    """Return the sentence with its parameters filled in; concepts go by their ids."""
    values = {name: _shown(value) for name, value in phrase.parameters}
    return " ".join(_templates()[phrase.id].format(**values).split())


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=1)
def _templates() -> dict[str, str]:
    return {name: text["en"] for document in shipped_library().folder("phrases")
            for name, text in document.data.items()}  # fmt: skip
