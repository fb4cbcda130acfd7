"""Files of statistics packages: SPSS, Stata, SAS. Labels of codes and user-defined missing codes are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from os import SEEK_END
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import Position, refuse, shown
from crithidia.intake.tables.cells import USER_MISSING
from crithidia.intake.tables.source import ROWS, Batch, Described, text_of, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crithidia.foundation.problems import InputError

_READERS: Final = {".sav": "read_sav", ".zsav": "read_sav", ".por": "read_por", ".dta": "read_dta",
                   ".sas7bdat": "read_sas7bdat", ".xpt": "read_xport"}  # fmt: skip
_USER_MISSING: Final = frozenset({".sav", ".zsav", ".dta", ".sas7bdat"})
_COUNTS: Final = {".sav": "spss", ".zsav": "spss", ".por": "spss", ".dta": "stata", ".sas7bdat": "sas",
                  ".xpt": "sas"}  # fmt: skip
# Stata up to 13 does not say how its text is encoded: it is taken for what CSV without UTF-8 is taken for.
_OLD_STATA: Final = re.compile(rb"(?!<stata_dta>)|<stata_dta><header><release>11[0-7]<")
_FALLBACK: Final = "WINDOWS-1250"
_RECORD: Final = 80
_STATA_BEGIN, _STATA_END = b"<stata_dta>", b"</stata_dta>"
_NOT_DECODED: Final = "requested encoding"
_NO_ENCODING: Final = "character set"
_ENCODING: Final = "give file: {encoding: windows-1250} in the mapping, or --encoding"
_AS_SAV: Final = "save it as .sav"


@dataclass(frozen=True)
class StatisticsFile:
    """A file of a statistics package; rows count from 1."""

    path: Path
    name: str
    columns: tuple[str, ...]
    described: Described
    total: int | None = None
    ranges: Mapping[str, tuple[tuple[Any, Any], ...]] = field(default_factory=dict)
    numeric: frozenset[str] = frozenset()
    encoding: str = ""
    kept: tuple[str, ...] = ()

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in order."""
        first, as_numbers = 0, set[str]()
        while True:
            frame = self._frame(as_numbers, row_offset=first, row_limit=ROWS)
            count = len(next(iter(frame.values()), ()))
            if not count:
                return
            columns = {name: self._texts(name, frame[kept])
                       for name, kept in zip(self.columns, self.kept, strict=True)}  # fmt: skip
            yield Batch(range(first + 1, first + count + 1), columns)
            first += count

    def _frame(self, as_numbers: set[str], **rows: int) -> dict[str, Any]:
        """Return some rows; a column with a date that no calendar has is read as numbers from there on."""
        usual = [name for name in self.kept if name not in as_numbers]
        try:
            frame = self._read(usual, **rows)
        except OverflowError:
            as_numbers.update(self._beyond(usual, **rows))
            return self._frame(as_numbers, **rows)
        return frame | self._read(sorted(as_numbers), disable_datetime_conversion=True, **rows)

    def _beyond(self, names: list[str], **rows: int) -> Iterator[str]:
        """Yield the columns that hold a date beyond the calendar."""
        try:
            self._read(names, **rows)
        except OverflowError:
            half = len(names) // 2
            for some in (names[:half], names[half:]) if half else ():
                yield from self._beyond(some, **rows)
            if not half:
                yield names[0]

    def _read(self, names: list[str], **options: Any) -> dict[str, Any]:
        some = {} if len(names) == len(self.kept) else {"usecols": names}
        found: dict[str, Any] = _read(self.path, self.encoding, **some, **options)[0] if names else {}
        return found

    def _texts(self, name: str, values: Any) -> list[str | None]:
        ranges, is_numeric = self.ranges.get(name, ()), name in self.numeric
        return [_missing(value) if _within(value, ranges) or (is_numeric and isinstance(value, str))
                else text_of(_plain(value)) for value in values]  # fmt: skip


def _missing(value: Any) -> str:
    """Mark a code that the file declares as missing, so that it is known as such.

    SPSS declares numbers or ranges of them; Stata and SAS have letters that stand for a missing number.
    """
    return f"{USER_MISSING}{text_of(_plain(value))}"


def _within(value: Any, ranges: tuple[tuple[Any, Any], ...]) -> bool:
    try:
        return bool(ranges) and value is not None and any(low <= value <= high for low, high in ranges)
    except TypeError:
        return False


def _plain(value: Any) -> Any:
    """Return a Python value for one of numpy."""
    return value.item() if hasattr(value, "item") else value


def open_file(path: Path, options: Mapping[str, str]) -> StatisticsFile:
    """Open a file; ``encoding`` among the options is how its text is written. Raises ``InputError``."""
    kind = path.suffix.lower()
    encoding = options.get("encoding") or _assumed(path, kind)
    _check_length(path, kind)
    _, meta = _read(path, encoding, metadataonly=True)
    names = unique_names(meta.column_names, Position(str(path), 1))
    labels = {name: {str(text_of(_plain(code))): str(label) for code, label in found.items()}
              for name, found in meta.variable_value_labels.items()}  # fmt: skip
    titles = {name: label for name, label in meta.column_names_to_labels.items() if label}
    ranges = {name: tuple((part["lo"], part["hi"]) for part in parts)
              for name, parts in meta.missing_ranges.items()}  # fmt: skip
    numeric = frozenset(name for name, kept in meta.readstat_variable_types.items() if kept != "string")
    described = Described(labels, {}, titles, _COUNTS[kind])
    return StatisticsFile(path, path.name, names, described, meta.number_rows, ranges, numeric, encoding,
                          tuple(meta.column_names))  # fmt: skip


def _check_length(path: Path, kind: str) -> None:
    """Refuse a file whose end is missing where its reader would not notice.

    A transport file of SAS has no number of rows, but records of 80 bytes; Stata as of 13 ends by a word of
    its own, after the labels of codes.
    """
    size = path.stat().st_size
    is_whole = True
    if kind == ".xpt":
        is_whole = size % _RECORD == 0
    elif kind == ".dta" and size > len(_STATA_END):
        with path.open("rb") as stream:
            begin = stream.read(len(_STATA_BEGIN))
            stream.seek(-len(_STATA_END), SEEK_END)
            is_whole = begin != _STATA_BEGIN or stream.read() == _STATA_END
    if not is_whole:
        raise refuse(f"it is cut short after {size:,} bytes", Position(str(path), 1),
                     "copy or export the file again")  # fmt: skip


def _assumed(path: Path, kind: str) -> str:
    if kind != ".dta":
        return ""
    with path.open("rb") as stream:
        return _FALLBACK if _OLD_STATA.match(stream.read(100)) else ""


def _read(path: Path, encoding: str, **rows: Any) -> Any:
    import pyreadstat

    kind = path.suffix.lower()
    extra: dict[str, Any] = {"user_missing": True} if kind in _USER_MISSING else {}
    if encoding and kind == ".por":
        raise refuse("the encoding of .por cannot be chosen", Position(str(path), 1), _AS_SAV)
    if encoding:
        extra["encoding"] = encoding
    try:
        return getattr(pyreadstat, _READERS[kind])(str(path), output_format="dict", **extra, **rows)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, UnicodeError) as error:
        raise _refusal(path, error, encoding) from None


def _refusal(path: Path, error: Exception, encoding: str) -> InputError:
    where = Position(str(path), 1)
    if isinstance(error, UnicodeError) or _NOT_DECODED in str(error):
        said = f"its text is not {encoding}" if encoding else "its text is not in the encoding of such files"
        remedy = _AS_SAV if path.suffix.lower() == ".por" else _ENCODING
        return refuse(said, where, remedy)
    if encoding and _NO_ENCODING in str(error):
        return refuse(f"'{shown(encoding)}' is not an encoding", where, "e.g. utf-8 or windows-1250")
    return refuse(f"not readable: {error}", where, "it may be cut short or of another kind; export it again")
