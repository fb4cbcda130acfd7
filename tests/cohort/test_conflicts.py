"""Whose facts contradict each other: the same people, findings and facts as for each as a single case."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from crithidia.assessment.conflicts import Tally, conflicts_of_case, conflicts_of_file
from crithidia.case import Case
from crithidia.case.fact_table import FactRow, fact_of
from crithidia.cohort.facts import source
from crithidia.intake.person import case_of_rows
from crithidia.interpretation import interpret
from crithidia.surfaces.cli import main
from tests.cohort import fact_cases
from tests.cohort.people import people
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from pathlib import Path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", "conflicts", *(str(a) for a in arguments)])


def found(path: Path) -> tuple[set[tuple[str, str]], Tally]:
    tally = Tally()
    rows = [row for part in conflicts_of_file(path, tally) for row in part]
    return {(row.person_id, row.concept) for row in rows}, tally


def expected(cases: list[Case]) -> set[tuple[str, str]]:
    return {(case.id, c.concept) for case in cases for c in interpret(case).picture.conflicts}


@pytest.mark.parametrize("seed", [41, 42])
def test_facts_of_random_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(source, "FACTS_AT_A_TIME", 500)
    rows = sorted(fact_cases.people(120, seed), key=lambda row: row.person_id)
    path = tmp_path / "facts.parquet"
    pq.write_table(arrow_table(rows), path, row_group_size=100)
    cases = [Case(name, tuple(map(fact_of, own))) for name, own in groupby(rows, lambda r: r.person_id)]
    there, tally = found(path)
    assert there == expected(cases)
    assert len(there) > 20
    assert (tally.people, tally.in_conflict) == (len(cases), len({person for person, _ in there}))


def test_rows_of_random_people(tmp_path: Path) -> None:
    table = people(120, 43)
    path = tmp_path / "people.parquet"
    pq.write_table(table, path)
    cases = [case_of_rows(row["person_id"], [row], "") for row in table.to_pylist()]
    there, tally = found(path)
    assert there == expected(cases)
    assert 20 < tally.in_conflict <= tally.people == 120


def test_every_fact_on_either_side_is_named(tmp_path: Path) -> None:
    """Sclerodactyly is thickened skin: its presence contradicts that there is none, but not on other days."""
    day, later = date(2020, 1, 2), date(2021, 5, 6)
    facts = [
        FactRow("a", "sclerodactyly", "presence", truth=1, at=day, source="notes.csv:2"),
        FactRow("a", "skin_thickening", "presence", truth=0, at=day, source="notes.csv:9"),
        FactRow("b", "sclerodactyly", "presence", truth=1, at=day),
        FactRow("b", "sclerodactyly", "presence", truth=0, at=later),
        FactRow("c", "sclerodactyly", "presence", truth=1),
    ]
    path, out = tmp_path / "facts.parquet", tmp_path / "conflicts.csv"
    pq.write_table(arrow_table(facts), path)
    result = call(path, "-o", out)
    assert result.exit_code == 0, result.output
    assert "1 of 3 people contradict themselves" in result.output
    rows = [row for row in csv.read_csv(out).to_pylist() if row["concept"] == "skin_thickening"]
    assert [(r["person_id"], r["says"], r["fact"], r["value"], r["at"], r["source"]) for r in rows] == [
        ("a", "present", "sclerodactyly", "present", day, "notes.csv:2"),
        ("a", "absent", "skin_thickening", "absent", day, "notes.csv:9"),
    ]


def test_nobody_contradicts_himself(tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "conflicts.parquet"
    csv.write_csv(pa.table({"person_id": ["a", "b"], "sclerodactyly": [True, None]}), path)
    result = call(path, "-o", out)
    assert result.exit_code == 0, result.output
    assert "0 of 2 people contradict themselves" in result.output
    assert pq.read_table(out).num_rows == 0


def test_a_file_that_is_none_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("patient,sclerodactyly\n1,true\n", "utf-8")
    result = call(path, "-o", tmp_path / "conflicts.csv")
    assert result.exit_code == 3
    assert [p.name for p in tmp_path.iterdir()] == ["people.csv"]


def test_the_facts_of_a_case() -> None:
    facts = (FactRow("x", "sclerodactyly", "presence", truth=truth) for truth in (1, 0))
    rows = list(conflicts_of_case(Case("x", tuple(map(fact_of, facts)))))
    assert {(row.concept, row.says) for row in rows} >= {
        ("sclerodactyly", "present"),
        ("sclerodactyly", "absent"),
    }
