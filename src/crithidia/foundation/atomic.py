"""Writing a file so that either all of it is there or what was there before."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes the place of ``target`` when all went well.

    What a process that no longer lives has left behind is removed first. Raises ``OSError``.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(target.parent))
    _clear(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield partial
        _to_disk(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(target: Path) -> None:
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(?P<pid>[0-9]+)\.partial")
    for path in target.parent.iterdir():
        match = pattern.fullmatch(path.name)
        if match and not lives(int(match["pid"])):
            path.unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Return whether a process of that number is running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
