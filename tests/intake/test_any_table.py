"""Any table at all: nothing breaks, all is accounted for, and a value means what it means in a case."""

from __future__ import annotations

import csv
import os
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from crithidia.case import Fact
from crithidia.case.fact_table import FactRow
from crithidia.case.reading import read_value
from crithidia.foundation.problems import InputError
from crithidia.intake.ledger import OUTCOMES
from crithidia.intake.tables.cells import CellReader, Refusal
from crithidia.intake.tables.convert import convert
from crithidia.intake.tables.draft import draft_mapping
from crithidia.intake.tables.mapping import Meaning, load_mapping
from crithidia.intake.tables.source import open_table
from crithidia.interpretation import Doubt, shipped_units
from crithidia.interpretation.canonical import canonical
from crithidia.interpretation.measurements import measure
from crithidia.vocabulary import Kind, shipped_vocabulary

EXAMPLES = int(os.environ.get("CRITHIDIA_EXAMPLES", "40"))
VOCABULARY = shipped_vocabulary()
UNITS = shipped_units()
QUANTITIES = sorted(c.id for c in VOCABULARY.concepts.values() if c.kind is Kind.QUANTITY)
CELLS = st.one_of(
    st.sampled_from([
        "", " ", "yes", "no", "tak", "1", "0", "2", "9", "+", "-", "++", "n.d.", "1:320", "<0,5", ">=3",
        "1,234", "1.234,5", "12-15", "2021-02-30", "04/03/2021", "44562", "K", "x", "=1+1", "1e5", "\u00b5",
        "12 (3-5)", "5 mg/L",
    ]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
)  # fmt: skip
HEADERS = ["id", "sex", "raynaud_phenomenon", "crp [mg/l]", "ANA titre", "anti-Jo-1", "visit_date", "shoe"]
ODD_HEADERS = [*HEADERS, "CK", "Hb [g/dl]", "\u0142uszczyca", "a:b", "[x]", "y: {", "'", "#"]
MAPPING = """\
crithidia: mapping/1
person: {column: id, repeated: visits}
date: visit_date
columns:
  sex: {concept: sex}
  raynaud_phenomenon: {concept: raynaud_phenomenon, values: {1: present, 0: absent}}
  crp [mg/l]: {concept: crp, unit: mg/L}
  ANA titre: {concept: ana, as: titre}
  anti-Jo-1: {concept: anti_jo1}
"""


def write(path: Path, rows: list[list[str]]) -> None:
    stream = StringIO(newline="")
    csv.writer(stream).writerows([HEADERS, *rows])
    path.write_text(stream.getvalue(), "utf-8", newline="")


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.lists(st.lists(CELLS, min_size=len(HEADERS), max_size=len(HEADERS)), min_size=1, max_size=6))
def test_any_cells_are_read_or_refused_and_add_up(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path, mapping = Path(folder, "t.csv"), Path(folder, "m.yaml")
        write(path, rows)
        mapping.write_text(MAPPING, "utf-8")
        rejects = Path(folder, "r.csv")
        table = open_table(path, {"delimiter": ","})
        ledger = convert(table, load_mapping(mapping), Path(folder, "f.parquet"), rejects)
        facts = pq.read_table(Path(folder, "f.parquet")).num_rows
        with rejects.open(encoding="utf-8", newline="") as stream:
            pieces = sum(int(row["pieces"]) for row in csv.DictReader(stream))
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert ledger.read.total() == len(filled) * len(HEADERS)
    assert sum(map(ledger.total, OUTCOMES)) + ledger.reasons().total() == ledger.read.total()
    assert ledger.total("used") == facts
    assert ledger.reasons().total() == pieces


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
       st.lists(st.sampled_from(ODD_HEADERS), min_size=3, max_size=3, unique=True))  # fmt: skip
def test_any_draft_is_a_mapping(rows: list[list[str]], headers: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path, mapping = Path(folder, "t.csv"), Path(folder, "m.yaml")
        stream = StringIO(newline="")
        csv.writer(stream).writerows([headers, *rows])
        path.write_text(stream.getvalue(), "utf-8", newline="")
        try:
            draft = draft_mapping(open_table(path, {"delimiter": ","}))
        except InputError:
            return
        mapping.write_text(draft.text, "utf-8")
        load_mapping(mapping)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.sampled_from(QUANTITIES), st.decimals("-10", "1000000", places=4),
       st.sampled_from(["", "<", ">=", "~"]), st.data())  # fmt: skip
def test_a_cell_means_what_it_means_in_a_case_file(name: str, number: object, sign: str,
                                                   data: st.DataObject) -> None:  # fmt: skip
    kind = UNITS.quantities.get(name)
    units = sorted(kind.factors) if kind else []
    unit = data.draw(st.sampled_from([*units, "furlong"]))
    text = f"{sign}{number} {unit}"
    outcome = CellReader.of(Meaning(name, VOCABULARY[name], decimal=".")).read(text)
    try:
        value = read_value(VOCABULARY[name], text)
    except ValueError:
        assert isinstance(outcome, Refusal)
        return
    found = canonical(Fact(name, value))
    if isinstance(found, Doubt):
        assert isinstance(outcome, Refusal)
        return
    assert isinstance(outcome, FactRow)
    reading = measure(Fact(name, value), value, UNITS).reading  # type: ignore[arg-type]
    if reading is not None:
        assert outcome.low == (None if reading.low is None else float(reading.low))
        assert outcome.high == (None if reading.high is None else float(reading.high))
        assert (outcome.low_open, outcome.high_open) == (reading.low_open, reading.high_open)
