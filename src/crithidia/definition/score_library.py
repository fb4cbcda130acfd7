"""Building scores from ``knowledge/scores``; every mistake is reported with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition.conditions import Scope
from crithidia.definition.criteria_set import Citation, Clause, Performance
from crithidia.definition.expression import ExpressionError, read_expression
from crithidia.definition.extent import natural_extent
from crithidia.definition.formula import (
    GRADES,
    Banded,
    Choice,
    Coded,
    Constant,
    Cut,
    Formula,
    Measured,
    Total,
)
from crithidia.definition.library import shipped_criteria_ids
from crithidia.definition.score import OUTCOMES, Apart, Outcome, Part, Rounding, ScoreDefinition, ScoreInput
from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.problems import InputError, KnowledgeError, did_you_mean, unknown_name
from crithidia.foundation.spans import EVERYTHING, Span, UndefinedError
from crithidia.foundation.text import Text
from crithidia.vocabulary import Concept, Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.definition.nodes import Statement
    from crithidia.foundation.document import Document, Key

Address = tuple["Key", ...]

_BAND: Final = re.compile(r"(?P<sign><=|>=|<|>)\s*(?P<limit>-?[0-9]+(?:\.[0-9]+)?)")
_OTHERWISE: Final = "otherwise"
_OUTCOMES: Final[Mapping[str, Formula]] = {name: Outcome(name) for name in OUTCOMES}
_NOTHING: Final = Constant(decimal_of(0))


def shipped_score_ids() -> tuple[str, ...]:
    """Return the ids of all scores that come with the package, in alphabetical order."""
    return tuple(document.data["id"] for document in shipped_library().folder("scores"))


@lru_cache
def load_score(score_id: str) -> ScoreDefinition:
    """Return one shipped score. Raises ``UnknownNameError`` for an id that does not exist."""
    if score_id not in shipped_score_ids():
        raise unknown_name("score", score_id, shipped_score_ids())
    return score_of(shipped_library(), score_id, shipped_vocabulary())


def score_of(library: Library, score_id: str, vocabulary: Vocabulary) -> ScoreDefinition:
    """Return one score of a library. Raises ``KnowledgeError`` with the line of a mistake."""
    name = f"scores/{score_id}.yaml"
    try:
        return build_score(library.document(name), vocabulary, library)
    except InputError:
        fresh = library.reread()
        try:
            return build_score(fresh.document(name), vocabulary, fresh)
        except InputError as error:
            raise KnowledgeError(error.problems) from None


def build_score(document: Document, vocabulary: Vocabulary, library: Library) -> ScoreDefinition:
    """Build a score from its document. Raises ``InputError`` with the line of the mistake."""
    return _Builder(document, vocabulary, library).build()


@dataclass(frozen=True)
class _ScoreScope(Scope):
    """A scope in which inputs and parts can be compared, inputs with their unit."""

    inputs: Mapping[str, Concept] = field(default_factory=dict)

    def _comparison(self, match: re.Match[str], address: Address) -> Statement:
        concept = self.inputs.get(match["name"])
        if concept is not None and (match["unit"] or "1") != concept.unit:
            raise self.document.refuse(
                f"{concept.id} is compared in {match['unit'] or 'no unit'}", *address,
                remedy=f"write the threshold in {concept.unit}",
            )  # fmt: skip
        if concept is None and match["name"] in self.vocabulary:
            raise self.document.refuse(f"{match['name']} is not among the inputs", *address,
                                       remedy="declare it under inputs:")  # fmt: skip
        return super()._comparison(match, address)


class _Builder:
    """Reads one score file: inputs, then parts in order, then everything that speaks of the total."""

    def __init__(self, document: Document, vocabulary: Vocabulary, library: Library) -> None:
        self.document = document
        self.data: Mapping[str, Any] = document.data
        self.vocabulary = vocabulary
        self.library = library
        self.citation = _citation(self.data["citation"])
        self.inputs: dict[str, ScoreInput] = {}
        self.parts: dict[str, Part] = {}

    def build(self) -> ScoreDefinition:
        data = self.data
        self._check_name()
        self._take_over()
        self._read_inputs()
        for part_id, raw in data.get("parts", {}).items():
            self.parts[part_id] = self._part(part_id, raw)
        formula = self._formula()
        self._check_defined(formula)
        built = ScoreDefinition(
            id=data["id"],
            title=Text(**data["title"]),
            disease=Text(**data["disease"]),
            citation=self.citation,
            unit=data.get("unit", "1"),
            inputs=tuple(self.inputs.values()),
            parts=tuple(self.parts[name] for name in data.get("parts", {})),
            formula=formula,
            rounding=self._rounding(),
            valid=tuple(self._clauses("valid", {})),
            changes=tuple(self._clauses("changes", _OUTCOMES)),
            concerns=tuple(self._concerns()),
            recorded_as=self._recorded_as(),
            apart=self._apart(),
            also_published=tuple(_citation(raw) for raw in data.get("also_published", ())),
            performance=tuple(self._performance()),
            scope=_text(data.get("scope")),
            attribution=_text(data.get("attribution")),
            notes=tuple(Text(**raw) for raw in data.get("notes", ())),
        )
        scores = {"score": built.judged, **self._named_parts()}
        whole = replace(built, categories=tuple(self._clauses("categories", scores)))
        self._check_used(whole)
        return whole

    def _check_name(self) -> None:
        expected = f"scores/{self.data['id']}.yaml"
        if self.document.name.startswith("scores/") and self.document.name != expected:
            raise self.document.refuse(f"the id '{self.data['id']}' does not match the file name",
                                       "id", remedy=expected)  # fmt: skip

    def _take_over(self) -> None:
        """Take over the inputs of scores on which this one is built; their totals go by their ids."""
        for i, other_id in enumerate(self.data.get("builds_on", ())):
            name = f"scores/{other_id}.yaml"
            if name not in {d.name for d in self.library.folder("scores")}:
                raise self.document.refuse(f"there is no score '{other_id}'", "builds_on", i)
            other = build_score(self.library.document(name), self.vocabulary, self.library)
            self.inputs.update(other.by_concept)
            self.parts[other_id] = Part(other_id, other.title, other.formula, other.citation)

    # ---- inputs ----------------------------------------------------------------------------------

    def _read_inputs(self) -> None:
        for name, raw in self.data.get("inputs", {}).items():
            self.inputs[name] = self._input(name, raw, ("inputs", name))

    def _input(self, name: str, raw: Mapping[str, Any], address: Address) -> ScoreInput:
        concept = self._concept(name, address)
        quantity = concept.kind is Kind.QUANTITY
        if quantity and raw.get("unit", "") != concept.unit:
            raise self.document.refuse(f"the values of {name} are in {concept.unit}", *address, "unit",
                                       remedy=f"write unit: {concept.unit}")  # fmt: skip
        if quantity != ("from" in raw):
            raise self.document.refuse(
                f"{name} is a {concept.kind.value}", *address,
                remedy="give the permitted range as from: and to:" if quantity else "it has no range",
            )  # fmt: skip
        return ScoreInput(
            concept=name,
            permitted=self._permitted(raw, address) if quantity else EVERYTHING,
            citation=self._place(raw),
            whole=raw.get("whole", False),
            standing=raw.get("standing", False),
            ruled_out_by=self._ruling_out(raw, address),
            note=_text(raw.get("note")),
            unverified=raw.get("unverified", False),
        )

    def _ruling_out(self, raw: Mapping[str, Any], address: Address) -> str:
        name: str = raw.get("ruled_out_by", "")
        if name and self._concept(name, (*address, "ruled_out_by")).kind is not Kind.QUANTITY:
            raise self.document.refuse(f"{name} is not a quantity", *address, "ruled_out_by")
        return name

    def _permitted(self, raw: Mapping[str, Any], address: Address) -> Span:
        high = Fraction(str(raw["to"])) if "to" in raw else inf
        low = -inf if raw["from"] is None else Fraction(str(raw["from"]))
        try:
            return Span(low, high, raw.get("from_excluded", False))
        except ValueError as error:
            raise self.document.refuse(str(error), *address) from None

    def _concept(self, name: str, address: Address) -> Concept:
        if name in self.vocabulary:
            return self.vocabulary[name]
        raise self.document.refuse(f"'{name}' is not a concept", *address,
                                   remedy=self.vocabulary.suggestion(name)
                                   or "define it in knowledge/vocabulary")  # fmt: skip

    # ---- arithmetic ------------------------------------------------------------------------------

    def _named(self, name: str, occasion: str) -> Formula | None:
        if name in self.parts and occasion == "visit":
            return self.parts[name].formula
        if name in self.inputs and self.vocabulary[name].kind is Kind.QUANTITY:
            return Measured(name, "baseline" if occasion == "baseline" else "visit")
        return None

    def _named_parts(self) -> dict[str, Formula]:
        return {name: part.formula for name, part in self.parts.items()}

    def _quantities(self) -> dict[str, Concept]:
        return {name: self.vocabulary[name] for name in self.inputs
                if self.vocabulary[name].kind is Kind.QUANTITY}  # fmt: skip

    def _scope(self, scores: Mapping[str, Formula] | None = None) -> Scope:
        quantities = self._quantities()
        named = {**{name: Measured(name) for name in quantities}, **self._named_parts(), **(scores or {})}
        return _ScoreScope(self.document, self.vocabulary, scores=named, inputs=quantities)

    def _expression(self, text: str | float, *address: Key) -> Formula:
        try:
            return read_expression(str(text), self._named, (*self.parts, *self._quantities()))
        except ExpressionError as error:
            raise self.document.refuse(str(error), *address, remedy=error.remedy) from None

    def _part(self, part_id: str, raw: Mapping[str, Any]) -> Part:
        address = ("parts", part_id)
        if part_id in self.inputs and part_id in self._quantities():
            raise self.document.refuse(f"'{part_id}' is already the name of an input", *address,
                                       remedy="give the part another name")  # fmt: skip
        formula = self._part_formula(part_id, raw, address)
        return Part(part_id, self._label(part_id, raw, address), formula, self._place(raw),
                    _text(raw.get("definition")), raw.get("unverified", False))  # fmt: skip

    def _part_formula(self, part_id: str, raw: Mapping[str, Any], address: Address) -> Formula:
        if "value" in raw:
            return self._expression(raw["value"], *address, "value")
        if "bands" in raw:
            return self._bands(self._expression(raw["of"], *address, "of"), raw["bands"], (*address, "bands"))
        if "codes" in raw:
            return self._codes(raw, address)
        when = self._scope().condition(raw.get("when", part_id), *address, "when")
        if "points" in raw:
            return Choice(when, Constant(decimal_of(raw["points"])), _NOTHING)
        return Choice(when, self._expression(raw["then"], *address, "then"),
                      self._expression(raw["else"], *address, "else"))  # fmt: skip

    def _bands(self, part: Formula, raw: Mapping[str, float], address: Address) -> Formula:
        *limits, last = raw
        if last != _OTHERWISE:
            raise self.document.refuse("the last band is not 'otherwise'", *address,
                                       remedy="end the bands with otherwise:, so that every value has one")
        matches = [self._limit(text, (*address, text)) for text in limits]
        falling = bool(matches) and matches[0]["sign"].startswith(">")
        if any(m["sign"].startswith(">") != falling for m in matches):
            raise self.document.refuse("bands go either by < and <= or by > and >=", *address)
        cuts = tuple(Cut(decimal_of(m["limit"]), m["sign"] in {"<=", ">"}) for m in matches)
        values = tuple(decimal_of(number) for number in raw.values())
        try:
            return Banded(part, cuts[::-1], values[::-1]) if falling else Banded(part, cuts, values)
        except ValueError as error:
            raise self.document.refuse(str(error), *address) from None

    def _limit(self, text: str, address: Address) -> re.Match[str]:
        match = _BAND.fullmatch(" ".join(text.split()))
        if match is None:
            raise self.document.refuse(f"'{text}' is not a band", *address,
                                       remedy="write '<= 60', '< 50', '>= 10', '> 4' or otherwise")
        return match

    def _codes(self, raw: Mapping[str, Any], address: Address) -> Formula:
        concept = self._concept(raw["of"], (*address, "of"))
        known = GRADES if concept.kind is Kind.ANTIBODY else tuple(concept.choices)
        wrong = set(known) ^ set(raw["codes"])
        if wrong:
            raise self.document.refuse(
                f"the codes are not those of {concept.id}: {', '.join(sorted(wrong))}", *address, "codes",
                remedy=f"one number for each of {', '.join(known)}",
            )  # fmt: skip
        return Coded(concept.id, tuple((code, decimal_of(n)) for code, n in raw["codes"].items()))

    def _formula(self) -> Formula:
        if "formula" in self.data:
            return self._expression(self.data["formula"], "formula")
        parts = tuple(self.parts[name].formula for name in self.data.get("parts", {}))
        if not parts:
            raise self.document.refuse("there is nothing to add up", remedy="give formula: or parts:")
        return parts[0] if len(parts) == 1 else Total(parts)

    def _check_used(self, built: ScoreDefinition) -> None:
        """Refuse an input or a part that changes nothing."""
        reached = {node for root in (built.formula, *(clause.when for clause in built.clauses()))
                   for node in root.walk()}  # fmt: skip
        used = {getattr(node, "concept", "") for node in reached}
        for name in self.data.get("inputs", {}):
            if name not in used:
                raise self.document.refuse(f"the input {name} is not used", "inputs", name,
                                           remedy="use it in a part or in the formula, or leave it out")
        for name in self.data.get("parts", {}):
            if self.parts[name].formula not in reached:
                raise self.document.refuse(f"the part {name} is not used", "parts", name,
                                           remedy="use it in the formula, or leave it out")  # fmt: skip

    def _check_defined(self, formula: Formula) -> None:
        """Refuse arithmetic that has no value for a permitted input."""
        ranges = {name: given.permitted for name, given in self.inputs.items()}
        address = ("formula",) if "formula" in self.data else ("parts",)
        try:
            natural_extent(formula, ranges)
        except UndefinedError as error:
            raise self.document.refuse(str(error), *address,
                                       remedy="narrow the permitted range of the inputs") from None

    # ---- clauses ---------------------------------------------------------------------------------

    def _clauses(self, section: str, scores: Mapping[str, Formula]) -> Iterator[Clause]:
        for clause_id, raw in self.data.get(section, {}).items():
            address = (section, clause_id)
            when = self._scope(scores).condition(raw.get("when", clause_id), *address, "when")
            yield Clause(clause_id, self._label(clause_id, raw, address), when, self._place(raw),
                         _text(raw.get("definition")), raw.get("unverified", False))  # fmt: skip

    def _label(self, name: str, raw: Mapping[str, Any], address: Address) -> Text:
        if "label" in raw:
            return Text(**raw["label"])
        concept = name if name in self.vocabulary else raw.get("of", "")
        if concept in self.vocabulary:
            return self.vocabulary[concept].label
        raise self.document.refuse(f"'{name}' needs a label", *address, remedy="label: {en: ..., pl: ...}")

    def _place(self, raw: Mapping[str, Any]) -> Citation:
        base = _citation(raw["citation"]) if "citation" in raw else self.citation
        return base.at(raw["place"]) if "place" in raw else base

    def _rounding(self) -> Rounding | None:
        raw = self.data.get("rounding")
        if raw is None:
            return None
        return Rounding(raw["places"], raw["cutoffs"], self._place(raw), raw.get("unverified", False))

    def _concerns(self) -> Iterator[str]:
        for i, name in enumerate(self.data.get("concerns", ())):
            if name not in self.vocabulary and name not in shipped_criteria_ids():
                raise self.document.refuse(
                    f"'{name}' is neither a criteria set nor a concept", "concerns", i,
                    remedy=did_you_mean(name, (*shipped_criteria_ids(), *self.vocabulary.concepts)),
                )  # fmt: skip
            yield name

    def _recorded_as(self) -> str:
        name: str = self.data.get("recorded_as", "")
        if name and self._concept(name, ("recorded_as",)).kind is not Kind.QUANTITY:
            raise self.document.refuse(f"{name} is not a quantity", "recorded_as")
        return name

    def _apart(self) -> Apart | None:
        raw = self.data.get("apart")
        if raw is None:
            return None
        return Apart(*(_distance(raw[key]) if key in raw else None for key in ("at_least", "at_most")))

    def _performance(self) -> Iterator[Performance]:
        for raw in self.data.get("performance", ()):
            yield Performance(raw["sensitivity"], raw["specificity"], Text(**raw["setting"]),
                              self._place(raw))  # fmt: skip


def _distance(written: str) -> tuple[float, str]:
    number, unit = written.split()
    return float(number), unit


def _citation(raw: Mapping[str, Any]) -> Citation:
    return Citation(**raw)


def _text(raw: Mapping[str, str] | None) -> Text | None:
    return Text(**raw) if raw else None
