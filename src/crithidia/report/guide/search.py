"""What can be searched for: sets, their clauses, scores and concepts, by words of both languages.

The command line searches here; the guide writes the same entries as its index and searches them in
the reader's browser by the same rule: every word must occur, accents and case do not matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from crithidia.definition import shipped_criteria
from crithidia.definition.score_library import load_score, shipped_score_ids
from crithidia.report.definition import sections
from crithidia.report.wording import concept_label
from crithidia.vocabulary import shipped_vocabulary
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.definition import Clause, CriteriaSet
    from crithidia.foundation.text import Language

Sort = Literal["set", "item", "score", "concept"]
SORTS: Final[tuple[Sort, ...]] = ("set", "item", "score", "concept")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a search can find; ``words`` are folded, in both languages."""

    sort: Sort
    id: str
    label: str
    context: str
    words: str
    set_id: str = ""

    @property
    def address(self) -> str:
        """Return where the guide says it, below the folder of a language."""
        if self.sort == "concept":
            return f"concepts.html#{self.id}"
        if self.sort == "score":
            return f"scores/{self.id}.html"
        return f"sets/{self.id}.html" if self.sort == "set" else f"sets/{self.set_id}.html#{self.id}"

    def matches(self, wanted: tuple[str, ...]) -> bool:
        """Whether every word occurs."""
        return all(word in self.words for word in wanted)

    def rank(self, wanted: tuple[str, ...]) -> tuple[bool, int]:
        """Return the place in the order of results: hits in the name first, sets before concepts."""
        name = fold(f"{self.label} {self.id}")
        return not all(word in name for word in wanted), SORTS.index(self.sort)


def find(query: str, language: Language) -> list[Entry]:
    """Return what matches, best first."""
    wanted = tuple(fold(query).split())
    if not wanted:
        return []
    return sorted((entry for entry in entries(language) if entry.matches(wanted)),
                  key=lambda entry: entry.rank(wanted))  # fmt: skip


@lru_cache(maxsize=2)
def entries(language: Language) -> tuple[Entry, ...]:
    """Return everything that can be found."""
    return (*_sets(language), *_items(language), *_scores(language), *_concepts(language))


def search_index(language: Language) -> str:
    """Return the entries as JSON, short keys: kind, label, context, address, words."""
    rows = [[SORTS.index(e.sort), e.label, e.context, e.address, e.words] for e in entries(language)]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _words(*texts: str) -> str:
    return " ".join(dict.fromkeys(fold(" ".join(texts)).split()))


def _sets(language: Language) -> Iterator[Entry]:
    for s in shipped_criteria():
        words = _words(s.id, s.title.en, s.title.pl, s.disease.en, s.disease.pl, s.citation.authors)
        yield Entry("set", s.id, s.title.in_(language), s.disease.in_(language), words, s.id)


def _items(language: Language) -> Iterator[Entry]:
    for definition in shipped_criteria():
        seen: set[str] = set()
        for section, clause in sections(definition):
            if section != "categories" and clause.id not in seen:
                seen.add(clause.id)
                yield _item(definition, clause, language)


def _item(definition: CriteriaSet, clause: Clause, language: Language) -> Entry:
    texts = [clause.id, clause.label.en, clause.label.pl]
    for atom in clause.when.atoms():
        texts.extend(shipped_vocabulary()[atom.concept].names())
    return Entry("item", clause.id, clause.label.in_(language), definition.title.in_(language),
                 _words(*texts), definition.id)  # fmt: skip


def _scores(language: Language) -> Iterator[Entry]:
    for score in map(load_score, shipped_score_ids()):
        words = _words(score.id, score.title.en, score.title.pl, score.disease.en, score.disease.pl,
                       score.citation.authors)  # fmt: skip
        yield Entry("score", score.id, score.title.in_(language), score.disease.in_(language), words)


def _concepts(language: Language) -> Iterator[Entry]:
    for concept in shipped_vocabulary().concepts.values():
        words = _words(*concept.names(), *concept.codes.values())
        yield Entry("concept", concept.id, concept_label(concept.id, language), concept.id, words)
