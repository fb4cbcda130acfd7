"""What a synthetic cohort is drawn from: ``knowledge/cohort``, turned into shares by kind of disease."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.problems import InputError, Problem
from crithidia.vocabulary import Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.foundation.document import Document

GENERAL: Final = "cohort/general.yaml"
_SECTIONS: Final = ("findings", "quantities", "titres", "codes")


@dataclass(frozen=True, slots=True)
class Laboratory:
    """How the values of a quantity lie inside and outside its limits (canonical unit)."""

    low: float
    high: float
    side: str
    start: float
    spread: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of one disease, with the share of its people in whom each thing holds.

    ``outside`` is the share of values outside the limits, ``codes`` the share of each code.
    """

    disease: str
    kind: str
    weight: float
    female: float
    onset_mean: float
    onset_sd: float
    findings: Mapping[str, float]
    outside: Mapping[str, float]
    titres: Mapping[str, float]
    codes: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Recipe:
    """Everything that a synthetic cohort is drawn from."""

    groups: tuple[Group, ...]
    exclusive: tuple[tuple[str, ...], ...]
    laboratory: Mapping[str, Laboratory]
    reciprocals: Mapping[str, Mapping[int, float]]
    background: float
    duration: float
    repeated: float
    missing: Mapping[str, Any] = field(default_factory=dict)

    def named(self, section: str) -> tuple[str, ...]:
        """Return the concepts that any group speaks of in a section, in a fixed order."""
        return tuple(sorted({name for group in self.groups for name in getattr(group, section)}))


def load_recipe(library: Library | None = None, vocabulary: Vocabulary | None = None) -> Recipe:
    """Build the recipe. Raises ``InputError`` with file and line for a name or share that cannot be."""
    library = library or shipped_library()
    vocabulary = vocabulary or shipped_vocabulary()
    general = library.document(GENERAL).data
    diseases = [document for document in library.folder("cohort") if document.name != GENERAL]
    problems = [problem for document in diseases for problem in _problems(document, vocabulary, general)]
    if problems:
        raise InputError(tuple(problems))
    return Recipe(
        groups=tuple(group for document in diseases for group in _groups(document)),
        exclusive=_exclusive(diseases),
        laboratory={name: _laboratory(entry) for name, entry in general["quantities"].items()},
        reciprocals={name: {int(n): float(w) for n, w in entry["reciprocals"].items()}
                     for name, entry in general["titres"].items()},
        background=float(general["background"]["share"]),
        duration=float(general["duration"]["mean"]),
        repeated=float(general["repeated"]["share"]),
        missing=general["missing"],
    )  # fmt: skip


def _laboratory(entry: Mapping[str, Any]) -> Laboratory:
    low, high = entry["limits"]
    start = entry.get("from", high if entry["side"] == "high" else low)
    return Laboratory(float(low), float(high), entry["side"], float(start), float(entry["spread"]),
                      entry["decimals"])  # fmt: skip


def _problems(document: Document, vocabulary: Vocabulary, general: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = document.data.get("kinds", {})
    sources = document.data["sources"]
    for address, entry in _entries(document.data):
        name = address[-1]
        where = document.where(*address)
        if address[0] != "female" and name not in vocabulary:
            yield Problem(f"'{name}' is not a concept", where, vocabulary.suggestion(str(name)))
        if entry.get("source", next(iter(sources))) not in sources:
            yield Problem(f"'{entry['source']}' is not one of the sources", where, ", ".join(sources))
        by_kind = entry.get("shares", {}) if address[0] != "codes" else {}
        if by_kind and set(by_kind) != set(kinds):
            yield Problem(f"the shares of '{name}' must name every kind", where, ", ".join(kinds))
        if address[0] in {"quantities", "titres"} and name not in general[address[0]]:
            yield Problem(f"'{name}' has no values in {GENERAL}", where, "describe them there")


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    yield ("female",), data["female"]
    for section in _SECTIONS:
        for name, entry in data.get(section, {}).items():
            yield (section, name), entry
    for number, exclusive in enumerate(data.get("exclusive", ())):
        for name, entry in exclusive["findings"].items():
            yield ("exclusive", number, "findings", name), entry


def _groups(document: Document) -> Iterator[Group]:
    data = document.data
    kinds = data.get("kinds", {"": {"weight": 1}})
    total = sum(kind["weight"] for kind in kinds.values())
    alone = [found for exclusive in data.get("exclusive", ()) for found in exclusive["findings"].items()]
    for kind, entry in kinds.items():
        findings = dict([*data["findings"].items(), *alone])
        yield Group(
            disease=document.name.removeprefix("cohort/").removesuffix(".yaml"),
            kind=kind,
            weight=data["weight"] * entry["weight"] / total,
            female=_share(data["female"], kind),
            onset_mean=float(data["age_at_onset"]["mean"]),
            onset_sd=float(data["age_at_onset"]["sd"]),
            findings={name: _share(found, kind) for name, found in findings.items()},
            outside={name: float(found["outside"]) for name, found in data.get("quantities", {}).items()},
            titres={name: _share(found, kind) for name, found in data.get("titres", {}).items()},
            codes={name: found["shares"] for name, found in data.get("codes", {}).items()},
        )  # fmt: skip


def _share(entry: Mapping[str, Any], kind: str) -> float:
    return float(entry["share"] if "share" in entry else entry["shares"][kind])


def _exclusive(diseases: list[Document]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(exclusive["findings"])
        for document in diseases for exclusive in document.data.get("exclusive", ())
    )  # fmt: skip


def undescribed(recipe: Recipe, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the findings and antibodies that no group speaks of."""
    described = {*recipe.named("findings"), *recipe.named("outside"), *recipe.named("titres")}
    return tuple(sorted(
        concept.id for concept in vocabulary.concepts.values()
        if concept.kind in {Kind.FINDING, Kind.ANTIBODY} and concept.id not in described
    ))  # fmt: skip
