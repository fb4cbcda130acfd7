"""Describing a cohort from the command line, and classifying tables of facts in files."""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow.csv import write_csv

from crithidia.case.fact_table import FactRow
from crithidia.cohort import classify
from crithidia.surfaces.cli import main
from tests.cohort.fact_cases import people
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from pathlib import Path

SSC = "ssc_acr_eular_2013"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", *map(str, arguments)])


def facts(path: Path, rows: list[FactRow], group: int) -> Path:
    pq.write_table(arrow_table(rows), path, row_group_size=group)
    return path


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def in_order(rows: list[FactRow]) -> list[FactRow]:
    return sorted(rows, key=lambda row: row.person_id)


@pytest.mark.parametrize("group", [7, 100_000])
@pytest.mark.parametrize("mixed", [False, True])
def test_facts_in_a_file_are_classified_whole(tmp_path: Path, group: int, mixed: bool) -> None:
    """People who straddle row groups, and files in no order, give what the table in memory gives."""
    rows = in_order(people(60, 11))
    stored = [row for i in range(5) for row in rows[i::5]] if mixed else rows
    source = facts(tmp_path / "facts.parquet", stored, group)
    target = tmp_path / "verdicts.parquet"
    result = run("classify", source, "-o", target, "--first-met")
    assert result.exit_code == 0, result.output
    found = {row["person_id"]: row for row in pq.read_table(target).to_pylist()}
    expected = {row["person_id"]: row for row in classify(arrow_table(rows), first_met=True).to_pylist()}
    assert found == expected


def test_as_of_a_day(tmp_path: Path) -> None:
    rows = [
        FactRow("a", "skin_thickening_of_fingers_proximal_to_mcp", "presence", truth=1, at=date(2021, 1, 1)),
        FactRow("a", "scleroderma_like_disorder", "presence", truth=0),
    ]
    source, target = facts(tmp_path / "f.parquet", rows, 10), tmp_path / "v.csv"
    for day, verdict in (("2020-12-31", "undetermined"), ("2021-01-01", "met")):
        assert run("classify", source, "-o", target, "-s", SSC, "--as-of", day).exit_code == 0
        (row,) = table(target)
        assert row[f"{SSC}__verdict"] == verdict


def test_dates_are_not_asked_of_a_wide_table(tmp_path: Path) -> None:
    source = tmp_path / "wide.parquet"
    pq.write_table(pa.table({"person_id": ["a"], "sclerodactyly": [True]}), source)
    result = run("classify", source, "-o", tmp_path / "v.parquet", "--first-met")
    assert result.exit_code == 3
    assert "has no dates" in result.output
    assert not (tmp_path / "v.parquet").exists()


def test_facts_are_refused_where_only_wide_tables_are_read() -> None:
    import ibis

    from crithidia.cohort.classify import classify_table
    from crithidia.cohort.compiled import Request
    from crithidia.foundation.problems import InputError

    facts_ = ibis.duckdb.connect().create_table("facts", arrow_table(people(2, 1)))
    with pytest.raises(InputError, match="a table of facts"):
        classify_table(facts_, Request.of([SSC]))
    assert classify(facts_, sets=[SSC]).to_pyarrow().num_rows == len({r.person_id for r in people(2, 1)})


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    wide = pa.table({
        "person_id": ["a", "b", "c", "d"],
        "site": ["x", "x", "y", "y"],
        "disease": ["ssc", "ssc", "other", None],
        "skin_thickening_of_fingers_proximal_to_mcp": [True, None, False, True],
        "scleroderma_like_disorder": [False, False, False, None],
        "skin_thickening_sparing_fingers": [False, False, False, False],
    })  # fmt: skip
    source = folder / "people.parquet"
    pq.write_table(wide, source)
    result = run("describe", source, "-o", folder / "out", "-s", f"{SSC},ssc_acr_1980", "--site", "site",
                 "-r", f"{SSC}=disease:ssc", "--tables", "json")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder / "out"


def sheet(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def test_what_is_written(described: Path) -> None:
    """Person a is met; d is open because of the exclusion; of b and c much is unknown."""
    names = {path.name for path in described.iterdir()}
    assert {"report.html", "verdicts.json", "missing.json", "verdicts.svg", "missing.svg"} <= names
    (row,) = [r for r in sheet(described, "verdicts") if r["set"] == SSC]
    assert (row["people"], row["met"], row["undetermined"]) == (4, 1, 3)
    missing = {(r["concept"], r["site"]): r["missing"] for r in sheet(described, "missing")}
    assert missing["skin_thickening_of_fingers_proximal_to_mcp", "x"] == 1
    assert missing["raynaud_phenomenon", "y"] == 2
    (accuracy,) = sheet(described, "accuracy")
    assert (accuracy["labelled"], accuracy["unlabelled"]) == (3, 1)
    assert (accuracy["sensitivity_worst"], accuracy["sensitivity_best"]) == (0.5, 1.0)


def test_describing_facts(tmp_path: Path) -> None:
    source = facts(tmp_path / "facts.parquet", in_order(people(30, 12)), 100)
    result = run("describe", source, "-o", tmp_path / "out", "-s", SSC)
    assert result.exit_code == 0, result.output
    counted = {row["people"] for row in table(tmp_path / "out" / "missing.csv")}
    with_facts = {row.person_id for row in people(30, 12)}
    assert counted == {str(len(with_facts))}


@pytest.mark.parametrize(("options", "message", "code"), [
    (["-r", "nonsense"], "is not SET=COLUMN", 2),
    (["-r", f"{SSC}=nowhere"], "no column 'nowhere'", 5),
    (["--site", "sit"], "did you mean 'site'", 5),
    (["-s", "ssc_2013"], "no criteria set", 5),
])  # fmt: skip
def test_what_is_refused(tmp_path: Path, options: list[str], message: str, code: int) -> None:
    source = tmp_path / "people.parquet"
    pq.write_table(pa.table({"person_id": ["a"], "site": ["x"], "sclerodactyly": [True]}), source)
    result = run("describe", source, "-o", tmp_path / "out", *options)
    assert result.exit_code == code
    assert message in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("order", [1, -1])
def test_columns_that_differ_in_case_only_are_different_columns(
    tmp_path: Path, ending: str, order: int
) -> None:
    """DuckDB does not tell them apart: two labels, a finding beside another column, and sites."""
    columns = {
        "person_id": ["a", "b", "c", "d"], "l_YN": ["yes", "no", "no", "no"],
        "l_yn": ["yes", "yes", "yes", None], "raynaud_phenomenon": [True, True, None, None],
        "Raynaud_Phenomenon": ["I", "I", "II", "II"],
    }  # fmt: skip
    path = tmp_path / f"people.{ending}"
    (pq.write_table if ending == "parquet" else write_csv)(pa.table(dict([*columns.items()][::order])), path)
    result = run("describe", path, "-o", tmp_path / "d", "-s", SSC, "-r", f"{SSC}=l_YN",
                 "-r", f"{SSC}=l_yn", "--site", "Raynaud_Phenomenon", "--tables", "json")  # fmt: skip
    assert result.exit_code == 0, result.output
    sheets = {name: json.loads((tmp_path / "d" / f"{name}.json").read_text("utf-8"))
              for name in ("accuracy", "missing")}  # fmt: skip
    labels = {row["reference"]: (row["labelled"], row["unlabelled"]) for row in sheets["accuracy"]}
    assert labels == {"l_YN": (4, 0), "l_yn": (3, 1)}
    gone = {row["site"]: (row["people"], row["missing"]) for row in sheets["missing"]
            if row["concept"] == "raynaud_phenomenon"}  # fmt: skip
    assert gone == {"I": (2, 0), "II": (2, 2)}
    unknown = run("describe", path, "-o", tmp_path / "e", "-r", f"{SSC}=l_Yn")
    assert (unknown.exit_code, (tmp_path / "e").exists()) == (5, False)
    assert "the table has no column 'l_Yn' of labels (did you mean 'l_yn'?)" in unknown.output


@pytest.mark.parametrize("engine", ["local", "duckdb"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_concept_is_not_taken_from_a_column_of_another_case(
    tmp_path: Path, engine: str, order: int
) -> None:
    columns = {"person_id": ["a", "b"], "Raynaud_Phenomenon": [False, False],
               "raynaud_phenomenon": [True, False]}  # fmt: skip
    pq.write_table(pa.table(dict([*columns.items()][::order])), tmp_path / "people.parquet")
    out = tmp_path / "out.parquet"
    result = run("classify", tmp_path / "people.parquet", "-o", out, "-s", SSC, "--engine", engine)
    assert result.exit_code == 0, result.output
    # Raynaud phenomenon gives 3 points (van den Hoogen 2013, table 1).
    assert [row[f"{SSC}__low"] for row in pq.read_table(out).to_pylist()] == [3, 0]
