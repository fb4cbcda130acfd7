"""One thing that does not add up, complete enough to be acted on.

``Finding.of`` takes severity, certainty and source from ``knowledge/referee/rules.yaml`` and the
sentences from the phrases ``referee_<id>``, ``referee_<id>_why`` and ``referee_<id>_remedy``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crithidia.case import Claim, Fact
    from crithidia.interpretation import Doubt
    from crithidia.interpretation.doubt import Severity

Certainty = Literal["certain", "likely", "possible"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
CERTAINTIES: Final[tuple[Certainty, ...]] = ("certain", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; ``unverified``: the text itself was not seen."""

    text: str = ""
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd, why, the arithmetic, how sure, and what would resolve it.

    ``arithmetic`` are the steps with their numbers, ``causes`` what may have happened. ``certainty``
    belongs to the rule: ``certain`` where no reading of the record allows it, ``likely`` where an
    unusual one would, ``possible`` where it is worth a look.
    """

    id: str
    severity: Severity
    certainty: Certainty
    statement: Phrase
    why: Phrase | None
    remedy: Phrase
    arithmetic: tuple[Phrase, ...] = ()
    causes: tuple[Phrase, ...] = ()
    facts: tuple[Fact, ...] = ()
    claims: tuple[Claim, ...] = ()
    source: Source = Source()

    @classmethod
    def of(cls, rule: str, *, facts: Iterable[Fact] = (), claims: Iterable[Claim] = (),
           arithmetic: Iterable[Phrase] = (), causes: Iterable[Phrase] = (),
           source: Source | str = "", **said: Any) -> Finding:  # fmt: skip
        """Return what a rule found; ``said`` fills its sentences."""
        entry = _rules()[rule]
        return cls(
            rule, entry["severity"], entry["certainty"],
            Phrase.of(f"referee_{rule}", **said),
            Phrase.of(f"referee_{rule}_why", **said),
            Phrase.of(f"referee_{rule}_remedy", **said),
            tuple(arithmetic), tuple(causes), tuple(dict.fromkeys(facts)), tuple(dict.fromkeys(claims)),
            (Source(source) if isinstance(source, str) else source) if source else cited(entry),
        )  # fmt: skip

    @classmethod
    def from_doubt(cls, doubt: Doubt) -> Finding:
        """Return a doubt of the interpretation in the form of the referee."""
        entry = _rules().get(doubt.id)
        return cls(
            doubt.id, doubt.severity, entry["certainty"] if entry else "likely", doubt.statement,
            Phrase.of(f"referee_{doubt.id}_why") if entry else None, doubt.remedy, facts=doubt.facts,
            source=cited(entry) if entry else Source(),
        )  # fmt: skip

    def graded(self, severity: Severity) -> Finding:
        """Return the same finding with another severity."""
        return replace(self, severity=severity)


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Any]:
    return dict(shipped_library().document("referee/rules.yaml").data)


def cited(rule: Mapping[str, Any]) -> Source:
    """Return the source of a rule on one line (text, place, DOI or PMID), and whether it was seen."""
    source: Mapping[str, str] = rule.get("source", {})
    doi = f"doi:{source['doi']}" if "doi" in source else ""
    pmid = f"PMID {source['pmid']}" if "pmid" in source else ""
    parts = (source.get("text", ""), source.get("place", ""), doi or pmid)
    return Source(", ".join(part for part in parts if part), bool(rule.get("unverified")))


def at_least(severity: Severity, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of that severity or a graver one."""
    wanted = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(finding for finding in findings if finding.severity in wanted)
