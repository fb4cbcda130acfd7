"""How long a cohort takes, in multiples of the time that DuckDB needs for the same file.

``python benchmarks/cohort.py --people 1000000 2000000 5000000 10000000 --facts 200000 1000000``

Wide input with every column of a concept, all sets, beside DuckDB counting the same columns: 100,000
synthetic people are repeated until there are enough. ``--sql`` also measures DuckDB doing the work as SQL.

Facts, some 60 a person, all sets, beside ways in which DuckDB puts the same file into groups:

- ``read``: not put into groups at all, the values of every column that classifying reads only counted.
- ``bare``: ``select person_id, count(*) ... group by person_id``. It reads one column of the file.
- ``by concept``: ``select person_id, concept, count(*) ... group by person_id, concept``. It puts together
  what classifying has to put together: what is recorded of one concept of one person. It reads two columns.
- ``same columns``: grouped by person alone, with the least and greatest value of every column that
  classifying reads. It reads what classifying reads. This is the fair one.
- ``same columns (words counted)``: the same, but words are only counted, which spares DuckDB comparing them.
- ``pivot``: the same as ``by concept``, with the aggregates that a pivot into the wide form takes.

The measurements alternate, each in a process of its own, and medians are given, as wall time and as processor
time: other work on the machine slows them all. ``peak GiB`` is the memory of the process that classifies. The
files take 0.2 GB of disk a million people in the wide form, 0.3 GB as facts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = 100_000

COUNT = """
import duckdb, json, sys, time
connection = duckdb.connect()
names = [row[0] for row in connection.execute(f"describe select * from '{sys.argv[1]}'").fetchall()]
counts = ", ".join(f'count("{name}")' for name in names)
start, cpu = time.perf_counter(), time.process_time()
connection.execute(f"select {counts} from '{sys.argv[1]}'").fetchall()
print(json.dumps({"s": time.perf_counter() - start, "cpu": time.process_time() - cpu}))
"""
GROUPS = """
import duckdb, json, sys, time
connection = duckdb.connect(config={"temp_directory": sys.argv[1] + ".spill"})
start, cpu = time.perf_counter(), time.process_time()
grouped = f" group by {sys.argv[3]}" if sys.argv[3] else ""
connection.execute(f"create temp table groups as {sys.argv[2]} from '{sys.argv[1]}'{grouped}")
print(json.dumps({"s": time.perf_counter() - start, "cpu": time.process_time() - cpu}))
"""
BY_PERSON = ("select person_id, count(*)", "person_id")
PIVOTED = ", ".join((
    "max(truth), min(truth)", "max(low), min(low)", "max(high), min(high)", "max(limit_low), max(limit_high)",
    'max(code), min("at"), max("at")',
))  # fmt: skip
BY_CONCEPT = ("select person_id, concept, count(*)", "person_id, concept")
PIVOT = (f"select person_id, concept, {PIVOTED}", "person_id, concept")
WORDS = ("concept", "form", "code", "unit", "pattern", "explained_by")
CLASSIFY = """
import json, resource, sys, time
from pathlib import Path
start, cpu = time.perf_counter(), time.process_time()
from crithidia.cohort.compiled import Request
from crithidia.cohort.files import classify_file
classify_file(Path(sys.argv[1]), Path(sys.argv[2]), Request.of())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps({"s": time.perf_counter() - start, "cpu": time.process_time() - cpu, "gib": peak}))
"""
IN_SQL = """
import json, sys, time
from pathlib import Path
from crithidia.cohort.backends import classify_there
from crithidia.cohort.compiled import Request
start, cpu = time.perf_counter(), time.process_time()
classify_there(sys.argv[1], sys.argv[2], Request.of(), "duckdb", "")
print(json.dumps({"s": time.perf_counter() - start, "cpu": time.process_time() - cpu}))
"""


def measured(script: str, *arguments: object) -> dict[str, float]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def block(folder: Path) -> Path:
    """Write people with every concept there is."""
    from crithidia.cohort.synthetic import Plan, generate

    path = folder / "block.parquet"
    generate(Plan(BLOCK, missing=0.3, every_concept=True, seed=1), path)
    return path


def repeated(source: Path, people: int, target: Path) -> int:
    """Write so many people; return the number of columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(source)
    with pq.ParquetWriter(target, table.schema) as writer:
        for first in range(0, people, BLOCK):
            part = table.slice(0, min(BLOCK, people - first))
            names = pa.array([f"{first + i:09}" for i in range(part.num_rows)])
            writer.write_table(part.set_column(part.schema.get_field_index("person_id"), "person_id", names))
    return int(table.num_columns)


def facts(people: int, folder: Path) -> tuple[Path, int]:
    """Write people as facts with dates; return the file and the number of facts."""
    from crithidia.cohort.synthetic import Plan, generate

    path = folder / "facts.parquet"
    return path, generate(Plan(people, form="facts", missing=0.5, dates=True, seed=1), path).rows


def columns_read(path: Path) -> list[str]:
    from crithidia.cohort.facts.source import FactSource

    return list(FactSource(path).read_columns)


def only_read(path: Path) -> tuple[str, str]:
    """Return the query that counts the values of every column that classifying reads."""
    counts = [f'count("{name}") as "{name}"' for name in columns_read(path)]
    return f"select {', '.join(counts)}", ""


def same_columns(path: Path, *, counted: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return the query by person with aggregates of every column that classifying reads."""
    read = [name for name in columns_read(path) if name != "person_id"]
    parts = [f'count("{name}")' if name in counted else f'min("{name}"), max("{name}")' for name in read]
    return f"select person_id, count(*), {', '.join(parts)}", "person_id"


def compared_facts(path: Path, out: Path, times: int) -> dict[str, float]:
    """Return times and ratios; each query is followed by classifying, as the speed of machines drifts."""
    groups = {
        "read": only_read(path),
        "bare": BY_PERSON,
        "same columns": same_columns(path),
        "same columns (words counted)": same_columns(path, counted=WORDS),
        "by concept": BY_CONCEPT,
        "pivot": PIVOT,
    }
    found = [(name, measured(GROUPS, path, *query), measured(CLASSIFY, path, out))
             for _ in range(times) for name, query in groups.items()]  # fmt: skip
    shown = {"peak GiB": max(own["gib"] for *_, own in found)}
    for unit in ("s", "cpu"):
        shown[f"classify {unit}"] = statistics.median(own[unit] for *_, own in found)
        for group in groups:
            pairs = [(own[unit], theirs[unit]) for name, theirs, own in found if name == group]
            shown[f"{group} {unit}"] = statistics.median(theirs for _, theirs in pairs)
            shown[f"{unit} to {group}"] = statistics.median(own / theirs for own, theirs in pairs)
    return shown


def compared(path: Path, out: Path, script: str, times: int) -> dict[str, float]:
    pairs = [(measured(COUNT, path), measured(script, path, out)) for _ in range(times)]
    return {
        "count s": statistics.median(a["s"] for a, _ in pairs),
        "classify s": statistics.median(b["s"] for _, b in pairs),
        "ratio": statistics.median(b["s"] / a["s"] for a, b in pairs),
        "ratio of cpu": statistics.median(b["cpu"] / a["cpu"] for a, b in pairs),
        "peak GiB": max(b.get("gib", 0.0) for _, b in pairs),
    }


def show(what: str, found: dict[str, float]) -> None:
    print(f"{what}: " + ", ".join(f"{key} {value:.2f}" for key, value in found.items()), flush=True)


def measure_wide(folder: Path, sizes: list[int], times: int, *, sql: bool) -> None:
    source, path = block(folder), folder / "people.parquet"
    for people in sizes:
        columns = repeated(source, people, path)
        for way, script in {"local": CLASSIFY, **({"duckdb as sql": IN_SQL} if sql else {})}.items():
            found = compared(path, folder / "out.parquet", script, times)
            show(f"{people:,} people, {columns} columns, {way}", found)


def measure_facts(folder: Path, sizes: list[int], times: int) -> None:
    for people in sizes:
        path, rows = facts(people, folder)
        found = compared_facts(path, folder / "out.parquet", times)
        show(f"{people:,} people, {rows:,} facts", found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[1_000_000, 2_000_000])
    parser.add_argument("--facts", type=int, nargs="*", default=[200_000], help="people whose facts are read")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--sql", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crithidia-bench-") as name:
        if chosen.people:
            measure_wide(Path(name), chosen.people, chosen.times, sql=chosen.sql)
        measure_facts(Path(name), chosen.facts, chosen.times)


if __name__ == "__main__":
    main()
