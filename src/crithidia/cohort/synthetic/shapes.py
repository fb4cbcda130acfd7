"""The recorded batch as a record batch: one row a person, or one row a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crithidia.case.fact_table import (
    FORMAT,
    LOWER_LIMIT,
    NUMBER,
    PERSON,
    TITRE,
    UPPER_LIMIT,
    WIDE_FORMAT,
    arrow_schema,
)
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from crithidia.cohort.synthetic.draw import Array
    from crithidia.cohort.synthetic.record import Recording

_FIRST_DAY: Final = np.datetime64("2010-01-01", "D")
_DAYS: Final = 14 * 365
_YEAR: Final = 365.25
_APART: Final = (90, 400)


def about(form: str, seed: int) -> dict[str, str]:
    """Return what the metadata of a file say about it."""
    kind = FORMAT if form == "facts" else WIDE_FORMAT
    return {"crithidia": kind, "generated": f"synthetic, seed {seed}"}


def wide_batch(recording: Recording, start: int, random: np.random.Generator) -> Any:
    """Return one row a person: truths as booleans, numbers in the canonical unit, codes as text."""
    del random
    columns = {**_persons(recording, start, recording.order)}
    for name in recording.codes:
        columns[name] = _texts(recording, name)
    for name in recording.findings:
        columns[name] = _booleans(recording, name)
    for name in recording.titres:
        columns[name + TITRE] = _doubles(recording, "titres", name)
    for name in recording.numbers:
        columns |= _number_columns(recording, name)
    return pa.record_batch(columns)


def _persons(recording: Recording, start: int, order: Array) -> dict[str, Any]:
    """Return the columns about the person: id, site and, if asked for, the disease it was drawn from."""
    numbers = pa.array(np.arange(start + 1, start + 1 + len(recording.people))).cast(pa.string())
    padded = pc.utf8_lpad(numbers, width=8, padding="0")
    found = {PERSON: pc.binary_join_element_wise("p", padded, "")}
    sites = pa.array([f"site_{number + 1}" for number in range(recording.plan.sites)])
    found["site"] = pa.DictionaryArray.from_arrays(pa.array(recording.sites[order]), sites)
    if recording.plan.label:
        labels = pa.array([group.disease for group in recording.drawing.recipe.groups])
        groups = pa.array(recording.people.groups[order])
        found["label"] = pa.DictionaryArray.from_arrays(groups, labels)
    return found


def _taken(texts: Any, indices: Array) -> Any:
    """Return texts by index without copying them: as a dictionary, which Parquet writes as it is."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    return encoded.take(pa.array(indices))


def _bits(flags: Array) -> Any:
    return pa.py_buffer(np.packbits(flags, bitorder="little").tobytes())


def _booleans(recording: Recording, name: str) -> Any:
    truths = recording.people.truths[name].take(recording.order) == 1
    known = recording.known[name].take(recording.order)
    return pa.Array.from_buffers(pa.bool_(), len(truths), [_bits(known), _bits(truths & known)])


def _doubles(recording: Recording, section: str, name: str) -> Any:
    values = getattr(recording.people, section)[name].take(recording.order)
    known = recording.known[f"{section}:{name}"].take(recording.order)
    return pa.array(np.where(known, values, 0.0), mask=~known)


def _texts(recording: Recording, name: str) -> Any:
    known = recording.known[f"codes:{name}"].take(recording.order)
    codes = recording.people.codes[name].take(recording.order)
    indices = pa.array(np.where(known, codes, 0), mask=~known)
    return pa.DictionaryArray.from_arrays(indices, pa.array(recording.drawing.choices[name]))


def _number_columns(recording: Recording, name: str) -> dict[str, Any]:
    """Return a number and, where a rule or an antibody needs them, the limits of the laboratory."""
    values = _doubles(recording, "numbers", name)
    is_antibody = recording.drawing.vocabulary[name].kind is Kind.ANTIBODY
    columns = {name + NUMBER if is_antibody else name: values}
    laboratory = recording.drawing.recipe.laboratory.get(name)
    if laboratory and (is_antibody or name in recording.drawing.rules.limits):
        for ending, limit in ((LOWER_LIMIT, laboratory.low), (UPPER_LIMIT, laboratory.high)):
            constant = pa.array(np.full(len(values), limit))
            columns[name + ending] = pc.if_else(values.is_valid(), constant, None)
    return columns


def fact_batch(recording: Recording, start: int, random: np.random.Generator) -> Any:
    """Return one row a fact, the facts of a person together."""
    layout = _Layout(recording)
    people, columns = np.nonzero(layout.known[recording.order])
    rows = recording.order[people]
    at = _dates(recording, layout, rows, columns, random) if recording.plan.dates else None
    again = _again(recording, layout, rows, columns) if recording.plan.dates else np.empty(0, dtype=int)
    if at is not None and again.size:
        later = at[again] + random.integers(*_APART, again.size)
        people, rows, columns, at = (np.concatenate([whole, part]) for whole, part in (
            (people, people[again]), (rows, rows[again]), (columns, columns[again]), (at, later),
        ))  # fmt: skip
        order = np.argsort(people, kind="stable")
        people, rows, columns, at = people[order], rows[order], columns[order], at[order]
    return layout.batch(start, people, rows, columns, at)


class _Layout:
    """Facts as a matrix, people by columns: findings, then numbers, titres and codes."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.entries = [(section, name) for section in ("findings", "numbers", "titres", "codes")
                        for name in getattr(recording, section)]  # fmt: skip
        self.known = np.column_stack([
            recording.known[name if section == "findings" else f"{section}:{name}"]
            for section, name in self.entries
        ])  # fmt: skip

    def batch(self, start: int, people: Array, rows: Array, columns: Array, at: Array | None) -> Any:
        recording = self.recording
        schema = arrow_schema()
        found: dict[str, Any] = {}
        for name, column in _persons(recording, start, recording.order).items():
            found[name] = _taken(column, people)
        found |= self._constant(columns) | self._values(rows, columns)
        none = pa.nulls(len(columns))
        found["at"] = none.cast(pa.date32()) if at is None else self._date(columns, at)
        columns_of = {field.name: found.pop(field.name, none.cast(field.type)) for field in schema}
        return pa.record_batch(columns_of | found)

    def _constant(self, columns: Array) -> dict[str, Any]:
        """Return what is the same for every fact of a column."""
        recipe, vocabulary = self.recording.drawing.recipe, self.recording.drawing.vocabulary
        laboratory = [recipe.laboratory.get(name) if section == "numbers" else None
                      for section, name in self.entries]  # fmt: skip
        forms = {"findings": "presence", "numbers": "quantity", "titres": "titre", "codes": "code"}
        per_column = {
            "concept": pa.array([name for _, name in self.entries]),
            "form": pa.array([forms[section] for section, _ in self.entries]),
            "unit": pa.array([vocabulary[name].unit or None if section == "numbers" else None
                              for section, name in self.entries], pa.string()),
            "limit_low": pa.array([lab.low if lab else None for lab in laboratory], pa.float64()),
            "limit_high": pa.array([lab.high if lab else None for lab in laboratory], pa.float64()),
        }  # fmt: skip
        indices = pa.array(columns)
        closed = pa.array(np.zeros(len(columns), dtype=bool))
        flags = ("low_open", "high_open", "limit_low_open", "limit_high_open")
        texts = ("concept", "form", "unit")
        return {
            name: _taken(values, columns) if name in texts else values.take(indices)
            for name, values in per_column.items()
        } | dict.fromkeys(flags, closed)

    def _values(self, rows: Array, columns: Array) -> dict[str, Any]:
        people = self.recording.people
        truth = np.zeros(len(columns), dtype=np.int8)
        number = np.full(len(columns), np.nan)
        code = np.full(len(columns), -1)
        codes: list[str] = []
        sections = np.array([section for section, _ in self.entries])[columns]
        order = np.argsort(columns, kind="stable")
        ends = np.cumsum(np.bincount(columns, minlength=len(self.entries)))
        for index, (section, name) in enumerate(self.entries):
            where = order[ends[index - 1] if index else 0 : ends[index]]
            if section == "findings":
                truth[where] = people.truths[name][rows[where]]
            elif section == "codes":
                code[where] = people.codes[name][rows[where]] + len(codes)
                codes.extend(self.recording.drawing.choices[name])
            else:
                number[where] = getattr(people, section)[name][rows[where]]
        numbers = pa.array(number, mask=np.isnan(number))
        texts = pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), pa.array(codes, pa.string()))
        return {"truth": pa.array(truth, mask=sections != "findings"), "low": numbers, "high": numbers,
                "code": texts}  # fmt: skip

    def _date(self, columns: Array, at: Array) -> Any:
        timeless = np.array([name == "age_at_onset" for _, name in self.entries])[columns]
        return pa.array(at, mask=timeless).cast(pa.date32())


def _dates(recording: Recording, layout: _Layout, rows: Array, columns: Array,
           random: np.random.Generator) -> Array:  # fmt: skip
    """Return a day for each fact: between onset and the visit; age and sex on the day of the visit."""
    people = recording.people
    visit = random.integers(0, _DAYS, len(people))
    since = ((people.age - people.onset) * _YEAR).astype(int)
    at_visit = np.array([name in {"age", "sex"} for _, name in layout.entries])
    before = np.where(at_visit[columns], 0.0, random.random(len(rows)) * since[rows])
    return np.asarray(_FIRST_DAY + (visit[rows] - before.astype(int)).astype("timedelta64[D]"))


def _again(recording: Recording, layout: _Layout, rows: Array, columns: Array) -> Array:
    """Return the facts that are recorded a second time, because a rule asks that they recur."""
    drawing, truths = recording.drawing, recording.people.truths
    shown_by = {rule.finding: next(iter(rule.quantities)) for rule in drawing.rules.thresholds
                if len(rule.quantities) == 1}  # fmt: skip
    again = np.zeros(len(rows), dtype=bool)
    for recurrence, once in drawing.recurrences.items():
        for entry in (("findings", once), ("numbers", shown_by.get(once, ""))):
            if entry in layout.entries:
                again |= (columns == layout.entries.index(entry)) & (truths[recurrence][rows] == 1)
    return np.flatnonzero(again)
