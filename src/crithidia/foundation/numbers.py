"""Exact decimals, and how they are written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def decimal_of(number: float | str | Decimal) -> Decimal:
    """Return the decimal that was written: 0.7 stays 0.7. Raises ``ValueError``."""
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        msg = f"{number!r} is not a number"
        raise ValueError(msg) from None
    if not value.is_finite():
        msg = f"{number!r} is not a finite number"
        raise ValueError(msg)
    return value


def rounded(value: Decimal | float, places: int) -> Decimal:
    """Round half up, as laboratories and papers do (not half to even)."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def significant(value: Decimal, digits: int) -> Decimal:
    """Round half up to so many significant digits."""
    if value == 0:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding=ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 9, 2.1, 0.05."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def as_json(value: Decimal) -> int | float:
    """Return the JSON number for a decimal: an integer where it is one."""
    return int(value) if value == value.to_integral_value() else float(value)
