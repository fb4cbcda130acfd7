"""The Python API: assess or review a case, evaluate a set or a score, load a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.assessment import Assessment, Finding, Review, assess, review
from crithidia.evaluation import Result, evaluate
from crithidia.evaluation.plain_scores import score
from crithidia.evaluation.scores import ScoreResult
from crithidia.intake import load_case

if TYPE_CHECKING:
    from crithidia.foundation.text import Language


class _Reports:
    """The reports, imported when something is shown."""

    def document(self, assessment: Assessment, language: Language) -> dict[str, object]:
        from crithidia.report import assessment_document

        return assessment_document(assessment, language)

    def html(self, assessment: Assessment, language: Language) -> str:
        from crithidia.report import to_html

        return to_html(assessment, language, fragment=True)

    def review_document(self, found: Review, language: Language) -> dict[str, object]:
        from crithidia.report.review import review_document

        return review_document(found, language)

    def review_html(self, found: Review, language: Language) -> str:
        from crithidia.report.review import review_to_html

        return review_to_html(found, language, fragment=True)


Assessment.presenter = Review.presenter = _Reports()

__all__ = ["Assessment", "Finding", "Result", "Review", "ScoreResult", "assess", "evaluate", "load_case",
           "review", "score"]  # fmt: skip
