"""The interval is the hull over all completions; learning a fact never leaves it."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crithidia.case import Fact, Quantity
from crithidia.definition import Atom, CriteriaSet, Node
from crithidia.definition.ties import arrows_between, scale_of
from crithidia.evaluation import CompiledSet, Verdict, evaluate_picture
from crithidia.evaluation.bounds import _COMPILERS, Compiler, Hull
from crithidia.interpretation import Picture
from crithidia.interpretation.measurements import Reading
from crithidia.interpretation.picture import known_from
from crithidia.vocabulary import Concept, Kind, Means, Vocabulary
from tests.brute_force import World, hull, value, worlds
from tests.generative.strategies import (
    CODES,
    CONCEPTS,
    GRID,
    NAMED,
    Knowledge,
    Rule,
    criteria_sets,
    implications_of,
    knowledge,
    nodes,
    rules,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEP = int(os.environ.get("CRITHIDIA_EXAMPLES", "150"))
QUICK = settings(max_examples=DEEP, deadline=None,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])  # fmt: skip


def vocabulary_of(found: tuple[Rule, ...]) -> Vocabulary:
    concepts = {c: Concept(c, Kind.FINDING, NAMED, Means.HISTORY) for c in CONCEPTS}
    vocabulary = Vocabulary(concepts)
    vocabulary.__dict__["implications"] = implications_of(found)
    return vocabulary


def picture_of(known: Knowledge, found: tuple[Rule, ...]) -> Picture:
    findings, clashing = known_from(known.findings, vocabulary_of(found))
    assume(not clashing)
    readings: dict[str, tuple[Reading, ...]] = {}
    if known.age:
        fact = Fact("age", Quantity(*known.age, "a"))
        readings["age"] = (Reading(*known.age, low_open=False, high_open=False, fact=fact),)
    codes: dict[str, tuple[str, ...]] = {"colour": (known.colour,)} if known.colour else {}
    return Picture(known=findings, readings=readings, codes=codes)


def worlds_of(known: Knowledge, found: tuple[Rule, ...]) -> list[World]:
    low, high = known.age or (GRID[0] - 1, GRID[-1] + 1)
    beyond = (GRID[0] - 1, *GRID, *(n + Decimal("0.5") for n in GRID), GRID[-1] + 1)
    ages = [n for n in beyond if low <= n <= high]
    colours = (known.colour,) if known.colour else (*CODES, "another")
    return list(worlds(CONCEPTS, found, known.findings, {"age": ages}, {"colour": colours}))


def bounds_of(node: Node, picture: Picture, found: tuple[Rule, ...]) -> tuple[Decimal, Decimal]:
    atoms: Sequence[Atom] = node.atoms()
    scale = scale_of(node)
    compiler = Compiler({atom: i for i, atom in enumerate(atoms)}, scale)
    exact = Hull(node, compiler, arrows_between(atoms, implications_of(found)))
    state = [(t.low, t.high) for t in map(picture.truth, atoms)]
    low, high = exact(state)
    return (Decimal(low) / scale, Decimal(high) / scale) if scale > 1 else (Decimal(low), Decimal(high))


def is_score(node: Node) -> bool:
    from crithidia.definition import Score

    return isinstance(node, Score)


@QUICK
@given(nodes, knowledge(), rules())
def test_interval_is_the_hull_over_all_completions(
    node: Node, known: Knowledge, found: tuple[Rule, ...]
) -> None:
    picture = picture_of(known, found)
    possible = worlds_of(known, found)
    assume(possible)
    scale = scale_of(node)
    low, high = bounds_of(node, picture, found)
    if not is_score(node):
        low, high = low * scale, high * scale
    assert (low, high) == hull(node, possible)


@QUICK
@given(criteria_sets(), knowledge(), rules())
def test_verdict_and_score_of_a_whole_set(
    drawn: CriteriaSet, known: Knowledge, found: tuple[Rule, ...]
) -> None:
    picture = picture_of(known, found)
    possible = worlds_of(known, found)
    assume(possible)
    result = evaluate_picture(CompiledSet(drawn, implications_of(found)), picture)
    truths = {bool(value(drawn.fulfilled, world)) for world in possible}
    expected = {frozenset({True}): Verdict.MET, frozenset({False}): Verdict.NOT_MET}
    assert result.verdict is expected.get(frozenset(truths), Verdict.UNDETERMINED)
    for column in drawn.columns:
        score = result.score_in(column.id)
        assert (score.low, score.high) == hull(drawn.score(column.id), possible)


@QUICK
@given(criteria_sets(), knowledge(), rules(), st.data())
def test_learning_a_fact_never_leaves_the_interval(
    drawn: CriteriaSet, known: Knowledge, found: tuple[Rule, ...], data: st.DataObject
) -> None:
    open_ = [c for c in CONCEPTS if c not in known.findings]
    assume(open_)
    learnt = {data.draw(st.sampled_from(open_)): data.draw(st.booleans())}
    more = Knowledge({**known.findings, **learnt}, known.age, known.colour)
    assume(worlds_of(more, found))
    compiled = CompiledSet(drawn, implications_of(found))
    before = evaluate_picture(compiled, picture_of(known, found))
    after = evaluate_picture(compiled, picture_of(more, found))
    if before.verdict is not Verdict.UNDETERMINED:
        assert after.verdict is before.verdict
    for column in drawn.columns:
        wide, narrow = before.score_in(column.id), after.score_in(column.id)
        assert wide.low <= narrow.low <= narrow.high <= wide.high


@QUICK
@given(criteria_sets(), knowledge(), rules())
def test_what_keeps_it_open_is_unknown_and_complete(
    drawn: CriteriaSet, known: Knowledge, found: tuple[Rule, ...]
) -> None:
    """An open verdict names unknowns; with all of them settled it is open no more."""
    picture = picture_of(known, found)
    possible = worlds_of(known, found)
    assume(possible)
    result = evaluate_picture(CompiledSet(drawn, implications_of(found)), picture)
    assume(result.verdict is Verdict.UNDETERMINED)
    assert result.open
    for atom in result.open:
        assert not picture.truth(atom).is_known
    seen: dict[tuple[bool, ...], bool] = {}
    for world in possible:
        settled = tuple(bool(value(atom, world)) for atom in result.open)
        verdict = bool(value(drawn.fulfilled, world))
        assert seen.setdefault(settled, verdict) is verdict


def test_every_node_kind_is_generated_and_compiled() -> None:
    """A node kind that no generator makes, or no engine knows, fails here."""
    from crithidia.definition import nodes as module

    kinds = {kind for kind in vars(module).values()
             if isinstance(kind, type) and issubclass(kind, Node) and kind.__subclasses__() == []}
    assert kinds == set(_COMPILERS)
    generated: set[type] = set()

    @settings(max_examples=500, deadline=None, database=None)
    @given(nodes)
    def collect(node: Node) -> None:
        generated.update(type(part) for part in node.walk())

    collect()
    assert generated == kinds
