"""Bounds of how fast a formula rises in one of its inputs.

For any two values of the input, with everything else fixed anywhere in the box, the difference of
the results divided by the difference of the inputs lies in the span returned. If the span does not
go below 0, the formula rises throughout; if not above, it falls.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Final

from crithidia.definition import Has, Not, Reaches
from crithidia.definition.formula import (
    Applied,
    Banded,
    Choice,
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
from crithidia.foundation.spans import EVERYTHING, NOT_NEGATIVE, ZERO, Span, UndefinedError, hull_of, point
from crithidia.foundation.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.definition import Node
    from crithidia.evaluation.box import Box, Key
    from crithidia.evaluation.hull import Hull

_ONE: Final = point(1)
_HALF: Final = point(Fraction(1, 2))
_RISING: Final = (Applied, Rounded, Total, Least, Greatest)


def is_monotone(hull: Hull, node: Formula, key: Key, box: Box) -> bool:
    """Return whether a formula provably rises throughout in a quantity, or falls throughout."""
    trend = slope(hull, node, key, box)
    return trend.low >= 0 or trend.high <= 0


def is_one_way(node: Raised | Banded, inside: Span) -> bool:
    """Return whether a function of one part rises, or falls, over all values of that part."""
    if isinstance(node, Raised) and inside.low >= 0:
        return True
    trend = _of_function(node, inside)
    return trend.low >= 0 or trend.high <= 0


def slope(hull: Hull, node: Formula, key: Key, box: Box) -> Span:
    """Return bounds of the slope of a formula in one quantity over a box."""
    if key not in hull.keys(node):
        return ZERO
    if isinstance(node, Measured):
        return _ONE
    special = _SPECIAL.get(type(node))
    if special is not None:
        return special(hull, node, key, box)
    parts = [slope(hull, part, key, box) for part in node.children() if isinstance(part, Formula)]
    return _outer(hull, node, box) * parts[0]


def _of_total(hull: Hull, node: Total, key: Key, box: Box) -> Span:
    return reduce(Span.__add__, (slope(hull, part, key, box) for part in node.of))


def _of_extreme(hull: Hull, node: Least | Greatest, key: Key, box: Box) -> Span:
    """Only parts that can be the extreme somewhere count."""
    found = [hull.rough(part, box) for part in node.of]
    ordered = found if isinstance(node, Greatest) else [-span for span in found]
    return hull_of(slope(hull, part, key, box) for part, span in zip(node.of, ordered, strict=True)
                   if not any(_beats(other, span) for other in ordered))  # fmt: skip


def _beats(one: Span, other: Span) -> bool:
    """Return whether one is nowhere less than another, and more somewhere."""
    return one.low >= other.high and (one.high > other.high or other.low < one.low)


def _of_choice(hull: Hull, node: Choice, key: Key, box: Box) -> Span:
    truth = hull.truth(node.when, box)
    if truth.is_known:
        return slope(hull, node.then if truth is Truth.PRESENT else node.otherwise, key, box)
    if key in hull.keys(node.when):
        return EVERYTHING
    return slope(hull, node.then, key, box).united(slope(hull, node.otherwise, key, box))


def _of_product(hull: Hull, node: Product, key: Key, box: Box) -> Span:
    """By f(x)g(x) - f(y)g(y) = f(x)(g(x) - g(y)) + g(y)(f(x) - f(y))."""
    value, rise = _ONE, ZERO
    for part in node.of:
        other = hull.rough(part, box)
        rise = value * slope(hull, part, key, box) + other * rise
        value = value * other
    return rise


def _of_quotient(hull: Hull, node: Quotient, key: Key, box: Box) -> Span:
    try:
        inverse = hull.rough(node.denominator, box).reciprocal()
    except UndefinedError:
        return EVERYTHING
    top = slope(hull, node.numerator, key, box) * inverse
    bottom = slope(hull, node.denominator, key, box) * inverse * inverse
    return top + -(hull.rough(node.numerator, box) * bottom)


_SPECIAL: Final[Mapping[type, Callable[..., Span]]] = {
    Total: _of_total, Least: _of_extreme, Greatest: _of_extreme, Choice: _of_choice,
    Product: _of_product, Quotient: _of_quotient,
}  # fmt: skip


def _outer(hull: Hull, node: Formula, box: Box) -> Span:
    """Return the slope of a function of one part, over the values of that part."""
    (part,) = (child for child in node.children() if isinstance(child, Formula))
    try:
        return _of_function(node, hull.rough(part, box))
    except UndefinedError:
        return EVERYTHING if isinstance(node, Raised) else NOT_NEGATIVE


def _of_function(node: Formula, inside: Span) -> Span:
    if isinstance(node, Raised):
        return point(node.exponent) * spans.power(inside, node.exponent - 1)
    if isinstance(node, Banded):
        return _of_bands(node)
    smooth = _DERIVATIVES.get(node.function) if isinstance(node, Applied) else None
    return smooth(inside) if smooth else NOT_NEGATIVE


_DERIVATIVES: Final[Mapping[str, Callable[[Span], Span]]] = {
    "ln": Span.reciprocal,
    "sqrt": lambda inside: _HALF * spans.square_root(inside).reciprocal(),
    "exp": spans.exponential,
}


def _of_bands(node: Banded) -> Span:
    if list(node.values) == sorted(node.values):
        return NOT_NEGATIVE
    if list(node.values) == sorted(node.values, reverse=True):
        return -NOT_NEGATIVE
    return EVERYTHING


def rises_with_findings(node: Node) -> bool:
    """Return whether no finding that turns out present can lower a formula, or undo a statement."""
    if isinstance(node, Choice):
        return _is_positive(node.when) and _adds(node)
    if isinstance(node, Formula):
        rising = isinstance(node, _RISING) or not _findings_below(node)
        return rising and all(map(rises_with_findings, node.children()))
    return _is_positive(node)


def _findings_below(node: Node) -> bool:
    return any(isinstance(part, Has) for part in node.walk())


def _is_positive(node: Node) -> bool:
    if isinstance(node, Reaches):
        return not _findings_below(node)
    return not isinstance(node, Not) and all(map(_is_positive, node.children()))


def _adds(node: Choice) -> bool:
    """Whether a choice is between two constants, of which the first is not the lower."""
    then, otherwise = node.then, node.otherwise
    return isinstance(then, Constant) and isinstance(otherwise, Constant) and then.value >= otherwise.value
