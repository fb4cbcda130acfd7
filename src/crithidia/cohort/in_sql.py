"""A circuit as the text of one query, for the engines that Crithidia brings along.

The same layers as through Ibis. The text is written here because the circuit of all sets has some ten
thousand operations: written at once it takes a moment, as an expression tree of a library a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crithidia.cohort.layers import Layout
from crithidia.cohort.recorded import Coded, Compared, Limited, Says

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from crithidia.cohort.compiled import Compiled
    from crithidia.cohort.program import Output


@dataclass(frozen=True)
class Dialect:
    """How one engine spells what engines spell differently.

    ``fence`` ends a selection that must not be unfolded into all places that use it; ``widest`` is the
    largest number of columns that a selection may have, ``longest`` the length at which names are cut.
    """

    name: str
    quote: str = '"'
    double: str = "DOUBLE"
    fence: str = ""
    widest: int = 1_000_000
    longest: int = 1_000_000
    nan: str = "isnan({})"

    def quoted(self, name: str) -> str:
        """Return an identifier."""
        return self.quote + name.replace(self.quote, 2 * self.quote) + self.quote


DIALECTS: Final = {
    "duckdb": Dialect("duckdb"),
    "postgres": Dialect("postgres", double="DOUBLE PRECISION", fence=" OFFSET 0", widest=1600, longest=63,
                        nan="{} = 'NaN'"),
}


def whole_names(columns: Iterable[str], dialect: Dialect, known: Iterable[str]) -> frozenset[str]:
    """Return the columns of a table by their whole names, where the engine has cut them."""
    own = frozenset(columns)
    return own | {name for name in known if name[: dialect.longest] in own}


class SqlWriter:
    """Writes expressions as text; a source needs no name, as there is never more than one."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def asked(self, source: Any, key: Hashable) -> str:  # noqa: ARG002
        """Return the boolean that a wide table says; what is not recorded is false."""
        if isinstance(key, Says):
            # Of a column of numbers 1 and 0 are yes and no; a cast to a boolean would make a yes of 2.
            said = f"CAST({self.dialect.quoted(key.column)} AS INTEGER)"
            return f"COALESCE({said} = {int(key.present)}, FALSE)"
        if isinstance(key, Compared):
            return f"COALESCE({self._double(key.column)} {key.comparator} {self._literal(key.number)}, FALSE)"
        if isinstance(key, Limited):
            return f"COALESCE({self._beyond(key)}, FALSE)"
        if isinstance(key, Coded):
            return f"COALESCE({self.dialect.quoted(key.column)} = '{key.code}', FALSE)"
        msg = f"no column answers {key!r}"
        raise TypeError(msg)

    def _beyond(self, key: Limited) -> str:
        value, limit = self._double(key.column), self._double(key.limit)
        if key.times != 1:
            million = self._literal(1e6)
            value = f"FLOOR({value} * {million} + {self._literal(0.5)})"
            limit = f"FLOOR({limit} * {self._literal(key.times)} * {million} + {self._literal(0.5)})"
        return f"{value} {key.comparator} {limit}"

    def _double(self, column: str) -> str:
        """Return a number, NULL for NaN: DuckDB trusts the statistics of Parquet, which leave NaN out."""
        number = f"CAST({self.dialect.quoted(column)} AS {self.dialect.double})"
        return f"(CASE WHEN {self.dialect.nan.format(number)} THEN NULL ELSE {number} END)"

    def _literal(self, number: Any) -> str:
        return f"CAST('{float(number)!r}' AS {self.dialect.double})"

    def column(self, source: Any, name: str) -> str:  # noqa: ARG002
        """Return a column of the layer below."""
        return name

    def never(self) -> str:
        """Return false."""
        return "FALSE"

    def turned(self, bit: str) -> str:
        """Return not."""
        return f"(NOT {bit})"

    def both(self, first: str, second: str) -> str:
        """Return and."""
        return f"({first} AND {second})"

    def one(self, first: str, second: str) -> str:
        """Return or."""
        return f"({first} OR {second})"

    def number(self, value: int) -> str:
        """Return an integer."""
        return str(value)

    def added(self, first: str, second: str) -> str:
        """Return the sum of two integers."""
        return f"({first} + {second})"

    def reaches(self, whole: str, least: int) -> str:
        """Return whether an integer is at least so much."""
        return f"({whole} >= {least})"

    def picked(self, when: str, then: str, otherwise: str) -> str:
        """Return one integer or the other."""
        return f"(CASE WHEN {when} THEN {then} ELSE {otherwise} END)"

    def extreme(self, first: str, second: str, *, smaller: bool) -> str:
        """Return the larger, or the smaller, of two integers."""
        return f"{'LEAST' if smaller else 'GREATEST'}({first}, {second})"

    def label(self, whole: str, labels: Sequence[str | None]) -> str:
        """Return the text that an integer stands for."""
        named = "".join(f" WHEN {code} THEN '{label}'" for code, label in enumerate(labels) if label)
        return f"(CASE {whole}{named} END)"

    def quotient(self, whole: str, scale: int) -> str:
        """Return an integer divided by the scale, as a double."""
        return f"(CAST({whole} AS {self.dialect.double}) / {self._literal(scale)})"


def query(program: Compiled, source: str, keep: Sequence[str], dialect: Dialect) -> str:
    """Return the query over ``source``, a table name or a query in parentheses.

    Where one selection would be wider than the engine allows, sets are worked out in groups and joined on
    the first column kept, which must name each person once.
    """
    groups = _grouped(program, program.outputs, keep, dialect)
    if len(groups) == 1:
        return groups[0](source)
    key = dialect.quoted(keep[0])
    joined = " ".join(
        f"{'FROM' if i == 0 else 'JOIN'} ({write(source)}) g{i}" + (f" USING ({key})" if i else "")
        for i, write in enumerate(groups)
    )
    names = [*(f"g0.{dialect.quoted(name)}" for name in keep),
             *(dialect.quoted(short_name(i, output.name, dialect))
               for i, output in enumerate(program.outputs))]  # fmt: skip
    return f"SELECT {', '.join(names)} {joined}"


class _Query:
    """One query over a source still to be named."""

    def __init__(self, layout: Layout, keep: Sequence[str], dialect: Dialect, first: int) -> None:
        self.first = first
        self.layout, self.keep, self.dialect = layout, [dialect.quoted(name) for name in keep], dialect
        self.layers = layout.layers()

    @property
    def width(self) -> int:
        """The number of columns of the widest selection."""
        return max((layer.width for layer in self.layers), default=0) + len(self.keep)

    def __call__(self, source: str) -> str:
        """Return the text."""
        for layer in self.layers:
            made = (f"{make(None)} AS {name}" for name, make in layer.made.items())
            columns = ", ".join((*self.keep, *layer.carried, *made))
            source = f"(SELECT {columns} FROM {source} t{self.dialect.fence})"  # noqa: S608
        quoted = self.dialect.quoted
        outputs = enumerate(self.layout.results(None).items(), self.first)
        results = (f"{text} AS {quoted(short_name(i, name, self.dialect))}" for i, (name, text) in outputs)
        return f"SELECT {', '.join((*self.keep, *results))} FROM {source} t"  # noqa: S608


def short_name(number: int, name: str, dialect: Dialect) -> str:
    """Return the name of an output in the query: by its number where the engine would cut it."""
    return name if len(name) <= dialect.longest else f"output_{number}"


def _grouped(program: Compiled, outputs: Sequence[Output], keep: Sequence[str],
             dialect: Dialect, first: int = 0) -> list[_Query]:  # fmt: skip
    """Return as few queries as the width allows."""
    one = _Query(Layout(program.circuit, outputs, SqlWriter(dialect)), keep, dialect, first)
    if one.width <= dialect.widest or len(outputs) < 2:
        return [one]
    half = len(outputs) // 2
    return [*_grouped(program, outputs[:half], keep, dialect, first),
            *_grouped(program, outputs[half:], keep, dialect, first + half)]  # fmt: skip
