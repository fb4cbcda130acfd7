"""Files as others write them, for tests: OpenDocument by hand, and a workbook under a password."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from pathlib import Path

_URN = "urn:oasis:names:tc:opendocument:xmlns"
_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_SECTOR = 512
_END, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_REGULAR = 4096


def cell(value: object, kind: str = "string", more: str = "") -> str:
    """Return a cell of OpenDocument; ``None`` is an empty one."""
    if value is None:
        return f"<table:table-cell {more}/>"
    name = {"date": "date-value", "boolean": "boolean-value"}.get(kind, "value")
    typed = "" if kind == "string" else f'office:{name}="{value}"'
    return (f'<table:table-cell {more} office:value-type="{kind}" {typed}><text:p>{value}</text:p>'
            "</table:table-cell>")  # fmt: skip


def sheet(*rows: list[str], name: str = "Badania") -> str:
    """Return a sheet of OpenDocument, with the empty rows to its end that LibreOffice writes."""
    written = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    rest = ('<table:table-row table:number-rows-repeated="1048000">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>')
    return f'<table:table table:name="{name}">{written}{rest}</table:table>'


def write_ods(path: Path, *sheets: str) -> Path:
    """Write a spreadsheet of OpenDocument."""
    names = " ".join(f'xmlns:{name}="{_URN}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2">'
               f"<office:body><office:spreadsheet>{''.join(sheets)}</office:spreadsheet></office:body>"
               "</office:document-content>")
    entry = f'<m:file-entry m:full-path="/" m:media-type="{_MIME}"/>'
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _MIME)
        archive.writestr("content.xml", content)
        manifest = f'<m:manifest xmlns:m="{_URN}:manifest:1.0">{entry}</m:manifest>'
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def write_protected(path: Path) -> Path:
    """Write what Excel writes under a password: a compound file with two streams (MS-OFFCRYPTO)."""
    streams = [("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]
    count = _REGULAR // _SECTOR
    table = [_TABLE, _END]  # the table of sectors, and the directory
    for number in range(len(streams)):
        start = 2 + number * count
        table += [*range(start + 1, start + count), _END]
    entries = _entry("Root Entry", 5, _END, 0, child=1)
    for number, (name, _) in enumerate(streams):
        follows = number + 2 if number + 1 < len(streams) else _FREE
        entries += _entry(name, 2, 2 + number * count, _REGULAR, follows=follows)
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<10I", 0, 1, 1, 0, _REGULAR, _END, 0, _END, 0, 0) + b"\xff" * 432
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    contents = b"".join(content.ljust(_REGULAR, b"\0") for _, content in streams)
    path.write_bytes(header + sectors + entries.ljust(_SECTOR, b"\0") + contents)
    return path


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, follows: int = _FREE) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(written), kind, 1, _FREE, follows, child)
    return written.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
