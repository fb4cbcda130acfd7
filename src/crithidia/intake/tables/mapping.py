"""The mapping file: which column is the person, the date, which concept, and what its values mean.

A mistake is reported with file, line and remedy, all at once. Names of columns are compared exactly, apart
from spaces around them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.document import read_document
from crithidia.foundation.problems import InputError, Position, Problem, did_you_mean, shown
from crithidia.foundation.schema import check_against_schema
from crithidia.vocabulary import Concept, Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crithidia.foundation.document import Document

FORMAT: Final = "mapping/1"
_PRESENCE: Final = frozenset({"present", "absent", "unknown"})
_LIMITS: Final = ("lower_limit", "upper_limit", "interval")


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that stands in a column, or that is the same for all rows."""

    column: str = ""
    constant: str = ""


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A column of dates and the order of day, month and year where they leave it open."""

    column: str
    order: str = ""


@dataclass(frozen=True)
class Meaning:
    """What the cells of one column, or of one test, mean.

    ``operands`` holds ``unit``, ``lower_limit``, ``upper_limit`` and ``interval`` where they are given.
    """

    name: str
    concept: Concept
    form: str = "value"
    values: Mapping[str, str] = field(default_factory=dict)
    operands: Mapping[str, Operand] = field(default_factory=dict)
    date: DateColumn | None = None
    decimal: str = ""
    where: Position | None = None


@dataclass(frozen=True)
class TableMapping:
    """A mapping file that fits its schema and the vocabulary."""

    name: str
    person: str
    repeated: bool
    meanings: tuple[Meaning, ...]
    date: DateColumn | None = None
    site: str = ""
    unknown: frozenset[str] = frozenset()
    long: bool = False
    test: str = ""
    value: str = ""
    ignore: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    file: Mapping[str, str] = field(default_factory=dict)

    def context_columns(self) -> tuple[str, ...]:
        """Return the columns that are read for what they say about others: person, date, limits ..."""
        named = [self.person, self.site, self.test, self.date.column if self.date else ""]
        for meaning in self.meanings:
            named += [operand.column for operand in meaning.operands.values()]
            named.append(meaning.date.column if meaning.date else "")
        return tuple(name for name in dict.fromkeys(named) if name)

    def value_columns(self) -> tuple[str, ...]:
        """Return the columns whose cells become facts."""
        return (self.value,) if self.long else tuple(meaning.name for meaning in self.meanings)


def load_mapping(path: Path, vocabulary: Vocabulary | None = None) -> TableMapping:
    """Read a mapping file. Raises ``InputError`` with every problem."""
    document = read_document(path, typed=False)
    problems = list(check_against_schema(document, "mapping"))
    if problems:
        raise InputError(tuple(problems))
    return mapping_of(document, vocabulary or shipped_vocabulary())


def mapping_of(document: Document, vocabulary: Vocabulary) -> TableMapping:
    """Build a mapping from a document that fits the schema. Raises ``InputError``."""
    data = document.data
    long = data.get("layout", "wide") == "long"
    section = "tests" if long else "columns"
    problems = list(_layout_problems(document, long))
    meanings: list[Meaning] = []
    for name, entry in data.get(section, {}).items():
        found = list(_problems_of(document, (section, name), entry, vocabulary))
        problems.extend(found)
        if not found:
            meanings.append(_meaning(document, (section, name), entry, vocabulary, data if long else {}))
    if problems:
        raise InputError(tuple(problems))
    person = data["person"] if isinstance(data["person"], dict) else {"column": data["person"]}
    return TableMapping(
        name=document.name, person=person["column"].strip(), meanings=tuple(meanings),
        date=_date(data.get("date")),
        repeated=person.get("repeated", "visits" if long or "date" in data else "refuse") == "visits",
        site=data.get("site", "").strip(), unknown=frozenset(data.get("unknown", ())), long=long,
        test=data.get("test", "").strip(), value=data.get("value", "").strip(),
        ignore=tuple(name.strip() for name in data.get("ignore", ())),
        unsure=tuple(name.strip() for name in data.get("unsure", ())), file=data.get("file", {}),
    )  # fmt: skip


def _layout_problems(document: Document, long: bool) -> Iterator[Problem]:
    data = document.data
    needed = ("test", "value", "tests") if long else ("columns",)
    wrong = ("columns",) if long else ("test", "value", "tests", "unit", *_LIMITS)
    layout = "long" if long else "wide"
    for key in needed:
        if key not in data:
            yield Problem(f"a {layout} table needs '{key}:'", document.where(), "add it")
    for key in wrong:
        if key in data:
            yield Problem(f"'{key}:' does not belong to a {layout} table", document.where(key), "remove it")


def _problems_of(document: Document, address: tuple[str, str], entry: Mapping[str, Any],
                 vocabulary: Vocabulary) -> Iterator[Problem]:  # fmt: skip
    concept = vocabulary.find(entry["concept"])
    if concept is None:
        yield Problem(f"'{shown(entry['concept'])}' is not a concept", document.where(*address, "concept"),
                      vocabulary.suggestion(entry["concept"]) or "see 'crithidia concepts'")  # fmt: skip
        return
    if entry.get("as") == "titre" and concept.kind is not Kind.ANTIBODY:
        yield Problem(f"{concept.id} has no titre", document.where(*address, "as"), "remove 'as: titre'")
    for code, meant in entry.get("values", {}).items():
        allowed = _allowed(concept)
        if allowed and meant not in allowed:
            where = document.where(*address, "values", code)
            yield Problem(f"{concept.id} cannot be '{shown(meant)}'", where,
                          did_you_mean(meant, allowed) or f"one of {', '.join(sorted(allowed))}")  # fmt: skip


def _allowed(concept: Concept) -> frozenset[str]:
    """Return what a code may mean; empty if it may be anything that can be read."""
    if concept.kind is Kind.FINDING:
        return _PRESENCE
    return frozenset({*concept.choices, "unknown"}) if concept.kind is Kind.CODE else frozenset()


def _meaning(document: Document, address: tuple[str, str], entry: Mapping[str, Any], vocabulary: Vocabulary,
             shared: Mapping[str, Any]) -> Meaning:  # fmt: skip
    concept = vocabulary.find(entry["concept"])
    assert concept is not None  # noqa: S101  (checked before)
    of_file = document.data.get("file", {}).get("decimal", "")
    operands = {key: _operand(entry[key]) for key in ("unit", *_LIMITS) if key in entry}
    for key in ("unit", *_LIMITS):
        if key in shared and key not in operands:
            operands[key] = Operand(column=shared[key]) if key == "unit" else _operand(shared[key])
    return Meaning(
        name=address[1].strip(), concept=concept, form=entry.get("as", "value"), operands=operands,
        values={code.strip(): meant for code, meant in entry.get("values", {}).items()},
        date=_date(entry.get("date")), decimal=entry.get("decimal", of_file), where=document.where(*address),
    )  # fmt: skip


def _operand(raw: Any) -> Operand:
    if isinstance(raw, dict):
        return Operand(column=raw["column"].strip())
    return Operand(constant=raw.strip())


def _date(raw: Any) -> DateColumn | None:
    if raw is None:
        return None
    if isinstance(raw, dict):
        order = raw.get("format", "")
        return DateColumn(raw["column"].strip(), order if isinstance(order, str) else " ".join(order))
    return DateColumn(raw.strip())


def check_columns(mapping: TableMapping, document_columns: tuple[str, ...], where: Position | None) -> None:
    """Raise ``InputError`` for every column that the mapping names and the table has not."""
    known = ", ".join(map(shown, document_columns[:40]))
    problems = [
        Problem(f"the table has no column '{shown(name)}'", _place(mapping, name) or where,
                did_you_mean(name, document_columns) or f"its columns: {known}")
        for name in dict.fromkeys((*mapping.context_columns(), *mapping.value_columns(), *mapping.ignore))
        if name not in document_columns
    ]  # fmt: skip
    if problems:
        raise InputError(tuple(problems))


def _place(mapping: TableMapping, name: str) -> Position | None:
    return next((meaning.where for meaning in mapping.meanings if meaning.name == name), None)
