"""A table of facts with the types in which it is read, wherever it comes from.

Databases and frames number people, who are named by text; pandas has no integers where some are missing, so
that truths are floating numbers; databases have decimals, which become the nearest doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crithidia.case.fact_table import PERSON
from crithidia.case.person_names import is_numbered, named
from crithidia.cohort.arrow import as_doubles
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = tuple[Any, Callable[[Any], Any]]


def typed(table: Any) -> Any:
    """Return an Arrow table of facts with its columns brought to the types in which they are read.

    Raises ``InputError`` for a truth that is not whole.
    """
    for place, field in enumerate(table.schema):
        change = _change(field)
        if change is None:
            continue
        try:
            table = table.set_column(place, field.name, change[1](table.column(place)))
        except pa.ArrowInvalid:
            msg = f"column '{field.name}' holds numbers that are not whole or too large"
            raise refuse(msg) from None
    return table


def typed_schema(schema: Any) -> Any:
    """Return the Arrow schema that ``typed`` makes of one."""
    changes = [(field, _change(field)) for field in schema]
    return pa.schema([field if change is None else pa.field(field.name, change[0])
                      for field, change in changes])  # fmt: skip


def _change(field: Any) -> Change | None:
    """Return the type that a column is brought to, and how; None for one that stays as it is."""
    if field.name == PERSON and is_numbered(field.type):
        return pa.string(), named
    if field.name == PERSON and pa.types.is_integer(field.type):
        return pa.string(), lambda column: column.cast(pa.string())
    if field.name == "truth" and pa.types.is_floating(field.type):
        return pa.int8(), lambda column: column.cast(pa.int8())
    return (pa.float64(), as_doubles) if pa.types.is_decimal(field.type) else None
