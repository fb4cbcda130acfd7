"""Whether a changed set can differ in any outcome from the set as it is.

Three proofs are tried, none by worked cases: the statements are the same but for their form; a
score reaches two thresholds in the same of all totals that it can have; or a part has the same
value in every completion of its findings, of which there are at most 18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import Atom, Clause, CriteriaSet, Domain, Node, Score, nodes
from tests.completions import Completions

if TYPE_CHECKING:
    from decimal import Decimal

_COMPARE: Final = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
                   ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}  # fmt: skip
_MOST: Final = 18

Names = dict[Node, tuple[str, "frozenset[Decimal]"]]


def same_meaning(one: CriteriaSet, other: CriteriaSet) -> bool:
    """Return whether it is proved that both sets have the same outcome for every patient."""
    return (
        _frame(one) == _frame(other)
        and all(map(_same_domain, one.domains, other.domains))
        and all(map(_same_node, _statements(one), _statements(other)))
        and _categories(one, one) == _categories(other, one)
    )


def _frame(chosen: CriteriaSet) -> Any:
    """Return everything but the statements: which clauses there are, in which order."""
    return (
        chosen.entry is not None, len(chosen.exclusions), len(chosen.sufficient),
        tuple(domain.id for domain in chosen.domains), tuple(s.id for s in chosen.subgroups),
        tuple((column.id, column.intercept, column.when is None,
               tuple((c.id, c.classified) for c in column.categories)) for column in chosen.columns),
    )  # fmt: skip


def _statements(chosen: CriteriaSet) -> list[Node]:
    clauses: list[Clause] = [*chosen.exclusions, *chosen.sufficient, *chosen.subgroups]
    if chosen.entry:
        clauses.append(chosen.entry)
    return [*(clause.when for clause in clauses), *(c.when for c in chosen.columns if c.when)]


def _same_domain(one: Domain, other: Domain) -> bool:
    if _rows(one) == _rows(other) and all(
        _same_node(a.when, b.when) for a, b in zip(one.items, other.items, strict=True)
    ):
        return True
    columns = {column for domain in (one, other) for item in domain.items for column in item.points}
    return all(_same_node(one.score(column), other.score(column)) for column in columns
               if any(column in item.points for item in one.items))  # fmt: skip


def _rows(domain: Domain) -> Any:
    """Return the table of a domain without its conditions."""
    return domain.count, domain.cap, [(item.id, item.points) for item in domain.items]


def _same_node(one: Node, other: Node) -> bool:
    if normal(one) == normal(other):
        return True
    atoms = tuple(dict.fromkeys((*one.atoms(), *other.atoms())))
    if len(atoms) > _MOST:
        return False
    completions = Completions.of(atoms, {}, _MOST)
    same: bool = _table(one, completions) == _table(other, completions)
    return same


def _table(node: Node, completions: Completions) -> Any:
    if not isinstance(node, Score):
        return completions.where(node) & completions.possible
    found = {n: mask & completions.possible for n, mask in completions.values(node).items()}
    return {n: mask for n, mask in found.items() if mask}


def _categories(chosen: CriteriaSet, reference: CriteriaSet) -> Any:
    """Return the categories with each score by its name: the domains are compared by themselves.

    Which totals are possible is taken from the reference: its domains have the same values.
    """
    found = []
    for column in chosen.columns:
        totals = {name: possible_values(score) for name, score in _scores(reference, column.id).items()}
        names: Names = {}
        for name, score in _scores(chosen, column.id).items():
            names.setdefault(score, (name, totals.get(name) or possible_values(score)))
        found.append([normal(category.when, names) for category in column.categories])
    return found


def _scores(chosen: CriteriaSet, column: str) -> dict[str, Score]:
    """Return the scores that a category may speak of: the total, each group, each domain."""
    reached = [d for d in chosen.domains if any(column in item.points for item in d.items)]
    scores = {"total": chosen.score(column)}
    for group in dict.fromkeys(d.group for d in reached if d.group):
        parts = tuple(d.score(column) for d in reached if d.group == group)
        members = " + ".join(d.id for d in reached if d.group == group)
        scores[members] = parts[0] if len(parts) == 1 else nodes.Sum(parts)
    scores.update((domain.id, domain.score(column)) for domain in reached)
    return scores


def normal(node: Node, names: Names | None = None) -> Any:
    """Return a form that statements of the same meaning often share."""
    names = names or {}
    match node:
        case Atom():
            return node
        case nodes.Not(part):
            inside = normal(part, names)
            return inside[1] if isinstance(inside, tuple) and inside[0] == "not" else ("not", inside)
        case nodes.Reaches():
            return _reaches(node, names)
        case Score():
            return _score(node, names)
    return _connective(node, names)


def _reaches(node: nodes.Reaches, names: Names) -> Any:
    """Return the score with the totals that reach the threshold, in place of the threshold."""
    score = node.score
    whole, totals = names[score] if score in names else (normal(score, names), possible_values(score))
    reached = frozenset(n for n in totals if _COMPARE[node.comparator](n, node.threshold))
    if len(reached) in {0, len(totals)}:
        return ("always", bool(reached))
    return ("reaches", whole, reached)


def _connective(node: Node, names: Names) -> Any:
    match node:
        case nodes.All(of):
            return _joined("all", of, names)
        case nodes.Any(of):
            return _joined("any", of, names)
        case nodes.AtLeast(of, count) if count in {1, len(of)}:
            return _joined("any" if count == 1 else "all", of, names)
        case nodes.AtLeast(of, count):
            return ("at_least", count, tuple(sorted((normal(part, names) for part in of), key=repr)))
    raise TypeError(type(node))


def _joined(word: str, of: tuple[Node, ...], names: Names) -> Any:
    parts: set[Any] = set()
    for part in of:
        inside = normal(part, names)
        flat = isinstance(inside, tuple) and inside[0] == word
        parts.update(inside[1] if flat else (inside,))
    return next(iter(parts)) if len(parts) == 1 else (word, frozenset(parts))


def _score(node: Node, names: Names) -> Any:
    match node:
        case nodes.Points(when, points):
            return ("points", points, normal(when, names) if points else None)
        case nodes.Sum(of) | nodes.Highest(of):
            if len(of) == 1:
                return normal(of[0], names)
            word = "sum" if isinstance(node, nodes.Sum) else "highest"
            return (word, tuple(sorted((normal(part, names) for part in of), key=repr)))
        case nodes.Capped(part, limit):
            inside = normal(part, names)
            return inside if max(possible_values(part)) <= limit else ("capped", inside, limit)
    raise TypeError(type(node))


def possible_values(node: Node) -> frozenset[Decimal]:
    """Return every value a score can have, and maybe more: each statement taken by itself."""
    match node:
        case nodes.Points(_, points):
            return frozenset({points, points * 0})
        case nodes.Sum(of):
            return _combined(of, lambda a, b: a + b)
        case nodes.Highest(of):
            return _combined(of, max)
        case nodes.Capped(part, limit):
            return frozenset(min(n, limit) for n in possible_values(part))
    raise TypeError(type(node))


def _combined(of: tuple[Node, ...], join: Any) -> frozenset[Decimal]:
    whole = possible_values(of[0])
    for part in of[1:]:
        whole = frozenset(join(a, b) for a in whole for b in possible_values(part))
    return whole
