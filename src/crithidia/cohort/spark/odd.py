"""Odd cells of a Spark DataFrame, counted by its cluster (``cohort.odd``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.cohort.odd import MOST_SHOWN, Odd, looked_at

if TYPE_CHECKING:
    from crithidia.cohort.compiled import Compiled


def odd_in_frame(frame: Any, program: Compiled) -> list[Odd]:
    """Return what is odd in a DataFrame: one aggregate query, and one more for each column at fault."""
    from pyspark.sql import functions, types

    kinds = (types.ByteType, types.ShortType, types.IntegerType, types.LongType, types.StringType)
    asked = looked_at(program)
    held = {column: functions.col(f"`{column}`") for column in asked
            if isinstance(frame.schema[column].dataType, kinds)}  # fmt: skip
    if not held:
        return []
    wrong = {column: _is_odd(cell, asked[column]) for column, cell in held.items()}
    tests = [functions.count(functions.when(test, True)) for test in wrong.values()]
    counts: Any = frame.agg(*tests).first()
    return [
        Odd(column, _some(frame.where(wrong[column]), held[column]), int(rows), asked[column])
        for column, rows in zip(wrong, counts, strict=True) if rows
    ]  # fmt: skip


def _is_odd(cell: Any, choices: tuple[str, ...] | None) -> Any:
    return ~cell.isin(0, 1) if choices is None else ~cell.isin(*choices, "")


def _some(frame: Any, cell: Any) -> tuple[int | str, ...]:
    return tuple(row[0] for row in frame.select(cell).distinct().orderBy(cell).limit(MOST_SHOWN).collect())
