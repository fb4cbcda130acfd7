"""A criteria set made ready for evaluation, once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from crithidia.definition import (
    Atom,
    Compares,
    CriteriaSet,
    Has,
    Node,
    Reaches,
    Score,
    load_criteria_set,
)
from crithidia.definition.ties import Arrows, arrows_between
from crithidia.evaluation.bounds import Bounds, Compiler, Compute, Hull
from crithidia.evaluation.cheapest import EACH
from crithidia.evaluation.estimates import Literals, union
from crithidia.evaluation.goals import GoalMaker
from crithidia.evaluation.open_questions import Question, question_of
from crithidia.vocabulary import Implications, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from crithidia.definition import Domain, Item

    Row = tuple[Item, Compute, frozenset[str]]
    from crithidia.interpretation import Picture

T = TypeVar("T")

_BOUNDS_OF: dict[bool | None, Bounds] = {None: (0, 1), False: (0, 0), True: (1, 1)}


class _Kept(Generic[T]):
    """Something worked out once for each node object; comparing whole trees would cost more."""

    def __init__(self, make: Callable[[Node], T]) -> None:
        self._make = make
        self._made: dict[int, tuple[Node, T]] = {}

    def __call__(self, node: Node) -> T:
        found = self._made.get(id(node))
        if found is None:
            found = self._made[id(node)] = (node, self._make(node))
        return found[1]


@dataclass(frozen=True)
class CompiledSet:
    """A criteria set with its atoms numbered and its statements and scores compiled."""

    set: CriteriaSet
    implications: Implications

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """All atoms of the set in a fixed order: a state has one bounds for each."""
        return self.set.atoms

    @cached_property
    def arrows(self) -> Arrows:
        """What each atom's truth forces on the others."""
        return arrows_between(self.atoms, self.implications)

    @cached_property
    def scale(self) -> int:
        """The factor that makes every number of the set an integer."""
        return self.set.scale

    @cached_property
    def compiler(self) -> Compiler:
        """The compiler that knows the positions of this set's atoms."""
        return Compiler({atom: i for i, atom in enumerate(self.atoms)}, self.scale)

    @cached_property
    def hull(self) -> _Kept[Hull]:
        """The exact bounds of any node of the set, as a function of a state."""
        return _Kept(lambda node: Hull(node, self.compiler, self.arrows))

    @cached_property
    def local(self) -> _Kept[Compute]:
        """The bounds of a node by interval arithmetic alone, as a function of a state."""
        return _Kept(self.compiler.compile)

    @cached_property
    def question(self) -> _Kept[Question]:
        """What can leave a node open."""
        return _Kept(lambda node: question_of(node, self.compiler))

    @cached_property
    def atoms_of(self) -> _Kept[tuple[Atom, ...]]:
        """The atoms below a node."""
        return _Kept(lambda node: node.atoms())

    @cached_property
    def concepts_of(self) -> _Kept[frozenset[str]]:
        """The concepts that a node speaks of."""
        return _Kept(lambda node: frozenset(atom.concept for atom in node.atoms()))

    @cached_property
    def tables(self) -> dict[str, tuple[tuple[Domain, tuple[Row, ...]], ...]]:
        """The items that each column counts, by domain, each with its local bounds and concepts."""
        return {
            column.id: tuple(
                (domain, rows) for domain in self.set.domains
                if (rows := tuple((item, self.local(item.when), self.concepts_of(item.when))
                                  for item in domain.items if column.id in item.points))
            )
            for column in self.set.columns
        }  # fmt: skip

    @cached_property
    def totals(self) -> dict[str, Score]:
        """The total score in each column."""
        return {column.id: self.set.score(column.id) for column in self.set.columns}

    @cached_property
    def domain_scores(self) -> dict[tuple[str, str], Score]:
        """The score of each domain in each column that counts it."""
        return {
            (domain.id, column.id): domain.score(column.id)
            for column in self.set.columns for domain in self.set.domains
            if any(column.id in item.points for item in domain.items)
        }  # fmt: skip

    @cached_property
    def cuts(self) -> dict[int, Decimal]:
        """The total that reaches a category, by the category's identity, where that is all it asks."""
        return {
            id(category): category.when.threshold
            for column in self.set.columns for category in column.categories
            if isinstance(category.when, Reaches) and category.when.comparator == ">="
            and category.when.score == self.totals[column.id]
        }  # fmt: skip

    @cached_property
    def thresholds(self) -> dict[str, Decimal | None]:
        """The lowest total that classifies in each column, if a total decides."""
        return {column.id: self.set.threshold(column.id) for column in self.set.columns}

    @cached_property
    def fulfilled(self) -> Hull:
        """The exact truth of the whole set."""
        return self.hull(self.set.fulfilled)

    @cached_property
    def goals(self) -> GoalMaker:
        """What has to be known so that a statement of the set is certain."""
        return GoalMaker(self.compiler.positions, self.scale, self.arrows)

    def goal(self, outcome: int) -> int:
        """Return the goal that the set is certainly met (1) or not met (0)."""
        return self.goals.certain(self.set.fulfilled, bool(outcome))

    @cached_property
    def literals(self) -> Literals:
        """Each atom with each truth: what follows from it, and what finding it out costs."""
        pairs = [(i, truth) for i in range(len(self.atoms)) for truth in (0, 1)]
        closures = [union(1 << 2 * j + forced for j, forced in ((i, truth), *self.arrows.get((i, truth), ())))
                    for i, truth in pairs]  # fmt: skip
        return Literals(closures, [EACH + self.efforts[i] for i, _ in pairs])

    @cached_property
    def efforts(self) -> tuple[int, ...]:
        """How hard each atom is to find out."""
        concepts = shipped_vocabulary().concepts
        return tuple(concepts[atom.concept].means.effort if atom.concept in concepts else 0
                     for atom in self.atoms)  # fmt: skip

    @cached_property
    def _findings(self) -> tuple[str, ...]:
        """The concept of each atom that is a finding, else nothing."""
        return tuple(atom.concept if isinstance(atom, Has) else "" for atom in self.atoms)

    @cached_property
    def _measured(self) -> tuple[tuple[int, Atom], ...]:
        """The atoms that are no findings, with their places."""
        return tuple((i, atom) for i, atom in enumerate(self.atoms) if not isinstance(atom, Has))

    def state(self, picture: Picture) -> list[Bounds]:
        """Return what a picture says of each atom."""
        known = picture.known
        state = [_BOUNDS_OF[known.get(concept)] for concept in self._findings]
        for i, atom in self._measured:
            truth = picture.truth(atom)
            state[i] = (truth.low, truth.high)
        return state

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that the set asks about, in order."""
        return tuple(dict.fromkeys(atom.concept for atom in self.atoms))

    @cached_property
    def asked(self) -> frozenset[str]:
        """The same, as a set."""
        return frozenset(self.concepts)

    @cached_property
    def quantities(self) -> frozenset[str]:
        """The concepts that the set compares with a threshold."""
        return frozenset(atom.concept for atom in self.atoms if isinstance(atom, Compares))


@lru_cache
def compiled_set(set_id: str) -> CompiledSet:
    """Return a shipped set, compiled. Raises ``UnknownNameError``."""
    return CompiledSet(load_criteria_set(set_id), shipped_vocabulary().implications)
