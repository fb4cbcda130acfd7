"""The autoantibodies of a case: HEp-2 patterns, associations, and whether the two go together.

Associations come with their source from ``knowledge/antibodies``. They are no criteria and no diagnosis, and
nothing here settles a finding: a pattern does not imply an antibody, nor the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.foundation.library import shipped_library
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.text import Phrase, Text
from crithidia.foundation.truth import Truth
from crithidia.interpretation.references import cited
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from crithidia.case import Fact
    from crithidia.interpretation import Interpretation, Picture

_IMMUNOFLUORESCENCE = {"anca_c": "anti_pr3", "anca_p": "anti_mpo"}


@dataclass(frozen=True, slots=True)
class Association:
    """One disease or feature that an antibody goes with; ``percent`` of whom, where the source says so."""

    antibody: str
    with_: Text
    percent: Decimal | None
    of: Text | None
    citation: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """One ICAP pattern: code, name, the antibodies and antigens that give it, where it is found."""

    code: str
    concept: str
    name: Text
    antibodies: tuple[str, ...]
    antigens: str
    diseases: Text
    citation: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class AntibodyResult:
    """What is recorded of one antibody, whether it is present, and what it is associated with."""

    concept: str
    truth: Truth
    facts: tuple[Fact, ...]
    associations: tuple[Association, ...]
    expected: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class AntibodyPanel:
    """All antibodies of a case, the patterns reported, and what is to be said of them together."""

    results: tuple[AntibodyResult, ...] = ()
    patterns: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()
    notes: tuple[Phrase, ...] = ()


@lru_cache(maxsize=1)
def shipped_patterns() -> tuple[Pattern, ...]:
    """Return the ICAP patterns."""
    data = shipped_library().document("antibodies/patterns.yaml").data
    return tuple(_pattern(code, entry) for code, entry in data.items())


def _pattern(code: str, entry: Mapping[str, Any]) -> Pattern:
    return Pattern(code, entry.get("concept", ""), Text(**entry["name"]), tuple(entry.get("antibodies", ())),
                   entry.get("antigens", ""), Text(**entry["diseases"]), cited(entry["source"]),
                   entry.get("unverified", False))  # fmt: skip


@lru_cache(maxsize=1)
def shipped_associations() -> Mapping[str, tuple[Association, ...]]:
    """Return what each antibody is associated with."""
    data = shipped_library().document("antibodies/associations.yaml").data
    return {name: tuple(_association(name, entry) for entry in entries) for name, entries in data.items()}


def _association(antibody: str, entry: Mapping[str, Any]) -> Association:
    percent = entry.get("percent")
    return Association(
        antibody, Text(**entry["with"]), None if percent is None else decimal_of(percent),
        Text(**entry["of"]) if "of" in entry else None, cited(entry["source"]),
    )  # fmt: skip


def associations_of(antibody: str) -> tuple[Association, ...]:
    """Return the associations of an antibody and of the more general ones that it is."""
    kinds = shipped_vocabulary().kinds_of(antibody)
    own = shipped_associations().get(antibody, ())
    general = (a for name in sorted(kinds - {antibody}) for a in shipped_associations().get(name, ()))
    return (*own, *general)


def patterns_of(concept: str) -> tuple[Pattern, ...]:
    """Return the ICAP patterns that a reported one can be: 'nucleolar' is AC-8, AC-9 or AC-10."""
    kinds = shipped_vocabulary().kinds_of
    return tuple(p for p in shipped_patterns() if p.concept and concept in kinds(p.concept))


def antibody_panel(shown: Interpretation) -> AntibodyPanel:
    """Return the antibodies of an interpreted case."""
    results = tuple(_results(shown))
    reported = tuple((concept, patterns_of(concept)) for concept in _reported(shown.picture))
    notes = (*_fitting(results, reported), *_unaccounted(results, reported, shown.picture),
             *_one_method(shown.picture), *_not_confirmed(shown))  # fmt: skip
    return AntibodyPanel(results, reported, notes)


def _results(shown: Interpretation) -> Iterator[AntibodyResult]:
    vocabulary = shipped_vocabulary()
    recorded: dict[str, list[Fact]] = {}
    for fact in shown.case.facts:
        if vocabulary[fact.concept].kind is Kind.ANTIBODY:
            recorded.setdefault(fact.concept, []).append(fact)
    for concept, facts in recorded.items():
        truth = Truth.of(shown.picture.known.get(concept))
        absent = truth is Truth.ABSENT
        expected = () if absent else tuple(p for p in shipped_patterns() if _gives(concept, p))
        associations = () if absent else associations_of(concept)
        yield AntibodyResult(concept, truth, tuple(facts), associations, expected)


def _gives(antibody: str, pattern: Pattern) -> bool:
    return antibody in pattern.antibodies


def _reported(picture: Picture) -> Iterator[str]:
    """Yield the HEp-2 patterns that were reported: stated, or read from the words behind a titre."""
    kinds = shipped_vocabulary().kinds_of
    known = dict.fromkeys(kind for p in shipped_patterns() if p.concept for kind in sorted(kinds(p.concept)))
    for concept in known:
        facts = picture.evidence.get((concept, True), ())
        if shipped_vocabulary()[concept].kind is Kind.FINDING and picture.known.get(concept) and any(
            fact.concept == concept for fact in facts
        ):  # fmt: skip
            yield concept


def _fitting(results: Iterable[AntibodyResult],
             reported: tuple[tuple[str, tuple[Pattern, ...]], ...]) -> Iterator[Phrase]:  # fmt: skip
    """Say which antibody goes with a reported pattern, and which would have given another one."""
    if not reported:
        return
    for result in results:
        if result.truth is not Truth.PRESENT or not result.expected:
            continue
        shared = ((concept, tuple(p for p in ps if p in result.expected)) for concept, ps in reported)
        fitting = [(concept, patterns) for concept, patterns in shared if patterns]
        for concept, patterns in fitting:
            yield Phrase.of("antibody_goes_with_pattern", concept=result.concept, concepts=(concept,),
                            codes=_codes(patterns))  # fmt: skip
        if not fitting:
            yield Phrase.of("antibody_without_its_pattern", concept=result.concept,
                            codes=_codes(result.expected))  # fmt: skip


def _unaccounted(results: tuple[AntibodyResult, ...], reported: tuple[tuple[str, tuple[Pattern, ...]], ...],
                 picture: Picture) -> Iterator[Phrase]:  # fmt: skip
    """Say which reported pattern no antibody found accounts for, and what was not tested."""
    recorded = {result.concept for result in results} | set(picture.known)
    found = {p for result in results if result.truth is Truth.PRESENT for p in result.expected}
    for concept, patterns in reported:
        if not patterns or found & set(patterns):
            continue
        listed = dict.fromkeys(name for p in patterns for name in p.antibodies)
        untested = tuple(name for name in listed if name not in recorded)
        if untested:
            yield Phrase.of("pattern_not_accounted_for", concept=concept, codes=_codes(patterns),
                            concepts=untested)  # fmt: skip


def _one_method(picture: Picture) -> Iterator[Phrase]:
    """Say where ANCA was found by immunofluorescence and its antigen not."""
    for screening, antigen in _IMMUNOFLUORESCENCE.items():
        if picture.known.get(screening) and not picture.known.get(antigen):
            yield Phrase.of("anca_without_antigen", concept=screening, concepts=(antigen,))


def _not_confirmed(shown: Interpretation) -> Iterator[Phrase]:
    """Say what a negative confirmatory test beside a positive screening test means."""
    doubted = {doubt.facts[0].concept for doubt in shown.doubts if doubt.id == "not_confirmed"}
    for entry in shipped_library().document("measurements/confirmations.yaml").data:
        if entry["screening"] in doubted:
            yield Phrase.of("antibody_note", text=Text(**entry["meaning"]), source=cited(entry["source"]))


def _codes(patterns: Iterable[Pattern]) -> tuple[Text, ...]:
    return tuple(Text(f"{p.code} {p.name.en}", f"{p.code} {p.name.pl}") for p in patterns)
