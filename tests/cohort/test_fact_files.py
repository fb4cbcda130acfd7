"""Tables of facts in files: part by part, several at once, taken up again, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from crithidia.case import Presence, Quantity
from crithidia.case.fact_table import FactRow
from crithidia.cohort import files
from crithidia.cohort.compiled import Request
from crithidia.cohort.conflicts import rows_in_conflict
from crithidia.cohort.facts import classify, source
from crithidia.cohort.facts.batch import FactBatch
from crithidia.cohort.facts.classify import classify_facts, steps_of_facts
from crithidia.cohort.facts.readings import Readings
from crithidia.cohort.files import classify_file
from crithidia.foundation.problems import InputError
from crithidia.foundation.truth import Truth
from crithidia.intake.person import case_of_person
from tests.cohort.fact_cases import people
from tests.cohort.killed import killed_after
from tests.fact_tables import arrow_table

if TYPE_CHECKING:
    from pathlib import Path

SET = "ssc_acr_eular_2013"
EVERY = Request.of()


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return arrow_table(sorted(people(120, 31), key=lambda row: row.person_id))


def read_back(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


@pytest.mark.parametrize(("row_group", "at_a_time"), [(100, 300), (37, 200), (10_000, 150), (100, 100)])
def test_parts_of_any_size_give_the_same_in_the_same_order(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_group: int, at_a_time: int
) -> None:
    """Row groups read together, one to a part, or one that is cut into slices."""
    monkeypatch.setattr(source, "FACTS_AT_A_TIME", at_a_time)
    monkeypatch.setattr(source, "_BATCH", 64)
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(table, path, row_group_size=row_group)
    account = classify_file(path, out, EVERY)
    assert source.FactSource(path).parts not in {None, 1}
    assert account.people == len(set(table.column("person_id").to_pylist()))
    assert read_back(out) == classify_facts(table, EVERY).to_pylist()


def test_row_groups_that_end_with_a_person(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the last person of a part is known to be whole; one whom a cut divides is not."""
    names = table.column("person_id").to_pylist()
    starts = [i for i in range(len(names)) if not i or names[i] != names[i - 1]]
    cuts = [0, *starts[10::10], starts[35] + 1, len(names)]
    sizes = [end - first for first, end in pairwise(sorted(set(cuts)))]
    monkeypatch.setattr(source, "FACTS_AT_A_TIME", max(sizes) // 2 + 1)  # each row group is a part
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for first, end in pairwise(sorted(set(cuts))):
            writer.write_table(table.slice(first, end - first))
    classify_file(path, out, EVERY)
    assert source.FactSource(path).parts == len(sizes)
    assert read_back(out) == classify_facts(table, EVERY).to_pylist()
    ends = [source.FactSource(path)._ends(group) for group in range(len(sizes))]
    assert ends.count(False) == 1


def test_facts_in_no_order_are_sorted_first(table: pa.Table, tmp_path: Path) -> None:
    mixed = pa.concat_tables([table.slice(i, 50) for i in range(0, table.num_rows, 50)][::-1])
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(mixed, path, row_group_size=50)
    assert not source.FactSource(path).in_order
    classify_file(path, out, Request.of([SET]))
    assert {r["person_id"]: r[f"{SET}__low"] for r in read_back(out)} == {
        r["person_id"]: r[f"{SET}__low"] for r in classify_facts(table, Request.of([SET])).to_pylist()
    }


@pytest.mark.parametrize("kind", [pa.int64(), pa.int16(), pa.float64(), pa.decimal128(25, 2)])
def test_people_may_be_numbers(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: pa.DataType
) -> None:
    """Row groups in the order of the numbers, which is not that of their text: 9 comes before 10."""
    monkeypatch.setattr(source, "FACTS_AT_A_TIME", 300)
    monkeypatch.setattr(source, "_BATCH", 64)
    names = table.column("person_id").combine_chunks()
    numbers = names.dictionary_encode().indices.cast(pa.int64())
    place = table.schema.get_field_index("person_id")
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(table.set_column(place, "person_id", numbers.cast(kind)), path, row_group_size=100)
    account = classify_file(path, out, Request.of([SET]))
    own = classify_facts(table.set_column(place, "person_id", numbers.cast(pa.string())), Request.of([SET]))
    assert account.people == own.num_rows
    assert sorted(read_back(out), key=str) == sorted(own.to_pylist(), key=str)


def test_a_column_that_differs_from_person_id_in_case_is_not_taken_for_it(
    table: pa.Table, tmp_path: Path
) -> None:
    """DuckDB, which sorts the file, takes no notice of case."""
    mixed = pa.concat_tables([table.slice(50), table.slice(0, 50)])
    other = pa.array([f"x{i}" for i in range(mixed.num_rows)])
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(mixed.add_column(0, "Person_ID", other), path, row_group_size=50)
    classify_file(path, out, Request.of([SET]))
    assert read_back(out) == classify_facts(table, Request.of([SET])).to_pylist()


def test_a_killed_run_is_taken_up_again(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when its third part is kept: these are read back, the others are classified."""
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(table, path, row_group_size=100)
    killed_after(2, path, out, module="crithidia.cohort.facts.source", limit="FACTS_AT_A_TIME", size=300)
    assert not out.exists()

    monkeypatch.setattr(source, "FACTS_AT_A_TIME", 300)
    classified: list[set[str]] = []

    def counted(part: pa.Table, request: Request) -> Any:
        classified.append(set(part.column("person_id").to_pylist()))
        return steps_of_facts(part, request)

    monkeypatch.setattr(files, "steps_of_facts", counted)
    classify_file(path, out, EVERY)
    parts = source.FactSource(path).parts
    assert parts is not None
    assert len(classified) == parts - 3
    assert read_back(out) == classify_facts(table, EVERY).to_pylist()


@pytest.mark.parametrize("dictionaries", [True, False])
def test_facts_that_say_nothing_are_counted_in_parts_that_were_done_too(
    table: pa.Table, tmp_path: Path, dictionaries: bool
) -> None:
    """Two of a concept that is not known, one without any, one in another form; a gap in none is no such."""
    strange = [FactRow("000", "moon_phase", "presence", 1), FactRow("zzz", "moon_phase", "code", code="x"),
               FactRow("zzz", "crp", "hearsay"), FactRow("zzz", "ana", "presence")]  # fmt: skip
    whole = pa.concat_tables([arrow_table(strange[:1]), table,
                              arrow_table([*strange[1:], FactRow("zzz", "", "presence", 1)])])  # fmt: skip
    names = [name or None for name in whole.column("concept").to_pylist()]
    whole = whole.set_column(whole.schema.get_field_index("concept"), "concept", pa.array(names, pa.string()))
    path, out = tmp_path / "facts.parquet", tmp_path / "out.parquet"
    pq.write_table(whole, path, row_group_size=100, use_dictionary=dictionaries)
    killed_after(2, path, out, module="crithidia.cohort.facts.source", limit="FACTS_AT_A_TIME", size=300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "FACTS_AT_A_TIME", 300)
        unsaid = classify_file(path, out, Request.of()).unsaid
    assert unsaid == {("concept", "moon_phase"): 2, ("concept", ""): 1, ("form", "hearsay"): 1}
    assert (unsaid.names("concept"), unsaid.facts("concept")) == (("moon_phase", ""), 3)


def test_parts_of_another_size_are_not_taken_up(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a part says which people it has only as long as parts are cut in the same way."""
    path = tmp_path / "facts.parquet"
    pq.write_table(table, path)
    before = source.FactSource(path).identity()
    assert source.FactSource(path).identity() == before
    monkeypatch.setattr(source, "FACTS_AT_A_TIME", 300)
    assert source.FactSource(path).identity() != before


def test_first_days_are_found_in_portions(table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request.of(first_met=True)
    whole = classify_facts(table, request)
    portions: list[int] = []
    real = classify._first_days_of

    def counted(batch: Any, program: Any) -> Any:
        portions.append(batch.size)
        return real(batch, program)

    monkeypatch.setattr(classify, "_SNAPSHOTS_AT_A_TIME", 2000)
    monkeypatch.setattr(classify, "_first_days_of", counted)
    assert classify_facts(table, request).to_pylist() == whole.to_pylist()
    assert len(portions) > 3
    assert sum(portions) == whole.num_rows


@pytest.mark.parametrize("as_file", [True, False])
def test_a_fact_of_nobody_is_refused(tmp_path: Path, as_file: bool) -> None:
    rows = arrow_table([FactRow(n, "raynaud_phenomenon", "presence", truth=1) for n in ("a", "b", "c")])
    bad = rows.set_column(0, "person_id", pa.array(["a", None, "c"]))
    path = tmp_path / "facts.parquet"
    pq.write_table(bad, path)
    out = tmp_path / "out.parquet"
    with pytest.raises(InputError, match="1 facts have no person_id"):
        classify_file(path, out, EVERY) if as_file else classify_facts(bad, EVERY)


def test_a_truth_that_is_none_is_refused() -> None:
    rows = [FactRow("a", "raynaud_phenomenon", "presence", truth=truth) for truth in (1, 0, None, 2, -1)]
    with pytest.raises(InputError, match="2 facts have a truth that is neither 1 nor 0"):
        classify_facts(arrow_table(rows), EVERY)


def test_facts_of_no_concept_or_form_say_nothing() -> None:
    """Not even something about the concept or the form that happens to come last."""
    known = [FactRow("a", "raynaud_phenomenon", "presence", truth=0)]
    odd = [FactRow("b", "raynaud_phenomenon", "presence", truth=1) for _ in range(3)]
    table = arrow_table([*known, *odd])
    for name, values in (
        ("concept", ["raynaud_phenomenon", None, "no_such_concept", None]),
        ("form", ["presence", "presence", None, "no_such_form"]),
    ):
        kind = pa.array(values, pa.string()).dictionary_encode()
        table = table.set_column(table.schema.get_field_index(name), name, kind)
    request = Request.of([SET], items=True)
    first, second = classify_facts(table, request).to_pylist()
    nothing = {name: value for name, value in second.items() if name.startswith(f"{SET}__item__")}
    assert set(nothing.values()) == {"unknown"}
    assert first[f"{SET}__item__raynaud_phenomenon"] == "absent"


def test_facts_in_csv_are_those_in_parquet(table: pa.Table, tmp_path: Path) -> None:
    """In no order, with a person called 007; rows read are counted while CSV becomes Parquet."""
    names = [name.replace("p10", "007") for name in table.column("person_id").to_pylist()]
    table = table.set_column(0, "person_id", pa.array(names))
    mixed = pa.concat_tables([table.slice(start, 97) for start in range(0, table.num_rows, 97)][::-1])
    read: list[int] = []
    path, out = tmp_path / "facts.csv", tmp_path / "out.parquet"
    csv.write_csv(mixed, path)
    account = classify_file(path, out, EVERY, reading=read.append)
    expected = {row["person_id"]: row for row in classify_facts(table, EVERY).to_pylist()}
    assert account.people == len(expected)
    assert {row["person_id"]: row for row in read_back(out)} == expected
    assert read == [table.num_rows]
    stored = tmp_path / "facts.parquet"
    pq.write_table(mixed, stored)
    one, other = (_people_in_conflict(p) for p in (path, stored))
    assert one == other != set()
    assert case_of_person(path, "007") == case_of_person(stored, "007")


def _people_in_conflict(path: Path) -> set[str]:
    return {row["person_id"] for _, rows in rows_in_conflict(path) for row in rows.to_pylist()}


def test_a_cell_of_facts_in_csv_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path, out = tmp_path / "facts.csv", tmp_path / "out.parquet"
    path.write_text("person_id,concept,form,truth,at\na,fever,presence,TRUE,2021-03-01\nb,fever,presence,1,1.3.21\n")
    with pytest.raises(InputError, match=r"facts.csv: .*1\.3\.21"):
        classify_file(path, out, EVERY)
    assert not out.exists()
    path.write_text("person_id,concept,form,truth,at\na,fever,presence,TRUE,2021-03-01\nb,fever,presence,0,\n")
    classify_file(path, out, Request.of(["pfapa_eurofever_printo_2019"]))
    assert len(read_back(out)) == 2
    assert [fact.value for fact in case_of_person(path, "a").facts] == [Presence(Truth.PRESENT)]


def test_a_person_is_found_in_csv_as_it_is_classified(tmp_path: Path) -> None:
    """What a column holds does not depend on the rows at its beginning: nothing, or 007."""
    path = tmp_path / "people.csv"
    many = "".join(f"{n:06},,\n" for n in range(200_000))  # more than is looked at to guess a type
    path.write_text(f"person_id,fever,age\n{many}007,t,31\n", "utf-8")
    facts = {fact.concept: fact.value for fact in case_of_person(path, "007").facts}
    assert facts == {"fever": Presence(Truth.PRESENT), "age": Quantity.exactly(Decimal("31.0"), "a")}
    assert case_of_person(path, "000007").facts == ()


def test_a_person_with_facts_of_no_form_or_concept_is_explained_without_them(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("person_id,concept,form,truth,low\na,fever,presence,1,\na,fever,presense,0,\n"
                    "a,feverr,presence,0,\nb,ana,titre,,\n", "utf-8")  # fmt: skip
    assert [fact.value for fact in case_of_person(path, "a").facts] == [Presence(Truth.PRESENT)]
    with pytest.raises(InputError, match="a fact about 'ana' cannot be read: a titre needs low or high"):
        case_of_person(path, "b")


@pytest.mark.parametrize("form", ["wide", "facts"])
def test_a_code_that_is_none_is_refused(tmp_path: Path, form: str) -> None:
    """K for a woman (kobieta) must not become nobody's sex, nor a man's."""
    wide = "person_id,sex,creatinine\na,K,1\nb,,1\n"
    facts = "person_id,concept,form,code\na,sex,code,K\nb,sex,code,\n"
    path, out = tmp_path / "people.csv", tmp_path / "out.parquet"
    path.write_text(wide if form == "wide" else facts, "utf-8")
    with pytest.raises(InputError, match=r"'sex'.* holds 'K'"):
        classify_file(path, out, EVERY)
    if form == "wide":
        with pytest.raises(InputError, match="'sex' holds 'K'"):
            case_of_person(path, "a")
    path.write_text(path.read_text("utf-8").replace("K", "female"), "utf-8")
    assert classify_file(path, out, EVERY).people == 2
    assert [fact for fact in case_of_person(path, "b").facts if fact.concept == "sex"] == []


@pytest.mark.parametrize(("code", "recorded", "female"), [
    ("female", True, True), ("male", True, False), (None, False, False), ("", False, False),
])  # fmt: skip
def test_a_code_that_is_not_there_is_not_recorded(code: str | None, recorded: bool, female: bool) -> None:
    """It is no other code: of whom no sex is recorded is not known to be no woman."""
    readings = Readings(FactBatch(arrow_table([FactRow("a", "sex", "code", code=code)])))
    assert [bool(readings.codes("sex", asked)[0]) for asked in ("", "female")] == [recorded, female]
