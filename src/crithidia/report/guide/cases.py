"""The worked cases of a set, as the tests keep them: one YAML file a set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import load_criteria_set
from crithidia.foundation.document import read_document
from crithidia.report.definition import is_known_error
from crithidia.report.wording import concept_label, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crithidia.foundation.text import Language

Json = dict[str, Any]
_PREFIX: Final = re.compile(r"^errors? in circulation[:,]?\s+", re.IGNORECASE)
_REST: Final = {"absent": "guide_rest_absent", "unknown": "guide_rest_unknown"}
_TRUTHS: Final = ("present", "absent", "unknown")


def worked_cases(folder: Path | None, set_id: str, language: Language) -> list[Json]:
    """Return the cases of a set; none where there is no folder or no file. Raises ``InputError``."""
    path = cases_file(folder, set_id)
    if path is None:
        return []
    labels = _category_labels(set_id, language)
    return [_case(raw, labels, language) for raw in read_document(path).data["cases"]]


def cases_file(folder: Path | None, name: str) -> Path | None:
    """Return the file with the cases of a set or a score, if there is one."""
    path = folder / f"{name}.yaml" if folder else None
    return path if path and path.is_file() else None


def _category_labels(set_id: str, language: Language) -> dict[str, str]:
    return {category.id: category.label.in_(language)
            for column in load_criteria_set(set_id).columns for category in column.categories}  # fmt: skip


def _case(raw: Mapping[str, Any], labels: Mapping[str, str], language: Language) -> Json:
    expected = raw["expect"]
    low, high = expected["score"]
    category = expected.get("category")
    return {
        "name": _PREFIX.sub("", raw["name"]),
        "error": is_known_error(raw["name"]),
        "why": str(raw.get("why", "")),
        "facts": facts_in_words(raw["facts"], language),
        "rest_label": say(_REST[raw.get("rest", "unknown")], language),
        "verdict": expected["verdict"],
        "verdict_label": say(f"verdict_{expected['verdict']}", language),
        "category_label": labels.get(category) if category else None,
        "low": low,
        "high": high,
    }


def facts_in_words(raw: Mapping[str, Any], language: Language) -> list[Json]:
    """Return the facts of a worked case, those that are present or have a value first."""
    found = [_fact(name, entry, language) for name, value in raw.items()
             for entry in (value if isinstance(value, list) else [value])]  # fmt: skip
    return sorted(found, key=lambda fact: _TRUTHS.index(str(fact["truth"])))


def _fact(name: str, entry: Any, language: Language) -> Json:
    """Return one fact: a truth, a value, or either of them with its particulars, as in a case file."""
    value, particulars = (entry, {}) if not isinstance(entry, dict) else (entry.get("is"), entry)
    said = [] if value is None or value in _TRUTHS else [str(value)]
    said += [str(particular) for key, particular in particulars.items() if key != "is"]
    return {
        "concept": name,
        "label": concept_label(name, language),
        "truth": value if value in _TRUTHS else "present",
        "value": ", ".join(said) or None,
    }
