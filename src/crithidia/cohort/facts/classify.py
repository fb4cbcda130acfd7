"""Classifying a table of facts: batch by batch, by what is known on a day, and from when on."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from crithidia.case.fact_table import PERSON
from crithidia.cohort.arrow import arrow_type, output_array
from crithidia.cohort.circuit import Circuit
from crithidia.cohort.compiled import Compiled, Request
from crithidia.cohort.facts.answers import FactAnswers
from crithidia.cohort.facts.asked import FactTruths
from crithidia.cohort.facts.batch import UNDATED, FactBatch, check_fact_columns, taken
from crithidia.cohort.facts.evidence import person_days
from crithidia.cohort.facts.typed import typed, typed_schema
from crithidia.cohort.program import VERDICTS, Program, Wanted
from crithidia.cohort.words import run
from crithidia.definition import CriteriaSet, load_criteria_set
from crithidia.definition.verdict import Verdict
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Array = np.ndarray[Any, Any]

_EPOCH: Final = date(1970, 1, 1)
_SNAPSHOTS_AT_A_TIME: Final = 2_000_000  # facts


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


class FactPrograms(NamedTuple):
    """The circuits of a request: what is asked, and the verdicts alone, for the days before."""

    asked: Compiled
    verdicts: Compiled


def fact_programs(request: Request) -> FactPrograms:
    """Compile what a request needs over a table of facts."""
    asked = compiled_for_facts(request)
    verdicts = Request(request.sets, assume_absent=request.assume_absent)
    return FactPrograms(asked, compiled_for_facts(verdicts) if request.first_met else asked)


def classify_facts(table: Any, request: Request) -> Any:
    """Return the result for an Arrow table of facts (``case.fact_table``) as an Arrow table.

    The table holds all facts of each of its people. Facts later than ``as_of`` do not count; those without
    a day always do. ``first_met`` adds ``<set>__first_met``: the first day on which the set was met, NULL
    where it is not met or where facts without a day suffice. Raises ``InputError`` for a table that is none
    of facts.
    """
    check_fact_columns(typed_schema(table.schema))
    return shown(steps_of_facts(table, request), compiled_for_facts(request))


def steps_of_facts(table: Any, request: Request, programs: FactPrograms | None = None) -> Any:
    """Return people and outputs as integers (how far each lies above its lowest value), then first days.

    ``programs`` are those of ``request``, where they were compiled elsewhere.
    """
    asked, verdicts = programs or fact_programs(request)
    batch = FactBatch(typed(table))
    if request.as_of is not None:
        batch = taken(batch, np.flatnonzero(batch.at <= (request.as_of - _EPOCH).days))
    columns = [batch.people, *map(pa.array, _steps(batch, asked))]
    names = [PERSON, *(output.name for output in asked.outputs)]
    if request.first_met:
        days = _first_days(batch, request.sets, verdicts)
        columns.extend(days.values())
        names.extend(days)
    return pa.table(columns, names=names)


def shown(steps: Any, program: Compiled) -> Any:
    """Return integers as the labels and numbers that they stand for."""
    columns = steps.columns
    for place, output in enumerate(program.outputs, 1):
        columns[place] = output_array(output, columns[place].combine_chunks().to_numpy())
    return pa.table(columns, names=steps.column_names)


def fact_schema(person: Any, request: Request) -> Any:
    """Return the schema of the result; ``person`` is the field of the people."""
    outputs = [pa.field(o.name, arrow_type(o)) for o in compiled_for_facts(request).outputs]
    days = [pa.field(f"{set_id}__first_met", pa.date32()) for set_id in request.sets if request.first_met]
    return pa.schema([person, *outputs, *days])


def _steps(batch: FactBatch, program: Compiled) -> list[Array]:
    values = run(program.schedule, FactAnswers(batch), batch.size)
    return [values.integers(output.whole) for output in program.outputs]


def _first_days(batch: FactBatch, sets: tuple[str, ...], program: Compiled) -> dict[str, Any]:
    """Return the first day on which each set was met: the cohort as it was known on each day."""
    portions = [_first_days_of(portion, program) for portion in _portions(batch)]
    return {f"{set_id}__first_met": pa.concat_arrays([portion[set_id] for portion in portions])
            for set_id in sets}  # fmt: skip


def _first_days_of(batch: FactBatch, program: Compiled) -> dict[str, Any]:
    snapshots, person, day = _snapshots(batch)
    found: dict[str, Any] = {}
    for output, steps in zip(program.outputs, _steps(snapshots, program), strict=True):
        set_id, _, what = output.name.rpartition("__")
        if what == "verdict":
            met = np.flatnonzero(steps + output.whole.low == VERDICTS.index(Verdict.MET.value))
            found[set_id] = _earliest(person[met], day[met], batch.size)
    return found


def _portions(batch: FactBatch) -> Iterator[FactBatch]:
    """Yield the people in portions whose facts, each as often as there are days from it on, fit in memory."""
    *_, repeats = _moments(batch)
    ends = np.cumsum(np.bincount(batch.person, repeats, batch.size))
    first = 0
    while first < batch.size or not batch.size:
        before = ends[first - 1] if first else 0
        end = max(first + 1, int(np.searchsorted(ends, before + _SNAPSHOTS_AT_A_TIME, "right")))
        rows = np.flatnonzero((batch.person >= first) & (batch.person < end))
        yield taken(batch, rows, batch.person.take(rows) - np.int32(first),
                    batch.people.slice(first, end - first))  # fmt: skip
        if not batch.size:
            return
        first = end


def _earliest(person: Array, day: Array, size: int) -> Any:
    """Return the earliest day of each person; NULL for none and for what has no day."""
    never = np.iinfo(np.int32).max
    first = np.full(size, never, np.int64)
    np.minimum.at(first, person, day)
    known = (first != never) & (first != UNDATED)
    return pa.array(first.astype(np.int32), mask=~known).cast(pa.date32())


def _snapshots(batch: FactBatch) -> tuple[FactBatch, Array, Array]:
    """Return the facts as known on each day on which one was added, each day as a person of its own.

    Also the person and the day of each snapshot. Everybody has one of what has no day.
    """
    moments, first, repeats = _moments(batch)
    person = (moments >> 32).astype(np.int32)
    rows = np.repeat(np.arange(batch.rows), repeats)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    snapshot = (np.repeat(first, repeats) + offset).astype(np.int32)
    found = taken(batch, rows, snapshot, pa.array(np.arange(len(moments))))
    return found, person, (moments & 0xFFFFFFFF) + UNDATED


def _moments(batch: FactBatch) -> tuple[Array, Array, Array]:
    """Return people and days of snapshots; in which a fact first counts, and in how many it does."""
    key = person_days(batch.person, batch.at)
    start = np.arange(batch.size, dtype=np.int64) << 32
    moments = np.unique(np.concatenate([key, start]))
    first = np.searchsorted(moments, key)
    ends = np.searchsorted(moments, (batch.person.astype(np.int64) + 1) << 32)
    return moments, first, ends - first
