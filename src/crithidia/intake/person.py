"""One person of a cohort file as a single case: a row of a wide table, or the rows of a table of facts."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crithidia.case import Case, Code, Fact, Interval, Presence, Provenance, Quantity, Titre
from crithidia.case.csv_table import csv_error, csv_options, csv_schema
from crithidia.case.fact_table import (
    FORMS,
    LOWER_LIMIT,
    NUMBER,
    PERSON,
    TITRE,
    UPPER_LIMIT,
    fact_of,
    holds_facts,
    row_from,
)
from crithidia.case.person_names import all_whole, is_numbered, named, without_decimals
from crithidia.foundation.problems import InputError, refuse
from crithidia.foundation.truth import Truth
from crithidia.interpretation import shipped_units
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Row = dict[str, Any]


def case_of_person(path: Path, person: str) -> Case:
    """Return the case of a person in a Parquet or CSV file. Raises ``InputError``."""
    table = _table(path)
    if PERSON not in table.schema.names:
        raise refuse(f"{path}: there is no column '{PERSON}'", None, "one row a person, or a fact a row")
    rows = _rows(table, person, csv=path.suffix.lower() == ".csv")
    if not rows:
        raise refuse(f"{path}: there is no person '{person}'")
    if len(rows) > 1 and not holds_facts(table.schema.names):
        msg = f"{path}: there are {len(rows)} rows of person '{person}'"
        raise refuse(msg, None, "keep one row a person")
    return case_of_rows(person, rows, str(path))


def case_of_rows(person: str, rows: Sequence[Row], source: str) -> Case:
    """Return the case of a person from the rows of a table of facts, or from rows of a wide table.

    ``source`` names the table where the rows do not say where they stand. Raises ``InputError`` for a value
    that a wide table cannot hold.
    """
    if rows and holds_facts(rows[0]):
        return Case(person, tuple(_fact(row) for row in rows if _says_something(row)))
    return Case(person, tuple(fact for row in rows for fact in _facts(row, source)))


def _says_something(row: Row) -> bool:
    """Return whether a fact has a form and is about a concept; others say nothing in a cohort either."""
    known = row["form"] in FORMS and row["concept"] in shipped_vocabulary()
    return known and bool(row["form"] != "code" or row.get("code"))


def _fact(row: Row) -> Fact:
    try:
        return fact_of(row_from(row))
    except (KeyError, TypeError, ValueError) as error:
        raise refuse(f"a fact about '{row['concept']}' cannot be read: {error}") from None


def _table(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import dataset

    try:
        if path.suffix.lower() != ".csv":
            return dataset.dataset(path, format="parquet")
        schema = csv_schema(path)
        return dataset.dataset(path, schema, dataset.CsvFileFormat(convert_options=csv_options(schema)))
    except (OSError, pa.ArrowInvalid) as error:
        raise refuse(f"{path}: cannot be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _rows(table: Any, person: str, *, csv: bool) -> list[Row]:
    import pyarrow as pa

    try:
        found: list[Row] = table.to_table(filter=_is(table, person, csv=csv)).to_pylist()
    except pa.ArrowInvalid as error:
        raise refuse(csv_error(error, table.schema.names)) from None
    return found


def _is(table: Any, person: str, *, csv: bool) -> Any:
    """Return the condition under which a row is of a person (``case.person_names``)."""
    import pyarrow as pa
    from pyarrow import compute as pc

    column = pc.field(PERSON)
    people = (batch.column(0) for batch in table.scanner(columns=[PERSON]).to_batches())
    if is_numbered(table.schema.field(PERSON).type):
        own = [values.filter(pc.equal(named(values), person)) for values in people]
        return column.isin(pa.chunked_array(own, table.schema.field(PERSON).type).unique())
    if csv and all_whole(people):
        return without_decimals(column) == person
    return column.cast(pa.string()) == person


def _facts(row: Row, source: str) -> Iterator[Fact]:
    for concept in shipped_vocabulary().concepts.values():
        for value in _values(concept, row):
            yield Fact(concept.id, value, None, Provenance(note=source))


def _values(concept: Concept, row: Row) -> Iterator[Any]:
    said = row.get(concept.id)
    if concept.kind is Kind.CODE:
        if said and said not in concept.choices:
            raise refuse(f"column '{concept.id}' holds {said!r}", None,
                         f"one of {', '.join(concept.choices)}, or empty")  # fmt: skip
        if said:
            yield Code(str(said))
    elif concept.kind is Kind.QUANTITY:
        yield from _quantity(concept, concept.id, row)
    elif concept.takes_presence:
        if said is not None:
            yield Presence(Truth.of(_truth(concept.id, said)))
        titre = _number(row, concept.id + TITRE)
        if titre is not None:
            yield Titre(int(titre))
        yield from _quantity(concept, concept.id + NUMBER, row)


def _truth(column: str, said: Any) -> bool:
    if said in (True, False):  # 1 and 0 are equal to them
        return bool(said)
    raise _not_a_truth(column, said)


def _not_a_truth(column: str, said: Any) -> InputError:
    return refuse(f"column '{column}' holds {said!r}", None, "true, false or empty")


def _quantity(concept: Concept, column: str, row: Row) -> Iterator[Quantity]:
    number = _number(row, column)
    if number is None:
        return
    low, high = _number(row, concept.id + LOWER_LIMIT), _number(row, concept.id + UPPER_LIMIT)
    kind = shipped_units().quantities.get(concept.id)
    interval = None if low is None and high is None else Interval(low, high)
    yield Quantity.exactly(number, kind.unit if kind else "", interval)


def _number(row: Row, column: str) -> Decimal | None:
    number = row.get(column)
    if number is None or not math.isfinite(number):
        return None
    return Decimal(repr(float(number)))
