"""Classifying people in a file into a file: bounded memory, one part after the other.

Reading, classifying and writing overlap: while some parts are classified, one on each core, the next is
read and the one before is written, in the order of the people. The output is there entirely or not at all;
a run that was stopped goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa

from crithidia.case.fact_table import PERSON, holds_facts, kinds_of_columns
from crithidia.cohort.arrow import arrow_type, kind_of, steps_of
from crithidia.cohort.compiled import Compiled, Request, check_columns, compiled
from crithidia.cohort.facts.classify import compiled_for_facts, fact_schema, shown, steps_of_facts
from crithidia.cohort.facts.source import CsvFacts, FactSource, facts_of
from crithidia.cohort.facts.unsaid import Unsaid, unsaid_in, unsaid_of, with_unsaid
from crithidia.cohort.odd import looked_at, naming_all_odd
from crithidia.cohort.repeated import Repeated, refuse_repeated, repeated_in_file
from crithidia.cohort.sink import Parts, Rows, check_ending, parts_of, rows_into
from crithidia.cohort.sources import CsvSource, ParquetSource, Source, check_person, open_source
from crithidia.foundation.atomic import replacing
from crithidia.foundation.library import shipped_library
from crithidia.foundation.problems import refuse
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int], None]
    _Part = tuple[int, Future[Any] | None]

_AT_ONCE: Final = 4
_KEPT_MS: Final = 10_000
_KEPT_BEFORE_MS: Final = 1_000  # what Arrow sets
_NOBODY: Final = Repeated()


@dataclass(frozen=True)
class Account:
    """What was done: people classified, columns used, columns that say nothing here; who stands repeated.

    ``people`` counts rows where people stand in several of a wide table; ``unsaid`` counts facts that say
    nothing.
    """

    people: int
    used: tuple[str, ...]
    unused: tuple[str, ...]
    unknown: tuple[str, ...]
    repeated: Repeated = _NOBODY
    unsaid: Unsaid = field(default_factory=Unsaid)


def classify_file(path: Path, target: Path, request: Request, progress: Progress | None = None,
                  reading: Progress | None = None) -> Account:  # fmt: skip
    """Classify everyone in a Parquet or CSV file; write Parquet or CSV, by the ending of ``target``.

    A CSV file is read into a Parquet file beside the parts first, so that a stopped run goes on; meanwhile
    ``reading`` is told the rows read, as ``progress`` is told the people done.
    Raises ``InputError`` for a file that cannot be read and for people in several rows of a wide table
    (unless ``request.repeated`` is ``rows``), ``OSError`` for one that cannot be written and ``BusyError``
    if another process is writing ``target``.
    """
    return classify_source(_opened(path), str(path), target, request, progress, reading)


def classify_source(
    source: Source, name: str, target: Path, request: Request,
    progress: Progress | None = None, reading: Progress | None = None,
) -> Account:  # fmt: skip
    """Classify everyone in a source, which messages call by its name; as ``classify_file`` does."""
    check_ending(target)
    facts = holds_facts(source.schema.names)
    if facts and request.repeated == "rows":
        raise refuse(f"{name}: everybody stands in several rows of a table of facts", None,
                     "'repeated' speaks of tables with one row a person")  # fmt: skip
    work: _Facts | _Wide = _Facts(source, request) if facts else _Wide(source, name, request)
    key = _key(work.source, request)
    with (
        _memory_kept(),
        replacing(target) as partial,
        parts_of(target, key) as parts,
        rows_into(partial, target.suffix, work.schema) as rows,
    ):
        repeated = work.prepare(parts.folder, reading)
        run = _Run(work, parts, rows, progress)
        with work.naming_faults():
            people = run.people()
    return replace(_account(people, work), repeated=repeated, unsaid=run.unsaid)


@contextmanager
def _memory_kept() -> Iterator[None]:
    """Let Arrow keep for a while the memory that it no longer uses: each part needs as much again.

    A page that was given back and is given anew costs more than what is then read into it. What lies in
    either pool stays valid. Where Arrow has no pool that can keep memory, that of the system does best.
    """
    before = pa.default_memory_pool()
    keeps = "jemalloc" in pa.supported_memory_backends()
    pool = pa.jemalloc_memory_pool() if keeps else pa.system_memory_pool()
    pa.set_memory_pool(pool)
    try:
        if keeps:
            pa.jemalloc_set_decay_ms(_KEPT_MS)
        yield
    finally:
        if keeps:
            pa.jemalloc_set_decay_ms(_KEPT_BEFORE_MS)
        pa.set_memory_pool(before)
        pool.release_unused()


class _Work(Protocol):
    """How a part of a source becomes integers, small to keep, and these the columns of the result."""

    source: Source
    program: Compiled
    schema: Any
    columns: tuple[str, ...]

    def prepare(self, folder: Path, reading: Progress | None) -> Repeated:
        """Bring the source into parts that can be read again, and look for people who stand repeated."""

    def naming_faults(self) -> AbstractContextManager[None]:
        """Give a context in which the refusal of a part becomes that of the whole source."""

    def classified(self, table: Any) -> Any:
        """Return people and outputs as integers."""

    def shown(self, steps: Any) -> Any:
        """Return the columns of the result."""


class _Wide:
    """The work of a table with one row a person."""

    def __init__(self, source: Source, name: str, request: Request) -> None:
        check_person(source.schema, name)
        check_columns({field.name: kind_of(field.type) for field in source.schema})
        if request.as_of is not None or request.first_met:
            raise refuse(f"{name}: one row a person has no dates", None,
                         "dates are in tables of facts; see 'crithidia cohort convert'")  # fmt: skip
        self.source, self._name, self._repeated = source, name, request.repeated
        self.names: tuple[str, ...] = tuple(source.schema.names)
        self.program = compiled(request, frozenset(source.schema.names))
        self.columns = self.program.columns
        outputs = [pa.field(o.name, arrow_type(o)) for o in self.program.outputs]
        self.schema = pa.schema([source.schema.field(PERSON), *outputs])

    def prepare(self, folder: Path, reading: Progress | None) -> Repeated:
        """Read CSV into Parquet, and refuse people in several rows unless they are asked for."""
        first = 1
        if isinstance(self.source, CsvSource):
            self.source, first = self.source.as_parquet((PERSON, *self.columns), folder, reading), 2
        if not isinstance(self.source, ParquetSource):
            return _NOBODY
        found = repeated_in_file(self.source.path, first_row=first)
        if self._repeated != "rows":
            refuse_repeated(found, self._name)
        return found

    def naming_faults(self) -> AbstractContextManager[None]:
        """Name all odd cells of a file; a stream out of a database is over when a part is refused."""
        if not isinstance(self.source, ParquetSource):
            return nullcontext()
        return naming_all_odd(self._again, self.program)

    def _again(self) -> Iterator[Any]:
        return (table for _, table in self.source.read(tuple(looked_at(self.program)), frozenset()))

    def classified(self, table: Any) -> Any:
        """Return people and outputs as integers."""
        steps = steps_of(table, self.program.schedule, self.program.outputs)
        names = [PERSON, *(output.name for output in self.program.outputs)]
        return pa.table([table.column(PERSON), *map(pa.array, steps)], names=names)

    def shown(self, steps: Any) -> Any:
        """Return the columns of the result."""
        return shown(steps, self.program)


class _Facts:
    """The work of a table of facts."""

    def __init__(self, source: Source, request: Request) -> None:
        self.source, self.request = source, request
        self.program = compiled_for_facts(request)
        self.columns: tuple[str, ...] = ()
        self.schema = fact_schema(pa.field(PERSON, pa.string()), request)

    def prepare(self, folder: Path, reading: Progress | None) -> Repeated:
        """Read CSV into Parquet; nobody stands repeated, as a person of a table of facts has many rows."""
        self.source = facts_of(self.source, folder, reading)
        return _NOBODY

    def naming_faults(self) -> AbstractContextManager[None]:
        """Leave refusals as they are: facts are refused by what they say, not by columns."""
        return nullcontext()

    def classified(self, table: Any) -> Any:
        """Return people and outputs as integers."""
        return with_unsaid(steps_of_facts(table, self.request), unsaid_of(table))

    def shown(self, steps: Any) -> Any:
        """Return the columns of the result."""
        return shown(steps, self.program)


def _opened(path: Path) -> Source:
    source = open_source(path)
    if not holds_facts(source.schema.names):
        return source
    return FactSource(path) if isinstance(source, ParquetSource) else CsvFacts(path)


def _key(source: Source, request: Request) -> str:
    """Return the name of everything that the result depends on."""
    library = shipped_library()
    about = repr((library.version, library.hash, astuple(request))).encode()
    return hashlib.sha256(source.identity() + b"\0" + about).hexdigest()


def _account(people: int, work: _Facts | _Wide) -> Account:
    if isinstance(work, _Facts):
        return Account(people, (), (), ())
    known = kinds_of_columns(shipped_vocabulary())
    used = frozenset(work.program.columns)
    names = [name for name in work.names if name != PERSON]
    return Account(
        people, work.program.columns,
        unused=tuple(name for name in names if name in known and name not in used),
        unknown=tuple(name for name in names if name not in known),
    )  # fmt: skip


class _Run:
    """One run: parts found done are written as they are, the others are classified, several at once."""

    def __init__(self, work: _Work, parts: Parts, rows: Rows, progress: Progress | None) -> None:
        self.work, self.source, self.parts, self.rows = work, work.source, parts, rows
        self.progress, self.unsaid = progress, Unsaid()
        self._done = parts.done()
        self._people = 0

    def people(self) -> int:
        """Do it; return how many people there were."""
        cores = _cores()
        with (
            ThreadPoolExecutor(1) as reader,
            ThreadPoolExecutor(cores) as workers,
            ThreadPoolExecutor(1) as writer,
        ):
            writing: deque[Future[None]] = deque()
            for number, steps in self._in_order(reader, workers):
                writing.append(writer.submit(self._write, number, steps))
                while len(writing) > cores:
                    writing.popleft().result()
            for left in writing:
                left.result()
        return self._people

    def _in_order(self, reader: ThreadPoolExecutor, workers: ThreadPoolExecutor) -> Iterator[_Part]:
        """Yield each part in the order of the people, and its integers once they are there; None if kept."""
        following = self.source.read((PERSON, *self.work.columns), self._done)
        coming = reader.submit(next, following, None)
        number = 0
        while (found := coming.result()) is not None:
            coming = reader.submit(next, following, None)
            yield from ((kept, None) for kept in range(number, found[0]))
            number = found[0] + 1
            yield found[0], workers.submit(self.work.classified, found[1])
        yield from ((kept, None) for kept in range(number, self.source.parts or number))

    def _write(self, number: int, steps: Future[Any] | None) -> None:
        table = self.parts.read(number) if steps is None else steps.result()
        if steps is not None and self.source.parts is not None and self.source.parts > 1:
            self.parts.keep(number, table)
        self.rows.write(self.work.shown(table))
        self._people += table.num_rows
        self.unsaid.update(unsaid_in(table))
        if self.progress:
            self.progress(self._people)


def _cores() -> int:
    """Return how many parts are classified at once: memory grows with it, and more than a few gain little."""
    return min(_AT_ONCE, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _AT_ONCE)
