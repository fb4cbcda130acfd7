"""From rows as they come, people next to each other, to tables that hold some people as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import PERSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_people(batches: Iterable[Any], least: int) -> Iterator[Any]:
    """Yield tables of at least so many rows, but the last, each with every row of its people.

    ``batches`` are Arrow batches in which the rows of each person follow each other.
    """
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= least:
            every = pa.Table.from_batches(waiting)
            end = _start_of_last(every.column(PERSON))
            if end:
                yield every.slice(0, end)
            waiting = every.slice(end).to_batches()
            rows -= end
    if rows:
        yield pa.Table.from_batches(waiting)


def _start_of_last(people: Any) -> int:
    """Return the row at which the last person begins."""
    last = people[len(people) - 1]
    same = pc.equal(people, last) if last.is_valid else people.is_null()
    return int(pc.index(same, True).as_py())
