"""The ways to a stated total, on random sets and random cases, against trying every world."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crithidia.assessment.referee import ways as searched
from crithidia.assessment.referee.ways import Counting, Way
from crithidia.definition import shipped_criteria
from crithidia.evaluation import CompiledSet, compiled_set
from crithidia.evaluation.bounds import UNKNOWN
from tests.brute_force import World, value
from tests.generative.strategies import Knowledge, Rule, criteria_sets, implications_of, knowledge, rules
from tests.generative.test_bounds import QUICK, picture_of, worlds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.definition import CriteriaSet, Domain


def counted(domain: Domain, column: str, world: World) -> list[Way]:
    """Return what may be said to count in a domain: all that holds, or one of the best above nothing."""
    held = [item for item in domain.items if column in item.points and value(item.when, world)]
    if domain.count == "sum":
        return [tuple(item.id for item in held)]
    points = [item.points[column] if value(item.when, world) else Decimal(0)
              for item in domain.items if column in item.points]  # fmt: skip
    best = max(points)
    if best == 0:
        return [()]
    return [(item.id,) for item in held if item.points[column] == best]


def tried(criteria: CriteriaSet, column: str, total: Decimal, possible: list[World]) -> Iterator[Way]:
    """Yield every way to the total by going through the worlds."""
    gate = next(c.when for c in criteria.columns if c.id == column)
    for world in possible:
        if (gate is None or value(gate, world)) and value(criteria.score(column), world) == total:
            domains = [counted(domain, column, world) for domain in criteria.domains]
            yield from (tuple(sorted(i for way in ways for i in way)) for ways in product(*domains))


def counting_of(criteria: CriteriaSet, column: str, known: Knowledge, found: tuple[Rule, ...]) -> Counting:
    compiled = CompiledSet(criteria, implications_of(found))
    return Counting(compiled, column, compiled.state(picture_of(known, found)))


@QUICK
@given(criteria_sets(), knowledge(), rules(), st.data())
def test_the_ways_are_those_that_some_world_goes(
    criteria: CriteriaSet, known: Knowledge, found: tuple[Rule, ...], data: st.DataObject
) -> None:
    column = data.draw(st.sampled_from([c.id for c in criteria.columns]))
    counting = counting_of(criteria, column, known, found)
    possible = worlds_of(known, found)
    totals = sorted({Decimal(value(criteria.score(column), world)) for world in possible})
    total = data.draw(st.sampled_from([*totals, Decimal("0.5"), max(totals) + 1]))
    ways = counting.ways(total)
    expected = set(tried(criteria, column, total, possible))
    assert ways.complete
    assert {tuple(sorted(way)) for way in ways.ways} == expected
    assert ways.impossible == (not expected)
    assert ways.always == (frozenset.intersection(*map(frozenset, expected)) if expected else frozenset())


@QUICK
@given(criteria_sets(), knowledge(), rules(), st.data())
def test_what_always_counts_is_never_overstated_where_not_all_ways_are_listed(
    criteria: CriteriaSet, known: Knowledge, found: tuple[Rule, ...], data: st.DataObject
) -> None:
    column = criteria.columns[0].id
    counting = counting_of(criteria, column, known, found)
    possible = worlds_of(known, found)
    total = data.draw(st.sampled_from(sorted({Decimal(value(criteria.score(column), w)) for w in possible})))
    expected = set(tried(criteria, column, total, possible))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searched, "MOST_WAYS", 1)
        ways = counting.ways(total)
    assert {tuple(sorted(way)) for way in ways.ways} <= expected
    if expected:
        assert ways.always <= frozenset.intersection(*map(frozenset, expected))
    if ways.impossible:
        assert not expected


@pytest.mark.parametrize("criteria", shipped_criteria(), ids=lambda criteria: str(criteria.id))
def test_the_highest_and_no_higher_total_of_each_shipped_set(criteria: CriteriaSet) -> None:
    """The most that the exact bounds allow has a way; more has none."""
    compiled = compiled_set(criteria.id)
    state = tuple(UNKNOWN for _ in compiled.atoms)
    for column in criteria.columns:
        low, high = compiled.hull(compiled.totals[column.id])(state)
        counting = Counting(compiled, column.id, state)
        if column.when is None:
            assert not counting.ways(Decimal(high) / compiled.scale).impossible
        assert counting.ways(Decimal(high + 1) / compiled.scale).impossible
        assert counting.ways(Decimal(low - 1) / compiled.scale).impossible
