"""The engines that tests run on: a private PostgreSQL cluster, a local Spark session, DuckDB in memory."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def duckdb() -> Any:
    """Return an Ibis connection to DuckDB in memory."""
    import ibis

    return ibis.duckdb.connect()


@contextmanager
def postgres() -> Iterator[Any]:
    """Give an Ibis connection to a PostgreSQL cluster of our own; it is gone afterwards."""
    import ibis

    with cluster() as folder:
        connection = ibis.postgres.connect(host=str(folder), user=_user(), database="postgres")
        try:
            yield connection
        finally:
            connection.disconnect()


@contextmanager
def cluster() -> Iterator[Path]:
    """Run a cluster that listens on a Unix socket in the folder given, and nowhere else.

    PostgreSQL refuses to run as root: then it runs as the user that the package made.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="crithidia-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    data = folder / "data"
    try:
        _run([programs / "initdb", "-D", data, "-A", "trust", "-U", _user(), "-E", "UTF8", "--no-sync"])
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        _run([programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"])
        try:
            yield folder
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs; its package keeps them off the path."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found is None and not folders:
        _missing("PostgreSQL is needed for these tests: apt-get install postgresql")
    return Path(found).parent if found else folders[0]


def java() -> None:
    """Skip a test where there is no Java; in the gate, fail."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        _missing("a Java runtime is needed for these tests: apt-get install default-jre-headless")


def _missing(message: str) -> None:
    """Skip a test for want of a program, visibly; the gate has every program and skips nothing."""
    if os.environ.get("CI"):
        raise FileNotFoundError(message)
    pytest.skip(message)


def _user() -> str:
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _run(command: list[object]) -> None:
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    arguments = [str(part) for part in command]
    subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,  # noqa: S603
                   stderr=subprocess.DEVNULL, cwd="/", **user)  # type: ignore[call-overload]  # fmt: skip


@contextmanager
def spark(master: str = "local[2]") -> Iterator[Any]:
    """Give an Ibis connection to a Spark session of our own, whose workers run on this machine."""
    java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    import ibis
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(master).appName("crithidia-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.memory", "3g")
        .getOrCreate()
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def address(folder: Path) -> str:
    """Return the address of the cluster in a folder."""
    return f"postgresql://{_user()}@/postgres?host={folder}"


def run_in(where: str, text: str) -> None:
    """Run SQL in the database at an address."""
    import psycopg

    with psycopg.connect(where) as connection:
        connection.execute(text.encode())


def load_into(where: str, name: str, table: Any, *, every_column: bool = False) -> None:
    """Load an Arrow table into the database at an address."""
    import ibis

    connection = ibis.connect(where)
    try:
        loaded(connection, name, table, every_column=every_column)
    finally:
        connection.disconnect()


def loaded(connection: Any, name: str, table: Any, *, every_column: bool = False) -> Any:
    """Return a table of PostgreSQL with the people of an Arrow table and the columns that sets read, or all.

    A table of PostgreSQL has at most 1,600 columns; the vocabulary makes more.
    """
    import ibis
    from pyarrow import csv as arrow_csv

    from crithidia.cohort.compiled import Request, compiled

    read = {"person_id", *compiled(Request.of(), frozenset(table.column_names)).columns}
    table = table.select([column for column in table.column_names if column in read or every_column])
    connection.create_table(name, schema=ibis.Schema.from_pyarrow(table.schema))
    text = tempfile.TemporaryFile()  # noqa: SIM115
    with text, connection.con.cursor() as cursor:
        arrow_csv.write_csv(table, text, arrow_csv.WriteOptions(include_header=False))
        text.seek(0)
        with cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as copy:
            while block := text.read(1 << 20):
                copy.write(block)
        connection.con.commit()
    return connection.table(name)


@contextmanager
def spark_cluster(workers: int = 2) -> Iterator[str]:
    """Run a standalone Spark master and workers, each a process of its own; give the master's address.

    The workers do not see our sources: nothing but what the driver sends.
    """
    java()
    import pyspark

    home = Path(pyspark.__file__).parent
    program = home / "bin" / "spark-class"
    folder = Path(tempfile.mkdtemp(prefix="crithidia-spark-"))
    port, processes = free_port(), []
    settings = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1",
                "SPARK_WORKER_DIR": str(folder)}  # fmt: skip
    settings.pop("PYTHONPATH", None)
    master = f"spark://127.0.0.1:{port}"
    commands = [["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port),
                 "--webui-port", str(free_port())]]  # fmt: skip
    commands += [["org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory",
                  "2g", "--webui-port", str(free_port()), master] for _ in range(workers)]  # fmt: skip
    try:
        for command in commands:
            started = subprocess.Popen([str(program), *command], env=settings,  # noqa: S603
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            processes.append(started)
            time.sleep(5)
        yield master
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
