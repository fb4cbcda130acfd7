"""Text with delimiters: CSV of any encoding, delimiter and quoting."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.tables.source import NOTHING, ROWS, Batch, Described, Uneven, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_DELIMITERS: Final = ",;\t|^"
_SAMPLE: Final = 1_000_000
_LONGEST_CELL: Final = 1_000_000
# What is not UTF-8 is most often a table from a Polish or Western Windows; the mapping can say otherwise.
_FALLBACK: Final = "cp1250"
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                 (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


@dataclass(frozen=True)
class Delimited:
    """A text file with one row a line, or more where a quoted cell has line breaks."""

    path: Path
    name: str
    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    described: Described = NOTHING
    total: int | None = None

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order; a row is numbered by the line in which it begins."""
        rows = _rows(self.path, self.encoding, self.delimiter)
        next(rows)
        while block := list(islice(rows, ROWS)):
            yield self._batch(block)

    def _batch(self, block: list[tuple[int, list[str]]]) -> Batch:
        width = len(self.columns)
        whole = [(line, cells) for line, cells in block if len(cells) == width]
        uneven = tuple(
            Uneven(line, len(cells), f"the row has {len(cells)} cells, the header {width}")
            for line, cells in block if len(cells) != width
        )  # fmt: skip
        columns = list(zip(*(cells for _, cells in whole), strict=True)) or [()] * width
        return Batch([line for line, _ in whole], dict(zip(self.columns, columns, strict=True)), uneven)


def open_file(path: Path, options: Mapping[str, str]) -> Delimited:
    """Open a file; encoding and delimiter are found out unless given. Raises ``InputError``."""
    encoding = options.get("encoding") or _encoding(path)
    delimiter = {"tab": "\t", "\\t": "\t"}.get(options.get("delimiter", ""), options.get("delimiter", ""))
    delimiter = delimiter or _delimiter(path, encoding)
    rows = _rows(path, encoding, delimiter)
    try:
        line, header = next(rows)
    except StopIteration:
        raise refuse("the file is empty", Position(str(path), 1), "export the table again") from None
    names = unique_names(header, Position(str(path), line))
    return Delimited(path, path.name, names, encoding, delimiter)


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
        return "utf-8" if _whole_file_is_utf8(path) else _FALLBACK
    except UnicodeDecodeError:
        return _FALLBACK


def _whole_file_is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while block := stream.read(_SAMPLE):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """Return the delimiter that gives the most rows of the same, largest number of cells."""
    with path.open(encoding=_known(encoding, path), newline="", errors="replace") as stream:
        sample = stream.read(_SAMPLE // 4)
    def fit(delimiter: str) -> tuple[int, int]:
        rows = list(islice(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter), 200))
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) if width > 1 else 0), width

    return max(_DELIMITERS, key=fit) if sample.strip() else ","


def _known(encoding: str, path: Path) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise refuse(f"'{encoding}' is not an encoding", Position(str(path), 1),
                     "e.g. utf-8 or cp1250") from None  # fmt: skip


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of every row that is not blank."""
    name = "utf-8-sig" if _known(encoding, path) == "utf-8" else encoding
    with path.open(encoding=name, newline="") as stream:
        reader: Any = csv.reader(_checked(stream, path), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise refuse(f"not readable as CSV: {error}", Position(str(path), line),
                         "look at the quotes in this row") from None  # fmt: skip
        except UnicodeError:
            raise refuse(f"the text is not {encoding}", Position(str(path), line),
                         "give file: {encoding: ...} in the mapping") from None  # fmt: skip


def _checked(stream: Any, path: Path) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        if "\x00" in line:
            raise refuse("this is a binary file, not text", Position(str(path), number), "save it as CSV")
        if len(line) > _LONGEST_CELL:
            raise refuse("the line has more than a million characters", Position(str(path), number),
                         "look at the quotes, or at the delimiter")  # fmt: skip
        yield line
