"""Cells that are neither an answer nor nothing: a 2 among yes and no, a code that a concept does not have.

In one registry 2 is no, in the next it is not known; counted as not recorded it would be lost unnoticed. So
whoever has the whole table looks through it and names every such column at once, with the number of rows.
Of a table that stays in its engine that takes one aggregate query, and one more for each column at fault.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crithidia.cohort.recorded import Coded, Says
from crithidia.foundation.problems import InputError, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from crithidia.cohort.compiled import Compiled

    Choices = tuple[str, ...] | None

MOST_SHOWN: Final = 3
_OTHER_CODINGS: Final = "`crithidia cohort map` drafts a mapping for other codings"


@dataclass(frozen=True, slots=True)
class Odd:
    """A column with what was found in it, in how many rows; ``choices`` are the codes it may hold, if any."""

    column: str
    found: tuple[int | str, ...]
    rows: int
    choices: Choices

    @property
    def problem(self) -> Problem:
        """What is wrong, and what to do."""
        said = holding(f"column '{self.column}'", self.found)
        rows = f"{self.rows:,} row{'s' if self.rows > 1 else ''}"
        return Problem(f"{said} in {rows}", None, remedy(self.choices))


def holding(what: str, found: Collection[int | str]) -> str:
    """Return that a column holds some values, the first few of them."""
    some = sorted(found, key=lambda value: (str(type(value)), value))[:MOST_SHOWN]
    return f"{what} holds " + ", ".join(repr(shown(v)) if isinstance(v, str) else str(v) for v in some)


def remedy(choices: Choices) -> str:
    """Return what a column of yes and no, or one of codes, may hold."""
    allowed = f"one of {', '.join(choices)}, or empty" if choices else "true, false or empty"
    return f"{allowed}; {_OTHER_CODINGS}"


def refuse_odd(found: Iterable[Odd]) -> None:
    """Raise ``InputError`` that names every column with cells that are neither an answer nor nothing."""
    problems = tuple(odd.problem for odd in found)
    if problems:
        raise InputError(problems)


@contextmanager
def naming_all_odd(parts: Callable[[], Iterable[Any]], program: Compiled) -> Iterator[None]:
    """Turn the refusal of a part into one that names all odd cells of the table; ``parts`` reads it again."""
    try:
        yield
    except InputError:
        refuse_odd(odd_in(parts(), program))
        raise


def looked_at(program: Compiled) -> Mapping[str, Choices]:
    """Return the columns in which there may be such cells, with the codes of those that hold codes."""
    found: dict[str, Choices] = {}
    for key in program.schedule.asked:
        if isinstance(key, Says):
            found[key.column] = None
        elif isinstance(key, Coded):
            found[key.column] = key.choices
    return found


def odd_in(tables: Iterable[Any], program: Compiled) -> list[Odd]:
    """Return what is odd in a table that comes as Arrow tables, one part after the other."""
    columns = looked_at(program)
    counts: dict[str, Counter[int | str]] = {column: Counter() for column in columns}
    for table in tables:
        for column, choices in columns.items():
            counts[column].update(_counted(table.column(column), choices))
    return [Odd(column, tuple(found), found.total(), columns[column])
            for column, found in counts.items() if found]  # fmt: skip


def _counted(column: Any, choices: Choices) -> dict[int | str, int]:
    """Return how often each odd value stands in an Arrow column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (choices or pa.types.is_integer(column.type)):
        return {}
    allowed: tuple[object, ...] = (0, 1) if choices is None else (*choices, "")
    counts = pc.value_counts(column if choices is None else column.cast(pa.string()))
    return {pair["values"]: pair["counts"] for pair in counts.to_pylist()
            if pair["values"] is not None and pair["values"] not in allowed}  # fmt: skip


def odd_there(table: Any, program: Compiled, longest: int) -> list[Odd]:
    """Return what is odd in an Ibis table: one aggregate query, and one more for each column at fault.

    ``longest`` is the length at which the engine cuts names.
    """
    asked = looked_at(program)
    held = {column: table[column if column in table.columns else column[:longest]] for column in asked}
    wrong = {column: _is_odd(held[column], choices) for column, choices in asked.items()
             if held[column].type().is_integer() or held[column].type().is_string()}  # fmt: skip
    if not wrong:
        return []
    sums = {f"odd_{i}": test.sum() for i, test in enumerate(wrong.values())}
    [counts] = table.aggregate(**sums).to_pyarrow().to_pylist()
    return [Odd(column, _some(table, held[column], wrong[column]), int(rows), asked[column])
            for column, rows in zip(wrong, counts.values(), strict=True) if rows]  # fmt: skip


def _is_odd(column: Any, choices: Choices) -> Any:
    allowed = [0, 1] if choices is None else [*choices, ""]
    return column.notnull() & ~column.isin(allowed)


def _some(table: Any, column: Any, wrong: Any) -> tuple[int | str, ...]:
    found = table.filter(wrong).select(odd=column).distinct().order_by("odd").limit(MOST_SHOWN)
    return tuple(found.to_pyarrow()["odd"].to_pylist())
