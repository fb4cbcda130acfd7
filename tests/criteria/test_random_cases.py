"""Every shipped set on random partial cases, against all completions of what is unknown.

Where at most ``FEASIBLE`` findings are unknown, all completions are tried (``tests.completions``,
itself checked here against the plain reference). Elsewhere completions are drawn: each must lie
within the interval, and one that attains each end must be found. ``CRITHIDIA_EXAMPLES=1000`` runs
more cases a set (``make deep``). What would settle an open verdict, and what a settled one rests
on, is checked for so many verdicts of each kind as a fifth of the cases; where few findings are
unknown, or known, also against a search that does not look at the definition.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from itertools import combinations, product
from typing import TYPE_CHECKING, Final

import pytest

from crithidia.case import Fact, Quantity
from crithidia.definition import Atom, Compares, Has, Is, Node, Statement, shipped_criteria_ids
from crithidia.evaluation import CompiledSet, Result, Verdict, compiled_set, evaluate_picture
from crithidia.evaluation.bounds import UNKNOWN, close
from crithidia.evaluation.settling import Settling, overturning_facts, settling_sets, supporting_facts
from crithidia.interpretation import Picture
from crithidia.interpretation.measurements import Reading
from crithidia.interpretation.picture import known_from
from crithidia.vocabulary import shipped_vocabulary
from tests.brute_force import hull, value, worlds
from tests.completions import FEASIBLE, Completions, Rule, as_findings, bits, rules_between, world_of
from tests.implicit_hitting import smallest_openings, smallest_settling, smallest_support

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crithidia.evaluation.bounds import Bounds
    from tests.brute_force import World

EXAMPLES: Final = int(os.environ.get("CRITHIDIA_EXAMPLES", "25"))
DRAWN: Final = 12
PLAINLY: Final = 6
EXHAUSTIVE: Final = 3
SETTLED: Final = -(-EXAMPLES // 5)
VERDICTS: Final = {frozenset({True}): Verdict.MET, frozenset({False}): Verdict.NOT_MET}

State = tuple["Bounds", ...]
Choice = tuple[tuple[Atom, bool], ...]


@cache
def _rules(set_id: str) -> tuple[Rule, ...]:
    return rules_between(compiled_set(set_id).atoms)


@cache
def _plain(set_id: str) -> tuple[Node, dict[str, Node]]:
    """Return the whole set and the total of each column, for the plain reference."""
    compiled = compiled_set(set_id)
    totals = {column: as_findings(score) for column, score in compiled.totals.items()}
    return as_findings(compiled.set.fulfilled), totals


@dataclass(frozen=True)
class RandomCase:
    """A set, what was recorded, and what came out."""

    set_id: str
    recorded: dict[Atom, bool]
    picture: Picture

    @cached_property
    def compiled(self) -> CompiledSet:
        return compiled_set(self.set_id)

    @cached_property
    def result(self) -> Result:
        return evaluate_picture(self.compiled, self.picture)

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return self.compiled.atoms

    @cached_property
    def unknown(self) -> list[int]:
        return [i for i, bounds in enumerate(self.result.state) if bounds == UNKNOWN]

    @cached_property
    def settled(self) -> dict[Atom, bool]:
        return {atom: bool(bounds[0])
                for atom, bounds in zip(self.atoms, self.result.state, strict=True) if bounds != UNKNOWN}

    @cached_property
    def completions(self) -> Completions:
        return Completions.of(self.atoms, self.settled)


def random_case(set_id: str, chance: random.Random) -> RandomCase:
    """Record a random part of what the set asks for; nothing that contradicts itself."""
    compiled = compiled_set(set_id)
    share = chance.choice((0.0, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0))
    often = chance.choice((0.2, 0.5, 0.8))
    findings: dict[str, bool] = {}
    for atom in chance.sample(compiled.atoms, len(compiled.atoms)):
        if isinstance(atom, Has) and chance.random() < share:
            more = {**findings, atom.concept: chance.random() < often}
            if not known_from(more, shipped_vocabulary())[1]:
                findings = more
    readings = {name: _reading(name, compiled.atoms, chance)
                for name in sorted(compiled.quantities) if chance.random() < share}  # fmt: skip
    codes: dict[str, tuple[str, ...]] = {
        name: (chance.choice(sorted(shipped_vocabulary()[name].choices)),)
        for name in sorted({a.concept for a in compiled.atoms if isinstance(a, Is)})
        if chance.random() < share
    }
    picture = Picture(known_from(findings, shipped_vocabulary())[0],
                      {name: (reading,) for name, reading in readings.items()}, codes)  # fmt: skip
    return RandomCase(set_id, dict(_recorded(compiled.atoms, findings, readings, codes)), picture)


def _reading(name: str, atoms: Sequence[Atom], chance: random.Random) -> Reading:
    limits = [atom.threshold for atom in atoms if isinstance(atom, Compares) and atom.concept == name]
    number = chance.choice(limits) + chance.choice((Decimal("-0.01"), Decimal(0), Decimal("0.01")))
    fact = Fact(name, Quantity.exactly(number, shipped_vocabulary()[name].unit))
    return Reading(number, number, low_open=False, high_open=False, fact=fact)


def _recorded(atoms: Sequence[Atom], findings: dict[str, bool], readings: dict[str, Reading],
              codes: dict[str, tuple[str, ...]]) -> Iterator[tuple[Atom, bool]]:  # fmt: skip
    """Yield what the records say of each atom by themselves."""
    for atom in atoms:
        if isinstance(atom, Has) and atom.concept in findings:
            yield atom, findings[atom.concept]
        elif isinstance(atom, Compares) and atom.concept in readings:
            number, limit = readings[atom.concept].low, atom.threshold
            assert number is not None
            yield atom, {"<": number < limit, "<=": number <= limit,
                         ">": number > limit, ">=": number >= limit}[atom.comparator]  # fmt: skip
        elif isinstance(atom, Is) and atom.concept in codes:
            yield atom, atom.code in codes[atom.concept]


@pytest.mark.slow
@pytest.mark.parametrize("set_id", shipped_criteria_ids())
def test_random_partial_cases(set_id: str) -> None:
    chance = random.Random(set_id)  # noqa: S311  (cases are to be the same in every run)
    left = {True: SETTLED, False: SETTLED}
    for _ in range(EXAMPLES):
        case = random_case(set_id, chance)
        assert all(case.settled.get(atom) is truth for atom, truth in case.recorded.items())
        if len(case.unknown) <= FEASIBLE:
            _agrees_with_all_completions(case, chance)
        else:
            _agrees_with_drawn_completions(case, chance)
        settled = case.result.verdict is not Verdict.UNDETERMINED
        if left[settled]:
            left[settled] -= 1
            if settled:
                _rests_on_the_least(case)
            else:
                for outcome in (True, False):
                    _settling_is_smallest(case, outcome, chance)


def _agrees_with_all_completions(case: RandomCase, chance: random.Random) -> None:
    possible = case.completions
    fulfilled, totals = _plain(case.set_id)
    truths = possible.truths(case.compiled.set.fulfilled)
    assert case.result.verdict is VERDICTS.get(frozenset(truths), Verdict.UNDETERMINED), case.recorded
    for column, total in case.compiled.totals.items():
        score = case.result.score_in(column)
        assert (score.low, score.high) == possible.hull(total), (column, case.recorded)
    where = possible.where(case.compiled.set.fulfilled)
    there = list(bits(possible.possible))
    for bit in chance.sample(there, min(len(there), 2)):
        assert bool(where >> bit & 1) is value(fulfilled, possible.world(bit))
    if len(case.unknown) <= PLAINLY:
        plainly = _plain_worlds(case)
        assert len(plainly) == len(there)
        assert truths == {bool(value(fulfilled, world)) for world in plainly}
        assert all(possible.hull(case.compiled.totals[c]) == hull(t, plainly) for c, t in totals.items())


def _plain_worlds(case: RandomCase) -> list[World]:
    names = [str(atom) for atom in case.atoms]
    known = {str(atom): truth for atom, truth in case.settled.items()}
    rules = [(names[i], names[j], truth) for i, j, truth in _rules(case.set_id)]
    return list(worlds(names, rules, known, {}))


def _agrees_with_drawn_completions(case: RandomCase, chance: random.Random) -> None:
    fulfilled, totals = _plain(case.set_id)
    drawn = [_drawn(case, chance, case.result.state) for _ in range(DRAWN)]
    truths = {bool(value(fulfilled, world)) for world in drawn}
    if case.result.verdict is Verdict.UNDETERMINED:
        whole = case.compiled.set.fulfilled
        assert {value(fulfilled, _pole(case, whole, end)) for end in (0, 1)} == {True, False}, case.recorded
    else:
        assert truths == {case.result.verdict is Verdict.MET}, case.recorded
    for column, total in totals.items():
        score = case.result.score_in(column)
        assert all(score.low <= Decimal(value(total, world)) <= score.high for world in drawn), case.recorded
        node = case.compiled.totals[column]
        ends = [Decimal(value(total, _pole(case, node, end))) for end in (0, 1)]
        assert ends == [score.low, score.high], (column, case.recorded)


def _drawn(case: RandomCase, chance: random.Random, state: Sequence[Bounds]) -> World:
    """Return a random completion of a state."""
    often = chance.random()
    for i in chance.sample(case.unknown, len(case.unknown)):
        if state[i] == UNKNOWN:
            wanted = int(chance.random() < often)
            further = close(state, i, wanted, case.compiled.arrows)
            state = further or close(state, i, 1 - wanted, case.compiled.arrows) or state
    return _world(case, state)


def _pole(case: RandomCase, node: Node, end: int) -> World:
    """Return a completion in which the node comes to one end, settling one unknown after another."""
    bounds = case.compiled.hull(node)
    state: Sequence[Bounds] = case.result.state
    wanted = bounds(state)[end]
    for i in case.unknown:
        if state[i] == UNKNOWN:
            ways = [close(state, i, v, case.compiled.arrows) for v in (0, 1)]
            state = next(way for way in ways if way is not None and bounds(way)[end] == wanted)
    return _world(case, state)


def _world(case: RandomCase, state: Sequence[Bounds]) -> World:
    """Return a settled state as a world; the rules must hold in it."""
    truths = [bool(low) for low, _ in state]
    assert all(low == high for low, high in state)
    assert all(truths[j] is effect for i, j, effect in _rules(case.set_id) if truths[i])
    return world_of(dict(zip(case.atoms, truths, strict=True)))


def _settling_is_smallest(case: RandomCase, outcome: bool, chance: random.Random) -> None:
    found = settling_sets(case.compiled, case.result.state, int(outcome), most=3)
    assert found, case.recorded
    size = len(found[0].findings)
    assert {len(settling.findings) for settling in found} == {size}
    judge = _settles_everywhere if len(case.unknown) <= FEASIBLE else _settles_in_drawn
    for settling in found:
        assert judge(case, settling, outcome, chance), (settling, case.recorded)
    for smaller in _smaller(case, size, chance):
        assert not _settles(case, smaller, outcome), (smaller, case.recorded)


    if len(case.unknown) <= FEASIBLE:
        reference = smallest_settling(case.compiled, case.result.state, int(outcome), 3)
        efforts = [sum(case.compiled.efforts[i] for i, _ in choice) for choice in reference]
        assert [settling.effort for settling in found] == efforts, case.recorded


def _rests_on_the_least(case: RandomCase) -> None:
    """The verdict follows from what it rests on, opens without what overturns it, and no less does."""
    compiled, state = case.compiled, case.result.state
    support = set(supporting_facts(compiled, state))
    known = {atom: truth for atom, truth in case.settled.items() if atom in support}
    assert compiled.fulfilled(_closed(case, known)) == compiled.fulfilled(state), case.recorded
    openings = overturning_facts(compiled, state)
    for opening in openings:
        left = {atom: truth for atom, truth in case.settled.items() if atom not in set(opening)}
        assert compiled.fulfilled(_closed(case, left)) == UNKNOWN, (opening, case.recorded)
    if len(case.settled) <= FEASIBLE:
        assert len(known) == len(smallest_support(compiled, state)), case.recorded
        found = {frozenset(map(case.atoms.index, opening))
                 for opening in overturning_facts(compiled, state, most=10_000)}  # fmt: skip
        assert found == smallest_openings(compiled, state), case.recorded


def _closed(case: RandomCase, known: dict[Atom, bool]) -> Sequence[Bounds]:
    """Return the state in which so much is known, and what follows from it."""
    state: Sequence[Bounds] = [UNKNOWN] * len(case.atoms)
    for atom, truth in known.items():
        i = case.atoms.index(atom)
        further = close(state, i, int(truth), case.compiled.arrows) if state[i] == UNKNOWN else state
        assert further is not None
        state = further
    return state


def _settles_everywhere(case: RandomCase, settling: Settling, outcome: bool, _: random.Random) -> bool:
    return _settles(case, settling.findings, outcome)


def _settles_in_drawn(case: RandomCase, settling: Settling, outcome: bool, chance: random.Random) -> bool:
    state = _after(case, settling.findings)
    fulfilled, _ = _plain(case.set_id)
    return state is not None and all(
        value(fulfilled, _drawn(case, chance, state)) is outcome for _ in range(DRAWN)
    )


def _settles(case: RandomCase, choice: Choice, outcome: bool) -> bool:
    """Return whether the findings are possible and leave no completion with the other outcome."""
    if len(case.unknown) > FEASIBLE:
        state = _after(case, choice)
        return state is not None and case.compiled.fulfilled(state) == (int(outcome), int(outcome))
    possible, where = case.completions.possible, _where_met(case)
    for atom, truth in choice:
        mask = case.completions.masks[atom]
        possible &= mask if truth else ~mask
    return bool(possible) and not (possible & ~where if outcome else possible & where)


def _where_met(case: RandomCase) -> int:
    if "met" not in case.__dict__:
        whole: Statement = case.compiled.set.fulfilled
        case.__dict__["met"] = case.completions.where(whole)
    return int(case.__dict__["met"])


def _after(case: RandomCase, choice: Choice) -> Sequence[Bounds] | None:
    state: Sequence[Bounds] = case.result.state
    for atom, truth in choice:
        i = case.atoms.index(atom)
        further = close(state, i, int(truth), case.compiled.arrows)
        if further is None:
            return None
        state = further
    return state


def _smaller(case: RandomCase, size: int, chance: random.Random) -> Iterator[Choice]:
    """Yield every smaller choice of up to three findings where that is feasible, else some."""
    open_ = [case.atoms[i] for i in case.unknown]
    if len(open_) <= FEASIBLE:
        for count in range(min(size - 1, EXHAUSTIVE) + 1):
            for chosen in combinations(open_, count):
                for truths in product((True, False), repeat=count):
                    yield tuple(zip(chosen, truths, strict=True))
    if size > 1 and (len(open_) > FEASIBLE or size - 1 > EXHAUSTIVE):
        for _ in range(DRAWN):
            drawn = chance.sample(open_, size - 1)
            yield tuple((atom, chance.random() < 0.5) for atom in drawn)
