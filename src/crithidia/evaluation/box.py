"""Everything that is still possible: a span for each quantity, the values left of everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from math import inf
from typing import TYPE_CHECKING, Final

from crithidia.definition import Has, Is, Node, Reaches
from crithidia.definition.formula import (
    Banded,
    Coded,
    Constant,
    Formula,
    Greatest,
    Least,
    Measured,
    Product,
    Quotient,
    Total,
)
from crithidia.foundation.spans import Number, Span, point
from crithidia.foundation.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FEW: Final = 400

Key = tuple[str, str]
"""What can vary: an occasion (visit, baseline), ``finding`` or ``code``, and the concept."""

Values = frozenset[bool] | frozenset[str]
Possible = Span | Values


def key_of(leaf: Node) -> Key | None:
    """Return what a leaf of a definition depends on."""
    if isinstance(leaf, Measured):
        return (leaf.occasion, leaf.concept)
    if isinstance(leaf, (Coded, Is)):
        return ("code", leaf.concept)
    if isinstance(leaf, Has):
        return ("finding", leaf.concept)
    return None


@dataclass(frozen=True)
class Box:
    """All completions of what is known: any value of each span, any of the values left.

    ``rough`` keeps what interval arithmetic made of each formula, by the identity of its node.
    """

    spans: dict[Key, Span] = field(default_factory=dict)
    findings: dict[Key, frozenset[bool]] = field(default_factory=dict)
    codes: dict[Key, frozenset[str]] = field(default_factory=dict)
    rough: dict[int, Span] = field(default_factory=dict, compare=False, repr=False)

    def is_settled(self, key: Key) -> bool:
        """Return whether only one value is left."""
        if key in self.spans:
            return self.spans[key].exact is not None
        return len(self.findings[key] if key in self.findings else self.codes[key]) == 1

    def possible(self, key: Key) -> Possible:
        """Return what is left of one thing."""
        if key in self.spans:
            return self.spans[key]
        return self.findings[key] if key in self.findings else self.codes[key]

    def with_span(self, key: Key, span: Span) -> Box:
        """Return the box in which a quantity lies in that span."""
        return Box({**self.spans, key: span}, self.findings, self.codes)

    def with_findings(self, known: dict[Key, bool]) -> Box:
        """Return the box in which these findings are known."""
        sets = {key: frozenset((value,)) for key, value in known.items()}
        return Box(self.spans, {**self.findings, **sets}, self.codes)

    def with_value(self, key: Key, value: Span | bool | str) -> Box:
        """Return the box in which one thing has one value."""
        if isinstance(value, Span):
            return self.with_span(key, value)
        if isinstance(value, bool):
            return self.with_findings({key: value})
        return Box(self.spans, self.findings, {**self.codes, key: frozenset((value,))})

    def in_turn(self, key: Key) -> Iterator[Box]:
        """Yield the box with each value of a finding or a code."""
        if key in self.findings:
            yield from (self.with_findings({key: value}) for value in sorted(self.findings[key]))
        else:
            yield from (self.with_value(key, code) for code in sorted(self.codes[key]))

    def truth(self, atom: Has | Is) -> Truth:
        """Return whether an atom holds in all, none or some completions."""
        if isinstance(atom, Has):
            values = self.findings["finding", atom.concept]
            return Truth.UNKNOWN if len(values) > 1 else Truth.of(next(iter(values)))
        codes = self.codes["code", atom.concept]
        if atom.code not in codes:
            return Truth.ABSENT
        return Truth.PRESENT if len(codes) == 1 else Truth.UNKNOWN

    def twice(self, groups: Iterable[frozenset[Key]]) -> Key | None:
        """Return something unsettled that is in two of the groups; what has few values comes first."""
        seen: set[Key] = set()
        twice: set[Key] = set()
        for group in groups:
            open_ = {key for key in group if not self.is_settled(key)}
            twice |= seen & open_
            seen |= open_
        return min(twice, key=lambda key: (key in self.spans, key), default=None)


def limits(node: Node, key: Key) -> list[Fraction]:
    """Return where a formula jumps or bends in a quantity: bands, comparisons with it, min and max."""
    return sorted({limit for part in node.walk() for limit in _limits(part, key)})


def _limits(part: Node, key: Key) -> Iterator[Fraction]:
    if isinstance(part, Banded) and key_of(part.part) == key:
        yield from (Fraction(cut.limit) for cut in part.cuts)
    if isinstance(part, Reaches) and key_of(part.score) == key:
        yield Fraction(part.threshold)
    if isinstance(part, (Least, Greatest)):
        lines = [line for branch in part.of if (line := _line(branch, key)) is not None]
        yield from ((d - b) / (a - c) for (a, b), (c, d) in combinations(lines, 2) if a != c)


def _line(node: Formula, key: Key) -> tuple[Fraction, Fraction] | None:
    """Return slope and intercept of a formula that is a straight line in a quantity, or None."""
    if isinstance(node, Constant):
        return Fraction(0), Fraction(node.value)
    if isinstance(node, Measured):
        return (Fraction(1), Fraction(0)) if key_of(node) == key else None
    if not isinstance(node, (Total, Product, Quotient)):
        return None
    found = [_line(part, key) for part in node.children() if isinstance(part, Formula)]
    lines = [line for line in found if line is not None]
    return _combined_line(node, lines) if len(lines) == len(found) else None


def _combined_line(node: Formula, lines: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction] | None:
    slopes, heights = [slope for slope, _ in lines], [height for _, height in lines]
    if isinstance(node, Total):
        return sum(slopes, Fraction(0)), sum(heights, Fraction(0))
    if isinstance(node, Quotient):
        return (slopes[0] / heights[1], heights[0] / heights[1]) if heights[1] and not slopes[1] else None
    slope, height = lines[0]
    for other_slope, other in lines[1:]:
        if slope and other_slope:
            return None
        slope, height = slope * other + height * other_slope, height * other
    return slope, height


def cells(span: Span, at: Sequence[Fraction], *, whole: bool) -> list[Span]:
    """Return a span parted at limits: each limit by itself, and what lies between."""
    edges: list[Number] = [-inf, *at, inf]
    between = [Span(low, high, low_open=True, high_open=True) for low, high in pairwise(edges)]
    parts = [span.within(part) for part in (*between, *map(point, at))]
    found = [part.whole() if whole and part is not None else part for part in parts]
    return sorted((part for part in found if part is not None), key=lambda part: (part.low, part.high))


def few_numbers(span: Span) -> list[Span]:
    """Return each whole number of a span, if they are few; otherwise nothing."""
    if not span.is_bounded or span.high - span.low > _FEW:
        return []
    return [point(number) for number in range(int(span.low), int(span.high) + 1)]


def ends(span: Span) -> list[tuple[Span, bool]]:
    """Return the finite ends of a span, and whether each is open."""
    found = ((span.low, span.low_open), (span.high, span.high_open))
    return [(point(number), is_open) for number, is_open in found if not isinstance(number, float)]


def halves(span: Span) -> tuple[Span, Span]:
    """Return both halves of a bounded span."""
    middle = (span.low + span.high) / 2
    return (Span(span.low, middle, low_open=span.low_open), Span(middle, span.high, high_open=span.high_open))
