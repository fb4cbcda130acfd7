"""The table of facts: what is known of many people, one fact a row; and the wide form, one person a row.

This is what every table, database and export is converted to and what a cohort is classified from. Values
stand in the canonical unit of their quantity, as the double nearest to the exact decimal, so that a
comparison at a threshold has the result that it has for a single case. NULL is "not recorded" or "no bound",
never "absent". A time that is only an offset from an index visit without a date has no place here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crithidia.case.fact import Fact, Provenance
from crithidia.case.moment import Moment
from crithidia.case.reading import read_dose
from crithidia.case.values import Code, Dose, Grade, Interval, Presence, Quantity, Titre
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import Concept, Kind, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from crithidia.case.values import Value

PERSON: Final = "person_id"
FORMAT: Final = "crithidia.facts/1"
WIDE_FORMAT: Final = "crithidia.wide/1"
FORMS: Final = ("presence", "grade", "quantity", "titre", "code", "dose")


class Column(NamedTuple):
    """One column: its name, its type (string, int8, double, bool, date) and what it holds."""

    name: str
    type: str
    holds: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of one person, flat. The fields are the columns, in this order; see ``COLUMNS``."""

    person_id: str
    concept: str
    form: str
    truth: int | None = None
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    limit_low: float | None = None
    limit_high: float | None = None
    limit_low_open: bool = False
    limit_high_open: bool = False
    unit: str | None = None
    code: str | None = None
    pattern: str | None = None
    text: str | None = None
    at: date | None = None
    until: date | None = None
    explained_by: str | None = None
    source: str | None = None


COLUMNS: Final = (
    Column("person_id", "string", "the person"),
    Column("concept", "string", "the id of the concept"),
    Column("form", "string", f"the kind of value: {', '.join(FORMS)}"),
    Column("truth", "int8", "what a presence or grade states: 1 present, 0 absent, NULL left open"),
    Column("low", "double", "lower bound of a quantity, or reciprocal of a titre; NULL is no bound"),
    Column("high", "double", "upper bound; equal to low where the value is exact"),
    Column("low_open", "bool", "the value is above low, not equal to it"),
    Column("high_open", "bool", "the value is below high, not equal to it"),
    Column("limit_low", "double", "the laboratory's own interval, in the same unit"),
    Column("limit_high", "double", "the laboratory's own interval, in the same unit"),
    Column("limit_low_open", "bool", "the lower limit lies outside the interval"),
    Column("limit_high_open", "bool", "the upper limit lies outside the interval"),
    Column("unit", "string", "unit of low and high (UCUM); as written where the concept has none of its own"),
    Column("code", "string", "the code, or the grade as printed (-, +/-, + to ++++)"),
    Column("pattern", "string", "the words after a titre"),
    Column("text", "string", "the words of a dose"),
    Column("at", "date", "when it was so"),
    Column("until", "date", "when it ended"),
    Column("explained_by", "string", "the cause that the recorder prefers"),
    Column("source", "string", "where it stands: file and row, or resource"),
)

# In the wide form a column is called after its concept; these endings say more about the same concept.
TITRE: Final = "__titre"
NUMBER: Final = "__value"
UPPER_LIMIT: Final = "__uln"
LOWER_LIMIT: Final = "__lln"


def holds_facts(columns: Iterable[str]) -> bool:
    """Return whether a table with these columns is one of facts, not one row a person."""
    return {"concept", "form"} <= set(columns)


def arrow_schema() -> Any:
    """Return the schema as a ``pyarrow.Schema``, with ``FORMAT`` in its metadata."""
    import pyarrow as pa

    types = {"string": pa.string(), "int8": pa.int8(), "double": pa.float64(), "bool": pa.bool_(),
             "date": pa.date32()}  # fmt: skip
    own = [pa.field(column.name, types[column.type], nullable=column.name not in _NEVER_NULL)
           for column in COLUMNS]  # fmt: skip
    return pa.schema(own, metadata={"crithidia": FORMAT})


_NEVER_NULL: Final = frozenset({
    "person_id", "concept", "form", "low_open", "high_open", "limit_low_open", "limit_high_open",
})  # fmt: skip


def wide_columns(concept: Concept) -> Iterator[tuple[str, str]]:
    """Yield name and type of every column that may speak of a concept in the wide form.

    The type is ``bool`` for what is present or absent, ``double`` for numbers (canonical unit; an antibody's
    in the unit of its limit) and titres (the reciprocal), ``string`` for codes.
    """
    if concept.kind is Kind.CODE:
        yield concept.id, "string"
    elif concept.kind is Kind.QUANTITY:
        yield concept.id, "double"
        yield from ((concept.id + ending, "double") for ending in (LOWER_LIMIT, UPPER_LIMIT))
    elif concept.kind is Kind.ANTIBODY:
        yield concept.id, "bool"
        yield from ((concept.id + ending, "double") for ending in (TITRE, NUMBER, LOWER_LIMIT, UPPER_LIMIT))
    elif concept.kind is Kind.FINDING:
        yield concept.id, "bool"


def kinds_of_columns(vocabulary: Vocabulary) -> dict[str, str]:
    """Return the type that each column of a wide table has: bool, double or string."""
    return {name: kind for concept in vocabulary.concepts.values() for name, kind in wide_columns(concept)}


def row_of(person_id: str, fact: Fact, source: str | None = None) -> FactRow:
    """Return the row of a fact whose quantity is in the unit that the table holds.

    ``interpretation.canonical`` brings it there. ``source`` defaults to where the fact was read.
    Raises ``ValueError`` for a time without a date.
    """
    where = fact.provenance.where
    return FactRow(
        person_id, fact.concept, **_flat(fact.value), at=_day(fact.at), until=_day(fact.until),
        explained_by=fact.explained_by or None, source=source or (str(where) if where else None),
    )  # fmt: skip


def _day(moment: Moment | None) -> date | None:
    if moment is None:
        return None
    if moment.on is None:
        msg = f"'{moment}' has no date, because the date of the index visit is not known"
        raise ValueError(msg)
    return moment.on


def _flat(value: Value) -> dict[str, Any]:
    if isinstance(value, Presence):
        return {"form": "presence", "truth": _NUMBERS[value.truth]}
    if isinstance(value, Grade):
        return {"form": "grade", "truth": _NUMBERS[value.truth], "code": value.text}
    if isinstance(value, Quantity):
        return _flat_quantity(value)
    if isinstance(value, Titre):
        return {"form": "titre", **_flat_titre(value), "pattern": value.pattern or None}
    if isinstance(value, Code):
        return {"form": "code", "code": value.code}
    return {"form": "dose", "text": value.text}


_NUMBERS: Final = {Truth.PRESENT: 1, Truth.ABSENT: 0, Truth.UNKNOWN: None}
_TRUTHS: Final = {number: truth for truth, number in _NUMBERS.items()}


def _flat_quantity(value: Quantity) -> dict[str, Any]:
    flat = {"form": "quantity", "low": _double(value.low), "high": _double(value.high),
            "low_open": value.low_open, "high_open": value.high_open, "unit": value.unit or None}  # fmt: skip
    limits = value.interval
    if limits is not None:
        flat |= {"limit_low": _double(limits.low), "limit_high": _double(limits.high),
                 "limit_low_open": limits.low_open, "limit_high_open": limits.high_open}  # fmt: skip
    return flat


def _flat_titre(value: Titre) -> dict[str, Any]:
    number, sign = float(value.reciprocal), value.comparator
    return {"low": None if sign.startswith("<") else number, "high": None if sign.startswith(">") else number,
            "low_open": sign == ">", "high_open": sign == "<"}  # fmt: skip


def _double(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def fact_of(row: FactRow) -> Fact:
    """Return the fact of a row. Raises ``ValueError`` for a form that does not exist."""
    note = Provenance(note=row.source or "")
    return Fact(row.concept, _value(row), _moment(row.at), note, row.explained_by or "", _moment(row.until))


def _moment(day: date | None) -> Moment | None:
    return None if day is None else Moment(day.isoformat(), on=day)


def _value(row: FactRow) -> Value:
    if row.form == "presence":
        return Presence(_TRUTHS[row.truth])
    if row.form == "grade":
        return Grade(row.code or "")
    if row.form == "quantity":
        return Quantity(_decimal(row.low), _decimal(row.high), row.unit or "", row.low_open, row.high_open,
                        _interval(row))  # fmt: skip
    if row.form == "titre":
        return _titre(row)
    if row.form == "code":
        return Code(row.code or "")
    if row.form == "dose":
        return _dose(row)
    msg = f"'{row.form}' is not a form of value; known: {', '.join(FORMS)}"
    raise ValueError(msg)


def _interval(row: FactRow) -> Interval | None:
    if row.limit_low is None and row.limit_high is None:
        return None
    return Interval(_decimal(row.limit_low), _decimal(row.limit_high),
                    row.limit_low_open, row.limit_high_open)  # fmt: skip


def _titre(row: FactRow) -> Titre:
    number = row.high if row.low is None else row.low
    if number is None:
        msg = "a titre needs low or high"
        raise ValueError(msg)
    if row.low is None:
        sign = "<" if row.high_open else "<="
    elif row.high is None:
        sign = ">" if row.low_open else ">="
    else:
        sign = "="
    return Titre(int(number), sign, row.pattern or "")


def _dose(row: FactRow) -> Dose:
    try:
        return read_dose(row.text or "")
    except ValueError:
        return Dose(None, "", None, row.text or "")


def _decimal(number: float | None) -> Decimal | None:
    """Return the shortest decimal that is this double: what was written, up to 15 digits."""
    return None if number is None else Decimal(repr(float(number)))


def row_from(record: dict[str, Any]) -> FactRow:
    """Return the row of a mapping from columns to values; columns that are not there are NULL."""
    known = {field.name for field in fields(FactRow)}
    return FactRow(**{name: value for name, value in record.items() if name in known})
