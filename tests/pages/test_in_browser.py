"""The pages as a reader meets them: usable by keyboard and screen reader, on a phone, with search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from crithidia.api import assess
from crithidia.assessment import review
from crithidia.foundation.text import LANGUAGES, Language
from crithidia.report import to_html
from crithidia.report.cohort import cohort_page
from crithidia.report.guide import guide_site
from crithidia.report.review import review_to_html
from crithidia.report.wording import say, set_title
from tests.cohort.test_describe import cohort, described

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Page

    from crithidia.cohort.describe import Description

__all__ = ["cohort", "described"]

pytestmark = pytest.mark.xdist_group("browser")

EXAMPLE: Final = "examples/stepien-2023.yaml"
PHONE: Final = 360


@pytest.fixture(scope="module", autouse=True)
def written(folder: Path, described: Description) -> None:
    """Every kind of page there is, in both languages."""
    pages: dict[str, str] = dict(guide_site(LANGUAGES, None))
    for language in LANGUAGES:
        pages[f"assessment.{language}.html"] = to_html(assess(EXAMPLE), language)
        pages[f"review.{language}.html"] = review_to_html(review(EXAMPLE), language, "note")
        pages[f"cohort.{language}.html"] = cohort_page(described, "twelve", language)
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


PAGES: Final = ("assessment.en.html", "review.pl.html", "cohort.en.html", "cohort.pl.html", "en/index.html",
                "pl/concepts.html", "en/unverified.html", "pl/search.html",
                "en/sets/iim_eular_acr_2017.html", "pl/sets/ssc_acr_eular_2013.html")  # fmt: skip


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core objects to, with the element: WCAG 2 A and AA, and good practice."""
    from axe_playwright_python.sync_playwright import Axe

    found: Mapping[str, Any] = Axe().run(page).response
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(page: Page, name: str) -> None:
    page.goto(name)
    if name.endswith("concepts.html"):  # hundreds of entries, all alike
        page.evaluate("document.querySelectorAll('main section').forEach((s, i) => i > 1 && s.remove())")
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(page: Page, name: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 780})
    page.goto(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_can_be_printed_whole(page: Page, language: Language) -> None:
    page.goto(f"assessment.{language}.html")
    page.emulate_media(media="print")
    assert page.pdf().startswith(b"%PDF")
    assert page.locator("h2").first.is_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_finds_a_set_and_leads_to_it(page: Page, language: Language) -> None:
    title = set_title("igg4rd_acr_eular_2019", language)
    page.goto(f"{language}/index.html")
    page.get_by_role("search").get_by_role("searchbox").first.fill("igg4 2019")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    assert say("guide_search_found", language) in page.get_by_role("status").inner_text()
    page.locator("#results a").first.click()
    page.wait_for_url("**/sets/igg4rd_acr_eular_2019.html")
    assert page.get_by_role("heading", level=1).inner_text().casefold() == title.casefold()


def test_search_follows_what_is_typed_and_says_when_nothing_is_found(page: Page) -> None:
    page.goto("pl/search.html")
    box = page.get_by_role("searchbox")
    box.fill("luszczyca")
    assert "łuszczyc" in page.locator("#results").inner_text().casefold()
    box.fill("zzzz")
    assert page.locator("#results a").count() == 0
    assert page.get_by_role("status").inner_text() == say("guide_search_nothing", "pl")


def test_a_set_named_in_the_summary_leads_to_its_table(page: Page) -> None:
    page.goto("assessment.en.html")
    link = page.locator(".overview th a").first
    target = link.get_attribute("href")
    assert target
    link.click()
    assert page.locator(target).is_visible()


def test_the_first_key_reaches_the_content(page: Page) -> None:
    page.goto("assessment.en.html")
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.getAttribute('href')") == "#report"
    assert page.evaluate("document.querySelector('#report') !== null")
