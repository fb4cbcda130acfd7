"""Whatever holds the people of a table, every engine names them alike: 7.0 names the person 7."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from crithidia import cohort
from crithidia.surfaces.cli import main
from tests import engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SET = "ssc_acr_eular_2013"
PEOPLE: dict[str, tuple[pa.Array, list[str]]] = {
    "whole": (pa.array([7.0, -8.0, 90071992547.0]), ["7", "-8", "90071992547"]),
    "large": (pa.array([1e15, 1e16, 2.0]), ["1000000000000000", "10000000000000000", "2"]),
    "not all whole": (pa.array([7.0, 7.5, 0.25]), ["7", "7.5", "0.25"]),
    "short": (pa.array(np.array([7.0, 7.5, 9.0], np.float32)), ["7", "7.5", "9"]),
    "decimals": (pa.array([Decimal("7.00"), Decimal("7.10"), Decimal("70.00")], pa.decimal128(9, 2)),
                 ["7", "7.1", "70"]),
    "integers": (pa.array([7, 8, 9]), ["7", "8", "9"]),
    "text": (pa.array(["7.0", "8.0", "a"]), ["7.0", "8.0", "a"]),
    "text of numbers": (pa.array(["7.0", "007", "8"]), ["7.0", "007", "8"]),
}  # fmt: skip
CELLS = {
    "whole": (["7.0", "-8.0", "9.00"], ["7", "-8", "9"]),
    "one is not": (["7.0", "8.0", "9"], ["7.0", "8.0", "9"]),
    "with zeros": (["7.0", "007.0", "8.0"], ["7", "007", "8"]),
    "a part": (["7.0", "7.5", "8.0"], ["7.0", "7.5", "8.0"]),
}


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *(str(a) for a in arguments)])


def wide(people: pa.Array) -> pa.Table:
    return pa.table({"person_id": people, "raynaud_phenomenon": [True, False, None]})


def names_in(path: Path) -> list[str]:
    if path.suffix == ".csv":
        options = csv.ConvertOptions(column_types={"person_id": pa.string()})
        return [str(name) for name in csv.read_csv(path, convert_options=options)["person_id"].to_pylist()]
    return [str(name) for name in pq.read_table(path)["person_id"].to_pylist()]


def classified(file: object, out: Path, *options: object) -> list[str]:
    result = call("classify", file, "-o", out, "--sets", SET, *options)
    assert result.exit_code == 0, result.output
    return names_in(out)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("engine", ["local", "duckdb"])
@pytest.mark.parametrize(("people", "names"), PEOPLE.values(), ids=PEOPLE)
def test_files(tmp_path: Path, people: pa.Array, names: list[str], engine: str, ending: str) -> None:
    pq.write_table(wide(people), tmp_path / "people.parquet")
    out = tmp_path / f"out{ending}"
    assert classified(tmp_path / "people.parquet", out, "--engine", engine) == names
    assert call("explain", tmp_path / "people.parquet", names[0], "-o", tmp_path / "e.txt").exit_code == 0


@pytest.mark.parametrize("engine", ["local", "duckdb"])
@pytest.mark.parametrize(("cells", "names"), CELLS.values(), ids=CELLS)
def test_cells_of_csv(tmp_path: Path, cells: list[str], names: list[str], engine: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text("person_id,raynaud_phenomenon\n" + "".join(f"{cell},1\n" for cell in cells), "utf-8")
    assert classified(path, tmp_path / "out.csv", "--engine", engine) == names
    for name in names:
        assert call("explain", "-o", tmp_path / "e.txt", "--", path, name).exit_code == 0, name
    facts = tmp_path / "facts.csv"
    lines = "".join(f"{cell},raynaud_phenomenon,presence,1\n" for cell in cells)
    facts.write_text("person_id,concept,form,truth\n" + lines, "utf-8")
    assert sorted(classified(facts, tmp_path / "facts.parquet")) == sorted(names)
    assert call("explain", facts, names[0], "-o", tmp_path / "e.txt").exit_code == 0


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with engines.cluster() as folder:
        yield engines.address(folder)


@pytest.mark.parametrize("held", PEOPLE)
def test_tables_of_postgres(tmp_path: Path, database: str, held: str) -> None:
    people, names = PEOPLE[held]
    options = ("--engine", "postgres", "--database", database)
    table, facts = held.replace(" ", "_"), f"facts_{held.replace(' ', '_')}"
    engines.load_into(database, table, wide(people))
    assert classified(table, tmp_path / "out.parquet", *options) == names
    engines.load_into(database, facts, of_facts(people), every_column=True)
    assert sorted(classified(facts, tmp_path / "facts.parquet", *options)) == sorted(names)


def of_facts(people: pa.Array) -> pa.Table:
    return pa.table({"person_id": people, "concept": ["raynaud_phenomenon"] * 3, "form": ["presence"] * 3,
                     "truth": pa.array([1, 0, 1], pa.int8())})  # fmt: skip


@pytest.mark.parametrize(("people", "names"), PEOPLE.values(), ids=PEOPLE)
def test_facts_at_hand(people: pa.Array, names: list[str]) -> None:
    """In an Arrow table, a frame of pandas and a table of DuckDB."""
    table = of_facts(people)
    there = engines.duckdb().create_table("facts", table)
    for facts in (table, there):
        found = cohort.classify(facts, sets=SET)
        found = found if facts is table else found.to_pyarrow()
        assert sorted(found["person_id"].to_pylist()) == sorted(names)
    if not pa.types.is_decimal(people.type):
        assert sorted(cohort.classify(table.to_pandas(), sets=SET)["person_id"]) == sorted(names)


def test_people_of_a_wide_frame_stay_as_they_are_to_be_joined_again() -> None:
    frame = pd.DataFrame({"person_id": [7.0, 8.5], "raynaud_phenomenon": [1, 0]})
    found = cohort.classify(frame, sets=SET)
    assert found.merge(frame, on="person_id")["raynaud_phenomenon"].to_list() == [1, 0]


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_people_in_several_rows_are_named_alike(tmp_path: Path, engine: str) -> None:
    """In Parquet NaN is nobody; a column of another case does not name people."""
    lines = "x,7.0,1\nx,8.0,1\nx,7.0,1\nx,,1\n"
    pq.write_table(pa.table({"Person_ID": ["x", "x", "x", "x"], "person_id": [7.0, 8.0, 7.0, float("nan")],
                             "fever": [True] * 4}), tmp_path / "people.parquet")  # fmt: skip
    (tmp_path / "people.csv").write_text("Person_ID,person_id,fever\n" + lines, "utf-8")
    for name, numbers in (("people.parquet", "1, 3"), ("people.csv", "2, 4")):
        result = call("classify", tmp_path / name, "-o", tmp_path / "out.parquet", "--engine", engine)
        assert result.exit_code == 3
        assert f"1 people stand in several rows, 2 rows in all: '7' in rows {numbers}" in result.output
        assert "1 rows have no person_id" in result.output


def test_conflicts_and_labels_are_of_the_same_people(tmp_path: Path) -> None:
    table = pa.table({"person_id": [7.0, 8.0], "sclerodactyly": [True, False],
                      "skin_thickening": [False, False], "label": ["yes", "no"]})  # fmt: skip
    pq.write_table(table, tmp_path / "people.parquet")
    csv.write_csv(table.set_column(0, "person_id", pa.array(["7.0", "8.0"])), tmp_path / "people.csv")
    for name in ("people.parquet", "people.csv"):
        assert call("conflicts", tmp_path / name, "-o", tmp_path / "c.csv").exit_code == 0
        assert set(names_in(tmp_path / "c.csv")) == {"7"}
        labelled = ("-s", SET, "-r", f"{SET}=label", "--tables", "json")
        result = call("describe", tmp_path / name, "-o", tmp_path / "d", *labelled)
        assert result.exit_code == 0, result.output
        [accuracy] = json.loads((tmp_path / "d" / "accuracy.json").read_text("utf-8"))
        assert (accuracy["labelled"], accuracy["unlabelled"]) == (2, 0)
