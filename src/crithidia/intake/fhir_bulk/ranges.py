"""The normal range beside a value: its ends as numbers, or its words where they say no more than them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.reading import read_interval
from crithidia.foundation.problems import shown
from crithidia.intake.fhir_bulk.values import codings, mapping, parts
from crithidia.interpretation import shipped_units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from crithidia.case import Interval

    Limits = dict[str, str | None]

LIMITS: Final = ("lower_limit", "upper_limit", "interval")
_ENDS: Final = ("low", "high")
_LONGEST: Final = 100


@dataclass
class Ranges:
    """Reads normal ranges; ``not_read`` counts the words that were left, in the order of the export."""

    not_read: Counter[str] = field(default_factory=Counter)

    def limits(self, part: Mapping[str, Any], unit: str | None, concept: str) -> Limits:
        """Return lower and upper limit, or the interval, of a value in ``unit``; nothing where there is none.

        Only one range can be the one. Ends in another unit than that of the value are left out.
        """
        ranges = [found for found in parts(part.get("referenceRange")) if _is_normal(found)]
        if len(ranges) != 1:
            return {}
        ends = [mapping(ranges[0].get(end)) for end in _ENDS]
        if not any(ends):
            return self._in_words(ranges[0].get("text"), unit, concept)
        if any(_differs(mapping(part.get("valueQuantity")), end) for end in ends):
            return {}
        low, high = (_optional(end.get("value")) for end in ends)
        return {"lower_limit": low, "upper_limit": high}

    def _in_words(self, words: Any, unit: str | None, concept: str) -> Limits:
        if not words or not isinstance(words, str):
            return {}
        interval = _interval(words, unit, concept) if len(words) <= _LONGEST else None
        if interval is None:
            self.not_read[shown(words)] += 1
            return {}
        return {"interval": _written(interval)}


@lru_cache(maxsize=10_000)
def _interval(words: str, unit: str | None, concept: str) -> Interval | None:
    """Return the interval that the words are and nothing else, in the unit of the value or in none."""
    try:
        interval = read_interval(" ".join(words.split()))
    except ValueError:
        return None
    is_clear = not interval.grouped and _is_ordered(interval) and _is_of(interval, unit, concept)
    return interval if is_clear else None


def _is_ordered(interval: Interval) -> bool:
    """Return whether the interval has room; 0-0 says that there is none."""
    return interval.low is None or interval.high is None or interval.low < interval.high


def _is_of(interval: Interval, unit: str | None, concept: str) -> bool:
    if not interval.unit or interval.unit == unit:
        return True
    code = shipped_units().code_of(interval.unit, concept)
    return unit is not None and code is not None and code == shipped_units().code_of(unit, concept)


def _written(interval: Interval) -> str:
    """Return an interval with decimal points and without a unit."""
    low, high = (None if end is None else format(end, "f") for end in (interval.low, interval.high))
    if low is None:
        return f"{'<' if interval.high_open else '<='}{high}"
    return f"{'>' if interval.low_open else '>='}{low}" if high is None else f"{low}-{high}"


def _is_normal(found: Mapping[str, Any]) -> bool:
    kind = found.get("type")
    return not kind or "normal" in {code for _, code, _ in codings(kind)}


def _differs(value: Mapping[str, Any], limit: Mapping[str, Any]) -> bool:
    """Return whether a limit is in another unit than the value."""
    units, others = ({str(part[key]) for key in ("code", "unit") if part.get(key)} for part in (value, limit))
    return bool(units and others) and not units & others


def _optional(value: Decimal | str | None) -> str | None:
    return None if value is None else str(value)
