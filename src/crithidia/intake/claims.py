"""The claims of a case file: what the authors conclude, each with the words that say so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Claim, ClaimKind, Code
from crithidia.case.grades import TRUTHS
from crithidia.case.numerals import number
from crithidia.case.reading import read_value
from crithidia.definition import shipped_criteria_ids, shipped_diseases
from crithidia.foundation.problems import did_you_mean, shown
from crithidia.foundation.truth import Truth
from crithidia.intake.entries import Entries
from crithidia.vocabulary import Concept, Kind
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from crithidia.foundation.document import Key

CLAIM_KINDS: Final = tuple(kind.value for kind in ClaimKind)
CLAIM_KEYS: Final = (*CLAIM_KINDS, "set", "of", "is", "counted", "quote", "page", "note")
VERDICTS: Final = ("met", "not_met")
FLAGS: Final = ("low", "normal", "high")
_TAKES: Final = {"score": ("set", "counted"), "verdict": ("set",), "diagnosis": ("is",), "stage": ("of",),
                 "flag": ("of",), "finding": ("is",)}  # fmt: skip
_POINTS: Final = re.compile(r"([-+]?[0-9]+(?:[.,][0-9]+)?)\s*(?:points?|pts?|pkt\.?|punkt(?:y|ów)?)?")


class ClaimEntries(Entries):
    """Reads ``claims:``."""

    def _claims(self, data: Mapping[str, Any]) -> Iterator[Claim]:
        raw = data.get("claims")
        if raw in (None, ""):
            return
        if not isinstance(raw, list):
            self._problem("'claims' must be a list", "claims",
                          remedy="- {score: 16, set: ssc_acr_eular_2013, quote: ...}")  # fmt: skip
            return
        for i, entry in enumerate(raw):
            claim = self._claim(entry, ("claims", i))
            if claim:
                yield claim

    def _claim(self, raw: Any, address: tuple[Key, ...]) -> Claim | None:
        details = self._mapping(raw, address)
        self._check_keys(details, CLAIM_KEYS, address)
        kinds = [kind for kind in CLAIM_KINDS if kind in details]
        if len(kinds) != 1:
            self._problem("a claim is one of " + ", ".join(CLAIM_KINDS), *address,
                          remedy="one a list entry: - {verdict: met, set: ssc_acr_eular_2013}")  # fmt: skip
            return None
        kind = kinds[0]
        for key in ("set", "of", "is", "counted"):
            if key in details and key not in _TAKES[kind]:
                self._problem(f"'{key}' has no meaning beside '{kind}'", *address, key,
                              remedy=f"beside '{kind}' stand {', '.join(_TAKES[kind])}")  # fmt: skip
        written = self._text(details, kind, address)
        if not written:
            self._problem(f"the {kind} claimed is missing", *address, kind)
            return None
        return self._read_claim(ClaimKind(kind), written, details, address)

    def _read_claim(self, kind: ClaimKind, written: str, details: Mapping[str, Any],
                    address: tuple[Key, ...]) -> Claim | None:  # fmt: skip
        read = {ClaimKind.SCORE: self._score, ClaimKind.VERDICT: self._verdict, ClaimKind.STAGE: self._stage,
                ClaimKind.DIAGNOSIS: self._diagnosis, ClaimKind.FLAG: self._flag,
                ClaimKind.FINDING: self._finding}[kind]  # fmt: skip
        found = read(written, details, address)
        if found is None:
            return None
        about, value, points = found
        return Claim(kind, about, value, points, self._counted(details, address),
                     self._provenance(details, address))  # fmt: skip

    def _score(self, written: str, details: Mapping[str, Any],
               address: tuple[Key, ...]) -> tuple[str, str, Decimal | None] | None:  # fmt: skip
        set_id = self._set(details, address)
        match = _POINTS.fullmatch(written.lower())
        if match is None:
            self._problem(f"'{shown(written)}' is no number of points", *address, "score", remedy="e.g. 16")
            return None
        return (set_id, match[1], number(match[1])) if set_id else None

    def _verdict(self, written: str, details: Mapping[str, Any],
                 address: tuple[Key, ...]) -> tuple[str, str, None] | None:  # fmt: skip
        set_id = self._set(details, address)
        value = self._one_of(written, VERDICTS, (*address, "verdict"))
        return (set_id, value, None) if set_id and value else None

    def _flag(self, written: str, details: Mapping[str, Any],
              address: tuple[Key, ...]) -> tuple[str, str, None] | None:  # fmt: skip
        value = self._one_of(written, FLAGS, (*address, "flag"))
        concept = self._of(details, address, Kind.QUANTITY)
        return (concept.id, value, None) if concept and value else None

    def _stage(self, written: str, details: Mapping[str, Any],
               address: tuple[Key, ...]) -> tuple[str, str, None] | None:  # fmt: skip
        concept = self._of(details, address, Kind.CODE)
        if concept is None:
            return None
        try:
            value = read_value(concept, written)
        except ValueError as error:
            self._problem(f"{concept.id}: {error}", *address, "stage")
            return None
        return (concept.id, value.code, None) if isinstance(value, Code) else None

    def _finding(self, written: str, details: Mapping[str, Any],
                 address: tuple[Key, ...]) -> tuple[str, str, None] | None:  # fmt: skip
        concept = self._concept(written, (*address, "finding"))
        if concept and not concept.takes_presence:
            self._problem(f"{concept.id} is a {concept.kind.value}, not a finding", *address, "finding",
                          remedy="claim its stage or its flag")  # fmt: skip
            return None
        value = self._presence(details, address)
        return (concept.id, value, None) if concept and value else None

    def _diagnosis(self, written: str, details: Mapping[str, Any],
                   address: tuple[Key, ...]) -> tuple[str, str, None] | None:  # fmt: skip
        known = shipped_diseases()
        disease = known.get(fold(written))
        if disease is None:
            advice = did_you_mean(fold(written), known) or "other diagnoses go into notes:"
            self._problem(f"no criteria set is for '{shown(written)}'", *address, "diagnosis", remedy=advice)
        value = self._presence(details, address)
        return (disease, value, None) if disease and value else None

    def _presence(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> str:
        """Return ``present`` (by default) or ``absent``; what is left open is no claim."""
        written = self._text(details, "is", address)
        truth = TRUTHS.get(written.lower(), Truth.UNKNOWN) if written else Truth.PRESENT
        if not truth.is_known:
            self._problem(f"'{shown(written)}' claims nothing", *address, "is",
                          remedy="write present or absent, or leave the claim out")  # fmt: skip
            return ""
        return truth.value

    def _set(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> str:
        name = self._text(details, "set", address)
        if name in shipped_criteria_ids():
            return name
        self._problem(f"no criteria set is called '{shown(name)}'" if name else "the claim names no set",
                      *address, "set", remedy=did_you_mean(name, shipped_criteria_ids())
                      or "set: ssc_acr_eular_2013; see 'crithidia criteria list'")  # fmt: skip
        return ""

    def _of(self, details: Mapping[str, Any], address: tuple[Key, ...], kind: Kind) -> Concept | None:
        name = self._text(details, "of", address)
        if not name:
            self._problem("the claim does not say of what", *address, remedy="of: the concept it speaks of")
            return None
        concept = self._concept(name, (*address, "of"))
        if concept and concept.kind is not kind:
            self._problem(f"{concept.id} is not a {kind.value}", *address, "of")
            return None
        return concept

    def _one_of(self, written: str, known: tuple[str, ...], address: tuple[Key, ...]) -> str:
        value = written.lower().replace(" ", "_")
        if value in known:
            return value
        self._problem(f"'{shown(written)}' is not one of {', '.join(known)}", *address)
        return ""

    def _counted(self, details: Mapping[str, Any], address: tuple[Key, ...]) -> tuple[str, ...]:
        raw = details.get("counted", [])
        if not isinstance(raw, list) or any(not isinstance(name, str) for name in raw):
            self._problem("'counted' must be a list of concepts", *address, "counted",
                          remedy="counted: [sclerodactyly, telangiectasia]")  # fmt: skip
            return ()
        found = (self._concept(name, (*address, "counted", i)) for i, name in enumerate(raw))
        return tuple(concept.id for concept in found if concept)
