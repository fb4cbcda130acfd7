"""The worked cases of a score, as the tests keep them: one YAML file a score."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition.score_library import load_score
from crithidia.foundation.document import read_document
from crithidia.foundation.numbers import as_json, decimal_of
from crithidia.foundation.text import Phrase
from crithidia.report.guide.cases import cases_file, facts_in_words
from crithidia.report.pages import localised
from crithidia.report.wording import concept_label, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crithidia.foundation.text import Language

Json = dict[str, Any]
_FROM: Final = ("published", "tabled", "source")
_PREFIX: Final = re.compile(r"^published value:\s*", re.IGNORECASE)


def worked_scores(folder: Path | None, score_id: str, language: Language) -> list[Json]:
    """Return the cases of a score; none where there is no folder or no file. Raises ``InputError``."""
    path = cases_file(folder, score_id)
    if path is None:
        return []
    data = read_document(path).data
    words = _Words(score_id, language)
    return [words.case(raw, data.get("base", {})) for raw in data["cases"]]


class _Words:
    """What a case says, in the words of its score."""

    def __init__(self, score_id: str, language: Language) -> None:
        definition = load_score(score_id)
        self.language: Language = language
        self.labels = {clause.id: clause.label.in_(language) for clause in definition.clauses()}
        self.labels |= {part.id: part.label.in_(language) for part in definition.parts}

    def case(self, raw: Mapping[str, Any], base: Mapping[str, Any]) -> Json:
        before = raw.get("baseline")
        base = base if raw.get("base", True) else {}
        return {
            "name": _PREFIX.sub("", raw["name"]),
            "why": str(raw.get("why") or ""),
            "is_published": "published" in raw,
            "source": next((str(raw[key]) for key in _FROM if raw.get(key)), ""),
            "facts": facts_in_words({**base, **(raw.get("facts") or {})}, self.language),
            "before": None if before is None else facts_in_words({**base, **before}, self.language),
            "results": list(self._results(raw["expect"])),
        }

    def _results(self, expected: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is expected, one statement each."""
        if "score" in expected:
            yield self._say("score_case_score", score=self._span(expected["score"]))
        if "category" in expected and not expected.get("open"):
            yield self.labels.get(expected["category"]) or self._say("score_case_no_category")
        if expected.get("open"):
            yield self._say("score_open_categories", categories=self._named(expected["open"]))
        if "applies" in expected:
            yield self._say(f"score_case_applies_{expected['applies']}")
        for part, span in (expected.get("parts") or {}).items():
            yield f"{self.labels[part]}: {self._span(span)}"
        for key in ("changes", "missing", "refused"):
            if key in expected:
                what = self._named(expected[key])
                yield self._say(f"score_case_{key}" if what else f"score_case_no_{key}", what=what)

    def _named(self, ids: Iterable[str]) -> str:
        return "; ".join(self.labels.get(name) or concept_label(name, self.language) for name in ids)

    def _span(self, written: Any) -> str:
        if not isinstance(written, list):
            return self._number(written)
        low, high = written
        if low is None or high is None:
            return f">= {self._number(low)}" if high is None else f"<= {self._number(high)}"
        return f"{self._number(low)} … {self._number(high)}"

    def _number(self, written: Any) -> str:
        return localised(as_json(decimal_of(written)), self.language)

    def _say(self, phrase: str, **parts: str) -> str:
        return say(Phrase.of(phrase, **parts), self.language)
