"""A Parquet or CSV file of people as DuckDB reads it, under the names that its columns have.

DuckDB takes no notice of case in names: where a file has ``Sex`` and ``sex``, the second is called ``sex_1``.
So columns are found by their place. What is no concept's column gets a name by its place, as two that differ
in case only cannot stand in one table. People are named as everywhere (``case.person_names``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case.csv_table import CSV_NULL
from crithidia.case.fact_table import COLUMNS, PERSON, kinds_of_columns
from crithidia.case.person_names import DECIMALS, LARGEST
from crithidia.cohort.sources import CsvSource, open_source
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_NUMBERS = ("FLOAT", "DOUBLE")


def people_in_duckdb(connection: Any, path: Path) -> tuple[Any, Mapping[str, str]]:
    """Return the Ibis table of a file, and what each column of the file is called in it.

    The cells of CSV stay text. Raises ``InputError`` for a file that cannot be read.
    """
    source = open_source(path)
    csv = isinstance(source, CsvSource)
    read = _reading_csv(path) if csv else f"read_parquet({_text(path)})"
    described = connection.raw_sql(f"DESCRIBE SELECT * FROM {read}").fetchall()  # noqa: S608
    own = {name: name if name in _known() else f"column_{place}"
           for place, name in enumerate(source.schema.names)}  # fmt: skip
    numbered = isinstance(source, CsvSource) and source.numbered
    chosen = ", ".join(
        f"{_person(held, kind, numbered=numbered) if name == PERSON else quoted(held)} AS {quoted(own[name])}"
        for name, (held, kind, *_) in zip(source.schema.names, described, strict=True)
    )
    connection.raw_sql(f"CREATE OR REPLACE TEMPORARY VIEW people AS SELECT {chosen} FROM {read}")  # noqa: S608
    return connection.table("people"), own


def _known() -> frozenset[str]:
    return frozenset([PERSON, *(c.name for c in COLUMNS), *kinds_of_columns(shipped_vocabulary())])


def _reading_csv(path: Path) -> str:
    nothing = ", ".join(map(_text, CSV_NULL))
    return f"read_csv({_text(path)}, all_varchar = true, header = true, nullstr = [{nothing}])"


def person_in_parquet(connection: Any, path: str, names: Sequence[str]) -> str:
    """Return the SQL of the names of people in a Parquet file with those columns."""
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": path}).fetchall()
    held, kind = described[list(names).index(PERSON)][:2]
    return _person(held, kind, numbered=False)


def _person(held: str, kind: str, *, numbered: bool) -> str:
    """Return the SQL of a person's name; ``numbered``: each is the text of a whole number with ``.0``."""
    column = quoted(held)
    if kind in _NUMBERS:
        return (f"CASE WHEN isnan({column}) THEN NULL WHEN {column} = floor({column}) AND "
                f"abs({column}) < {LARGEST!r} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
                f"ELSE CAST({column} AS VARCHAR) END")  # fmt: skip
    if kind.startswith("DECIMAL"):
        short = rf"regexp_replace(CAST({column} AS VARCHAR), '(\.[0-9]*[1-9])0+$', '\1')"
        return f"regexp_replace({short}, '{DECIMALS}', '')"
    return f"regexp_replace({column}, '{DECIMALS}', '')" if numbered else column


def quoted(name: str) -> str:
    """Return an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(words: object) -> str:
    return "'" + str(words).replace("'", "''") + "'"
