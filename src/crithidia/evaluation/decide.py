"""What would decide an open verdict, and what a settled one hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crithidia.definition.verdict import Verdict
from crithidia.evaluation.bounds import ABSENT, PRESENT, UNKNOWN, close
from crithidia.evaluation.result import Result, ScoreInterval
from crithidia.evaluation.settling import (
    Settling,
    next_finding,
    overturning_facts,
    settling_sets,
    supporting_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.definition import Atom
    from crithidia.evaluation.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Without:
    """What the verdict and the score would be if one present finding had been absent."""

    atom: Atom
    verdict: Verdict
    score: ScoreInterval


@dataclass(frozen=True, slots=True)
class Decision:
    """For an open verdict: the smallest sets of findings that settle it either way, the next step.

    For a settled one: a smallest set of findings that it rests on, the smallest sets whose
    withdrawal would open it, and what it would be without each present finding.
    """

    to_met: tuple[Settling, ...] = ()
    to_not_met: tuple[Settling, ...] = ()
    next: Atom | None = None
    rests_on: tuple[Atom, ...] = ()
    overturned_by: tuple[tuple[Atom, ...], ...] = ()
    without: tuple[Without, ...] = ()


def decide(result: Result, *, refuting: bool = True, most: int = 12) -> Decision:
    """Return what decides a result, at most so many sets of findings each way.

    ``refuting=False`` leaves out the ways to not met, which take longest to find.
    """
    compiled, state = result.compiled, result.state
    if result.verdict is Verdict.UNDETERMINED:
        return Decision(
            to_met=settling_sets(compiled, state, 1, most),
            to_not_met=settling_sets(compiled, state, 0, most) if refuting else (),
            next=next_finding(compiled, state, result.column.id),
        )
    return Decision(
        rests_on=supporting_facts(compiled, state),
        overturned_by=overturning_facts(compiled, state, most),
        without=tuple(_without(result)) if result.verdict is Verdict.MET else (),
    )


def _without(result: Result) -> Iterator[Without]:
    """Yield the outcome without each present finding of an item that adds points."""
    counted = {atom for item in result.items if item.points
               for atom in result.compiled.atoms_of(item.item.when)}  # fmt: skip
    for i, atom in enumerate(result.compiled.atoms):
        if atom in counted and result.state[i] == PRESENT:
            other = Result(result.compiled, result.picture, _with_absent(result, i))
            yield Without(atom, other.verdict, other.score_in(result.column.id))


def _with_absent(result: Result, position: int) -> tuple[Bounds, ...]:
    """Return the state with one finding absent, and with it what depends on it."""
    open_ = list(result.state)
    open_[position] = UNKNOWN
    for i, forced in result.compiled.arrows.get((position, 0), ()):
        if open_[i] == (1 - forced, 1 - forced):
            open_[i] = UNKNOWN
    closed = close(open_, position, 0, result.compiled.arrows)
    return tuple(closed) if closed is not None else (*open_[:position], ABSENT, *open_[position + 1 :])
