"""Exact lowest and highest value of a formula over everything that is not known.

Where no input stands twice, interval arithmetic is exact. Where one does, the hull is found by

* taking each possibility in turn (findings, codes, few whole numbers, the bands of a quantity);
* going to the ends of a quantity in which the formula rises or falls throughout, as bounds of its
  slope show;
* halving the range of the quantity until the formula rises or falls in each piece, or the bounds of
  the piece, rounded outward, go beyond what was found by less than 10**-15.

Findings that an implication ties together are never given values that contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from crithidia.definition import All, Any, AtLeast, Has, Is, Node, Not, Reaches, Statement
from crithidia.definition.extent import coded_values, combined
from crithidia.definition.formula import Banded, Choice, Coded, Formula, Measured, Raised
from crithidia.evaluation.box import cells, ends, few_numbers, halves, key_of, limits
from crithidia.evaluation.slopes import is_monotone, is_one_way, rises_with_findings, slope
from crithidia.foundation.spans import Number, Span, hull_of
from crithidia.foundation.truth import Truth, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crithidia.evaluation.box import Box, Key
    from crithidia.vocabulary import Implications

_MOST_HALVINGS: Final = 40
_MOST_PIECES: Final = 2000
_CLOSE: Final = Fraction(1, 10**15)
_MOST_KNOWN: Final = 5000


@dataclass
class Hull:
    """The bounds of formulas and statements.

    ``whole`` are the quantities that come in whole numbers; ``totals`` are formulas whose value is
    given, whatever their inputs.
    """

    implications: Implications
    whole: frozenset[Key] = frozenset()
    totals: Mapping[Formula, Span] = field(default_factory=dict)
    _keys: dict[int, frozenset[Key]] = field(default_factory=dict)
    _constants: dict[tuple[int], Span] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Span] = field(default_factory=dict)
    _nodes: list[Node] = field(default_factory=list)

    def keys(self, node: Node) -> frozenset[Key]:
        """Return everything that a node depends on."""
        known = self._keys.get(id(node))
        if known is None:
            own = key_of(node)
            known = frozenset((own,) if own else ()).union(*map(self.keys, node.children()))
            self._keys[id(node)] = known
            self._nodes.append(node)  # kept, so that its identity is not given to another
        return known

    # ---- values ----------------------------------------------------------------------------------

    def values(self, node: Formula, box: Box) -> Span:
        """Return the hull of the values of a formula over all completions of the box."""
        tied = None if rises_with_findings(node) else self._tied(self.keys(node), box)
        if tied is None:
            return self._values(node, box)
        return hull_of(self.values(node, smaller) for smaller in self._assumed(tied, box))

    def _values(self, node: Formula, box: Box) -> Span:
        if self.totals and node in self.totals:
            return self.totals[node]
        key = box.twice(map(self.keys, node.children())) or self._leaving_gaps(node, box)
        if key is None:
            return self._independent(node, box, self._values)
        asked = (id(node), *(box.possible(key) for key in sorted(self.keys(node))))
        if asked not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[asked] = self._with_shared(node, key, box)
        return self._known[asked]

    def _leaving_gaps(self, node: Formula, box: Box) -> Key | None:
        """Return something that takes single values only, below a function that turns between them."""
        if not isinstance(node, (Raised, Banded)) or is_one_way(node, self.rough(node.part, box)):
            return None
        single = (key for key in sorted(self.keys(node))
                  if (key in self.whole or key not in box.spans) and not box.is_settled(key))  # fmt: skip
        return next(single, None)

    def _independent(self, node: Formula, box: Box, values: _Values) -> Span:
        """Return the values of a node whose parts have nothing in common."""
        if not self.keys(node):
            return self._fixed(node, values, box)
        return self._varying(node, box, values)

    def _fixed(self, node: Formula, values: _Values, box: Box) -> Span:
        """Return the value of a formula in which nothing varies, worked out once."""
        asked = (id(node),)
        if asked not in self._constants:
            self._constants[asked] = self._varying(node, box, values)
        return self._constants[asked]

    def _varying(self, node: Formula, box: Box, values: _Values) -> Span:
        if isinstance(node, Measured):
            return box.spans[node.occasion, node.concept]
        if isinstance(node, Coded):
            return coded_values(node, box.codes["code", node.concept])
        if isinstance(node, Choice):
            truth = self._truth(node.when, box)
            branches = {Truth.PRESENT: (node.then,), Truth.ABSENT: (node.otherwise,)}
            return hull_of(values(part, box) for part in branches.get(truth, (node.then, node.otherwise)))
        return combined(node, [values(part, box) for part in node.children() if isinstance(part, Formula)])

    def rough(self, node: Formula, box: Box) -> Span:
        """Return the values by interval arithmetic alone: right, but too wide where inputs repeat."""
        if self.totals:  # what is given here must not be taken for what the inputs of the box say
            return self._independent(node, box, self.rough)
        known = box.rough.get(id(node))
        if known is None:
            known = box.rough[id(node)] = self._independent(node, box, self.rough)
        return known

    def asked(self, node: Node, box: Box) -> Iterator[Key]:
        """Yield what a formula still asks for, once every choice that is made has left its other branch."""
        own = key_of(node)
        if own is not None:
            yield own
        made = self.truth(node.when, box) if isinstance(node, Choice) else Truth.UNKNOWN
        if isinstance(node, Choice) and made.is_known:
            yield from filter(box.is_settled, self.keys(node.when))
            yield from self.asked(node.then if made is Truth.PRESENT else node.otherwise, box)
            return
        for part in node.children():
            yield from self.asked(part, box)

    def _with_shared(self, node: Formula, key: Key, box: Box) -> Span:
        if key not in box.spans:
            return self._in_turn(node, box.in_turn(key))
        span = box.spans[key]
        parts = cells(span, limits(node, key), whole=key in self.whole)
        if len(parts) > 1:
            return self._in_turn(node, (box.with_span(key, part) for part in parts))
        if not span.is_bounded:
            msg = f"{key[1]} stands twice in a formula and needs a permitted range with two ends"
            raise ValueError(msg)
        if is_monotone(self, node, key, box):
            return self._at_ends(node, key, box)
        numbers = few_numbers(span) if key in self.whole else []
        if numbers:
            return self._in_turn(node, (box.with_span(key, number) for number in numbers))
        for single in sorted(self.keys(node)):
            if single not in box.spans and not box.is_settled(single):
                return self._in_turn(node, box.in_turn(single))
        return self._halved(node, box)

    def _in_turn(self, node: Formula, boxes: Iterable[Box]) -> Span:
        return hull_of(self._values(node, box) for box in boxes)

    def _halved(self, node: Formula, box: Box) -> Span:
        """Return the hull over ranges in which the formula turns."""
        ways = [key for key in sorted(self.keys(node))
                if not box.is_settled(key) and box.spans[key].is_bounded]  # fmt: skip
        found = self._values(node, _at_middle(box, ways))
        waiting = [(box, 0)]
        pieces = 0
        while waiting:
            part, halvings = waiting.pop()
            pieces += 1
            trends = {key: slope(self, node, key, part) for key in ways if not part.is_settled(key)}
            straight = next((key for key, trend in trends.items() if trend.low >= 0 or trend.high <= 0), None)
            bounds = self._bounds(node, part, trends)
            if found.low <= bounds.low and bounds.high <= found.high:
                continue
            if straight is not None:
                found = found.united(self._at_ends(node, straight, part))
            elif _is_close(bounds, found) or halvings >= _MOST_HALVINGS * len(ways) or pieces > _MOST_PIECES:
                found = found.united(bounds)
            else:
                found = found.united(self._values(node, _at_middle(part, trends)))
                widest = max(trends, key=lambda key: _width(part, key) / _width(box, key))
                waiting += [(part.with_span(widest, half), halvings + 1)
                            for half in halves(part.spans[widest])]  # fmt: skip
        return found

    def _bounds(self, node: Formula, box: Box, trends: Mapping[Key, Span]) -> Span:
        """Return bounds that are never too narrow: by intervals, and from the middle by the slopes."""
        rough = self.rough(node, box)
        reach = self._values(node, _at_middle(box, trends))
        for key, trend in trends.items():
            half = _width(box, key) / 2
            reach = reach + trend * Span(-half, half)
        return rough.within(reach) or rough

    def _at_ends(self, node: Formula, key: Key, box: Box) -> Span:
        """Return the hull of a formula that rises or falls throughout: its values at both ends."""
        found = [(self._values(node, box.with_span(key, end)), is_open)
                 for end, is_open in ends(box.spans[key])]  # fmt: skip
        reached = [span for span, is_open in found if not is_open]
        both = hull_of(span for span, _ in found)
        if both.exact is not None:
            return both
        return Span(both.low, both.high, both.low not in [span.low for span in reached] or both.low_open,
                    both.high not in [span.high for span in reached] or both.high_open)  # fmt: skip

    # ---- findings that belong together -----------------------------------------------------------

    def _tied(self, keys: frozenset[Key], box: Box) -> Key | None:
        """Return an unsettled finding that an implication ties to another one of these."""
        open_ = {key[1] for key in keys if key in box.findings and not box.is_settled(key)}
        if len(open_) < 2:
            return None
        for concept in sorted(open_):
            implied = {name for value in (True, False)
                       for name, _ in self.implications.closure((concept, value))}  # fmt: skip
            if (implied - {concept}) & open_:
                return ("finding", concept)
        return None

    def _assumed(self, key: Key, box: Box) -> Iterator[Box]:
        """Yield the box with a finding present, then absent, and what follows from either."""
        for value in (True, False):
            follows = {("finding", name): truth for name, truth in self.implications.closure((key[1], value))
                       if ("finding", name) in box.findings}  # fmt: skip
            if all(truth in box.findings[name] for name, truth in follows.items()):
                yield box.with_findings({key: value, **follows})

    # ---- truth -----------------------------------------------------------------------------------

    def truth(self, statement: Statement, box: Box) -> Truth:
        """Return whether a statement holds in all, none or some completions of the box."""
        tied = None if rises_with_findings(statement) else self._tied(self._direct(statement), box)
        if tied is None:
            return self._truth(statement, box)
        return _joined(self.truth(statement, smaller) for smaller in self._assumed(tied, box))

    def _truth(self, statement: Statement, box: Box) -> Truth:
        if isinstance(statement, (Has, Is)):
            return box.truth(statement)
        if isinstance(statement, Reaches):
            return compared(self._score(statement, box), statement)
        found = self._connected(statement, box)
        if found.is_known:
            return found
        key = box.twice(map(self._direct, statement.children()))
        if key is None:
            return found
        return _joined(self._truth(statement, smaller) for smaller in self._pieces(statement, key, box))

    def _pieces(self, statement: Statement, key: Key, box: Box) -> Iterator[Box]:
        """Yield the boxes between which a statement can tell."""
        if key not in box.spans:
            yield from box.in_turn(key)
            return
        parts = cells(box.spans[key], limits(statement, key), whole=key in self.whole)
        yield from (box.with_span(key, part) for part in parts)

    def _direct(self, statement: Node) -> frozenset[Key]:
        """Return what a statement asks for itself, not through arithmetic."""
        own = key_of(statement.score if isinstance(statement, Reaches) else statement)
        if own is not None:
            return frozenset((own,))
        parts = () if isinstance(statement, Reaches) else statement.children()
        return frozenset(key for part in parts for key in self._direct(part))

    def _score(self, statement: Reaches, box: Box) -> Span:
        if not isinstance(statement.score, Formula):
            msg = f"{type(statement.score).__name__} is no formula"
            raise TypeError(msg)
        return self.values(statement.score, box)

    def _connected(self, statement: Statement, box: Box) -> Truth:
        if isinstance(statement, Not):
            inner = self._truth(statement.part, box)
            return truth_of((1 - inner.high, 1 - inner.low))
        if isinstance(statement, (All, Any, AtLeast)):
            truths = [self._truth(part, box) for part in statement.of]
            needed = _needed(statement)
            return truth_of((int(sum(t.low for t in truths) >= needed),
                             int(sum(t.high for t in truths) >= needed)))  # fmt: skip
        msg = f"{type(statement).__name__} cannot stand in a score"
        raise TypeError(msg)


def _is_close(bounds: Span, found: Span) -> bool:
    return found.low - bounds.low < _CLOSE and bounds.high - found.high < _CLOSE


def _at_middle(box: Box, ways: Iterable[Key]) -> Box:
    for key in ways:
        middle = halves(box.spans[key])[0].high
        box = box.with_span(key, Span(middle, middle))
    return box


def _width(box: Box, key: Key) -> Number:
    return box.spans[key].high - box.spans[key].low


def compared(span: Span, statement: Reaches) -> Truth:
    """Return whether the values of a span stand in the relation that a statement asks for."""
    threshold = Fraction(statement.threshold)
    if statement.comparator in {"<", "<="}:
        return _beyond(-span, -threshold, strict=statement.comparator == "<")
    return _beyond(span, threshold, strict=statement.comparator == ">")


def _beyond(span: Span, threshold: Fraction, *, strict: bool) -> Truth:
    if span.low > threshold or (span.low == threshold and (span.low_open or not strict)):
        return Truth.PRESENT
    if span.high < threshold or (span.high == threshold and (span.high_open or strict)):
        return Truth.ABSENT
    return Truth.UNKNOWN


def _joined(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return found.pop() if len(found) == 1 else Truth.UNKNOWN


def _needed(statement: All | Any | AtLeast) -> int:
    if isinstance(statement, AtLeast):
        return statement.count
    return len(statement.of) if isinstance(statement, All) else 1


if TYPE_CHECKING:
    from collections.abc import Callable

    _Values = Callable[[Formula, Box], Span]
