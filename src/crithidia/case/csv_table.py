"""How the cells of a CSV file are read, for one person and for a cohort alike.

A column of a wide table holds what its concept says, one of a table of facts what that column holds;
``person_id`` and any other column is text, so that the person 007 is not the person 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import COLUMNS, holds_facts, kinds_of_columns
from crithidia.foundation.problems import refuse, shown
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# 1.0 and 0.0 are how pandas writes 1 and 0 of a column with gaps
CSV_TRUE: Final = ("true", "True", "TRUE", "1", "1.0", "t")
CSV_FALSE: Final = ("false", "False", "FALSE", "0", "0.0", "f")
CSV_NULL: Final = ("", "NA", "NaN", "nan")
_HEADER: Final = 1 << 20
_CELL: Final = re.compile(
    r"In CSV column #(?P<column>\d+): (?:Row #(?P<row>\d+): )?CSV conversion error to (?P<kind>\S+): "
    r"invalid value '(?P<cell>.*)'"
)


def kinds_in_csv(names: Iterable[str]) -> dict[str, str]:
    """Return what the columns of a CSV file hold: bool, double, string or date."""
    names = list(names)
    if not holds_facts(names):
        known = kinds_of_columns(shipped_vocabulary())
    else:  # truth is 1 or 0, or true or false, as in Parquet
        known = {column.name: "bool" if column.type == "int8" else column.type for column in COLUMNS}
    return {name: known.get(name, "string") for name in names}


def csv_schema(path: Path) -> Any:
    """Return the columns of a CSV file with their Arrow types; only its beginning is read.

    Raises ``InputError`` for a file that is not UTF-8, and for columns that are not separated by commas.
    """
    import pyarrow as pa
    from pyarrow import csv

    _refuse_other_separators(path)
    try:
        with csv.open_csv(path, read_options=csv.ReadOptions(block_size=_HEADER)) as reader:
            names = reader.schema.names
    except UnicodeDecodeError:
        raise refuse(f"{path}: is not encoded in UTF-8", None,
                     f"save it as UTF-8, or convert it: crithidia cohort map {path} --encoding cp1250"
                     ) from None  # fmt: skip
    types = {"bool": pa.bool_(), "double": pa.float64(), "string": pa.string(), "date": pa.date32()}
    return pa.schema([(name, types[kind]) for name, kind in kinds_in_csv(names).items()])


def _refuse_other_separators(path: Path) -> None:
    with path.open("rb") as file:
        header = file.readline(_HEADER)
    for separator, name in ((b";", "semicolons"), (b"\t", "tabs")):
        if separator in header and b"," not in header:
            raise refuse(f"{path}: the columns are separated by {name}, not by commas", None,
                         f"separate them by commas, or convert it: crithidia cohort map {path}")  # fmt: skip


def csv_error(error: Exception, names: Sequence[str]) -> str:
    """Return what Arrow says of a CSV file with those columns, on one line, the column by its name."""
    said = str(error).partition("\n")[0]
    match = _CELL.search(said)
    if match is None:
        return said
    row = f" in row {match['row']}" if match["row"] else ""
    kind = {"bool": "true or false", "double": "a number", "date32[day]": "a date"}.get(
        match["kind"], match["kind"])  # fmt: skip
    return f"column '{names[int(match['column'])]}' holds '{shown(match['cell'])}'{row}, which is not {kind}"


def csv_options(schema: Any, columns: Sequence[str] = ()) -> Any:
    """Return how Arrow converts the cells of a CSV file, of all its columns or of some."""
    from pyarrow import csv

    return csv.ConvertOptions(
        column_types=schema, include_columns=list(columns), strings_can_be_null=True,
        null_values=list(CSV_NULL), true_values=list(CSV_TRUE), false_values=list(CSV_FALSE),
    )  # fmt: skip
