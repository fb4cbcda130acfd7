"""A table of any format as batches of text, with the row of each: what all readers give.

Numbers, dates and truths of typed formats become the text that a person would write, so that one way of
reading serves all. Nothing is dropped: a row that cannot be read as one of the table is given as such.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, Protocol

from crithidia.foundation.problems import Position, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

ROWS: Final = 20_000
_READERS: Final = {
    ".csv": "delimited", ".tsv": "delimited", ".txt": "delimited", ".xlsx": "spreadsheet",
    ".xls": "spreadsheet", ".xlsm": "spreadsheet", ".xlsb": "spreadsheet", ".ods": "spreadsheet",
    ".parquet": "columnar",
    ".sav": "statistics", ".zsav": "statistics", ".por": "statistics", ".dta": "statistics",
    ".sas7bdat": "statistics", ".xpt": "statistics",
}  # fmt: skip
_OF_FHIR: Final = "FHIR needs no mapping: crithidia cohort convert; else save the table as CSV"


@dataclass(frozen=True)
class Uneven:
    """A row whose cells do not fit the header."""

    row: int
    cells: int
    message: str


@dataclass(frozen=True)
class Batch:
    """Rows in file order: their numbers, and for each column a list of texts (None is empty)."""

    rows: Sequence[int]
    columns: Mapping[str, Sequence[str | None]]
    uneven: tuple[Uneven, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Described:
    """What the file says of its columns: labels of codes, codes that mean missing, the column's own label.

    ``counts`` is how a number in a column of dates counts, one of ``dates.COUNTS``.
    """

    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    counts: str = "excel"


NOTHING: Final = Described()


class Table(Protocol):
    """A table that can be read once or several times, from its beginning."""

    name: str
    columns: tuple[str, ...]
    described: Described
    total: int | None

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order."""


def open_table(path: Path, options: Mapping[str, str] | None = None) -> Table:
    """Open a file by its ending. Raises ``InputError`` for what cannot be read."""
    from importlib import import_module

    kind = _READERS.get(path.suffix.lower())
    where = Position(str(path), 1)
    if kind is None:
        known = f"known: {', '.join(sorted(_READERS))}"
        raise refuse(f"'{path.suffix}' is not a table that is read here", where,
                     _OF_FHIR if path.suffix.lower() in {".json", ".ndjson"} else known)  # fmt: skip
    if path.is_dir():
        raise refuse("this is a folder, not a file", where, "name the file in it")
    if not path.is_file():
        raise refuse("there is no such file", where, "check the path")
    _check_kind(path, where)
    module = import_module(f"crithidia.intake.tables.{kind}")
    table: Table = module.open_file(path, dict(options or {}))
    return table


def _check_kind(path: Path, where: Position) -> None:
    """Refuse a file whose ending says another thing than its first bytes."""
    from crithidia.intake.tables.kinds import kind_of

    try:
        found = kind_of(path)
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}", where, "check the file") from None
    if found and path.suffix.lower() not in found[1]:
        endings = " or ".join(found[1])
        raise refuse(f"the name ends in '{path.suffix}', but this is {found[0]}", where,
                     f"give it the ending {endings}" if endings else "save the table as CSV")  # fmt: skip


def unique_names(header: Sequence[str | None], where: Position) -> tuple[str, ...]:
    """Return the names of the columns; nameless ones are called by their number. Refuses doubles."""
    names = [(name or "").strip() or f"column {number}" for number, name in enumerate(header, 1)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise refuse(f"two columns are called '{doubled[0]}'", where, "rename one of them")
    return tuple(names)


def text_of(value: Any) -> str | None:
    """Return a typed cell as text: 3 for 3.0, true for True, 2022-05-01 for a date at midnight."""
    if value is None or value != value:  # noqa: PLR0124  (NaN)
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format_float(value)


def format_float(value: float) -> str:
    """Return the shortest decimal that is this double, without an exponent.

    A fourth digit after the point keeps ``1.234`` from being taken for a number with thousands parted.
    """
    from decimal import Decimal

    text = format(Decimal(repr(value)), "f")
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text
