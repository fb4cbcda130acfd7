"""A table of facts gives everybody what the same facts give as a single case."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from crithidia.case import Case, Moment
from crithidia.case.fact_table import FactRow, fact_of
from crithidia.cohort.compiled import Request
from crithidia.cohort.facts.classify import classify_facts
from crithidia.cohort.facts.source import FactSource
from crithidia.definition import shipped_criteria_ids
from crithidia.evaluation import compiled_set, evaluate_picture
from crithidia.foundation.problems import InputError
from crithidia.interpretation import interpret
from tests.cohort.fact_cases import START, people
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = int(os.environ.get("CRITHIDIA_PEOPLE", "150"))
SETS = shipped_criteria_ids()


def cases(rows: list[FactRow]) -> dict[str, Case]:
    return {name: Case(name, tuple(map(fact_of, own))) for name, own in groupby(rows, lambda r: r.person_id)}


def expected(case: Case, sets: tuple[str, ...], **options: Any) -> list[tuple[object, ...]]:
    picture = interpret(case).picture
    results = [evaluate_picture(compiled_set(set_id), picture, **options) for set_id in sets]
    return [(r.verdict.value, float(r.score.low), float(r.score.high), r.reason.value) for r in results]


def found(row: dict[str, Any], sets: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [tuple(row[f"{s}__{what}"] for what in ("verdict", "low", "high", "reason")) for s in sets]


@pytest.mark.parametrize("seed", [1, 2])
def test_verdict_bounds_and_reason_are_those_of_the_single_case(seed: int) -> None:
    rows = people(PEOPLE, seed)
    result = {row["person_id"]: row for row in classify_facts(arrow_table(rows), Request.of()).to_pylist()}
    known = cases(rows)
    assert set(result) == set(known)
    for name, case in known.items():
        assert found(result[name], SETS) == expected(case, SETS), (name, case.facts)


@pytest.mark.parametrize("seed", [7, 8])
def test_the_order_of_facts_says_nothing(seed: int) -> None:
    """What a person's facts mean does not hang on the order in which a table has them."""
    rows = people(PEOPLE, seed)
    mixed = random.Random(seed).sample(rows, len(rows))  # noqa: S311  (no secret)
    request = Request.of(first_met=True)
    one, other = (classify_facts(arrow_table(r), request).to_pylist() for r in (rows, mixed))
    assert {row["person_id"]: row for row in one} == {row["person_id"]: row for row in other}
    shuffled = sorted(mixed, key=lambda row: row.person_id)
    for name, case in cases(shuffled).items():
        whole = Case(name, tuple(fact_of(row) for row in rows if row.person_id == name))
        assert expected(case, SETS) == expected(whole, SETS), name


def test_assuming_absent() -> None:
    rows = people(40, 3)
    request = Request.of(assume_absent=True)
    result = {row["person_id"]: row for row in classify_facts(arrow_table(rows), request).to_pylist()}
    for name, case in cases(rows).items():
        assert found(result[name], SETS) == expected(case, SETS, assume_absent=True)


def test_as_of_a_day() -> None:
    rows = people(40, 4)
    day = START + timedelta(days=84)
    table = classify_facts(arrow_table(rows), Request.of(as_of=day))
    result = {row["person_id"]: row for row in table.to_pylist()}
    for name, case in cases(rows).items():
        seen = case.until(Moment(day.isoformat(), on=day))
        assert found(result[name], SETS) == expected(seen, SETS)


def test_the_first_day_on_which_each_set_was_met() -> None:
    rows = people(40, 5)
    table = classify_facts(arrow_table(rows), Request.of(first_met=True))
    result = {row["person_id"]: row for row in table.to_pylist()}
    for name, case in cases(rows).items():
        for set_id, day in _first_days(case).items():
            assert result[name][f"{set_id}__first_met"] == day, (name, set_id)


def _first_days(case: Case) -> dict[str, date | None]:
    days = sorted({fact.at.on for fact in case.facts if fact.at and fact.at.on})
    undated = Case(case.id, tuple(fact for fact in case.facts if fact.at is None))
    seen = [(None, undated), *((d, case.until(Moment(d.isoformat(), on=d))) for d in days)]
    met = [(day, [v[0] == "met" for v in expected(part, SETS)]) for day, part in seen]
    return {set_id: next((day for day, holds in met if holds[i]), None) for i, set_id in enumerate(SETS)}


def test_the_same_person_in_pieces_is_one_person() -> None:
    rows = people(30, 6)
    mixed = [row for i in range(7) for row in rows[i::7]]
    sets = Request.of(["ssc_acr_eular_2013"])
    whole = {r["person_id"]: r["ssc_acr_eular_2013__low"] for r in
             classify_facts(arrow_table(rows), sets).to_pylist()}  # fmt: skip
    parts = {r["person_id"]: r["ssc_acr_eular_2013__low"] for r in
             classify_facts(arrow_table(mixed), sets).to_pylist()}  # fmt: skip
    assert parts == whole


def test_a_table_that_is_none_of_facts_is_refused() -> None:
    import pyarrow as pa

    with pytest.raises(InputError, match="no column 'concept'"):
        classify_facts(pa.table({"person_id": ["a"], "form": ["presence"]}), Request.of())
    with pytest.raises(InputError, match="'truth' holds string, not int8"):
        classify_facts(pa.table({"person_id": ["a"], "concept": ["x"], "form": ["presence"],
                                 "truth": ["1"]}), Request.of())  # fmt: skip


def test_decimals_are_doubles() -> None:
    import pyarrow as pa

    row = FactRow("a", "tlco_percent_predicted", "quantity", low=69.9, high=69.9, unit="%")
    table = arrow_table([row])
    for name in ("low", "high"):
        numbers = table.column(name).cast(pa.string()).cast(pa.decimal128(18, 4))
        table = table.set_column(table.schema.get_field_index(name), name, numbers)
    request = Request.of(["mctd_kasukawa_1987"], items=True)
    expected = classify_facts(arrow_table([row]), request)
    assert classify_facts(table, request).to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("kind", ["int8", "bool"])
def test_columns_that_say_nothing_are_left_in_the_file(tmp_path: Path, kind: str) -> None:
    """Absences only, the truth as 0 or as false: that is not nothing."""
    import pyarrow.parquet as pq

    rows = [FactRow(f"p{i}", concept, "presence", truth=0) for i in range(3)
            for concept in ("raynaud_phenomenon", "sclerodactyly", "ana_at_least_1_80")]  # fmt: skip
    table = arrow_table(rows)
    place = table.schema.get_field_index("truth")
    table = table.set_column(place, "truth", table.column("truth").cast(kind))
    pq.write_table(table, tmp_path / "facts.parquet")
    [(_, read)] = FactSource(tmp_path / "facts.parquet").read((), frozenset())
    assert read.column_names == ["person_id", "concept", "form", "truth"]
    request = Request.of(items=True)
    result = classify_facts(read, request)
    assert result.to_pylist() == classify_facts(table, request).to_pylist()
    assert result.column("sle_eular_acr_2019__reason").to_pylist() == ["entry_not_met"] * 3


@pytest.mark.parametrize("seed", [7, 8])
def test_a_file_gives_what_the_table_gives(tmp_path: Path, seed: int) -> None:
    import pyarrow.parquet as pq

    rows = sorted(people(60, seed), key=lambda row: row.person_id)
    table = arrow_table(rows)
    pq.write_table(table, tmp_path / "facts.parquet", row_group_size=100)
    [(_, read)] = FactSource(tmp_path / "facts.parquet").read((), frozenset())
    assert classify_facts(read, Request.of()).to_pylist() == classify_facts(table, Request.of()).to_pylist()


def test_nobody_is_nobody() -> None:
    assert classify_facts(arrow_table([]), Request.of()).num_rows == 0
