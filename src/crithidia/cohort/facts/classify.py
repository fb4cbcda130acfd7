"""Classifying a table of facts: batch by batch, by what is known on a day, and from when on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from crithidia.case.fact_table import PERSON
from crithidia.cohort.arrow import output_array
from crithidia.cohort.circuit import Circuit
from crithidia.cohort.compiled import Compiled, Request
from crithidia.cohort.facts.answers import FactAnswers
from crithidia.cohort.facts.asked import FactTruths
from crithidia.cohort.facts.batch import UNDATED, FactBatch, check_fact_columns, taken
from crithidia.cohort.facts.timing import person_days
from crithidia.cohort.program import Program, Wanted
from crithidia.cohort.schedule import Schedule
from crithidia.cohort.words import run
from crithidia.definition import CriteriaSet, load_criteria_set
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    Array = np.ndarray[Any, Any]

_EPOCH_DAY: Final = "1970-01-01"


@lru_cache(maxsize=8)
def compiled_for_facts(request: Request) -> Compiled:
    """Compile shipped sets for a table of facts."""
    return compile_for_facts([load_criteria_set(set_id) for set_id in request.sets], request)


def compile_for_facts(sets: Iterable[CriteriaSet], request: Request) -> Compiled:
    """Compile sets for a table of facts."""
    circuit, vocabulary = Circuit(), shipped_vocabulary()
    wanted = Wanted(request.items, request.details)
    outputs = tuple(
        output for criteria in sets
        for output in Program(circuit, criteria, vocabulary.implications,
                              FactTruths(circuit, bool(criteria.attribution)).truth,
                              request.assume_absent).outputs(wanted)
    )  # fmt: skip
    return Compiled(circuit, outputs)


def classify_facts(table: Any, request: Request, *, as_of: date | None = None,
                   first_met: bool = False) -> Any:  # fmt: skip
    """Return the result for an Arrow table of facts (``case.fact_table``) as an Arrow table.

    The table holds all facts of each of its people. Facts later than ``as_of`` do not count; those without
    a day always do. ``first_met`` adds ``<set>__first_met``: the first day on which the set was met, NULL
    where it is not met or where facts without a day suffice. Raises ``InputError`` for a table that is none
    of facts.
    """
    check_fact_columns(table.schema)
    batch = FactBatch(table)
    if as_of is not None:
        limit = (as_of - type(as_of).fromisoformat(_EPOCH_DAY)).days
        batch = taken(batch, np.flatnonzero(batch.at <= limit))
    result = _classified(batch, compiled_for_facts(request))
    return result if not first_met else _with_first_days(result, batch, request)


def _classified(batch: FactBatch, program: Compiled) -> Any:
    schedule = Schedule.of(program.circuit, [output.whole for output in program.outputs])
    values = run(schedule, FactAnswers(batch), batch.size)
    arrays = [output_array(output, values.integers(output.whole)) for output in program.outputs]
    return pa.table([batch.people, *arrays], names=[PERSON, *(o.name for o in program.outputs)])


def _with_first_days(result: Any, batch: FactBatch, request: Request) -> Any:
    """Add the first day on which each set was met: the cohort as it was known on each day."""
    snapshots, person, day = _snapshots(batch)
    program = compiled_for_facts(Request(request.sets, assume_absent=request.assume_absent))
    seen = _classified(snapshots, program)
    for set_id in request.sets:
        met = np.flatnonzero(seen.column(f"{set_id}__verdict").combine_chunks().cast(pa.string()).to_numpy(
            zero_copy_only=False) == "met")  # fmt: skip
        first = np.full(batch.size, np.iinfo(np.int32).max, np.int64)
        np.minimum.at(first, person[met], day[met])
        known = (first != np.iinfo(np.int32).max) & (first != UNDATED)
        days = pa.array(first.astype(np.int32), mask=~known).cast(pa.date32())
        result = result.append_column(f"{set_id}__first_met", days)
    return result


def _snapshots(batch: FactBatch) -> tuple[FactBatch, Array, Array]:
    """Return the facts as known on each day on which one was added, each day as a person of its own.

    Also the person and the day of each snapshot. Everybody has one of what has no day.
    """
    key = person_days(batch.person, batch.at)
    start = np.arange(batch.size, dtype=np.int64) << 32
    moments = np.unique(np.concatenate([key, start]))
    person = (moments >> 32).astype(np.int32)
    first = np.searchsorted(moments, key)  # the snapshot in which a fact first counts
    ends = np.searchsorted(moments, (batch.person.astype(np.int64) + 1) << 32)
    repeats = ends - first
    rows = np.repeat(np.arange(batch.rows), repeats)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    snapshot = (np.repeat(first, repeats) + offset).astype(np.int32)
    people = pa.array(np.arange(len(moments)))
    table = batch.table.take(pa.array(rows))
    return FactBatch(table, snapshot, people), person, (moments & 0xFFFFFFFF) + UNDATED
