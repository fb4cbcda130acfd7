"""The order in which the steps of a circuit are worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crithidia.cohort.circuit import Circuit, Input, Whole, parts_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


@dataclass(frozen=True)
class Schedule:
    """Which steps of a circuit are needed, in order, and after which each can be forgotten."""

    circuit: Circuit
    needed: tuple[int, ...]
    forget: dict[int, tuple[int, ...]]

    @classmethod
    def of(cls, circuit: Circuit, wanted: Sequence[Whole]) -> Schedule:
        """Return the schedule that makes the wholes wanted."""
        kept = {whole.number for whole in wanted}
        waiting, needed = list(kept), set(kept)
        while waiting:
            for part in parts_of(circuit.steps[waiting.pop()]):
                if part not in needed:
                    needed.add(part)
                    waiting.append(part)
        last: dict[int, int] = {}
        for step in sorted(needed):
            last.update(dict.fromkeys(parts_of(circuit.steps[step]), step))
        forget: dict[int, list[int]] = {}
        for part, step in last.items():
            if part not in kept:
                forget.setdefault(step, []).append(part)
        return cls(circuit, tuple(sorted(needed)), {step: tuple(parts) for step, parts in forget.items()})

    @property
    def asked(self) -> tuple[Hashable, ...]:
        """What the table is asked."""
        steps = (self.circuit.steps[number] for number in self.needed)
        return tuple(step.key for step in steps if isinstance(step, Input) and step.key is not None)
