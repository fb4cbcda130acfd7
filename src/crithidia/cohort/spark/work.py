"""What workers do: from Arrow batches of people or facts to Arrow batches of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from crithidia.cohort.arrow import classified
from crithidia.cohort.facts.classify import shown, steps_of_facts
from crithidia.cohort.facts.whole import whole_people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.cohort.compiled import Request
    from crithidia.cohort.facts.classify import FactPrograms
    from crithidia.cohort.program import Output
    from crithidia.cohort.schedule import Schedule

FACTS_AT_A_TIME: Final = 500_000


@dataclass(frozen=True)
class WideWork:
    """One row a person: each batch by itself; the columns of ``keep`` stand before the outputs."""

    schedule: Schedule
    outputs: tuple[Output, ...]
    keep: tuple[str, ...]

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield the result of each batch."""
        for batch in batches:
            if batch.num_rows:
                table = pa.Table.from_batches([batch])
                arrays = classified(table, self.schedule, self.outputs)
                yield _batch([*map(batch.column, self.keep), *arrays],
                             [*self.keep, *(output.name for output in self.outputs)])  # fmt: skip


@dataclass(frozen=True)
class FactsWork:
    """A table of facts, sorted by person: some whole people after others."""

    request: Request
    programs: FactPrograms
    at_a_time: int = FACTS_AT_A_TIME

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield the result of some people after others."""
        for table in whole_people(batches, self.at_a_time):
            result = shown(steps_of_facts(table, self.request, self.programs), self.programs.asked)
            arrays = [column.combine_chunks() for column in result.columns]
            yield _batch(arrays, result.column_names)


def _batch(arrays: list[Any], names: list[str]) -> Any:
    """Return a batch without dictionaries and chunks, which Spark does not know."""
    plain = [a.dictionary_decode() if pa.types.is_dictionary(a.type) else a for a in arrays]
    return pa.RecordBatch.from_arrays(plain, names=names)
