"""Statements that cannot hold together, by ``knowledge/referee/contradictions.yaml``.

A rule has two conditions; it speaks only where both are known to hold, so what is not recorded
never contradicts anything. Findings and stages that the authors claim count as stated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.assessment.referee.finding import Certainty, Finding, Source, cited
from crithidia.case import ClaimKind
from crithidia.definition import Atom, Has, Is
from crithidia.definition.conditions import Scope
from crithidia.definition.kleene import kleene
from crithidia.foundation.library import shipped_library
from crithidia.foundation.problems import InputError, KnowledgeError
from crithidia.foundation.text import Phrase, Text
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.assessment.referee.standing import Standing
    from crithidia.case import Claim
    from crithidia.definition import Statement
    from crithidia.foundation.document import Document
    from crithidia.interpretation import Picture
    from crithidia.interpretation.doubt import Severity

_FILE = "referee/contradictions.yaml"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``when`` is stated, ``but`` speaks against it."""

    id: str
    severity: Severity
    certainty: Certainty
    when: Statement
    but: Statement
    what: Text
    why: Text
    remedy: Text
    source: Source


@lru_cache(maxsize=1)
def shipped_contradictions() -> tuple[Contradiction, ...]:
    """Return the rules that come with the package. Raises ``KnowledgeError`` with file and line."""
    library = shipped_library()
    try:
        return tuple(_rules(library.document(_FILE)))
    except InputError:
        try:
            return tuple(_rules(library.reread().document(_FILE)))
        except InputError as error:
            raise KnowledgeError(error.problems) from None


def _rules(document: Document) -> Iterator[Contradiction]:
    scope = Scope(document, shipped_vocabulary())
    for name, raw in document.data.items():
        yield _rule(name, raw, scope)


def _rule(name: str, raw: dict[str, Any], scope: Scope) -> Contradiction:
    return Contradiction(
        id=name, severity=raw["severity"], certainty=raw["certainty"],
        when=scope.condition(raw["when"], name, "when"), but=scope.condition(raw["but"], name, "but"),
        what=Text(**raw["what"]), why=Text(**raw["why"]), remedy=Text(**raw["remedy"]),
        source=cited(raw),
    )  # fmt: skip


def contradictions(standing: Standing) -> Iterator[Finding]:
    """Yield every rule of which both sides hold."""
    claims = (*standing.claims(ClaimKind.FINDING), *standing.claims(ClaimKind.STAGE))
    picture = _stated(standing.shown.picture, claims)
    for rule in shipped_contradictions():
        sides = (rule.when, rule.but)
        if all(kleene(side, picture.truth) is Truth.PRESENT for side in sides):
            yield _finding(rule, picture, claims)


def _finding(rule: Contradiction, picture: Picture, claims: tuple[Claim, ...]) -> Finding:
    atoms = (*rule.when.atoms(), *rule.but.atoms())
    concepts = {atom.concept for atom in atoms}
    return Finding(
        rule.id, rule.severity, rule.certainty,
        Phrase.of("referee_contradiction", what=rule.what),
        Phrase.of("referee_contradiction", what=rule.why),
        Phrase.of("referee_contradiction", what=rule.remedy),
        facts=tuple(dict.fromkeys(fact for atom in atoms for fact in _behind(atom, picture))),
        claims=tuple(claim for claim in claims if claim.about in concepts),
        source=rule.source,
    )  # fmt: skip


def _behind(atom: Atom, picture: Picture) -> Iterator[Any]:
    if isinstance(atom, Has):
        yield from picture.facts_behind(atom)
    elif isinstance(atom, Is):
        yield from picture.evidence.get((atom.concept, True), ())
    else:
        yield from (reading.fact for reading in picture.readings.get(atom.concept, ()))


def _stated(picture: Picture, claims: tuple[Claim, ...]) -> Picture:
    """Return the picture with what the authors claim; a fact weighs more than a claim."""
    known, codes = dict(picture.known), dict(picture.codes)
    for claim in claims:
        if claim.kind is ClaimKind.STAGE:
            codes.setdefault(claim.about, (claim.value,))
        else:
            literal = (claim.about, claim.value == Truth.PRESENT.value)
            for concept, value in shipped_vocabulary().implications.closure(literal):
                known.setdefault(concept, value)
    return replace(picture, known=known, codes=codes)
