"""A folder for what takes long to work out and is always the same; losing it costs time only."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def cache_folder() -> Path:
    """Return the folder: ``CRITHIDIA_CACHE``, or the platform's place for caches."""
    override = os.environ.get("CRITHIDIA_CACHE")
    if override:
        return Path(override)
    from platformdirs import user_cache_path

    return user_cache_path("crithidia", appauthor=False)


def keep_text(path: Path, text: str) -> bool:
    """Write a file of the cache, all or nothing; a read-only home is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).replace(path)
    except OSError:
        return False
    return True


def remembered(name: str, make: Callable[[], Any]) -> Any:
    """Return plain data by name, worked out only where the cache does not hold it.

    The name has to say everything that the data depend on.
    """
    path = cache_folder() / f"{name}.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        made = make()
        keep_text(path, json.dumps(made))
        return made
