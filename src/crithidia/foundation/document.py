"""A YAML or JSON file read so that every value still knows its line.

PyYAML composes the node tree; the scalars are then read by the YAML 1.2 core schema, because
YAML 1.1 turns ``1:40`` into 100, ``no`` into False and ``1_0`` into 10. This module refuses to
know what a document means: that is for the loaders of each room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import InputError, Position, Problem, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Key = str | int
Address = tuple[Key, ...]

MAX_BYTES: Final = 5_000_000
MAX_NODES: Final = 200_000
MAX_DEPTH: Final = 60
_MAX_DIGITS: Final = 300

_INTEGER = re.compile(r"[-+]?[0-9]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SURROGATES: Final = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_WORDS: Final[Mapping[str, Any]] = {
    "": None, "~": None, "null": None, "true": True, "false": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data plus the position of every key, item and value in it."""

    name: str
    data: Any
    places: Mapping[Address, tuple[int, int]]

    def where(self, *address: Key) -> Position:
        """Return the position of what stands at ``address``, or of the nearest thing above it."""
        while address not in self.places and address:
            address = address[:-1]
        line, column = self.places.get(address, (1, 1))
        return Position(self.name, line, column)

    def refuse(self, message: str, *address: Key, remedy: str = "") -> InputError:
        """Return an error that points at ``address``."""
        return refuse(message, self.where(*address), remedy)


def read_document(path: Path, *, typed: bool = True, name: str | None = None) -> Document:
    """Read a file; with ``typed=False`` every scalar stays the text that was written.

    Raises ``InputError`` for whatever cannot be read, with file and line.
    """
    shown = name or str(path)
    return parse_document(read_text(path, shown), shown, typed=typed)


def parse_document(text: str, name: str, *, typed: bool = True) -> Document:
    """Read YAML or JSON from a string; ``name`` stands for the file in messages."""
    from crithidia.foundation.yaml_syntax import compose

    root = compose(text, name, depth=MAX_DEPTH, nodes=MAX_NODES)
    builder = _Builder(name, typed=typed, json=bool(root.id != "scalar" and root.flow_style))
    data = builder.build(root, ())
    if builder.problems:
        raise InputError(tuple(builder.problems))
    return Document(name, data, builder.places)


def parse_json(text: str, name: str) -> Document:
    r"""Parse JSON, the scalars left as they were written; a pair ``\ud83d\ude00`` is one character."""
    return parse_document(_SURROGATES.sub(_joined, text), name, typed=False)


def _joined(match: re.Match[str]) -> str:
    return bytes.fromhex(match[1] + match[2]).decode("utf-16-be")


def read_text(path: Path, name: str, *, most: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file of at most so many bytes. Raises ``InputError``."""
    here = Position(name, 1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except IsADirectoryError:
        raise refuse("this is a folder, not a file", here) from None
    except FileNotFoundError:
        raise refuse("there is no such file", here, "check the path") from None
    except OSError as error:
        raise refuse(f"the file cannot be read: {error.strerror}", here) from None
    if len(raw) > most:
        raise refuse(f"the file has more than {most:,} bytes; no more are read", here,
                     "a case file holds one patient; many patients belong in a table")  # fmt: skip
    return _decode(raw, here)


def _decode(raw: bytes, here: Position) -> str:
    if b"\x00" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\x00")) + 1
        raise refuse("this is a binary file, not text", Position(here.file, line),
                     "save it as UTF-8 text")  # fmt: skip
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse(
            "the text is not UTF-8", Position(here.file, line), "save the file as UTF-8"
        ) from None


class _Builder:
    """Turns composed nodes into plain data, noting places and refusing traps."""

    def __init__(self, name: str, *, typed: bool, json: bool) -> None:
        self.name = name
        self.typed = typed
        self.json = json
        self.places: dict[Address, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: Any, address: Address) -> Any:
        self._guard(node, address)
        self.places.setdefault(address, (node.start_mark.line + 1, node.start_mark.column + 1))
        if node.id == "scalar":
            return self._scalar(node)
        self._open.add(id(node))
        built = self._mapping(node, address) if node.id == "mapping" else self._list(node, address)
        self._open.discard(id(node))
        return built

    def _guard(self, node: Any, address: Address) -> None:
        self._count += 1
        where = self._place(node)
        if id(node) in self._open:
            raise refuse("an anchor refers to itself", where, "write the values out")
        if self._count > MAX_NODES:
            raise refuse(f"more than {MAX_NODES:,} values", where, "are aliases multiplying?")
        if len(address) > MAX_DEPTH:
            raise refuse(f"nested more than {MAX_DEPTH} levels deep", where)
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self.problems.append(Problem(f"the tag '{shown(node.tag)}' has no meaning here", where,
                                         "put the value in quotes, or leave the tag out"))

    def _place(self, node: Any) -> Position:
        return Position(self.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def _mapping(self, node: Any, address: Address) -> dict[str, Any]:
        built: dict[str, Any] = {}
        self._refuse_split_numbers([part for pair in node.value for part in pair])
        for key, value in node.value:
            where = self._place(key)
            if key.id != "scalar":
                self.problems.append(Problem("a key must be a single name", where,
                                             "not a list and not a mapping"))
                continue
            if key.value in built:
                first = self.places[(*address, key.value)][0]
                self.problems.append(Problem(
                    f"'{shown(key.value)}' is written twice (first in line {first})", where,
                    "keep one; several values of one concept go into a list",
                ))  # fmt: skip
                continue
            self.places[(*address, key.value)] = (where.line, where.column)
            built[key.value] = self.build(value, (*address, key.value))
        return built

    def _refuse_split_numbers(self, parts: list[Any]) -> None:
        """Report ``[3,2 G/l]``: between brackets the decimal comma would make two values of it."""
        for before, after in pairwise(parts):
            if _touching(before, after) and not self.json:
                self.problems.append(Problem(
                    f"the comma in '{shown(before.value)},{shown(after.value)}' parts two values here",
                    self._place(before), "write a decimal point, quotes, or a space after the comma",
                ))  # fmt: skip

    def _list(self, node: Any, address: Address) -> list[Any]:
        self._refuse_split_numbers(node.value)
        return [self.build(item, (*address, i)) for i, item in enumerate(node.value)]

    def _scalar(self, node: Any) -> Any:
        if node.style in {"|", ">"} and not node.value.strip():
            where = self._place(node)
            self.problems.append(Problem(f"the text after '{node.style}' is missing", where,
                                         f"a value such as '{node.style}5' must stand in quotes"))
        if not self.typed or node.style in {"'", '"', "|", ">"}:
            return node.value
        return core_schema(node.value)


def _touching(before: Any, after: Any) -> bool:
    """Return whether digits stand on both sides of a comma without a space."""
    if before.id != "scalar" or after.id != "scalar" or before.style or after.style:
        return False
    gap: int = after.start_mark.index - before.end_mark.index
    return gap == 1 and bool(before.value[-1:].isdigit() and after.value[:1].isdigit())


def core_schema(text: str) -> Any:
    """Return a plain scalar by the YAML 1.2 core schema (no sexagesimals, no yes/no).

    More than 300 digits stay text, and so does a number too large to be finite.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _REAL.fullmatch(text):
        return text
    real = float(text)
    return real if isfinite(real) else text
