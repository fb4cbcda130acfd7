"""Parquet files, a row group at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.tables.source import NOTHING, ROWS, Batch, Described, text_of, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Columnar:
    """A Parquet file; rows count from 1."""

    path: Path
    name: str
    columns: tuple[str, ...]
    total: int | None
    described: Described = NOTHING

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order."""
        import pyarrow.parquet as pq

        first = 1
        for batch in pq.ParquetFile(self.path).iter_batches(ROWS):
            columns = {name: _texts(column) for name, column in zip(self.columns, batch.columns, strict=True)}
            yield Batch(range(first, first + batch.num_rows), columns)
            first += batch.num_rows


def _texts(column: Any) -> list[str | None]:
    """Return a column as text; each distinct value is turned into text once."""
    encoded = column if hasattr(column, "dictionary") else column.dictionary_encode()
    texts = [text_of(value) for value in encoded.dictionary.to_pylist()]
    return [None if index is None else texts[index] for index in encoded.indices.to_pylist()]


def open_file(path: Path, options: Mapping[str, str]) -> Columnar:
    """Open a file. Raises ``InputError``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    del options
    where = Position(str(path), 1)
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise refuse(f"not readable as Parquet: {error}", where, "write the file again") from None
    return Columnar(path, path.name, unique_names(file.schema_arrow.names, where), file.metadata.num_rows)
