"""What the commands about many people share: a missing extra, progress, outputs that cannot be written."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from crithidia.foundation.problems import CrithidiaError
from crithidia.surfaces.output import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_MODULES: Final = ("numpy", "pyarrow")
_WIDTH: Final = 40


class MissingExtraError(CrithidiaError):
    """Libraries that come with an extra are not installed."""


def needs_cohort_libraries(command: Callable[..., None]) -> Callable[..., None]:
    """Say which extra to install where a library for tables is missing."""
    @wraps(command)
    def checked(*args: Any, **options: Any) -> None:
        require(*_MODULES)
        command(*args, **options)

    return checked


def require(*modules: str) -> None:
    """Raise ``MissingExtraError`` for a module that cannot be imported."""
    from importlib.util import find_spec

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        msg = f"{', '.join(missing)} is not installed; install it with: pip install 'crithidia[cohort]'"
        raise MissingExtraError(msg)


@contextmanager
def progress_of(total: int, unit: str) -> Iterator[Callable[[int], None] | None]:
    """Give a function that shows how many are done, on a terminal; nothing elsewhere."""
    stream = sys.stderr
    if not stream.isatty():
        yield None
        return
    if not total:
        yield counted(unit)
        click.echo(err=True)
        return
    with click.progressbar(length=total, label=unit, file=stream) as bar:
        yield lambda done: bar.update(done - bar.pos)


def counted(unit: str) -> Callable[[int], None]:
    """Return a function that says how many are done, in the place where it said so before."""
    return lambda done: click.echo(f"\r{done:,} {unit}".ljust(_WIDTH), err=True, nl=False)


def check_outputs(inputs: Iterable[Path | None], outputs: Iterable[Path | None]) -> None:
    """Raise ``OutputError`` for an output that would take the place of an input or of another output.

    Also for one whose folder is not there: what takes long is not found out at its end.
    """
    taken = {path.resolve(): "what is read" for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if (place := path.resolve()) in taken:
            msg = f"{path}: cannot be written: it would take the place of {taken[place]}; name another file"
            raise OutputError(msg)
        if not path.parent.is_dir():
            msg = f"{path}: cannot be written: there is no such folder"
            raise OutputError(msg)
        taken[place] = "another output"


@contextmanager
def written(target: Path) -> Iterator[None]:
    """Turn what the system says about an output into a message."""
    try:
        yield
    except OSError as error:
        msg = f"{target}: cannot be written: {error.strerror or error}"
        raise OutputError(msg) from None
