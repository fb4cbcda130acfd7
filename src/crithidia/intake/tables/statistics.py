"""Files of statistics packages: SPSS, Stata, SAS. Labels of codes and user-defined missing codes are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse
from crithidia.intake.tables.cells import USER_MISSING
from crithidia.intake.tables.source import ROWS, Batch, Described, text_of, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_READERS: Final = {".sav": "read_sav", ".zsav": "read_sav", ".por": "read_por", ".dta": "read_dta",
                   ".sas7bdat": "read_sas7bdat", ".xpt": "read_xport"}  # fmt: skip
_USER_MISSING: Final = frozenset({".sav", ".zsav", ".dta", ".sas7bdat"})


@dataclass(frozen=True)
class StatisticsFile:
    """A file of a statistics package; rows count from 1."""

    path: Path
    name: str
    columns: tuple[str, ...]
    described: Described
    total: int | None = None
    ranges: Mapping[str, tuple[tuple[Any, Any], ...]] = field(default_factory=dict)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order."""
        first = 0
        while True:
            frame, _ = _read(self.path, row_offset=first, row_limit=ROWS)
            count = len(next(iter(frame.values()), ()))
            if not count:
                return
            columns = {name: self._texts(name, values) for name, values in zip(self.columns, frame.values(),
                                                                               strict=True)}  # fmt: skip
            yield Batch(range(first + 1, first + count + 1), columns)
            first += count

    def _texts(self, name: str, values: Any) -> list[str | None]:
        ranges = self.ranges.get(name, ())
        return [_missing(value) if ranges and _within(value, ranges) else text_of(_plain(value))
                for value in values]  # fmt: skip


def _missing(value: Any) -> str:
    """Mark a code inside a declared range of missing codes, so that it is known as such."""
    return f"{USER_MISSING}{text_of(_plain(value))}"


def _within(value: Any, ranges: tuple[tuple[Any, Any], ...]) -> bool:
    try:
        return value is not None and any(low <= value <= high for low, high in ranges)
    except TypeError:
        return False


def _plain(value: Any) -> Any:
    """Return a Python value for one of numpy."""
    return value.item() if hasattr(value, "item") else value


def open_file(path: Path, options: Mapping[str, str]) -> StatisticsFile:
    """Open a file. Raises ``InputError``."""
    del options
    _, meta = _read(path, metadataonly=True)
    names = unique_names(meta.column_names, Position(str(path), 1))
    labels = {name: {str(text_of(_plain(code))): str(label) for code, label in found.items()}
              for name, found in meta.variable_value_labels.items()}  # fmt: skip
    titles = {name: label for name, label in meta.column_names_to_labels.items() if label}
    ranges = {name: tuple((part["lo"], part["hi"]) for part in parts)
              for name, parts in meta.missing_ranges.items()}  # fmt: skip
    missing = {name: frozenset(map(str, codes)) for name, codes in meta.missing_user_values.items()}
    described = Described(labels, missing, titles)
    return StatisticsFile(path, path.name, names, described, meta.number_rows, ranges)


def _read(path: Path, **rows: Any) -> Any:
    import pyreadstat

    kind = path.suffix.lower()
    extra = {"user_missing": True} if kind in _USER_MISSING else {}
    try:
        return getattr(pyreadstat, _READERS[kind])(str(path), output_format="dict", **extra, **rows)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError) as error:
        raise refuse(f"not readable: {error}", Position(str(path), 1), "export the file again") from None
