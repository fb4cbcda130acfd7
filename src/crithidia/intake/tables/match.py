"""Which concept the name of a column means: exact names first, then near ones with how near they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from crithidia.intake.tables.words import Words, folded, shipped_words
from crithidia.interpretation import UnitTable, shipped_units
from crithidia.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

SURE: Final = 0.93
POSSIBLE: Final = 0.75
_OTHER: Final = 0.92
_MARGIN: Final = 0.04
_SHORT: Final = 5
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
    @lru_cache(maxsize=2)
    def shipped(cls) -> Names:
        """Return the names of the vocabulary that comes with the package."""
        return cls.of(shipped_vocabulary())

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Names:
        """Collect the names of all concepts."""
        found = dict.fromkeys(
            (folded(name), concept.id) for concept in vocabulary.concepts.values() for name in concept.names()
        )
        return cls(tuple(found), shipped_words(), shipped_units())

    @cached_property
    def known(self) -> frozenset[str]:
        """Return every name."""
        return frozenset(name for name, _ in self.names)

    @cached_property
    def long_names(self) -> list[str]:
        """Return the names that are long enough to be compared."""
        return [name for name, _ in self.names if len(name) >= _SHORT]

    @cached_property
    def long_concepts(self) -> list[str]:
        """Return the concepts of the long names, in the same order."""
        return [concept for name, concept in self.names if len(name) >= _SHORT]

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
        if folded(text) in self.known:
            return Heading(text)
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
                if len(parts) > count and len(unit) > 1 and self._is_unit(unit):
                    return Heading(" ".join(parts[:-count]), unit)
        return Heading(text)

    def _is_unit(self, written: str) -> bool:
        """Return whether the end of a name is a unit; ``ULN`` says what the column holds."""
        said = {word for kind in ("upper_limit", "lower_limit") for word in self.words.columns[kind]}
        return folded(written) not in said and self.units.code_of(written) is not None

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
        """Yield equal names and, of longer ones, those alike whatever the order of their words.

        Short names are never alike: FVC is not FEV.
        """
        yield from (Match(concept, 1.0, name) for name, concept in self.names if name == query)
        if len(query) < _SHORT:
            return
        from rapidfuzz import fuzz, process

        for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
            for name, likeness, index in process.extract(query, self.long_names, scorer=scorer, limit=12,
                                                         score_cutoff=100 * POSSIBLE):  # fmt: skip
                if name != query:
                    most = _OTHER if _differ_in_short_words(query, name) else 0.99
                    yield Match(self.long_concepts[index], round(min(most, likeness / 100), 2), name)


def _differ_in_short_words(one: str, other: str) -> bool:
    """Return whether each has an abbreviation that the other has not: FVC % is not VC %."""
    first, second = ({word for word in text.split() if 1 < len(word) < _SHORT} for text in (one, other))
    return bool(first - second) and bool(second - first)


_NOTHING: Final = Match("", 0.0, "")


def is_sure(matches: tuple[Match, ...]) -> bool:
    """Return whether the nearest can be taken: the same name, or near and nothing else nearly as near."""
    if not matches or matches[0].nearness < SURE:
        return False
    second = matches[1].nearness if len(matches) > 1 else 0.0
    if matches[0].nearness == 1.0:
        return second < 1.0
    return matches[0].nearness - second >= _MARGIN
