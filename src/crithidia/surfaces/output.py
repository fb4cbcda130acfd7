"""Writing results so that nothing is ever half-written."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import CrithidiaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

_WIDTH: Final = 110  # of text that goes to a file or through a pipe


class OutputError(CrithidiaError):
    """A result that cannot be written where it should go."""

    exit_code = 6


def write_output(text: str, target: Path | None, *, parents: bool = False) -> None:
    """Write to a file atomically, or to standard output. Raises ``OutputError``.

    ``parents`` makes the folders above the file.
    """
    if target is None:
        sys.stdout.write(text)
        return
    try:
        if parents:
            target.parent.mkdir(parents=True, exist_ok=True)
        _replace(text, target)
    except OSError as error:
        msg = f"{target}: cannot be written: {error.strerror}"
        raise OutputError(msg) from None


def write_document(document: Any, parts: Iterable[RenderableType], format_: str,
                   target: Path | None = None) -> None:  # fmt: skip
    """Write plain data as JSON, or what is drawn from it for a terminal. Raises ``OutputError``."""
    if format_ == "json":
        write_output(json.dumps(document, ensure_ascii=False, indent=2) + "\n", target)
        return
    from rich.console import Console

    kept = StringIO()
    width = None if target is None and (sys.stdout.isatty() or "COLUMNS" in os.environ) else _WIDTH
    console = Console(file=kept if target else None, highlight=False, width=width)
    for part in parts:
        console.print(part)
    if target:
        write_output(kept.getvalue(), target)


def _replace(text: str, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent or Path(), prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
