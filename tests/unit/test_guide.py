"""The reference guide: conditions in words, the documents, the site, and the copy in docs/criteria."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from crithidia.definition import (
    All,
    Any,
    AtLeast,
    Compares,
    Has,
    Is,
    Not,
    Statement,
    load_criteria,
    load_criteria_set,
    shipped_criteria,
    shipped_criteria_ids,
)
from crithidia.definition.score_library import load_score, shipped_score_ids
from crithidia.foundation.document import read_document
from crithidia.foundation.library import Library
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import KnowledgeError
from crithidia.foundation.text import LANGUAGES, Language
from crithidia.report.conditions import ConditionWriter
from crithidia.report.definition import definition_of, is_known_error, predecessors, successors
from crithidia.report.guide import guide_markdown, guide_site, scores_markdown
from crithidia.report.guide.cases import worked_cases
from crithidia.report.guide.score_cases import worked_scores
from crithidia.report.guide.search import entries, find
from crithidia.report.measured import measured_by
from crithidia.report.score_definition import score_definition_document
from crithidia.vocabulary import shipped_vocabulary
from crithidia.vocabulary.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
COPY = ROOT / "docs" / "criteria"
SCORES = ROOT / "docs" / "scores"
CASES = ROOT / "tests" / "criteria"
SCORE_CASES = ROOT / "tests" / "scores"
SSC = "ssc_acr_eular_2013"


# ---- conditions ---------------------------------------------------------------------------------

RAYNAUD, PUFFY, ULCERS = Has("raynaud_phenomenon"), Has("puffy_fingers"), Has("digital_tip_ulcers")
LEUCOPENIA = Compares("leucocytes", "<", Decimal("4.0"), "10*9/L")
ADULT = Compares("age_at_onset", ">=", Decimal(18), "a")

CONDITIONS: list[tuple[Statement, str, str]] = [
    (RAYNAUD, "Raynaud phenomenon", "objaw Raynauda"),
    (Not(RAYNAUD), "absent: Raynaud phenomenon", "brak: objaw Raynauda"),
    (LEUCOPENIA, "Leucocytes < 4.0 × 10⁹/L", "leukocyty < 4.0 × 10⁹/l"),
    (Compares("ana", ">=", Decimal(80), "{titer}"), "Antinuclear antibodies >= 1:80",
     "przeciwciała przeciwjądrowe >= 1:80"),
    (Is("sex", "female"), "Sex: female", "płeć: kobieta"),
    (Any((RAYNAUD, PUFFY)), "any of: Raynaud phenomenon; Puffy fingers", ""),
    (All((RAYNAUD, PUFFY)), "all of: Raynaud phenomenon; Puffy fingers", ""),
    (AtLeast((RAYNAUD, PUFFY, ULCERS), 2),
     "at least 2 of: Raynaud phenomenon; Puffy fingers; Digital tip ulcers", ""),
    (Not(Any((RAYNAUD, PUFFY))), "none of: Raynaud phenomenon; Puffy fingers", ""),
    (Not(LEUCOPENIA), "not: Leucocytes < 4.0 × 10⁹/L", ""),
    (Not(ADULT), "Age at onset < 18 years", ""),
    (All((ADULT, Not(Compares("age_at_onset", ">=", Decimal(40), "a")))),
     "Age at onset >= 18 years and < 40 years", ""),
    (All((RAYNAUD, Any((PUFFY, ULCERS)))),
     "all of: Raynaud phenomenon; [any of: Puffy fingers; Digital tip ulcers]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "en", "pl"), CONDITIONS, ids=lambda x: str(x)[:40])
def test_conditions_in_words(condition: Statement, en: str, pl: str) -> None:
    assert ConditionWriter("en").text(condition) == en
    if pl:
        assert ConditionWriter("pl").text(condition) == pl


def test_a_condition_keeps_its_tree() -> None:
    document = ConditionWriter("en").document(All((RAYNAUD, Any((PUFFY, ULCERS)))))
    assert document["lead"] == "all of"
    assert [part["lead"] for part in document["parts"]] == [None, "any of"]
    assert [part["text"] for part in document["parts"][1]["parts"]] == ["Puffy fingers", "Digital tip ulcers"]


def test_scores_go_by_the_names_of_their_domains() -> None:
    document = definition_of("sle_eular_acr_2019", "en")
    (definite,) = document["categories"]
    assert definite["condition"]["text"].startswith("Total >= 10 and (Constitutional + Haematological + ")
    assert definite["condition"]["text"].endswith(" + Renal) >= 1")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_every_condition_has_words(set_id: str, language: Language) -> None:
    """Also: no id of a concept, a domain or a column shows through."""
    document = definition_of(set_id, language)
    clauses = [clause for key in ("exclusions", "sufficient", "categories", "subgroups")
               for clause in document[key]]  # fmt: skip
    clauses += [item for domain in document["domains"] for item in domain["items"]]
    clauses += [document["entry"]] if document["entry"] else []
    for clause in clauses:
        assert clause["condition"]["text"]
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", clause["condition"]["text"]), clause["id"]


def test_a_definition_falls_back_on_that_of_its_concept() -> None:
    for definition in shipped_criteria():
        items = {i["id"]: i for d in definition_of(definition.id, "en")["domains"] for i in d["items"]}
        for item in definition.items():
            concept = shipped_vocabulary()[item.when.concept] if isinstance(item.when, Has) else None
            own = item.definition or (concept.definition if concept else None)
            assert items[item.id]["definition"] == (own.en if own else None)


@pytest.mark.parametrize(("finding", "words"), [
    ("leucopenia", "Leucocytes < 4.0 × 10⁹/L"),
    ("elevated_creatine_kinase", "Creatine kinase above the laboratory's upper limit of normal"),
    ("low_c3", "below the laboratory's lower limit of normal"),
])  # fmt: skip
def test_rules_for_measurements_in_words(finding: str, words: str) -> None:
    (rule, *_) = measured_by(finding, "en")
    assert words in rule["text"]
    assert rule["source"]


# ---- succession ---------------------------------------------------------------------------------


def test_succession_is_read_from_either_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, root)
    path = root / "criteria" / "behcet_icbd_2014.yaml"
    text = re.sub(r"^succession:.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(f"succession: {{replaces: [{SSC}]}}\n{text}", "utf-8")
    library = Library(root)
    sets = {s.id: s for s in load_criteria(library, load_vocabulary(library))}
    assert sets["behcet_icbd_2014"].replaces == (SSC,)
    monkeypatch.setattr("crithidia.report.definition.shipped_criteria", lambda: tuple(sets.values()))
    assert SSC in [s.id for s in predecessors(sets["behcet_icbd_2014"])]
    assert "behcet_icbd_2014" in [s.id for s in successors(sets[SSC])]


def test_a_successor_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRITHIDIA_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, root)
    path = root / "criteria" / "behcet_icbd_2014.yaml"
    text = re.sub(r"^succession:.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(f"succession: {{replaced_by: [{SSC}, ssc_acr_eular_2031]}}\n{text}", "utf-8")
    library = Library(root)
    with pytest.raises(KnowledgeError) as caught:
        load_criteria(library, load_vocabulary(library))
    (problem,) = caught.value.problems
    assert "'ssc_acr_eular_2031' is not a criteria set" in problem.message
    assert str(problem.where).startswith("criteria/behcet_icbd_2014.yaml:1:")
    assert problem.remedy == f"did you mean '{SSC}'?"


# ---- cases and errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "error"), [
    ("error in circulation: ulcers and scars swapped", True),
    ("Errors in circulation: a threshold of 7", True),
    ("Known or likely misreadings: ESR above 50", True), ("Misprints in circulation: foci per mm²", True),
    ("an error of measurement", False), ("blood circulation", False), ("Reading taken: once", False),
])  # fmt: skip
def test_known_errors_are_recognised(text: str, error: bool) -> None:
    assert is_known_error(text) is error


@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_every_worked_case_is_shown(set_id: str) -> None:
    cases = worked_cases(CASES, set_id, "pl")
    assert cases
    assert all(case["verdict_label"] and case["name"] for case in cases)
    assert not any(re.match("error in circulation", case["name"], re.IGNORECASE) for case in cases)


def test_facts_of_a_case_in_every_form(tmp_path: Path) -> None:
    (tmp_path / f"{SSC}.yaml").write_text("""
set: ssc_acr_eular_2013
cases:
  - name: "error in circulation: all forms"
    why: none
    facts:
      sclerodactyly: absent
      age: 50 a
      raynaud_phenomenon: [present, {is: present, at: 2020-01-01}]
    expect: {verdict: met, score: [9, 9], reason: score_reached, category: none}
""")
    (case,) = worked_cases(tmp_path, SSC, "en")
    assert (case["name"], case["error"], case["category_label"]) == ("all forms", True, None)
    assert [(fact["concept"], fact["truth"], fact["value"]) for fact in case["facts"]] == [
        ("age", "present", "50 a"), ("raynaud_phenomenon", "present", None),
        ("raynaud_phenomenon", "present", "2020-01-01"), ("sclerodactyly", "absent", None),
    ]  # fmt: skip


def test_without_the_folder_there_are_no_cases() -> None:
    assert worked_cases(None, SSC, "en") == []
    assert worked_cases(Path("nowhere"), SSC, "en") == []


# ---- search -------------------------------------------------------------------------------------


def test_search_asks_for_every_word() -> None:
    assert find("raynaud", "en")
    assert find("objaw raynauda", "en")
    assert find("raynaud uveitis sclerodactyly", "en") == []
    assert find("  ", "en") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_found_by_its_label(language: Language) -> None:
    for entry in entries(language):
        assert entry.matches(tuple(entry.id.replace("_", " ").split())), entry


# ---- the site -----------------------------------------------------------------------------------


class Links(HTMLParser):
    """Collects links and anchors; every element is closed in order."""

    VOID = frozenset({"meta", "circle", "path", "br", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), tag
        self.tags.append((tag, given))
        self.links += [value for key in ("href", "src", "action") if (value := given.get(key))]
        self.ids += [value for key in ("id",) if (value := given.get(key))]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-1:]}, line {self.getpos()}"
        self.open.pop()


@pytest.fixture(scope="module")
def site() -> dict[str, str]:
    return dict(guide_site(("en", "pl"), CASES, SCORE_CASES))


@pytest.fixture(scope="module")
def pages(site: Mapping[str, str]) -> dict[str, Links]:
    return {path: Links(text) for path, text in site.items() if path.endswith(".html")}


def test_every_set_has_a_page_in_each_language(site: Mapping[str, str]) -> None:
    for set_id in shipped_criteria_ids():
        assert f"data/{set_id}.yaml" in site
        for language in LANGUAGES:
            assert f"{language}/sets/{set_id}.html" in site


def test_every_score_has_a_page_in_each_language(site: Mapping[str, str]) -> None:
    for score_id in shipped_score_ids():
        assert f"data/scores/{score_id}.yaml" in site
        for language in LANGUAGES:
            page = site[f"{language}/scores/{score_id}.html"]
            assert load_score(score_id).title.in_(language)[1:10] in page
            assert "data/scores/" in page


def test_every_link_of_the_site_resolves(site: Mapping[str, str], pages: Mapping[str, Links]) -> None:
    anchors = {path: set(page.ids) for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"https?:", link):
                continue
            name, _, anchor = link.partition("#")
            target = normpath(join(dirname(path), unquote(name))) if name else path
            if target not in site or (anchor and anchor not in anchors[target]):
                broken.append((path, link))
    assert broken == []


def test_the_search_leads_to_places_that_exist(site: Mapping[str, str], pages: Mapping[str, Links]) -> None:
    anchors = {path: set(page.ids) for path, page in pages.items()}
    for language in LANGUAGES:
        text = site[f"{language}/search.html"]
        rows = json.loads(text.split('id="index">')[1].split("</script>")[0])
        assert len(rows) == len(entries(language))
        for _, _, _, address, _ in rows:
            path, _, anchor = address.partition("#")
            assert not anchor or anchor in anchors[f"{language}/{path}"], address


def test_ids_are_unique_and_tables_headed(pages: Mapping[str, Links]) -> None:
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        assert [tag for tag, _ in page.tags].count("h1") == 1, path
        assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th"), path
        labelled = {attrs.get("for") for tag, attrs in page.tags if tag == "label"}
        assert all(attrs.get("id") in labelled for tag, attrs in page.tags if tag == "input"), path


def test_the_site_needs_no_network(site: Mapping[str, str], pages: Mapping[str, Links]) -> None:
    loaded = [attrs.get("src") or attrs.get("href") for page in pages.values() for tag, attrs in page.tags
              if tag in {"script", "link", "img"}]  # fmt: skip
    assert not [address for address in loaded if address and re.match(r"[a-z]+:|//", address)]
    for name in ("assets/style.css", "assets/search.js"):
        assert not re.search(r"@import|url\(|https?:|fetch\(", site[name])


def test_a_polish_page_is_polish(site: Mapping[str, str]) -> None:
    text = site[f"pl/sets/{SSC}.html"]
    assert "Jak rozstrzyga" in text
    assert "How it decides" not in text
    assert 'href="../../en/sets/' in text


# ---- the copy in the repository -----------------------------------------------------------------


def test_the_copy_in_docs_is_up_to_date() -> None:
    """``make docs`` writes it."""
    made = dict(guide_markdown("en", CASES))
    kept = {path.name: path.read_text("utf-8") for path in COPY.glob("*.md")}
    assert sorted(kept) == sorted(made)
    assert [name for name in made if kept[name] != made[name]] == []


def test_every_set_has_a_page_in_the_copy() -> None:
    index = (COPY / "README.md").read_text("utf-8")
    for set_id in shipped_criteria_ids():
        page = (COPY / f"{set_id}.md").read_text("utf-8")
        assert f"]({set_id}.md)" in index
        title = load_criteria_set(set_id).title.en
        assert page.split("\n# ")[1].split("\n")[0].lower() == title.lower()


def test_the_copy_of_the_scores_is_up_to_date() -> None:
    """``make docs`` writes it."""
    made = dict(scores_markdown("en", SCORE_CASES))
    kept = {path.name: path.read_text("utf-8") for path in SCORES.glob("*.md")}
    assert sorted(kept) == sorted(made)
    assert [name for name in made if kept[name] != made[name]] == []
    assert set(made) == {"README.md", *(f"{score_id}.md" for score_id in shipped_score_ids())}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("score_id", shipped_score_ids())
def test_the_cases_of_a_score_are_in_words(score_id: str, language: Language) -> None:
    """Every case says what is expected; no id of a concept, a part or a category shows through."""
    cases = worked_scores(SCORE_CASES, score_id, language)
    assert len(cases) == len(load_cases(SCORE_CASES / f"{score_id}.yaml"))
    said = [words for case in cases for words in case["results"]]
    assert all(said)
    assert [case["name"] for case in cases if not case["results"]] == []
    assert not re.search(r"\b[a-z0-9]+(_[a-z0-9]+)+\b", " ".join(said))


def load_cases(path: Path) -> list[object]:
    found: list[object] = read_document(path).data["cases"]
    return found


def test_a_score_names_the_score_that_it_is_built_on() -> None:
    """Step 2 of DETECT begins with the total of step 1; its own total is called total."""
    document = score_definition_document("detect_step2_2014", "en")
    first = load_score("detect_step1_points_2014").title.en
    assert document["valid"][0]["condition"] == f"{first} > 300"
    assert next(part["rule"] for part in document["parts"] if part["id"] == "step_1") == (
        f"10 + 0.357 × ({first} − 300)")  # fmt: skip
    assert [clause["condition"] for clause in document["categories"]] == ["Total <= 35", "Total > 35"]


def test_a_choice_inside_a_sum_stands_in_parentheses() -> None:
    """Without them "65 if present, otherwise 50 + 59" would be read as adding only when absent."""
    rules = score_definition_document("detect_step1_2014", "en")
    text = json.dumps(rules["formula"]) + json.dumps(rules["parts"])
    assert not re.search(r"otherwise [\d.]+ \+", text)


def test_tables_of_the_copy_have_equal_columns() -> None:
    for path in (*COPY.glob("*.md"), *SCORES.glob("*.md")):
        width = 0
        for line in path.read_text("utf-8").splitlines():
            cells = len(re.split(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not (cells and width) or cells == width, (path.name, line)
            width = cells
