"""What to generate: how many people, in which form, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FORMS: Final = ("wide", "facts")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to generate. ``missing`` is the mean share of what is not recorded, ``contradictions`` that of
    people with a contradiction, ``every_concept`` adds findings that no disease file describes.
    """  # noqa: D205

    people: int
    form: str = "wide"
    sites: int = 1
    missing: float = 0.0
    dates: bool = False
    label: bool = False
    contradictions: float = 0.0
    every_concept: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for wrong, message in (
            (self.people < 1, "at least one person is needed"),
            (self.form not in FORMS, f"'{self.form}' is not one of {', '.join(FORMS)}"),
            (not 1 <= self.sites <= 250, "between 1 and 250 sites can be had"),
            (not 0 <= self.missing < 1, "missing must be at least 0 and below 1"),
            (not 0 <= self.contradictions <= 1, "contradictions must lie between 0 and 1"),
            (self.dates and self.form == "wide", "the wide form has no dates; choose the form facts"),
        ):
            if wrong:
                raise ValueError(message)
