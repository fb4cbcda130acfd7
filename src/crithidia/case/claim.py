"""What a record says about a patient beyond findings: a score, a verdict, a stage, "decreased".

A claim is compared with the facts; nothing is concluded from it. A fact that rests on a claim alone
says so in its provenance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from crithidia.case.fact import Provenance

if TYPE_CHECKING:
    from decimal import Decimal


class ClaimKind(Enum):
    """What is claimed."""

    SCORE = "score"
    VERDICT = "verdict"
    DIAGNOSIS = "diagnosis"
    STAGE = "stage"
    FLAG = "flag"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the authors.

    ========= ========================= ============================================
    kind      ``about``                 ``value``
    ========= ========================= ============================================
    score     id of a criteria set      the points; ``number`` holds them
    verdict   id of a criteria set      ``met`` or ``not_met``
    diagnosis name of a disease         ``present`` or ``absent``
    stage     id of a coded concept     its code
    flag      id of a quantity          ``low``, ``normal`` or ``high``
    finding   id of a finding           ``present`` or ``absent``
    ========= ========================= ============================================

    ``counted`` are the concepts that the authors name as counted in a score.
    """

    kind: ClaimKind
    about: str
    value: str
    number: Decimal | None = None
    counted: tuple[str, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
