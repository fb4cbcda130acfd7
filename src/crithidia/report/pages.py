"""HTML and Markdown, drawn from the JSON document through templates."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from crithidia.foundation.numbers import decimal_of, plain
from crithidia.report.document import assessment_document
from crithidia.report.ranking import silent, spoken
from crithidia.report.score_lines import category_text, remarks, visits_text
from crithidia.report.wording import capital, say

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from crithidia.assessment import Assessment
    from crithidia.foundation.text import Language

TEMPLATES: Final = Path(__file__).parent / "templates"
_DOI: Final = re.compile(r"doi:\s*(10\.[0-9]{4,9}/[^\s,;]*[^\s,;.)\]])")
_ADDRESS: Final = re.compile(r"(\S*\b10\.[0-9]{4,9}/\S*|https?://\S*)")
_DECIMAL: Final = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?![\d.]*\.\d|\d)")
_RANGE: Final = re.compile(r"(?<![\d-])(\d+(?:[.,]\d+)?)-(\d+(?:[.,]\d+)?)(?![\d-])")
_SIGNS: Final = (("<=", "≤"), (">=", "≥"), (" - ", " – "))
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]|~$])")


def to_html(assessment: Assessment, language: Language = "en", *, fragment: bool = False) -> str:
    """Return one self-contained page, or with ``fragment`` what goes inside another page."""
    name = "fragment.html.j2" if fragment else "page.html.j2"
    return tidy(_render(html_environment(), name, assessment, language))


def to_markdown(assessment: Assessment, language: Language = "en") -> str:
    """Return the assessment as Markdown."""
    return tidy(_render(markdown_environment(), "assessment.md.j2", assessment, language))


def _render(environment: Environment, name: str, assessment: Assessment, language: Language) -> str:
    return environment.get_template(name).render(
        a=assessment_document(assessment, language),
        t=lambda phrase: say(phrase, language),
        language=language,
        number=lambda value: localised(value, language),
        score_category=lambda document: category_text(document, language),
        score_remarks=lambda document: remarks(document, language),
        score_visits=lambda document: visits_text(document, language),
    )


def percent_span(probability: dict[str, float]) -> str:
    """Return a probability in percent; a model never gives 0 or 100."""
    low, high = (_percent(probability[end]) for end in ("low", "high"))
    return f"{low}%" if low == high else f"{low} – {high}%"


def _percent(probability: float) -> str:
    if probability >= 0.9995:
        return ">99.9"
    return "<0.1" if probability < 0.0005 else f"{100 * probability:.1f}"


def tidy(text: str) -> str:
    """Drop what the templates leave behind: blank line after blank line, blanks at line ends."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


@lru_cache(maxsize=1)
def html_environment() -> Environment:
    """Return the templates, with escaping for HTML and the filters that they share."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["capital"] = capital
    environment.filters["item_count"] = item_count
    environment.filters["linked"] = linked
    environment.filters["place"] = short_place
    environment.filters["probability"] = percent_span
    environment.filters["script_json"] = script_json
    environment.filters["silent"] = silent
    environment.filters["span"] = score_span
    environment.filters["spoken"] = spoken
    return environment


@lru_cache(maxsize=1)
def markdown_environment() -> Environment:
    """Everything that a template writes out is escaped, unless it is already markup."""
    return html_environment().overlay(finalize=escape_markdown)


def localised(value: float | str, language: Language) -> str:
    """Write a number, or those in a sentence, as the language does; dates and DOIs stay."""
    if not isinstance(value, str):
        text = plain(decimal_of(value)).replace("-", "−")
        return text.replace(".", ",") if language == "pl" else text
    parts = _ADDRESS.split(value)
    parts[0::2] = [_typeset(part, language) for part in parts[0::2]]
    return "".join(parts)


def _typeset(text: str, language: Language) -> str:
    text = _RANGE.sub(r"\1–\2", text)
    for sign, shown in _SIGNS:
        text = text.replace(sign, shown)
    return _DECIMAL.sub(r"\1,\2", text) if language == "pl" else text


def short_place(where: str) -> str:
    """Return file and line of a place: ``case.yaml:12`` of ``/a/b/case.yaml:12:3``."""
    name = re.split(r"[/\\]", where)[-1]
    return re.sub(r"^(.+?:\d+):\d+$", r"\1", name)


def linked(text: str) -> Markup:
    """Return text as HTML in which each DOI is a link."""
    from markupsafe import Markup, escape

    parts = _DOI.split(text)
    links = (Markup('<a href="https://doi.org/{}">doi:{}</a>').format(quote(doi, safe="/"), doi)
             for doi in parts[1::2])  # fmt: skip
    plain_parts = [escape(part) for part in parts[0::2]]
    woven = [part for pair in zip(plain_parts, [*links, ""], strict=True) for part in pair]
    return Markup("").join(woven)


def escape_markdown(value: object) -> object:
    """Return text that a Markdown reader shows as it is, also inside a table."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = re.sub(r"\s+", " ", value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", text)


def score_span(criteria: dict[str, Any]) -> dict[str, float]:
    """Return the score bar in percent of its scale: certain part, open part, threshold."""
    low, high = criteria["score"]["low"], criteria["score"]["high"]
    threshold = criteria["threshold"] or 0
    scale = max(high, threshold * 1.6, 1)
    return {
        "certain": round(100 * max(low, 0) / scale, 2),
        "open": round(100 * max(high - max(low, 0), 0) / scale, 2),
        "threshold": round(100 * threshold / scale, 2),
    }


def item_count(domains: list[dict[str, Any]]) -> int:
    """Return the number of items in all domains of a definition."""
    return sum(len(domain["items"]) for domain in domains)


def script_json(text: str) -> Markup:
    """Return JSON that may stand inside a script element: nothing in it can close the element."""
    from markupsafe import Markup

    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  (this is the escaping)
