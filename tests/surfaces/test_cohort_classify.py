"""``crithidia cohort classify`` and ``explain``: same result from every file, nothing half-written."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from crithidia import cohort, evaluate
from crithidia.cohort import arrow, files, postgres, sources
from crithidia.cohort.compiled import Request, compiled
from crithidia.cohort.in_ibis import selected
from crithidia.surfaces.cli import main
from tests import engines
from tests.cohort import fact_cases
from tests.cohort.killed import killed_after
from tests.cohort.people import people
from tests.cohort.test_equality import rows
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from pathlib import Path

SET = "ssc_acr_eular_2013"
ITEMS = ("leucopenia", "thrombocytopenia", "fever")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return people(90, 21)


@pytest.fixture
def parquet(table: pa.Table, tmp_path: Path) -> Path:
    path = tmp_path / "people.parquet"
    pq.write_table(table, path, row_group_size=20)
    return path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PEOPLE_AT_A_TIME", 15)


def written(path: Path) -> list[dict[str, Any]]:
    return rows(csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path))


@pytest.mark.usefixtures("small_parts")
def test_row_groups_of_any_size_give_the_same(parquet: Path, table: pa.Table, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    result = call("classify", parquet, "-o", out, "--items", "--details")
    assert result.exit_code == 0, result.output
    assert "90 people" in result.output
    assert written(out) == rows(cohort.classify(table, items=True, details=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people.parquet", "verdicts.parquet"]


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_cells_of_csv_mean_the_same_for_every_engine(tmp_path: Path, engine: str) -> None:
    """What is not recorded may be NA; pandas writes 1 and 0 of a column with gaps as 1.0 and 0.0."""
    path, out = tmp_path / "people.csv", tmp_path / "verdicts.parquet"
    path.write_text("person_id,raynaud_phenomenon,tlco_percent,sclerodactyly\n"
                    "007,1.0,NA,t\nb,f,79.5,\nc,TRUE,nan,0.0\n", "utf-8")  # fmt: skip
    result = call("classify", path, "-o", out, "--engine", engine, "--sets", SET)
    assert result.exit_code == 0, result.output
    known = pa.table({"person_id": ["007", "b", "c"], "raynaud_phenomenon": [True, False, True],
                      "tlco_percent": [None, 79.5, None], "sclerodactyly": [True, None, False]})  # fmt: skip
    assert written(out) == rows(cohort.classify(known, sets=[SET]))


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_csv_in_and_out(table: pa.Table, tmp_path: Path, engine: str) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "verdicts.csv"
    csv.write_csv(table, path)
    assert call("classify", path, "-o", out, "--engine", engine, "--sets", SET).exit_code == 0
    found = [{name: float(v) if isinstance(v, int) else v for name, v in row.items()} for row in written(out)]
    assert found == rows(cohort.classify(table, sets=[SET]))


def test_duckdb_engine_writes_parquet(parquet: Path, table: pa.Table, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    assert call("classify", parquet, "-o", out, "--engine", "duckdb", "--sets", SET).exit_code == 0
    assert written(out) == rows(cohort.classify(table, sets=[SET]))


NUMBERS = r"""
    CREATE SCHEMA odd;
    CREATE TABLE odd."Numbers" (
        person_id varchar(9), leucocytes numeric(6, 2), platelets real, fever smallint, notes jsonb
    );
    INSERT INTO odd."Numbers" VALUES
        (E'a,\n"b', 3.99, 99.9, 1, '{}'), ('NA', 4.00, 100, 0, NULL),
        ('nan', 'NaN', 'NaN', NULL, NULL), ('', NULL, NULL, NULL, '[]');
"""


def test_postgres_engine(table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People and facts as a stream, in small blocks; every spelling that PostgreSQL has for a number."""
    monkeypatch.setattr(postgres, "PEOPLE_AT_A_TIME", 40)
    monkeypatch.setattr(postgres, "_FACTS_AT_A_TIME", 100)
    recorded = fact_cases.people(30, 22)
    scattered = arrow_table([row for part in range(3) for row in recorded[part::3]])
    out = tmp_path / "verdicts.parquet"
    sle = "sle_eular_acr_2019"
    with engines.cluster() as folder:
        there = ("-o", out, "--engine", "postgres", "--database", engines.address(folder))
        engines.load_into(there[-1], "people", table)
        engines.load_into(there[-1], "facts", scattered, every_column=True)
        engines.run_in(there[-1], NUMBERS)

        def classified(name: str, *options: str) -> list[dict[str, Any]]:
            result = call("classify", name, *there, *options)
            assert result.exit_code == 0, result.output
            return written(out)

        assert classified("people", "--sets", SET) == rows(cohort.classify(table, sets=[SET]))
        options: dict[str, Any] = {"as_of": date(2021, 4, 4), "first_met": True}
        dated = ("--as-of", "2021-04-04", "--first-met")
        assert classified("public.facts", *dated) == rows(cohort.classify(scattered, **options))
        found = classified('odd."Numbers"', "--sets", sle, "--items")
        result = call("classify", "nothing", *there)
        engines.run_in(there[-1], "CREATE TABLE doubled (person_id int, fever bool); "
                                  "INSERT INTO doubled VALUES (7, true), (8, true), (7, false), (NULL, true)")
        doubled = call("classify", "doubled", *there)
        assert len(classified("doubled", "--repeated", "rows", "--sets", sle)) == 4
    assert doubled.exit_code == 3
    assert "1 people stand in several rows, 2 rows in all: '7'" in doubled.output
    assert "1 rows have no person_id" in doubled.output
    assert result.exit_code == 3
    assert "there is no table 'nothing'" in result.output
    items = {row["person_id"]: [row[f"{sle}__item__{item}"] for item in ITEMS] for row in found}
    assert items == {
        "": ["unknown"] * 3, "NA": ["absent"] * 3, 'a,\n"b': ["present"] * 3, "nan": ["unknown"] * 3,
    }  # fmt: skip


def test_killed_runs_leave_the_old_output_and_are_taken_up_again(parquet: Path, tmp_path: Path) -> None:
    """Killed after its second part; the next run reads the first two back and classifies the rest."""
    out = tmp_path / "verdicts.parquet"
    out.write_text("old", "utf-8")
    killed_after(1, parquet, out, module="crithidia.cohort.sources", limit="PEOPLE_AT_A_TIME", size=20)
    assert out.read_text("utf-8") == "old"
    parts = next(tmp_path.glob(".verdicts.parquet.*.parts"))
    assert sorted(p.name for p in parts.glob("*.part")) == ["0.part", "1.part"]

    classified: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PEOPLE_AT_A_TIME", 20)
        real = arrow.steps_of

        def counted(part: pa.Table, *rest: Any) -> Any:
            classified.append(part.num_rows)
            return real(part, *rest)

        patch.setattr(files, "steps_of", counted)
        assert call("classify", parquet, "-o", out).exit_code == 0
    assert sorted(classified) == [10, 20, 20]
    assert written(out) == rows(cohort.classify(pq.read_table(parquet)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people.parquet", "verdicts.parquet"]


@pytest.mark.usefixtures("small_parts")
def test_parts_of_another_question_are_not_taken(parquet: Path, tmp_path: Path) -> None:
    stale = tmp_path / ".verdicts.parquet.0123456789abcdef.parts"
    stale.mkdir()
    (stale / "0.part").write_text("not of this question", "utf-8")
    out = tmp_path / "verdicts.parquet"
    assert call("classify", parquet, "-o", out, "--sets", SET).exit_code == 0
    assert not stale.exists()


def test_two_runs_do_not_write_one_output(parquet: Path, tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        folder = tmp_path / ".verdicts.parquet.0123456789abcdef.parts"
        folder.mkdir()
        (folder / "process").write_text(str(other.pid), "utf-8")
        result = call("classify", parquet, "-o", tmp_path / "verdicts.parquet")
    finally:
        other.kill()
        other.wait()
    assert result.exit_code == 6
    assert f"process {other.pid} is writing it" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person_id,raynaud_phenomenon\n1,perhaps\n", "perhaps"),
        ("person_id,age\n1,high\n", "high"),
        ("patient,raynaud_phenomenon\n1,true\n", "there is no column 'person_id'"),
        ("", "cannot be read"),
    ],
)
def test_tables_that_cannot_be_read_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "verdicts.csv"
    path.write_text(text, "utf-8")
    result = call("classify", path, "-o", out)
    assert result.exit_code == 3
    assert said in result.output
    assert [p.name for p in tmp_path.iterdir() if not p.name.endswith(".parts")] == ["people.csv"]


def test_a_column_of_the_wrong_type_is_named() -> None:
    from crithidia.foundation.problems import InputError

    wrong = pa.table({"person_id": ["a"], "raynaud_phenomenon": ["yes"], "creatine_kinase": [True]})
    with pytest.raises(InputError) as refused:
        cohort.classify(wrong)
    assert [p.message for p in refused.value.problems] == [
        "column 'raynaud_phenomenon' holds string, not bool",
        "column 'creatine_kinase' holds bool, not double",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("people.parquet", "-o", "x.parquet"), "there is no such file"),
        (("people.parquet", "-o", "x.xlsx"), "neither Parquet nor CSV"),
        (("p", "-o", "x.parquet", "--engine", "spark"), "--master"),
        (("p", "-o", "x", "--engine", "spark", "--master", "host:7077"), "no address of a Spark master"),
        (("p", "-o", "x", "--engine", "spark", "--master", "sc://host"), "classify(dataframe)"),
        (("p", "-o", "x.parquet", "--database", "postgresql://h/d"), "--database"),
        (("p", "-o", "x.parquet", "--sets", "nonsense"), "no criteria set"),
        (("p", "-o", "x.parquet", "--sets", " ,"), "names no criteria set"),
        (("p", "-o", "x.parquet", "--engine", "postgres", "--database", "postgresql:///x?host=/nowhere"),
         "postgres cannot do it"),
    ],
)  # fmt: skip
def test_refusals(arguments: tuple[str, ...], said: str) -> None:
    result = call("classify", *arguments)
    assert result.exit_code not in {0, 1}
    assert said in result.output


def test_a_person_is_explained_as_a_single_case(parquet: Path, table: pa.Table) -> None:
    result = call("explain", parquet, "p7", "--sets", SET, "--format", "json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    row = rows(cohort.classify(table.slice(7, 1), sets=[SET]))[0]
    shown = next(s for s in document["criteria"] if s["id"] == SET)
    assert shown["verdict"] == row[f"{SET}__verdict"]
    assert call("explain", parquet, "nobody").exit_code == 3


def test_frames_of_pandas_and_polars_come_back_as_such() -> None:
    import pandas
    import polars

    known = {"person_id": ["a", "b"], "raynaud_phenomenon": [True, None], "sclerodactyly": [True, False]}
    low = evaluate(SET, {"raynaud_phenomenon": True, "sclerodactyly": True}).score.low
    from_pandas = cohort.classify(pandas.DataFrame(known), sets=[SET])
    assert from_pandas[f"{SET}__low"].tolist() == [float(low), 0.0]
    from_polars = cohort.classify(polars.DataFrame(known), sets=[SET])
    assert from_polars[f"{SET}__low"].to_list() == [float(low), 0.0]




def csv_of(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "wide.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_a_number_other_than_1_and_0_is_no_truth(tmp_path: Path) -> None:
    """In one registry 2 is no, in the next it is not known; cast to a boolean it would be yes."""
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"person_id": ["a", "b", "c"], "raynaud_phenomenon": [1, None, 2]}), path)
    said = "column 'raynaud_phenomenon' holds 2"
    result = call("classify", path, "-o", tmp_path / "v.csv", "-s", SET)
    assert (result.exit_code, said in result.stderr) == (3, True)
    assert not (tmp_path / "v.csv").exists()
    assert said in call("explain", path, "c").stderr


def test_a_number_other_than_1_and_0_is_not_recorded_for_an_engine(tmp_path: Path) -> None:
    """An Ibis table cannot stop for a value: Raynaud's phenomenon gives 3 points to a and is open for c.

    The command looks for such values first.
    """
    table = pa.table({"person_id": ["a", "b", "c"], "raynaud_phenomenon": [1, 0, 2]})
    pq.write_table(table, tmp_path / "people.parquet")
    options = ("-o", tmp_path / "v.csv", "-s", SET, "--engine", "duckdb")
    result = call("classify", tmp_path / "people.parquet", *options)
    assert (result.exit_code, (tmp_path / "v.csv").exists()) == (3, False)
    assert "column 'raynaud_phenomenon' holds 2 in 1 row" in result.stderr
    source = engines.duckdb().create_table("whole_numbers", table)
    program = compiled(Request.of([SET]), frozenset(table.column_names))
    ibis = rows(selected(program.circuit, program.outputs, source, ["person_id"]).to_pyarrow())
    for found in (rows(cohort.classify(source, sets=SET).to_pyarrow()), ibis):
        low, high = ({row["person_id"]: row[f"{SET}__{end}"] for row in found} for end in ("low", "high"))
        assert [low["a"] - low["b"], high["a"] - high["b"]] == [3, 3]
        assert (low["c"], high["c"]) == (low["b"], high["a"])


@pytest.mark.parametrize(("cell", "kind"), [("raynaud_phenomenon", "true or false"), ("crp", "a number")])
def test_a_cell_that_cannot_be_read_is_named_with_its_column(tmp_path: Path, cell: str, kind: str) -> None:
    path = csv_of(tmp_path, f"site,person_id,{cell}", "A,1,", 'A,2,"no, 5"')
    said = f"column '{cell}' holds 'no, 5'"
    result = call("classify", path, "-o", tmp_path / "v.csv", "-s", f"{SET},gca_acr_eular_2022")
    assert said in result.stderr
    assert f"which is not {kind}" in result.stderr
    assert said in call("explain", path, "2").stderr


def test_columns_of_a_csv_file_that_say_nothing_are_named(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "person_id,Raynaud,raynaud_phenomenon,fever", "1,1,1,1")
    said = call("classify", path, "-o", tmp_path / "v.csv", "-s", SET).stderr
    assert "1 columns of concepts that no set chosen asks for: fever" in said
    assert "1 columns that are no concept: Raynaud" in said


def test_facts_that_say_nothing_are_counted(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "person_id,concept,form,truth", "1,raynaud,presence,1", "1,raynaud,presence,0",
                  "2,raynaud_phenomenon,rumour,1", "2,raynaud_phenomenon,presence,1",
                  "3,,presence,1")  # fmt: skip
    said = call("classify", path, "-o", tmp_path / "v.csv", "-s", SET).stderr
    assert "3 facts say nothing here:\n    2 concepts that are not known: raynaud, no concept at all" in said
    assert "1 facts say nothing here:\n    1 forms that are not known: rumour" in said


@pytest.mark.parametrize(("line", "encoding", "said"), [
    ("person_id;raynaud_phenomenon", "utf-8", "separated by semicolons"),
    ("person_id\traynaud_phenomenon", "utf-8", "separated by tabs"),
    ("person_id,ośrodek", "cp1250", "not encoded in UTF-8"),
])  # fmt: skip
def test_a_csv_file_of_another_kind(tmp_path: Path, line: str, encoding: str, said: str) -> None:
    path = csv_of(tmp_path, line, encoding=encoding)
    for command in (("classify", path, "-o", tmp_path / "v.csv"), ("explain", path, "1")):
        result = call(*command)
        assert result.exit_code == 3
        assert said in result.stderr
        assert "crithidia cohort map" in result.stderr


def test_a_verdict_as_of_a_day_is_explained_as_of_that_day(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("person_id,concept,form,truth,at\n"
                    "a,skin_thickening_of_fingers_proximal_to_mcp,presence,1,2021-01-01\n"
                    "a,scleroderma_like_disorder,presence,0,\n", "utf-8")  # fmt: skip
    for day, verdict in (("2020-12-31", "undetermined"), ("2021-01-01", "met")):
        out = tmp_path / f"{day}.parquet"
        assert call("classify", path, "-o", out, "--sets", SET, "--as-of", day).exit_code == 0
        result = call("explain", path, "a", "--sets", SET, "--as-of", day, "--format", "json")
        assert result.exit_code == 0, result.output
        [shown] = json.loads(result.output)["criteria"]
        assert shown["verdict"] == verdict == written(out)[0][f"{SET}__verdict"]
