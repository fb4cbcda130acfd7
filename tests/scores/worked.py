"""Worked cases of scores: what stands in ``tests/scores/<id>.yaml``, and whether a result is as expected.

The tests and the mutation check judge a result by the same function. A number is compared to as
many places as the case writes; an interval is ``[low, high]`` with ``null`` for no end. ``source``
names the publication or calculator that a value was taken from.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.evaluation.plain_scores import facts_of_visit
from crithidia.evaluation.scores import result_at
from crithidia.foundation.document import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.evaluation.scores import CompiledScore, ScoreResult
    from crithidia.evaluation.visits import Recorded
    from crithidia.foundation.spans import Number, Span

HERE: Final = Path(__file__).parent
FILES: Final = tuple(sorted(HERE.glob("*.yaml")))
EXPECTED: Final = frozenset(
    {"score", "category", "open", "applies", "changes", "parts", "missing", "refused"}
)
_PLAIN: Final = {"present": True, "absent": False, "unknown": None}


@dataclass(frozen=True)
class WorkedScore:
    """One case with its facts as written and what is expected of them."""

    score_id: str
    line: int
    name: str
    why: str
    published: str
    tabled: str
    source: str
    facts: Mapping[str, Any]
    baseline: Mapping[str, Any] | None
    expect: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.score_id}:{self.line}:{self.name}"

    @property
    def is_explained(self) -> bool:
        """Whether the case says why it expects what it does, or where that comes from."""
        return any((self.why, self.published, self.tabled, self.source))

    def recorded(self) -> tuple[Recorded, Recorded | None]:
        """Return the facts of the visit and of the one before, as they are scored."""
        return _recorded(self.facts), None if self.baseline is None else _recorded(self.baseline)

    def result(self, compiled: CompiledScore) -> ScoreResult:
        """Return what a score makes of the facts."""
        return scored(compiled, *self.recorded())


def scored(compiled: CompiledScore, now: Recorded, before: Recorded | None) -> ScoreResult:
    """Return what a score makes of facts that were read before."""
    return result_at(compiled, now, None, None if before is None else (before, None))


def _recorded(facts: Mapping[str, Any]) -> Recorded:
    return facts_of_visit({name: _PLAIN.get(value, value) for name, value in facts.items()})


def worked_scores(path: Path) -> tuple[WorkedScore, ...]:
    """Read the worked cases of one score; ``base`` facts hold in every case that does not repeat them."""
    document = read_document(path)
    base = document.data.get("base", {})
    return tuple(
        WorkedScore(
            score_id=document.data["score"],
            line=document.where("cases", i).line,
            name=str(raw["name"]),
            why=str(raw.get("why") or ""),
            published=str(raw.get("published") or ""),
            tabled=str(raw.get("tabled") or ""),
            source=str(raw.get("source") or ""),
            facts={**(base if raw.get("base", True) else {}), **raw.get("facts", {})},
            baseline=raw.get("baseline"),
            expect=raw["expect"],
        )
        for i, raw in enumerate(document.data["cases"])
    )


def failure(result: ScoreResult, expect: Mapping[str, Any]) -> str:
    """Return the first thing that is not as expected, or an empty string."""
    for key, wanted in expect.items():
        said = _CHECKS[key](result, wanted)
        if said:
            return f"{key}: {wanted} was expected, {said} was found"
    return ""


def _score(result: ScoreResult, wanted: Any) -> str:
    return _compared(result.span, wanted)


def _compared(span: Span, wanted: Any) -> str:
    low, high = wanted if isinstance(wanted, list) else (wanted, wanted)
    found = (_shown(span.low, low), _shown(span.high, high))
    return "" if found == (_written(low), _written(high)) else f"{found[0]} to {found[1]}"


def _written(number: Any) -> str:
    return "none" if number is None else str(Decimal(str(number)))


def _shown(number: Number, like: Any) -> str:
    """Return a number rounded half up to the places of another one."""
    if isinstance(number, float):
        return "none"
    places = 6 if like is None else max(-int(Decimal(str(like)).as_tuple().exponent), 0)
    scaled = abs(number) * 10**places + Fraction(1, 2)
    whole = scaled.numerator // scaled.denominator
    return str(Decimal(whole if number >= 0 else -whole).scaleb(-places))


def _category(result: ScoreResult, wanted: str) -> str:
    """No other category may be reached as well."""
    reached = [clause.id for clause, truth in result.categories if truth.value == "present"]
    found = "none" if result.category is None else " and ".join(reached)
    return "" if found == wanted else found


def _open(result: ScoreResult, wanted: list[str]) -> str:
    found = [clause.id for clause, truth in result.categories if truth.value == "unknown"]
    return "" if found == wanted else str(found)


def _applies(result: ScoreResult, wanted: str) -> str:
    return "" if result.applies.value == wanted else result.applies.value


def _changes(result: ScoreResult, wanted: list[str]) -> str:
    found = [clause.id for clause, truth in result.changes if truth.value == "present"]
    return "" if found == wanted else str(found)


def _parts(result: ScoreResult, wanted: Mapping[str, Any]) -> str:
    spans = {part.id: span for part, span in result.parts}
    said = {name: _compared(spans[name], value) for name, value in wanted.items()}
    return "; ".join(f"{name} {words}" for name, words in said.items() if words)


def _missing(result: ScoreResult, wanted: list[str]) -> str:
    found = [given.concept for given in result.missing]
    return "" if found == wanted else str(found)


def _refused(result: ScoreResult, wanted: list[str]) -> str:
    found = [given.concept for given in result.refused]
    return "" if found == wanted else str(found)


_CHECKS: Final = {"score": _score, "category": _category, "open": _open, "applies": _applies,
                  "changes": _changes, "parts": _parts, "missing": _missing, "refused": _refused}  # fmt: skip
