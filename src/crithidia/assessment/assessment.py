"""The assessment of a case: everything the reports show, nothing worked out later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from crithidia.assessment.agreement import Agreement
    from crithidia.assessment.antibodies import AntibodyPanel
    from crithidia.assessment.overlap import OverlapResult
    from crithidia.assessment.referee import Finding
    from crithidia.case import Case, Moment
    from crithidia.evaluation import Result
    from crithidia.evaluation.scores import ScoreResult
    from crithidia.foundation.text import Language, Phrase
    from crithidia.interpretation import Derived, Doubt, Interpretation, Measurement


class Presenter(Protocol):
    """How an assessment shows itself; the reports, which stand above, provide it."""

    def document(self, assessment: Assessment, language: Language) -> dict[str, object]:
        """Return the JSON document."""

    def html(self, assessment: Assessment, language: Language) -> str:
        """Return HTML to be shown inside another page."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Which state of the knowledge files was used."""

    version: str
    hash: str


@dataclass(frozen=True)
class Assessment:
    """What Crithidia makes of a case. Classification, not diagnosis."""

    presenter: ClassVar[Presenter]

    case: Case
    interpretation: Interpretation
    results: tuple[Result, ...]
    overlaps: tuple[OverlapResult, ...]
    agreements: tuple[Agreement, ...]
    antibodies: AntibodyPanel
    assumptions: tuple[Phrase, ...]
    limits: tuple[Phrase, ...]
    knowledge: Knowledge
    findings: tuple[Finding, ...] = ()
    as_of: Moment | None = None
    assume_absent: bool = False
    default_intervals: bool = False
    language: Language = "en"
    scores: tuple[ScoreResult, ...] = ()

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Every measured value with its flag."""
        return self.interpretation.measurements

    @property
    def derived(self) -> tuple[Derived, ...]:
        """Every value worked out from others."""
        return self.interpretation.derived

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What reading the values found odd; ``findings`` holds this and all else that does not add up."""
        return self.interpretation.doubts

    def __getitem__(self, set_id: str) -> Result:
        """Return the result of one set. Raises ``KeyError`` for a set that was not applied."""
        for result in self.results:
            if result.id == set_id:
                return result
        raise KeyError(set_id)

    def to_dict(self, language: Language | None = None) -> dict[str, object]:
        """Return the assessment as the JSON document of the published schema."""
        return self.presenter.document(self, language or self.language)

    def _repr_html_(self) -> str:
        return self.presenter.html(self, self.language)

    def __repr__(self) -> str:
        lines = "\n".join(f"  {result!r}" for result in self.results)
        return f"<Assessment of {self.case.id}\n{lines}>"
