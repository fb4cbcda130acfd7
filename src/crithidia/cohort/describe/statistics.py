"""Shares and agreement with confidence intervals, and with bounds where verdicts are open.

A confidence interval speaks of chance, a bound of what is not known: they are kept apart. Refuses
to turn an open verdict into either answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVEL: Final = 0.95
_PAIRS: Final = (("met", "met"), ("met", "not_met"), ("not_met", "met"), ("not_met", "not_met"))


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``, with the limits of the 95 % confidence interval; None where ``of`` is 0.

    Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).
    """

    count: int
    of: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share itself, between 0 and 1."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Range:
    """A share whose count is only known to lie between two: the worst and the best case."""

    worst: Share
    best: Share


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two sets agree: on those that both settle, and at least and at most over all.

    ``kappa`` is Cohen's (1960, doi:10.1177/001316446002000104) with the limits of its 95 %
    interval (standard error of Fleiss, Cohen and Everitt 1969, doi:10.1037/h0028106). It is None where
    both sets give everybody the same answer, and its interval also where one does: kappa is 0 then
    whatever the other says, and its standard error nothing to go by.
    """

    both: int
    neither: int
    only_first: int
    only_second: int
    open: int
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None
    kappa_worst: float | None
    kappa_best: float | None

    @property
    def settled(self) -> int:
        """The number of people for whom both sets are settled."""
        return self.both + self.neither + self.only_first + self.only_second


def share(count: int, of: int) -> Share:
    """Return a share with its confidence interval. Raises ``ValueError`` for more than all."""
    if not 0 <= count <= of:
        msg = f"{count} of {of} is no share"
        raise ValueError(msg)
    if of == 0:
        return Share(count, of, None, None)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, of, alpha=1 - LEVEL, method="wilson")
    return Share(count, of, float(low) if count else 0.0, float(high) if count < of else 1.0)


def share_between(certain: int, possible: int, of: int) -> Range:
    """Return the share in the worst and the best case."""
    return Range(share(certain, of), share(possible, of))


def agreement(counts: dict[tuple[str, str], int]) -> Agreement:
    """Return the agreement of two sets from the number of people with each pair of verdicts."""
    both, only_first, only_second, neither = (counts.get(pair, 0) for pair in _PAIRS)
    kappa, low, high = _kappa_interval((both, only_first, only_second, neither))
    ends = _kappa_ends(counts)
    return Agreement(
        both=both, neither=neither, only_first=only_first, only_second=only_second,
        open=sum(counts.values()) - both - only_first - only_second - neither,
        kappa=kappa, kappa_low=low, kappa_high=high,
        kappa_worst=min(ends, default=None), kappa_best=max(ends, default=None),
    )  # fmt: skip


Table = tuple[int, int, int, int]


def kappa_of(table: Table) -> float | None:
    """Return Cohen's kappa of a table (both, only first, only second, neither), None if undefined."""
    a, b, c, d = table
    by_chance = (a + b) * (b + d) + (a + c) * (c + d)
    return 2 * (a * d - b * c) / by_chance if by_chance else None


def _kappa_interval(table: Table) -> tuple[float | None, float | None, float | None]:
    kappa = kappa_of(table)
    a, b, c, d = table
    if kappa is None or not (a + b and c + d and a + c and b + d):
        return kappa, None, None
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    with np.errstate(invalid="ignore", divide="ignore"):  # its test statistic, which is not used
        variance = float(cohens_kappa([[a, b], [c, d]]).var_kappa)
    # The normal quantile that belongs to LEVEL; rounding may leave a variance of 0 just below it.
    distance = 1.959964 * math.sqrt(max(0.0, variance))
    return kappa, max(-1.0, kappa - distance), min(1.0, kappa + distance)


def _kappa_ends(counts: dict[tuple[str, str], int]) -> list[float]:
    """Return the values of kappa among which its least and its greatest over all completions are.

    Moving people between two neighbouring cells changes numerator and denominator linearly, so
    kappa is monotone along the move: an extreme settles every pair that has one open verdict
    wholly one way, and those with two open verdicts only across a diagonal, where kappa is a
    quotient of two quadratics with at most two turning points.
    """
    found = [kappa_of(table) for start in _settled_ways(counts)
             for table in _across(start, counts.get(("undetermined", "undetermined"), 0))]  # fmt: skip
    return [kappa for kappa in found if kappa is not None]


def _settled_ways(counts: dict[tuple[str, str], int]) -> Iterator[Table]:
    """Yield the tables in which the pairs with one open verdict are settled wholly one way."""
    base = [counts.get(pair, 0) for pair in _PAIRS]
    half_open = (
        (counts.get(("met", "undetermined"), 0), (0, 1)),
        (counts.get(("not_met", "undetermined"), 0), (2, 3)),
        (counts.get(("undetermined", "met"), 0), (0, 2)),
        (counts.get(("undetermined", "not_met"), 0), (1, 3)),
    )
    for way in product((0, 1), repeat=4):
        cells = list(base)
        for (count, places), side in zip(half_open, way, strict=True):
            cells[places[side]] += count
        a, b, c, d = cells
        yield a, b, c, d


def _across(start: Table, count: int) -> Iterator[Table]:
    """Yield the tables in which so many more people lie on one of the diagonals."""
    a, b, c, d = start
    for x in _turning(start, count, (0, 3)):
        yield a + x, b, c, d + count - x
    for x in _turning(start, count, (1, 2)):
        yield a, b + x, c + count - x, d


def _turning(start: Table, count: int, cells: tuple[int, int]) -> set[int]:
    """Return the numbers of people in the first of two cells at which kappa can be extreme."""
    def kappa_parts(x: int) -> tuple[int, int]:
        moved = list(start)
        moved[cells[0]] += x
        moved[cells[1]] += count - x
        a, b, c, d = moved
        return 2 * (a * d - b * c), (a + b) * (b + d) + (a + c) * (c + d)

    top, bottom = (_quadratic([kappa_parts(x)[i] for x in (0, 1, 2)]) for i in (0, 1))
    roots = _roots(
        top[0] * bottom[1] - top[1] * bottom[0],
        2 * (top[0] * bottom[2] - top[2] * bottom[0]),
        top[1] * bottom[2] - top[2] * bottom[1],
    )
    near = {whole for root in roots for whole in (math.floor(root), math.ceil(root))}
    near |= {0, 1, count - 1, count}  # at an end kappa may be undefined, and extreme beside it
    return {x for x in near if 0 <= x <= count}


def _quadratic(values: list[int]) -> tuple[float, float, float]:
    """Return the coefficients of the quadratic with these values at 0, 1 and 2."""
    second = (values[2] - 2 * values[1] + values[0]) / 2
    return second, values[1] - values[0] - second, values[0]


def _roots(a: float, b: float, c: float) -> list[float]:
    if a == 0:
        return [-c / b] if b else []
    inside = b * b - 4 * a * c
    return [] if inside < 0 else [(-b + sign * math.sqrt(inside)) / (2 * a) for sign in (1, -1)]
