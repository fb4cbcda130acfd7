"""People in several rows of a wide table, rows of nobody, and CSV files that are taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from crithidia import cohort
from crithidia.cohort import arrow, files, sources
from crithidia.foundation.problems import InputError
from crithidia.surfaces.cli import main
from tests.cohort.killed import killed_after
from tests.cohort.people import people
from tests.cohort.test_equality import rows

if TYPE_CHECKING:
    from pathlib import Path

SET = "ssc_acr_eular_2013"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *(str(a) for a in arguments)])


def table(*names: str | None) -> pa.Table:
    return pa.table({
        "person_id": pa.array(names, pa.string()),
        "raynaud_phenomenon": [i % 2 == 0 for i in range(len(names))],
    })  # fmt: skip


def written(path: Path, frame: pa.Table) -> Path:
    (csv.write_csv if path.suffix == ".csv" else pq.write_table)(frame, path)
    return path


@pytest.mark.parametrize("engine", ["local", "duckdb"])
@pytest.mark.parametrize(("ending", "numbers"), [(".parquet", "2, 4, 7"), (".csv", "3, 5, 8")])
def test_people_in_several_rows_are_refused_with_their_rows(
    tmp_path: Path, ending: str, numbers: str, engine: str
) -> None:
    path = written(tmp_path / f"people{ending}", table("a", "b", "c", "b", "d", "d", "b"))
    result = call("classify", path, "-o", tmp_path / "out.parquet", "--engine", engine)
    assert result.exit_code == 3
    assert "2 people stand in several rows, 5 rows in all" in result.output
    assert f"'b' in rows {numbers};" in result.output
    assert "repeated: visits" in result.output
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_rows_of_nobody_are_refused(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path / f"people{ending}", table("a", None, "c"))
    result = call("classify", path, "-o", tmp_path / "out.parquet")
    assert result.exit_code == 3
    assert "1 rows have no person_id" in result.output


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_each_row_by_itself_where_that_is_asked_for(tmp_path: Path, ending: str) -> None:
    frame = table("a", "b", "c", "b", "d", "d", None)
    path, out = written(tmp_path / f"people{ending}", frame), tmp_path / "out.parquet"
    result = call("classify", path, "-o", out, "--sets", SET, "--repeated", "rows")
    assert result.exit_code == 0, result.output
    assert "4 people" in result.output
    assert "\r" not in result.output  # no progress where nobody looks
    assert (
        "7 rows, each classified by itself: 4 are of 2 people who stand in several, 1 of nobody"
        in result.output
    )
    assert rows(pq.read_table(out)) == rows(cohort.classify(frame, sets=[SET], repeated="rows"))
    assert [row["person_id"] for row in pq.read_table(out).to_pylist()] == frame["person_id"].to_pylist()


def test_frames_are_looked_through_too() -> None:
    with pytest.raises(InputError, match="1 people stand in several rows, 2 rows in all: 'a' in rows 1, 3"):
        cohort.classify(table("a", "b", "a"), sets=[SET])
    with pytest.raises(InputError, match="1 rows have no person_id"):
        cohort.classify(table("a", None), sets=[SET])


def test_facts_have_many_rows_a_person(tmp_path: Path) -> None:
    assert call("generate", "-n", 20, "--format", "facts", "-o", tmp_path / "f.parquet").exit_code == 0
    refused = call("classify", tmp_path / "f.parquet", "-o", tmp_path / "o.parquet", "--repeated", "rows")
    assert refused.exit_code == 3
    assert "everybody stands in several rows" in refused.output


def test_a_killed_run_over_csv_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after its second part: the CSV file is not read again, nor are these parts classified again."""
    path, out = tmp_path / "people.csv", tmp_path / "out.parquet"
    csv.write_csv(people(90, 5), path)
    killed_after(1, path, out, module="crithidia.cohort.sources", limit="PEOPLE_AT_A_TIME", size=20)
    assert not out.exists()

    classified: list[int] = []
    real = arrow.steps_of

    def counted(part: pa.Table, *rest: Any) -> Any:
        classified.append(part.num_rows)
        return real(part, *rest)

    def unread(*_: Any) -> None:
        raise AssertionError("the CSV file was read again")

    monkeypatch.setattr(sources, "PEOPLE_AT_A_TIME", 20)
    monkeypatch.setattr(files, "steps_of", counted)
    monkeypatch.setattr(sources.CsvSource, "read", unread)
    assert call("classify", path, "-o", out).exit_code == 0
    assert sorted(classified) == [10, 20, 20]
    assert rows(pq.read_table(out)) == rows(cohort.classify(people(90, 5)))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.parquet", "people.csv"]
