"""The review of a case: only what does not add up, for authors, reviewers and those who enter data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from crithidia.assessment.assessment import Knowledge
from crithidia.assessment.referee import Finding, at_least, referee
from crithidia.foundation.library import shipped_library
from crithidia.intake import load_file
from crithidia.interpretation import interpret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.case import Case
    from crithidia.foundation.text import Language
    from crithidia.interpretation.doubt import Severity


class ReviewPresenter(Protocol):
    """How a review shows itself; the reports, which stand above, provide it."""

    def review_document(self, review: Review, language: Language) -> dict[str, object]:
        """Return the JSON document."""

    def review_html(self, review: Review, language: Language) -> str:
        """Return HTML to be shown inside another page."""


@dataclass(frozen=True)
class Review:
    """The findings of one case, gravest and surest first."""

    presenter: ClassVar[ReviewPresenter]

    case: Case
    findings: tuple[Finding, ...]
    knowledge: Knowledge
    language: Language = "en"

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What cannot stand as it is written."""
        return self.at_least("error")

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of that severity (``error``, ``warning``, ``note``) or a graver one."""
        return at_least(severity, self.findings)

    def to_dict(self, language: Language | None = None) -> dict[str, object]:
        """Return the review as the JSON document of the published schema."""
        return self.presenter.review_document(self, language or self.language)

    def _repr_html_(self) -> str:
        return self.presenter.review_html(self, self.language)

    def __repr__(self) -> str:
        lines = "".join(f"\n  {f.severity}: {f.id} ({f.certainty})" for f in self.findings)
        return f"<Review of {self.case.id}: {len(self.findings)} findings{lines}>"


def review(case: Case | str | Path, *, language: Language = "en") -> Review:
    """Review a case, given as such or as the path of a case file or a FHIR QuestionnaireResponse.

    Raises ``InputError`` for a case file with mistakes.
    """
    if isinstance(case, (str, Path)):
        case = load_file(case)
    library = shipped_library()
    return Review(case, referee(case, interpret(case)), Knowledge(library.version, library.hash), language)
