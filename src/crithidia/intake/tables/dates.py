"""Dates as tables write them. What can be read in two ways is refused until the mapping says which."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from crithidia.foundation.problems import shown

_TIME: Final = r"(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?"
_ISO: Final = re.compile(rf"(?P<y>[0-9]{{4}})[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}}){_TIME}")
_COMPACT: Final = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
_OTHER: Final = re.compile(
    rf"(?P<a>[0-9]{{1,2}})(?P<sign>[-/.])(?P<b>[0-9]{{1,2}})(?P=sign)(?P<y>[0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_EXCEL_EPOCH: Final = date(1899, 12, 30)
EARLIEST: Final = date(1890, 1, 1)


def read_date(text: str, order: str = "", today: date | None = None) -> date:
    """Return the date of a cell. Raises ``ValueError`` with what was wrong and what would be right.

    ``order`` names ``dmy`` or ``mdy``, and ``excel`` where numbers are days since 1900; it decides only what
    is open. Dots part day, month and year in that order.
    """
    words = text.strip()
    if match := _ISO.fullmatch(words) or _COMPACT.fullmatch(words):
        found = _built(match["y"], match["m"], match["d"], words)
    elif match := _OTHER.fullmatch(words):
        found = _ordered(match, order, words)
    elif _SERIAL.fullmatch(words):
        found = _serial(words, order)
    else:
        msg = f"'{shown(words)}' is not a date; write 2022-05-01"
        raise ValueError(msg)
    if found > (today or date.today()):  # noqa: DTZ011  (the user's own calendar day)
        msg = f"{found} lies in the future; check the year"
        raise ValueError(msg)
    if found < EARLIEST:
        msg = f"{found} lies before {EARLIEST.year}; check the year"
        raise ValueError(msg)
    return found


def _built(year: str, month: str, day: str, words: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        msg = f"'{shown(words)}' is not in the calendar"
        raise ValueError(msg) from None


def _ordered(match: re.Match[str], order: str, words: str) -> date:
    first, second, year = match["a"], match["b"], match["y"]
    if len(year) == 2:
        msg = f"'{shown(words)}' has a year of two digits; write four"
        raise ValueError(msg)
    if match["sign"] == "." or int(first) > 12 or "dmy" in order or first == second:
        return _built(year, second, first, words)
    if int(second) > 12 or "mdy" in order:
        return _built(year, first, second, words)
    msg = f"'{shown(words)}' can be read as day or as month first; give 'format: dmy' or 'format: mdy'"
    raise ValueError(msg)


def _serial(words: str, order: str) -> date:
    if "excel" not in order:
        msg = f"'{shown(words)}' is a number; if it counts days as Excel does, give 'format: excel'"
        raise ValueError(msg)
    return _EXCEL_EPOCH + timedelta(days=int(float(words)))
