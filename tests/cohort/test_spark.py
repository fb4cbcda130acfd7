"""Spark's workers run the circuit that Arrow runs, from what the driver sends and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from pyarrow import csv

from crithidia import cohort
from crithidia.cohort.compiled import Request
from crithidia.cohort.files import classify_file
from crithidia.cohort.sources import located
from crithidia.cohort.spark import folder
from crithidia.cohort.spark.said import meant_by
from crithidia.definition import shipped_criteria_ids
from crithidia.foundation.problems import InputError
from crithidia.surfaces.cli import main
from tests import engines
from tests.cohort import fact_cases
from tests.cohort.people import people
from tests.cohort.test_equality import numbered, read_by, rows
from tests.cohort.test_person_names import CELLS, PEOPLE, of_facts, wide
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Spark's own client leaves sockets to the garbage collector. One process of the tests starts one Java.
pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.filterwarnings("ignore::ResourceWarning"),
              pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]  # fmt: skip

SET = "ssc_acr_eular_2013"
SOME = (SET, "sle_eular_acr_2019", "gout_acr_eular_2015")
DEAD = 2**22 + 1  # above every number that a process has


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with engines.spark() as connection:
        yield connection


def classify(file: Path, out: Path, *options: str) -> Any:
    arguments = ["cohort", "classify", str(file), "-o", str(out), "--engine", "spark", "--master", "local[2]"]
    return CliRunner().invoke(main, [*arguments, *options])


@pytest.mark.usefixtures("spark")
def test_all_sets_over_people_in_files(tmp_path: Path) -> None:
    """Two files of one folder, with NaN and impossible numbers among the values."""
    table = numbered(people(200, 31)).select(["person_id", *read_by(shipped_criteria_ids())])
    (tmp_path / "people").mkdir()
    pq.write_table(table.slice(0, 77), tmp_path / "people" / "a.parquet")
    pq.write_table(table.slice(77), tmp_path / "people" / "b.parquet")
    out = tmp_path / "verdicts"
    result = classify(tmp_path / "people", out, "--details", "--assume-absent")
    assert result.exit_code == 0, result.output
    assert f"200 people, {len(shipped_criteria_ids())} criteria sets" in result.output
    assert rows(pq.read_table(out)) == rows(cohort.classify(table, details=True, assume_absent=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people", "verdicts"]


def test_all_sets_over_facts(spark: Any, tmp_path: Path) -> None:
    """Everybody's facts scattered over files; as of a day, and from when on."""
    every = fact_cases.people(120, 32)
    (tmp_path / "facts").mkdir()
    for part in range(3):
        pq.write_table(arrow_table(every[part::3]), tmp_path / "facts" / f"{part}.parquet", row_group_size=50)
    in_order = arrow_table([row for part in range(3) for row in every[part::3]])
    options: dict[str, Any] = {"as_of": date(2021, 4, 4), "first_met": True}
    expected = rows(cohort.classify(in_order, **options))
    frame = spark._session.read.parquet(str(tmp_path / "facts"))
    assert rows(cohort.classify(frame, **options).toArrow()) == expected
    pq.write_table(in_order, tmp_path / "facts.parquet")
    view = cohort.classify(spark.read_parquet(str(tmp_path / "facts.parquet")), **options)
    assert rows(spark._session.table(view.get_name()).toArrow()) == expected
    out = tmp_path / "verdicts"
    result = classify(tmp_path / "facts", out, "--as-of", "2021-04-04", "--first-met")
    assert result.exit_code == 0, result.output
    assert rows(pq.read_table(out)) == expected


def test_a_frame_of_people_needs_no_ibis(spark: Any) -> None:
    known = [("a", True, 3), ("b", None, 0)]
    columns = "person_id string, raynaud_phenomenon boolean, `odd.name` int"
    frame = spark._session.createDataFrame(known, columns)
    found = cohort.classify(frame, sets=[SET])
    assert [(row["person_id"], row[f"{SET}__low"]) for row in found.sort("person_id").collect()] == [
        ("a", 3.0), ("b", 0.0),
    ]  # fmt: skip
    assert cohort.classify(frame.limit(0), sets=[SET]).count() == 0
    with pytest.raises(InputError, match="no dates"):
        cohort.classify(frame, first_met=True)
    with pytest.raises(InputError, match="column 'raynaud_phenomenon' holds string, not bool"):
        cohort.classify(frame.selectExpr("person_id", "'yes' AS raynaud_phenomenon"))


def test_columns_of_any_type_mean_what_they_mean_here(spark: Any, tmp_path: Path) -> None:
    """Columns that hold nothing, which Parquet has as integers; decimals, narrow numbers, numbered people."""
    table = pa.table({
        "person_id": pa.array([1, 2, 3]), "sex": pa.nulls(3), "raynaud_phenomenon": pa.nulls(3),
        "age": pa.array([Decimal("50.1"), None, Decimal(3)], pa.decimal128(9, 1)),
        "leucocytes": pa.array([3.9, 4.0, None], pa.float32()), "fever": pa.array([1, 0, None], pa.int8()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "people.parquet")
    found = cohort.classify(spark._session.read.parquet(str(tmp_path / "people.parquet")), sets=SOME)
    assert rows(found.toArrow()) == rows(cohort.classify(table, sets=SOME))
    facts = arrow_table(fact_cases.people(9, 36))
    for name in ("pattern", "code", "at"):
        empty = pa.nulls(facts.num_rows)
        facts = facts.set_column(facts.schema.get_field_index(name), name, empty)
    pq.write_table(facts, tmp_path / "facts.parquet")
    found = cohort.classify(spark._session.read.parquet(str(tmp_path / "facts.parquet")), sets=SOME)
    assert rows(found.toArrow()) == rows(cohort.classify(facts, sets=SOME))
    table = table.set_column(1, "sex", pa.array([None, 1, None]))
    pq.write_table(table, tmp_path / "people.parquet")
    with pytest.raises(InputError, match="column 'sex' holds int, not string"):
        cohort.classify(spark._session.read.parquet(str(tmp_path / "people.parquet")), sets=SOME)


@pytest.mark.usefixtures("spark")
def test_csv_means_what_it_means_here(tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "verdicts"
    path.write_text("person_id,raynaud_phenomenon,tlco_percent,sclerodactyly\n"
                    "a,1,NA,t\nb,f,79.5,\nc,True,nan,0\n", "utf-8")  # fmt: skip
    result = classify(path, out, "--sets", SET)
    assert result.exit_code == 0, result.output
    here = tmp_path / "here.parquet"
    classify_file(path, here, Request.of([SET]))
    assert rows(pq.read_table(out)) == rows(pq.read_table(here))
    path.write_text("person_id,raynaud_phenomenon\na,1\nb,1\na,0\n,1\n", "utf-8")
    result = classify(path, out, "--sets", SET)
    assert result.exit_code == 3
    assert "1 people stand in several rows, 2 rows in all: 'a'" in result.output
    assert "1 rows have no person_id" in result.output
    assert classify(path, out, "--sets", SET, "--repeated", "rows").exit_code == 0
    assert pq.read_table(out).num_rows == 4
    facts = arrow_table(fact_cases.people(30, 36))
    csv.write_csv(facts, path)
    assert classify(path, out, "--first-met").exit_code == 0
    assert rows(pq.read_table(out)) == rows(cohort.classify(facts, first_met=True))
    table = numbered(people(30, 35)).select(["person_id", *read_by((SET,))])
    csv.write_csv(table, path)
    assert classify(path, out, "--sets", SET, "--items").exit_code == 0
    assert rows(pq.read_table(out)) == rows(cohort.classify(table, sets=[SET], items=True))
    path.write_text("person_id,raynaud_phenomenon\na,perhaps\n", "utf-8")
    result = classify(path, out, "--sets", SET)
    assert result.exit_code == 6
    assert "raynaud_phenomenon is neither true nor false: perhaps" in result.output
    assert rows(pq.read_table(out)) == rows(cohort.classify(table, sets=[SET], items=True)), "the old stays"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["here.parquet", "people.csv", "verdicts"]


def test_the_place_of_the_output(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What killed runs left goes, or comes back; a run at work is left alone; a file is not replaced."""
    host = socket.gethostname()
    path, out = tmp_path / "people.parquet", tmp_path / "verdicts"
    pq.write_table(people(3, 33), path)
    old, partial = (tmp_path / f".verdicts.{host}-{DEAD}.{kind}" for kind in ("old", "partial"))
    for left in (old, partial):
        left.mkdir()
        (left / "mark").write_text("left", "utf-8")
    other = tmp_path / f".verdicts.elsewhere-{DEAD}.partial"
    other.mkdir()
    session = spark._session
    with pytest.raises(ZeroDivisionError), folder._replacing(session, located(str(out))):
        raise ZeroDivisionError
    assert (out / "mark").read_text("utf-8") == "left", "the old folder is back in its place"
    assert sorted(p.name for p in tmp_path.iterdir()) == [other.name, "people.parquet", "verdicts"]
    assert classify(path, out, "--sets", SET).exit_code == 0
    assert not (out / "mark").exists()
    alive = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        busy = tmp_path / f".verdicts.{host}-{alive.pid}.partial"
        busy.mkdir()
        result = classify(path, out, "--sets", SET)
        assert result.exit_code == 6
        assert f"process {alive.pid} is writing it" in result.output
        assert busy.exists()
    finally:
        alive.kill()
        alive.wait()
    (tmp_path / "file").write_text("x", "utf-8")
    assert "Spark writes a folder, and this is a file" in classify(path, tmp_path / "file").output
    assert "there is no folder" in classify(path, tmp_path / "none" / "verdicts").output
    monkeypatch.setattr(folder, "classify_spark", lambda frame, _: frame.select("person_id"))
    count = type(session.range(1)).count
    monkeypatch.setattr(type(session.range(1)), "count", lambda frame: count(frame) - 1)
    result = classify(path, out, "--sets", SET)
    assert "the workers wrote 3 people and 2 arrived" in result.output
    assert result.exit_code == 6


def test_workers_of_this_machine_run_its_python(tmp_path: Path) -> None:
    """Also where another Python stands first on the path, as it does outside a virtual environment."""
    engines.java()
    source, target = tmp_path / "people.parquet", tmp_path / "verdicts"
    pq.write_table(numbered(people(3, 37)), source)
    kept = ("HOME", "JAVA_HOME", "PYTHONPATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    command = [sys.executable, "-m", "crithidia", "cohort", "classify", str(source), "-o", str(target),
               "--engine", "spark", "--master", "local[1]", "--sets", SET]  # fmt: skip
    done = subprocess.run(command, env={**environment, "PATH": os.defpath}, check=False,  # noqa: S603
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert pq.read_table(target).num_rows == 3


def test_a_worker_needs_nothing_but_what_is_sent() -> None:
    """In a process that cannot read a file of ours: modules and knowledge come from the cargo."""
    script = textwrap.dedent("""
        import pickle, sys
        from pathlib import Path
        import pyarrow as pa, pyarrow.compute
        sent, table = pickle.load(sys.stdin.buffer)
        before = set(sys.modules)
        assert not [name for name in before if name.split(".")[0] == "crithidia"]
        Path.read_bytes = Path.read_text = Path.rglob = None
        [result] = sent(iter(table.to_batches()))
        ours = [m for name, m in sys.modules.items() if name.split(".")[0] == "crithidia"]
        assert {type(module.__spec__.loader).__name__ for module in ours} == {"Carried"}, ours
        assert "yaml" not in sys.modules
        sys.stdout.buffer.write(pickle.dumps(result))
    """)
    import pickle

    from pyspark import cloudpickle

    from crithidia.cohort.facts.classify import fact_programs
    from crithidia.cohort.spark.cargo import on_workers
    from crithidia.cohort.spark.work import FactsWork

    request = Request.of([SET, "sle_eular_acr_2019"], first_met=True)
    table = arrow_table(fact_cases.people(20, 34))
    task = on_workers(FactsWork(request, fact_programs(request)))
    environment = {**os.environ, "CRITHIDIA_CACHE": os.devnull}
    environment.pop("PYTHONPATH", None)
    sent = cloudpickle.dumps((task, table))  # type: ignore[no-untyped-call]
    done = subprocess.run([sys.executable, "-c", script], input=sent, check=False,  # noqa: S603
                          capture_output=True, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    found = pickle.loads(done.stdout)  # noqa: S301
    expected = cohort.classify(table, sets=request.sets, first_met=True)
    assert rows(pa.Table.from_batches([found])) == rows(expected)


SAID = {
    "no pyarrow": ("""An exception was thrown from the Python worker.
Traceback (most recent call last):
  File "w.py"
ModuleNotFoundError: No module named 'pyarrow'
""", "EngineError", "need Python"),
    "a fact without a person": ("""An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: Job aborted.
\tat a.b(C.java:1)
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "x.py", line 1
crithidia.foundation.problems.InputError: a fact names no person

\tat d.e(F.java:2)
""", "InputError", "a fact names no person"),
    "no Python": ("""An error occurred
: java.io.IOException: Cannot run program "python9": error=2
\tat a.b(C.java)
Caused by: java.io.IOException: error=2, No such file
""", "EngineError", "need Python"),
    "no master": ("""An error occurred while calling None.org.apache.spark.X.
: java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext.
\tat x.y(Z.java:1)
""", "EngineError", "stopped SparkContext"),
    "no input": ("[PATH_NOT_FOUND] Path does not exist: hdfs://x/y.", "EngineError", "Path does not exist"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "said"), SAID.values(), ids=SAID)
def test_what_spark_says_becomes_one_sentence(text: str, kind: str, said: str) -> None:
    meant = meant_by(Exception(text))
    assert type(meant).__name__ == kind
    assert said in str(meant)
    assert "\n" not in str(meant)
    assert "\tat" not in str(meant)


def test_whole_people_out_of_batches_of_any_size() -> None:
    from crithidia.cohort.facts.whole import whole_people

    names = ["a"] * 5 + ["b"] + ["c"] * 4 + ["d"] * 2 + ["e"]
    table = pa.table({"person_id": names, "n": range(len(names))})
    for size in range(1, 8):
        for least in range(1, 9):
            parts = list(whole_people(iter(table.to_batches(size)), least))
            assert pa.concat_tables(parts).equals(table)
            own = [set(part.column("person_id").to_pylist()) for part in parts]
            assert sum(map(len, own)) == 5, "nobody is in two parts"
            assert all(part.num_rows < least + size + 5 for part in parts)
    assert list(whole_people(iter(()), 3)) == []
    unnamed = pa.table({"person_id": pa.array(["a", None, None], pa.string())})
    assert [part.num_rows for part in whole_people(iter(unnamed.to_batches(1)), 3)] == [1, 2]


@pytest.mark.usefixtures("spark")
def test_folders_as_others_leave_them(tmp_path: Path) -> None:
    """Files with different columns, people in names of folders, numbers for people, and no file at all."""
    people = {"person_id": ["a"], "raynaud_phenomenon": [True]}
    facts = {"concept": ["raynaud_phenomenon"], "form": ["presence"], "truth": [1]}
    for name, table in {
        "uneven/a": people, "uneven/b": {**people, "person_id": ["b"], "sclerodactyly": [True]},
        "parts/person_id=007/a": facts, "numbers/a": {**facts, "person_id": [7]},
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
    found: dict[tuple[str, str], float] = {}
    for name in ("uneven", "parts", "numbers"):
        (tmp_path / name / "_SUCCESS").touch()
        result = classify(tmp_path / name, tmp_path / "out", "--sets", SET)
        assert result.exit_code == 0, result.output
        verdicts = pq.read_table(tmp_path / "out").to_pylist()
        found |= {(name, row["person_id"]): row[f"{SET}__low"] for row in verdicts}
    # Raynaud phenomenon 3 points, sclerodactyly 4 (van den Hoogen 2013, table 1).
    assert found == {("uneven", "a"): 3, ("uneven", "b"): 7, ("parts", "007"): 3, ("numbers", "7"): 3}
    (tmp_path / "nothing").mkdir()
    result = classify(tmp_path / "nothing", tmp_path / "none")
    assert (result.exit_code, (tmp_path / "none").exists()) == (3, False)
    assert "there is no Parquet file in the folder" in result.output
    pq.write_table(pa.table({**people, "raynaud_phenomenon": [2]}), tmp_path / "two.parquet")
    result = classify(tmp_path / "two.parquet", tmp_path / "none")
    assert (result.exit_code, (tmp_path / "none").exists()) == (3, False)
    assert "'raynaud_phenomenon' holds 2" in result.output


@pytest.mark.usefixtures("spark")
def test_people_are_named_as_by_every_engine(tmp_path: Path) -> None:
    """People and facts in Parquet and CSV, and a column of another case beside that of a finding."""
    found: dict[str, list[str]] = {}
    expected: dict[str, list[str]] = {}
    for held, (column, names) in PEOPLE.items():
        place = held.replace(" ", "_")
        expected |= {f"{place}.parquet": sorted(names), f"{place}_facts.parquet": sorted(names)}
        pq.write_table(wide(column), tmp_path / f"{place}.parquet")
        pq.write_table(of_facts(column), tmp_path / f"{place}_facts.parquet")
    for held, (cells, names) in CELLS.items():
        place = f"{held.replace(' ', '_')}.csv"
        expected[place] = sorted(names)
        lines = "".join(f"{cell},1\n" for cell in cells)
        (tmp_path / place).write_text("person_id,raynaud_phenomenon\n" + lines, "utf-8")
    for place in expected:
        result = classify(tmp_path / place, tmp_path / "out", "--sets", SET)
        assert result.exit_code == 0, (place, result.output)
        found[place] = sorted(str(name) for name in pq.read_table(tmp_path / "out")["person_id"].to_pylist())
    assert found == expected


@pytest.mark.usefixtures("spark")
def test_a_column_of_another_case_is_another_column(tmp_path: Path) -> None:
    table = pa.table({"person_id": ["a", "b"], "Raynaud_Phenomenon": [False, False],
                      "raynaud_phenomenon": [True, False]})  # fmt: skip
    pq.write_table(table, tmp_path / "people.parquet")
    result = classify(tmp_path / "people.parquet", tmp_path / "out", "--sets", SET)
    assert result.exit_code == 0, result.output
    scores = {row["person_id"]: row[f"{SET}__low"] for row in pq.read_table(tmp_path / "out").to_pylist()}
    assert scores == {"a": 3, "b": 0}  # Raynaud phenomenon 3 points (van den Hoogen 2013, table 1)
