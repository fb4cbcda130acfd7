"""Columns of facts as numbers: whatever the chunks and slices, the values are those that Arrow gives."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crithidia.cohort.facts.batch import KINDS, UNDATED, FactBatch, taken
from crithidia.cohort.facts.columns import people_of, truths_of, values_of, words_of
from crithidia.foundation.problems import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPES = {
    pa.float64(): st.floats(allow_nan=False, width=32),
    pa.int8(): st.integers(-128, 127),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1900, 1, 1), date(2100, 1, 1)),
}
_MISSING = {pa.float64(): -0.5, pa.int8(): -1, pa.bool_(): False, pa.date32(): UNDATED}
_WORDS = st.lists(st.lists(st.none() | st.sampled_from(["ana", "", "zażółć", "rf"]), max_size=20), max_size=4)


def sliced(values: list[Any], kind: Any, before: int) -> Any:
    """Return an array that begins in the middle of its memory, as a slice of a table does."""
    return pa.array([*values[:1] * before, *values], kind).slice(before if values else 0)


@st.composite
def columns(draw: st.DrawFn) -> tuple[Any, Any]:
    kind = draw(st.sampled_from(list(_TYPES)))
    chunks = draw(st.lists(st.lists(st.none() | _TYPES[kind], max_size=20), max_size=4))
    before = draw(st.integers(0, 9))
    return pa.chunked_array([sliced(chunk, kind, before) for chunk in chunks], kind), kind


def plain(column: Any, kind: Any) -> list[Any]:
    """Return what Arrow says of a column, with days as numbers and what is missing filled in."""
    values = column.cast(pa.int32()).to_pylist() if kind == pa.date32() else column.to_pylist()
    return [_MISSING[kind] if value is None else value for value in values]


@settings(deadline=None)
@given(columns(), st.data())
def test_values_are_those_of_arrow(column: tuple[Any, Any], data: st.DataObject) -> None:
    array, kind = column
    expected = plain(array, kind)
    values = values_of(array, kind)
    assert values.every(_MISSING[kind]).tolist() == expected
    if expected:
        rows = data.draw(st.lists(st.integers(0, len(expected) - 1)))
        for some in (rows, sorted(rows)):
            assert values.at(np.array(some, np.int64), _MISSING[kind]).tolist() == [expected[r] for r in some]


@settings(deadline=None)
@given(_WORDS, st.booleans(), st.integers(0, 3))
def test_words_are_those_of_arrow(chunks: list[list[str | None]], dictionary: bool, before: int) -> None:
    arrays = [sliced(chunk, pa.string(), before) for chunk in chunks]
    if dictionary:  # each chunk has a dictionary of its own, in an order of its own
        arrays = [array.dictionary_encode() for array in arrays]
    column = pa.chunked_array(arrays, None if arrays else pa.string())
    names, values = words_of(column)
    found = [None if number < 0 else names[number] for number in values.every(-1)]
    assert found == [word for chunk in chunks for word in chunk]
    assert len(set(names)) == len(names)


def test_a_word_that_a_dictionary_lacks_is_none() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array(["ana", None]))
    names, values = words_of(column)
    assert (names, values.every(-1).tolist()) == (("ana",), [0, -1, 0])


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["b", "a", "10", "9"]), max_size=8), max_size=4), st.booleans())
def test_people_are_numbered_in_the_order_of_their_first_facts(chunks: list[list[str]], words: bool) -> None:
    column = pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string())
    person, people = people_of(column if words else column.dictionary_encode())
    every = [name for chunk in chunks for name in chunk]
    assert people.to_pylist() == list(dict.fromkeys(every))
    assert [people.to_pylist()[number] for number in person] == every


@pytest.mark.parametrize("wrong", [[2], [0, -1], [1, None, 7, 9]])
def test_a_truth_that_is_none_is_refused(wrong: list[int | None]) -> None:
    with pytest.raises(InputError, match="neither 1 nor 0"):
        truths_of(pa.array(wrong, pa.int8()))


def facts(rows: Sequence[tuple[str, str, str, int | None]], *, chunks: int = 1) -> Any:
    """Return a table of facts of person, concept, form and truth, in several chunks."""
    names = ("person_id", "concept", "form", "truth")
    table = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    size = -(-len(rows) // chunks)
    return pa.concat_tables([table.slice(first, size) for first in range(0, len(rows), size)])


def marked(words: Any) -> list[int]:
    """Return the numbers of the people whose bit is set."""
    found: list[int] = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")).tolist()
    return found


_FACTS = st.lists(
    st.tuples(st.sampled_from([f"p{i:03}" for i in range(200)]),
              st.sampled_from([f"c{i}" for i in range(60)]),
              st.sampled_from(["presence", "grade", "quantity", "code", "another"]),
              st.sampled_from([0, 1, None])),
    min_size=1, max_size=300,
)  # fmt: skip


@settings(deadline=None)
@given(_FACTS, st.booleans(), st.integers(1, 3))
def test_presences_are_told_alike_by_bits_and_by_rows(
    rows: list[tuple[str, str, str, int | None]], in_order: bool, chunks: int
) -> None:
    """Whether their rows are found in one pass, as they were expected, or by sorting all presences."""
    if in_order:
        rows = sorted(rows, key=lambda row: row[0])
    every = FactBatch(facts(rows, chunks=chunks))
    people = every.people.to_pylist()
    for batch, kept in ((every, rows), (taken(every, np.arange(0, len(rows), 2)), rows[::2])):
        found = {}
        presences = list(batch.presences())
        batch.expect((kind, concept) for kind, concept, _ in presences[::2])
        for kind, concept, whom in presences:
            name = batch.concepts[concept]
            of = {people[place] for place in marked(whom)}
            stated = batch.rows_of(kind, concept)
            assert {people[number] for number in batch.person[stated]} == of
            assert stated.tolist() == [
                place for place, (_, c, form, truth) in enumerate(kept)
                if (c, truth) == (name, int(kind == "present")) and form in {"presence", "grade"}
            ]  # fmt: skip
            found[kind, name] = of
        assert found == {
            (kind, name): {p for p, c, form, truth in kept
                           if (c, truth) == (name, value) and form in {"presence", "grade"}}
            for kind, value in (("present", 1), ("absent", 0))
            for name in {c for _, c, form, truth in kept if truth == value and form in {"presence", "grade"}}
        }  # fmt: skip


@settings(deadline=None)
@given(_FACTS)
def test_facts_of_a_kind_stand_in_the_order_of_their_concepts(
    rows: list[tuple[str, str, str, int | None]],
) -> None:
    batch = FactBatch(facts(rows))
    for kind, form in (("number", "quantity"), ("code", "code")):
        own, spans = batch.of_kind(kind)
        names = [own.concept.names[number] for number in own.concept.numbers]
        assert [own.people[number].as_py() for number in own.person] == [
            person for name in batch.concepts for person, c, f, _ in rows if (c, f) == (name, form)
        ]
        assert names == [name for name in batch.concepts for _, c, f, _ in rows if (c, f) == (name, form)]
        for number, span in spans.items():
            assert set(names[span]) == {batch.concepts[number]}
    assert set(KINDS) == {"present", "absent", "number", "code"}


def test_many_people_are_marked_block_by_block() -> None:
    """More people than a block holds, the last block begun; every third has the finding."""
    people = 9_001
    rows = [(f"p{i:05}", "ana", "presence", int(i % 3 == 0)) for i in range(people)]
    batch = FactBatch(facts(rows, chunks=2))
    found = {kind: marked(whom) for kind, _, whom in batch.presences()}
    assert found["present"] == [i for i in range(people) if i % 3 == 0]
    assert found["absent"] == [i for i in range(people) if i % 3]
