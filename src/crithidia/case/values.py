"""The values a fact can have. Each knows how it was written and reads back as that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.foundation.numbers import plain
from crithidia.foundation.truth import Truth

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Presence:
    """A finding that is present, absent or stated to be unknown."""

    truth: Truth

    def __str__(self) -> str:
        return self.truth.value


@dataclass(frozen=True, slots=True)
class Interval:
    """A reference interval; an open end is None.

    ``low_open`` and ``high_open`` say that the limit itself lies outside (``<12``). ``unit`` is as written
    and empty where it is that of the value beside it. ``grouped`` as in ``Quantity``.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    unit: str = ""
    grouped: bool = False

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            msg = f"the interval {plain(self.low)}-{plain(self.high)} ends before it begins"
            raise ValueError(msg)

    def __str__(self) -> str:
        if self.low is None and self.high is not None:
            return f"{'<' if self.high_open else '<='}{plain(self.high)}"
        if self.high is None and self.low is not None:
            return f"{'>' if self.low_open else '>='}{plain(self.low)}"
        if self.low is None or self.high is None:
            return ""
        return f"{plain(self.low)}-{plain(self.high)}"


TIMES_UPPER_LIMIT: Final = "{ULN}"
TIMES_LOWER_LIMIT: Final = "{LLN}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, exact, bounded (``<10``, ``>=3``) or a range (56-57).

    ``low`` and ``high`` bound the true value; ``None`` is no bound. ``unit`` is as written; a multiple of
    a laboratory's limit (``3 x ULN``) has the unit ``{ULN}`` or ``{LLN}`` and is no number of anything else.
    ``grouped`` says that a point stands where it could part thousands (``1.234``).
    """

    low: Decimal | None
    high: Decimal | None
    unit: str
    low_open: bool = False
    high_open: bool = False
    interval: Interval | None = None
    grouped: bool = False

    @classmethod
    def exactly(cls, number: Decimal, unit: str, interval: Interval | None = None) -> Quantity:
        """Return a value known exactly."""
        return cls(number, number, unit, interval=interval)

    @property
    def exact(self) -> Decimal | None:
        """Return the number if it is known exactly."""
        return self.low if self.low is not None and self.low == self.high else None

    @property
    def is_multiple_of_limit(self) -> bool:
        """Whether this says how many times a limit of normal the value was, not the value."""
        return self.unit in {TIMES_UPPER_LIMIT, TIMES_LOWER_LIMIT}

    @property
    def number(self) -> str:
        """Return the number as written: 5.65, <10, 56-57."""
        if self.exact is not None:
            return plain(self.exact)
        return str(Interval(self.low, self.high, self.low_open, self.high_open))

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Titre:
    """An end-point dilution, 1:``reciprocal``; ``comparator`` is ``<``, ``>=`` ... or ``=``."""

    reciprocal: int
    comparator: str = "="
    pattern: str = ""

    def __str__(self) -> str:
        sign = "" if self.comparator == "=" else self.comparator
        return f"{sign}1:{self.reciprocal} {self.pattern}".strip()


@dataclass(frozen=True, slots=True)
class Grade:
    """A semi-quantitative grade as laboratories print it: ``-``, ``+/-``, ``+`` to ``++++``."""

    text: str

    @property
    def truth(self) -> Truth:
        """A borderline grade settles nothing."""
        if self.text == "-":
            return Truth.ABSENT
        return Truth.UNKNOWN if self.text == "+/-" else Truth.PRESENT

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Code:
    """One of the codes of a coded concept."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Dose:
    """A drug as given: amount a time with its unit, times a day, and the words used."""

    amount: Decimal | None
    unit: str
    per_day: Decimal | None
    text: str

    def __str__(self) -> str:
        return self.text


Value = Presence | Quantity | Titre | Grade | Code | Dose
