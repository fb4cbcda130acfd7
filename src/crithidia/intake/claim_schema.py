"""The JSON Schema of ``claims:`` in the case file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.definition import shipped_criteria_ids
from crithidia.intake.claims import CLAIM_KINDS, FLAGS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]


def claims_schema(texts: Mapping[str, str]) -> Schema:
    """Return the list of claims; ``texts`` describes quote, page and note."""
    value = {"type": ["string", "number"]}
    claim: Schema = {
        "score": value | {"description": "The points stated: 16. Beside it: set, counted."},
        "verdict": {"enum": list(VERDICTS), "description": "What is said of criteria. Beside it: set."},
        "diagnosis": {"type": "string", "description": "A disease of the criteria sets. Beside it: is."},
        "stage": value | {"description": "A code of the concept named under 'of': g3."},
        "flag": {"enum": list(FLAGS), "description": "What is said of the quantity named under 'of'."},
        "finding": {"type": "string", "description": "A finding that is asserted. Beside it: is."},
        "set": {"enum": list(shipped_criteria_ids()), "description": "The criteria set."},
        "of": {"type": "string", "description": "The concept that stage or flag speaks of."},
        "is": {"type": ["string", "boolean"], "description": "present (by default) or absent"},
        "counted": {"type": "array", "items": {"type": "string"},
                    "description": "The concepts that the authors name as counted in the score."},
        **{name: value | {"description": texts[name]} for name in ("quote", "page", "note")},
    }  # fmt: skip
    kinds = [{"required": [kind]} for kind in CLAIM_KINDS]
    return {
        "description": "What the authors conclude: compared with the facts, never counted as one.",
        "type": ["array", "null"],
        "items": {"type": "object", "properties": claim, "additionalProperties": False, "oneOf": kinds},
    }
