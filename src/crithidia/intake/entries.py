"""What every reader of the case file shares: problems with their place, keys, texts, names, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Provenance
from crithidia.foundation.problems import Problem, did_you_mean, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.foundation.document import Document, Key
    from crithidia.vocabulary import Concept, Vocabulary

CLAIMED: Final = "claim"


class Entries:
    """A document being read; every mistake is noted in ``problems``, and reading goes on."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []

    def _problem(self, message: str, *address: Key, remedy: str = "") -> None:
        self.problems.append(Problem(message, self.document.where(*address), remedy))

    def _mapping(self, raw: Any, address: tuple[Key, ...]) -> dict[str, Any]:
        if isinstance(raw, dict):
            return raw
        if raw not in ("", None):
            self._problem(f"{_named(address)} must be a mapping of names to values", *address,
                          remedy="write 'name: value', one a line")  # fmt: skip
        return {}

    def _check_keys(self, data: Mapping[str, Any], known: tuple[str, ...],
                    address: tuple[Key, ...]) -> None:  # fmt: skip
        for key in data:
            if key not in known:
                advice = did_you_mean(key, known) or self._elsewhere(key, address)
                self._problem(f"'{shown(key)}' is not expected here", *address, key,
                              remedy=advice or f"known here: {', '.join(known)}")  # fmt: skip

    def _elsewhere(self, key: str, address: tuple[Key, ...]) -> str:
        if address or self.vocabulary.find(key) is None:
            return ""
        return "findings go into a section such as history:, examination: or laboratory:"

    def _concept(self, name: str, address: tuple[Key, ...]) -> Concept | None:
        concept = self.vocabulary.find(name)
        if concept is None:
            self._problem(f"'{shown(name)}' is not a concept that Crithidia knows", *address,
                          remedy=self.vocabulary.suggestion(name)
                          or "keep it under notes:, or see 'crithidia concepts'")  # fmt: skip
        return concept

    def _text(self, details: Mapping[str, Any], key: str, address: tuple[Key, ...]) -> str:
        raw = details.get(key, "")
        if isinstance(raw, str):
            return raw.strip()
        self._problem(f"'{key}' must be a single value", *address, key,
                      remedy="not a list and not a mapping")  # fmt: skip
        return ""

    def _provenance(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> Provenance:
        return Provenance(
            where=self.document.where(*address),
            quote=" ".join(self._text(details, "quote", address).split()),
            page=self._text(details, "page", address),
            note=" ".join(self._text(details, "note", address).split()),
            claimed=self._is_claimed(details, address),
        )

    def _is_claimed(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> bool:
        written = self._text(details, "basis", address)
        if written and written != CLAIMED:
            self._problem(f"'{shown(written)}' is no basis", *address, "basis",
                          remedy=f"'{CLAIMED}' for what the authors assert without showing it, or nothing")
        return bool(written)


def _named(address: tuple[Key, ...]) -> str:
    if not address:
        return "a case file"
    last = address[-1]
    return f"'{shown(last)}'" if isinstance(last, str) else f"entry {last + 1} of '{address[-2]}'"
