"""Which scores a case is shown: those of its diseases for which something was recorded.

A score is shown if a criteria set that it belongs to is met (or a finding it belongs to is present)
and at least half of what it asks for is known, or if everything that it asks for is known, or if the
case states its total. A score that certainly does not apply to the patient is left out.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.evaluation import Verdict
from crithidia.evaluation.scores import ScoreResult, compiled_score, evaluate_score
from crithidia.evaluation.visits import Recorded
from crithidia.foundation.library import shipped_library
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crithidia.evaluation import Result
    from crithidia.interpretation import Interpretation

_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")


def relevant_scores(shown: Interpretation, results: Iterable[Result]) -> Iterator[ScoreResult]:
    """Yield the scores that a reader of the case wants to see, in the order of their ids."""
    recorded = Recorded(shown.picture, shipped_vocabulary(), shown.case.index_date)
    diseases = {result.id for result in results if result.verdict is Verdict.MET}
    diseases |= {concept for concept, present in shown.picture.known.items() if present}
    for score_id, asked in _asked().items():
        if asked.isdisjoint(shown.picture.mentioned):
            continue
        found = evaluate_score(compiled_score(score_id), recorded)
        if found is not None and _is_wanted(found, diseases):
            yield found


def chosen_scores(shown: Interpretation, wanted: Iterable[str]) -> Iterator[ScoreResult]:
    """Yield the scores asked for of which anything was recorded. Raises ``UnknownNameError``."""
    recorded = Recorded(shown.picture, shipped_vocabulary(), shown.case.index_date)
    for score_id in wanted:
        found = evaluate_score(compiled_score(score_id), recorded)
        if found is not None:
            yield found


def _is_wanted(found: ScoreResult, diseases: set[str]) -> bool:
    if found.applies is Truth.ABSENT:
        return False
    if found.stated is not None:
        return True
    return found.known_share >= (1 if diseases.isdisjoint(found.definition.concerns) else Fraction(1, 2))


@lru_cache(maxsize=1)
def _asked() -> dict[str, frozenset[str]]:
    """Return the concepts that each score asks for, read off its file without building it."""
    vocabulary = shipped_vocabulary()
    return {
        document.data["id"]: frozenset(word for word in _words(_asking(document.data)) if word in vocabulary)
        for document in shipped_library().folder("scores")
    }


def _asking(data: dict[str, Any]) -> list[Any]:
    """Return the sections that ask for something of this patient; what stands for ever does not count."""
    moving = [name for name, given in data.get("inputs", {}).items() if not given.get("standing")]
    return [moving, data.get("recorded_as", ""), data.get("parts", {}), data.get("builds_on", [])]


def _words(raw: Any) -> Iterator[str]:
    if isinstance(raw, str):
        yield from _WORD.findall(raw)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            if key not in {"label", "definition", "citation", "place"}:
                yield key
                yield from _words(value)
    elif isinstance(raw, list):
        for part in raw:
            yield from _words(part)
