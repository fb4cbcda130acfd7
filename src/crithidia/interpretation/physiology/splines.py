"""The tables of splines that the LMS equations need: one row a quarter of a year of age.

Read from the package ``spiref`` (GLI-2012) or from the workbooks that a user has installed
(``crithidia reference install``). Between two rows the splines are interpolated, as the task force's
own macros do. Refuses to extrapolate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.cache import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEP: Final = 0.25
_COLUMNS: Final = ("lspline", "mspline", "sspline")

Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Splines:
    """The L, M and S splines of one measurement for one sex, from ``first`` in steps of ``STEP``."""

    first: float
    rows: tuple[Row, ...]

    @property
    def last(self) -> float:
        """Return the highest age in the table."""
        return self.first + STEP * (len(self.rows) - 1)

    def at(self, age: float) -> Row | None:
        """Return the splines at an age in years, or None outside the table."""
        if not self.first <= age <= self.last:
            return None
        place = (age - self.first) / STEP
        index = min(int(place), len(self.rows) - 2)
        weight = place - index
        here, there = self.rows[index], self.rows[index + 1]
        return (_between(here[0], there[0], weight), _between(here[1], there[1], weight),
                _between(here[2], there[2], weight))  # fmt: skip


def _between(here: float, there: float, weight: float) -> float:
    return here + weight * (there - here)


Tables = "Mapping[tuple[str, str], Splines]"
_FORMAT: Final = 1


@lru_cache(maxsize=4)
def packaged(package: str, file: str, sheets: tuple[tuple[str, str], ...],
             ) -> Mapping[tuple[str, str], Splines] | None:  # fmt: skip
    """Return the tables that a package ships, by parameter and sex; None if it is not installed.

    ``sheets`` pairs the parameters with the first word of their worksheets. The package's own
    functions are not used: ``spiref`` 1.0.4 takes no L spline and does not interpolate.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None or find_spec("openpyxl") is None:
        return None
    path = Path(spec.origin).parent / file
    state = path.stat()
    key = hashlib.sha256(repr((package, file, sheets, state.st_size, state.st_mtime_ns)).encode()).hexdigest()
    kept = remembered(f"tables-{_FORMAT}-{key[:16]}", lambda: _plain_tables(path, sheets))
    return {(parameter, sex): Splines(first, tuple((row[0], row[1], row[2]) for row in rows))
            for parameter, sex, first, rows in kept}  # fmt: skip


def _plain_tables(path: Path, sheets: tuple[tuple[str, str], ...]) -> list[Any]:
    """Read the worksheets of both sexes; opening a workbook takes longer than assessing a case."""
    book = open_workbook(path)
    try:
        return [
            [parameter, sex, table.first, table.rows]
            for parameter, sheet in sheets
            for sex, plural in (("female", "females"), ("male", "males"))
            for table in (_read(book[f"{sheet} {plural}"]),)
        ]
    finally:
        book.close()


def open_workbook(path: Path) -> Any:
    """Open a workbook for reading, values only. Heavy: called only where a table is needed.

    Raises ``ValueError``, ``KeyError``, ``OSError`` or ``BadZipFile`` for what is no workbook.
    """
    from importlib import import_module

    unreadable = import_module("openpyxl.utils.exceptions").InvalidFileException
    try:
        return import_module("openpyxl").load_workbook(path, read_only=True, data_only=True)
    except unreadable as error:
        raise ValueError(str(error)) from error


def _read(sheet: Any) -> Splines:
    """Read a worksheet of the task force: a header with the names of the splines, rows with an age.

    What stands below the last age (one sheet has a spare row) is no part of the table.
    """
    rows = list(sheet.iter_rows(min_col=1, max_col=6, values_only=True))
    start, columns = header_of(rows)
    found: list[Row] = []
    for row in rows[start + 1 :]:
        cells = [row[columns[name]] for name in ("age", *_COLUMNS)]
        if all(isinstance(cell, (int, float)) for cell in cells):
            found.append((float(cells[1]), float(cells[2]), float(cells[3])))
    return Splines(float(rows[start + 1][columns["age"]]), tuple(found))


def header_of(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """Return the row of the header and the columns of age and splines by their folded names.

    Raises ``LookupError`` where there is none.
    """
    for index, row in enumerate(rows):
        columns = {folded(cell): place for place, cell in reversed(list(enumerate(row)))
                   if isinstance(cell, str)}  # fmt: skip
        if {"age", "mspline"} <= set(columns):
            return index, columns
    msg = "no header with age and Mspline"
    raise LookupError(msg)


def folded(words: object) -> str:
    """Return letters and digits only, in lower case: ``M Spline`` is mspline."""
    return "".join(c for c in str(words).lower() if c.isalnum())
