"""The cache: what it holds is not worked out again, and what is broken in it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.foundation.cache import cache_folder, remembered

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_remembered_is_worked_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path))
    calls: list[int] = []

    def make() -> dict[str, list[float]]:
        calls.append(1)
        return {"rows": [0.1, 2.0]}

    assert remembered("x", make) == remembered("x", make) == {"rows": [0.1, 2.0]}
    assert len(calls) == 1
    (cache_folder() / "x.json").write_text("{", "utf-8")
    assert remembered("x", make) == {"rows": [0.1, 2.0]}
    assert len(calls) == 2


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path / "file"))
    assert remembered("x", lambda: 1) == 1
