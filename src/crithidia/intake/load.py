"""One file to one case, whatever its format: JSON is recognised by content, a table is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from crithidia.foundation.document import parse_json, read_text
from crithidia.foundation.problems import Position, refuse, shown
from crithidia.intake.case_file import case_of

if TYPE_CHECKING:
    from crithidia.case import Case
    from crithidia.foundation.document import Document

FILE_KINDS: Final = ("case", "questionnaire-response", "redcap")
_TABLES: Final = frozenset({".csv", ".tsv"})


def load_file(path: str | Path, kind: str | None = None, record: str | None = None) -> Case:
    """Read a case file, a FHIR QuestionnaireResponse or, if told so, one record of a REDCap export.

    ``kind`` is one of ``FILE_KINDS``; without it, the content decides between the first two. Raises
    ``InputError`` with every problem, each with file and line.
    """
    path = Path(path)
    if kind == "redcap":
        from crithidia.intake.redcap import load_redcap_record

        return load_redcap_record(path, record)
    if kind is None and path.suffix.lower() in _TABLES:
        raise refuse("this is a table, not a case file", Position(str(path), 1),
                     "a REDCap export is read with 'crithidia assess --from redcap'")  # fmt: skip
    document = parse_json(read_text(path, str(path)), str(path))
    resource = _resource(document)
    if kind == "case" or (kind is None and resource is None):
        return case_of(document, path.stem)
    from crithidia.intake.questionnaire_response import RESOURCE, case_of_response

    if kind is None and resource != RESOURCE:
        raise document.refuse(f"a FHIR {shown(resource)} is not read here", "resourceType",
                              remedy=f"a {RESOURCE} is")  # fmt: skip
    return case_of_response(document, path.stem)


def _resource(document: Document) -> str | None:
    """Return the type of a FHIR resource, None for a document that is none."""
    data = document.data
    return str(data["resourceType"]) if isinstance(data, dict) and "resourceType" in data else None
