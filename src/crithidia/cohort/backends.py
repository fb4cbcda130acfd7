"""Classifying where the data are: DuckDB, a Spark cluster, a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from crithidia.cohort.classify import check_cells, classify_table
from crithidia.cohort.errors import EngineError
from crithidia.cohort.repeated import refuse_repeated, repeated_in_file
from crithidia.cohort.sink import check_ending
from crithidia.cohort.sources import CsvSource, check_person, located, open_source
from crithidia.foundation.atomic import replacing
from crithidia.foundation.problems import CrithidiaError, refuse

if TYPE_CHECKING:
    from crithidia.cohort.compiled import Request
    from crithidia.cohort.files import Account


def classify_there(file: str, target: str, request: Request, engine: str, where: str) -> Account | None:
    """Classify a file with DuckDB or Spark, or a table of PostgreSQL; write the result to ``target``.

    ``where`` is the master of a Spark cluster or the address of a database. Spark writes a folder. Returns
    what was done, as far as the engine says. Raises ``EngineError`` with the engine's own words.
    """
    if engine == "spark":
        return _spark(file, target, request, where)
    check_ending(Path(target))
    if engine == "duckdb" and not Path(file).exists():
        raise refuse(f"{file}: there is no such file")
    run = {"duckdb": _duckdb, "postgres": _postgres}[engine]
    try:
        return run(file, Path(target), request, where)
    except (CrithidiaError, OSError):
        raise
    except Exception as error:  # each engine has its own kinds of error
        message = str(error).strip().partition("\n")[0]
        msg = f"{engine} cannot do it: {message}"
        raise EngineError(msg) from error


def _duckdb(file: str, target: Path, request: Request, _where: str) -> None:
    import ibis

    from crithidia.cohort.in_duckdb import people_in_duckdb

    connection = ibis.duckdb.connect()
    kind = "csv, HEADER" if target.suffix.lower() == ".csv" else "parquet"
    with TemporaryDirectory(prefix="crithidia-") as folder, replacing(target) as partial:
        parquet, first_row = _as_parquet(Path(file), Path(folder))
        table, _ = people_in_duckdb(connection, parquet)
        check_cells(table, request)
        if request.repeated != "rows":
            refuse_repeated(repeated_in_file(parquet, first_row=first_row), file)
        source = ibis.to_sql(classify_table(table, request), dialect="duckdb")
        path = str(partial).replace("'", "''")
        connection.raw_sql(f"COPY ({source}) TO '{path}' (FORMAT {kind})")


def _as_parquet(path: Path, folder: Path) -> tuple[Path, int]:
    """Return a Parquet file with what a file holds, and the number of its first row there.

    So the cells of CSV mean the same for every engine.
    """
    source = open_source(path)
    check_person(source.schema, path)
    if isinstance(source, CsvSource):
        return source.as_parquet(source.schema.names, folder).path, 2
    return path, 1


def _postgres(table: str, target: Path, request: Request, where: str) -> Account:
    from crithidia.cohort.files import classify_source
    from crithidia.cohort.postgres import opened

    with opened(where, table) as source:
        if request.repeated != "rows":
            refuse_repeated(source.repeated(), table)
        return classify_source(source, table, target, request)


def _spark(file: str, target: str, request: Request, master: str) -> Account:
    from crithidia.cohort.files import Account
    from crithidia.cohort.spark.folder import classify_folder
    from crithidia.cohort.spark.said import meant_by

    if located(file) != file and not Path(file).exists():
        raise refuse(f"{file}: there is no such file")
    try:
        return Account(classify_folder(file, target, request, master), (), (), ())
    except (CrithidiaError, OSError):
        raise
    except Exception as error:  # Spark's own kinds, and those of the gateway to it
        raise meant_by(error) from error
