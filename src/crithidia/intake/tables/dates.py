"""Dates as tables write them. What can be read in two ways is refused until the mapping says which.

Programs count time from days of their own: Excel in days as of 1900, SAS and Stata in days since
1 January 1960, SPSS in seconds since 14 October 1582 (stats.oarc.ucla.edu/spss/code, "Converting SAS or Stata
dates to SPSS dates"; the same in blog.stata.com/2011/01/05/using-dates-and-times-from-other-software).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
_DAYS: Final = re.compile(r"-?[0-9]{1,5}(?:\.[0-9]+)?")
_SECONDS: Final = re.compile(r"[0-9]{10,11}(?:\.[0-9]+)?")
_A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Count:
    """How a program counts: from which day, what its numbers look like, and how many make a day."""

    program: str
    epoch: date
    written: re.Pattern[str]
    a_day: int = 1


COUNTS: Final = {
    "excel": Count("Excel", date(1899, 12, 30), _SERIAL), "sas": Count("SAS", date(1960, 1, 1), _DAYS),
    "stata": Count("Stata", date(1960, 1, 1), _DAYS),
    "spss": Count("SPSS", date(1582, 10, 14), _SECONDS, _A_DAY),
}  # fmt: skip
EARLIEST: Final = date(1890, 1, 1)


def read_date(text: str, order: str = "", today: date | None = None) -> date:
    """Return the date of a cell. Raises ``ValueError`` with what was wrong and what would be right.

    ``order`` names ``dmy`` or ``mdy``, and which of ``COUNTS`` numbers are; it decides only
    what is open. Dots part day, month and year in that order.
    """
    words = text.strip()
    if match := _ISO.fullmatch(words) or _COMPACT.fullmatch(words):
        found = _built(match["y"], match["m"], match["d"], words)
    elif match := _OTHER.fullmatch(words):
        found = _ordered(match, order, words)
    elif (count := _count(order)) and count.written.fullmatch(words):
        found = _counted(words, count)
    elif _SERIAL.fullmatch(words) or _SECONDS.fullmatch(words):
        raise ValueError(_uncounted(words))
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


def _count(order: str) -> Count | None:
    return next((COUNTS[name] for name in order.split() if name in COUNTS), None)


def _uncounted(words: str) -> str:
    fitting = {name: count.program for name, count in COUNTS.items() if count.written.fullmatch(words)}
    known = ", ".join(f"'format: {name}'" for name in fitting)
    return f"'{shown(words)}' is a number; if it counts as {' or '.join(fitting.values())} does, give {known}"


def _counted(words: str, count: Count) -> date:
    return count.epoch + timedelta(days=int(float(words)) // count.a_day)
