"""A Spark DataFrame of people or facts to the DataFrame of the result.

Nothing runs until Spark is asked, unless a column may be empty throughout, which has to be looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import COLUMNS, PERSON, holds_facts, kinds_of_columns
from crithidia.case.person_names import DECIMALS, LARGEST
from crithidia.cohort.compiled import check_columns, compiled
from crithidia.cohort.odd import refuse_odd
from crithidia.cohort.spark.odd import odd_in_frame
from crithidia.foundation.problems import refuse
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.cohort.compiled import Compiled, Request


def classify_spark(frame: Any, request: Request) -> Any:
    """Return the result for a DataFrame of people, one a row, or of facts.

    Facts are brought together by person. Raises ``InputError`` for a column of the wrong type.
    """
    if holds_facts(frame.columns):
        frame = _without_void(frame, {column.name: column.type for column in COLUMNS})
        return _facts(frame, request)
    frame, program = _people(frame, request)
    return with_outputs(frame, program, (PERSON,))


def check_cells(frame: Any, request: Request) -> None:
    """Have odd cells of people counted, of which workers would refuse the first. Raises ``InputError``."""
    refuse_odd(odd_in_frame(*_people(frame, request)))


def _people(frame: Any, request: Request) -> tuple[Any, Compiled]:
    """Return the columns of people that say something, and the program for them."""
    if request.as_of is not None or request.first_met:
        raise refuse("one row a person has no dates", None, "dates are in tables of facts")
    from crithidia.cohort.arrow import kind_of

    frame = _without_void(frame, kinds_of_columns(shipped_vocabulary()))
    check_columns({field.name: kind_of(field.type) for field in arrow_schema(frame.schema)})
    return frame, compiled(request, frozenset(frame.columns))


def _without_void(frame: Any, wanted: Mapping[str, str]) -> Any:
    """Return the frame less the columns of text or days that Spark takes for integers and that hold nothing.

    Parquet has no type for a column that is empty throughout; Arrow and pandas write one of integers, and
    Spark cannot see what they meant. Such columns are counted, where there are any.
    """
    import pyarrow as pa
    from pyspark.sql import functions

    suspects = [
        field.name for field in arrow_schema(frame.schema)
        if pa.types.is_integer(field.type) and wanted.get(field.name) in {"string", "date"}
    ]  # fmt: skip
    if not suspects:
        return frame
    counts = frame.agg(*(functions.count(quoted(name)) for name in suspects)).first()
    return frame.drop(*(name for name, count in zip(suspects, counts, strict=True) if not count))


def with_outputs(frame: Any, program: Compiled, keep: tuple[str, ...]) -> Any:
    """Return the outputs of a program beside the columns kept, for a DataFrame of people."""
    from pyspark.sql import types

    from crithidia.cohort.spark.cargo import on_workers
    from crithidia.cohort.spark.work import WideWork

    read = frame.select(*(quoted(name) for name in dict.fromkeys((*keep, *program.columns))))
    kept = [types.StructField(name, frame.schema[name].dataType) for name in keep]
    outputs = [types.StructField(o.name, types.StringType() if o.labels else types.DoubleType())
               for o in program.outputs]  # fmt: skip
    work = WideWork(program.schedule, program.outputs, keep)
    return read.mapInArrow(on_workers(work), types.StructType([*kept, *outputs]))


def _facts(frame: Any, request: Request) -> Any:
    from pyspark.sql import types

    from crithidia.cohort.facts.batch import check_fact_columns
    from crithidia.cohort.facts.classify import fact_programs, fact_schema
    from crithidia.cohort.facts.typed import typed_schema
    from crithidia.cohort.spark.cargo import on_workers
    from crithidia.cohort.spark.work import FactsWork

    check_fact_columns(typed_schema(arrow_schema(frame.schema)))
    kinds = {"string": types.StringType(), "double": types.DoubleType(), "date32[day]": types.DateType()}
    fields = [
        types.StructField(field.name, kinds[str(getattr(field.type, "value_type", field.type))])
        for field in fact_schema(_person(), request)
    ]
    work = FactsWork(request, fact_programs(request))
    return _by_person(frame).mapInArrow(on_workers(work), types.StructType(fields))


def _person() -> Any:
    import pyarrow as pa

    return pa.field(PERSON, pa.string())


def _by_person(frame: Any) -> Any:
    """Return the columns of facts that are read, all rows of a person next to each other."""
    from crithidia.cohort.facts.batch import read_columns

    read = [_column(frame.schema[column.name]) for column in read_columns(frame.columns)]
    return frame.select(*read).repartition(PERSON).sortWithinPartitions(PERSON)


def _column(field: Any) -> Any:
    """Return a column of facts; a time counts by its day, and a person who is NaN is nobody."""
    from pyspark.sql import functions

    column = functions.col(field.name)
    if field.name == PERSON and field.dataType.typeName() in {"float", "double"}:
        return functions.nanvl(column, functions.lit(None)).alias(field.name)
    return column.cast("date").alias(field.name) if field.name == "at" else column


def named_people(frame: Any) -> Any:
    """Return people, one a row, whose names are no floating or decimal numbers (``case.person_names``)."""
    from pyspark.sql import functions

    kind = frame.schema[PERSON].dataType.typeName()
    person, text = functions.col(PERSON), functions.col(PERSON).cast("string")
    if kind in {"float", "double"}:
        whole = (person == functions.floor(person)) & (functions.abs(person) < LARGEST)
        name = functions.when(functions.isnan(person), None).when(whole, person.cast("long").cast("string"))
        return frame.withColumn(PERSON, name.otherwise(text))
    if kind == "decimal":
        short = functions.regexp_replace(text, r"(\.[0-9]*[1-9])0+$", "$1")
        return frame.withColumn(PERSON, functions.regexp_replace(short, DECIMALS, ""))
    return frame


def quoted(name: str) -> str:
    """Return a column's name as Spark reads it."""
    return "`" + name.replace("`", "``") + "`"


def arrow_schema(schema: Any) -> Any:
    """Return a Spark schema as Arrow's, by which columns are checked."""
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_type

    def type_of(field: Any) -> Any:
        try:
            return to_arrow_type(field.dataType)
        except Exception:  # noqa: BLE001  (types that Arrow does not have are none of ours)
            return pa.binary()

    return pa.schema([(field.name, type_of(field)) for field in schema.fields])
