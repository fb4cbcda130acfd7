"""Files to a folder of verdicts through a Spark session of our own; the folder is there whole or not at all.

The workers read and write. So input and output lie where they all can: on a shared drive, or in a store that
Spark knows by its address (``hdfs://``, ``s3a://``). What arrived is counted against what was written.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.csv_table import CSV_FALSE, CSV_NULL, CSV_TRUE, kinds_in_csv
from crithidia.case.fact_table import PERSON, holds_facts
from crithidia.case.person_names import DECIMALS, WHOLE_WITH_DECIMALS
from crithidia.cohort.errors import EngineError
from crithidia.cohort.repeated import MOST_SHOWN, Repeated, refuse_repeated
from crithidia.cohort.sink import BusyError
from crithidia.cohort.sources import located
from crithidia.cohort.spark.frames import check_cells, classify_spark, named_people, quoted
from crithidia.cohort.spark.said import reason_of
from crithidia.foundation.atomic import lives
from crithidia.foundation.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.cohort.compiled import Request

_SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",  # a file may have Sex beside sex
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # person_id=007 is not 7
    "spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled": "false",
}


class NotSharedError(OSError):
    """Workers have written to a drive of their own."""


def classify_folder(file: str, target: str, request: Request, master: str) -> int:
    """Classify people, or facts, into a folder of Parquet; return how many people there were.

    ``file`` is a file or folder of Parquet or CSV. It and ``target`` are paths of
    this machine or addresses. Raises ``InputError``, ``OSError``,
    ``BusyError``, and whatever Spark raises.
    """
    with _session(master) as session, _replacing(session, located(target)) as partial:
        frame = _read(session, located(file))
        if PERSON in frame.columns and not holds_facts(frame.columns):
            frame = named_people(frame)
            if request.repeated != "rows":
                refuse_repeated(_repeated(frame), file)
            check_cells(frame, request)
        return _written(session, classify_spark(frame, request), partial)


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """Give a session, and stop it unless it was there before."""
    from pyspark.sql import SparkSession

    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the one that surely has what workers need
    before = SparkSession.getActiveSession()
    builder = SparkSession.builder.master(master).appName("crithidia")
    progress = {"spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
    for name, value in {**_SETTINGS, **progress}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # whatever keeps Java or the cluster from answering
        msg = f"there is no Spark session to be had from {master}: {reason_of(error)}"
        raise EngineError(msg) from error
    session.sparkContext.setLogLevel("OFF")  # what fails is said once, by us
    try:
        yield session
    finally:
        if before is None:
            session.stop()


def _read(session: Any, address: str) -> Any:
    if not address.lower().endswith(".csv"):
        # The files of a folder need not have the same columns; without this, those of one file are read.
        return session.read.option("mergeSchema", "true").parquet(address)
    text = session.read.csv(address, header=True, inferSchema=False, enforceSchema=False)
    read = text.select(*(_parsed(name, kind) for name, kind in kinds_in_csv(text.columns).items()))
    return _without_decimals(read) if PERSON in read.columns else read


def _without_decimals(frame: Any) -> Any:
    """Return a table of CSV whose people are named without ``.0``, if every one is a whole number with it."""
    from pyspark.sql import functions

    person = functions.col(PERSON)
    others = frame.where(~person.rlike(WHOLE_WITH_DECIMALS))
    if others.select(PERSON).head() is not None or frame.select(PERSON).head() is None:
        return frame
    return frame.withColumn(PERSON, functions.regexp_replace(person, DECIMALS, ""))


def _parsed(name: str, kind: str) -> Any:
    """Return a cell of a CSV file as what its column holds: the same words as on one machine."""
    from pyspark.sql import functions

    cell = functions.col(quoted(name))
    value = functions.when(cell.isNull() | cell.isin(*CSV_NULL), None)
    if kind == "bool":
        wrong = functions.concat(functions.lit(f"{name} is neither true nor false: "), cell)
        value = value.when(cell.isin(*CSV_TRUE), True).when(cell.isin(*CSV_FALSE), False)
        return value.otherwise(functions.raise_error(wrong).cast("boolean")).alias(name)
    return value.otherwise(cell.cast(kind)).alias(name)


def _repeated(frame: Any) -> Repeated:
    """Return who stands in several rows; Spark counts them."""
    from pyspark.sql import functions

    person, times = functions.col(PERSON), functions.col("count")
    again = frame.groupBy(PERSON).count().where(person.isNull() | (times > 1))
    named = functions.when(person.isNotNull(), times)
    nameless = functions.when(person.isNull(), times)
    counted = again.agg(functions.count(person), functions.sum(named), functions.sum(nameless))
    people, rows, nobody = counted.first()
    first = again.where(person.isNotNull()).orderBy(PERSON).limit(MOST_SHOWN).collect() if people else []
    return Repeated(people, rows or 0, nobody or 0, tuple((str(row[PERSON]), ()) for row in first))


def _written(session: Any, result: Any, address: str) -> int:
    """Write the result and return how many people arrived."""
    from pyspark.sql import Observation, functions

    seen = Observation()
    result.observe(seen, functions.count(functions.lit(1)).alias("people")).write.parquet(address)
    wrote, arrived = int(seen.get["people"]), int(session.read.schema(result.schema).parquet(address).count())
    if wrote != arrived:
        msg = f"the workers wrote {wrote:,} people and {arrived:,} arrived: all workers must share this place"
        raise NotSharedError(msg)
    return arrived


@contextmanager
def _replacing(session: Any, address: str) -> Iterator[str]:
    """Give the address of a folder beside ``address``, which takes its place when all went well.

    What a process that no longer lives has left behind is removed first, or put back where it had taken the
    old folder away and not yet put the new one in its place.
    """
    place = _Place(session, address)
    place.check()
    place.tidy()
    partial = place.beside("partial")
    try:
        yield str(partial)
        place.put(partial)
    finally:
        place.files.delete(partial, True)


class _Place:
    """Where a folder is to stand, through the file systems that Spark knows."""

    def __init__(self, session: Any, address: str) -> None:
        self._path_of = session._jvm.org.apache.hadoop.fs.Path
        self.path = self._path_of(address)
        self.files = self.path.getFileSystem(session._jsc.hadoopConfiguration())
        self.owner = f"{socket.gethostname()}-{os.getpid()}"

    def beside(self, ending: str) -> Any:
        """Return a hidden path of this process beside the place."""
        return self._path_of(self.path.getParent(), f".{self.path.getName()}.{self.owner}.{ending}")

    def check(self) -> None:
        """Refuse a file, and a folder that is not there."""
        if self.files.exists(self.path) and not self.files.getFileStatus(self.path).isDirectory():
            raise refuse(f"{self.path}: Spark writes a folder, and this is a file")
        if not self.files.exists(self.path.getParent()):
            msg = f"there is no folder {self.path.getParent()}"
            raise FileNotFoundError(msg)

    def tidy(self) -> None:
        """Clear up after processes of this machine. Raises ``BusyError`` if one is at work."""
        name = rf"\.{re.escape(self.path.getName())}\.{re.escape(socket.gethostname())}-(\d+)\.(partial|old)"
        for found in self.files.listStatus(self.path.getParent()):
            match = re.fullmatch(name, found.getPath().getName())
            if match is None:
                continue
            if int(match[1]) != os.getpid() and lives(int(match[1])):
                msg = f"{self.path}: process {match[1]} is writing it"
                raise BusyError(msg)
            if match[2] == "old" and not self.files.exists(self.path):
                self._move(found.getPath(), self.path)
            else:
                self.files.delete(found.getPath(), True)

    def put(self, partial: Any) -> None:
        """Put a folder in the place of what is there."""
        old = self.beside("old")
        replaced = self.files.exists(self.path)
        if replaced:
            self._move(self.path, old)
        try:
            self._move(partial, self.path)
        except OSError:
            if replaced:
                self._move(old, self.path)
            raise
        self.files.delete(old, True)

    def _move(self, source: Any, target: Any) -> None:
        if not self.files.rename(source, target):
            msg = f"{source} cannot be renamed to {target}"
            raise OSError(msg)
