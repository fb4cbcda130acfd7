"""Looking through a table that nobody looks through while it is classified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import holds_facts
from crithidia.cohort.classify import check_cells, check_kind, classify_frame, module_of
from crithidia.cohort.compiled import Request
from crithidia.cohort.repeated import refuse_repeated, repeated_there
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable


def check(table: Any, *, sets: Iterable[str] | str | None = None) -> None:
    """Raise ``InputError`` for what ``classify`` cannot refuse in an Ibis table, as it runs nothing.

    That are cells that are neither an answer nor nothing (a 2 in a column of yes and no, a code that the
    concept does not have), of the columns that ``sets`` read; people in several rows; and rows of nobody.
    All are found with two aggregate queries. A pandas, Polars or Arrow frame may be given as well. Raises
    ``TypeError`` for a Spark DataFrame, whose workers refuse such cells when they run, and ``InputError``
    for a table of facts, which is looked through when it is classified.
    """
    check_kind(table)
    request = Request.of([sets] if isinstance(sets, str) else sets)
    module = module_of(table)
    if module == "pyspark":
        msg = "Spark's workers refuse such cells when they run; give a table of Ibis, pandas, Polars or Arrow"
        raise TypeError(msg)
    if holds_facts(table.schema.names if module == "pyarrow" else table.columns):
        raise refuse("a table of facts is looked through when it is classified", None, "call classify")
    if module != "ibis":
        classify_frame(table, request)
        return
    check_cells(table, request)
    refuse_repeated(repeated_there(table))
