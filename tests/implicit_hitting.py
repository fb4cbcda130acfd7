"""What settles a verdict, found without looking at the definition: the reference for the search.

A choice of findings settles a verdict if it leaves no completion with the other outcome. Whatever
does not settle it leaves a *gap*: a state with as many favourable findings as possible in which
the verdict is still open. Every settling choice must reach outside every gap, so the smallest
choices are the smallest sets that meet the complements of the gaps found so far; each candidate
either settles the verdict or shows a new gap (implicit hitting sets; Chandrasekaran et al. 2011,
Reiter 1987, doi:10.1016/0004-3702(87)90062-2). What opens a settled verdict must meet every set of
findings that settles it by itself. Exact, and too slow where thousands of choices cost the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.definition.ties import polarities
from crithidia.evaluation.bounds import UNKNOWN, Bounds, close
from tests.hitting_sets import HittingSets, elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crithidia.evaluation import CompiledSet

Choice = tuple[int, int]
EACH: Final = 1000


@dataclass(frozen=True)
class Question:
    """One verdict to be settled: the set and the state."""

    compiled: CompiledSet
    state: Sequence[Bounds]

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
        return EACH + self.compiled.efforts[choice[0]]


def smallest_settling(compiled: CompiledSet, state: Sequence[Bounds], outcome: int,
                      most: int) -> list[tuple[Choice, ...]]:  # fmt: skip
    """Return the smallest choices that settle an open verdict, the easiest first."""
    question = Question(compiled, state)
    return list(_smallest(question, _favourable(compiled, state, outcome), outcome, most))


def smallest_support(compiled: CompiledSet, state: Sequence[Bounds]) -> tuple[Choice, ...]:
    """Return a smallest choice of what is known that settles the verdict by itself."""
    blank = Question(compiled, tuple(UNKNOWN for _ in state))
    return next(_smallest(blank, _known(state), compiled.fulfilled(state)[0], 1), ())


def smallest_openings(compiled: CompiledSet, state: Sequence[Bounds]) -> set[frozenset[int]]:
    """Return every smallest choice of known atoms without which a settled verdict is open."""
    blank = Question(compiled, tuple(UNKNOWN for _ in state))
    outcome = compiled.fulfilled(state)[0]
    if blank.settled(blank.state, outcome):
        return set()
    known = _known(state)
    sets = HittingSets([1] * len(known), lambda _: True)
    size, found = len(known), set()
    while (mask := sets.cheapest(size)) is not None:
        support = _support(blank, known, mask, outcome)
        if support:
            sets.add(support)
        else:
            size = mask.bit_count()
            found.add(frozenset(known[i][0] for i in elements(mask)))
            sets.exclude(mask)
    return found


def _known(state: Sequence[Bounds]) -> list[Choice]:
    return [(i, bounds[0]) for i, bounds in enumerate(state) if bounds != UNKNOWN]


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
            ceiling = mask.bit_count() * EACH + EACH - 1
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
