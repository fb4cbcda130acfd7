"""Codes of terminologies and what they mean: ``knowledge/mappings/codes.yaml``, or a file like it.

A code that is not listed means nothing here. The absence of a code never means that a finding is absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.document import read_document
from crithidia.foundation.library import shipped_library
from crithidia.foundation.problems import InputError, Problem
from crithidia.foundation.schema import check_against_schema
from crithidia.intake.tables.cells import CellReader
from crithidia.intake.tables.mapping import Meaning, Operand
from crithidia.vocabulary import Concept, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crithidia.foundation.document import Document

SHIPPED: Final = "mappings/codes.yaml"
_BESIDE: Final = {name: Operand(column=name) for name in ("unit", "lower_limit", "upper_limit", "interval")}
# How systems are called in FHIR and in the OMOP vocabulary.
SYSTEMS: Final = {
    "http://loinc.org": "loinc", "http://snomed.info/sct": "snomed",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm", "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://www.whocc.no/atc": "atc", "LOINC": "loinc", "SNOMED": "snomed", "ICD10": "icd10",
    "ICD10CM": "icd10cm", "RxNorm": "rxnorm", "ATC": "atc",
}  # fmt: skip
# Systems whose codes name the finding itself, so that a bare code says that it is present.
OF_FINDINGS: Final = frozenset({"snomed", "icd10", "icd10cm"})


@dataclass(frozen=True)
class Coded:
    """What a code means. ``only_present``: a negative result says nothing of the concept."""

    system: str
    code: str
    name: str
    concept: Concept
    only_present: bool
    reader: CellReader


@dataclass(frozen=True)
class Codes:
    """All codes, by system and code and by OMOP concept id; and the OMOP concepts of values.

    ``preliminary`` are the states of conditions that are not settled.
    """

    by_code: Mapping[tuple[str, str], Coded]
    by_omop: Mapping[str, Coded]
    sexes: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)
    truths: Mapping[str, str] = field(default_factory=dict)
    preliminary: frozenset[str] = frozenset()

    def find(self, system: str, code: str) -> Coded | None:
        """Return what a code means; ``system`` as FHIR or the OMOP vocabulary call it."""
        return self.by_code.get((SYSTEMS.get(system, system), code))


def load_codes(path: Path | None = None, vocabulary: Vocabulary | None = None) -> Codes:
    """Read the codes, the shipped ones unless a file is given. Raises ``InputError`` with every problem."""
    document = shipped_library().document(SHIPPED) if path is None else read_document(path)
    if path is not None and (problems := list(check_against_schema(document, "mappings.codes"))):
        raise InputError(tuple(problems))
    return codes_of(document, vocabulary or shipped_vocabulary())


def codes_of(document: Document, vocabulary: Vocabulary) -> Codes:
    """Build the codes. Raises ``InputError`` for a concept or source that does not exist."""
    problems = list(_problems(document, vocabulary))
    if problems:
        raise InputError(tuple(problems))
    by_code: dict[tuple[str, str], Coded] = {}
    by_omop: dict[str, Coded] = {}
    for system, code, entry in _entries(document.data):
        coded = _coded(system, code, entry, vocabulary)
        by_code[(system, code)] = coded
        if omop := code if system == "omop" else entry.get("omop"):
            by_omop[omop] = coded
    values = document.data["omop"]
    return Codes(by_code, by_omop, values["sexes"], values["operators"], values["truths"],
                 frozenset(values.get("preliminary", ())))  # fmt: skip


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for system, codes in data["codes"].items():
        for code, entry in codes.items():
            yield system, code, entry


def _problems(document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    for system, code, entry in _entries(document.data):
        where = document.where("codes", system, code)
        if entry["concept"] not in vocabulary:
            yield Problem(f"'{entry['concept']}' is not a concept", where,
                          vocabulary.suggestion(entry["concept"]))  # fmt: skip
        if entry["seen"] not in document.data["sources"]:
            yield Problem(f"'{entry['seen']}' is not one of the sources", where,
                          ", ".join(document.data["sources"]))  # fmt: skip


def _coded(system: str, code: str, entry: Mapping[str, Any], vocabulary: Vocabulary) -> Coded:
    concept = vocabulary[entry["concept"]]
    meaning = Meaning(code, concept, entry.get("as", "value"), operands=_BESIDE, decimal=".")
    only = entry.get("only") == "present"
    return Coded(system, code, entry["name"], concept, only, CellReader.of(meaning))
