"""A cohort gets exactly the verdicts that each of its people gets as a single case, on every engine."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from crithidia import cohort
from crithidia.definition import shipped_criteria_ids
from tests import engines
from tests.cohort.people import by_reference, people

MISSING = {"some": (0.2, 0.9), "most": (0.8, 1.0), "few": (0.0, 0.3)}


def rows(result: Any) -> list[dict[str, Any]]:
    """Return the rows of a result in the order of their people, labels as text."""
    columns = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
               for column in result.columns]  # fmt: skip
    table = pa.table(columns, names=result.column_names).sort_by("person_id")
    found: list[dict[str, Any]] = table.to_pylist()
    return found


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("assume_absent", [False, True])
def test_arrow_agrees_with_the_reference(missing: str, assume_absent: bool) -> None:
    table = people(25, 11, MISSING[missing])
    found = rows(cohort.classify(table, details=True, assume_absent=assume_absent))
    for row, result in zip(table.sort_by("person_id").to_pylist(), found, strict=True):
        expected = by_reference(row, assume_absent=assume_absent)
        assert {name: result[name] for name in expected} == expected


@pytest.fixture(scope="module")
def cohort_table() -> pa.Table:
    return pa.concat_tables([people(300, seed, missing) for seed, missing in enumerate(MISSING.values())])


@pytest.mark.parametrize("assume_absent", [False, True])
def test_duckdb_agrees(cohort_table: pa.Table, assume_absent: bool) -> None:
    table = engines.duckdb().create_table("people", numbered(cohort_table))
    options: Any = {"assume_absent": assume_absent, "details": True, "items": True}
    expected = rows(cohort.classify(numbered(cohort_table), **options))
    assert rows(cohort.classify(table, **options).to_pyarrow()) == expected


def test_duckdb_agrees_over_parquet(cohort_table: pa.Table, tmp_path: Any) -> None:
    """The statistics of Parquet leave NaN out, and DuckDB draws conclusions from them."""
    import pyarrow.parquet as pq

    table = numbered(cohort_table)
    pq.write_table(table, tmp_path / "people.parquet")
    source = engines.duckdb().read_parquet(tmp_path / "people.parquet")
    assert rows(cohort.classify(source).to_pyarrow()) == rows(cohort.classify(table))


def numbered(table: pa.Table) -> pa.Table:
    """Return the table with everyone named differently."""
    names = pa.array([f"n{i:06}" for i in range(table.num_rows)])
    return table.set_column(0, "person_id", names)


SOME = ("ssc_acr_eular_2013", "iim_eular_acr_2017", "cppd_acr_eular_2023", "gout_acr_eular_2015")


def test_postgres_agrees(cohort_table: pa.Table) -> None:
    table = numbered(cohort_table).select(["person_id", *read_by(shipped_criteria_ids())])
    with engines.postgres() as connection:
        people_there = engines.loaded(connection, "people", table)
        found = cohort.classify(people_there, details=True, items=True).to_pyarrow()
    assert rows(found) == rows(cohort.classify(table, details=True, items=True))


def test_ibis_expressions_agree(cohort_table: pa.Table) -> None:
    """The expression that engines get for which no text is written."""
    from crithidia.cohort.compiled import Request, compiled
    from crithidia.cohort.in_ibis import selected

    table = numbered(cohort_table).select(["person_id", *read_by(SOME)])
    program = compiled(Request.of(SOME), frozenset(table.column_names))
    source = engines.duckdb().create_table("people", table)
    found = selected(program.circuit, program.outputs, source, ["person_id"]).to_pyarrow()
    assert rows(found) == rows(cohort.classify(table, sets=SOME))


def read_by(sets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that sets read."""
    from crithidia.cohort.compiled import Request, compiled

    return compiled(Request.of(sets), frozenset(people(1, 0).column_names)).columns


def test_a_decimal_counts_as_the_number_that_it_is() -> None:
    """0.3 as a decimal is 0.3; at a threshold the last bit decides."""
    from decimal import Decimal

    from crithidia.cohort.arrow import as_doubles

    numbers = [Decimal(n).scaleb(-places) for places in (1, 2, 3) for n in range(1, 3000)]
    column = pa.chunked_array([pa.array(numbers, pa.decimal128(18, 4))])
    assert as_doubles(column).to_pylist() == [float(number) for number in numbers]
