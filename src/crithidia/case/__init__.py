"""What is known about one person: facts with value, time and provenance."""

from crithidia.case.case import Case, Source
from crithidia.case.claim import Claim, ClaimKind
from crithidia.case.fact import Fact, Provenance
from crithidia.case.moment import Moment
from crithidia.case.values import (
    Code,
    Dose,
    Grade,
    Interval,
    Presence,
    Quantity,
    Titre,
    Value,
)

__all__ = [
    "Case",
    "Claim",
    "ClaimKind",
    "Code",
    "Dose",
    "Fact",
    "Grade",
    "Interval",
    "Moment",
    "Presence",
    "Provenance",
    "Quantity",
    "Source",
    "Titre",
    "Value",
]
