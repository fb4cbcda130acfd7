"""The page and the files of a description say what its sheets say."""

from __future__ import annotations

import csv
import json
import re
from io import BytesIO, StringIO

import pytest

from crithidia.cohort.describe import Description, Sheet
from crithidia.foundation.text import LANGUAGES, Language
from crithidia.report.cohort import cohort_page, plots, to_png, to_svg
from crithidia.report.cohort.files import to_csv, to_json, to_parquet
from crithidia.report.cohort.page import column_label
from tests.cohort.test_describe import cohort, described

__all__ = ["cohort", "described"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_every_sheet_and_stands_alone(described: Description, language: Language) -> None:
    page = cohort_page(described, "twelve <people>", language)
    assert "twelve &lt;people&gt;" in page
    for sheet in described.sheets:
        assert f'<h2 id="{sheet.id}">' in page
    assert page.count("<svg") == len(list(plots(described, language)))
    assert re.search(r'(?:src|href)="(?!#|https://doi)[^"]', page) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_heading_in_words(described: Description, language: Language) -> None:
    for sheet in described.sheets:
        for name in sheet.columns:
            assert "_" not in column_label(name, language), (sheet.id, name)


def test_figures_on_the_page_are_written_as_the_language_does(described: Description) -> None:
    assert "33.3%" in cohort_page(described, "x", "en")
    assert "33,3%" in cohort_page(described, "x", "pl")


def test_a_count_is_written_alike_everywhere(described: Description) -> None:
    page = cohort_page(Description(20_000, described.sheets), "x", "en")
    assert re.search(r"<p>20\s000 people</p>", page)


def test_pictures_are_drawn_in_both_forms(described: Description) -> None:
    drawn = dict(plots(described))
    assert set(drawn) == {"verdicts", "missing", "agreement", "overlap", "accuracy"}
    assert to_svg(drawn["overlap"]).startswith("<svg")
    assert to_png(drawn["verdicts"])[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_sheet_survives_each_kind_of_file() -> None:
    from pyarrow import parquet

    sheet = Sheet("x", ("set", "people", "share"), (("a,b", 3, 0.5), ("ż", 0, None)))
    assert list(csv.reader(StringIO(to_csv(sheet).decode()))) == [
        ["set", "people", "share"], ["a,b", "3", "0.5"], ["ż", "0", ""],
    ]  # fmt: skip
    assert json.loads(to_json(sheet)) == list(sheet.records())
    assert parquet.read_table(BytesIO(to_parquet(sheet))).to_pylist() == list(sheet.records())


def test_a_row_of_the_wrong_length_is_no_sheet() -> None:
    with pytest.raises(ValueError, match="2 cells under 1 columns"):
        Sheet("x", ("a",), ((1, 2),))


def test_every_phrase_of_the_description_has_its_place(described: Description) -> None:
    from crithidia.foundation.library import shipped_library

    columns = {f"cohort_column_{name}" for name in (
        "set", "step", "before", "lost", "open", "after", "item", "present", "absent", "unknown",
        "where_too_low", "concept", "share", "disease", "first", "second", "both", "neither", "only_first",
        "only_second", "kappa", "sets", "number_of_sets", "people", "reference", "labelled", "unlabelled",
        "worst", "best", "as_recorded", "assumed_absent",
    )}  # fmt: skip
    written = set(shipped_library().document("phrases/cohort.yaml").data)
    sheets = {*(sheet.id for sheet in described.sheets), "assumption"}
    expected = {f"cohort_sheet_{name}{ending}" for name in sheets for ending in ("", "_lead")}
    assert {name for name in written if name.startswith("cohort_column_")} == columns
    assert {name for name in written if name.startswith("cohort_sheet_")} == expected
