"""The table of facts: what goes in comes out, and means the same as the case it was made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crithidia.case import Case, Code, Fact, Grade, Interval, Moment, Presence, Quantity, Titre
from crithidia.case.fact_table import (
    COLUMNS,
    FactRow,
    arrow_schema,
    fact_of,
    row_from,
    row_of,
    wide_columns,
)
from crithidia.case.reading import read_dose, read_value
from crithidia.foundation.problems import InputError
from crithidia.foundation.truth import Truth
from crithidia.intake import load_case, parse_case
from crithidia.interpretation import Doubt, interpret
from crithidia.interpretation.canonical import canonical, rows_of_case
from crithidia.vocabulary import shipped_vocabulary
from tests.fact_tables import arrow_table, wide_concepts

EXAMPLE = Path(__file__).parents[2] / "examples" / "stepien-2023.yaml"
VALUES = [
    Presence(Truth.PRESENT), Presence(Truth.ABSENT), Presence(Truth.UNKNOWN),
    Grade("-"), Grade("+/-"), Grade("+++"),
    Quantity.exactly(Decimal("392.3"), "ug/L", Interval(Decimal(13), Decimal(150))),
    Quantity(None, Decimal("0.1"), "U/L", high_open=True),
    Quantity(Decimal(3), None, "U/L", interval=Interval(high=Decimal(20), high_open=True)),
    Quantity(Decimal(56), Decimal(57), "a"), Quantity.exactly(Decimal(45), ""),
    Titre(2560, "=", "nucleolar"), Titre(80, "<"), Titre(80, "<="), Titre(1280, ">"), Titre(1280, ">="),
    Code("female"), read_dose("100 mg 2x per day"), read_dose("as before"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_fact_comes_back_as_it_went_in(value: Presence) -> None:
    fact = Fact("ana", value, Moment("2022-05-01", on=date(2022, 5, 1)), explained_by="drug")
    back = fact_of(row_of("p", fact))
    assert (back.concept, back.value, back.explained_by) == ("ana", value, "drug")
    assert back.at is not None
    assert back.at.on == date(2022, 5, 1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-10**8, max_value=10**8))
def test_a_number_of_up_to_15_digits_is_the_number_written(number: Decimal) -> None:
    back = fact_of(row_of("p", Fact("crp", Quantity.exactly(number, "mg/L"))))
    assert isinstance(back.value, Quantity)
    assert back.value.exact == number


def test_the_columns_are_the_fields() -> None:
    assert [column.name for column in COLUMNS] == list(FactRow.__dataclass_fields__)
    assert arrow_schema().names == [column.name for column in COLUMNS]


def test_a_value_is_converted_as_for_a_single_case() -> None:
    # 0.9 mg/dL of creatinine are 0.9 x 88.4 = 79.56 umol/L, and the limits go with it.
    value = read_value(shipped_vocabulary()["creatinine"], "0.9 mg/dL (0.5-1.1)")
    found = canonical(Fact("creatinine", value))
    assert isinstance(found, Fact)
    row = row_of("p", found)
    assert (row.low, row.high, row.unit) == (79.56, 79.56, "umol/L")
    assert (row.limit_low, row.limit_high) == (44.2, 97.24)


def test_a_value_refused_for_scoring_has_no_row() -> None:
    case = parse_case("laboratory: {ferritin: 5 umol/L, crp: 12 mg/L}")
    rows, doubts = rows_of_case(case)
    assert [row.concept for row in rows] == ["crp"]
    assert [doubt.id for doubt in doubts] == ["unit_not_of_quantity"]
    assert isinstance(doubts[0], Doubt)


def test_a_time_without_a_date_is_refused() -> None:
    case = parse_case("visits: [{at: +3 months, examination: {sclerodactyly: present}}]")
    with pytest.raises(InputError, match="index_date"):
        rows_of_case(case)


def test_a_case_means_the_same_out_of_the_table() -> None:
    case = replace(load_case(EXAMPLE), index_date=date(2022, 1, 1))
    case = replace(case, facts=tuple(
        replace(f, at=f.at.resolved(case.index_date) if f.at else None,
                until=f.until.resolved(case.index_date) if f.until else None) for f in case.facts
    ))  # fmt: skip
    rows, _ = rows_of_case(case)
    table = arrow_table(list(rows))
    back = tuple(fact_of(row_from(record)) for record in table.to_pylist())
    once, again = interpret(case), interpret(Case(case.id, back))
    assert again.picture.known == once.picture.known
    assert again.picture.codes == once.picture.codes
    assert {c: [(r.low, r.high) for r in readings] for c, readings in again.picture.readings.items()} == {
        c: [(r.low, r.high) for r in readings] for c, readings in once.picture.readings.items()
    }


def test_wide_columns_are_found_by_name() -> None:
    names = ["person_id", "ana", "ana__titre", "crp", "crp__uln", "sex", "note"]
    found = wide_concepts(names, shipped_vocabulary())
    assert found == {"ana": "ana", "ana__titre": "ana", "crp": "crp", "crp__uln": "crp", "sex": "sex"}
    assert dict(wide_columns(shipped_vocabulary()["sex"])) == {"sex": "string"}
