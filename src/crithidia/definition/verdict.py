"""What can come out for a criteria set, and why."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """Whether the criteria are fulfilled on what is recorded."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


class Reason(Enum):
    """Why the verdict is what it is."""

    SUFFICIENT = "sufficient"
    SCORE_REACHED = "score_reached"
    ENTRY_NOT_MET = "entry_not_met"
    EXCLUDED = "excluded"
    SCORE_TOO_LOW = "score_too_low"
    SCORE_OPEN = "score_open"
    ENTRY_OPEN = "entry_open"
    EXCLUSION_OPEN = "exclusion_open"
