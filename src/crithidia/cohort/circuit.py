"""A circuit: what a definition asks of the facts, in operations that every engine has.

A *bit* is true or false, never unknown: unknown is two bits, what certainly holds and what may hold.
A *whole* is an integer. Each distinct operation exists once, however many criteria sets share it, and
what is constant is folded away, so that a table without a column costs nothing for it. A circuit knows
nothing of engines, tables or criteria.

Bits are written as integers: twice the number of their step, plus one if negated.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

FALSE: Final = 0
TRUE: Final = 1

Bit = int
Term = tuple[int, Bit]


@dataclass(frozen=True, slots=True)
class Input:
    """A bit that the table says; ``key`` is for those who read tables."""

    key: Hashable


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two bits hold."""

    of: tuple[Bit, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A whole is at least so much."""

    whole: Whole
    least: int


Gate = Input | And | AtLeast


@dataclass(frozen=True, slots=True)
class Sum:
    """A constant, the weights of the bits that hold, and other wholes, added up."""

    constant: int
    terms: tuple[Term, ...]
    wholes: tuple[Whole, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Largest:
    """The larger of two wholes, or the smaller."""

    first: Whole
    second: Whole
    smaller: bool
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One whole if the bit holds, otherwise the other."""

    when: Bit
    then: Whole
    otherwise: Whole
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A reference to an integer of the circuit, with the range in which it must lie."""

    number: int
    low: int = field(compare=False)
    high: int = field(compare=False)


Operation = Sum | Largest | Choice


class Circuit:
    """All steps, each after those that it is made of."""

    def __init__(self) -> None:
        self.steps: list[Gate | Operation] = [Input(None)]
        self._places: dict[Gate | Operation, int] = {}

    def input(self, key: Hashable) -> Bit:
        """Return the bit that a table says under that key."""
        return self._gate(Input(key))

    def _gate(self, gate: Gate) -> Bit:
        return 2 * self._place(gate)

    def _place(self, step: Gate | Operation) -> int:
        place = self._places.get(step)
        if place is None:
            place = self._places[step] = len(self.steps)
            self.steps.append(step)
        return place

    def all(self, bits: Iterable[Bit]) -> Bit:
        """Return whether all bits hold."""
        wanted = set(bits) - {TRUE}
        if FALSE in wanted or any(bit ^ 1 in wanted for bit in wanted):
            return FALSE
        if len(wanted) < 2:
            return wanted.pop() if wanted else TRUE
        return self._gate(And(tuple(sorted(wanted))))

    def any(self, bits: Iterable[Bit]) -> Bit:
        """Return whether at least one bit holds."""
        return self.all(bit ^ 1 for bit in bits) ^ 1

    def either(self, when: Bit, then: Bit, otherwise: Bit) -> Bit:
        """Return one bit or the other."""
        return self.any((self.all((when, then)), self.all((when ^ 1, otherwise))))

    def at_least(self, whole: Whole, least: int) -> Bit:
        """Return whether a whole reaches a number."""
        if whole.low >= least:
            return TRUE
        if whole.high < least:
            return FALSE
        operation = self.steps[whole.number]
        if isinstance(operation, Sum) and not operation.wholes:
            return self._counted(operation, whole, least)
        return self._gate(AtLeast(whole, least))

    def _counted(self, total: Sum, whole: Whole, least: int) -> Bit:
        """Return a threshold over weighted bits, as a conjunction where it is one."""
        terms = total.terms
        if all(weight > 0 for weight, _ in terms):
            if total.high - min(weight for weight, _ in terms) < least:
                return self.all(bit for _, bit in terms)
            if total.constant + min(weight for weight, _ in terms) >= least:
                return self.any(bit for _, bit in terms)
        return self._gate(AtLeast(whole, least))

    def constant(self, number: int) -> Whole:
        """Return a whole that is always the same."""
        return self.sum((), number)

    def weighted(self, terms: Iterable[Term], constant: int = 0) -> Whole:
        """Return the sum of the weights of the bits that hold, and a constant."""
        weights: dict[Bit, int] = defaultdict(int)
        for weight, bit in terms:
            if bit & 1:  # 1 - b: one phase of each bit, so that opposites cancel
                constant += weight
                weight = -weight  # noqa: PLW2901
            weights[bit & ~1] += weight
        weights.pop(FALSE, None)
        kept = tuple(sorted((weight, bit) for bit, weight in weights.items() if weight))
        low = constant + sum(weight for weight, _ in kept if weight < 0)
        high = constant + sum(weight for weight, _ in kept if weight > 0)
        return self._whole(Sum(constant, kept, (), low, high))

    def sum(self, wholes: Iterable[Whole], constant: int = 0) -> Whole:
        """Return wholes added up."""
        terms: list[Term] = []
        others: list[Whole] = []
        for whole in wholes:
            operation = self.steps[whole.number]
            if isinstance(operation, Sum):
                constant += operation.constant
                terms.extend(operation.terms)
                others.extend(operation.wholes)
            else:
                others.append(whole)
        plain = self.weighted(terms, constant)
        if not others:
            return plain
        made = self.steps[plain.number]
        assert isinstance(made, Sum)  # noqa: S101  (what weighted makes)
        low, high = (made.low + sum(w.low for w in others), made.high + sum(w.high for w in others))
        return self._whole(Sum(made.constant, made.terms, tuple(sorted(others, key=lambda w: w.number)),
                               low, high))  # fmt: skip

    def highest(self, wholes: Iterable[Whole]) -> Whole:
        """Return the largest of wholes."""
        parts = list(dict.fromkeys(wholes))
        steps = [self._step(part) for part in parts]
        if all(step is not None for step in steps):
            return self._staircase([step for step in steps if step is not None])
        return self._folded(parts, smaller=False)

    def lowest(self, wholes: Iterable[Whole]) -> Whole:
        """Return the smallest of wholes."""
        return self._folded(list(dict.fromkeys(wholes)), smaller=True)

    def _step(self, whole: Whole) -> Term | None:
        """Return weight and bit of a whole that is nothing or so much."""
        made = self.steps[whole.number]
        if isinstance(made, Sum) and not made.constant and not made.wholes and len(made.terms) <= 1:
            weight, bit = made.terms[0] if made.terms else (1, FALSE)
            return (weight, bit) if weight > 0 else None
        return None

    def _staircase(self, steps: list[Term]) -> Whole:
        """Return the highest of several weighted bits as a sum: each height counts if reached."""
        below = 0
        terms: list[Term] = []
        for height in sorted({weight for weight, _ in steps}):
            terms.append((height - below, self.any(bit for weight, bit in steps if weight >= height)))
            below = height
        return self.weighted(terms)

    def _folded(self, parts: list[Whole], *, smaller: bool) -> Whole:
        best = parts[0]
        for part in parts[1:]:
            best = self._larger(best, part, smaller)
        return best

    def _larger(self, a: Whole, b: Whole, smaller: bool) -> Whole:
        if a.high <= b.low:
            return a if smaller else b
        if b.high <= a.low:
            return b if smaller else a
        pick = min if smaller else max
        first, second = sorted((a, b), key=lambda w: w.number)
        return self._whole(Largest(first, second, smaller, pick(a.low, b.low), pick(a.high, b.high)))

    def choose(self, when: Bit, then: Whole, otherwise: Whole) -> Whole:
        """Return one whole or the other."""
        if when in (TRUE, FALSE) or then == otherwise:
            return then if when else otherwise
        if when & 1:
            when, then, otherwise = when ^ 1, otherwise, then
        low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
        return self._whole(Choice(when, then, otherwise, low, high))

    def _whole(self, operation: Operation) -> Whole:
        return Whole(self._place(operation), operation.low, operation.high)


def parts_of(step: Gate | Operation) -> tuple[int, ...]:
    """Return the places of the steps that a step is made of."""
    if isinstance(step, And):
        return tuple(bit >> 1 for bit in step.of)
    if isinstance(step, AtLeast):
        return (step.whole.number,)
    if isinstance(step, Sum):
        return (*(bit >> 1 for _, bit in step.terms), *(whole.number for whole in step.wholes))
    if isinstance(step, Largest):
        return (step.first.number, step.second.number)
    if isinstance(step, Choice):
        return (step.when >> 1, step.then.number, step.otherwise.number)
    return ()
