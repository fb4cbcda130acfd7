"""What stands in the columns of a table: a look at the first rows, for drafting a mapping."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from crithidia.intake.tables.cells import USER_MISSING
from crithidia.intake.tables.dates import read_date
from crithidia.intake.tables.words import folded, shipped_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.intake.tables.source import Table

_BATCHES: Final = 3
_NUMBER: Final = re.compile(r"[<>≤≥]?=?\s*[-+]?[0-9][0-9 \u00a0.,']*(?P<rest>.*)")
_TITRE: Final = re.compile(r"[<>≤≥]?=?\s*1\s*[:/]\s*[0-9]+.*")
_COMMA: Final = re.compile(r"[<>]?\s*[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})(?![0-9]).*")
_POINT: Final = re.compile(r"[<>]?\s*[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})(?![0-9]).*")
_DAYS: Final = re.compile(r"[0-9]{5}")
_SECONDS: Final = re.compile(r"[0-9]{10,11}")
_SLASHED: Final = re.compile(r"(?P<a>[0-9]{1,2})[-/](?P<b>[0-9]{1,2})[-/][0-9]{4}.*")


@dataclass
class Seen:
    """The texts of one column, with how often each was seen; ``unknown`` are those that say not known."""

    name: str
    texts: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    labels: Mapping[str, str] = field(default_factory=dict)
    counts: str = "excel"
    rows: int = 0

    def look(self, cell: str | None, missing: frozenset[str] = frozenset()) -> None:
        """Take a cell in; ``missing`` are the codes that the file declares as missing."""
        self.rows += 1
        words = " ".join((cell or "").split())
        label = self.labels.get(words, words)
        if not words:
            return
        if words.startswith(USER_MISSING) or words in missing or shipped_words().is_unknown(label):
            self.unknown[words] += 1
        else:
            self.texts[words] += 1

    def share(self, kind: str) -> float:
        """Return the share of filled cells that are of a kind: number, titre, truth, date."""
        total = self.texts.total()
        fits = {"number": is_number, "titre": is_titre, "truth": self.is_truth, "date": is_date}[kind]
        return sum(count for text, count in self.texts.items() if fits(text)) / total if total else 0.0

    def is_truth(self, text: str) -> bool:
        """Return whether a cell, or its label, is a word for present or absent."""
        return folded(self.labels.get(text, text)) in shipped_words().truths

    @property
    def codes(self) -> frozenset[str]:
        """Return the distinct texts, ``1`` for ``1.0``."""
        return frozenset(map(without_zeros, self.texts))

    def decimal(self) -> str:
        """Return the decimal sign that the numbers show, or nothing where they show both or none."""
        comma, point = (any(map(sign.fullmatch, self.texts)) for sign in (_COMMA, _POINT))
        return "" if comma == point else "," if comma else "."

    def date_order(self) -> tuple[str, ...]:
        """Return the order of day and month that the dates show, and whether some are numbers of days."""
        matches = [match for match in map(_SLASHED.fullmatch, self.texts) if match]
        first = any(int(match["a"]) > 12 for match in matches)
        second = any(int(match["b"]) > 12 for match in matches)
        order = ("dmy",) if first and not second else ("mdy",) if second and not first else ()
        return (*order, *((self.counts,) if any(map(self._is_counted, self.texts)) else ()))

    def _is_counted(self, text: str) -> bool:
        return (_SECONDS if self.counts == "spss" else _DAYS).fullmatch(text) is not None

    def unit_written(self) -> str:
        """Return what most often stands after the numbers."""
        rests = Counter(match["rest"].strip() for match in map(_NUMBER.fullmatch, self.texts) if match)
        rests.pop("", None)
        return rests.most_common(1)[0][0] if rests else ""


def without_zeros(text: str) -> str:
    """Return ``1`` for ``1.0``, as statistical packages write codes."""
    return re.sub(r"[.,]0+$", "", text)


def is_number(text: str) -> bool:
    """Return whether a cell begins with a number and is no titre and no date."""
    return _NUMBER.fullmatch(text) is not None and not is_titre(text) and not is_date(text)


def is_titre(text: str) -> bool:
    """Return whether a cell is written as a titre."""
    return _TITRE.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Return whether a cell can be a date; a bare number is none."""
    if text.isdigit():
        return False
    try:
        read_date(text, "dmy")
    except ValueError:
        return _SLASHED.fullmatch(text) is not None
    return True


def survey(table: Table) -> dict[str, Seen]:
    """Return what stands in each column, from the first rows."""
    described = table.described
    seen = {name: Seen(name, labels=described.labels.get(name, {}), counts=described.counts)
            for name in table.columns}  # fmt: skip
    for batch in islice(table.batches(), _BATCHES):
        for name, cells in batch.columns.items():
            for cell in cells:
                seen[name].look(cell, described.missing.get(name, frozenset()))
    return seen
