"""What would have to be withdrawn so that a statement becomes possible again.

The goal that a statement is certain, and the goal that it is possible, have one shape: what is
possible of parts without common findings is possible of the whole. Only the findings differ. A
literal is possible once everything known that speaks against it is withdrawn, and an atom that
pulls both ways may turn out either way: one case is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.evaluation.estimates import numbers
from crithidia.evaluation.goals import Cases, Every, Finding, GoalTable, One

if TYPE_CHECKING:
    from crithidia.evaluation.estimates import Literals


class Withdrawals:
    """Turns goals of one table into goals of another, whose literals are known ones withdrawn."""

    def __init__(self, source: GoalTable, literals: Literals, known: int) -> None:
        self.source = source
        self.literals = literals
        self.known = known
        self.table = GoalTable()
        self._made: dict[tuple[int, int], int] = {}

    def possible(self, goal: int, case: int = 0) -> int:
        """Return the goal that another can be reached, given the literals of a case."""
        key = (goal, case)
        if key not in self._made:
            self._made[key] = self._turned(goal, case)
        return self._made[key]

    def _turned(self, number: int, case: int) -> int:
        goal = self.source.goals[number]
        if isinstance(goal, Finding):
            return self._finding(goal.literal, case)
        if isinstance(goal, Every):
            return self.table.every(self.possible(part, case) for part in goal.parts)
        if isinstance(goal, One):
            return self.table.one(self.possible(part, case) for part in goal.parts)
        if isinstance(goal, Cases):
            return self._cases(goal, case)
        return self.table.gain([tuple((gain, self.possible(part, case)) for gain, part in levels)
                                for levels in goal.parts], goal.needed)  # fmt: skip

    def _finding(self, literal: int, case: int) -> int:
        if case >> literal & 1:
            return self.table.every(())
        return self.table.one(()) if case >> (literal ^ 1) & 1 else self._without(literal ^ 1)

    def _without(self, literal: int) -> int:
        """Return the goal that everything known from which a literal follows is withdrawn."""
        against = self.literals.ways[literal] & self.known
        return self.table.every(self.table.add(Finding(i)) for i in numbers(against))

    def _cases(self, goal: Cases, case: int) -> int:
        undecided = next((2 * i for i in goal.atoms if not case >> 2 * i & 3), None)
        if undecided is None:
            return self.possible(goal.part, case)
        return self.table.one(
            self.table.every((self._without(literal ^ 1),
                              self._cases(goal, case | self.literals.closures[literal])))
            for literal in (undecided, undecided + 1)
            if not self.literals.closures[literal] & self.literals.opposite(case)
        )  # fmt: skip
