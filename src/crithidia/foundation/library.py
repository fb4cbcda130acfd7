"""The knowledge files, read once and kept compiled.

Reading YAML is slow, so the parsed files are kept as JSON in the user's cache folder under the
hash of their content. A changed file changes the hash; a missing or damaged cache is remade.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia._version import __version__
from crithidia.foundation.cache import cache_folder, keep_text
from crithidia.foundation.document import Document, read_document
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import InputError, KnowledgeError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_CACHE_FORMAT: Final = "1"
_STATES_KEPT: Final = 4
_TAKEN: dict[str, Any] = {}


@dataclass(frozen=True)
class Library:
    """All knowledge files below a folder, and the hash that names exactly this state of them."""

    root: Path

    @cached_property
    def _paths(self) -> tuple[Path, ...]:
        return tuple(sorted(self.root.rglob("*.yaml")))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over names and bytes of every file: the identity of the knowledge used."""
        digest = hashlib.sha256()
        for path in self._paths:
            digest.update(path.relative_to(self.root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
        return digest.hexdigest()

    @property
    def version(self) -> str:
        """The version of the package that the knowledge was shipped with."""
        return __version__

    @property
    def documents(self) -> Mapping[str, Any]:
        """The parsed documents by their path below the root."""
        return self._parsed

    def folder(self, name: str) -> Iterator[Document]:
        """Yield the documents of one folder in name order."""
        for key, data in self._parsed.items():
            if key.startswith(f"{name}/"):
                yield Document(key, data, self._places.get(key, {}))

    def document(self, name: str) -> Document:
        """Return one document by its path below the root."""
        return Document(name, self._parsed[name], self._places.get(name, {}))

    @cached_property
    def _places(self) -> dict[str, Any]:
        """Positions, known only where the files were read anew (the cache holds checked data)."""
        return {}

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        cache = cache_folder() / f"knowledge-{_CACHE_FORMAT}-{self.hash}.json"
        try:
            return dict(json.loads(cache.read_text("utf-8")))
        except (OSError, ValueError):
            parsed = self._read_and_check()
            if keep_text(cache, json.dumps(parsed, ensure_ascii=False)):
                _forget_older(cache)
            return parsed

    def _read_and_check(self) -> dict[str, Any]:
        from crithidia.foundation.schema import check_against_schema

        parsed: dict[str, Any] = {}
        problems: list[Problem] = []
        for path in self._paths:
            key = path.relative_to(self.root).as_posix()
            try:
                document = read_document(path, name=key)
            except InputError as error:
                problems.extend(error.problems)
                continue
            if self.root != SHIPPED or os.environ.get("CRITHIDIA_CHECK_KNOWLEDGE"):
                # What is shipped was checked before it was shipped (tests/unit/test_knowledge.py).
                problems.extend(check_against_schema(document))
            parsed[key] = document.data
            self._places[key] = document.places
        if problems:
            raise KnowledgeError(tuple(problems))
        return parsed

    def reread(self) -> Library:
        """Return the same library with positions, for the message of a mistake found later."""
        fresh = Library(self.root)
        fresh.__dict__["_parsed"] = fresh._read_and_check()
        return fresh


@lru_cache(maxsize=1)
def shipped_library() -> Library:
    """Return the knowledge that comes with the package."""
    library = Library(SHIPPED)
    if _TAKEN:
        library.__dict__["_parsed"] = _TAKEN
    return library


def take_documents(documents: Mapping[str, Any]) -> None:
    """Use parsed documents as what was shipped, in a process that has the code and no files."""
    _TAKEN.update(documents)
    shipped_library.cache_clear()


def _forget_older(path: Path) -> None:
    """Keep the newest states of the knowledge, so that the folder does not grow for ever."""
    kept = sorted(path.parent.glob("knowledge-*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in kept[_STATES_KEPT:]:
        old.unlink(missing_ok=True)
