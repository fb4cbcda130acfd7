"""What a healthy person of the same sex, age and height is expected to have, and how it spreads.

Two forms: the LMS method (Cole and Green 1992, doi:10.1002/sim.4780111005), which allows for skew,
and a linear regression with a residual standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log


@dataclass(frozen=True, slots=True)
class Expected:
    """The distribution of a measurement in healthy people: median, spread and skew.

    For a linear regression ``skew`` is 1 and ``spread`` the residual standard deviation over the
    median: then ``z`` is the plain standardised residual.
    """

    median: float
    spread: float
    skew: float = 1.0

    @classmethod
    def linear(cls, predicted: float, rsd: float) -> Expected:
        """Return the distribution of a regression with its residual standard deviation."""
        return cls(predicted, rsd / predicted)

    def z(self, value: float) -> float:
        """Return the z-score of a value in the unit of the median."""
        relative = value / self.median
        if self.skew == 0:
            return log(relative) / self.spread
        return float((relative**self.skew - 1) / (self.skew * self.spread))

    def at(self, z: float) -> float:
        """Return the value that lies at a z-score; below every value of the distribution it is 0."""
        if self.skew == 0:
            return self.median * exp(z * self.spread)
        inside = 1 + self.skew * self.spread * z
        return float(self.median * inside ** (1 / self.skew)) if inside > 0 else 0.0

    def percent(self, value: float) -> float:
        """Return a value in percent of the median."""
        return 100 * value / self.median
