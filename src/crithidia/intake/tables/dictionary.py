"""A REDCap data dictionary: what the codes and fields of a raw export mean."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.document import read_text
from crithidia.foundation.problems import Position, refuse
from crithidia.intake.tables.source import Described, Table, open_table

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES: Final = 50_000_000
_NAME, _TYPE, _LABEL = "Variable / Field Name", "Field Type", "Field Label"
_CHOICES: Final = "Choices, Calculations, OR Slider Labels"
_FIXED: Final = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_TAGS: Final = re.compile(r"<[^>]*>")
# An unticked box was perhaps never looked at: it is not a no.
_TICKED: Final = {"1": "checked", "0": "unknown"}


def open_explained(path: Path, options: Mapping[str, str], beside: Path | None = None) -> Table:
    """Open a table; ``dictionary`` among the options names a data dictionary, relative to ``beside``.

    Raises ``InputError``.
    """
    table = open_table(path, options)
    name = options.get("dictionary")
    if not name:
        return table
    file = Path(name)
    if beside is not None and not file.is_absolute() and not file.exists():
        file = beside / file
    explained: Any = table
    described: Table = replace(explained, described=_described(file, table))
    return described


def _described(path: Path, table: Table) -> Described:
    labels: dict[str, Mapping[str, str]] = dict(table.described.labels)
    titles: dict[str, str] = dict(table.described.titles)
    for row in _fields(path):
        field, label = row[_NAME].strip(), _TAGS.sub("", row.get(_LABEL) or "").strip()
        choices = _FIXED.get(row[_TYPE].strip()) or _choices(row.get(_CHOICES) or "")
        if row[_TYPE].strip() == "checkbox":
            for code, choice in choices.items():
                column = f"{field}___{code.lower()}"
                labels[column], titles[column] = _TICKED, choice
            continue
        if row[_TYPE].strip() in {"radio", "dropdown", "yesno", "truefalse"}:
            labels[field] = choices
        if label:
            titles[field] = label
    return replace(table.described, labels=labels, titles=titles)


def _fields(path: Path) -> list[dict[str, str]]:
    text = read_text(path, str(path), most=MAX_BYTES)
    rows = list(csv.DictReader(StringIO(text, newline="")))
    if not rows or not {_NAME, _TYPE} <= rows[0].keys():
        raise refuse("this is not a REDCap data dictionary", Position(str(path), 1),
                     f"its columns begin with '{_NAME}', '{_TYPE}'")  # fmt: skip
    return rows


def _choices(text: str) -> dict[str, str]:
    """Return code and label of ``1, Yes | 2, No``."""
    found = {}
    for part in text.split("|"):
        code, comma, label = part.partition(",")
        if comma:
            found[code.strip()] = _TAGS.sub("", label).strip()
    return found
