"""Classifying a table that is at hand: an Ibis table, or a frame of pandas, Polars or Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from crithidia.case.fact_table import PERSON, holds_facts, kinds_of_columns
from crithidia.cohort.compiled import Compiled, Request, check_columns, compiled
from crithidia.cohort.odd import naming_all_odd, odd_there, refuse_odd
from crithidia.cohort.repeated import refuse_repeated, repeated_in
from crithidia.foundation.problems import refuse
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from crithidia.cohort.in_sql import Dialect

SPARK: Final = "pyspark"  # as Ibis names it


def classify(table: Any, *, sets: Iterable[str] | str | None = None, as_of: date | str | None = None,
             assume_absent: bool = False, items: bool = False, details: bool = False,
             first_met: bool = False, repeated: str = "refuse") -> Any:  # fmt: skip
    """Classify every person of a wide table or a table of facts.

    ``table`` is an Ibis table, whose engine does the work, a Spark DataFrame, or a pandas, Polars or Arrow
    frame, and the result is of the same kind: ``person_id`` and, for each set, ``<set>__verdict`` (met,
    not_met, undetermined), ``<set>__low`` and ``<set>__high`` (points), ``<set>__reason``. ``details`` adds
    ``<set>__column`` and ``<set>__category``, ``items`` adds ``<set>__item__<item>`` (present, absent,
    unknown). A column that is missing or NULL is not recorded; ``assume_absent`` takes every finding that
    is not recorded as absent.

    Facts have dates: ``as_of`` leaves out what is later, ``first_met`` adds ``<set>__first_met``, the first
    day on which the set was met. An Ibis table of facts is brought here and classified here, unless it is
    one of Spark.

    Whoever stands in several rows of a wide frame is refused; ``repeated="rows"`` classifies each row by
    itself. In an Ibis table nobody looks for them.

    Raises ``InputError`` for a column of the wrong type, for dates asked of a wide table, for people in
    several rows and rows of nobody, and
    ``UnknownNameError`` for a set that does not exist.
    """
    if repeated not in ("refuse", "rows"):
        raise refuse(f"repeated is 'refuse' or 'rows', not {repeated!r}")
    chosen = [sets] if isinstance(sets, str) else sets
    request = Request.of(chosen, assume_absent=assume_absent, items=items, details=details, as_of=_day(as_of),
                         first_met=first_met, repeated=repeated)  # fmt: skip
    check_kind(table)
    if module_of(table) == "pyspark":
        from crithidia.cohort.spark.frames import classify_spark

        return classify_spark(table, request)
    if holds_facts(table.schema.names if _is_arrow(table) else table.columns):
        return _classify_facts(table, request)
    if as_of is not None or first_met:
        raise refuse("one row a person has no dates", None, "dates are in tables of facts")
    if module_of(table) == "ibis":
        return classify_table(table, request)
    return classify_frame(table, request)


def _day(as_of: date | str | None) -> date | None:
    """Return a day given as a date, a time or ISO text. Raises ``InputError``."""
    from datetime import date, datetime

    if isinstance(as_of, str):
        try:
            return date.fromisoformat(as_of)
        except ValueError:
            raise refuse(f"as_of is a day, not {as_of!r}", None, "write 2023-12-31") from None
    return as_of.date() if isinstance(as_of, datetime) else as_of


def check_kind(table: Any) -> None:
    """Refuse what is no table at all. Raises ``TypeError``."""
    is_lazy = type(table).__name__ == "LazyFrame"
    if is_lazy or not hasattr(table, "schema" if _is_arrow(table) else "columns"):
        advice = "; collect() it first" if is_lazy else ""
        msg = f"a table of Ibis, Spark, pandas, Polars or Arrow is needed, not {type(table).__name__}{advice}"
        raise TypeError(msg)


def _is_arrow(table: Any) -> bool:
    return module_of(table) == "pyarrow"


def _classify_facts(table: Any, request: Request) -> Any:
    from crithidia.cohort.facts.classify import classify_facts

    module = module_of(table)
    if module == "ibis":
        import ibis

        connection = _connection_of(table)
        if connection is not None and connection.name == SPARK:
            from crithidia.cohort.spark.frames import classify_spark

            return _as_table(classify_spark(_frame_of(table, connection), request), connection)
        return ibis.memtable(classify_facts(table.to_pyarrow(), request))
    return _like(classify_facts(_as_arrow(table, module), request), module)


def module_of(table: Any) -> str:
    """Return the library that a table is of."""
    return type(table).__module__.partition(".")[0]


def classify_table(table: Any, request: Request) -> Any:
    """Return the Ibis expression of the result; nothing is run."""
    return run(table, compiled_there(table, request), (PERSON,))


def compiled_there(table: Any, request: Request) -> Compiled:
    """Return the program of a request for an Ibis table. Raises ``InputError`` for a wrong column."""
    from crithidia.cohort.in_ibis import kind_of
    from crithidia.cohort.in_sql import whole_names

    check_columns({name: kind_of(dtype) for name, dtype in table.schema().items()})
    known = kinds_of_columns(shipped_vocabulary())
    return compiled(request, whole_names(table.columns, _dialect_of(table), known))


def check_cells(table: Any, request: Request) -> None:
    """Raise ``InputError`` for cells of an Ibis table that are neither an answer nor nothing; one query."""
    refuse_odd(odd_there(table, compiled_there(table, request), _dialect_of(table).longest))


def _dialect_of(table: Any) -> Dialect:
    from crithidia.cohort.in_sql import DIALECTS, Dialect

    connection = _connection_of(table)
    return DIALECTS.get(getattr(connection, "name", ""), Dialect("another"))


def classify_frame(frame: Any, request: Request) -> Any:
    """Return the result as a frame of the kind given: pandas, Polars or Arrow."""
    from crithidia.cohort.arrow import kind_of

    module = module_of(frame)
    table = _as_arrow(frame, module)
    check_columns({field.name: kind_of(field.type) for field in table.schema})
    if request.repeated != "rows":
        refuse_repeated(repeated_in(table.column(PERSON)))
    program = compiled(request, frozenset(table.schema.names))
    with naming_all_odd(lambda: [table], program):
        return _like(run(table, program, (PERSON,)), module)


def _like(result: Any, module: str) -> Any:
    """Return an Arrow table as a frame of pandas or Polars, if that is what was given."""
    if module == "pandas":
        return result.to_pandas()
    if module == "polars":
        import polars

        return polars.from_arrow(result)
    return result


def run(table: Any, program: Compiled, keep: tuple[str, ...]) -> Any:
    """Return the outputs of a program beside the columns kept, for an Ibis or Arrow table.

    Spark runs the circuit on its workers; DuckDB and PostgreSQL get it as the query of a temporary view,
    other engines as an expression.
    """
    if module_of(table) != "ibis":
        return _over_arrow(table, program, keep)
    from crithidia.cohort.in_sql import DIALECTS

    connection = _connection_of(table)
    if connection is not None and connection.name == SPARK:
        from crithidia.cohort.spark.frames import with_outputs

        return _as_table(with_outputs(_frame_of(table, connection), program, keep), connection)
    if connection is not None and connection.name in DIALECTS:
        return _as_view(table, program, keep, connection)
    from crithidia.cohort.in_ibis import selected

    return selected(program.circuit, program.outputs, table, keep)


def _over_arrow(table: Any, program: Compiled, keep: tuple[str, ...]) -> Any:
    import pyarrow as pa

    from crithidia.cohort.arrow import classified

    arrays = classified(table, program.schedule, program.outputs)
    return pa.table([*(table.column(name) for name in keep), *arrays],
                    names=[*keep, *(output.name for output in program.outputs)])  # fmt: skip


def _frame_of(table: Any, connection: Any) -> Any:
    """Return an Ibis table of Spark as a DataFrame."""
    import ibis

    connection._run_pre_execute_hooks(table)  # registers frames that the table is made of
    return connection._session.sql(ibis.to_sql(table, dialect=SPARK))


def _as_table(frame: Any, connection: Any) -> Any:
    """Return a DataFrame as the Ibis table of a temporary view."""
    name = f"crithidia_{uuid4().hex}"
    frame.createOrReplaceTempView(name)
    return connection.table(name)


def _as_view(table: Any, program: Compiled, keep: tuple[str, ...], connection: Any) -> Any:
    """Return the temporary view of the result, made where the table is."""
    import ibis

    from crithidia.cohort.in_sql import DIALECTS, query, short_name

    dialect = DIALECTS[connection.name]
    name = f"crithidia_{uuid4().hex}"
    connection._run_pre_execute_hooks(table)  # registers frames that the table is made of
    source = f"({ibis.to_sql(table, dialect=connection.name)})"
    text = query(program, source, keep, dialect)
    connection.raw_sql(f"CREATE TEMPORARY VIEW {dialect.quoted(name)} AS {text}")
    view = connection.table(name)
    short = {short_name(i, o.name, dialect): o.name for i, o in enumerate(program.outputs)}
    renamed = {whole: cut for cut, whole in short.items() if cut != whole}
    return view.rename(renamed) if renamed else view


def _connection_of(table: Any) -> Any:
    """Return the connection of the tables that an expression is made of; None if it has none."""
    found, others = table._find_backends()
    return found[0] if len(found) == 1 and not others else None


def _as_arrow(frame: Any, module: str) -> Any:
    import pyarrow as pa

    if module == "pandas":
        return _from_pandas(frame)
    if module == "polars":
        return frame.to_arrow()
    if isinstance(frame, (pa.Table, pa.RecordBatch)):
        return frame
    msg = f"a table of Ibis, Spark, pandas, Polars or Arrow is needed, not {type(frame).__name__}"
    raise TypeError(msg)


def _from_pandas(frame: Any) -> Any:
    """Return a frame of pandas as an Arrow table. Raises ``InputError`` for a column of mixed values."""
    import pyarrow as pa

    twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    if twice:
        raise refuse(f"two columns are called '{twice[0]}'", None, "rename one of them")
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        said = "; ".join(str(part) for part in error.args)
        raise refuse(f"the frame cannot be read: {said}", None, "values of one kind in each column") from None
