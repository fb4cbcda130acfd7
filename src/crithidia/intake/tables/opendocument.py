"""Which of the first rows of OpenDocument have merged cells: the reader of spreadsheets does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_LOOKED_AT: Final = 100


def merged_rows(path: Path, sheet: str) -> frozenset[int]:
    """Return the numbers of those of the first rows that cells spread from or into; rows count from 1.

    A document that cannot be read has none: the reader of spreadsheets has said so before.
    """
    from xml.etree.ElementTree import ParseError

    try:
        with ZipFile(path) as archive, archive.open("content.xml") as stream:
            return frozenset(row for row in _merged(stream, sheet) if row <= _LOOKED_AT)
    except (BadZipFile, EOFError, KeyError, OSError, ParseError, RuntimeError, ZlibError):
        return frozenset()


def _merged(stream: Any, sheet: str) -> Iterator[int]:
    for row, cell in _cells(stream, sheet):
        down = _count(cell, "number-rows-spanned")
        if down > 1 or _count(cell, "number-columns-spanned") > 1:
            yield from range(row, row + down)


def _cells(stream: Any, sheet: str) -> Iterator[tuple[int, Any]]:
    """Yield the cells of the first rows of a sheet with the number of their row."""
    from xml.etree.ElementTree import iterparse

    is_there, row = False, 0
    # Entities that expand without end are stopped by expat itself, as of 2.4.
    for event, element in iterparse(stream, ("start", "end")):  # noqa: S314
        if element.tag == f"{_TABLE}table":
            if is_there and event == "end":
                return
            is_there = is_there or (event == "start" and element.get(f"{_TABLE}name") == sheet)
        elif is_there and event == "end" and element.tag == f"{_TABLE}table-cell":
            yield row + 1, element
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            row += _count(element, "number-rows-repeated") if is_there else 0
            element.clear()
            if row >= _LOOKED_AT:
                return


def _count(element: Any, name: str) -> int:
    written = element.get(f"{_TABLE}{name}") or ""
    return min(int(written), 1_000_000) if written.isdecimal() else 1
