"""What a file is by its first bytes, whatever its name ends in, so that a wrong ending can be named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

if TYPE_CHECKING:
    from pathlib import Path

_LOOKED_AT: Final = 4096
_ZIP: Final = b"PK\x03\x04"
# What begins so, and the ending that goes with it; without one it is nothing that is read here.
_BEGINNINGS: Final = (
    (rb"\$FL[23]@\(#\)", "a file of SPSS", (".sav", ".zsav")),
    (rb"<stata_dta>", "a file of Stata", (".dta",)),
    (rb"PAR1[^-\w,;|\s]", "a Parquet file", (".parquet",)),
    (rb"HEADER RECORD\*{7}LIB", "a SAS transport file", (".xpt",)),
    (rb"\x00{12}\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92", "a file of SAS", (".sas7bdat",)),
    (rb"(?s:.{0,400})ASCII SPSS PORT FILE", "a portable file of SPSS", (".por",)),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of before 2007, or one with a password",
     (".xls", ".xlsx", ".xlsm", ".xlsb")),
    (rb"%PDF", "a PDF document", ()), (rb"\{\\rtf", "a text document (RTF)", ()),
    (rb"SQLite format 3\x00", "an SQLite database", ()),
    (rb"\x1f\x8b", "a file packed with gzip; unpack it", ()),
    (rb"(?i)\s*(?:<!doctype html|<html|<table)", "a web page (HTML)", ()),
    (rb"\s*(?:\xef\xbb\xbf)?<\?xml", "an XML document", ()),
)  # fmt: skip
_IN_ZIP: Final = (
    ("xl/workbook.xml", "an Excel workbook", (".xlsx", ".xlsm")),
    ("xl/workbook.bin", "a binary Excel workbook", (".xlsb",)),
    ("word/document.xml", "a Word document", ()), ("ppt/presentation.xml", "a PowerPoint presentation", ()),
)  # fmt: skip
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."


def kind_of(path: Path) -> tuple[str, tuple[str, ...]] | None:
    """Return what a file is and the endings that such a file may have; nothing where that cannot be told.

    Text with delimiters begins with anything. Raises ``OSError``.
    """
    with path.open("rb") as stream:
        begin = stream.read(_LOOKED_AT)
    if begin.startswith(_ZIP):
        return _in_zip(path)
    return next(((said, endings) for pattern, said, endings in _BEGINNINGS if re.match(pattern, begin)), None)


def _in_zip(path: Path) -> tuple[str, tuple[str, ...]] | None:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:200].decode("latin-1") if "mimetype" in names else ""
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, ZlibError):
        return None  # cut short: the reader says so
    if mime.startswith(_OPEN_DOCUMENT):
        is_sheet = mime.startswith(f"{_OPEN_DOCUMENT}spreadsheet")
        said = mime.removeprefix(_OPEN_DOCUMENT).partition("-")[0]
        return f"an OpenDocument {said}", (".ods",) if is_sheet else ()
    for name, called, endings in _IN_ZIP:
        if name in names:
            return called, endings
    return "a ZIP archive; unpack it and name a table in it", ()
