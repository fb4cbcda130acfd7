"""What would settle an open verdict, and what a settled one rests on: exact, smallest first.

A choice of findings settles a verdict if it leaves no completion with the other outcome. Whatever
does not settle it leaves a *gap*: a state with as many favourable findings as possible in which
the verdict is still open. Every settling choice must reach outside every gap, so the smallest
choices are the smallest sets that meet the complements of the gaps found so far; each candidate
either settles the verdict or shows a new gap (implicit hitting sets; Chandrasekaran et al. 2011,
Reiter 1987, doi:10.1016/0004-3702(87)90062-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.definition.ties import polarities
from crithidia.evaluation.bounds import ABSENT, PRESENT, UNKNOWN, Bounds, close
from crithidia.evaluation.hitting import HittingSets, elements
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crithidia.definition import Atom
    from crithidia.evaluation.compiled import CompiledSet

Choice = tuple[int, int]
_EACH: Final = 1000
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Settling:
    """Findings that, turning out so, settle the verdict; none can be left out."""

    findings: tuple[tuple[Atom, bool], ...]
    effort: int


@dataclass(frozen=True)
class Question:
    """One verdict to be settled: the set, the state, and how hard each finding is to obtain."""

    compiled: CompiledSet
    state: tuple[Bounds, ...]

    def settled(self, state: Sequence[Bounds], outcome: int) -> bool:
        """Return whether every completion of a state has the outcome."""
        return self.compiled.fulfilled(state) == (outcome, outcome)

    def after(self, choices: Iterable[Choice],
              start: Sequence[Bounds] | None = None) -> Sequence[Bounds] | None:  # fmt: skip
        """Return the state once the choices turned out so; None if they contradict each other."""
        state: Sequence[Bounds] | None = self.state if start is None else start
        for position, value in choices:
            if state is None or state[position] == (1 - value, 1 - value):
                return None
            if state[position] == UNKNOWN:
                state = close(state, position, value, self.compiled.arrows)
        return state

    def cost(self, choice: Choice) -> int:
        """Return the cost of one finding: fewer first, then the easier to obtain."""
        return _EACH + _effort(self.compiled.atoms[choice[0]])

    def shown(self, choices: Iterable[Choice]) -> Settling:
        """Return choices as findings, easiest first."""
        ordered = sorted(choices, key=lambda c: (self.cost(c), c))
        atoms = self.compiled.atoms
        return Settling(tuple((atoms[i], bool(value)) for i, value in ordered),
                        sum(_effort(atoms[i]) for i, _ in ordered))  # fmt: skip


def _effort(atom: Atom) -> int:
    concept = shipped_vocabulary().concepts.get(atom.concept)
    return concept.means.effort if concept else 0


def settling_sets(compiled: CompiledSet, state: tuple[Bounds, ...], outcome: int,
                  most: int = _MOST) -> tuple[Settling, ...]:  # fmt: skip
    """Return the smallest sets of unknown findings that would settle the verdict.

    ``outcome`` is 1 for met, 0 for not met. All sets returned have the same size; those easier to
    obtain come first, and at most ``most`` are returned. Empty if nothing can bring it about.
    """
    question = Question(compiled, state)
    candidates = _favourable(compiled, state, outcome)
    if question.settled(state, outcome) or not any(_gaps(question, (), candidates, outcome)):
        return ()
    return tuple(question.shown(found) for found in _smallest(question, candidates, outcome, most))


def _smallest(question: Question, candidates: Sequence[Choice], outcome: int,
              most: int) -> Iterator[tuple[Choice, ...]]:  # fmt: skip
    def choices(mask: int) -> tuple[Choice, ...]:
        return tuple(candidates[i] for i in elements(mask))

    costs = [question.cost(choice) for choice in candidates]
    sets = HittingSets(costs, lambda mask: question.after(choices(mask)) is not None)
    ceiling = sum(costs)
    found = 0
    while found < most:
        mask = sets.cheapest(ceiling)
        if mask is None:
            return
        settled = True
        for gap in _gaps_on_the_way(question, mask, candidates, outcome):
            sets.add(gap)
            settled = False
        if settled:
            found += 1
            ceiling = mask.bit_count() * _EACH + _EACH - 1
            sets.exclude(mask)
            yield choices(mask)


def _gaps_on_the_way(question: Question, mask: int, candidates: Sequence[Choice],
                     outcome: int) -> Iterator[int]:  # fmt: skip
    """Yield the gaps of a choice, and those of ever larger ones until the verdict is settled.

    Only the first ones refute the choice; the others spare the costly search for the next one.
    """
    while gaps := list(_gaps(question, [candidates[i] for i in elements(mask)], candidates, outcome)):
        yield from gaps
        likely = gaps[0]
        for gap in gaps[1:]:
            likely = likely & gap or likely
        mask |= likely & -likely


def _gaps(question: Question, chosen: Iterable[Choice], candidates: Sequence[Choice],
          outcome: int) -> Iterator[int]:  # fmt: skip
    """Yield what lies outside states that stay open although the choice turned out so.

    Different orders of adding findings show different gaps; several at a time need fewer rounds.
    """
    state = question.after(chosen)
    if state is None or question.settled(state, outcome):
        return
    order = range(len(candidates))
    turned = len(candidates) // 2
    for way in (order, reversed(order), (*order[turned:], *order[:turned])):
        yield _gap(question, state, candidates, way, outcome)


def _gap(question: Question, state: Sequence[Bounds], candidates: Sequence[Choice],
         order: Iterable[int], outcome: int) -> int:  # fmt: skip
    """Return the candidates outside a largest open state above ``state``, as bits."""
    for i in order:
        further = question.after((candidates[i],), state)
        if further is not None and not question.settled(further, outcome):
            state = further
    return sum(1 << i for i, (at, value) in enumerate(candidates) if state[at] != (value, value))


def _favourable(compiled: CompiledSet, state: Sequence[Bounds], outcome: int) -> list[Choice]:
    """Return the findings that can push towards the outcome, by themselves or by what they imply."""
    signs = polarities(compiled.set.fulfilled)
    pushing = {
        (i, value)
        for i, atom in enumerate(compiled.atoms)
        for value in (0, 1)
        if signs.get(atom, 0) & (1 if value == outcome else 2)
    }
    unknown = [i for i, bounds in enumerate(state) if bounds == UNKNOWN]
    return [
        (i, value) for i in unknown for value in (0, 1)
        if pushing & {(i, value), *compiled.arrows.get((i, value), ())}
    ]  # fmt: skip


def supporting_facts(compiled: CompiledSet, state: tuple[Bounds, ...]) -> tuple[Atom, ...]:
    """Return a smallest set of known findings on which a settled verdict rests.

    With these alone, everything else forgotten, the verdict would be the same.
    """
    outcome = compiled.fulfilled(state)
    if outcome not in {PRESENT, ABSENT}:
        return ()
    known = [(i, bounds[0]) for i, bounds in enumerate(state) if bounds != UNKNOWN]
    blank = Question(compiled, tuple(UNKNOWN for _ in state))
    if blank.settled(blank.state, outcome[0]):
        return ()
    first = next(_smallest(blank, known, outcome[0], 1), ())
    return tuple(compiled.atoms[i] for i, _ in sorted(first))


def overturning_facts(compiled: CompiledSet, state: tuple[Bounds, ...],
                      most: int = _MOST) -> tuple[tuple[Atom, ...], ...]:  # fmt: skip
    """Return the smallest sets of known findings whose withdrawal would open a settled verdict.

    A finding withdrawn takes with it what was implied by it alone; all sets have the same size.
    """
    outcome = compiled.fulfilled(state)
    if outcome not in {PRESENT, ABSENT}:
        return ()
    blank = Question(compiled, tuple(UNKNOWN for _ in state))
    if blank.settled(blank.state, outcome[0]):
        return ()
    known = [(i, bounds[0]) for i, bounds in enumerate(state) if bounds != UNKNOWN]
    return tuple(_openings(blank, known, outcome[0], most))


def _openings(blank: Question, known: Sequence[Choice], outcome: int,
              most: int) -> Iterator[tuple[Atom, ...]]:  # fmt: skip
    sets = HittingSets([1] * len(known), lambda _: True)
    size = len(known)
    found = 0
    while found < most:
        mask = sets.cheapest(size)
        if mask is None:
            return
        support = _support(blank, known, mask, outcome)
        if support:
            sets.add(support)
            continue
        size = mask.bit_count()
        found += 1
        sets.exclude(mask)
        yield tuple(blank.compiled.atoms[known[i][0]] for i in elements(mask))


def _support(blank: Question, known: Sequence[Choice], withdrawn: int, outcome: int) -> int:
    """Return findings that settle the verdict without those withdrawn, as bits; 0 if none do.

    None of the findings returned can be left out.
    """
    def settles(mask: int) -> bool:
        state = blank.after(known[i] for i in elements(mask))
        return state is not None and blank.settled(state, outcome)

    kept = ((1 << len(known)) - 1) & ~withdrawn
    if not settles(kept):
        return 0
    for i in elements(kept):
        if settles(kept & ~(1 << i)):
            kept &= ~(1 << i)
    return kept


def next_finding(compiled: CompiledSet, state: tuple[Bounds, ...], column: str) -> Atom | None:
    """Return the unknown whose answer narrows the score most; the easier one where two tie.

    Counted is the width that remains, added over both answers.
    """
    score = compiled.hull(compiled.totals[column])
    question = Question(compiled, state)
    best: tuple[int, int, int] | None = None
    for i, bounds in enumerate(state):
        if bounds == UNKNOWN:
            answers = [question.after(((i, value),)) for value in (0, 1)]
            left = sum(high - low for low, high in (score(s) for s in answers if s is not None))
            rank = (left, _effort(compiled.atoms[i]), i)
            best = rank if best is None else min(best, rank)
    low, high = score(state)
    return compiled.atoms[best[2]] if best is not None and best[0] < 2 * (high - low) else None
