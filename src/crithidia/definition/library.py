"""Building criteria sets from ``knowledge/criteria``; every mistake is reported with its line."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.definition.conditions import Scope
from crithidia.definition.criteria_set import (
    Category,
    Citation,
    Clause,
    Column,
    CriteriaSet,
    Domain,
    Item,
    Performance,
    Subgroup,
)
from crithidia.definition.nodes import Has, Score, Statement, Sum
from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.problems import InputError, KnowledgeError, Problem, did_you_mean, unknown_name
from crithidia.foundation.text import Text
from crithidia.vocabulary import Vocabulary, shipped_vocabulary
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.foundation.document import Document, Key

_ONLY_COLUMN = "points"
_GRADES: Mapping[str, Text] = {
    "definite": Text("definite", "pewne"),
    "probable": Text("probable", "prawdopodobne"),
    "possible": Text("possible", "możliwe"),
}


def shipped_criteria_ids() -> tuple[str, ...]:
    """Return the ids of all sets that come with the package, in alphabetical order."""
    return tuple(document.name.removeprefix("criteria/").removesuffix(".yaml")
                 for document in shipped_library().folder("criteria"))  # fmt: skip


@lru_cache(maxsize=1)
def shipped_diseases() -> Mapping[str, str]:
    """Return the diseases that the shipped sets classify: folded name or short name -> English label.

    Names are the labels in both languages and the first word of the sets' ids (``ssc``, ``sle``).
    """
    names: dict[str, str] = {}
    for document in shipped_library().folder("criteria"):
        disease = document.data["disease"]
        for name in (disease["en"], disease["pl"], document.data["id"].split("_")[0]):
            names.setdefault(fold(name), disease["en"])
    return names


@lru_cache
def load_criteria_set(set_id: str) -> CriteriaSet:
    """Return one shipped set. Raises ``UnknownNameError`` for an id that does not exist."""
    if set_id not in shipped_criteria_ids():
        raise unknown_name("criteria set", set_id, shipped_criteria_ids())
    return _load(shipped_library(), f"criteria/{set_id}.yaml", shipped_vocabulary())


def load_criteria(library: Library, vocabulary: Vocabulary) -> tuple[CriteriaSet, ...]:
    """Return every set of a library; each set that another names as its successor must be there."""
    return _succeeding(
        library, tuple(_load(library, document.name, vocabulary) for document in library.folder("criteria"))
    )


def _succeeding(library: Library, sets: tuple[CriteriaSet, ...]) -> tuple[CriteriaSet, ...]:
    known = {criteria.id for criteria in sets}
    if any({*criteria.replaces, *criteria.replaced_by} - known for criteria in sets):
        raise KnowledgeError(tuple(_broken_successions(library.reread(), known)))
    return sets


def _broken_successions(library: Library, known: set[str]) -> Iterator[Problem]:
    for document in library.folder("criteria"):
        for key, ids in document.data.get("succession", {}).items():
            for i, set_id in enumerate(ids):
                if set_id not in known:
                    remedy = did_you_mean(set_id, known) or "give the id of a set that exists"
                    yield Problem(f"'{set_id}' is not a criteria set",
                                  document.where("succession", key, i), remedy)  # fmt: skip


@lru_cache(maxsize=1)
def shipped_criteria() -> tuple[CriteriaSet, ...]:
    """Return every set that comes with the package, in the order of their ids."""
    return _succeeding(shipped_library(), tuple(map(load_criteria_set, shipped_criteria_ids())))


def _load(library: Library, name: str, vocabulary: Vocabulary) -> CriteriaSet:
    try:
        return build_criteria_set(library.document(name), vocabulary)
    except InputError:
        # The compiled library has no positions: read the files again to say where.
        fresh = library.reread().document(name)
        try:
            return build_criteria_set(fresh, vocabulary)
        except InputError as error:
            raise KnowledgeError(error.problems) from None


def build_criteria_set(document: Document, vocabulary: Vocabulary) -> CriteriaSet:
    """Build a set from its document. Raises ``InputError`` with the line of the mistake."""
    return _Builder(document, vocabulary).build()


class _Builder:
    """Reads one criteria file; clauses are built in the order in which they may be referred to."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.data: Mapping[str, Any] = document.data
        self.vocabulary = vocabulary
        self.citation = _citation(self.data["citation"])
        self.clauses: dict[str, Statement] = {}

    def build(self) -> CriteriaSet:
        data = self.data
        domains = tuple(self._domains())
        columns = tuple(self._columns(domains))
        entry = tuple(self._section("entry"))
        built = CriteriaSet(
            id=data["id"],
            title=Text(**data["title"]),
            disease=Text(**data["disease"]),
            citation=self.citation,
            domains=domains,
            columns=columns,
            entry=entry[0] if entry else None,
            exclusions=tuple(self._section("exclude")),
            sufficient=tuple(self._section("sufficient")),
            subgroups=tuple(self._subgroups()),
            also_published=tuple(_citation(raw) for raw in data.get("also_published", ())),
            performance=tuple(self._performance()),
            scope=_text(data.get("scope")),
            notes=tuple(Text(**raw) for raw in data.get("notes", ())),
            attribution=_text(data.get("attribution")),
            replaces=tuple(data.get("succession", {}).get("replaces", ())),
            replaced_by=tuple(data.get("succession", {}).get("replaced_by", ())),
        )
        self._check_name(built)
        return built

    def _check_name(self, built: CriteriaSet) -> None:
        expected = f"criteria/{built.id}.yaml"
        if self.document.name.startswith("criteria/") and self.document.name != expected:
            raise self.document.refuse(
                f"the id '{built.id}' does not match the file name", "id", remedy=expected
            )

    def _scope(self, scores: Mapping[str, Score] | None = None) -> Scope:
        return Scope(self.document, self.vocabulary, self.clauses, scores or {})

    def _section(self, name: str) -> Iterator[Clause]:
        for clause_id, raw in self.data.get(name, {}).items():
            yield Clause(**self._clause(clause_id, raw, (name, clause_id)))

    def _clause(self, clause_id: str, raw: Mapping[str, Any], address: tuple[Key, ...],
                scores: Mapping[str, Score] | None = None) -> dict[str, Any]:  # fmt: skip
        """Return the parts that every clause has; remember its statement under its id."""
        if "when" in raw:
            when = self._scope(scores).condition(raw["when"], *address, "when")
        else:
            when = self._scope(scores).condition(clause_id, *address)
        self.clauses.setdefault(clause_id, when)
        return {
            "id": clause_id,
            "label": self._label(clause_id, raw, when, address),
            "when": when,
            "citation": self._place(raw, self.citation),
            "definition": _text(raw.get("definition")),
            "unverified": raw.get("unverified", False),
        }

    def _label(self, clause_id: str, raw: Mapping[str, Any], when: Statement | None,
               address: tuple[Key, ...]) -> Text:  # fmt: skip
        if "label" in raw:
            return Text(**raw["label"])
        if clause_id in self.vocabulary:
            return self.vocabulary[clause_id].label
        if isinstance(when, Has):
            return self.vocabulary[when.concept].label
        if clause_id in _GRADES:
            return _GRADES[clause_id]
        raise self.document.refuse(f"'{clause_id}' needs a label", *address,
                                   remedy="label: {en: ..., pl: ...}")  # fmt: skip

    def _place(self, raw: Mapping[str, Any], citation: Citation) -> Citation:
        return citation.at(raw["place"]) if "place" in raw else citation

    def _domains(self) -> Iterator[Domain]:
        for domain_id, raw in self.data["domains"].items():
            citation = self._place(raw, self.citation)
            items = tuple(
                self._item(item_id, item, citation, ("domains", domain_id, "items", item_id))
                for item_id, item in raw["items"].items()
            )
            single = items[0].label if len(items) == 1 else None
            label = raw.get("label")
            yield Domain(
                id=domain_id,
                label=Text(**label) if label else
                single or self._label(domain_id, raw, None, ("domains", domain_id)),
                count=raw["count"],
                items=items,
                cap=decimal_of(raw["cap"]) if "cap" in raw else None,
                group=raw.get("group", ""),
                citation=citation,
            )  # fmt: skip

    def _item(self, item_id: str, raw: Mapping[str, Any], citation: Citation,
              address: tuple[Key, ...]) -> Item:  # fmt: skip
        clause = self._clause(item_id, raw, address)
        clause["citation"] = self._place(raw, citation)
        points = raw["points"]
        by_column = points if isinstance(points, dict) else {_ONLY_COLUMN: points}
        columns = self.data.get("columns", {_ONLY_COLUMN: None})
        for column in by_column:
            if column not in columns:
                raise self.document.refuse(
                    f"there is no column '{column}'", *address, "points",
                    remedy=f"columns: {', '.join(columns)}",
                )  # fmt: skip
        return Item(**clause, points={name: decimal_of(n) for name, n in by_column.items()})

    def _columns(self, domains: tuple[Domain, ...]) -> Iterator[Column]:
        raw_columns = self.data.get("columns") or {
            _ONLY_COLUMN: {"label": {"en": "points", "pl": "punkty"},
                           "classify": self.data["classify"]}
        }  # fmt: skip
        for column_id, raw in raw_columns.items():
            address: tuple[Key, ...] = ("columns", column_id) if "columns" in self.data else ()
            scores = _scores(domains, column_id)
            when = raw.get("when")
            intercept = raw.get("probability", {}).get("intercept")
            yield Column(
                id=column_id,
                label=Text(**raw["label"]),
                when=self._scope().condition(when, *address, "when") if when else None,
                categories=tuple(
                    self._category(category_id, category, address, scores)
                    for category_id, category in raw["classify"].items()
                ),
                intercept=decimal_of(intercept) if intercept is not None else None,
            )

    def _category(self, category_id: str, raw: Mapping[str, Any], address: tuple[Key, ...],
                  scores: Mapping[str, Score]) -> Category:  # fmt: skip
        before = dict(self.clauses)
        clause = self._clause(category_id, raw, (*address, "classify", category_id), scores)
        self.clauses = before
        return Category(**clause, classified=raw.get("classified", True))

    def _subgroups(self) -> Iterator[Subgroup]:
        for subgroup_id, raw in self.data.get("subgroups", {}).items():
            yield Subgroup(**self._clause(subgroup_id, raw, ("subgroups", subgroup_id)))

    def _performance(self) -> Iterator[Performance]:
        for raw in self.data.get("performance", ()):
            yield Performance(raw["sensitivity"], raw["specificity"], Text(**raw["setting"]),
                              self._place(raw, self.citation))  # fmt: skip


def _scores(domains: tuple[Domain, ...], column: str) -> dict[str, Score]:
    """Return the scores that a category may speak of: the total, each domain, each group."""
    reached = {d.id: d for d in domains if any(column in item.points for item in d.items)}
    scores: dict[str, Score] = {f"domain {name}": d.score(column) for name, d in reached.items()}
    parts = tuple(d.score(column) for d in reached.values())
    scores["score"] = _sum(parts)
    for group in dict.fromkeys(d.group for d in reached.values() if d.group):
        scores[f"group {group}"] = _sum(
            tuple(d.score(column) for d in reached.values() if d.group == group)
        )
    return scores


def _sum(parts: tuple[Score, ...]) -> Score:
    return parts[0] if len(parts) == 1 else Sum(parts)


def _citation(raw: Mapping[str, Any]) -> Citation:
    return Citation(**{key: value for key, value in raw.items() if key != "note"})


def _text(raw: Mapping[str, str] | None) -> Text | None:
    return Text(**raw) if raw else None

