"""Files of an OMOP database as DuckDB reads them: CSV, packed or not, Parquet, and folders of Parquet.

How a CSV file is written is told by its header alone. A guess from its rows takes one broken row for a sign
that all are written in another way.
"""

from __future__ import annotations

import csv
import gzip
import re
from typing import TYPE_CHECKING, Final

from crithidia.foundation.problems import Position, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.foundation.problems import InputError

# The tables that are read: a file of such a name in another format would be left out unnoticed.
READ: Final = ("person", "condition_occurrence", "measurement", "observation", "drug_exposure")
_LINE: Final = re.compile(r"CSV Error on Line: ([0-9]+)")
_FILE: Final = re.compile(r"^file = (.*)$", re.MULTILINE)
_DELIMITERS: Final = ",\t;|"
_PACKED: Final = ".csv.gz"


def relation(file: Path) -> tuple[str, str] | None:
    """Return the table that a file or folder holds, and what DuckDB reads it with; nothing for other things.

    Raises ``InputError`` for a table that would be read if it were in another format.
    """
    name = file.name.lower()
    table = name.partition(".")[0]
    if file.is_dir():
        if any(file.rglob("*.parquet")):
            return name, f"read_parquet({_text(f'{file}/**/*.parquet')}, union_by_name = true)"
    elif name.endswith(".parquet"):
        return file.stem.lower(), f"read_parquet({_text(str(file))})"
    elif name.endswith((".csv", _PACKED)):
        header = _header(file)
        return (name.removesuffix(".gz").removesuffix(".csv"), _csv(file, header)) if header else None
    if table in READ and (file.is_dir() or file.stat().st_size):
        raise refuse(f"the table '{table}' is in a format that is not read", Position(str(file), 1),
                     "write it as .csv, .csv.gz or .parquet")  # fmt: skip
    return None


def _header(file: Path) -> str:
    opener = gzip.open if file.name.lower().endswith(".gz") else open
    try:
        with opener(file, "rt", encoding="utf-8-sig", errors="replace") as stream:
            return str(stream.readline()).rstrip("\r\n")
    except (OSError, EOFError, ValueError) as error:
        raise refuse(f"not readable: {error}", Position(str(file), 1), "check the file") from None


def _csv(file: Path, header: str) -> str:
    """Return the reader of a CSV file; text parted by tabs, such as a vocabulary of Athena, has no quotes."""
    delimiter = max(_DELIMITERS, key=header.count)
    quote = "" if delimiter == "\t" else '"'
    [names] = csv.reader([header], delimiter=delimiter, quotechar=quote or None,
                         quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)  # fmt: skip
    called = [name.strip() or f"column {number}" for number, name in enumerate(names, 1)]
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in called)
    return (f"read_csv({_text(str(file))}, auto_detect = false, header = true, columns = {{{columns}}}, "
            f"delim = {_text(delimiter)}, quote = {_text(quote)}, escape = {_text(quote)}, "
            "nullstr = ['', 'NULL', 'NA', '\\N'])")  # fmt: skip


def complaint(error: Exception, name: str) -> InputError:
    """Return what a database says when it cannot read on: of a CSV file, which line and why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = "\n".join(lines)
    line, file = _LINE.search(text), _FILE.search(text)
    if line is None or file is None:
        return refuse(f"not readable: {lines[0]}", Position(name, 1), "check the file")
    reason = next((said for said in lines[1:] if not said.startswith("Original Line")), lines[0])
    return refuse(f"not readable: {reason}", Position(file[1], int(line[1])), "correct the row")


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
