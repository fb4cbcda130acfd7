"""The people whose facts contradict each other, found among many; their rows, part by part.

A finding is in conflict where the facts make it both present and absent, directly or by what they imply,
and do not do so on different days. What the facts are, a single case tells (``assessment.conflicts``).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from crithidia.case.fact_table import PERSON, holds_facts, kinds_of_columns
from crithidia.cohort.arrow import kind_of, steps_of
from crithidia.cohort.circuit import Circuit
from crithidia.cohort.compiled import Compiled, check_columns
from crithidia.cohort.facts.answers import FactAnswers
from crithidia.cohort.facts.batch import FactBatch
from crithidia.cohort.facts.source import facts_of
from crithidia.cohort.program import Output
from crithidia.cohort.recorded import Recorded
from crithidia.cohort.sources import check_person, open_source
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crithidia.cohort.sources import Source

    Array = np.ndarray[Any, Any]

_ALSO: Final = ("source", "until", "text")


def rows_in_conflict(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[tuple[int, Any]]:
    """Yield how many people a part of a file has, and an Arrow table of the rows of those in conflict.

    ``path`` is a wide table or a table of facts, Parquet or CSV. Raises ``InputError``.
    """
    source = open_source(path)
    if holds_facts(source.schema.names):
        found = _of_facts(source)
    else:
        check_person(source.schema, path)
        check_columns({field.name: kind_of(field.type) for field in source.schema})
        found = _of_rows(source)
    done = 0
    for people, rows in found:
        yield people, rows
        done += people
        if progress:
            progress(done)


def _of_facts(source: Source) -> Iterator[tuple[int, Any]]:
    with TemporaryDirectory(prefix="crithidia-") as folder:
        for _, table in facts_of(source, Path(folder)).read((PERSON, *_ALSO), frozenset()):
            batch = FactBatch(table)
            people = facts_in_conflict(batch)
            rows = np.flatnonzero(people[batch.person])
            yield batch.size, table.take(pa.array(rows[np.argsort(batch.person[rows], kind="stable")]))


def facts_in_conflict(batch: FactBatch) -> Array:
    """Return which people of a batch of facts contradict themselves."""
    findings = FactAnswers(batch).findings
    closure = shipped_vocabulary().implications.closure
    concepts = {name for literal in findings.stated for name, _ in closure(literal)}
    found = np.zeros(batch.size, bool)
    for concept in concepts:
        conflict = findings.conflict(concept)
        if conflict.any():
            found |= findings.truths(conflict)
    return found


def _of_rows(source: Source) -> Iterator[tuple[int, Any]]:
    known = kinds_of_columns(shipped_vocabulary())
    columns = tuple(name for name in source.schema.names if name in known)
    program = _conflicts(frozenset(columns))
    for _, table in source.read((PERSON, *columns), frozenset()):
        yield table.num_rows, table.take(pa.array(np.flatnonzero(rows_of_wide_in_conflict(table, program))))


def rows_of_wide_in_conflict(table: Any, program: Compiled | None = None) -> Array:
    """Return which rows of a wide table contradict themselves."""
    program = program or _conflicts(frozenset(table.schema.names))
    [steps] = steps_of(table, program.schedule, program.outputs)
    found: Array = steps.astype(bool)
    return found


@lru_cache(maxsize=4)
def _conflicts(columns: frozenset[str]) -> Compiled:
    """Return the circuit of whether a row contradicts itself."""
    vocabulary, circuit = shipped_vocabulary(), Circuit()
    recorded = Recorded(circuit, columns)
    concepts = [concept.id for concept in vocabulary.concepts.values() if concept.takes_presence]
    bit = circuit.any([recorded.conflict(concept) for concept in concepts])
    return Compiled(circuit, (Output("conflict", circuit.weighted([(1, bit)])),))
