"""A circuit laid out for a database: which steps become columns, in which selection.

What is used more than once becomes a column of its layer; what is used once stays inside the expression
that uses it. So the text stays proportional to the circuit, and one selection is made a layer. Every value
is a boolean or an integer and never NULL: engines that differ in NULL, NaN and division have nothing left
to differ in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from crithidia.cohort.circuit import And, AtLeast, Circuit, Input, Largest, Sum, parts_of
from crithidia.cohort.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from crithidia.cohort.program import Output

_LONGEST: Final = 60


class Writer(Protocol):
    """How one engine writes expressions. Booleans and integers in and out, none of them NULL."""

    def asked(self, source: Any, key: Hashable) -> Any:
        """Return what the table says under a key."""

    def column(self, source: Any, name: str) -> Any:
        """Return a column of the layer below."""

    def never(self) -> Any:
        """Return false."""

    def turned(self, bit: Any) -> Any:
        """Return not."""

    def both(self, first: Any, second: Any) -> Any:
        """Return and."""

    def one(self, first: Any, second: Any) -> Any:
        """Return or."""

    def number(self, value: int) -> Any:
        """Return an integer."""

    def added(self, first: Any, second: Any) -> Any:
        """Return the sum of two integers."""

    def reaches(self, whole: Any, least: int) -> Any:
        """Return whether an integer is at least so much."""

    def picked(self, when: Any, then: Any, otherwise: Any) -> Any:
        """Return one integer or the other."""

    def extreme(self, first: Any, second: Any, *, smaller: bool) -> Any:
        """Return the larger, or the smaller, of two integers."""

    def label(self, whole: Any, labels: Sequence[str | None]) -> Any:
        """Return the text that an integer stands for."""

    def quotient(self, whole: Any, scale: int) -> Any:
        """Return an integer divided by the scale, as a double."""


@dataclass(frozen=True)
class Layer:
    """One selection: the columns that it takes along, and those that it makes."""

    carried: tuple[str, ...]
    made: Mapping[str, Callable[[Any], Any]]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.carried) + len(self.made)


class Layout:
    """The layers of the steps that some outputs need."""

    def __init__(self, circuit: Circuit, outputs: Sequence[Output], writer: Writer) -> None:
        self.circuit, self.outputs, self.writer = circuit, outputs, writer
        self.schedule = Schedule.of(circuit, [output.whole for output in outputs])
        self._last = {output.whole.number for output in outputs}

    @cached_property
    def _place(self) -> dict[int, int]:
        """The layer of each step that is a column: used twice, or long enough."""
        steps = {number: self.circuit.steps[number] for number in self.schedule.needed}
        uses = Counter(part for step in steps.values() for part in parts_of(step))
        places: dict[int, int] = {}
        inside: dict[int, tuple[int, int]] = {}  # the layer below an expression, and its length
        for number, step in steps.items():
            parts = parts_of(step)
            below = max((places.get(part, inside.get(part, (0, 0))[0]) for part in parts), default=-1)
            length = 1 + sum(inside.get(part, (0, 1))[1] for part in parts)
            if uses[number] > 1 or length > _LONGEST or isinstance(step, Input) or number in self._last:
                places[number] = below + 1
            else:
                inside[number] = below, length
        return places

    @cached_property
    def _used(self) -> dict[int, int]:
        """The last layer that reads each column."""
        used: dict[int, int] = {}
        at: dict[int, int] = {}
        for number in reversed(self.schedule.needed):
            own = self._place.get(number, at.get(number, 0))
            for part in parts_of(self.circuit.steps[number]):
                kept = used if part in self._place else at
                kept[part] = max(kept.get(part, 0), own)
        top = max(self._place.values(), default=0) + 1
        used.update(dict.fromkeys(self._last, top))
        return used

    def layers(self) -> list[Layer]:
        """Return the selections, lowest first; a column ``s12`` holds step 12."""
        found = []
        for layer in range(max(self._place.values(), default=-1) + 1):
            made = {f"s{number}": self._maker(number) for number, at in self._place.items() if at == layer}
            carried = tuple(f"s{number}" for number, at in self._place.items()
                            if at < layer and self._used[number] >= layer)  # fmt: skip
            found.append(Layer(carried, made))
        return found

    def results(self, source: Any) -> dict[str, Any]:
        """Return the expressions of the outputs over the highest layer."""
        return {output.name: self._result(output, source) for output in self.outputs}

    def _maker(self, number: int) -> Callable[[Any], Any]:
        return lambda source: self._expression(number, source)

    def _value(self, number: int, source: Any) -> Any:
        if number in self._place:
            return self.writer.column(source, f"s{number}")
        return self._expression(number, source)

    def _bit(self, bit: int, source: Any) -> Any:
        value = self._value(bit >> 1, source)
        return self.writer.turned(value) if bit & 1 else value

    def _expression(self, number: int, source: Any) -> Any:
        step, writer = self.circuit.steps[number], self.writer
        if isinstance(step, Input):
            return writer.never() if step.key is None else writer.asked(source, step.key)
        if isinstance(step, And):
            return self._all(step, source)
        if isinstance(step, AtLeast):
            return writer.reaches(self._value(step.whole.number, source), step.least)
        if isinstance(step, Sum):
            return self._sum(step, source)
        if isinstance(step, Largest):
            pair = self._value(step.first.number, source), self._value(step.second.number, source)
            return writer.extreme(*pair, smaller=step.smaller)
        return writer.picked(self._bit(step.when, source), self._value(step.then.number, source),
                             self._value(step.otherwise.number, source))  # fmt: skip

    def _all(self, gate: And, source: Any) -> Any:
        straight = [self._bit(bit, source) for bit in gate.of if not bit & 1]
        turned = [self._bit(bit ^ 1, source) for bit in gate.of if bit & 1]
        if turned:
            straight.append(self.writer.turned(balanced(turned, self.writer.one)))
        return balanced(straight, self.writer.both)

    def _sum(self, step: Sum, source: Any) -> Any:
        writer = self.writer
        parts = [writer.picked(self._bit(bit, source), writer.number(weight), writer.number(0))
                 for weight, bit in step.terms]  # fmt: skip
        parts.extend(self._value(whole.number, source) for whole in step.wholes)
        if step.constant or not parts:
            parts.append(writer.number(step.constant))
        return balanced(parts, writer.added)

    def _result(self, output: Output, source: Any) -> Any:
        whole = self._value(output.whole.number, source)
        if output.labels:
            return self.writer.label(whole, output.labels)
        return self.writer.quotient(whole, output.scale)


def balanced(parts: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join parts two by two: a chain of hundreds would nest as deep."""
    parts = list(parts)
    while len(parts) > 1:
        parts = [join(*parts[i : i + 2]) if i + 1 < len(parts) else parts[i] for i in range(0, len(parts), 2)]
    return parts[0]
