"""What an independent function takes and returns.

It takes a complete assignment: concept id to ``bool`` (findings), ``Decimal`` (quantities, in the
canonical unit) or ``str`` (codes). It returns whether the criteria are met, the total, and the
category. The total is ``None`` where the paper gives no score: nothing is then compared. The
category is that of the paper's table; ``None`` where none is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Known = Mapping[str, Any]
Outcome = tuple[bool, int | Decimal | None, str | None]
Criteria = Callable[[Known], Outcome]


def any_of(k: Known, *names: str) -> bool:
    return sum(1 for name in names if k[name]) > 0


def how_many(*truths: object) -> int:
    return sum(1 for truth in truths if truth)
