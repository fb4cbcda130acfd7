"""Every value of an equation that others printed, against ours; and the printed values that err."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.published.printed import Printed, kidney, lungs

if TYPE_CHECKING:
    from fractions import Fraction

pytest.importorskip("openpyxl")
pytest.importorskip("spiref")

ESTIMATES = tuple(printed for printed, _ in kidney())
LUNGS = tuple(printed for printed, _ in lungs())


@pytest.mark.parametrize("printed", [pytest.param(case, id=case.label) for case in (*ESTIMATES, *LUNGS)])
def test_printed_value(printed: Printed) -> None:
    assert printed.ours == pytest.approx(printed.value, abs=printed.near, rel=0), printed.source


@pytest.mark.parametrize(("printed", "factor"), kidney("disagreements"))
def test_printed_value_that_errs_is_explained_by_its_factor(printed: Printed, factor: Fraction) -> None:
    assert printed.ours != pytest.approx(printed.value, abs=printed.near, rel=0)
    assert printed.ours * float(factor) == pytest.approx(printed.value, abs=printed.near, rel=0)


@pytest.mark.parametrize(("printed", "added"), lungs("disagreements"))
def test_printed_lung_value_that_differs_is_explained(printed: Printed, added: float) -> None:
    assert printed.ours != pytest.approx(printed.value, abs=printed.near, rel=0)
    assert printed.ours + added == pytest.approx(printed.value, abs=printed.near, rel=0)


def test_no_value_is_counted_twice() -> None:
    labels = [printed.label for printed in (*ESTIMATES, *LUNGS)]
    assert len(labels) == len(set(labels))
