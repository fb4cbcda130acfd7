"""Units as people were seen to write them: each is read as what is meant, or refused; none wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crithidia.interpretation import shipped_units

FILE = Path(__file__).parent / "unit_spellings.yaml"


def spellings() -> list[tuple[str, str | None, str]]:
    """Return spelling, intended code (None: to be refused) and analyte of every variant."""
    groups: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
    return [
        (str(spelling), None if code == "refused" else str(code), group.get("of", ""))
        for group in groups for code, written in group.items() if code not in {"source", "of"}
        for spelling in written
    ]  # fmt: skip


@pytest.mark.parametrize(("written", "meant", "of"), spellings())
def test_a_unit_is_read_as_meant_or_refused(written: str, meant: str | None, of: str) -> None:
    assert shipped_units().code_of(written, of) == meant


def test_the_list_is_long_enough() -> None:
    """At least three hundred different spellings, a good part of them to be refused."""
    distinct = {(written, of) for written, _, of in spellings()}
    assert len(distinct) >= 300
    assert sum(meant is None for _, meant, _ in spellings()) >= 60
