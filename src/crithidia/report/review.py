"""The review of a case as JSON, HTML and Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from crithidia.assessment.referee import SEVERITIES
from crithidia.report.document import case_document
from crithidia.report.findings import finding_document
from crithidia.report.pages import html_environment, localised, markdown_environment, tidy
from crithidia.report.wording import say

if TYPE_CHECKING:
    from jinja2 import Environment

    from crithidia.assessment import Review
    from crithidia.foundation.text import Language
    from crithidia.interpretation.doubt import Severity

FORMAT: Final = "review/1"


def review_document(review: Review, language: Language = "en", severity: Severity = "note") -> dict[str, Any]:
    """Return the findings of that severity and graver as plain data, worded in one language."""
    return {
        "format": FORMAT,
        "language": language,
        "knowledge": {"version": review.knowledge.version, "hash": review.knowledge.hash},
        "case": case_document(review.case, language),
        "severity": severity,
        "counts": {name: sum(f.severity == name for f in review.findings) for name in SEVERITIES},
        "findings": [finding_document(finding, language) for finding in review.at_least(severity)],
    }


def review_to_json(review: Review, language: Language = "en", severity: Severity = "note") -> str:
    """Return the document as text that ends in a newline."""
    return json.dumps(review_document(review, language, severity), ensure_ascii=False, indent=2) + "\n"


def review_to_html(review: Review, language: Language = "en", severity: Severity = "note", *,
                   fragment: bool = False) -> str:  # fmt: skip
    """Return one self-contained page, or with ``fragment`` what goes inside another page."""
    return _rendered(html_environment(), "review.html.j2", review_document(review, language, severity),
                     fragment=fragment)  # fmt: skip


def review_to_markdown(review: Review, language: Language = "en", severity: Severity = "note") -> str:
    """Return the review as Markdown."""
    return _rendered(markdown_environment(), "review.md.j2", review_document(review, language, severity))


def _rendered(environment: Environment, template: str, document: dict[str, Any], **more: bool) -> str:
    language: Language = document["language"]
    whole = {**document, "consistency": document["findings"], "criteria": [], "measurements": [],
             "options": {"as_of": None, "assume_absent": False}}  # fmt: skip
    return tidy(environment.get_template(template).render(
        a=whole, language=language, t=lambda phrase: say(phrase, language),
        number=lambda value: localised(value, language), **more,
    ))  # fmt: skip
