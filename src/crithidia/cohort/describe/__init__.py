"""What an analyst asks of a classified cohort, as small tables."""

from crithidia.cohort.describe.describe import Description, describe
from crithidia.cohort.describe.reference import Reference
from crithidia.cohort.describe.sheet import Sheet

__all__ = ["Description", "Reference", "Sheet", "describe"]
