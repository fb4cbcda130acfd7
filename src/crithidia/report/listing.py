"""Definitions in one line each, under their diseases: criteria sets and scores alike, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

from crithidia.report.wording import capital, say
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from crithidia.foundation.text import Language
    from crithidia.foundation.text import Text as Words

Json = dict[str, Any]


def is_named(disease: Words, word: str) -> bool:
    """Return whether a disease contains a word, in either language; an empty word is in all."""
    wanted = fold(word)
    return wanted in fold(disease.en) or wanted in fold(disease.pl)


def lines_by_disease(lines: list[Json], language: Language) -> Iterator[RenderableType]:
    """Yield the lines (``id``, ``title``, ``disease``; ``replaced_by`` dims) in tables by disease."""
    width = max((len(line["id"]) for line in lines), default=0)
    for disease in dict.fromkeys(line["disease"] for line in lines):
        yield Text(capital(disease), "bold")
        table = Table.grid("", Column(no_wrap=True, min_width=width), "", padding=(0, 2))
        for line in (line for line in lines if line["disease"] == disease):
            note = f" ({say('guide_replaced', language)})" if line.get("replaced_by") else ""
            table.add_row("", line["id"], Text(capital(line["title"]) + note, "dim" if note else ""))
        yield table
    if not lines:
        yield Text(say("guide_search_nothing", language))
