"""Reference tables that a user has installed, kept in the user's data folder.

One JSON file a reference, with the hash of the workbook it came from. ``CRITHIDIA_DATA`` names
another folder. A damaged file is refused, not half used.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import refuse
from crithidia.interpretation.physiology.splines import Splines

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = "crithidia-reference-1"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where installed tables came from."""

    reference: str
    file: str
    sha256: str
    installed: str


def data_folder() -> Path:
    """Return the folder of the installed tables; it need not exist."""
    override = os.environ.get("CRITHIDIA_DATA")
    if override:
        return Path(override) / "reference"
    from platformdirs import user_data_path

    return user_data_path("crithidia", appauthor=False) / "reference"


def installed_tables(name: str) -> Mapping[tuple[str, str], Splines] | None:
    """Return the installed tables of a reference by parameter and sex, or None.

    Raises ``InputError`` for a file that is not what was installed.
    """
    path = data_folder() / f"{name}.json"
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return None
    return _tables(path, stamp)


@lru_cache(maxsize=16)
def _tables(path: Path, stamp: int) -> Mapping[tuple[str, str], Splines]:
    del stamp  # a file that was installed anew is read anew
    data = _load(path)
    try:
        return {
            (parameter, sex): Splines(float(table["first"]), tuple((r[0], r[1], r[2]) for r in table["rows"]))
            for parameter, sexes in data["tables"].items()
            for sex, table in sexes.items()
        }
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise refuse(f"{path} is damaged", remedy="install the workbook again") from error


def _load(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise refuse(f"{path} cannot be read", remedy="install the workbook again") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise refuse(f"{path} is not of the format {FORMAT}", remedy="install the workbook again")
    return data


def origins() -> tuple[Origin, ...]:
    """Return where the installed tables came from, in the order of their names."""
    found = []
    for path in sorted(data_folder().glob("*.json")):
        data = _load(path)
        source = data.get("source", {})
        found.append(Origin(str(data.get("reference", path.stem)), str(source.get("file", "")),
                            str(source.get("sha256", "")), str(source.get("installed", ""))))  # fmt: skip
    return tuple(found)


def keep(origin: Origin, tables: Mapping[tuple[str, str], Splines]) -> Path:
    """Store tables, all or nothing, and return the file. Raises ``OSError``."""
    path = data_folder() / f"{origin.reference}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "format": FORMAT,
        "reference": origin.reference,
        "source": {"file": origin.file, "sha256": origin.sha256, "installed": origin.installed},
        "tables": _as_json(tables),
    }
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _as_json(tables: Mapping[tuple[str, str], Splines]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for (parameter, sex), table in tables.items():
        found.setdefault(parameter, {})[sex] = {"first": table.first, "rows": table.rows}
    return found
