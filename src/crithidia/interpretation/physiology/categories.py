"""Categories written as conditions in the knowledge files, over what is known.

A category that is not certain stays open beside all others that are possible. The conditions are
those of the criteria (``docs/guide/knowledge-files.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crithidia.definition import Any as AnyOf
from crithidia.definition import AtLeast
from crithidia.definition.conditions import Scope
from crithidia.definition.kleene import kleene
from crithidia.foundation.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.definition import Atom, Statement
    from crithidia.foundation.document import Document
    from crithidia.vocabulary import Vocabulary

    TruthOf = Callable[[Atom], Truth]


@dataclass(frozen=True, slots=True)
class Category:
    """One category: its id, when it holds, and what sets it aside where it is known."""

    id: str
    when: Statement
    unless: Statement | None = None


@dataclass(frozen=True, slots=True)
class Categories:
    """Categories of which exactly one holds, with the citation and the measurements they need."""

    concept: str
    citation: str
    of: tuple[Category, ...]
    needs: tuple[str, ...] = ()
    unverified: bool = False

    def possible(self, truth: TruthOf) -> tuple[str, ...]:
        """Return the categories that can hold, in the order of the file; one if it is certain."""
        open_ones: list[str] = []
        for category in self.of:
            if category.unless is not None and kleene(category.unless, truth) is Truth.PRESENT:
                continue
            holds = kleene(category.when, truth)
            if holds is Truth.PRESENT:
                return (category.id,)
            if holds is Truth.UNKNOWN:
                open_ones.append(category.id)
        return tuple(dict.fromkeys(open_ones))

    def deciding(self, truth: TruthOf) -> tuple[str, ...]:
        """Return the concepts that are unknown in the categories that remain open."""
        possible = set(self.possible(truth))
        atoms = (atom for category in self.of if category.id in possible for atom in category.when.atoms())
        return tuple(dict.fromkeys(atom.concept for atom in atoms if truth(atom) is Truth.UNKNOWN))


def load_categories(document: Document, vocabulary: Vocabulary, concept: str, *address: str) -> Categories:
    """Build the table that stands at ``address``; its key is the concept it answers.

    Raises ``InputError`` with the line for a condition that means nothing, or a category that is
    no choice of the concept.
    """
    data: Any = document.data
    for key in address:
        data = data[key]
    scope = Scope(document, vocabulary, clauses=_signs(document, vocabulary, data, address))
    found = []
    for index, entry in enumerate(data["patterns"]):
        where: tuple[str | int, ...] = (*address, "patterns", index)
        _check_choice(document, vocabulary, concept, entry["id"], (*where, "id"))
        unless = scope.condition(entry["unless"], *where, "unless") if "unless" in entry else None
        found.append(Category(entry["id"], scope.condition(entry["when"], *where, "when"), unless))
    return Categories(concept, f"doi:{data['citation']['doi']}", tuple(found), tuple(data.get("needs", ())),
                      bool(data.get("unverified")))  # fmt: skip


def _signs(document: Document, vocabulary: Vocabulary, data: Mapping[str, Any],
           address: tuple[str, ...]) -> dict[str, Statement]:  # fmt: skip
    """Return the clause ``signs``: one sign or more from so many of the groups."""
    if "signs" not in data:
        return {}
    scope = Scope(document, vocabulary)
    groups = tuple(
        AnyOf(tuple(scope.condition(raw, *address, "signs", group, i) for i, raw in enumerate(conditions)))
        for group, conditions in data["signs"].items()
    )
    return {"signs": AtLeast(groups, data["signs_from_categories"])}


def _check_choice(document: Document, vocabulary: Vocabulary, concept: str, code: str,
                  where: tuple[str | int, ...]) -> None:  # fmt: skip
    choices: Mapping[str, Any] = vocabulary[concept].choices
    if code not in choices:
        raise document.refuse(f"'{code}' is not a code of {concept}", *where,
                              remedy=f"one of {', '.join(choices)}")  # fmt: skip
