"""The resources of a bulk export: one JSON object a line, in files ``*.ndjson`` or ``*.ndjson.gz``."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST_LINE: Final = 20_000_000
_FIRST: Final = ("Patient", "Medication")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: where it stands, and the resource, or what is wrong with it."""

    place: str
    resource: dict[str, Any] | None
    wrong: str = ""


def open_export(path: Path) -> tuple[Path, ...]:
    """Return the files of an export; those with patients and medications first. Raises ``InputError``."""
    files = [path] if path.is_file() else sorted(
        file for file in (path.rglob("*") if path.is_dir() else ())
        if file.is_file() and file.name.endswith((".ndjson", ".ndjson.gz"))
    )  # fmt: skip
    if not files:
        raise refuse("there is no .ndjson file", Position(str(path), 1),
                     "a bulk export is a folder of NDJSON files")  # fmt: skip
    return tuple(sorted(files, key=lambda file: (_order(file.name), str(file))))


def _order(name: str) -> int:
    """Return the place of a file: what others refer to comes first."""
    kind = name.split(".", maxsplit=1)[0].rstrip("0123456789_-")
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def lines_of(file: Path) -> Iterator[Line]:
    """Yield every line that is not blank."""
    opener = gzip.open if file.name.endswith(".gz") else open
    with opener(file, "rb") as stream:
        for number, raw in enumerate(stream, 1):
            if raw.strip():
                yield _line(f"{file.name}:{number}", raw)


def _line(place: str, raw: bytes) -> Line:
    if len(raw) > _LONGEST_LINE:
        return Line(place, None, f"the line has more than {_LONGEST_LINE:,} bytes")
    try:
        resource = json.loads(raw, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        return Line(place, None, f"not readable as JSON: {error}")
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return Line(place, None, "not a FHIR resource: it has no resourceType")
    return Line(place, resource)
