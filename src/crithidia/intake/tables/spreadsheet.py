"""Spreadsheets: Excel and OpenDocument, one sheet, the header in its first row that is not blank."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from crithidia.foundation.problems import Position, did_you_mean, refuse, shown
from crithidia.intake.tables.opendocument import merged_rows
from crithidia.intake.tables.source import NOTHING, ROWS, Batch, Described, text_of, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Spreadsheet:
    """One sheet; rows are numbered as the spreadsheet shows them."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[int, list[Any]]]
    total: int | None
    described: Described = NOTHING

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order."""
        rows = iter(self.rows)
        width = len(self.columns)
        while block := list(islice(rows, ROWS)):
            cells = [[text_of(value) for value in (*row, *[None] * width)][:width] for _, row in block]
            columns = dict(zip(self.columns, zip(*cells, strict=True), strict=True))
            yield Batch([number for number, _ in block], columns)


def open_file(path: Path, options: Mapping[str, str]) -> Spreadsheet:
    """Open a sheet, the first unless one is named. Raises ``InputError``."""
    from python_calamine import CalamineError, PasswordError

    where = Position(str(path), 1)
    try:
        sheet, first, cells, merged = _read(path, options.get("sheet", ""), where)
    except PasswordError:
        raise refuse("it is protected by a password", where, "save it without one") from None
    except (CalamineError, OSError) as error:
        raise refuse(f"not readable as a spreadsheet: {error}", where, "save it again, or as CSV") from None
    rows = [(number, row) for number, row in enumerate(cells, first) if any(map(_filled, row))]
    if not rows:
        raise refuse(f"the sheet '{shown(sheet)}' is empty", where,
                     "name another one with file: {sheet: ...}")  # fmt: skip
    header, names = rows[0]
    if header in merged:
        raise refuse("cells of the row with the names of the columns are merged", Position(str(path), header),
                     "keep one row of names, one cell for each column, and no title above it")  # fmt: skip
    columns = unique_names([text_of(value) for value in names], where)
    return Spreadsheet(f"{path.name} [{sheet}]", columns, rows[1:], len(rows) - 1)


def _read(path: Path, wanted: str, where: Position) -> tuple[str, int, list[list[Any]], frozenset[int]]:
    """Return the name of the sheet, the number of its first row, its rows, and which have merged cells."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    known = book.sheet_names
    if not known:
        raise refuse("there is no sheet in it", where, "save it again, or as CSV")
    sheet = wanted or known[0]
    if sheet not in known:
        raise refuse(f"there is no sheet '{shown(sheet)}'", where,
                     did_you_mean(sheet, known) or f"its sheets: {', '.join(known)}")  # fmt: skip
    data = book.get_sheet_by_name(sheet)
    if path.suffix.lower() == ".ods":
        merged = merged_rows(path, sheet)
    else:
        merged = frozenset(row + 1 for (top, _), (bottom, _) in data.merged_cell_ranges or ()
                           for row in range(top, bottom + 1))  # fmt: skip
    return sheet, (data.start or (0, 0))[0] + 1, data.to_python(), merged


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""
