"""HTML and Markdown: well-formed, self-contained, escaped, in one language, always the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crithidia.api import assess
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import LANGUAGES, Language
from crithidia.intake.case_file import parse_case
from crithidia.report import pages, to_html, to_markdown, wording
from crithidia.report.wording import phrases

if TYPE_CHECKING:
    from crithidia.assessment import Assessment

TEMPLATES = Path(pages.__file__).parent / "templates"

FULL = """
id: demo
source: {title: A report, doi: 10.1000/demo.2023-1}
notes: Everything at once.
patient: {sex: female, age: 57 years, age_at_onset: 56-57 years}
examination:
  raynaud_phenomenon: {is: present, at: 2022-05-01, quote: "Raynaud's", page: "124"}
  skin_thickening_of_fingers_proximal_to_mcp: present
  scleroderma_like_disorder: absent
  muscle_weakness: absent
  gottron_sign: {is: present, explained_by: eczema}
laboratory:
  elevated_muscle_enzymes: absent
  ferritin: 392.3 umol/L (13-150)
  creatinine: 108.3 umol/L (49.0-90.0)
autoantibodies:
  anti_mda5: ++
  ana: 1:2560 nucleolar
  anti_dsdna: +
  anti_dsdna_crithidia: absent
treatment:
  - {drug: cyclosporine, dose: 100 mg 2x per day, start: 2022-06-01}
"""

HOSTILE = """
id: "x <script>alert(0)</script> | y"
source: {title: "T <img src=x onerror=alert(1)> | t", doi: '10.1000/x"onmouseover="alert(1)'}
notes: "</style></textarea><script>alert(2)</script>\\n\\n# head\\n| a | b |\\n```\\n[x](javascript:alert(3))"
patient: {sex: male, age: 43}
examination:
  raynaud_phenomenon:
    is: present
    quote: "a | b </q><script>alert(4)</script>\\n| c | `d`"
    note: "n | <b onclick=alert(5)>x</b>"
    page: "p | <i>"
  sclerodactyly: {is: present, explained_by: "<u>|cause|</u>"}
treatment:
  - {drug: prednisone, dose: "10 mg | <script>x</script>", quote: "\\" onclick=\\"x|"}
"""


@pytest.fixture(scope="module")
def full() -> Assessment:
    return assess(parse_case(FULL, "demo.yaml"))


@pytest.fixture(scope="module")
def hostile() -> Assessment:
    return assess(parse_case(HOSTILE, "hostile.yaml"))


class Page(HTMLParser):
    """Reads strictly: every element is closed in order, no attribute is given twice."""

    VOID = frozenset({"meta", "circle", "path", "br", "img"})
    UNWORDED = frozenset({"q", "style", "code"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>, line {self.getpos()[0]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.UNWORDED.intersection(self.open):
            self.words.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


def rows(markdown: str) -> list[list[str]]:
    """Return the tables as runs of lines."""
    runs: list[list[str]] = [[]]
    for line in markdown.splitlines():
        if line.startswith("|"):
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


both_languages = pytest.mark.parametrize("language", LANGUAGES)
both_kinds = pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])


@both_languages
@both_kinds
def test_html_is_well_formed(full: Assessment, language: Language, fragment: bool) -> None:
    page = Page(to_html(full, language, fragment=fragment))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {h[1:] for h in page.values("href") if h.startswith("#")} <= set(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)
    assert language in page.values("lang")


@both_languages
@both_kinds
def test_html_needs_nothing_from_elsewhere(full: Assessment, language: Language,
                                           fragment: bool) -> None:  # fmt: skip
    text = to_html(full, language, fragment=fragment)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not page.values("src")
    assert not re.search(r"@import|url\(", text)
    allowed = ("#", "https://doi.org/10.", "https://pubmed.ncbi.nlm.nih.gov/")
    assert [h for h in page.values("href") if not h.startswith(allowed)] == []


def test_the_page_has_landmarks_and_headed_tables(full: Assessment) -> None:
    page = Page(to_html(full))
    tags = [tag for tag, _ in page.tags]
    assert {"header", "nav", "main", "footer"} <= set(tags)
    assert tags.count("h1") == 1
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    bars = [attrs for _, attrs in page.tags if attrs.get("role") == "img"]
    assert bars
    assert all(attrs.get("aria-label") for attrs in bars)


def test_a_fragment_repeats_no_id_when_shown_twice(full: Assessment) -> None:
    assert not Page(to_html(full, fragment=True)).values("id")


@pytest.mark.parametrize(("language", "foreign"), [
    ("en", ("próg", "obecne", "nieznane", "Podsumowanie")),
    ("pl", ("threshold", "present", "unknown", "undetermined", "Summary", "evidence")),
])  # fmt: skip
def test_one_language_and_no_ids(full: Assessment, language: Language,
                                 foreign: tuple[str, ...]) -> None:  # fmt: skip
    words = " ".join(Page(to_html(full, language)).words)  # places in papers stay as printed
    assert [word for word in foreign if re.search(rf"\b{word}\b", words)] == []
    ids = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", words))
    assert ids <= {"explained_by"}  # a key of the case file, named on purpose


def test_every_phrase_of_the_templates_exists() -> None:
    text = "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.j2"))
    used = set(re.findall(r"""\bt\(["'](\w+)["']\)""", text))
    used |= set(re.findall(r"""["']((?:word|heading|count)_\w+[a-z])["']""", text))
    assert used
    assert used <= set(phrases())


def test_phrase_ids_are_unique_across_files() -> None:
    ids = [name for document in shipped_library().folder("phrases") for name in document.data]
    assert len(ids) == len(set(ids))


@both_languages
@both_kinds
def test_html_escapes_what_a_case_says(hostile: Assessment, language: Language,
                                       fragment: bool) -> None:  # fmt: skip
    page = Page(to_html(hostile, language, fragment=fragment))
    assert not {"script", "img", "u"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "<script>alert(0)</script>" in " ".join(page.words)


@both_languages
def test_markdown_escapes_what_a_case_says(hostile: Assessment, language: Language) -> None:
    text = to_markdown(hostile, language)
    assert set(re.findall(r"</?([a-z]+)", text)) <= {"br", "details", "summary", "sub"}
    assert "\n# head" not in text
    assert "```" not in text
    assert not re.search(r"(?<!\\)\]\(javascript:", text)


@both_languages
@pytest.mark.parametrize("case", ["full", "hostile"])
def test_markdown_tables_have_equal_columns(case: str, language: Language,
                                            request: pytest.FixtureRequest) -> None:  # fmt: skip
    tables = rows(to_markdown(request.getfixturevalue(case), language))
    assert len(tables) > 1
    for table in tables:
        widths = {len(re.split(r"(?<!\\)\|", line)) for line in table}
        assert len(widths) == 1, table
        assert re.fullmatch(r"\|( :?-+:? \|)+", table[1])


@both_languages
def test_same_input_same_bytes(full: Assessment, language: Language) -> None:
    again = assess(parse_case(FULL, "demo.yaml"))
    assert to_html(full, language) == to_html(again, language)
    assert to_html(full, language, fragment=True) == to_html(again, language, fragment=True)
    assert to_markdown(full, language) == to_markdown(again, language)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["html", "md"])
def test_same_bytes_in_another_process(tmp_path: Path, format_: str) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(FULL, "utf-8")
    command = [sys.executable, "-c", "from crithidia.surfaces.cli import main; main()",
               "assess", str(case), "-f", format_]  # fmt: skip
    outputs = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed, "CRITHIDIA_CACHE": str(tmp_path)},  # noqa: S603
                       capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


@pytest.mark.parametrize(("value", "en", "pl"), [
    (5.5, "5.5", "5,5"),
    (-4, "−4", "−4"),
    (12345678.25, "12345678.25", "12345678,25"),
    (0.00001, "0.00001", "0,00001"),
    ("13-150", "13–150", "13–150"),
    (">= 2.5 g", "≥ 2.5 g", "≥ 2,5 g"),
    ("2022-05-01", "2022-05-01", "2022-05-01"),
    ("01.02.2022", "01.02.2022", "01.02.2022"),
    ("1.5, (ERS, doi:10.1183/13993003.01499-2021)", "1.5, (ERS, doi:10.1183/13993003.01499-2021)",
     "1,5, (ERS, doi:10.1183/13993003.01499-2021)"),
])  # fmt: skip
def test_numbers_in_either_language(value: float | str, en: str, pl: str) -> None:
    assert pages.localised(value, "en") == en
    assert pages.localised(value, "pl") == pl


@pytest.mark.parametrize(("low", "high", "shown"), [
    (0.0381, 0.9999, "3.8 – >99.9%"), (0.00001, 0.5, "<0.1 – 50.0%"), (0.55, 0.55, "55.0%"),
])  # fmt: skip
def test_a_model_never_says_0_or_100_percent(low: float, high: float, shown: str) -> None:
    assert pages.percent_span({"low": low, "high": high}) == shown


@pytest.mark.parametrize(("label", "shown"), [
    ("eGFR", "eGFR"), ("pH", "pH"), ("mRSS", "mRSS"), ("żylaki", "Żylaki"), ("anti-Jo-1", "Anti-Jo-1"),
])  # fmt: skip
def test_a_capital_leaves_names_alone(label: str, shown: str) -> None:
    assert wording.capital(label) == shown
