"""Running a circuit over many people at once, 64 to a machine word.

A bit of 64 people is one word; a whole is a stack of words, one for each binary digit. So each step costs
a fraction of a nanosecond a person, and reading the data costs more than classifying them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.circuit import And, AtLeast, Choice, Input, Largest, Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from crithidia.cohort.circuit import Circuit, Whole
    from crithidia.cohort.schedule import Schedule

    Words = np.ndarray[Any, np.dtype[np.uint64]]
    Digits = list[Words]


def width(people: int) -> int:
    """Return how many words hold one bit of so many people."""
    return (people + 63) // 64


def packed(truths: np.ndarray[Any, Any]) -> Words:
    """Return truths, one a person, as words."""
    words = np.zeros(width(len(truths)), np.uint64)
    bits = np.packbits(truths, bitorder="little")
    words.view(np.uint8)[: len(bits)] = bits
    return words


def unpacked(words: Words, people: int) -> np.ndarray[Any, Any]:
    """Return the bits of words as truths, one a person."""
    return np.unpackbits(words.view(np.uint8), count=people, bitorder="little").view(bool)


def run(schedule: Schedule, read: Callable[[Hashable], Words], people: int) -> Run:
    """Return the values of the wholes that a schedule wants; ``read`` gives the bit of a key."""
    values = Run(schedule.circuit, width(people), people)
    for number in schedule.needed:
        values.make(number, read)
        for part in schedule.forget.get(number, ()):
            values.drop(part)
    return values


class Run:
    """The values of the steps of a circuit for one batch of people."""

    def __init__(self, circuit: Circuit, words: int, people: int) -> None:
        self.circuit, self.people, self.words = circuit, people, words
        self._bits: dict[int, Words] = {}
        self._digits: dict[int, Digits] = {}

    def make(self, number: int, read: Callable[[Hashable], Words]) -> None:
        """Work out one step; what it is made of must be there."""
        step = self.circuit.steps[number]
        if isinstance(step, Input):
            self._bits[number] = self._none() if step.key is None else read(step.key)
        elif isinstance(step, And):
            self._bits[number] = self._all(step)
        elif isinstance(step, AtLeast):
            self._bits[number] = self._reached(self._digits[step.whole.number], step.least - step.whole.low)
        else:
            self._digits[number] = self._whole(step)

    def drop(self, number: int) -> None:
        """Forget the value of a step."""
        self._bits.pop(number, None)
        self._digits.pop(number, None)

    def integers(self, whole: Whole) -> np.ndarray[Any, Any]:
        """Return how far a whole lies above its lowest possible value, one integer a person."""
        span, digits = whole.high - whole.low, self._digits[whole.number]
        if span < 1 << 8:
            return self._small_integers(digits[:8])
        kind = np.dtype("u2" if span < 1 << 16 else "i8")
        total: np.ndarray[Any, Any] = np.zeros(self.people, kind)
        for place, digit in enumerate(digits):
            bits = np.unpackbits(digit.view(np.uint8), count=self.people, bitorder="little")
            np.bitwise_or(total, np.left_shift(bits, place, dtype=kind), out=total)
        return total

    def _small_integers(self, digits: Digits) -> np.ndarray[Any, Any]:
        """Return integers of one byte; eight people are done at once, as no bit leaves its byte."""
        total = np.zeros(self.words * 8, np.uint64)
        for place, digit in enumerate(digits):
            bits = np.unpackbits(digit.view(np.uint8), bitorder="little").view(np.uint64)
            np.left_shift(bits, np.uint64(place), out=bits)
            np.bitwise_or(total, bits, out=total)
        return total.view(np.uint8)[: self.people]

    def _none(self) -> Words:
        return np.zeros(self.words, np.uint64)

    def _literal(self, bit: int) -> Words:
        value = self._bits[bit >> 1]
        return ~value if bit & 1 else value

    def _all(self, gate: And) -> Words:
        straight = [self._bits[bit >> 1] for bit in gate.of if not bit & 1]
        turned = [self._bits[bit >> 1] for bit in gate.of if bit & 1]
        if not turned:
            return _folded(np.bitwise_and, straight)
        nor = np.invert(_folded(np.bitwise_or, turned))
        for bits in straight:
            np.bitwise_and(nor, bits, out=nor)
        return nor

    def _reached(self, digits: Digits, least: int) -> Words:
        reached = np.full(self.words, np.iinfo(np.uint64).max, np.uint64)
        for place, digit in enumerate(digits):
            reached = digit & reached if least >> place & 1 else digit | reached
        return reached

    def _whole(self, step: Sum | Largest | Choice) -> Digits:
        if isinstance(step, Sum):
            return self._sum(step)
        if isinstance(step, Choice):
            when = self._bits[step.when >> 1]
            return self._either(when, self._above(step.then, step.low), self._above(step.otherwise, step.low))
        low = min(step.first.low, step.second.low)
        first, second = self._above(step.first, low), self._above(step.second, low)
        larger = self._larger(first, second)
        chosen = self._either(~larger if step.smaller else larger, first, second)
        return self._lowered(chosen, step.low - low, step.high - step.low)

    def _sum(self, step: Sum) -> Digits:
        places: dict[int, list[Words]] = {}
        for weight, bit in step.terms:
            value = self._literal(bit if weight > 0 else bit ^ 1)
            self._add(places, abs(weight), value)
        for whole in step.wholes:
            for place, digit in enumerate(self._digits[whole.number]):
                places.setdefault(place, []).append(digit)
        return self._carried(places)

    def _add(self, places: dict[int, list[Words]], weight: int, value: Words) -> None:
        for place in range(weight.bit_length()):
            if weight >> place & 1:
                places.setdefault(place, []).append(value)

    def _carried(self, places: dict[int, list[Words]]) -> Digits:
        """Return digits of a sum of words at binary places: three at a place become a sum and a carry."""
        digits: Digits = []
        place = 0
        while places:
            column = places.pop(place, [])
            while len(column) > 1:
                a, b = column.pop(), column.pop()
                c = column.pop() if column else None
                half = a ^ b
                carry = a & b if c is None else (a & b) | (half & c)
                column.append(half if c is None else half ^ c)
                places.setdefault(place + 1, []).append(carry)
            digits.append(column[0] if column else self._none())
            place += 1
        return digits

    def _above(self, whole: Whole, low: int) -> Digits:
        """Return how far a whole lies above a number that it cannot be below."""
        digits = self._digits[whole.number]
        if whole.low == low:
            return digits
        places = {place: [digit] for place, digit in enumerate(digits)}
        self._add(places, whole.low - low, ~self._none())
        return self._carried(places)

    def _lowered(self, digits: Digits, by: int, span: int) -> Digits:
        """Return digits less a number, kept to as many as the span of values needs."""
        if by:
            places = {place: [digit] for place, digit in enumerate(digits)}
            size = max(len(digits), by.bit_length())
            self._add(places, (1 << size) - by, ~self._none())
            digits = self._carried(places)
        return digits[: span.bit_length()]

    def _larger(self, first: Digits, second: Digits) -> Words:
        """Return where the first is at least the second."""
        least = ~self._none()
        for place in range(max(len(first), len(second))):
            a = first[place] if place < len(first) else self._none()
            b = second[place] if place < len(second) else self._none()
            least = (a & ~b) | (~(a ^ b) & least)
        return least

    def _either(self, when: Words, then: Digits, otherwise: Digits) -> Digits:
        size = max(len(then), len(otherwise))
        pairs = zip(self._padded(then, size), self._padded(otherwise, size), strict=True)
        return [(when & a) | (~when & b) for a, b in pairs]

    def _padded(self, digits: Digits, size: int) -> Digits:
        return [*digits, *(self._none() for _ in range(size - len(digits)))]


def _folded(operation: np.ufunc, values: Sequence[Words]) -> Words:
    result: Words = operation(values[0], values[1]) if len(values) > 1 else values[0].copy()
    for value in values[2:]:
        operation(result, value, out=result)
    return result
