"""Classifying a table that is at hand: an Ibis table, or a frame of pandas, Polars or Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from crithidia.case.fact_table import PERSON
from crithidia.cohort.compiled import Compiled, Request, check_columns, compiled

if TYPE_CHECKING:
    from collections.abc import Iterable


def classify(table: Any, *, sets: Iterable[str] | None = None, assume_absent: bool = False,
             items: bool = False, details: bool = False) -> Any:  # fmt: skip
    """Classify every person of a wide table.

    ``table`` is an Ibis table, whose engine does the work, or a pandas, Polars or Arrow frame, and the
    result is of the same kind: ``person_id`` and, for each set, ``<set>__verdict`` (met, not_met,
    undetermined), ``<set>__low`` and ``<set>__high`` (points), ``<set>__reason``. ``details`` adds
    ``<set>__column`` and ``<set>__category``, ``items`` adds ``<set>__item__<item>`` (present, absent,
    unknown). A column that is missing or NULL is not recorded; ``assume_absent`` takes every finding that
    is not recorded as absent. Raises ``InputError`` for a column of the wrong type and
    ``UnknownNameError`` for a set that does not exist.
    """
    request = Request.of(sets, assume_absent=assume_absent, items=items, details=details)
    if _module_of(table) == "ibis":
        return classify_table(table, request)
    return classify_frame(table, request)


def _module_of(table: Any) -> str:
    return type(table).__module__.partition(".")[0]


def classify_table(table: Any, request: Request) -> Any:
    """Return the Ibis expression of the result; nothing is run.

    DuckDB, Spark and PostgreSQL get the query as a temporary view, other engines as an expression.
    """
    from crithidia.cohort.in_ibis import kind_of, selected
    from crithidia.cohort.in_sql import DIALECTS

    check_columns({name: kind_of(dtype) for name, dtype in table.schema().items()})
    program = compiled(request, frozenset(table.columns))
    connection = _connection_of(table)
    if connection is not None and connection.name in DIALECTS:
        return view_of(program, table, connection)
    return selected(program.circuit, program.outputs, table, [PERSON])


def view_of(program: Compiled, table: Any, connection: Any) -> Any:
    """Return the temporary view of the result, made where the table is."""
    import ibis

    from crithidia.cohort.in_sql import DIALECTS, query

    dialect = DIALECTS[connection.name]
    name = f"crithidia_{uuid4().hex}"
    connection._run_pre_execute_hooks(table)  # registers frames that the table is made of
    source = f"({ibis.to_sql(table, dialect=connection.name)})"
    text = f"CREATE TEMPORARY VIEW {dialect.quoted(name)} AS {query(program, source, [PERSON], dialect)}"
    connection.raw_sql(text)
    return connection.table(name)


def _connection_of(table: Any) -> Any:
    """Return the connection of the tables that an expression is made of; None if it has none."""
    found, others = table._find_backends()
    return found[0] if len(found) == 1 and not others else None


def classify_frame(frame: Any, request: Request) -> Any:
    """Return the result as a frame of the kind given: pandas, Polars or Arrow."""
    module = _module_of(frame)
    result = classify_arrow(_as_arrow(frame, module), request)
    if module == "pandas":
        return result.to_pandas()
    if module == "polars":
        import polars

        return polars.from_arrow(result)
    return result


def _as_arrow(frame: Any, module: str) -> Any:
    import pyarrow as pa

    if module == "pandas":
        return pa.Table.from_pandas(frame, preserve_index=False)
    if module == "polars":
        return frame.to_arrow()
    if isinstance(frame, (pa.Table, pa.RecordBatch)):
        return frame
    msg = f"a table of Ibis, pandas, Polars or Arrow is needed, not {type(frame).__name__}"
    raise TypeError(msg)


def classify_arrow(table: Any, request: Request) -> Any:
    """Return the result for an Arrow table as an Arrow table."""
    import pyarrow as pa

    from crithidia.cohort.arrow import classified, kind_of
    from crithidia.cohort.words import Schedule

    check_columns({field.name: kind_of(field.type) for field in table.schema})
    program = compiled(request, frozenset(table.schema.names))
    schedule = Schedule.of(program.circuit, [output.whole for output in program.outputs])
    arrays = classified(table, schedule, program.outputs)
    return pa.table([table.column(PERSON), *arrays], names=[PERSON, *(o.name for o in program.outputs)])
