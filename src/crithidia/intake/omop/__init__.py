"""OMOP CDM 5.4 into facts: persons, conditions, measurements, observations, drugs."""

from crithidia.intake.omop.convert import convert_omop
from crithidia.intake.omop.tables import open_omop

__all__ = ["convert_omop", "open_omop"]
