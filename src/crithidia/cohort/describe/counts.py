"""Counting in a classified table, on whatever engine it lives: every query groups and counts.

A classified table has one row a person and, for each set, ``<set>__verdict`` and ``<set>__reason``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import NUMBER, TITRE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ibis import Table
    from ibis.expr.types import BooleanValue

VERDICTS: Final = ("met", "not_met", "undetermined")
_COUNT: Final = "people"


def classified_sets(table: Table) -> tuple[str, ...]:
    """Return the ids of the sets for which a table holds verdicts, in its order."""
    ending = "__verdict"
    return tuple(name.removesuffix(ending) for name in table.columns if name.endswith(ending))


def grouped(table: Table, columns: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Return how many people have each combination of values of some columns; missing is None."""
    found = table.group_by(list(columns)).aggregate(**{_COUNT: table.count()}).to_pyarrow().to_pydict()
    keys = zip(*(found[name] for name in columns), strict=True)
    return {key: int(count) for key, count in zip(keys, found[_COUNT], strict=True)}


def verdict_reasons(table: Table, set_id: str) -> dict[tuple[str, str], int]:
    """Return how many people have each verdict with each reason in one set."""
    return grouped(table, [f"{set_id}__verdict", f"{set_id}__reason"])


def verdict_pairs(table: Table, first: str, second: str) -> dict[tuple[str, str], int]:
    """Return how many people have each pair of verdicts in two sets."""
    return grouped(table, [f"{first}__verdict", f"{second}__verdict"])


def met_together(table: Table, sets: Sequence[str]) -> dict[frozenset[str], int]:
    """Return how many people meet exactly each combination of sets; of no sets nothing is counted."""
    if not sets:
        return {}
    flags = table.mutate(**{set_id: table[f"{set_id}__verdict"] == "met" for set_id in sets})
    return {
        frozenset(set_id for set_id, met in zip(sets, key, strict=True) if met): count
        for key, count in grouped(flags, sets).items()
    }


def recorded(table: Table, concepts: Iterable[str], site: str | None) -> dict[Any, dict[str, int]]:
    """Return, for each site, the number of people and of those with something recorded of each concept.

    An antibody is recorded where its finding, its titre or its number is; a concept without a column is
    left out. The number of people stands under ``""``. Without a site column all people are under None.
    """
    endings = ("", TITRE, NUMBER)
    columns = {c: [c + ending for ending in endings if c + ending in table.columns] for c in concepts}
    names = [concept for concept, found in columns.items() if found]
    counts = {f"c{i}": _in_any(table, columns[name]).sum() for i, name in enumerate(names)}
    groups = table.group_by(site) if site else table
    found = groups.aggregate(**{_COUNT: table.count()}, **counts).to_pyarrow().to_pylist()
    return {
        (row[site] if site else None): {
            "": row[_COUNT],
            **{name: row[f"c{i}"] or 0 for i, name in enumerate(names)},  # a sum over nobody is NULL
        }
        for row in found
    }


def _in_any(table: Table, columns: Sequence[str]) -> BooleanValue:
    """Return whether one of the columns holds something; NaN is nothing."""
    first, *others = (_holds(table[name]) for name in columns)
    for other in others:
        first = first | other
    return first


def _holds(column: Any) -> BooleanValue:
    found: BooleanValue = column.notnull()
    return found & ~column.isnan() if column.type().is_floating() else found


def recorded_facts(table: Table, site: str | None) -> dict[Any, dict[str, int]]:
    """Return the same for a table of facts: a concept is recorded of who has a fact of it."""
    by = [site] if site else []
    groups = table.group_by(by) if by else table
    people = groups.aggregate(**{_COUNT: table.person_id.nunique()}).to_pyarrow().to_pylist()
    found: dict[Any, dict[str, int]] = {row[site] if site else None: {"": row[_COUNT]} for row in people}
    counts = table.group_by([*by, "concept"]).aggregate(**{_COUNT: table.person_id.nunique()})
    for row in counts.to_pyarrow().to_pylist():
        found[row[site] if site else None][row["concept"]] = row[_COUNT]
    return found
