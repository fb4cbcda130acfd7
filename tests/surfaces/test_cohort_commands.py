"""The commands about many people, and the examples of their guide."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crithidia.surfaces.cli import main

SET = "ssc_acr_eular_2013"

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


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with a wide table called like a sheet of a description, and a mapping."""
    monkeypatch.chdir(tmp_path)
    Path("verdicts.csv").write_text("person_id,raynaud_phenomenon\n1,1\n", "utf-8")
    Path("m.yaml").write_text(
        "crithidia: mapping/1\nperson: person_id\ncolumns:\n"
        "  raynaud_phenomenon: {concept: raynaud_phenomenon, values: {1: present}}\n", "utf-8",
    )  # fmt: skip
    return tmp_path


@pytest.mark.parametrize("command", [
    "classify verdicts.csv -o verdicts.csv",
    "classify verdicts.csv -o ./none/../verdicts.csv",
    "classify verdicts.csv -o verdicts.csv --engine duckdb",
    "conflicts verdicts.csv -o verdicts.csv",
    f"describe verdicts.csv -o . -s {SET}",
    "convert verdicts.csv -m m.yaml -o f.parquet --rejects verdicts.csv",
    "convert verdicts.csv -m m.yaml -o f.parquet --report m.yaml",
    "convert verdicts.csv -m m.yaml -o f.parquet --rejects same --report same",
])  # fmt: skip
def test_no_output_takes_the_place_of_what_is_read(here: Path, command: str) -> None:
    (here / "none").mkdir()
    before = {path.name: path.read_bytes() for path in here.iterdir() if path.is_file()}
    result = run("cohort", *command.split())
    assert result.exit_code == 6
    assert "would take the place of" in result.stderr
    assert {path.name: path.read_bytes() for path in here.iterdir() if path.is_file()} == before


@pytest.mark.usefixtures("here")
def test_a_report_that_has_no_folder_is_refused_before_the_work() -> None:
    command = "convert verdicts.csv -m m.yaml -o f.parquet --report none/r.json"
    result = run("cohort", *command.split())
    assert (result.exit_code, "there is no such folder" in result.stderr) == (6, True)
    assert not Path("f.parquet").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("command", "said"), [
    ("convert verdicts.csv -m m.yaml -o f.csv", "does not end in .parquet"),
    ("generate -n 5 -o g.xlsx", "neither Parquet nor CSV"),
])  # fmt: skip
def test_the_ending_of_an_output_says_what_is_written(command: str, said: str) -> None:
    result = run("cohort", *command.split())
    assert result.exit_code in {2, 3}
    assert said in result.stderr
    assert not Path("f.csv").exists()
    assert not Path("g.xlsx").exists()


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    result = run("cohort", "map", tmp_path / "t.csv")
    assert (result.exit_code, "a folder, not a file" in result.stderr) == (3, True)


def test_converting_what_is_not_there(tmp_path: Path) -> None:
    result = run("cohort", "convert", tmp_path / "export", "-o", tmp_path / "facts.parquet")
    assert result.exit_code == 3
    assert "there is no such file or folder" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["table", "long table", "OMOP", "headers alone"])
def test_where_nothing_can_be_used_no_facts_are_written(tmp_path: Path, kind: str) -> None:
    """The books are shown and the rejects written, so that one sees why; what was there before stays."""
    options = []
    data = tmp_path / "t.csv"
    if kind == "OMOP":
        data = tmp_path / "cdm"
        data.mkdir()
        (data / "person.csv").write_text("person_id,gender_concept_id\n,0\n", "utf-8")
    else:
        long = kind == "long table"
        rows = "" if kind == "headers alone" else "1,CRP,high\n2,,\n" if long else "1,maybe,x\n,yes,x\n"
        data.write_text("id,test,result\n" + rows, "utf-8")
        (tmp_path / "m.yaml").write_text(
            "crithidia: mapping/1\nlayout: long\nperson: id\ntest: test\nvalue: result\n"
            "tests:\n  CRP: {concept: crp, unit: mg/L}\n" if long else
            "crithidia: mapping/1\nperson: id\ncolumns:\n  test: {concept: raynaud_phenomenon}\n", "utf-8")
        options = ["-m", tmp_path / "m.yaml"]
    facts, rejects = tmp_path / "f.parquet", tmp_path / "r.csv"
    facts.write_bytes(b"old")
    result = run("cohort", "convert", data, *options, "-o", facts, "--rejects", rejects)
    assert result.exit_code == 3, result.output
    said = "it is empty" if kind == "headers alone" else "nothing could be used of its"
    assert f"{data}: {said}" in result.output
    assert facts.read_bytes() == b"old"
    assert len(rejects.read_text("utf-8").splitlines()) >= (1 if kind == "headers alone" else 2)
    assert not list(tmp_path.glob(".*"))
