"""Tables as others keep them: the types of their columns, who names their people, and what is no table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from crithidia import cohort
from crithidia.foundation.problems import InputError, UnknownNameError
from crithidia.surfaces.cli import main
from tests import engines

if TYPE_CHECKING:
    from pathlib import Path

SET = "ssc_acr_eular_2013"
# Raynaud phenomenon gives 3 points, sclerodactyly 4 (van den Hoogen 2013, table 1).
RAYNAUD, SCLERODACTYLY = 3, 4
OTHER = "'raynaud_phenomenon' holds 2"
FACTS = {"person_id": ["a", "a"], "concept": ["raynaud_phenomenon", "sclerodactyly"],
         "form": ["presence", "presence"], "truth": [1, 1]}  # fmt: skip


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cohort", "classify", *(str(a) for a in arguments), "--sets", SET])


def low(frame: Any, **options: Any) -> list[float]:
    """Return the least score of everyone."""
    return [float(score) for score in cohort.classify(frame, sets=SET, **options)[f"{SET}__low"].to_list()]


@pytest.mark.parametrize("wrong", [2, -1])
def test_another_integer_is_neither_present_nor_absent(tmp_path: Path, wrong: int) -> None:
    """In one registry 2 is no: it must not become yes by way of a cast."""
    frame = pd.DataFrame({"person_id": ["a", "b"], "raynaud_phenomenon": [1, wrong]})
    with pytest.raises(InputError, match=f"'raynaud_phenomenon' holds {wrong}"):
        cohort.classify(frame)
    frame.to_parquet(tmp_path / "people.parquet")
    result = call(tmp_path / "people.parquet", "-o", tmp_path / "out.parquet")
    assert (result.exit_code, (tmp_path / "out.parquet").exists()) == (3, False)
    assert low(frame.replace(wrong, 0)) == [RAYNAUD, 0]


@pytest.mark.filterwarnings("ignore")  # those of Ibis
@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "polars"])
def test_another_integer_is_not_counted_where_nobody_looks(engine: str) -> None:
    import ibis

    table = pa.table({"person_id": ["a", "b", "c"], "raynaud_phenomenon": [1, 2, 0]})
    there = getattr(ibis, engine).connect().create_table("people", table)
    result = cohort.classify(there, sets=SET).order_by("person_id").to_pyarrow().to_pylist()
    # Known to be absent, three points can no longer be had; of 2 nobody knows.
    ends = [(row[f"{SET}__low"], row[f"{SET}__high"]) for row in result]
    assert ends[0][0] == RAYNAUD
    assert ends[1] == (0, ends[0][1])
    assert ends[2] == (0, ends[0][1] - RAYNAUD)


def test_facts_of_frames() -> None:
    """Numbers for people, and truths as pandas keeps integers where some are missing."""
    assert low(pd.DataFrame(FACTS)) == [RAYNAUD + SCLERODACTYLY]
    numbered = cohort.classify(pd.DataFrame({**FACTS, "person_id": [7, 7]}), sets=SET)
    assert numbered["person_id"].to_list() == ["7"]
    assert low(pl.DataFrame({**FACTS, "person_id": [7, 8]})) == [RAYNAUD, SCLERODACTYLY]
    assert low(pd.DataFrame({**FACTS, "truth": [1.0, float("nan")]})) == [RAYNAUD]
    with pytest.raises(InputError, match="'truth' holds numbers that are not whole"):
        cohort.classify(pd.DataFrame({**FACTS, "truth": [0.5, 1]}))


@pytest.mark.parametrize(("as_of", "score"), [
    (date(2020, 1, 1), RAYNAUD), (datetime(2020, 1, 1, 12, tzinfo=UTC), RAYNAUD), ("2020-01-01", RAYNAUD),
    ("2019-12-31", 0),
])  # fmt: skip
def test_a_day_in_any_form(as_of: Any, score: int) -> None:
    facts = {**FACTS, "at": [date(2020, 1, 1), date(2021, 1, 1)]}
    assert low(pd.DataFrame(facts), as_of=as_of) == [score]
    with pytest.raises(InputError, match="as_of is a day"):
        cohort.classify(pd.DataFrame(facts), as_of="1 May")


@pytest.mark.parametrize(("thing", "words"), [
    ([1], "not list"), ({"person_id": ["a"]}, "not dict"), ("people.csv", "not str"), (None, "not NoneType"),
    (pl.LazyFrame({"person_id": ["a"]}), "collect"),
])  # fmt: skip
def test_what_is_no_table(thing: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        cohort.classify(thing)


def test_frames_that_cannot_be_read() -> None:
    mixed = pd.DataFrame({"person_id": ["a", "b"], "raynaud_phenomenon": [True, "yes"]})
    with pytest.raises(InputError, match=r"cannot be read: .*raynaud_phenomenon"):
        cohort.classify(mixed)
    columns = ["person_id", "raynaud_phenomenon", "raynaud_phenomenon"]
    twice = pd.DataFrame([["a", True, False]], columns=columns)
    with pytest.raises(InputError, match="two columns are called 'raynaud_phenomenon'"):
        cohort.classify(twice)
    fine = pd.DataFrame({"person_id": ["a"]})
    with pytest.raises(InputError, match="repeated is 'refuse' or 'rows'"):
        cohort.classify(fine, repeated="first")
    with pytest.raises(UnknownNameError, match="'ssc_acr_eular_2031'"):
        cohort.classify(fine, sets="ssc_acr_eular_2031")


TABLES = """
CREATE SCHEMA study;
CREATE DOMAIN yes AS boolean; CREATE DOMAIN surely AS yes; CREATE DOMAIN name_of AS text;
CREATE TYPE sexes AS ENUM ('female', 'male');
CREATE TABLE study."People" (person_id name_of, raynaud_phenomenon surely, sex sexes, "Notes" text[]);
INSERT INTO study."People" VALUES ('a', true, 'female', '{x}');
CREATE TABLE large (person_id numeric(30, 0), raynaud_phenomenon boolean);
INSERT INTO large VALUES (90071992547409930001, true), (90071992547409930002, false);
CREATE TABLE padded (person_id char(8), raynaud_phenomenon smallint); INSERT INTO padded VALUES ('007', 1);
CREATE TABLE twos (person_id int, raynaud_phenomenon int); INSERT INTO twos VALUES (1, 2);
CREATE TABLE facts (person_id int, concept text, form text, truth int);
INSERT INTO facts VALUES (7, 'raynaud_phenomenon', 'presence', 1);
"""


def test_columns_of_postgres(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    with engines.cluster() as folder:
        where = engines.address(folder)
        engines.run_in(where, TABLES)
        for table, scores in {
            'study."People"': {"a": RAYNAUD}, "padded": {"007": RAYNAUD}, "facts": {"7": RAYNAUD},
            "large": {"90071992547409930001": RAYNAUD, "90071992547409930002": 0},
        }.items():  # fmt: skip
            result = call(table, "-o", out, "--engine", "postgres", "--database", where)
            assert result.exit_code == 0, result.output
            found = {row["person_id"]: row[f"{SET}__low"] for row in pq.read_table(out).to_pylist()}
            assert found == scores, table
            if table.startswith("study"):
                assert "columns that are no concept: Notes" in result.output
        out.unlink()
        refused = {"twos": OTHER, "study.People": "written as in SQL", "x; --": "there is no table"}
        for table, words in refused.items():
            result = call(table, "-o", out, "--engine", "postgres", "--database", where)
            assert (result.exit_code, out.exists()) == (3, False)
            assert words in result.output


def test_an_address_is_not_shown_with_its_password(tmp_path: Path) -> None:
    result = call("p", "-o", tmp_path / "x.parquet", "--engine", "postgres", "--database", "mysql://u:secret@h/d")
    assert result.exit_code == 2
    assert "no address of PostgreSQL" in result.output
    assert "secret" not in result.output
