"""How the cells of a CSV file are read, for one person and for a cohort alike.

A column of a wide table holds what its concept says, one of a table of facts what that column holds;
``person_id`` and any other column is text, so that the person 007 is not the person 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import COLUMNS, holds_facts, kinds_of_columns
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CSV_TRUE: Final = ("true", "True", "TRUE", "1", "t")
CSV_FALSE: Final = ("false", "False", "FALSE", "0", "f")
CSV_NULL: Final = ("", "NA", "NaN", "nan")
_HEADER: Final = 1 << 20


def kinds_in_csv(names: Iterable[str]) -> dict[str, str]:
    """Return what the columns of a CSV file hold: bool, double, string or date."""
    names = list(names)
    if not holds_facts(names):
        known = kinds_of_columns(shipped_vocabulary())
    else:  # truth is 1 or 0, or true or false, as in Parquet
        known = {column.name: "bool" if column.type == "int8" else column.type for column in COLUMNS}
    return {name: known.get(name, "string") for name in names}


def csv_schema(path: Path) -> Any:
    """Return the columns of a CSV file with their Arrow types; only its beginning is read."""
    import pyarrow as pa
    from pyarrow import csv

    with csv.open_csv(path, read_options=csv.ReadOptions(block_size=_HEADER)) as reader:
        names = reader.schema.names
    types = {"bool": pa.bool_(), "double": pa.float64(), "string": pa.string(), "date": pa.date32()}
    return pa.schema([(name, types[kind]) for name, kind in kinds_in_csv(names).items()])


def csv_options(schema: Any, columns: Sequence[str] = ()) -> Any:
    """Return how Arrow converts the cells of a CSV file, of all its columns or of some."""
    from pyarrow import csv

    return csv.ConvertOptions(
        column_types=schema, include_columns=list(columns), strings_can_be_null=True,
        null_values=list(CSV_NULL), true_values=list(CSV_TRUE), false_values=list(CSV_FALSE),
    )  # fmt: skip
