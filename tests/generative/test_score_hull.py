"""The interval of a score is the hull of its values: against brute force, and by sampling.

Formulas are drawn at random, with inputs that stand more than once, bands, choices and codes. Where
every input takes few values, the interval must equal the lowest and highest of all values; where an
input is a continuum, no value may lie outside, and both ends must be (nearly) reached.
"""

from __future__ import annotations

import os
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crithidia.definition import Any as AnyOf
from crithidia.definition import AtLeast, Has, Is, Not, Reaches, Statement
from crithidia.definition.expression import read_expression
from crithidia.definition.formula import (
    Applied,
    Banded,
    Choice,
    Coded,
    Constant,
    Cut,
    Formula,
    Greatest,
    Least,
    Measured,
    Product,
    Raised,
    Rounded,
    Total,
)
from crithidia.evaluation.box import Box, Key
from crithidia.evaluation.hull import Hull
from crithidia.foundation.spans import Span, point
from crithidia.foundation.truth import Truth
from crithidia.vocabulary import shipped_vocabulary

EXAMPLES = int(os.environ.get("CRITHIDIA_EXAMPLES", "150"))
QUANTITIES = ("tender_joints_28", "swollen_joints_28", "age")
FINDINGS = ("raynaud_phenomenon", "sclerodactyly", "skin_thickening")  # the second implies the third
CODE, CODES = "sex", ("female", "male")
HULL = Hull(shipped_vocabulary().implications, frozenset(("visit", name) for name in QUANTITIES))

NUMBERS = st.integers(-3, 5).map(Decimal)
LEAVES = st.one_of(
    NUMBERS.map(Constant),
    st.sampled_from(QUANTITIES).map(Measured),
    st.tuples(NUMBERS, NUMBERS).map(lambda v: Coded(CODE, tuple(zip(CODES, v, strict=True)))),
)


def statements(formulas: st.SearchStrategy[Formula]) -> st.SearchStrategy[Statement]:
    atoms = st.one_of(st.sampled_from(FINDINGS).map(Has), st.sampled_from(CODES).map(lambda c: Is(CODE, c)))
    reaches = st.builds(Reaches, formulas, st.sampled_from(("<", "<=", ">", ">=")), NUMBERS)
    simple = st.one_of(atoms, reaches)
    return st.one_of(
        simple,
        simple.map(Not),
        st.lists(simple, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        st.lists(simple, min_size=2, max_size=3).map(lambda parts: AtLeast(tuple(parts), 2)),
    )


def compound(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    pairs = st.lists(inner, min_size=2, max_size=3).map(tuple)
    bands = st.builds(
        lambda part, low, gap, inside, values: Banded(
            part, (Cut(low, inside), Cut(low + gap, True)), tuple(values)),
        inner, NUMBERS, st.integers(1, 3).map(Decimal), st.booleans(),
        st.lists(NUMBERS, min_size=3, max_size=3),
    )  # fmt: skip
    return st.one_of(
        pairs.map(Total), pairs.map(Product), pairs.map(Least), pairs.map(Greatest),
        inner.map(lambda part: Raised(part, Fraction(2))),
        inner.map(lambda part: Applied("floor", part)),
        inner.map(lambda part: Rounded(part, 0)),
        bands,
        st.builds(Choice, statements(inner), inner, inner),
    )  # fmt: skip


FORMULAS = st.recursive(LEAVES, compound, max_leaves=6)
VALUES = st.tuples(st.integers(-2, 3), st.integers(0, 3)).map(
    lambda v: Span(Fraction(v[0]), Fraction(v[0] + v[1])))  # fmt: skip
TRUTHS = st.sampled_from((frozenset((True,)), frozenset((False,)), frozenset((True, False))))
BOXES = st.builds(
    lambda spans, truths, codes: Box(
        {("visit", name): span for name, span in zip(QUANTITIES, spans, strict=True)},
        {("finding", name): truth for name, truth in zip(FINDINGS, truths, strict=True)},
        {("code", CODE): codes},
    ),
    st.lists(VALUES, min_size=3, max_size=3), st.lists(TRUTHS, min_size=3, max_size=3),
    st.sampled_from((frozenset(CODES), frozenset(CODES[:1]))),
)  # fmt: skip


def closed(box: Box) -> Box:
    """Return the box with what follows from its known findings, as every picture has it."""
    closure = shipped_vocabulary().implications.closure
    known = {name: next(iter(values)) for (_, name), values in box.findings.items() if len(values) == 1}
    follows = {("finding", name): truth for literal in known.items() for name, truth in closure(literal)}
    return box.with_findings({key: truth for key, truth in follows.items() if key in box.findings})


def completions(box: Box) -> list[dict[Key, Any]]:
    """Return every completion that respects the implications."""
    choices: dict[Key, list[Any]] = {
        **{key: [Fraction(n) for n in range(int(s.low), int(s.high) + 1)] for key, s in box.spans.items()},
        **{key: sorted(values) for key, values in box.findings.items()},
        **{key: sorted(values) for key, values in box.codes.items()},
    }
    every = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    return [one for one in every if _consistent(one)]


def _consistent(one: dict[Key, Any]) -> bool:
    closure = shipped_vocabulary().implications.closure
    follows = (literal for name in FINDINGS for literal in closure((name, one["finding", name])))
    return all(one.get(("finding", name), truth) == truth for name, truth in follows)


def value(node: Formula, one: dict[Key, Any]) -> Fraction:
    """Return the value of a formula where everything is known: written independently of the hull."""
    if isinstance(node, Constant):
        return Fraction(node.value)
    if isinstance(node, Measured):
        return Fraction(one[node.occasion, node.concept])
    if isinstance(node, Coded):
        return Fraction(dict(node.values)[one["code", node.concept]])
    if isinstance(node, Choice):
        return value(node.then if holds(node.when, one) else node.otherwise, one)
    parts = [value(part, one) for part in node.children() if isinstance(part, Formula)]
    return _of_parts(node, parts)


def _of_parts(node: Formula, parts: list[Fraction]) -> Fraction:
    if isinstance(node, Total):
        return sum(parts, Fraction(0))
    if isinstance(node, Product):
        found = Fraction(1)
        for part in parts:
            found *= part
        return found
    if isinstance(node, (Least, Greatest)):
        return min(parts) if isinstance(node, Least) else max(parts)
    return _of_one(node, parts[0])


def _of_one(node: Formula, part: Fraction) -> Fraction:
    if isinstance(node, Raised):
        return part ** int(node.exponent)
    if isinstance(node, Banded):
        below = sum(part > c.limit or (part == c.limit and not c.included) for c in node.cuts)
        return Fraction(node.values[below])
    if isinstance(node, Rounded):
        return Fraction((-1 if part < 0 else 1) * ((2 * abs(part) + 1) // 2))
    return Fraction(part.numerator // part.denominator)


def holds(statement: Statement, one: dict[Key, Any]) -> bool:
    if isinstance(statement, Has):
        return bool(one["finding", statement.concept])
    if isinstance(statement, Is):
        return bool(one["code", statement.concept] == statement.code)
    if isinstance(statement, Not):
        return not holds(statement.part, one)
    if isinstance(statement, Reaches):
        assert isinstance(statement.score, Formula)
        number, threshold = value(statement.score, one), Fraction(statement.threshold)
        return {"<": number < threshold, "<=": number <= threshold, ">": number > threshold,
                ">=": number >= threshold}[statement.comparator]  # fmt: skip
    assert isinstance(statement, (AnyOf, AtLeast))
    needed = statement.count if isinstance(statement, AtLeast) else 1
    return sum(holds(part, one) for part in statement.of) >= needed


@settings(max_examples=EXAMPLES, deadline=None)
@given(FORMULAS, BOXES)
def test_the_interval_is_the_hull_of_all_values(formula: Formula, box: Box) -> None:
    box = closed(box)
    every = completions(box)
    if not every:
        return
    values = [value(formula, one) for one in every]
    found = HULL.values(formula, box)
    assert (found.low, found.high) == (min(values), max(values))
    assert not found.low_open
    assert not found.high_open


@settings(max_examples=EXAMPLES, deadline=None)
@given(FORMULAS, BOXES, st.sampled_from(("<", "<=", ">", ">=")), NUMBERS)
def test_a_cut_off_is_reached_in_all_completions_or_in_none(
    formula: Formula, box: Box, comparator: str, threshold: Decimal,
) -> None:  # fmt: skip
    box = closed(box)
    every = completions(box)
    statement = Reaches(formula, comparator, threshold)
    truths = {holds(statement, one) for one in every}
    if truths:
        wanted = Truth.UNKNOWN if len(truths) == 2 else Truth.of(truths.pop())
        assert HULL.truth(statement, box) is wanted


# ---- a continuum --------------------------------------------------------------------------------

REAL = Hull(shipped_vocabulary().implications)


def _formula(text: str) -> Formula:
    return read_expression(text, lambda name, _: Measured({"x": "age", "y": "esr"}[name]), ("x", "y"))


TURNING: list[tuple[str, tuple[str, str], str, str]] = [
    ("x*(10 - x)", ("0", "10"), "0", "25"),
    ("x^2 - 3*x", ("0", "4"), "-2.25", "4"),
    ("x - ln(x)", ("0.5", "4"), "1", "2.6137056388801093811655357570836468"),
    ("(100 - x)/x", ("50", "200"), "-0.5", "1"),
    ("x/(x + 1)", ("0", "9"), "0", "0.9"),
    ("min(x, 5)*max(x, 3)", ("0", "8"), "0", "40"),
    ("x^3 - 12*x", ("-4", "4"), "-16", "16"),
    ("sqrt(x) - x", ("0", "1"), "0", "0.25"),
    ("exp(x) - 3*x", ("0", "2"), "-0.29583686600433", "1.3890560989306502272304274605750078"),
    ("x*exp(0 - x)", ("0", "5"), "0", "0.36787944117144232159552377016146086"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ends", "low", "high"), TURNING)
def test_a_formula_that_turns(text: str, ends: tuple[str, str], low: str, high: str) -> None:
    span = Span(Fraction(ends[0]), Fraction(ends[1]))
    found = REAL.values(_formula(text), Box({("visit", "age"): span}))
    assert float(found.low) == pytest.approx(float(low), abs=1e-9)
    assert float(found.high) == pytest.approx(float(high), abs=1e-9)
    assert found.low <= Fraction(low) + Fraction(1, 10**12)
    assert found.high >= Fraction(high) - Fraction(1, 10**12)


SMOOTH = st.sampled_from([
    "0.56*sqrt(x) + 0.7*ln(y + 1) - 0.1*x", "x*y - x^2/4", "(x - y)/(x + 1)", "ln(x + 1)*y - x",
    "max(x, y)*0.3 + min(x, 2)*y", "exp(0.1*x) - y*x/10", "(x + y)^2 - 8*x", "1/(1 + exp(x - y))",
])  # fmt: skip
PLACES = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
    lambda v: Span(Fraction(min(v), 4), Fraction(max(v), 4)))  # fmt: skip


@settings(max_examples=max(EXAMPLES // 2, 20), deadline=None)
@given(SMOOTH, PLACES, PLACES, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=20))
def test_no_value_lies_outside_and_both_ends_are_reached(
    text: str, x: Span, y: Span, places: list[tuple[float, float]],
) -> None:  # fmt: skip
    formula = _formula(text)
    found = REAL.values(formula, Box({("visit", "age"): x, ("visit", "esr"): y}))
    grid = [(i / 12, j / 12) for i in range(13) for j in range(13)]
    values = [_at(formula, x, y, place) for place in (*places, *grid)]
    tolerance = Fraction(1, 10**25)
    assert min(v.low for v in values) >= found.low - tolerance
    assert max(v.high for v in values) <= found.high + tolerance
    room = 1e-12 + 0.05 * float(max(x.high, y.high)) * 3
    assert float(min(v.low for v in values) - found.low) <= room
    assert float(found.high - max(v.high for v in values)) <= room


def _at(formula: Formula, x: Span, y: Span, place: tuple[float, float]) -> Span:
    ends = zip((x, y), place, strict=True)
    a, b = (span.low + (span.high - span.low) * Fraction(part) for span, part in ends)
    spans = {("visit", "age"): point(Fraction(a)), ("visit", "esr"): point(Fraction(b))}
    return REAL.rough(formula, Box(spans))
