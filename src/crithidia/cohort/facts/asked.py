"""What a circuit asks of a table of facts: one question for each atom, answered by ``answers``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crithidia.definition import Atom, Compares, Has, Is

if TYPE_CHECKING:
    from crithidia.cohort.circuit import Bit, Circuit
    from crithidia.cohort.meaning import Truth


@dataclass(frozen=True, slots=True)
class Known:
    """A finding is known to be present, or absent; ``attributed``: not put down to another cause."""

    concept: str
    present: bool
    attributed: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """A comparison certainly holds of a measured value, or certainly does not."""

    atom: Compares
    holds: bool


@dataclass(frozen=True, slots=True)
class HasCode:
    """A coded concept has that code, or any code at all where the code is empty."""

    concept: str
    code: str


Question = Known | Measured | HasCode


@dataclass(frozen=True)
class FactTruths:
    """What a table of facts says of each atom, as bits of a circuit."""

    circuit: Circuit
    attributed: bool = False

    def truth(self, atom: Atom) -> Truth:
        """Return what certainly holds and what may hold of an atom."""
        if isinstance(atom, Has):
            return (self._asked(Known(atom.concept, True, self.attributed)),
                    self._asked(Known(atom.concept, False, self.attributed)) ^ 1)  # fmt: skip
        if isinstance(atom, Compares):
            return self._asked(Measured(atom, True)), self._asked(Measured(atom, False)) ^ 1
        if isinstance(atom, Is):
            low = self._asked(HasCode(atom.concept, atom.code))
            return low, self.circuit.any((low, self._asked(HasCode(atom.concept, "")) ^ 1))
        msg = f"no truth for {type(atom).__name__}"
        raise TypeError(msg)

    def _asked(self, question: Question) -> Bit:
        return self.circuit.input(question)
