"""The Markdown copy of the guide, which is kept in the repository: one page a set or score, and indexes.

It carries no hash of the knowledge, so that a page changes only when its own set does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import shipped_criteria
from crithidia.definition.score_library import shipped_score_ids
from crithidia.foundation.text import Phrase
from crithidia.report.definition import definition_of
from crithidia.report.guide.cases import cases_file, worked_cases
from crithidia.report.guide.score_cases import worked_scores
from crithidia.report.guide.site import by_disease
from crithidia.report.pages import localised, markdown_environment, tidy
from crithidia.report.score_definition import score_definition_document
from crithidia.report.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crithidia.foundation.text import Language

Json = dict[str, Any]
# Where the files stand as seen from docs/criteria and docs/scores, the places of the copies.
_DATA: Final = "../../src/crithidia/knowledge/criteria/{}.yaml"
_CASES: Final = "../../tests/criteria/{}.yaml"
_SCORE: Final = "../../src/crithidia/knowledge/scores/{}.yaml"
_SCORE_CASES: Final = "../../tests/scores/{}.yaml"


def guide_markdown(language: Language = "en", cases: Path | None = None) -> Iterator[tuple[str, str]]:
    """Yield name and text of every page. Raises ``InputError`` for cases that cannot be read."""
    documents = [definition_of(s.id, language) for s in shipped_criteria()]
    yield "README.md", _render("guide_index.md.j2", language, diseases=by_disease(documents))
    for document in documents:
        yield f"{document['id']}.md", _set_page(document, language, cases)


def scores_markdown(language: Language = "en", cases: Path | None = None) -> Iterator[tuple[str, str]]:
    """Yield name and text of every page of the scores. Raises ``InputError`` for unreadable cases."""
    documents = [score_definition_document(score_id, language) for score_id in shipped_score_ids()]
    yield "README.md", _render("guide_scores_index.md.j2", language, diseases=by_disease(documents))
    for document in documents:
        yield f"{document['id']}.md", _score_page(document, language, cases)


def _score_page(document: Json, language: Language, cases: Path | None) -> str:
    score_id = document["id"]
    published = [case for case in worked_scores(cases, score_id, language) if case["is_published"]]
    kept = _SCORE_CASES.format(score_id) if cases_file(cases, score_id) else None
    return _render("guide_score.md.j2", language, d=document, published=published,
                   data=_SCORE.format(score_id), cases_data=kept)  # fmt: skip


def _set_page(document: Json, language: Language, cases: Path | None) -> str:
    set_id = document["id"]
    wrong = [case for case in worked_cases(cases, set_id, language) if case["error"]]
    return _render("guide_set.md.j2", language, d=document, wrong=wrong, data=_DATA.format(set_id),
                   cases_data=_CASES.format(set_id) if cases_file(cases, set_id) else None)  # fmt: skip


def _render(template: str, language: Language, **values: Any) -> str:
    return tidy(markdown_environment().get_template(template).render(
        t=lambda phrase: say(phrase, language),
        fill=lambda phrase, **parts: say(Phrase.of(phrase, **parts), language),
        number=lambda value: localised(value, language),
        **values,
    ))  # fmt: skip
