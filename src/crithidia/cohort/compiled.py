"""Criteria sets compiled for the columns that a table has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import PERSON, holds_facts, kinds_of_columns
from crithidia.cohort.circuit import Circuit
from crithidia.cohort.program import Output, Program, Wanted
from crithidia.cohort.recorded import Coded, Compared, Limited, Recorded, Says
from crithidia.cohort.schedule import Schedule
from crithidia.definition import CriteriaSet, load_criteria_set, shipped_criteria_ids
from crithidia.foundation.problems import InputError, Problem, did_you_mean
from crithidia.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


@dataclass(frozen=True)
class Request:
    """What is asked of a cohort: the sets, how the unknown is taken, and what beside the verdict.

    ``as_of`` and ``first_met`` need facts with dates. ``repeated`` says what becomes of people who stand in
    several rows of a wide table: ``refuse``, or ``rows``, each classified by itself.
    """

    sets: tuple[str, ...]
    assume_absent: bool = False
    items: bool = False
    details: bool = False
    as_of: date | None = None
    first_met: bool = False
    repeated: str = "refuse"

    @classmethod
    def of(cls, sets: Iterable[str] | None = None, **options: Any) -> Request:
        """Return the request for some sets, or for all. Raises ``UnknownNameError``."""
        chosen = tuple(dict.fromkeys(sets)) if sets is not None else shipped_criteria_ids()
        for set_id in chosen:
            load_criteria_set(set_id)
        return cls(chosen, **options)


@dataclass(frozen=True)
class Compiled:
    """The circuit of some sets, what it puts out, and the columns that it reads."""

    circuit: Circuit
    outputs: tuple[Output, ...]

    @cached_property
    def schedule(self) -> Schedule:
        """The steps that the outputs need, in order."""
        return Schedule.of(self.circuit, [output.whole for output in self.outputs])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read, always in the same order."""
        return tuple(dict.fromkeys(column for key in self.schedule.asked for column in columns_of(key)))


def columns_of(key: Any) -> tuple[str, ...]:
    """Return the columns that answer a key."""
    if isinstance(key, Limited):
        return key.column, key.limit
    if isinstance(key, (Says, Compared, Coded)):
        return (key.column,)
    msg = f"no column answers {key!r}"
    raise TypeError(msg)


@lru_cache(maxsize=8)
def compiled(request: Request, columns: frozenset[str]) -> Compiled:
    """Compile shipped sets for a wide table with those columns."""
    sets = tuple(load_criteria_set(set_id) for set_id in request.sets)
    return compile_sets(sets, columns, request, shipped_vocabulary())


def compile_sets(sets: Iterable[CriteriaSet], columns: frozenset[str], request: Request,
                 vocabulary: Vocabulary, **knowledge: Any) -> Compiled:  # fmt: skip
    """Compile sets for a wide table with those columns; ``knowledge`` replaces rules and units."""
    circuit = Circuit()
    recorded = Recorded(circuit, columns, vocabulary, **knowledge)
    wanted = Wanted(request.items, request.details)
    outputs = tuple(
        output for criteria in sets
        for output in Program(circuit, criteria, vocabulary.implications, recorded.truth,
                              request.assume_absent).outputs(wanted)
    )  # fmt: skip
    return Compiled(circuit, outputs)


def check_columns(types: Mapping[str, str]) -> None:
    """Refuse a table whose columns cannot be read, given their types as bool, double or string.

    ``int`` may stand for either of the first two, ``null`` (nothing in it) for all.
    Raises ``InputError`` that names every such column.
    """
    problems = []
    known = kinds_of_columns(shipped_vocabulary())
    if holds_facts(types):
        problems.append(Problem("this is a table of facts, not one row a person", None,
                                "classify it here, without another engine"))  # fmt: skip
    if PERSON not in types:
        remedy = did_you_mean(PERSON, types) or f"one row a person, who is named in {PERSON}"
        problems.append(Problem(f"there is no column '{PERSON}'", None, remedy))
    for name, found in types.items():
        wanted = known.get(name)
        if wanted and found not in _ACCEPTED[wanted]:
            problems.append(Problem(f"column '{name}' holds {found}, not {wanted}", None, _REMEDIES[wanted]))
    if problems:
        raise InputError(tuple(problems))


_ACCEPTED = {
    "bool": {"bool", "int", "null"},
    "double": {"double", "int", "null"},
    "string": {"string", "null"},
}
_REMEDIES = {
    "bool": "true, false or empty; `crithidia cohort map` drafts a mapping for other codings",
    "double": "numbers in the canonical unit; `crithidia cohort map` drafts a mapping for other units",
    "string": "codes as text",
}
