"""A circuit as Ibis expressions: for any engine that Ibis knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from crithidia.cohort.layers import Layout
from crithidia.cohort.recorded import COMPARE, MILLIONTHS, Coded, Compared, Limited, Says

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from crithidia.cohort.circuit import Circuit
    from crithidia.cohort.program import Output


def selected(circuit: Circuit, outputs: Sequence[Output], table: Any, keep: Sequence[str],
             writer: IbisWriter | None = None) -> Any:  # fmt: skip
    """Return a table with the columns kept and the outputs."""
    layout = Layout(circuit, outputs, writer or IbisWriter())
    for layer in layout.layers():
        columns = {name: table[name] for name in (*keep, *layer.carried)}
        columns |= {name: make(table) for name, make in layer.made.items()}
        table = table.select(**columns)
    return table.select(*keep, **layout.results(table))


class IbisWriter:
    """Writes Ibis expressions; a source is a table."""

    def asked(self, source: Any, key: Hashable) -> Any:
        """Return the boolean that a wide table says; what is not recorded is false."""
        if isinstance(key, Says):
            said = source[key.column]
            if said.type().is_integer():  # 2 is neither yes nor no, but would be cast to yes
                return (said == int(key.present)).fill_null(False)
            said = said.cast("boolean")
            return (said if key.present else ~said).fill_null(False)
        if isinstance(key, Compared):
            number = ibis.literal(float(key.number), "float64")
            return COMPARE[key.comparator](_number(source, key.column), number).fill_null(False)
        if isinstance(key, Limited):
            value, limit = _number(source, key.column), _number(source, key.limit)
            if key.times != 1:
                value, limit = _rounded(value * MILLIONTHS), _rounded(limit * float(key.times) * MILLIONTHS)
            return COMPARE[key.comparator](value, limit).fill_null(False)
        if isinstance(key, Coded):
            return (source[key.column] == key.code).fill_null(False)
        msg = f"no column answers {key!r}"
        raise TypeError(msg)

    def column(self, source: Any, name: str) -> Any:
        """Return a column of the layer below."""
        return source[name]

    def never(self) -> Any:
        """Return false."""
        return ibis.literal(False)

    def turned(self, bit: Any) -> Any:
        """Return not."""
        return ~bit

    def both(self, first: Any, second: Any) -> Any:
        """Return and."""
        return first & second

    def one(self, first: Any, second: Any) -> Any:
        """Return or."""
        return first | second

    def number(self, value: int) -> Any:
        """Return an integer."""
        return ibis.literal(value, "int32")

    def added(self, first: Any, second: Any) -> Any:
        """Return the sum of two integers."""
        return (first + second).cast("int32")

    def reaches(self, whole: Any, least: int) -> Any:
        """Return whether an integer is at least so much."""
        return whole >= least

    def picked(self, when: Any, then: Any, otherwise: Any) -> Any:
        """Return one integer or the other."""
        return when.ifelse(then, otherwise)

    def extreme(self, first: Any, second: Any, *, smaller: bool) -> Any:
        """Return the larger, or the smaller, of two integers."""
        return ibis.least(first, second) if smaller else ibis.greatest(first, second)

    def label(self, whole: Any, labels: Sequence[str | None]) -> Any:
        """Return the text that an integer stands for."""
        named = [(code, label) for code, label in enumerate(labels) if label is not None]
        return whole.cases(*named, else_=ibis.null("string"))

    def quotient(self, whole: Any, scale: int) -> Any:
        """Return an integer divided by the scale, as a double."""
        return whole.cast("float64") / float(scale)


def _number(source: Any, column: str) -> Any:
    """Return a number, NULL for NaN."""
    number = source[column].cast("float64")
    return number.isnan().ifelse(ibis.null("float64"), number)


def _rounded(number: Any) -> Any:
    """Return a number without its fraction, still as a double: NaN has no integer."""
    return (number + 0.5) - (number + 0.5) % 1.0


def kind_of(dtype: Any) -> str:
    """Return what an Ibis type holds: bool, int, double, string, null, or its own name."""
    kinds = (("is_boolean", "bool"), ("is_integer", "int"), ("is_floating", "double"),
             ("is_decimal", "double"), ("is_null", "null"), ("is_string", "string"))  # fmt: skip
    return next((name for asks, name in kinds if getattr(dtype, asks)()), str(dtype))
