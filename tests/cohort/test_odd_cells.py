"""Cells that are neither an answer nor nothing: engines refuse them, or can be asked to look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from crithidia import cohort
from crithidia.cohort import sources
from crithidia.foundation.problems import InputError
from crithidia.surfaces.cli import main
from tests import engines

if TYPE_CHECKING:
    from pathlib import Path

ODD = pa.table({
    "person_id": ["a", "b", "c", "d", "e", "f"],
    "raynaud_phenomenon": pa.array([1, 0, None, 2, 1, 2], pa.int64()),
    "sclerodactyly": pa.array([1, 0, None, 1, 9, -1], pa.int8()),
    "fever": pa.array([1, 0, None, 1, 0, 0], pa.int8()),
    "sex": ["female", None, "", "K", "male", "M"],
})  # fmt: skip
OTHERS = "true, false or empty; `crithidia cohort map` drafts a mapping for other codings"
RAYNAUD = f"column 'raynaud_phenomenon' holds 2 in 2 rows ({OTHERS})"
FINGERS = f"column 'sclerodactyly' holds -1, 9 in 2 rows ({OTHERS})"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", "classify", *(str(a) for a in arguments)])


def sex_set() -> str:
    """Return a set that reads the column of sex."""
    from crithidia.cohort.compiled import Request, compiled
    from crithidia.definition import shipped_criteria_ids

    columns = frozenset(ODD.column_names)
    return next(name for name in shipped_criteria_ids()
                if "sex" in compiled(Request.of([name]), columns).columns)  # fmt: skip


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    pq.write_table(ODD, tmp_path / "people.parquet", row_group_size=2)
    return tmp_path / "people.parquet"


def refusal(frame: Any, look: Any = cohort.classify, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        look(frame, **options)
    return sorted(str(problem) for problem in caught.value.problems)


def codes(said: list[str]) -> list[str]:
    return [line for line in said if "'sex'" in line]


def test_frames_name_every_column_with_its_rows() -> None:
    said = refusal(ODD)
    assert {RAYNAUD, FINGERS} <= set(said)
    [sex] = codes(said)
    assert sex.startswith("column 'sex' holds 'K', 'M' in 2 rows (one of ")
    assert len(said) == 3
    assert refusal(ODD.to_pandas().astype({"raynaud_phenomenon": "Int64", "sclerodactyly": "Int8",
                                           "fever": "Int8"})) == said  # fmt: skip


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_files_are_refused_in_the_same_words(
    parquet: Path, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the file is cut into parts: two people a row group, and all at once."""
    for size in (1 << 17, 2):
        monkeypatch.setattr(sources, "PEOPLE_AT_A_TIME", size)
        result = call(parquet, "-o", tmp_path / "out.parquet", "--engine", engine)
        assert (result.exit_code, (tmp_path / "out.parquet").exists()) == (3, False)
        lines = [line.strip() for line in result.output.splitlines()]
        pairs = sorted(f"{what} ({remedy})" for what, remedy in zip(lines[::2], lines[1::2], strict=False))
        assert pairs == refusal(ODD)
        assert "3 problems; nothing was written" in result.output


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_columns_that_no_chosen_set_reads_may_hold_anything(
    parquet: Path, tmp_path: Path, engine: str
) -> None:
    out = tmp_path / "out.parquet"
    result = call(parquet, "-o", out, "--engine", engine, "--sets", "gout_acr_eular_2015")
    assert result.exit_code == 0, result.output
    assert pq.read_table(out).num_rows == 6


@pytest.mark.parametrize("engine", ["local", "duckdb"])
@pytest.mark.parametrize("code", ["K", "Female"])
def test_codes_in_csv(tmp_path: Path, engine: str, code: str) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "out.parquet"
    path.write_text(f"person_id,sex\na,female\nb,{code}\nc,\nd,NA\n", "utf-8")
    result = call(path, "-o", out, "--engine", engine, "--sets", sex_set())
    assert (result.exit_code, out.exists()) == (3, False)
    assert f"column 'sex' holds '{code}' in 1 row\n" in result.output
    path.write_text("person_id,sex\na,female\nb,male\nc,\nd,NA\n", "utf-8")
    assert call(path, "-o", out, "--engine", engine, "--sets", sex_set()).exit_code == 0


@pytest.mark.filterwarnings("ignore")  # those of Ibis
@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "polars"])
def test_a_table_that_stays_where_it_is_can_be_looked_through(engine: str) -> None:
    import ibis

    connection = getattr(ibis, engine).connect()
    table = connection.create_table("people", ODD)
    assert refusal(table, cohort.check) == refusal(ODD)
    assert refusal(table, cohort.check, sets="ssc_acr_eular_2013") == sorted([RAYNAUD, FINGERS])
    cohort.check(table, sets="gout_acr_eular_2015")
    # What has been put right passes, and counts.
    cohort.check(table.filter(table.person_id.isin(["a", "b", "c"])))
    cohort.check(connection.create_table("nobody", ODD.slice(0, 0)))


def test_a_table_of_postgres_can_be_looked_through() -> None:
    """Also under a name that PostgreSQL cuts."""
    name = "papulopustular_lesions_after_adolescence_without_corticosteroids"
    assert len(name) == 64
    people = ODD.append_column(name, pa.array([1, 0, None, 7, 1, 1], pa.int16()))
    with engines.postgres() as connection:
        table = engines.loaded(connection, "people", people)
        said = refusal(table, cohort.check)
    assert said == refusal(people)
    assert f"column '{name}' holds 7 in 1 row ({OTHERS})" in said


def test_people_in_several_rows_are_found_there_too() -> None:
    names = pa.array(["a", "b", "a", None, "c", "b", "a"], pa.string())
    table = engines.duckdb().create_table("people", pa.table({"person_id": names, "fever": [True] * 7}))
    nobody, several = refusal(table, cohort.check)
    assert nobody.startswith("1 rows have no person_id (name the person")
    assert several.startswith("2 people stand in several rows, 5 rows in all: 'a'; 'b' (keep one")


def test_what_check_does_not_look_through() -> None:
    with pytest.raises(TypeError, match="not list"):
        cohort.check([1])
    facts = pd.DataFrame({"person_id": ["a"], "concept": ["fever"], "form": ["presence"], "truth": [1]})
    with pytest.raises(InputError, match="looked through when it is classified"):
        cohort.check(facts)
    assert refusal(ODD.to_pandas()[["person_id", "sex"]], cohort.check, sets=sex_set())
