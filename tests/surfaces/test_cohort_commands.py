"""The commands about many people, and the examples of their guide."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from crithidia.surfaces.cli import main

if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "cohort-data.md"
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Blocks with a file name are written to that file; each line of a shell block is a command.
    monkeypatch.chdir(tmp_path)
    commands = 0
    for kind, name, text in _FENCE.findall(GUIDE.read_text("utf-8")):
        if name:
            Path(name).write_text(text, "utf-8")
        for line in text.splitlines() if kind == "sh" else ():
            program, *words = shlex.split(line)
            assert program == "crithidia"
            result = run(*words)
            assert result.exit_code == 0, f"{line}\n{result.output}"
            commands += 1
    assert commands >= 2


def test_generating_says_what_was_written(tmp_path: Path) -> None:
    result = run("cohort", "generate", "-n", 50, "-o", tmp_path / "people.parquet")
    assert result.exit_code == 0
    assert "50 people" in result.stderr


def test_wide_and_dates_do_not_go_together(tmp_path: Path) -> None:
    result = run("cohort", "generate", "--dates", "-o", tmp_path / "people.parquet")
    assert result.exit_code == 2
    assert "the wide form has no dates" in result.output


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = run("cohort", "generate", "-o", tmp_path / "none" / "people.parquet")
    assert result.exit_code == 6
    assert "no such folder" in result.output


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pyarrow" else name)
    result = run("cohort", "generate", "-o", tmp_path / "people.parquet")
    assert result.exit_code == 1
    assert "pip install 'crithidia[cohort]'" in result.output


def test_a_role_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    result = run("cohort", "map", path, "--role", "tset=b")
    assert result.exit_code == 2
    assert "'tset' is not ROLE=COLUMN" in result.output
