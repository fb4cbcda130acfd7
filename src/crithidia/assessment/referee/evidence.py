"""What must have been seen before a finding can be claimed, by ``knowledge/referee/evidence.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.finding import Finding, cited
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Text
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from crithidia.assessment.referee.standing import Standing
    from crithidia.case import Fact
    from crithidia.definition import Item
    from crithidia.interpretation import Picture


def _rules() -> Mapping[str, Any]:
    data: Mapping[str, Any] = shipped_library().document("referee/evidence.yaml").data
    return data


def is_shown(item: Item, picture: Picture) -> bool:
    """Return whether something is recorded that shows a finding the item asks for."""
    return any(_shows(atom.concept, picture) for atom in item.when.atoms())


def _shows(concept: str, picture: Picture) -> bool:
    return any(picture.known.get(name) for name in _rules().get(concept, {}).get("shown_by", ()))


def needed_for(item: Item) -> Text:
    """Return in words what would show an item: the rule's, else the paper's own definition."""
    for atom in item.when.atoms():
        if atom.concept in _rules():
            return Text(**_rules()[atom.concept]["needs"])
    return item.definition or item.label


def claimed_findings(standing: Standing, reported: Collection[Fact]) -> Iterator[Finding]:
    """Yield the findings that are asserted while nothing that would show them is recorded.

    ``reported`` are the facts that another finding already speaks of.
    """
    for fact in standing.shown.case.facts:
        rule = _rules().get(fact.concept)
        if rule is None or fact in reported or not fact.provenance.claimed:
            continue
        picture = standing.evidence.picture
        present = standing.shown.picture.known.get(fact.concept)
        if present and not picture.known.get(fact.concept) and not _shows(fact.concept, picture):
            yield Finding.of("claimed_without_evidence", facts=(fact,), source=cited(rule),
                             finding=shipped_vocabulary()[fact.concept].label,
                             evidence=Text(**rule["needs"]))  # fmt: skip
