"""What values a formula can take, from those of its parts: one step of interval arithmetic.

Each function here is exact as long as the parts are independent of each other. Who walks a tree in
which one input stands twice must see to that (``evaluation.hull``).
"""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Final

from crithidia.definition.formula import (
    Applied,
    Banded,
    Choice,
    Coded,
    Constant,
    Formula,
    Greatest,
    Least,
    Measured,
    Product,
    Quotient,
    Raised,
    Rounded,
    Total,
)
from crithidia.foundation import spans
from crithidia.foundation.spans import Span, hull_of, point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FUNCTIONS: Final[Mapping[str, Callable[[Span], Span]]] = {
    "ln": spans.logarithm,
    "log10": lambda span: spans.logarithm(span, base_ten=True),
    "sqrt": spans.square_root,
    "exp": spans.exponential,
    "floor": spans.floor,
}


def combined(node: Formula, parts: list[Span]) -> Span:
    """Return the values of a formula whose parts, all formulas, have these values.

    Raises ``UndefinedError`` where a function has no value for one of them.
    """
    if isinstance(node, Constant):
        return point(node.value)
    if isinstance(node, Total):
        return _folded(parts, Span.__add__)
    if isinstance(node, Product):
        return _folded(parts, Span.__mul__)
    if isinstance(node, (Least, Greatest)):
        return (spans.least if isinstance(node, Least) else spans.greatest)(parts)
    if isinstance(node, Quotient):
        return parts[0] * parts[1].reciprocal()
    return _of_one(node, parts[0])


def _folded(parts: list[Span], operation: Callable[[Span, Span], Span]) -> Span:
    found = parts[0]
    for part in parts[1:]:
        found = operation(found, part)
    return found


def _of_one(node: Formula, part: Span) -> Span:
    if isinstance(node, Applied):
        return _FUNCTIONS[node.function](part)
    if isinstance(node, Raised):
        return spans.power(part, node.exponent)
    if isinstance(node, Rounded):
        return spans.rounded_half_up(part, node.places)
    if isinstance(node, Banded):
        return hull_of(point(value) for value in banded_values(node, part))
    msg = f"{type(node).__name__} has no values of its own"
    raise TypeError(msg)


def banded_values(node: Banded, part: Span) -> Iterator[Fraction]:
    """Yield the number of every band that the part can lie in."""
    for band, value in zip(bands(node), node.values, strict=True):
        if band.within(part) is not None:
            yield Fraction(value)


def bands(node: Banded) -> Iterator[Span]:
    """Yield each band with its ends, the lowest first."""
    low: Fraction | float = -inf
    low_open = True
    for cut in node.cuts:
        limit = Fraction(cut.limit)
        yield Span(low, limit, low_open, not cut.included)
        low, low_open = limit, cut.included
    yield Span(low, inf, low_open)


def coded_values(node: Coded, codes: frozenset[str] | None) -> Span:
    """Return the numbers of the codes that are possible; None is all of them."""
    return hull_of(point(value) for code, value in node.values if codes is None or code in codes)


def natural_extent(node: Formula, ranges: Mapping[str, Span]) -> Span:
    """Return values that hold all the formula can take; wider than these where an input stands twice.

    ``ranges`` are the permitted values by concept. Raises ``UndefinedError``.
    """
    if isinstance(node, Measured):
        return ranges[node.concept]
    if isinstance(node, Coded):
        return coded_values(node, None)
    if isinstance(node, Choice):
        return natural_extent(node.then, ranges).united(natural_extent(node.otherwise, ranges))
    return combined(node, [natural_extent(part, ranges) for part in node.children()
                           if isinstance(part, Formula)])  # fmt: skip
