"""Classifying where the data are: DuckDB, a Spark cluster, a PostgreSQL database."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.cohort.classify import classify_table
from crithidia.cohort.compiled import kinds_of_columns
from crithidia.cohort.sink import check_ending, rows_into
from crithidia.foundation.atomic import replacing
from crithidia.foundation.problems import CrithidiaError, refuse
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.cohort.compiled import Request

_AT_A_TIME: Final = 100_000
_DUCKDB_TYPES: Final = {"bool": "BOOLEAN", "double": "DOUBLE", "string": "VARCHAR"}


class EngineError(CrithidiaError):
    """An engine that cannot be reached or that fails."""

    exit_code = 6


def classify_there(file: str, target: Path, request: Request, engine: str, where: str) -> None:
    """Classify a file with DuckDB or Spark, or a table of PostgreSQL; write the result to ``target``.

    ``where`` is the master of a Spark cluster or the address of a database. Spark writes a folder.
    Raises ``EngineError`` with the engine's own words.
    """
    run = {"duckdb": _duckdb, "spark": _spark, "postgres": _postgres}[engine]
    if engine != "spark":
        check_ending(target)
    if engine != "postgres" and not Path(file).exists():
        raise refuse(f"{file}: there is no such file")
    try:
        run(file, target, request, where)
    except (CrithidiaError, OSError):
        raise
    except Exception as error:  # each engine has its own kinds of error
        message = str(error).strip().partition("\n")[0]
        msg = f"{engine} cannot do it: {message}"
        raise EngineError(msg) from error


def _duckdb(file: str, target: Path, request: Request, _: str) -> None:
    import ibis

    connection = ibis.duckdb.connect()
    if file.lower().endswith(".csv"):
        header = connection.read_csv(file, all_varchar=True).columns
        known = kinds_of_columns(shipped_vocabulary())
        types = {name: _DUCKDB_TYPES[known.get(name, "string")] for name in header}
        table = connection.read_csv(file, columns=types, header=True)
    else:
        table = connection.read_parquet(file)
    result = classify_table(table, request)
    kind = "csv, HEADER" if target.suffix.lower() == ".csv" else "parquet"
    with replacing(target) as partial:
        source = ibis.to_sql(result, dialect="duckdb")
        path = str(partial).replace("'", "''")
        connection.raw_sql(f"COPY ({source}) TO '{path}' (FORMAT {kind})")


def _postgres(table: str, target: Path, request: Request, where: str) -> None:
    import ibis

    connection = ibis.connect(where)
    try:
        result = classify_table(connection.table(table), request)
        with replacing(target) as partial:
            _fetched(result.to_pyarrow_batches(chunk_size=_AT_A_TIME), partial, target.suffix)
    finally:
        connection.disconnect()


def _fetched(batches: Any, path: Path, ending: str) -> None:
    import pyarrow as pa

    with rows_into(path, ending, batches.schema) as rows:
        for batch in batches:
            rows.write(pa.Table.from_batches([batch], batches.schema))


def _spark(file: str, target: Path, request: Request, where: str) -> None:
    import ibis
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(where).appName("crithidia").getOrCreate()
    try:
        connection = ibis.pyspark.connect(session)
        path = str(Path(file).resolve())
        table = connection.read_csv(path) if path.endswith(".csv") else connection.read_parquet(path)
        result = classify_table(table, request)
        with _folder(target) as partial:
            session.table(result.get_name()).write.parquet(str(partial))
    finally:
        session.stop()


@contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """Give a folder beside ``target`` to write to; it takes its place when all went well."""
    if target.is_file():
        raise refuse(f"{target}: Spark writes a folder, and this is a file")
    partial = target.resolve().with_name(f".{target.name}.{os.getpid()}.partial")
    old = partial.with_suffix(".old")
    try:
        yield partial
        if target.exists():
            target.rename(old)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
