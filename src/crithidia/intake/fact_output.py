"""Writing facts and rejects, so that either the whole conversion is there or what was there before."""

from __future__ import annotations

import csv
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import COLUMNS, FactRow, arrow_schema
from crithidia.foundation.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from crithidia.intake.ledger import Reject

_ROWS: Final = 200_000
_HEADER: Final = ("row", "column", "value", "reason", "message", "remedy", "person", "pieces")
_GIVEN: Final = ("person_id", "at", "until", "explained_by", "source", "site")
_TEMPLATE: Final = tuple(column.name for column in COLUMNS if column.name not in _GIVEN)


class _NoFacts(Exception):  # noqa: N818  (nobody sees it)
    """Ends the writing of a file of facts that is not wanted."""


class FactOutput:
    """A context in which facts are added; leaving it in peace puts the files in their place.

    Without a fact the file of facts is written only if ``even_empty``, the rejects in any case.
    """

    def __init__(self, target: Path, rejects: Path | None = None, *, with_site: bool = False,
                 even_empty: bool = True) -> None:  # fmt: skip
        self.target, self.rejects, self.with_site = target, rejects, with_site
        self.even_empty = even_empty
        self._facts, self._stack = ExitStack(), ExitStack()
        self._waiting: list[Any] = []
        self._rows = 0
        self._is_empty = True

    def __enter__(self) -> FactOutput:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.schema = arrow_schema()
        if self.with_site:
            self.schema = self.schema.append(pa.field("site", pa.string()))
        partial = self._facts.enter_context(replacing(self.target))
        self._writer = self._facts.enter_context(pq.ParquetWriter(partial, self.schema, compression="zstd"))
        self._rejects: Any = None
        if self.rejects:
            path = self._stack.enter_context(replacing(self.rejects))
            stream = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            self._rejects = csv.writer(stream)
            self._rejects.writerow(_HEADER)
        return self

    def __exit__(self, *exception: Any) -> None:
        if exception[0] is not None:
            self._facts.__exit__(*exception)
            self._stack.__exit__(*exception)
            return
        with self._stack, suppress(_NoFacts), self._facts:
            self._flush()
            if self._is_empty and not self.even_empty:
                raise _NoFacts

    def add(self, templates: Sequence[FactRow], indices: Any, given: Mapping[str, Any]) -> None:
        """Add facts: which template each follows, and person, time and source of each.

        ``indices`` and the columns ``given`` are sequences or Arrow or numpy arrays.
        """
        if not len(indices):
            return
        import pyarrow as pa

        self._is_empty = False
        which = pa.array(indices, pa.int32())
        columns = []
        for field in self.schema:
            if field.name in _TEMPLATE:
                values = pa.array([getattr(row, field.name) for row in templates], field.type)
                columns.append(values.take(which))
            elif field.name in given:
                values = given[field.name]
                columns.append(values.cast(field.type) if isinstance(values, pa.Array)
                               else pa.array(values, field.type))  # fmt: skip
            else:
                columns.append(pa.nulls(len(indices), field.type))
        self._keep(pa.record_batch(columns, schema=self.schema))

    def add_rows(self, rows: Sequence[FactRow]) -> None:
        """Add whole rows."""
        given = {name: [getattr(row, name) for row in rows] for name in _GIVEN if name != "site"}
        self.add(rows, range(len(rows)), given)

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Write down what could not be used."""
        if self._rejects is not None:
            self._rejects.writerows([getattr(reject, name) for name in _HEADER] for reject in rejects)

    def _keep(self, batch: Any) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self.schema))
        self._waiting, self._rows = [], 0
