"""Running a circuit in any database: as Ibis expressions, one selection a layer.

What is used more than once becomes a column of its layer, what is used once stays inside the expression
that uses it; so the text stays proportional to the circuit. Every value is a boolean or an integer and
never NULL: engines that differ in NULL, NaN and division have nothing left to differ in.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import ibis

from crithidia.cohort.arrow import COMPARE, MILLIONTHS
from crithidia.cohort.circuit import And, AtLeast, Circuit, Input, Largest, Sum, parts_of
from crithidia.cohort.recorded import Coded, Compared, Limited, Says
from crithidia.cohort.words import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from crithidia.cohort.program import Output

_LONGEST: Final = 60
_FENCE: Final = 2**62


def answer(table: Any, key: Hashable) -> Any:
    """Return the boolean that a wide table says under a key; what is not recorded is false."""
    if isinstance(key, Says):
        said = table[key.column].cast("boolean")
        return (said if key.present else ~said).fill_null(False)
    if isinstance(key, Compared):
        number = ibis.literal(float(key.number), "float64")
        return COMPARE[key.comparator](table[key.column].cast("float64"), number).fill_null(False)
    if isinstance(key, Limited):
        value, limit = table[key.column].cast("float64"), table[key.limit].cast("float64")
        if key.times != 1:
            value, limit = (value * MILLIONTHS).round(), (limit * float(key.times) * MILLIONTHS).round()
        return COMPARE[key.comparator](value, limit).fill_null(False)
    if isinstance(key, Coded):
        return (table[key.column] == key.code).fill_null(False)
    msg = f"no column answers {key!r}"
    raise TypeError(msg)


class Layers:
    """Turns the needed steps of a circuit into selections over a table."""

    def __init__(
        self, circuit: Circuit, outputs: Sequence[Output],
        answered: Callable[[Any, Hashable], Any] = answer, *, fenced: bool = False,
    ) -> None:  # fmt: skip
        self.circuit, self.outputs, self.answered, self.fenced = circuit, outputs, answered, fenced
        self.schedule = Schedule.of(circuit, [output.whole for output in outputs])
        self.layer_of = self._layers()

    def _layers(self) -> dict[int, int]:
        """Return the layer of each step that is a column: used twice, or long enough."""
        steps = {number: self.circuit.steps[number] for number in self.schedule.needed}
        uses = Counter(part for step in steps.values() for part in parts_of(step))
        last = {output.whole.number for output in self.outputs}
        layers: dict[int, int] = {}
        inside: dict[int, tuple[int, int]] = {}  # the layer below an expression, and its length
        for number, step in steps.items():
            parts = parts_of(step)
            below = max((layers.get(part, inside.get(part, (0, 0))[0]) for part in parts), default=-1)
            length = 1 + sum(inside.get(part, (0, 1))[1] for part in parts)
            if uses[number] > 1 or length > _LONGEST or isinstance(step, Input) or number in last:
                layers[number] = below + 1
            else:
                inside[number] = below, length
        return layers

    def apply(self, table: Any, keep: Iterable[str]) -> Any:
        """Return a table with the columns kept and the outputs."""
        keep = tuple(keep)
        last = {output.whole.number for output in self.outputs}
        used = self._last_use(last)
        current: Any = None
        for layer in range(max(self.layer_of.values(), default=0) + 1):
            new = [number for number, at in self.layer_of.items() if at == layer]
            carried = [] if current is None else [n for n, at in self.layer_of.items()
                                                  if at < layer and used[n] >= layer]  # fmt: skip
            source = table if current is None else current
            columns = {name: source[name] for name in keep}
            columns |= {f"s{number}": source[f"s{number}"] for number in carried}
            columns |= {f"s{number}": self._expression(number, source) for number in new}
            current = self._fence(source.select(**columns))
        results = {output.name: self._result(output, current) for output in self.outputs}
        return current.select(*keep, **results)

    def _last_use(self, last: set[int]) -> Mapping[int, int]:
        """Return the last layer that reads each column."""
        used: dict[int, int] = {}
        top = max(self.layer_of.values(), default=0) + 1
        at: dict[int, int] = {}
        for number in reversed(self.schedule.needed):
            own = self.layer_of.get(number, at.get(number, 0))
            for part in parts_of(self.circuit.steps[number]):
                if part in self.layer_of:
                    used[part] = max(used.get(part, 0), own)
                else:
                    at[part] = own
        used.update(dict.fromkeys(last, top))
        return used

    def _fence(self, table: Any) -> Any:
        """Keep PostgreSQL from unfolding a layer into all places that use it."""
        return table.limit(_FENCE) if self.fenced else table

    def _value(self, number: int, source: Any) -> Any:
        return source[f"s{number}"] if number in self.layer_of else self._expression(number, source)

    def _bit(self, bit: int, source: Any) -> Any:
        value = self._value(bit >> 1, source)
        return ~value if bit & 1 else value

    def _expression(self, number: int, source: Any) -> Any:
        step = self.circuit.steps[number]
        if isinstance(step, Input):
            return ibis.literal(False) if step.key is None else self.answered(source, step.key)
        if isinstance(step, And):
            return self._all(step, source)
        if isinstance(step, AtLeast):
            return self._value(step.whole.number, source) >= step.least
        if isinstance(step, Sum):
            return self._sum(step, source)
        if isinstance(step, Largest):
            pair = self._value(step.first.number, source), self._value(step.second.number, source)
            return ibis.least(*pair) if step.smaller else ibis.greatest(*pair)
        when = self._bit(step.when, source)
        return when.ifelse(self._value(step.then.number, source), self._value(step.otherwise.number, source))

    def _all(self, gate: And, source: Any) -> Any:
        straight = [self._bit(bit, source) for bit in gate.of if not bit & 1]
        turned = [self._bit(bit ^ 1, source) for bit in gate.of if bit & 1]
        if turned:
            straight.append(~_balanced(turned, lambda a, b: a | b))
        return _balanced(straight, lambda a, b: a & b)

    def _sum(self, step: Sum, source: Any) -> Any:
        parts = [self._bit(bit, source).ifelse(_whole(weight), _whole(0)) for weight, bit in step.terms]
        parts.extend(self._value(whole.number, source) for whole in step.wholes)
        if step.constant or not parts:
            parts.append(_whole(step.constant))
        return _balanced(parts, lambda a, b: a + b).cast("int32")

    def _result(self, output: Output, source: Any) -> Any:
        whole = self._value(output.whole.number, source)
        if output.labels:
            labels = [(code, label) for code, label in enumerate(output.labels) if label is not None]
            return whole.cases(*labels[:-1], else_=labels[-1][1]) if len(labels) == len(output.labels) \
                else whole.cases(*labels, else_=ibis.null("string"))  # fmt: skip
        number = whole.cast("float64")
        return number if output.scale == 1 else number / float(output.scale)


def _whole(number: int) -> Any:
    return ibis.literal(number, "int32")


def _balanced(parts: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join parts two by two: a chain of hundreds would nest as deep."""
    parts = list(parts)
    while len(parts) > 1:
        pairs = [reduce(join, parts[i : i + 2]) for i in range(0, len(parts), 2)]
        parts = pairs
    return parts[0]


def kind_of(dtype: Any) -> str:
    """Return what an Ibis type holds: bool, int, double, string, null, or its own name."""
    kinds = (("is_boolean", "bool"), ("is_integer", "int"), ("is_floating", "double"),
             ("is_decimal", "double"), ("is_null", "null"), ("is_string", "string"))  # fmt: skip
    return next((name for asks, name in kinds if getattr(dtype, asks)()), str(dtype))
