"""FHIR R4 bulk exports (NDJSON) into facts: Patient, Condition, Observation, medication."""

from crithidia.intake.fhir_bulk.convert import convert_fhir
from crithidia.intake.fhir_bulk.files import open_export

__all__ = ["convert_fhir", "open_export"]
