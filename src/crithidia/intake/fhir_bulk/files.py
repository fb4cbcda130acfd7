"""The files of an export: a JSON object a line (NDJSON), or a document: a resource, a Bundle or an array.

How a file is written is told by its first lines, not by its name. NDJSON is read a line at a time. A document
is read whole, up to ``LARGEST_DOCUMENT`` bytes; a larger one is refused. Packed files end in ``.gz``.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.fhir_bulk.pieces import Piece, pieces_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NDJSON: Final = (".ndjson", ".ndjson.gz")
DOCUMENTS: Final = (".json", ".json.gz")
LARGEST_DOCUMENT: Final = 200_000_000
_LONGEST_LINE: Final = 20_000_000
_LINES_LOOKED_AT: Final = 100
_LONGEST_NUMBER: Final = 30
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
# Half of a character: JSON can write it, and no text can hold it.
_HALF: Final = re.compile("[\ud800-\udfff]")
_HALF_WRITTEN: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF_IN_BYTES: Final = re.compile(_HALF_WRITTEN.pattern.encode())


def open_export(path: Path) -> tuple[Path, ...]:
    """Return the files of an export. Raises ``InputError`` if there are none."""
    files = [path] if path.is_file() else sorted(
        file for file in (path.rglob("*") if path.is_dir() else ())
        if file.is_file() and file.name.lower().endswith((*NDJSON, *DOCUMENTS))
    )  # fmt: skip
    if not files:
        raise refuse("there is no .ndjson file and no .json file", Position(str(path), 1),
                     "an export of FHIR is a folder of NDJSON files, or of Bundles")  # fmt: skip
    return tuple(files)


def pieces_of(file: Path) -> Iterator[Piece]:
    """Yield every resource. Raises ``InputError`` for a file that cannot be read to its end."""
    opener: Any = gzip.open if file.name.lower().endswith(".gz") else open
    number = 0
    try:
        with opener(file, "rb") as stream:
            is_document = _is_document(stream)
            stream.seek(0)
            if is_document:
                yield from _of_document(file.name, stream)
                return
            for number, raw in enumerate(_lines(stream), 1):
                if raw.strip():
                    yield from _of_line(f"{file.name}:{number}", raw)
    except (EOFError, OSError, zlib.error) as error:
        raise refuse(f"cannot be read on: {error}", Position(str(file), number + 1),
                     "fetch or export the file again") from None  # fmt: skip


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines; of one that is too long only the beginning, one byte more than is allowed."""
    while raw := stream.readline(_LONGEST_LINE + 1):
        rest = raw
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(_LONGEST_LINE)
        yield raw


def _is_document(stream: IO[bytes]) -> bool:
    """Return whether a file is one document over its lines rather than a resource on each.

    A broken first line of NDJSON is told from the beginning of a document by the lines after it.
    """
    lines = filter(bytes.strip, islice(_lines(stream), _LINES_LOOKED_AT))
    first = next(lines, b"")
    if not first or _is_whole(first):
        return False
    is_begun = first.strip().removeprefix(b"\xef\xbb\xbf") in {b"[", b"{"}
    return is_begun or not any(_is_whole(line, of_kind=b'"resourceType"') for line in lines)


def _is_whole(line: bytes, of_kind: bytes = b"") -> bool:
    """Return whether a line is a whole JSON value, and not only an end of one."""
    if of_kind not in line or len(line) > _LONGEST_LINE:
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, (dict, list))


def _of_document(name: str, stream: IO[bytes]) -> Iterator[Piece]:
    """Yield what is in a document, or in several that follow each other."""
    raw = stream.read(LARGEST_DOCUMENT + 1)
    if len(raw) > LARGEST_DOCUMENT:
        yield Piece(f"{name}:1", wrong=f"a document of more than {LARGEST_DOCUMENT:,} bytes; "
                                       "write each resource on a line of its own (NDJSON)")  # fmt: skip
        return
    try:
        text = raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        yield Piece(f"{name}:1", wrong=f"not readable as JSON: {error}")
        return
    if text.lstrip()[:1] == "<":
        yield Piece(f"{name}:1", wrong="this is XML; FHIR is read here as JSON")
        return
    yield from _values(name, text)


def _values(name: str, text: str) -> Iterator[Piece]:
    at, line = _after_blanks(text, 0), 1
    line += text.count("\n", 0, at)
    while at < len(text):
        place = f"{name}:{line}"
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Piece(place, wrong=f"not readable as JSON: {error}")
            return
        yield from _read(place, value, halves=_HALF_WRITTEN.search(text, at, end) is not None)
        end = _after_blanks(text, end)
        line += text.count("\n", at, end)
        at = end


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _number(written: str) -> str:
    """Return a number without an exponent, as people write it; one of absurd size stays as it is."""
    number = Decimal(written)
    is_short = abs(number.adjusted()) < _LONGEST_NUMBER
    return format(number, "f") if is_short and "e" in written.lower() else written


_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_int=str)


def _of_line(place: str, raw: bytes) -> Iterator[Piece]:
    if len(raw) > _LONGEST_LINE:
        yield Piece(place, wrong=f"the line has more than {_LONGEST_LINE:,} bytes")
        return
    try:
        value = _DECODER.decode(raw.decode(json.detect_encoding(raw), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        yield Piece(place, wrong=f"not readable as JSON: {error}")
        return
    yield from _read(place, value, halves=_HALF_IN_BYTES.search(raw) is not None)


def _read(place: str, value: Any, *, halves: bool) -> Iterator[Piece]:
    """Yield the resources of a value; one with half a character in it is refused."""
    for piece in pieces_in(place, value):
        if halves and piece.resource and _HALF.search(json.dumps(piece.resource, ensure_ascii=False)):
            yield Piece(piece.place, wrong="it holds half a character (a lone surrogate)")
        else:
            yield piece
