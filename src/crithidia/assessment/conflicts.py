"""Whose facts contradict each other in a cohort: which finding, and every fact that speaks on either side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import PERSON
from crithidia.cohort.conflicts import rows_in_conflict
from crithidia.intake.person import case_of_rows
from crithidia.interpretation import interpret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from crithidia.case import Case, Fact


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One fact that speaks for or against a finding on which somebody's facts contradict each other.

    ``says`` is what it makes of the finding, ``present`` or ``absent``; ``fact`` and ``value`` are what was
    recorded, ``at`` when, ``source`` where it stands.
    """

    person_id: str
    concept: str
    says: str
    fact: str
    value: str
    at: date | None
    source: str


@dataclass
class Tally:
    """How many people were looked at, and how many of them contradict themselves."""

    people: int = 0
    in_conflict: int = 0


def conflicts_of_file(path: Path, tally: Tally, progress: Callable[[int], None] | None = None) \
        -> Iterator[list[ConflictRow]]:  # fmt: skip
    """Yield the conflicts of the people of a file, a part at a time; ``tally`` counts them.

    ``path`` is a wide table (Parquet or CSV) or a table of facts (Parquet). Raises ``InputError``.
    """
    for people, rows in rows_in_conflict(path, progress):
        tally.people += people
        found: list[ConflictRow] = []
        for case in _cases(rows, str(path)):
            own = list(conflicts_of_case(case))
            tally.in_conflict += bool(own)
            found.extend(own)
        yield found


def _cases(rows: Any, path: str) -> Iterator[Case]:
    for person, own in groupby(_records(rows), key=lambda row: row[PERSON]):
        yield case_of_rows(str(person), list(own), path)


def _records(rows: Any) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(max_chunksize=1024):
        yield from batch.to_pylist()


def conflicts_of_case(case: Case) -> Iterator[ConflictRow]:
    """Yield the facts on either side of each conflict of a case."""
    for conflict in interpret(case).picture.conflicts:
        for says, facts in (("present", conflict.present), ("absent", conflict.absent)):
            recorded = dict.fromkeys(root for fact in facts for root in fact.roots())
            yield from (_row(case.id, conflict.concept, says, fact) for fact in recorded)


def _row(person: str, concept: str, says: str, fact: Fact) -> ConflictRow:
    day = fact.at.on if fact.at else None
    return ConflictRow(person, concept, says, fact.concept, str(fact.value), day, fact.provenance.note)
