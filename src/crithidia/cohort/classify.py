"""Classifying a table that is at hand: an Ibis table, or a frame of pandas, Polars or Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import PERSON
from crithidia.cohort.compiled import Request, check_columns, compiled

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
    """Return the Ibis expression of the result; nothing is run."""
    from crithidia.cohort.tables import Layers, kind_of

    check_columns({name: kind_of(dtype) for name, dtype in table.schema().items()})
    program = compiled(request, frozenset(table.columns))
    fenced = _engine_of(table) == "postgres"
    return Layers(program.circuit, program.outputs, fenced=fenced).apply(table, [PERSON])


def _engine_of(table: Any) -> str:
    try:
        backends = table._find_backend(use_default=False)  # Ibis has no public name for it
    except Exception:  # noqa: BLE001  (an unbound table has none)
        return ""
    return str(getattr(backends, "name", ""))


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
