"""Numbers with their uncertainty, and how they are taken from a picture and shown.

A value recorded as a range or with a comparator stays one: what is worked out from it has a lowest
and a highest possible value. Refuses to guess: a value that is missing is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from crithidia.foundation.numbers import plain, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crithidia.case import Fact, Moment
    from crithidia.interpretation.measurements import Reading
    from crithidia.interpretation.picture import Picture

DAYS_A_YEAR: Final = 365.25
SEXES: Final = frozenset({"female", "male"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest value that is possible; None is no bound."""

    low: float | None
    high: float | None

    @property
    def exact(self) -> float | None:
        """Return the value if only one is possible."""
        return self.low if self.low is not None and self.low == self.high else None

    @classmethod
    def of(cls, reading: Reading) -> Bounds:
        """Return the bounds of a reading in its canonical unit."""
        return cls(_number(reading.low), _number(reading.high))

    @classmethod
    def at(cls, value: float) -> Bounds:
        """Return a value that is known."""
        return cls(value, value)

    @classmethod
    def over(cls, values: Iterable[float]) -> Bounds:
        """Return the bounds of some values; at least one is needed."""
        found = tuple(values)
        return cls(min(found), max(found))

    def mapped(self, function: Callable[[float], float]) -> Bounds:
        """Return the bounds of a function that never falls."""
        return Bounds(None if self.low is None else function(self.low),
                    None if self.high is None else function(self.high))  # fmt: skip

    def shown(self, places: int) -> str:
        """Write the bounds with so many decimals: 49, 45.2 … 51, >= 12."""
        low, high = (None if end is None else plain(rounded(end, places)) for end in (self.low, self.high))
        if low == high:
            return low or ""
        if low is None:
            return f"<= {high}"
        return f">= {low}" if high is None else f"{low} … {high}"

    def decimal(self) -> Decimal | None:
        """Return the value as a decimal if it is known."""
        return None if self.exact is None else Decimal(str(self.exact))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def latest(picture: Picture, concept: str, at: Moment | None = None) -> Reading | None:
    """Return the last reading of a quantity, rather one of the moment asked for."""
    readings = picture.readings.get(concept, ())
    same = [reading for reading in readings if at is not None and reading.fact.at == at]
    return same[-1] if same else readings[-1] if readings else None


def sex_of(picture: Picture) -> str | None:
    """Return ``female`` or ``male``, or None where that is not recorded or not settled."""
    codes = picture.codes.get("sex", ())
    return codes[0] if len(codes) == 1 and codes[0] in SEXES else None


def code_of(picture: Picture, concept: str) -> str | None:
    """Return the one code recorded for a concept, else None."""
    codes = picture.codes.get(concept, ())
    return codes[-1] if codes else None


def age_at(picture: Picture, at: Moment | None) -> Bounds | None:
    """Return the age in years at a moment, from the age recorded and the time between.

    Where the times cannot be compared, the age as recorded.
    """
    reading = latest(picture, "age")
    if reading is None:
        return None
    years = _years_between(reading.fact.at, at)
    return Bounds.of(reading).mapped(lambda age: age + years)


def _years_between(recorded: Moment | None, at: Moment | None) -> float:
    if at is None:
        return 0.0
    if recorded is None:
        return at.offset / DAYS_A_YEAR if at.offset is not None else 0.0
    if recorded.on is not None and at.on is not None:
        return (at.on - recorded.on).days / DAYS_A_YEAR
    if recorded.offset is not None and at.offset is not None:
        return (at.offset - recorded.offset) / DAYS_A_YEAR
    return 0.0


def basis(picture: Picture, *readings: Reading | None) -> tuple[Fact, ...]:
    """Return the facts that a derived value rests on: the readings, the age and the sex."""
    age = latest(picture, "age")
    facts = [reading.fact for reading in readings if reading is not None]
    facts += [age.fact] if age else []
    return tuple(dict.fromkeys((*facts, *picture.evidence.get(("sex", True), ()))))
