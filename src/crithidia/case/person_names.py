"""How people are named where a column holds numbers: 7.0 names the person 7.

A column of integers with a gap is one of decimals in pandas, in spreadsheets and in what both write. So a
column of floating or decimal numbers names people by the text of the number, a whole one without ``.0``;
in CSV, where every cell is text, a column in which every cell that is not empty is a whole number with
``.0`` does. In a column that holds anything else, ``7.0`` is a name like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE_WITH_DECIMALS: Final = r"^-?[0-9]+\.0+$"
DECIMALS: Final = r"\.0+$"
LARGEST: Final = 9.2e18  # integers of 64 bits reach a little further


def is_numbered(kind: Any) -> bool:
    """Return whether an Arrow type is one of numbers that are written with decimals."""
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def named(column: Any) -> Any:
    """Return an Arrow column of floating or decimal numbers as text; NaN is nobody."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_decimal(column.type):
        return without_decimals(pc.replace_substring_regex(
            column.cast(pa.string()), pattern=r"(\.[0-9]*[1-9])0+$", replacement=r"\1"))  # fmt: skip
    column = pc.if_else(pc.is_nan(column), None, column.cast(pa.float64()))
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), LARGEST))
    integers = pc.if_else(whole, column, None).cast(pa.int64())
    return pc.coalesce(integers.cast(pa.string()), column.cast(pa.string()))


def without_decimals(column: Any) -> Any:
    """Return an Arrow column of text whose whole numbers have no ``.0``."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(column, pattern=DECIMALS, replacement="")


def all_whole(columns: Iterable[Any]) -> bool:
    """Return whether Arrow columns of text, one part after the other, hold whole numbers with ``.0`` only.

    What is empty does not count; of no name at all it is not so. Nothing is read beyond the first other name.
    """
    import pyarrow.compute as pc

    names = 0
    for column in columns:
        given = column.drop_null()
        names += len(given)
        if not pc.all(pc.match_substring_regex(given, WHOLE_WITH_DECIMALS), min_count=0).as_py():
            return False
    return names > 0
