"""The Python API: assess a case, evaluate a set or a score, load a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.assessment import Assessment, assess
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


Assessment.presenter = _Reports()

__all__ = ["Assessment", "Result", "ScoreResult", "assess", "evaluate", "load_case", "score"]
