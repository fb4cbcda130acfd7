"""A criteria set as outputs of a circuit: verdict, lowest and highest score, reason, and details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.cohort.circuit import FALSE, TRUE, Bit, Circuit, Whole
from crithidia.cohort.meaning import Meaning, Truth
from crithidia.definition import Atom, CriteriaSet, Has
from crithidia.definition.ties import arrows_between
from crithidia.definition.verdict import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crithidia.definition import Column
    from crithidia.vocabulary import Implications

VERDICTS: Final = (Verdict.NOT_MET.value, Verdict.UNDETERMINED.value, Verdict.MET.value)
TRUTHS: Final = ("absent", "unknown", "present")
REASONS: Final = tuple(reason.value for reason in Reason)


@dataclass(frozen=True)
class Output:
    """One column of the result: an integer that stands for a label, or for a number once divided."""

    name: str
    whole: Whole
    labels: tuple[str | None, ...] = ()
    scale: int = 1


@dataclass(frozen=True)
class Wanted:
    """What to put out beside verdict, low, high and reason."""

    items: bool = False
    details: bool = False


@dataclass
class Program:
    """One set, ready to be put out; ``truth_of`` says what is known of each atom."""

    circuit: Circuit
    criteria: CriteriaSet
    implications: Implications
    truth_of: Callable[[Atom], Truth]
    assume_absent: bool = False

    def __post_init__(self) -> None:
        atoms = self.criteria.atoms
        positions = {atom: i for i, atom in enumerate(atoms)}
        arrows = arrows_between(atoms, self.implications)
        self.meaning = Meaning(self.circuit, positions, arrows, self.criteria.scale)
        self.state: Sequence[Truth] = [self._known(atom) for atom in atoms]

    def _known(self, atom: Atom) -> Truth:
        """Return what is known of an atom; a quantity that was not measured has no absence."""
        low, high = self.truth_of(atom)
        return (low, low) if self.assume_absent and isinstance(atom, Has) else (low, high)

    def outputs(self, wanted: Wanted) -> Iterator[Output]:
        """Yield the columns of the result, named ``<set>__<what>``."""
        name, scale = self.criteria.id, self.criteria.scale
        fulfilled = self.meaning.truth(self.criteria.fulfilled, self.state)
        in_force = self._in_force()
        low, high = self._score(in_force)
        yield Output(f"{name}__verdict", self._truth_code(fulfilled), VERDICTS)
        yield Output(f"{name}__low", low, scale=scale)
        yield Output(f"{name}__high", high, scale=scale)
        yield Output(f"{name}__reason", self._reason(fulfilled), REASONS)
        if wanted.details:
            yield self._column_in_force(in_force)
            yield self._category(in_force)
        if wanted.items:
            for item in self.criteria.items():
                truth = self.meaning.truth(item.when, self.state)
                yield Output(f"{name}__item__{item.id}", self._truth_code(truth), TRUTHS)

    def _truth_code(self, truth: Truth) -> Whole:
        return self.circuit.weighted([(1, truth[0]), (1, truth[1])])

    def _in_force(self) -> list[tuple[Column, Bit]]:
        """Return for each column whether it is in force: the first that applies, else that may."""
        truths = [(column, self._applies(column)) for column in self.criteria.columns]
        chosen: list[tuple[Column, Bit]] = []
        some = self.circuit.any(low for _, (low, _) in truths)
        taken, maybe = FALSE, some
        for column, (low, high) in truths:
            first = self.circuit.all((low, taken ^ 1))
            else_ = self.circuit.all((maybe ^ 1, high))
            chosen.append((column, self.circuit.any((first, else_))))
            taken = self.circuit.any((taken, low))
            maybe = self.circuit.any((maybe, high))
        column, bit = chosen[0]
        return [(column, self.circuit.any((bit, maybe ^ 1))), *chosen[1:]]

    def _applies(self, column: Column) -> Truth:
        return (TRUE, TRUE) if column.when is None else self.meaning.truth(column.when, self.state)

    def _score(self, in_force: Sequence[tuple[Column, Bit]]) -> tuple[Whole, Whole]:
        spans = [self.meaning.span(self.criteria.score(column.id), self.state) for column, _ in in_force]
        low, high = spans[-1]
        for (_, chosen), (other_low, other_high) in zip(in_force[:-1], spans[:-1], strict=True):
            low = self.circuit.choose(chosen, other_low, low)
            high = self.circuit.choose(chosen, other_high, high)
        return low, high

    def _reason(self, fulfilled: Truth) -> Whole:
        met, open_ = fulfilled[0], self.circuit.all((fulfilled[0] ^ 1, fulfilled[1]))
        ways = [
            (Reason.SUFFICIENT, self.circuit.all((met, self._any_sufficient()))),
            (Reason.SCORE_REACHED, met),
            *((reason, self.circuit.all((open_, bit))) for reason, bit in self._open_because()),
            *((reason, bit) for reason, bit in self._not_because()),
        ]
        return self._first_of([(REASONS.index(reason.value), bit) for reason, bit in ways])

    def _any_sufficient(self) -> Bit:
        clauses = self.criteria.sufficient
        return self.circuit.any(self.meaning.truth(clause.when, self.state)[0] for clause in clauses)

    def _open_because(self) -> Iterator[tuple[Reason, Bit]]:
        low, high = self.meaning.truth(self.criteria.classified, self.state)
        yield Reason.SCORE_OPEN, self.circuit.all((low ^ 1, high))
        if self.criteria.entry:
            low, high = self.meaning.truth(self.criteria.entry.when, self.state)
            yield Reason.ENTRY_OPEN, self.circuit.all((low ^ 1, high))
        yield Reason.EXCLUSION_OPEN, TRUE

    def _not_because(self) -> Iterator[tuple[Reason, Bit]]:
        if self.criteria.entry:
            yield Reason.ENTRY_NOT_MET, self.meaning.truth(self.criteria.entry.when, self.state)[1] ^ 1
        excluded = (self.meaning.truth(clause.when, self.state)[0] for clause in self.criteria.exclusions)
        yield Reason.EXCLUDED, self.circuit.any(excluded)
        yield Reason.SCORE_TOO_LOW, TRUE

    def _first_of(self, ways: Sequence[tuple[int, Bit]]) -> Whole:
        """Return the code of the first bit that holds; 0 if none does."""
        terms, before = [], FALSE
        for code, bit in ways:
            terms.append((code, self.circuit.all((bit, before ^ 1))))
            before = self.circuit.any((before, bit))
        return self.circuit.weighted(terms)

    def _column_in_force(self, in_force: Sequence[tuple[Column, Bit]]) -> Output:
        whole = self._first_of([(i, bit) for i, (_, bit) in enumerate(in_force)])
        return Output(f"{self.criteria.id}__column", whole, tuple(column.id for column, _ in in_force))

    def _category(self, in_force: Sequence[tuple[Column, Bit]]) -> Output:
        """Return the strictest category that is certainly reached in the column in force."""
        labels: list[str | None] = [None]
        ways = []
        for column, chosen in in_force:
            for category in column.categories:
                reached = self.meaning.truth(category.when, self.state)[0]
                ways.append((len(labels), self.circuit.all((chosen, reached))))
                labels.append(category.id)
        return Output(f"{self.criteria.id}__category", self._first_of(ways), tuple(labels))
