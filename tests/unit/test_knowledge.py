"""The knowledge files: mistakes are reported with file, line and remedy; nothing is left dangling."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from crithidia.definition import load_criteria
from crithidia.foundation.document import read_document
from crithidia.foundation.library import Library
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import KnowledgeError
from crithidia.foundation.schema import check_against_schema
from crithidia.interpretation.rules import load_rules
from crithidia.interpretation.units import fold_unit, load_units, shipped_units
from crithidia.report.wording import phrases
from crithidia.vocabulary import Kind, shipped_vocabulary
from crithidia.vocabulary.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

SSC = "criteria/ssc_acr_eular_2013.yaml"
VOCABULARY = "vocabulary/systemic_sclerosis.yaml"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, root)
    for path in (root / "criteria").iterdir():
        if path.stem not in {"ssc_acr_eular_2013", "ssc_acr_1980", "behcet_icbd_2014", "behcet_isg_1990"}:
            path.unlink()
    return root


def load_all(root: Path) -> None:
    library = Library(root)
    vocabulary = load_vocabulary(library)
    load_criteria(library, vocabulary)
    load_rules(library, vocabulary)
    load_units(library)


def change(root: Path, file: str, old: str, new: str) -> int:
    """Replace the first occurrence and return the line where it stood."""
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


# file, what stands there, the mistake, the lines further down where it shows, words of the message
MISTAKES = [
    (SSC, "points: 9", "points: nine", 0, "nine"),
    (SSC, "count: highest", "count: most", 0, "most"),
    (SSC, "        points: 4", "        point: 4", 0, "did you mean 'points'"),
    (SSC, "score >= 9", "score >= 9 pts >= 3", 0, "neither a concept nor a clause"),
    (SSC, "score >= 9", "scores >= 9", 0, "did you mean 'score'"),
    (SSC, "anticentromere, anti_topo", "anticentromer, anti_topo", 0, "did you mean 'anticentromere'"),
    (SSC, "{any: [anticentromere", "{anyof: [anticentromere", 0, "any:, all:, not:, at_least:"),
    (SSC, "id: ssc_acr_eular_2013", "id: ssc_2013", 0, "does not match the file name"),
    (SSC, "{en: systemic sclerosis, pl: twardzina układowa}", "{en: systemic sclerosis}", 0, "pl"),
    (SSC, "  raynaud:\n    count", "  raynaud:\n    raynaud: 3\n    count", 1, "not expected here"),
    (SSC, "non:\n        points: 3", "non:\n        points: 3\n        points: 4", 2, "written twice"),
    (SSC, "domains:\n", "domains: [\n", 1, "not valid YAML"),
    (VOCABULARY, "is_a: [skin_thickening]", "is_a: [skin_thickning]", 0, "did you mean 'skin_thickening'"),
    (VOCABULARY, "by: history", "by: hearsay", 0, "hearsay"),
    (VOCABULARY, "  pl: objaw Raynauda\n", "", -1, "pl"),
    (VOCABULARY, "hpo: HP:0030880", "hpo: HP:30880", 0, "HP:30880"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "further", "words"), MISTAKES, ids=lambda x: str(x)[:24])
def test_a_mistake_is_reported_with_file_and_line(
    copy: Path, file: str, old: str, new: str, further: int, words: str
) -> None:
    line = change(copy, file, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load_all(copy)
    text = str(caught.value)
    assert words in text
    lines = [int(n) for n in re.findall(rf"{re.escape(file)}:(\d+):", text)]
    assert lines, text
    assert min(abs(n - line - further) for n in lines) <= 1, (line + further, text)


def test_everything_shipped_follows_its_schema() -> None:
    documents = [read_document(path, name=path.relative_to(SHIPPED).as_posix())
                 for path in sorted(SHIPPED.rglob("*.yaml"))]  # fmt: skip
    assert len(documents) > 70
    assert [str(problem) for document in documents for problem in check_against_schema(document)] == []


def test_a_concept_that_contradicts_itself_is_refused(copy: Path) -> None:
    change(copy, VOCABULARY, "excludes: [skin_thickening_sparing_fingers]", "excludes: [skin_thickening]")
    with pytest.raises(KnowledgeError, match="'sclerodactyly' could never be present"):
        load_all(copy)


def test_a_changed_file_is_never_read_from_the_cache(copy: Path) -> None:
    load_all(copy)
    before = Library(copy).hash
    change(copy, SSC, "points: 9", "points: 8")
    assert Library(copy).hash != before
    library = Library(copy)
    sets = {s.id: s for s in load_criteria(library, load_vocabulary(library))}
    points = {item.id: item.points["points"] for item in sets["ssc_acr_eular_2013"].items()}
    assert points["skin_thickening_of_fingers_proximal_to_mcp"] == 8


def test_a_damaged_cache_is_made_anew(copy: Path, tmp_path: Path) -> None:
    load_all(copy)
    (cached,) = (tmp_path / "cache").iterdir()
    cached.write_text("{ not json")
    load_all(copy)
    assert cached.read_text("utf-8").startswith('{"antibodies/')


def test_every_quantity_has_its_unit_and_every_unit_its_words() -> None:
    units = shipped_units()
    quantities = {c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.QUANTITY}
    antibodies = {c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.ANTIBODY}
    assert quantities <= set(units.quantities) <= quantities | antibodies
    used = {code for kind in units.quantities.values() for code in kind.factors}
    assert used <= set(units.display)


# Ten ways of writing, chosen from laboratory reports in English and Polish.
SPELLINGS = [
    ("x10³/µL", "10*3/uL"), ("tys./µl", "10*3/uL"), ("10^9/L", "10*9/L"), ("µmol/l", "umol/L"),
    ("umol/L", "umol/L"), ("mm/h", "mm/h"), ("mmHg", "mm[Hg]"), ("mmol/min/kPa", "mmol/min/kPa"),
    ("lat", "a"), ("years", "a"), ("ng/ml", "ng/mL"), ("furlong", None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "code"), SPELLINGS)
def test_units_as_people_write_them(written: str, code: str | None) -> None:
    assert shipped_units().code_of(written) == code


def test_giga_per_litre_of_a_count_is_not_gram_per_litre() -> None:
    """Polish laboratories print leucocytes in G/l; fibrinogen in g/l is a mass."""
    assert shipped_units().code_of("G/l", "leucocytes") == "10*9/L"
    assert shipped_units().code_of("g/l", "fibrinogen") == "g/L"


def test_folding_keeps_units_apart() -> None:
    assert fold_unit("mg/dL") != fold_unit("mg/L")
    assert fold_unit("mmol/L") != fold_unit("umol/L")


def test_conversion_factors_agree_with_a_units_library() -> None:
    """Every factor between units of one dimension, against pint; molar ones rest on their source."""
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    spelled = {"10*9/L": "1e9/L", "10*3/uL": "1e3/uL", "10*6/L": "1e6/L", "/uL": "1/uL", "10*12/L": "1e12/L",
               "10*6/uL": "1e6/uL", "ug/L": "ug/L", "mL/min": "mL/min"}  # fmt: skip
    compared = 0
    for kind in shipped_units().quantities.values():
        for code, factor in kind.factors.items():
            try:
                ours = registry.Quantity(1, spelled.get(code, code))
                canonical = ours.to(spelled.get(kind.unit, kind.unit))
            except Exception:  # noqa: BLE001, S112  (arbitrary units and molar ones are not pint's)
                continue
            assert float(factor) == pytest.approx(canonical.magnitude, rel=2e-3), (code, kind.unit)
            compared += 1
    assert compared > 60


def test_every_phrase_is_said_somewhere_and_every_phrase_said_exists() -> None:
    source = "".join(
        path.read_text("utf-8") for path in SHIPPED.parent.rglob("*") if path.suffix in {".py", ".j2"}
    )
    literal = set(re.findall(r"""["']([a-z][a-z0-9_]+)["']""", source))
    prefixes = ("verdict_", "truth_", "flag_", "severity_", "means_", "method_", "reason_", "heading_",
                "time_", "count_", "patient_", "column_", "group_", "decide_", "cohort_",
                "score_", "outcome_", "referee_", "certainty_")  # fmt: skip
    unused = {p for p in phrases() if p not in literal and not p.startswith(prefixes)}
    assert unused == set()


def test_both_languages_take_the_same_parameters() -> None:
    field = re.compile(r"\{(\w+)\}")
    for name, text in phrases().items():
        assert set(field.findall(text.en)) == set(field.findall(text.pl)), name


def test_labels_and_names_of_concepts_are_unambiguous() -> None:
    from crithidia.vocabulary.vocabulary import fold

    owners: dict[str, set[str]] = {}
    for concept in shipped_vocabulary().concepts.values():
        for name in concept.names():
            owners.setdefault(fold(name), set()).add(concept.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}
