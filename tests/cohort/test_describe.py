"""A cohort of twelve people, small enough that every figure is counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crithidia.cohort.compiled import Request
from crithidia.cohort.describe import Description, Reference, describe
from crithidia.cohort.describe.of_file import describe_file
from crithidia.foundation.problems import InputError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from crithidia.cohort.describe.sheet import Cell

SSC, OLD_SSC, SLE = "ssc_acr_eular_2013", "ssc_acr_1980", "sle_eular_acr_2019"

# ssc 2013, its reason, ssc 1980, sle 2019, its reason, label, site, sclerodactyly
PEOPLE = [
    ("met", "score_reached", "met", "not_met", "score_too_low", "ssc", "A", True),
    ("met", "score_reached", "met", "not_met", "entry_not_met", "ssc", "A", True),
    ("met", "sufficient", "not_met", "not_met", "entry_not_met", "ssc", "A", True),
    ("met", "score_reached", "undetermined", "met", "score_reached", "ssc", "B", True),
    ("not_met", "score_too_low", "not_met", "met", "score_reached", "sle", "B", False),
    ("not_met", "score_too_low", "not_met", "met", "score_reached", "sle", "B", False),
    ("not_met", "excluded", "not_met", "undetermined", "entry_open", "sle", "B", None),
    ("not_met", "score_too_low", "not_met", "undetermined", "score_open", "other", "B", False),
    ("undetermined", "score_open", "undetermined", "not_met", "score_too_low", "ssc", "A", None),
    ("undetermined", "score_open", "not_met", "not_met", "score_too_low", "other", "A", None),
    ("undetermined", "exclusion_open", "met", "not_met", "score_too_low", None, "A", True),
    ("not_met", "score_too_low", "not_met", "not_met", "score_too_low", "other", "A", False),
]


@pytest.fixture(scope="module")
def cohort() -> Any:
    import ibis
    import pyarrow as pa

    columns = list(zip(*PEOPLE, strict=True))
    names = [f"{SSC}__verdict", f"{SSC}__reason", f"{OLD_SSC}__verdict", f"{SLE}__verdict",
             f"{SLE}__reason", "disease", "site", "sclerodactyly"]  # fmt: skip
    data = {"person_id": [str(i) for i in range(len(PEOPLE))],
            **dict(zip(names, map(list, columns), strict=True))}  # fmt: skip
    data[f"{OLD_SSC}__reason"] = ["score_reached" if v == "met" else "score_open" if v == "undetermined"
                                  else "score_too_low" for v in data[f"{OLD_SSC}__verdict"]]  # fmt: skip
    words = {True: "present", False: "absent", None: "unknown"}
    data[f"{SSC}__item__sclerodactyly"] = [words[value] for value in data["sclerodactyly"]]
    return ibis.duckdb.connect().create_table("cohort", pa.table(data))


@pytest.fixture(scope="module")
def described(cohort: Any) -> Description:
    references = (Reference.parse(f"{SSC}=disease:ssc"), Reference.parse(f"{SLE}=disease:SLE"))
    return describe(cohort, people=cohort, site="site", references=references)


def rows(described: Description, sheet: str, **where: Cell) -> list[dict[str, Cell]]:
    return [row for row in described[sheet].records() if all(row[k] == v for k, v in where.items())]


def test_verdicts_with_worst_and_best_case(described: Description) -> None:
    (row,) = rows(described, "verdicts", set=SSC)
    assert (row["people"], row["met"], row["not_met"], row["undetermined"]) == (12, 4, 5, 3)
    assert row["worst"] == pytest.approx(4 / 12)
    assert row["best"] == pytest.approx(7 / 12)


def test_attrition_adds_up(described: Description) -> None:
    steps = rows(described, "attrition", set=SSC)
    assert [(r["step"], r["before"], r["lost"], r["open"], r["after"]) for r in steps] == [
        ("entry", 12, 0, 0, 12),
        ("exclusion", 12, 1, 1, 10),
        ("score", 10, 4, 2, 4),
    ]


def test_attrition_at_the_entry_criterion(described: Description) -> None:
    (first, *_) = rows(described, "attrition", set=SLE, step="entry")
    assert (first["lost"], first["open"]) == (2, 1)


def test_items_where_the_score_is_too_low(described: Description) -> None:
    (row,) = rows(described, "items", set=SSC)
    assert row["item"] == "sclerodactyly"
    assert (row["present"], row["absent"], row["unknown"]) == (5, 4, 3)
    assert [row[f"{state}_where_too_low"] for state in ("present", "absent", "unknown")] == [0, 4, 0]


def test_agreement_of_two_sets_for_one_disease(described: Description) -> None:
    (row,) = described["agreement"].records()
    assert {row["first"], row["second"]} == {SSC, OLD_SSC}
    assert (row["both"], row["neither"], row["open"]) == (2, 5, 4)
    assert row["only_first"] == 1


def test_overlap_counts_exact_combinations_of_current_sets(described: Description) -> None:
    found = {row["sets"]: row["people"] for row in described["overlap"].records()}
    assert found == {SSC: 3, SLE: 2, f"{SLE} + {SSC}": 1}


def test_accuracy_as_bounds(described: Description) -> None:
    """Five labelled ssc: four met, one open. Six labelled otherwise: five not met, one open."""
    (row,) = rows(described, "accuracy", set=SSC)
    assert (row["labelled"], row["unlabelled"]) == (11, 1)
    assert (row["sensitivity_worst"], row["sensitivity_best"]) == (0.8, 1.0)
    assert row["specificity_worst"] == pytest.approx(5 / 6)
    assert row["specificity_best"] == 1.0


def test_missing_by_site(described: Description) -> None:
    found = {row["site"]: (row["people"], row["missing"])
             for row in rows(described, "missing", concept="sclerodactyly")}  # fmt: skip
    assert found == {"A": (7, 2), "B": (5, 1)}
    (nothing, _) = rows(described, "missing", concept="puffy_fingers")
    assert nothing["share"] == 1.0


def test_what_the_data_do_not_allow_is_left_out(cohort: Any) -> None:
    found = describe(cohort)
    assert "accuracy" not in found
    assert "missing" not in found
    assert "verdicts" in found


def test_under_another_assumption(cohort: Any) -> None:
    settled = cohort[f"{SSC}__verdict"].replace("undetermined", "not_met")
    assumed = cohort.mutate(**{f"{SSC}__verdict": settled})
    (row,) = rows(describe(cohort, assumed=assumed), "assumption", set=SSC)
    assert (row["not_met_as_recorded"], row["not_met_assumed_absent"]) == (5, 8)


@pytest.mark.parametrize("text", ["ssc", "ssc=", "=label", "ssc=label:"])
def test_a_reference_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not SET=COLUMN"):
        Reference.parse(text)


def test_a_column_that_does_not_exist(cohort: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"no column 'sit'.*did you mean 'site'"):
        describe(cohort, people=cohort, site="sit")
    with pytest.raises(UnknownNameError, match="no column 'diseas'"):
        describe(cohort, references=[Reference(SSC, "diseas")])


def test_a_reference_to_a_set_that_was_not_applied(cohort: Any) -> None:
    with pytest.raises(UnknownNameError, match="not classified by 'ssc_acr_2013'"):
        describe(cohort, references=[Reference("ssc_acr_2013", "disease")])


def test_one_and_one_point_nought_are_the_same_label(cohort: Any) -> None:
    """A column of 0 and 1 with an empty cell comes as 1.0 and 0.0 out of a data frame."""
    labels = cohort.mutate(ill=(cohort.disease == "ssc").cast("int").cast("float64"))
    for value in (None, "1", "1.0"):
        (row,) = rows(describe(labels, references=[Reference(SSC, "ill", value)]), "accuracy")
        assert (row["labelled"], row["unlabelled"], row["sensitivity_worst"]) == (11, 1, 0.8)


def test_labels_that_are_neither_yes_nor_no_are_named(cohort: Any) -> None:
    (remark,) = describe(cohort, references=[Reference(SSC, "disease")]).remarks
    assert "11 people" in remark
    assert f"'ssc' (5), 'other' (3), 'sle' (3); {SSC}=disease:VALUE" in remark
    (remark,) = describe(cohort, references=[Reference(SSC, "disease", "mctd")]).remarks
    assert "nobody has 'mctd' there, but 'ssc' (5)" in remark
    assert describe(cohort, references=[Reference(SSC, "disease", "SSc")]).remarks == ()


def test_an_antibody_is_recorded_by_its_titre_or_number_too(cohort: Any) -> None:
    """Of four people one has the finding, one a titre, one a number that is none, one nothing."""
    nan = float("nan")
    people = _table({
        "person_id": ["1", "2", "3", "4"],
        "anticentromere": [True, None, None, None],
        "anticentromere__titre": [None, 320.0, None, None],
        "anticentromere__value": [None, None, nan, None],
    })
    (row,) = rows(describe(cohort, people=people), "missing", concept="anticentromere")
    assert (row["people"], row["missing"]) == (4, 2)


def test_sets_that_are_all_replaced_have_no_overlap(cohort: Any) -> None:
    old = cohort[["person_id", f"{OLD_SSC}__verdict", f"{OLD_SSC}__reason"]]
    found = describe(old)
    assert "overlap" not in found
    assert "verdicts" in found


def _table(columns: dict[str, list[Any]]) -> Any:
    import ibis
    import pyarrow as pa

    return ibis.duckdb.connect().create_table("people", pa.table(columns))


def _facts_with_labels(folder: Path, labels: list[str | None]) -> Path:
    """Write a table of facts in which one person has a fact for each label."""
    path = folder / "facts.csv"
    lines = ["person_id,concept,form,truth,label"]
    for label, concept in zip(labels, ("raynaud_phenomenon", "sclerodactyly"), strict=True):
        lines.append(f"1,{concept},presence,1,{label or ''}")
    path.write_text("\n".join([*lines, "2,raynaud_phenomenon,presence,1,no"]) + "\n", encoding="utf-8")
    return path


def test_a_label_that_stands_in_some_rows_of_a_person_counts_once(tmp_path: Path) -> None:
    path = _facts_with_labels(tmp_path, ["yes", None])
    found = describe_file(path, Request.of([SSC]), references=[Reference(SSC, "label")])
    (row,) = rows(found, "accuracy")
    assert (found.people, row["labelled"], row["unlabelled"]) == (2, 2, 0)


def test_a_label_that_says_two_things_of_one_person_is_refused(tmp_path: Path) -> None:
    path = _facts_with_labels(tmp_path, ["yes", "no"])
    with pytest.raises(InputError, match="'label' says several things of 1 people: '1'"):
        describe_file(path, Request.of([SSC]), references=[Reference(SSC, "label")])


def test_the_person_is_no_label(tmp_path: Path) -> None:
    path = _facts_with_labels(tmp_path, ["yes", "yes"])
    with pytest.raises(UnknownNameError, match="no column 'person_id' of labels"):
        describe_file(path, Request.of([SSC]), references=[Reference(SSC, "person_id")])
