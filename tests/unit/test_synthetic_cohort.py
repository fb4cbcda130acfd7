"""Synthetic cohorts: documented shares come out, nobody contradicts himself, the seed decides everything."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from crithidia.case import Case, Fact, Quantity, Titre
from crithidia.case.fact_table import FORMAT, arrow_schema, fact_of, row_from
from crithidia.cohort.synthetic import Plan, generate
from crithidia.cohort.synthetic.draw import Drawing
from crithidia.cohort.synthetic.recipe import load_recipe
from crithidia.cohort.synthetic.writing import batches
from crithidia.foundation.library import Library
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import InputError
from crithidia.interpretation import interpret
from crithidia.vocabulary import shipped_vocabulary
from tests.fact_tables import wide_concepts

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = shipped_vocabulary()


def wide_rows(**plan: Any) -> list[dict[str, Any]]:
    return [row for _, batch, _ in batches(Plan(**plan)) for row in batch.to_pylist()]


def cases_of_facts(**plan: Any) -> list[Case]:
    people: dict[str, list[Fact]] = {}
    for _, batch, _ in batches(Plan(form="facts", **plan)):
        for record in batch.to_pylist():
            people.setdefault(record["person_id"], []).append(fact_of(row_from(record)))
    return [Case(person, tuple(facts)) for person, facts in people.items()]


def test_the_seed_decides(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path, seed in zip(files, (1, 1, 2), strict=True):
        generate(Plan(300, sites=3, missing=0.4, label=True, seed=seed), path)
    first, again, other = (pq.read_table(path) for path in files)
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.parametrize(("disease", "kind", "finding", "share"), [
    ("ssc", "limited", "raynaud_phenomenon", 0.879), ("ssc", "diffuse", "sclerodactyly", 0.893),
    ("ssc", "diffuse", "anti_topoisomerase_i", 0.591), ("ssc", "limited", "fingertip_pitting_scars", 0.158),
    ("sle", "", "malar_rash", 0.47), ("sle", "", "anti_dsdna", 0.66),
    ("iim", "antisynthetase", "mechanics_hands", 0.32),
    ("sjogren", "", "anti_ssa_ro", 0.84), ("sjogren", "", "dry_mouth_symptom", 0.96),
])  # fmt: skip
def test_documented_shares_come_out(disease: str, kind: str, finding: str, share: float) -> None:
    people, truths = drawn()
    group = next(i for i, g in enumerate(load_recipe().groups) if (g.disease, g.kind) == (disease, kind))
    found = truths[finding][people == group]
    assert found.size > 2000
    assert (found == 1).mean() == pytest.approx(share, abs=0.03)


def drawn(_cache: list[Any] = []) -> Any:  # noqa: B006
    if not _cache:
        import numpy as np

        people = Drawing(load_recipe()).draw(60_000, np.random.default_rng(5))
        _cache.append((people.groups, people.truths))
    return _cache[0]


def test_every_finding_of_every_group_is_near_its_share() -> None:
    # Implications can force a share up; the data files must not ask for what they make impossible.
    recipe = load_recipe()
    groups, truths = drawn()
    off = [
        (group.disease, group.kind, name, share, round(float((truths[name][groups == i] == 1).mean()), 3))
        for i, group in enumerate(recipe.groups) for name, share in group.findings.items()
        if abs((truths[name][groups == i] == 1).mean() - share) > 0.06
    ]  # fmt: skip
    assert off == []


@pytest.mark.parametrize("options", [{}, {"every_concept": True}, {"missing": 0.5, "sites": 4}], ids=str)
def test_nobody_contradicts_himself(options: dict[str, Any]) -> None:
    for case in cases_of_facts(people=60, seed=3, **options):
        assert not interpret(case).picture.conflicts


def test_nobody_contradicts_himself_with_dates() -> None:
    for case in cases_of_facts(people=60, seed=4, dates=True, every_concept=True):
        undated = replace(case, facts=tuple(replace(fact, at=None) for fact in case.facts))
        assert not interpret(case).picture.conflicts
        assert not interpret(undated).picture.conflicts


def test_contradictions_come_when_asked_for() -> None:
    cases = cases_of_facts(people=80, seed=6, contradictions=1.0)
    contradicted = sum(bool(interpret(case).picture.conflicts) for case in cases)
    assert contradicted > 40


def test_what_must_recur_recurs() -> None:
    cases = cases_of_facts(people=400, seed=2, dates=True)
    twice = [case for case in cases if len(case.of("lupus_anticoagulant")) > 1]
    assert len(twice) > 8
    for case in twice:
        assert interpret(case).picture.known["persistent_lupus_anticoagulant"] is True


def test_missing_is_what_was_asked_and_differs_by_site() -> None:
    rows = wide_rows(people=4000, sites=4, missing=0.3, seed=1)
    by_site: dict[str, list[float]] = {}
    columns = [name for name in rows[0] if name in VOCABULARY and name != "nailfold_capillary_pattern"]
    for row in rows:
        share = sum(row[name] is None for name in columns) / len(columns)
        by_site.setdefault(row["site"], []).append(share)
    means = {site: sum(shares) / len(shares) for site, shares in by_site.items()}
    assert sum(map(sum, by_site.values())) / len(rows) == pytest.approx(0.3, abs=0.05)
    assert max(means.values()) - min(means.values()) > 0.05
    assert all(row["sex"] and row["age"] is not None for row in rows)


def test_the_wide_form_needs_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    summary = generate(Plan(500, missing=0.2, label=True, every_concept=True), path)
    table = pq.read_table(path)
    assert summary.people == table.num_rows == 500
    concepts = wide_concepts(table.column_names, VOCABULARY)
    assert set(table.column_names) - set(concepts) == {"person_id", "site", "label"}
    assert summary.recorded == sum(
        table.num_rows - table[name].null_count for name in concepts if not name.endswith(("__uln", "__lln"))
    )


def test_wide_and_facts_have_the_same_shares() -> None:
    ((_, wide, _),) = batches(Plan(3000, seed=1))
    ((_, facts, _),) = batches(Plan(3000, seed=1, form="facts"))
    there = pc.and_(pc.equal(facts["concept"], "raynaud_phenomenon"), pc.equal(facts["truth"], 1))
    assert pc.sum(wide["raynaud_phenomenon"]).as_py() == pytest.approx(pc.sum(there).as_py(), abs=120)
    cases = cases_of_facts(people=40, seed=1)
    assert isinstance(cases[0].of("age")[0].value, Quantity)
    assert any(isinstance(fact.value, Titre) for case in cases for fact in case.of("ana"))


def test_a_fact_file_has_the_schema_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    generate(Plan(50, form="facts", dates=True), path)
    table = pq.read_table(path)
    assert table.schema.metadata[b"crithidia"] == FORMAT.encode()
    for field in arrow_schema():
        assert table.schema.field(field.name).type == field.type


def test_csv_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    generate(Plan(40, label=True), path)
    assert csv.read_csv(path).num_rows == 40


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "people.parquet"
    path.write_bytes(b"old")
    monkeypatch.setattr("crithidia.cohort.synthetic.writing.wide_batch", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        generate(Plan(10), path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.parquet"]


@pytest.mark.parametrize("wrong", [
    {"people": 0}, {"people": 1, "form": "long"}, {"people": 1, "sites": 0}, {"people": 1, "missing": 1.0},
    {"people": 1, "dates": True}, {"people": 1, "contradictions": 2.0},
])  # fmt: skip
def test_a_plan_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Plan(**wrong)


@pytest.mark.parametrize(("old", "new", "words"), [
    ("raynaud_phenomenon:", "raynaud_phenomenom:", "not a concept"),
    ("source: eustar", "source: eustra", "not one of the sources"),
    ("shares: {limited: 0.586, diffuse: 0.893}", "shares: {limited: 0.586}", "must name every kind"),
    ("creatine_kinase: {outside", "aldolase: {outside", "has no values"),
])  # fmt: skip
def test_mistakes_in_a_disease_file_have_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str,
                                                    new: str, words: str) -> None:  # fmt: skip
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "knowledge"
    shutil.copytree(SHIPPED / "cohort", root / "cohort")
    file = root / "cohort" / "ssc.yaml"
    text = file.read_text("utf-8").replace("source: diffuse, unverified: true}", "source: eustar}")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        load_recipe(Library(root), VOCABULARY)
    assert str(caught.value.problems[0].where).startswith("cohort/ssc.yaml:")
