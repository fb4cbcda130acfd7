"""Evaluating a set: from a picture, or from a plain mapping of findings and values."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from crithidia.case import Case, Fact, Presence, Quantity
from crithidia.case.reading import read_value
from crithidia.definition import Has
from crithidia.evaluation.bounds import ABSENT, UNKNOWN
from crithidia.evaluation.compiled import CompiledSet, compiled_set
from crithidia.evaluation.result import Result
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.problems import CrithidiaError
from crithidia.foundation.truth import Truth
from crithidia.interpretation import Picture, interpret, shipped_units
from crithidia.interpretation.picture import known_from
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import Concept, Kind, Literal, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

# A result holds its set, so the identity of a set kept here cannot be given to another.
_BLANKS: dict[int, Result] = {}

Plain = bool | str | int | float | Decimal | None


class FactError(CrithidiaError):
    """A concept or value given to ``evaluate`` that cannot be used."""

    exit_code = 3


def evaluate_picture(compiled: CompiledSet, picture: Picture, *,
                     assume_absent: bool = False) -> Result:  # fmt: skip
    """Evaluate one set on a picture.

    With ``assume_absent`` every unknown finding counts as absent, and the result names them. A
    quantity that was not measured has no absence: it stays unknown.
    """
    if compiled.set.attribution and picture.explained:
        picture = picture.attributable(shipped_vocabulary())
    state = compiled.state(picture)
    if not assume_absent:
        if picture.mentioned.isdisjoint(compiled.asked) and all(bounds == UNKNOWN for bounds in state):
            return _blank(compiled)
        return Result(compiled, picture, tuple(state))
    assumed = tuple(atom for atom, bounds in zip(compiled.atoms, state, strict=True)
                    if bounds == UNKNOWN and isinstance(atom, Has))  # fmt: skip
    absent = frozenset(assumed)
    closed = tuple(ABSENT if atom in absent else bounds
                   for atom, bounds in zip(compiled.atoms, state, strict=True))  # fmt: skip
    return Result(compiled, picture, closed, assumed)


def _blank(compiled: CompiledSet) -> Result:
    """Return the result where nothing is known: worked out once for each set, then shared."""
    kept = _BLANKS.get(id(compiled))
    if kept is None:
        state = tuple(UNKNOWN for _ in compiled.atoms)
        kept = _BLANKS[id(compiled)] = Result(compiled, Picture(), state)
    return kept


def evaluate(set_id: str, facts: Mapping[str, Plain], *, assume_absent: bool = False) -> Result:
    """Evaluate one set on plain facts: concept id to True, False, None or a value.

    A value is a number in the quantity's canonical unit or text as in a case file (``"3.2 G/l"``,
    ``"1:320"``, ``"++"``). Raises ``FactError`` for a concept or value that does not exist, and
    ``UnknownNameError`` for an unknown set.
    """
    compiled = compiled_set(set_id)
    vocabulary = shipped_vocabulary()
    findings: dict[str, bool] = {}
    values: dict[str, Plain] = {}
    for concept, value in facts.items():
        if value is True or value is False:
            findings[concept] = value
        elif value is not None:
            values[concept] = value
    if values or not _needing_interpretation().isdisjoint(findings.items()):
        return _evaluate_values(compiled, {**findings, **values}, vocabulary, assume_absent)
    _check_known(findings, vocabulary)
    known, _ = known_from(findings, vocabulary)
    return evaluate_picture(compiled, Picture(known), assume_absent=assume_absent)


@lru_cache(maxsize=1)
def _needing_interpretation() -> frozenset[Literal]:
    """Return what more than implications follows from.

    A negative test that confirms another; the absence of what must recur, or fall together with something.
    """
    rules = shipped_rules()
    closure = shipped_vocabulary().implications.closure
    causes = {*rules.confirmations.values(), *(name for rule in rules.timing for name in rule.of)}
    return frozenset((name, not value) for cause in causes for name, value in closure((cause, True)))


def _check_known(findings: Mapping[str, bool], vocabulary: Vocabulary) -> None:
    concepts = vocabulary.concepts
    for name in findings:
        if name not in concepts:
            raise _no_concept(name, vocabulary)
        if not concepts[name].takes_presence:
            msg = f"{name} is a {concepts[name].kind.value}; give its value, not True or False"
            raise FactError(msg)


def _evaluate_values(compiled: CompiledSet, facts: Mapping[str, Plain], vocabulary: Vocabulary,
                     assume_absent: bool) -> Result:  # fmt: skip
    picture = interpret(Case("facts", facts_from(facts, vocabulary))).picture
    return evaluate_picture(compiled, picture, assume_absent=assume_absent)


def facts_from(facts: Mapping[str, Plain], vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """Return plain facts as facts of a case. Raises ``FactError``."""
    for name in facts:
        if name not in vocabulary:
            raise _no_concept(name, vocabulary)
    return tuple(fact for name, value in facts.items() if value is not None
                 for fact in _facts_of(vocabulary[name], value))  # fmt: skip


def _facts_of(concept: Concept, value: Plain) -> tuple[Fact, ...]:
    if isinstance(value, bool) and concept.takes_presence:
        return (Fact(concept.id, Presence(Truth.of(value))),)
    if isinstance(value, str):
        try:
            return (Fact(concept.id, read_value(concept, value)),)
        except ValueError as error:
            msg = f"{concept.id}: {error}"
            raise FactError(msg) from None
    if concept.kind is not Kind.QUANTITY or value is None or isinstance(value, bool):
        msg = f"{concept.id} is a {concept.kind.value}; give True, False or None, not {value!r}"
        raise FactError(msg)
    if math.isnan(value):  # as tables carry what is missing
        return ()
    unit = shipped_units().quantities[concept.id].unit
    return (Fact(concept.id, Quantity.exactly(decimal_of(value), unit)),)


def _no_concept(name: str, vocabulary: Vocabulary) -> FactError:
    advice = vocabulary.suggestion(name)
    return FactError(f"no concept is called '{name}'" + (f" ({advice})" if advice else ""))

