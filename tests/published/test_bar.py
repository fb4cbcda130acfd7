"""The bar: at least five values printed by others for each equation and score, or a listed reason."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.criteria import worked as criteria
from tests.published.printed import KIDNEY, LUNGS, kidney, lungs, written
from tests.scores import worked as scores

pytest.importorskip("openpyxl")
pytest.importorskip("spiref")

BAR = written("bar.yaml")
ESTIMATES = tuple(KIDNEY["equations"])
PREDICTED = tuple(
    f"{name}:{concept}" for name, data in LUNGS["references"].items() for concept in data["equations"]
)
SCORES = tuple(path.stem for path in scores.FILES)
NAMES = (*ESTIMATES, *PREDICTED, *SCORES, *BAR["criteria"])


def found() -> Counter[str]:
    """Return how many different cases of each have a printed result."""
    cases = {(printed.equation, printed.label) for printed, _ in kidney()}
    cases |= {(printed.equation, printed.inputs) for printed, _ in lungs()}
    for score_id in SCORES:
        rows = score_id in BAR["rows_count"]
        for case in scores.worked_scores(scores.HERE / f"{score_id}.yaml"):
            if case.published or (rows and case.tabled):
                cases.add((score_id, f"{sorted(case.facts.items())} after {case.baseline}"))
    for set_id in BAR["criteria"]:
        for worked in criteria.worked_cases(criteria.HERE / f"{set_id}.yaml"):
            if worked.published:
                cases.add((set_id, str(sorted(worked.facts.items()))))
    return Counter(name for name, _ in cases)


FOUND = found()


@pytest.mark.parametrize("name", NAMES)
def test_enough_printed_values_or_a_listed_reason(name: str) -> None:
    short = BAR["short"].get(name)
    if short is None:
        assert FOUND[name] >= BAR["least"]
    else:
        assert FOUND[name] == short["found"] < BAR["least"], "count it in bar.yaml, or take it off the list"
        assert short["why"]


def test_the_bar_names_only_what_exists() -> None:
    assert set(BAR["short"]) <= set(NAMES)
    assert set(BAR["rows_count"]) <= set(SCORES)
    assert set(FOUND) <= set(NAMES)


@pytest.mark.parametrize("score_id", SCORES)
def test_rows_are_counted_only_where_the_bar_says_so(score_id: str) -> None:
    """A score with five totals of others needs no rows; one without totals needs the word of the bar."""
    cases = scores.worked_scores(scores.HERE / f"{score_id}.yaml")
    totals = sum(bool(case.published) for case in cases)
    assert not (score_id in BAR["rows_count"] and totals >= BAR["least"])


def test_a_published_total_says_who_printed_it() -> None:
    for score_id in SCORES:
        for case in scores.worked_scores(scores.HERE / f"{score_id}.yaml"):
            assert not (case.published and len(case.published) < 25), case.label
