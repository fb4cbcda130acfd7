"""Numbers as people write them: decimal comma or point; blank, apostrophe, comma or point for thousands.

A mark before exactly three digits can be either. Of a comma (``1,234``) nothing follows and it is refused
with both readings. A point (``1.234``) is read as a decimal point and the number is marked, so that whoever
knows the analyte can refuse it where 1234 would be possible as well (``250.000 /µl``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from crithidia.foundation.numbers import decimal_of

if TYPE_CHECKING:
    from decimal import Decimal

_BLANKS: Final = r"[0-9]{1,3}(?:[ '’][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?"
_COMMAS: Final = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?"
_POINTS: Final = r"[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])(?:,[0-9]+)?"
_PLAIN: Final = r"[0-9]+(?:[.,][0-9]+)?|\.[0-9]+"
NUMBER: Final = rf"[-+−]?(?:{_BLANKS}|{_COMMAS}|{_POINTS}|{_PLAIN})"
WHOLE: Final = r"[0-9]{1,3}(?:[ .,'’][0-9]{3})+(?![0-9])|[0-9]+"

_COMMA_OR_GROUP: Final = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")
_POINT_OR_GROUP: Final = re.compile(r"[-+]?[1-9][0-9]{0,2}\.[0-9]{3}")
_GROUPED_BY_COMMAS: Final = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_BY_POINTS: Final = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")


def number(text: str) -> Decimal:
    """Return the number that is written. Raises ``ValueError`` where it can be read in two ways."""
    text = _bare(text)
    if _COMMA_OR_GROUP.fullmatch(text):
        whole, decimal = text.replace(",", ""), text.replace(",", ".")
        msg = (f"'{text}' can be read as a decimal comma or a thousands separator: {decimal} or {whole}; "
               "write one of these")  # fmt: skip
        raise ValueError(msg)
    return decimal_of(_ungrouped(text).replace(",", "."))


def may_be_grouped(text: str) -> bool:
    """Return whether a point stands where it could part thousands: ``1.234``, not ``0.123`` or ``12.5``."""
    return bool(_POINT_OR_GROUP.fullmatch(_bare(text)))


def whole_number(text: str) -> int:
    """Return a number that can only be whole, such as that of a titre: any mark parts thousands."""
    return int(re.sub(r"[ .,'’]", "", text))


def _bare(text: str) -> str:
    return re.sub(r"[ '’]", "", text).replace("−", "-")


def _ungrouped(text: str) -> str:
    """Drop the marks between thousands where more than one mark shows that they are such."""
    if text.count(",") + text.count(".") > 1:
        if _GROUPED_BY_COMMAS.fullmatch(text):
            return text.replace(",", "")
        if _GROUPED_BY_POINTS.fullmatch(text):
            return text.replace(".", "")
    return text
