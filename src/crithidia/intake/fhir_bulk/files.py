"""The resources of a bulk export: one JSON object a line, in files ``*.ndjson`` or ``*.ndjson.gz``."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST_LINE: Final = 20_000_000
_LONGEST_NUMBER: Final = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A line: where it stands, and the resource, or what is wrong with it."""

    place: str
    resource: dict[str, Any] | None
    wrong: str = ""


def open_export(path: Path) -> tuple[Path, ...]:
    """Return the files of an export. Raises ``InputError`` if there are none."""
    files = [path] if path.is_file() else sorted(
        file for file in (path.rglob("*") if path.is_dir() else ())
        if file.is_file() and file.name.endswith((".ndjson", ".ndjson.gz"))
    )  # fmt: skip
    if not files:
        raise refuse("there is no .ndjson file", Position(str(path), 1),
                     "a bulk export is a folder of NDJSON files")  # fmt: skip
    return tuple(files)


def lines_of(file: Path) -> Iterator[Line]:
    """Yield every line that is not blank. Raises ``InputError`` for a file that cannot be read to its end."""
    opener = gzip.open if file.name.endswith(".gz") else open
    number = 0
    try:
        with opener(file, "rb") as stream:
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    yield _line(f"{file.name}:{number}", raw)
    except (EOFError, OSError, zlib.error) as error:
        raise refuse(f"cannot be read on: {error}", Position(str(file), number + 1),
                     "fetch or export the file again") from None  # fmt: skip


def _number(written: str) -> str:
    """Return a number without an exponent, as people write it; one of absurd size stays as it is."""
    number = Decimal(written)
    is_short = abs(number.adjusted()) < _LONGEST_NUMBER
    return format(number, "f") if is_short and "e" in written.lower() else written


def _line(place: str, raw: bytes) -> Line:
    if len(raw) > _LONGEST_LINE:
        return Line(place, None, f"the line has more than {_LONGEST_LINE:,} bytes")
    try:
        resource = json.loads(raw, parse_float=_number, parse_int=str)
    except (ValueError, RecursionError) as error:
        return Line(place, None, f"not readable as JSON: {error}")
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return Line(place, None, "not a FHIR resource: it has no resourceType")
    return Line(place, resource)
