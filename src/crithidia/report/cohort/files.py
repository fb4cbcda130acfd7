"""The sheets of a description as files: CSV, JSON, Parquet."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.cohort.describe import Sheet


def to_csv(sheet: Sheet) -> bytes:
    """Return comma-separated values, UTF-8; an empty cell has no value."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows(sheet.rows)
    return stream.getvalue().encode()


def to_json(sheet: Sheet) -> bytes:
    """Return a list with one object a row."""
    return (json.dumps(list(sheet.records()), ensure_ascii=False, indent=1) + "\n").encode()


def to_parquet(sheet: Sheet) -> bytes:
    """Return a Parquet file with the columns of the sheet."""
    import pyarrow as pa
    from pyarrow import parquet

    stream = BytesIO()
    parquet.write_table(pa.table({name: list(sheet.column(name)) for name in sheet.columns}), stream)
    return stream.getvalue()


SHEET_FORMATS: Final[Mapping[str, Callable[[Sheet], bytes]]] = {
    "csv": to_csv, "json": to_json, "parquet": to_parquet,
}  # fmt: skip
