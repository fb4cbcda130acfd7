"""UCUM units that the table of customary units does not hold, through the library ``ucumvert``.

For a unit that a quantity does not list, this says what the value would be in the canonical unit, so that the
doubt about it can show the arithmetic; the value itself is not used. Arbitrary units and annotations are
refused: they are commensurable only with themselves. Loading the library takes half a second; it happens only
here, where a unit is not in the table.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_NUMBER_WITH_EXPONENT: Final = re.compile(r"(?:^|[./(])[0-9]+[-+][0-9]")  # 10+3 for 10*3: no UCUM
_ARBITRARY: Final = re.compile(r"\[(?:iIU|IU|iU)\]|U\]|\{")


def is_ucum(code: str) -> bool:
    """Return whether a text is a valid UCUM unit."""
    return _parsed(code) is not None


def ratio(code: str, canonical: str) -> float | None:
    """Return how many canonical units one unit is; None where they are not commensurable.

    Units on a scale with another zero (degrees) have no ratio.
    """
    if _ARBITRARY.search(code) or _ARBITRARY.search(canonical):
        return None
    one, other = _parsed(code), _parsed(canonical)
    if one is None or other is None:
        return None
    try:
        return float(((1.0 * one) / (1.0 * other)).to("dimensionless").magnitude)
    except Exception:  # noqa: BLE001  (the library's own errors: dimension, offset, overflow)
        return None


@lru_cache(maxsize=1)
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


@lru_cache(maxsize=256)
def _parsed(code: str) -> Any:
    if not code.isascii() or _NUMBER_WITH_EXPONENT.search(code):  # UCUM is ASCII, annotations included
        return None
    try:
        return _registry().from_ucum(code)
    except Exception:  # noqa: BLE001  (a parser's errors are no part of its interface)
        return None
