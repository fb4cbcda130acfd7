"""Which concept the name of a column means: exact names first, then near ones with how near they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.intake.tables.words import Words, folded, shipped_words
from crithidia.interpretation import UnitTable, shipped_units
from crithidia.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

SURE: Final = 0.93
POSSIBLE: Final = 0.75
_MARGIN: Final = 0.04
_BRACKET: Final = re.compile(r"(?P<name>.*?)[\s,_]*[\[(](?P<unit>[^\])]+)[\])]\s*(?P<rest>.*)")
_ASIDE: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_HUMP: Final = re.compile(r"(?<=[a-ząćęłńóśźż])(?=[A-ZĄĆĘŁŃÓŚŹŻ])")


@dataclass(frozen=True, slots=True)
class Match:
    """A concept that a name may mean, from 0 to 1, and the name of the concept that was near."""

    concept: str
    nearness: float
    by: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A column name taken apart: what is measured, and the unit (as written) if the name holds one."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Names:
    """All names of the vocabulary, folded."""

    names: tuple[tuple[str, str], ...]
    words: Words
    units: UnitTable

    @classmethod
    def of(cls, vocabulary: Vocabulary | None = None) -> Names:
        """Collect the names of all concepts."""
        vocabulary = vocabulary or shipped_vocabulary()
        found = dict.fromkeys(
            (folded(name), concept.id) for concept in vocabulary.concepts.values() for name in concept.names()
        )
        return cls(tuple(found), shipped_words(), shipped_units())

    def matches(self, text: str, most: int = 4) -> tuple[Match, ...]:
        """Return the concepts that a name may mean, nearest first."""
        best: dict[str, Match] = {}
        for query in dict.fromkeys(self._queries(text)):
            for match in self._near(query):
                if match.nearness > best.get(match.concept, _NOTHING).nearness:
                    best[match.concept] = match
        return tuple(sorted(best.values(), key=lambda match: (-match.nearness, match.concept))[:most])

    def heading(self, text: str) -> Heading:
        """Take the unit off a column name: ``CK [U/l]``, ``crp_mg_l``, ``Hb, g/dl``."""
        text = text.strip()
        if match := _BRACKET.fullmatch(text):
            inner = match["unit"].strip()
            if inner == "%" or self.units.code_of(inner):
                return Heading(f"{match['name']} {match['rest']}".strip(), inner)
        parts = [part for part in re.split(r"[\s_,]+", text) if part]
        if len(parts) > 1 and parts[-1] == "%":
            return Heading(" ".join(parts[:-1]), "%")
        for count in (3, 2, 1):
            for joint in ("/", ""):
                unit = joint.join(parts[-count:])
                if len(parts) > count and len(unit) > 1 and self.units.code_of(unit):
                    return Heading(" ".join(parts[:-count]), unit)
        return Heading(text)

    def _queries(self, text: str) -> Iterator[str]:
        """Yield a name as it stands, and without the words that say nothing about the finding."""
        plain = folded(_HUMP.sub(" ", text).replace(".", " ").replace("/", " / "))
        yield folded(text)
        yield plain
        shorter = f" {_ASIDE.sub(' ', plain)} "
        for noise in self.words.noise:
            shorter = shorter.replace(f" {noise} ", " ")
        if shorter.strip():
            yield shorter.strip()

    def _near(self, query: str) -> Iterator[Match]:
        for name, concept in self.names:
            nearness = 1.0 if name == query else likeness(query, name)
            if nearness >= POSSIBLE:
                yield Match(concept, round(nearness, 2), name)


_NOTHING: Final = Match("", 0.0, "")


def likeness(one: str, other: str) -> float:
    """Return how alike two folded names are, from 0 to below 1, whatever the order of their words.

    Short names are never alike: FVC is not FEV.
    """
    from rapidfuzz import fuzz

    if min(len(one), len(other)) < 5:
        return 0.0
    return float(min(0.99, max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)) / 100))


def is_sure(matches: tuple[Match, ...]) -> bool:
    """Return whether the nearest match can be taken: near enough, and nothing else nearly as near."""
    if not matches or matches[0].nearness < SURE:
        return False
    return len(matches) == 1 or matches[0].nearness - matches[1].nearness >= _MARGIN
