"""A score for one patient: its exact interval, what each input gives, what would decide it.

A missing input is neither zero nor an error: it ranges over everything that the paper permits. A
value outside the permitted range is not used, and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from crithidia.definition import Has, Is, Statement
from crithidia.definition.formula import Coded, Measured
from crithidia.definition.score import Outcome
from crithidia.definition.score_library import load_score
from crithidia.evaluation.box import Box, ends, key_of
from crithidia.evaluation.hull import Hull
from crithidia.evaluation.visits import UNDATED, Recorded, Visit, permitted_part, span_of
from crithidia.foundation.spans import EVERYTHING, Span, UndefinedError, point
from crithidia.foundation.truth import Truth
from crithidia.interpretation.timing import compared as compared_times
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.case import Fact, Moment
    from crithidia.definition import Clause, Node
    from crithidia.definition.formula import Formula
    from crithidia.definition.score import Part, ScoreDefinition, ScoreInput
    from crithidia.evaluation.box import Key, Possible


@dataclass(frozen=True, slots=True)
class InputResult:
    """What is known of one input; ``refused`` says that a recorded value is outside the permitted range."""

    key: Key
    given: ScoreInput | None
    possible: Possible
    facts: tuple[Fact, ...]
    refused: bool = False

    @property
    def concept(self) -> str:
        """The concept asked for."""
        return self.key[1]

    @property
    def is_known(self) -> bool:
        """Whether a usable value was recorded, be it exact or not."""
        return bool(self.facts) and not self.refused and (
            isinstance(self.possible, Span) or len(self.possible) == 1
        )


@dataclass(frozen=True)
class CompiledScore:
    """A score made ready: the hull of its formulas, and everything that it depends on."""

    definition: ScoreDefinition
    hull: Hull

    @classmethod
    def of(cls, definition: ScoreDefinition) -> CompiledScore:
        """Prepare a score for many patients."""
        whole = frozenset((occasion, given.concept) for given in definition.inputs if given.whole
                          for occasion in ("visit", "baseline"))  # fmt: skip
        return cls(definition, Hull(shipped_vocabulary().implications, whole))

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Everything the total, its categories and its validity depend on, in order of appearance."""
        nodes: list[Node] = [self.definition.formula, *(clause.when for clause in self.definition.categories)]
        return _keys_below(nodes)

    @cached_property
    def all_keys(self) -> tuple[Key, ...]:
        """Also what the validity of the score depends on."""
        return tuple(dict.fromkeys((*self.keys, *_keys_below([c.when for c in self.definition.valid]))))


def _keys_below(nodes: list[Node]) -> tuple[Key, ...]:
    found = (key_of(leaf) for node in nodes for leaf in node.walk()
             if isinstance(leaf, (Measured, Coded, Has, Is)))  # fmt: skip
    return tuple(dict.fromkeys(key for key in found if key is not None))


@lru_cache
def compiled_score(score_id: str) -> CompiledScore:
    """Return one shipped score, ready. Raises ``UnknownNameError`` for an unknown id."""
    return CompiledScore.of(load_score(score_id))


@dataclass(frozen=True)
class ScoreResult:
    """A score at one visit, or between two; ``others`` are the other visits that could be scored."""

    compiled: CompiledScore
    inputs: tuple[InputResult, ...]
    visit: Visit = UNDATED
    baseline: Visit | None = None
    stated: Span | None = None
    others: tuple[ScoreResult, ...] = ()
    earlier: ScoreResult | None = None

    @property
    def at(self) -> Moment | None:
        """When the visit was, as somebody wrote it."""
        return self.visit.at

    @property
    def before(self) -> Moment | None:
        """When the visit was that it is compared with, if the score compares two."""
        return self.baseline.at if self.baseline else None

    @property
    def definition(self) -> ScoreDefinition:
        """The score."""
        return self.compiled.definition

    @property
    def id(self) -> str:
        """The id of the score."""
        return self.definition.id

    @cached_property
    def box(self) -> Box:
        """Everything that is still possible, by input."""
        return Box(
            {g.key: g.possible for g in self.inputs if isinstance(g.possible, Span)},
            {g.key: frozenset(v for v in g.possible if isinstance(v, bool)) for g in self.inputs
             if g.key[0] == "finding" and not isinstance(g.possible, Span)},
            {g.key: frozenset(v for v in g.possible if isinstance(v, str)) for g in self.inputs
             if g.key[0] == "code" and not isinstance(g.possible, Span)},
        )  # fmt: skip

    @cached_property
    def is_stated_only(self) -> bool:
        """Whether the case states the total and no input of it."""
        return self.stated is not None and not any(given.is_known for given in self._scored_inputs)

    @property
    def _scored_inputs(self) -> tuple[InputResult, ...]:
        wanted = set(self.compiled.keys)
        return tuple(given for given in self.inputs if given.key in wanted)

    @cached_property
    def span(self) -> Span:
        """The lowest and highest total over every way the unknowns could turn out."""
        return self.stated if self.is_stated_only and self.stated is not None else self._total

    @cached_property
    def _total(self) -> Span:
        return self.compiled.hull.values(self.definition.formula, self.box)

    @property
    def is_complete(self) -> bool:
        """Whether every input that the total asks for is known."""
        return next(self._lacking(), None) is None

    @cached_property
    def missing(self) -> tuple[InputResult, ...]:
        """The inputs of which no usable value was recorded, and whose value would matter."""
        return tuple(self._lacking())

    @cached_property
    def known_share(self) -> Fraction:
        """How much of what the total asks for was recorded: 1 if nothing is lacking.

        What only a branch asks for that the known inputs rule out does not count. Quick to say, unlike
        ``missing``, for which the total is worked out anew with each input known.
        """
        asked = frozenset(self.compiled.hull.asked(self.definition.formula, self.box))
        known = [given.is_known for given in self.inputs if given.key in asked]
        return Fraction(sum(known), len(known)) if known else Fraction(1)

    def _lacking(self) -> Iterator[InputResult]:
        return (given for given in self._scored_inputs if not given.is_known and self._matters(given))

    def _matters(self, given: InputResult) -> bool:
        """Return whether knowing an input could narrow the total or settle a category."""
        hull, formula = self.compiled.hull, self.definition.formula
        if given.key in hull.keys(formula):
            boxes = (self.box.with_value(given.key, value) for value in _extremes(given.possible))
            return any(hull.values(formula, box) != self._total for box in boxes)
        return any(truth is Truth.UNKNOWN for _, truth in self.categories)

    @cached_property
    def refused(self) -> tuple[InputResult, ...]:
        """The inputs whose recorded value lies outside what the score permits."""
        return tuple(given for given in self.inputs if given.refused)

    @cached_property
    def parts(self) -> tuple[tuple[Part, Span], ...]:
        """Each named part of the arithmetic with its lowest and highest value."""
        return tuple((part, self.compiled.hull.values(part.formula, self.box))
                     for part in self.definition.parts)  # fmt: skip

    def truth(self, statement: Statement) -> Truth:
        """Return whether a statement about this score holds."""
        return self.compiled.hull.truth(statement, self.box)

    @cached_property
    def categories(self) -> tuple[tuple[Clause, Truth], ...]:
        """Each category with its truth: reached, not reached, or open."""
        truth = self._stated_truth if self.is_stated_only else self.truth
        return tuple((clause, truth(clause.when)) for clause in self.definition.categories)

    def _stated_truth(self, statement: Statement) -> Truth:
        """Return what a category says of the stated total alone."""
        hull = self.compiled.hull
        judging = Hull(hull.implications, hull.whole, {self.definition.judged: self.span})
        return judging.truth(statement, self.box)

    @cached_property
    def category(self) -> Clause | None:
        """The first category that is certainly reached."""
        return next((clause for clause, truth in self.categories if truth is Truth.PRESENT), None)

    @cached_property
    def valid(self) -> tuple[tuple[Clause, Truth], ...]:
        """Each condition under which the score may be applied, with its truth."""
        return tuple((clause, self.truth(clause.when)) for clause in self.definition.valid)

    @property
    def applies(self) -> Truth:
        """Whether the patient is one of those for whom the score was made."""
        truths = {truth for _, truth in self.valid}
        if Truth.ABSENT in truths:
            return Truth.ABSENT
        return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.PRESENT

    @cached_property
    def deciding(self) -> tuple[InputResult, ...]:
        """The missing inputs that could settle an open category by themselves."""
        open_ = [clause for clause, truth in self.categories if truth is Truth.UNKNOWN]
        return tuple(given for given in self.missing if any(self._could_settle(given, c) for c in open_))

    def _could_settle(self, given: InputResult, clause: Clause) -> bool:
        return any(self.compiled.hull.truth(clause.when, self.box.with_value(given.key, value)).is_known
                   for value in _extremes(given.possible))  # fmt: skip

    @cached_property
    def agrees(self) -> bool | None:
        """Whether the total that the case states can be right; None if it states none."""
        if self.stated is None or self.is_stated_only:
            return None
        places = self.definition.rounding.places if self.definition.rounding else 0
        return _widened(self.stated, places).within(self.span) is not None

    @cached_property
    def previous(self) -> ScoreResult | None:
        """The last visit before this one that can be scored, for a score of a single visit."""
        if self.earlier is not None or self.definition.compares_visits:
            return self.earlier
        earlier = [other for other in self.others if other.visit < self.visit]
        return max(earlier, key=lambda other: other.visit, default=None)

    @cached_property
    def change(self) -> Span | None:
        """How far the score rose since the previous visit: below 0 if it fell."""
        return self.span + -self.previous.span if self.previous else None

    @cached_property
    def changes(self) -> tuple[tuple[Clause, Truth], ...]:
        """What the paper calls a response, for the change since the previous visit."""
        if self.previous is None or self.change is None:
            return ()
        totals: dict[Formula, Span] = {
            Outcome("score"): self.span, Outcome("before"): self.previous.span,
            Outcome("change"): self.change,
            Outcome("percent_change"): _percent(self.change, self.previous.span),
        }  # fmt: skip
        hull = Hull(self.compiled.hull.implications, totals=totals)
        return tuple((clause, hull.truth(clause.when, self.box)) for clause in self.definition.changes)


def _percent(change: Span, before: Span) -> Span:
    """Return the change in percent of the earlier score; anything if that can be 0."""
    try:
        return change * before.reciprocal() * point(100)
    except UndefinedError:
        return EVERYTHING


def _extremes(possible: Possible) -> list[Span | bool | str]:
    return [end for end, _ in ends(possible)] if isinstance(possible, Span) else [*possible]


def _widened(span: Span, places: int) -> Span:
    """Return every total that could have been rounded to the stated one."""
    half = Fraction(1, 2) / Fraction(10) ** places
    return span + Span(-half, half)


# ---- putting a case in ---------------------------------------------------------------------------


def evaluate_score(compiled: CompiledScore, recorded: Recorded) -> ScoreResult | None:
    """Score the latest complete visit, or else the one of which most is known; None if nothing is.

    The other visits go with the result, the latest first.
    """
    definition = compiled.definition
    results = [*(_pairs if definition.compares_visits else _single_visits)(compiled, recorded)]
    if not results:
        return None
    if len(results) == 1:
        return results[0]
    best = max(reversed(results), key=lambda result: (result.is_complete, -len(result.missing)))
    others = tuple(result for result in reversed(results) if result is not best)
    return replace(best, others=others)


def _single_visits(compiled: CompiledScore, recorded: Recorded) -> Iterator[ScoreResult]:
    definition = compiled.definition
    moving = [key[1] for key in compiled.keys if not _stands(definition, key[1])]
    asked = [*moving, definition.recorded_as] if definition.recorded_as else moving
    for visit in recorded.visits(asked) or ([UNDATED] if not moving else []):
        result = result_at(compiled, recorded, visit)
        if result.stated is not None or any(given.is_known for given in result.inputs):
            yield result


def _pairs(compiled: CompiledScore, recorded: Recorded) -> Iterator[ScoreResult]:
    moving = [key[1] for key in compiled.keys if not _stands(compiled.definition, key[1])]
    visits = recorded.visits(moving)
    for i, visit in enumerate(visits):
        for earlier in visits[:i]:
            if _far_enough(compiled.definition, earlier, visit):
                yield result_at(compiled, recorded, visit, (recorded, earlier))


def _far_enough(definition: ScoreDefinition, earlier: Visit, later: Visit) -> bool:
    """Return whether two visits lie as far apart as the paper asks; without times, they do not."""
    if earlier.at is None or later.at is None:
        return False
    apart = definition.apart
    least, most = (apart.at_least, apart.at_most) if apart else (None, None)
    beyond = [compared_times(earlier.at, later.at, *limit) if limit else None for limit in (least, most)]
    if (least and beyond[0] is None) or (most and beyond[1] is None):
        return False
    return (not least or (beyond[0] or 0) >= 0) and (not most or (beyond[1] or 0) <= 0)


def result_at(compiled: CompiledScore, recorded: Recorded, visit: Visit | None,
              baseline: tuple[Recorded, Visit | None] | None = None) -> ScoreResult:  # fmt: skip
    """Score one visit; ``baseline`` is where the values to compare with stand."""
    inputs = tuple(_input(compiled.definition, key, recorded, visit, baseline) for key in compiled.all_keys)
    name = compiled.definition.recorded_as
    stated = span_of(recorded.readings(name, visit)) if name else None
    result = ScoreResult(compiled, inputs, visit or UNDATED, baseline[1] if baseline else None, stated)
    if baseline is None or compiled.definition.compares_visits:
        return result
    return replace(result, earlier=result_at(compiled, *baseline))


def _stands(definition: ScoreDefinition, concept: str) -> bool:
    given = definition.by_concept.get(concept)
    return given is not None and given.standing


def _input(definition: ScoreDefinition, key: Key, recorded: Recorded, visit: Visit | None,
           baseline: tuple[Recorded, Visit | None] | None) -> InputResult:  # fmt: skip
    kind, concept = key
    given = definition.by_concept.get(concept)
    standing = given is not None and given.standing
    where, when = baseline if kind == "baseline" and baseline else (recorded, visit)
    if kind == "finding":
        truths, facts = where.truths(concept, None if standing else when)
        if definition.attribution and concept in where.picture.explained:
            truths = frozenset((False,))
        if len(truths) > 1 and given is not None and given.ruled_out_by:
            facts = tuple(reading.fact for reading in where.readings(given.ruled_out_by, when))
            truths = frozenset((False,)) if facts else truths
        return InputResult(key, given, truths, facts)
    if kind == "code" or given is None:
        return InputResult(key, given, *where.codes(concept, None if standing else when))
    readings = where.standing_readings(concept, when) if standing else where.readings(concept, when)
    facts = tuple(reading.fact for reading in readings)
    span = span_of(readings)
    usable = permitted_part(span, given) if span is not None else None
    return InputResult(key, given, usable or given.permitted, facts, span is not None and usable is None)
