"""Autoantibodies: associations with sources, ICAP patterns, and whether the two go together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crithidia
from crithidia.assessment.antibodies import (
    antibody_panel,
    associations_of,
    patterns_of,
    shipped_associations,
    shipped_patterns,
)
from crithidia.foundation.truth import Truth
from crithidia.intake.case_file import parse_case
from crithidia.interpretation import interpret
from crithidia.interpretation.rules import patterns_in, shipped_rules
from crithidia.report import to_html, to_markdown
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.foundation.text import Language

EXAMPLE = Path(__file__).parents[2] / "examples" / "stepien-2023.yaml"
# What a criteria set makes of an antibody, a titre or a repetition; and an antigen nobody tests for.
DERIVED = re.compile(
    r"_at_least_|persistent_|_twice|_above_|_medium_or_high_titre|aps_2023_|anti_fibrillin|anti_ha$"
)


def notes(text: str) -> list[tuple[str, dict[str, object]]]:
    panel = antibody_panel(interpret(parse_case(f"autoantibodies: {text}")))
    return [(note.id, dict(note.parameters)) for note in panel.notes]


def test_every_antibody_of_the_vocabulary_has_an_association() -> None:
    antibodies = [c.id for c in shipped_vocabulary().concepts.values() if c.kind is Kind.ANTIBODY]
    without = [name for name in antibodies if not DERIVED.search(name) and not associations_of(name)]
    assert without == []


def test_what_the_files_name_exists() -> None:
    vocabulary = shipped_vocabulary()
    for name in shipped_associations():
        assert vocabulary[name].kind is Kind.ANTIBODY
    for pattern in shipped_patterns():
        assert not pattern.concept or vocabulary[pattern.concept].codes["icap"] == pattern.code
        assert all(vocabulary[name].kind is Kind.ANTIBODY for name in pattern.antibodies)


def test_all_thirty_codes_are_there_and_every_coded_pattern_of_the_vocabulary() -> None:
    assert [p.code for p in shipped_patterns()] == [f"AC-{n}" for n in range(30)]
    coded = {c.codes["icap"] for c in shipped_vocabulary().concepts.values() if "icap" in c.codes}
    assert coded == {p.code for p in shipped_patterns() if p.concept}


@pytest.mark.parametrize(("concept", "codes"), [
    ("ana_nucleolar", ["AC-8", "AC-9", "AC-10"]), ("ana_speckled", ["AC-4", "AC-5"]),
    ("ana_nuclear_envelope", ["AC-11", "AC-12"]), ("ana_homogeneous", ["AC-1"]),
])  # fmt: skip
def test_a_general_pattern_can_be_several_codes(concept: str, codes: list[str]) -> None:
    assert [p.code for p in patterns_of(concept)] == codes


@pytest.mark.parametrize(("words", "concepts"), [
    ("nucleolar + speckled", ["ana_nucleolar", "ana_speckled"]),
    ("nucleolar, speckled", ["ana_nucleolar", "ana_speckled"]),
    ("homogeneous and fine speckled", ["ana_homogeneous", "ana_fine_speckled"]),
    ("jąderkowy i ziarnisty", ["ana_nucleolar", "ana_speckled"]),
    ("typ świecenia homogenny", ["ana_homogeneous"]), ("(nucleolar pattern)", ["ana_nucleolar"]),
    ("AC-4, AC-8", ["ana_fine_speckled", "ana_nucleolar_homogeneous"]),
    ("AC-4/5", ["ana_speckled"]), ("AC-4,5", ["ana_speckled"]), ("AC-8/9/10", ["ana_nucleolar"]),
    ("reticular/AMA", ["ana_cytoplasmic_reticular_mitochondrial"]),
    ("nucleolar + sparkling", []), ("", []),
])  # fmt: skip
def test_patterns_behind_a_titre(words: str, concepts: list[str]) -> None:
    assert list(patterns_in(words, shipped_rules().patterns)) == concepts


def test_an_antibody_that_goes_with_its_pattern() -> None:
    """Th/To gives AC-8 (ICAP), and a nucleolar pattern can be AC-8."""
    ((said, parameters),) = notes("{ana: 1:2560 nucleolar, anti_th_to: +++}")
    assert said == "antibody_goes_with_pattern"
    assert parameters["concept"] == "anti_th_to"


def test_an_antibody_whose_pattern_was_not_reported() -> None:
    """Centromere antibodies give AC-3; a homogeneous pattern does not show them."""
    found = notes("{ana: 1:320 homogeneous, anticentromere: ++}")
    assert ("antibody_without_its_pattern", "anticentromere") in [(n, p["concept"]) for n, p in found]


def test_without_a_reported_pattern_nothing_is_said() -> None:
    assert notes("{ana: 1:320, anticentromere: ++}") == []


def test_a_pattern_that_nothing_accounts_for_names_what_was_not_tested() -> None:
    ((said, parameters),) = notes("{ana: 1:320 mitochondrial}")
    assert said == "pattern_not_accounted_for"
    assert parameters["concepts"] == ("antimitochondrial_antibody", "anti_mitochondrial_m2")
    assert notes("{ana: 1:320 mitochondrial, antimitochondrial_antibody: absent}") == []
    found = notes("{ana: 1:320 mitochondrial, anti_mitochondrial_m2: ++}")
    assert found[0][0] == "antibody_goes_with_pattern"


def test_a_negative_confirmatory_test_is_explained() -> None:
    assert "antibody_note" in [name for name, _ in notes("{anti_dsdna: +, anti_dsdna_crithidia: absent}")]
    assert notes("{anti_dsdna: +, anti_dsdna_crithidia: present}") == []


def test_anca_by_immunofluorescence_alone() -> None:
    assert notes("{anca_c: present}")[0][0] == "anca_without_antigen"
    assert notes("{anca_c: present, anti_pr3: present}") == []


def test_an_antibody_that_is_absent_has_no_associations() -> None:
    panel = antibody_panel(interpret(parse_case("autoantibodies: {anti_jo1: absent, anti_ku: +/-}")))
    absent, borderline = panel.results
    assert (absent.truth, absent.associations) == (Truth.ABSENT, ())
    assert (borderline.truth, bool(borderline.associations)) == (Truth.UNKNOWN, True)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_report_shows_them(language: Language) -> None:
    assessment = crithidia.assess(EXAMPLE, sets=["ssc_acr_eular_2013"])
    document = assessment.to_dict(language)
    antibodies = document["antibodies"]
    assert isinstance(antibodies, dict)
    assert {"AC-8", "AC-21"} <= {p["code"] for entry in antibodies["patterns"] for p in entry["icap"]}
    for text in (to_html(assessment, language), to_markdown(assessment, language)):
        assert "10.1186/ar3495" in text
        assert "AC-8" in text
