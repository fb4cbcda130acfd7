"""Classifying a wide table in a file into a file: bounded memory, one part after the other.

Reading, classifying and writing overlap: while one part is classified the next is read and the one before
is written. The output is there entirely or not at all; a run that was stopped goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from crithidia.case.fact_table import PERSON
from crithidia.cohort.arrow import arrow_type, kind_of, output_array, steps_of
from crithidia.cohort.compiled import Compiled, Request, check_columns, compiled, kinds_of_columns
from crithidia.cohort.sink import Parts, Rows, check_ending, parts_of, rows_into
from crithidia.cohort.sources import Source, check_person, open_source
from crithidia.foundation.atomic import replacing
from crithidia.foundation.library import shipped_library
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int], None]

_AHEAD: Final = 2


@dataclass(frozen=True)
class Account:
    """What was done: people classified, columns used, columns that say nothing here."""

    people: int
    used: tuple[str, ...]
    unused: tuple[str, ...]
    unknown: tuple[str, ...]


def classify_file(path: Path, target: Path, request: Request, progress: Progress | None = None) -> Account:
    """Classify everyone in a Parquet or CSV file; write Parquet or CSV, by the ending of ``target``.

    Raises ``InputError`` for a file that cannot be read, ``OSError`` for one that cannot be written and
    ``BusyError`` if another process is writing ``target``.
    """
    check_ending(target)
    source = open_source(path)
    check_person(source.schema, path)
    check_columns({field.name: kind_of(field.type) for field in source.schema})
    program = compiled(request, frozenset(source.schema.names))
    key = _key(source, request)
    with (
        replacing(target) as partial,
        parts_of(target, key) as parts,
        rows_into(partial, target.suffix, _schema(source, program)) as rows,
    ):
        people = _Run(source, program, parts, rows, progress).people()
    return _account(people, source, program)


def _key(source: Source, request: Request) -> str:
    """Return the name of everything that the result depends on."""
    library = shipped_library()
    about = repr((library.version, library.hash, astuple(request))).encode()
    return hashlib.sha256(source.identity() + b"\0" + about).hexdigest()


def _schema(source: Source, program: Compiled) -> Any:
    person = source.schema.field(PERSON)
    return pa.schema([person, *(pa.field(o.name, arrow_type(o)) for o in program.outputs)])


def _account(people: int, source: Source, program: Compiled) -> Account:
    known = kinds_of_columns(shipped_vocabulary())
    used = frozenset(program.columns)
    names = [name for name in source.schema.names if name != PERSON]
    return Account(
        people, program.columns,
        unused=tuple(name for name in names if name in known and name not in used),
        unknown=tuple(name for name in names if name not in known),
    )  # fmt: skip


class _Run:
    """One run: parts found done are written as they are, the others are classified."""

    def __init__(
        self, source: Source, program: Compiled, parts: Parts, rows: Rows, progress: Progress | None
    ) -> None:
        self.source, self.program, self.parts, self.rows = source, program, parts, rows
        self.progress = progress
        self._done = parts.done()
        self._people = 0

    def people(self) -> int:
        """Do it; return how many people there were."""
        with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
            writing: list[Future[None]] = []
            for number, table in self._in_order(reader):
                writing.append(writer.submit(self._write, number, table))
                while len(writing) > _AHEAD:
                    writing.pop(0).result()
            for left in writing:
                left.result()
        return self._people

    def _in_order(self, reader: ThreadPoolExecutor) -> Iterator[tuple[int, Any]]:
        """Yield each part as integers, in the order of the people."""
        columns = (PERSON, *self.program.columns)
        following = self.source.read(columns, self._done)
        coming = reader.submit(next, following, None)
        number = 0
        while (found := coming.result()) is not None:
            coming = reader.submit(next, following, None)
            yield from self._kept(number, found[0])
            number = found[0] + 1
            yield found[0], self._classified(found[1])
        yield from self._kept(number, self.source.parts or number)

    def _kept(self, first: int, end: int) -> Iterator[tuple[int, Any]]:
        for number in range(first, end):
            yield number, self.parts.read(number)

    def _classified(self, table: Any) -> Any:
        """Return people and outputs as integers: small to keep, quick to write."""
        steps = steps_of(table, self.program.schedule, self.program.outputs)
        names = [PERSON, *(output.name for output in self.program.outputs)]
        return pa.table([table.column(PERSON), *map(pa.array, steps)], names=names)

    def _write(self, number: int, table: Any) -> None:
        if number not in self._done and self.source.parts is not None and self.source.parts > 1:
            self.parts.keep(number, table)
        arrays = [output_array(output, table.column(i).combine_chunks().to_numpy())
                  for i, output in enumerate(self.program.outputs, 1)]  # fmt: skip
        names = [PERSON, *(output.name for output in self.program.outputs)]
        self.rows.write(pa.table([table.column(PERSON), *arrays], names=names))
        self._people += table.num_rows
        if self.progress:
            self.progress(self._people)
