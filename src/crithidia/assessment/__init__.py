"""The whole case: every set, overlap, doubts, assumptions, in one ``Assessment``."""

from crithidia.assessment.agreement import Agreement
from crithidia.assessment.assess import assess
from crithidia.assessment.assessment import Assessment
from crithidia.assessment.overlap import OverlapResult
from crithidia.assessment.referee import Finding
from crithidia.assessment.review import Review, review

__all__ = ["Agreement", "Assessment", "Finding", "OverlapResult", "Review", "assess", "review"]
