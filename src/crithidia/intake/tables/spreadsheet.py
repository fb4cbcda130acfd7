"""Spreadsheets: Excel and OpenDocument, one sheet, the header in its first row that is not blank."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from crithidia.foundation.problems import Position, did_you_mean, refuse
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
    from python_calamine import CalamineError, CalamineWorkbook

    where = Position(str(path), 1)
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise refuse(f"not readable as a spreadsheet: {error}", where, "save it again, or as CSV") from None
    sheet = options.get("sheet") or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise refuse(f"there is no sheet '{sheet}'", where,
                     did_you_mean(sheet, book.sheet_names) or f"its sheets: {', '.join(book.sheet_names)}")
    data = book.get_sheet_by_name(sheet)
    first = (data.start or (0, 0))[0] + 1
    rows = [(number, row) for number, row in enumerate(data.to_python(), first) if any(map(_filled, row))]
    if not rows:
        raise refuse("the sheet is empty", where, "name another one with file: {sheet: ...}")
    names = unique_names([text_of(value) for value in rows[0][1]], where)
    return Spreadsheet(f"{path.name} [{sheet}]", names, rows[1:], len(rows) - 1)


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""
