"""The result of a cohort as a file, written part by part; what was done before a stop is kept.

The parts lie in a folder beside the output, named by what the result depends on: the input, the knowledge,
the question. A run that finds parts of its own name goes on after them; parts of another name are removed.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
from pyarrow import csv, feather
from pyarrow import parquet as pq

from crithidia.cohort.errors import EngineError
from crithidia.foundation.atomic import lives
from crithidia.foundation.problems import CrithidiaError, InputError, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDINGS: Final = (".parquet", ".csv")


class BusyError(CrithidiaError):
    """Another process is writing the same output."""

    exit_code = 6


class Rows(Protocol):
    """Where tables of the result go, in order."""

    def write(self, table: Any) -> None:
        """Add rows."""


def check_ending(target: Path) -> None:
    """Refuse an output that is neither Parquet nor CSV."""
    if target.suffix.lower() not in ENDINGS:
        raise refuse(f"{target}: the ending says neither Parquet nor CSV", None, f"end it in {ENDINGS[0]}")


@contextmanager
def rows_into(path: Path, ending: str, schema: Any) -> Iterator[Rows]:
    """Give a writer of Parquet or CSV."""
    if ending.lower() == ".csv":
        with csv.CSVWriter(path, _plain(schema)) as writer:
            yield _CsvRows(writer, _plain(schema))
        return
    with pq.ParquetWriter(path, schema, write_statistics=False) as writer:
        yield _ParquetRows(writer)


class _ParquetRows:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, table: Any) -> None:
        self._writer.write_table(table)


class _CsvRows:
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer, self._schema = writer, schema

    def write(self, table: Any) -> None:
        self._writer.write_table(table.cast(self._schema))


def _plain(schema: Any) -> Any:
    """Return a schema without dictionaries, which CSV does not know."""
    return pa.schema([
        pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in schema
    ])  # fmt: skip


class Parts:
    """The parts that are done, as files of plain integers in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self) -> frozenset[int]:
        """Return the numbers of the parts that are there."""
        return frozenset(int(path.stem) for path in self.folder.glob("*.part"))

    def keep(self, number: int, table: Any) -> None:
        """Keep a part; it is there entirely or not at all."""
        whole = self.folder / f"{number}.part"
        half = self.folder / f"{number}.half"
        feather.write_feather(table, str(half), compression="lz4")
        half.replace(whole)

    def read(self, number: int) -> Any:
        """Return a part."""
        return feather.read_table(str(self.folder / f"{number}.part"), memory_map=False)


@contextmanager
def parts_of(target: Path, key: str) -> Iterator[Parts]:
    """Give the parts of a run; they go once the output is there or the input is refused, and stay otherwise.

    They go too where another engine failed: what it sends once it does not send again in the same parts.
    Raises ``BusyError`` if another process writes the same output.
    """
    folder = target.with_name(f".{target.name}.{key[:16]}.parts")
    for other in target.parent.glob(f".{_escaped(target.name)}.*.parts"):
        _check_free(other, target)
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    (folder / "process").write_text(str(os.getpid()), "utf-8")
    try:
        yield Parts(folder)
    except (InputError, EngineError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _check_free(folder: Path, target: Path) -> None:
    try:
        process = int((folder / "process").read_text("utf-8"))
    except (OSError, ValueError):
        return
    if process != os.getpid() and lives(process):
        msg = f"{target}: process {process} is writing it"
        raise BusyError(msg)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
