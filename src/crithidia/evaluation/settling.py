"""What would settle an open verdict, and what a settled one rests on: exact, smallest first.

A choice of findings settles a verdict if it leaves no completion with the other outcome. What has
to be known for that is a goal (``goals``); the cheapest ways to reach it are sought along the
definition (``cheapest``). What would open a settled verdict is sought in the same way, with
findings withdrawn instead of found (``withdrawals``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.evaluation.bounds import ABSENT, PRESENT, UNKNOWN, Bounds, close
from crithidia.evaluation.cheapest import EACH, Cheapest
from crithidia.evaluation.estimates import Literals, numbers
from crithidia.evaluation.withdrawals import Withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crithidia.definition import Atom
    from crithidia.evaluation.compiled import CompiledSet

Choice = tuple[int, int]
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Settling:
    """Findings that, turning out so, settle the verdict; none can be left out."""

    findings: tuple[tuple[Atom, bool], ...]
    effort: int


def _settling(compiled: CompiledSet, choice: Iterable[Choice]) -> Settling:
    """Return a choice as findings, easiest first."""
    ordered = sorted((compiled.efforts[i], i, value) for i, value in choice)
    return Settling(tuple((compiled.atoms[i], bool(value)) for _, i, value in ordered),
                    sum(effort for effort, _, _ in ordered))  # fmt: skip


def settling_sets(compiled: CompiledSet, state: tuple[Bounds, ...], outcome: int,
                  most: int = _MOST) -> tuple[Settling, ...]:  # fmt: skip
    """Return the smallest sets of unknown findings that would settle the verdict.

    ``outcome`` is 1 for met, 0 for not met. All sets returned have the same size; those easier to
    obtain come first, and at most ``most`` are returned. Empty if nothing can bring it about.
    """
    unknown = [i for i, bounds in enumerate(state) if bounds == UNKNOWN]
    findable = sum(3 << 2 * i for i in unknown)
    return tuple(_settling(compiled, choice) for choice in
                 _cheapest(compiled, outcome, _known(state), findable, most))  # fmt: skip


def _cheapest(compiled: CompiledSet, outcome: int, known: int, findable: int,
              most: int) -> Iterator[tuple[Choice, ...]]:  # fmt: skip
    """Yield the cheapest choices of findable literals that settle the verdict; none if it is settled."""
    search = Cheapest(compiled.goals.table, compiled.literals, most)
    for cost, choice in search.options(compiled.goal(outcome), known, findable):
        if cost:
            yield tuple((i >> 1, i & 1) for i in numbers(choice))


def _known(state: Sequence[Bounds]) -> int:
    """Return the literals that hold in a state, as bits."""
    return sum(1 << 2 * i + low for i, (low, high) in enumerate(state) if low == high)


def supporting_facts(compiled: CompiledSet, state: tuple[Bounds, ...]) -> tuple[Atom, ...]:
    """Return a smallest set of known findings on which a settled verdict rests.

    With these alone, everything else forgotten, the verdict would be the same.
    """
    outcome = compiled.fulfilled(state)
    if outcome not in {PRESENT, ABSENT}:
        return ()
    first = next(_cheapest(compiled, outcome[0], 0, _known(state), 1), ())
    return tuple(compiled.atoms[i] for i, _ in first)


def overturning_facts(compiled: CompiledSet, state: tuple[Bounds, ...],
                      most: int = _MOST) -> tuple[tuple[Atom, ...], ...]:  # fmt: skip
    """Return the smallest sets of known findings whose withdrawal would open a settled verdict.

    A finding withdrawn takes with it what was implied by it alone; all sets have the same size.
    """
    outcome = compiled.fulfilled(state)
    if outcome not in {PRESENT, ABSENT}:
        return ()
    known = _known(state)
    withdrawals = Withdrawals(compiled.goals.table, compiled.literals, known)
    goal = withdrawals.possible(compiled.goal(1 - outcome[0]))
    search = Cheapest(withdrawals.table, Literals.unrelated(2 * len(state), EACH), most)
    return tuple(tuple(compiled.atoms[i >> 1] for i in numbers(choice))
                 for _, choice in search.options(goal, 0, known))  # fmt: skip


def next_finding(compiled: CompiledSet, state: tuple[Bounds, ...], column: str) -> Atom | None:
    """Return the unknown whose answer narrows the score most; the easier one where two tie.

    Counted is the width that remains, added over both answers.
    """
    score = compiled.hull(compiled.totals[column])
    best: tuple[int, int, int] | None = None
    for i, bounds in enumerate(state):
        if bounds == UNKNOWN:
            answers = [close(state, i, value, compiled.arrows) for value in (0, 1)]
            left = sum(high - low for low, high in (score(s) for s in answers if s is not None))
            rank = (left, compiled.efforts[i], i)
            best = rank if best is None else min(best, rank)
    low, high = score(state)
    return compiled.atoms[best[2]] if best is not None and best[0] < 2 * (high - low) else None
