"""Cheapest sets that meet every one of a family of sets.

Elements are bits of an integer. The search branches on the family member with the fewest elements
not yet met; an element tried and put back is barred from the branches after it, so that no choice
is looked at twice. It cuts off where the members still unmet and without common elements would by
themselves cost too much. Exact; families here have some hundred members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NONE = 1 << 60


class HittingSets:
    """A growing family of sets of elements 0, 1, 2 ..., each with a positive cost.

    ``allowed`` says whether a complete choice may stand (contradictory choices may not).
    """

    def __init__(self, costs: Sequence[int], allowed: Callable[[int], bool]) -> None:
        self.costs = costs
        self.allowed = allowed
        self.family: list[int] = []
        self._excluded: list[int] = []

    def add(self, member: int) -> None:
        """Add a set that must be met; sets that contain it need no attention any more."""
        self.family = [kept for kept in self.family if member & ~kept]
        self.family.append(member)

    def exclude(self, found: int) -> None:
        """Leave a set and its supersets out from now on."""
        self._excluded.append(found)

    def cost(self, chosen: int) -> int:
        """Return what a choice costs."""
        return sum(self.costs[i] for i in elements(chosen))

    def cheapest(self, ceiling: int = _NONE) -> int | None:
        """Return the cheapest choice that meets every member, None if none costs at most that."""
        search = _Search(self, ceiling + 1)
        search.go(0, 0, 0, tuple(self.family))
        return search.best

    def may_stand(self, chosen: int) -> bool:
        """Return whether a complete choice is allowed and not left out."""
        return all(found & ~chosen for found in self._excluded) and self.allowed(chosen)


class _Search:
    def __init__(self, problem: HittingSets, limit: int) -> None:
        self.problem = problem
        self.costs = problem.costs
        self.best: int | None = None
        self.limit = limit

    def go(self, chosen: int, cost: int, barred: int, unmet: tuple[int, ...]) -> None:
        if not unmet:
            if cost < self.limit and self.problem.may_stand(chosen):
                self.best, self.limit = chosen, cost
            return
        open_ = sorted((member & ~barred for member in unmet), key=int.bit_count)
        if cost + self._at_least(open_) >= self.limit:
            return
        for i in sorted(elements(open_[0]), key=self.costs.__getitem__):
            bit = 1 << i
            rest = tuple(member for member in unmet if not member & bit)
            self.go(chosen | bit, cost + self.costs[i], barred, rest)
            barred |= bit

    def _at_least(self, open_: list[int]) -> int:
        """Return what members without common elements cost at the very least."""
        bound = used = 0
        for member in open_:
            if not member:
                return _NONE
            if not member & used:
                used |= member
                bound += min(self.costs[i] for i in elements(member))
        return bound


def elements(mask: int) -> list[int]:
    """Return the elements of a set, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
