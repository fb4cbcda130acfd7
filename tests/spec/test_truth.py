"""Strong Kleene logic, as truth tables. A blank is unknown.

The tables are Kleene's (Introduction to Metamathematics, 1952, section 64); nothing in them was
read off the program.
"""

from __future__ import annotations

import pyarrow as pa
import pytest

from crithidia.cohort.circuit import Circuit
from crithidia.cohort.classify import run
from crithidia.cohort.compiled import Compiled
from crithidia.cohort.meaning import Meaning
from crithidia.cohort.program import TRUTHS, Output
from crithidia.cohort.recorded import Says
from crithidia.definition import All, Any, AtLeast, Has, Not, Statement
from crithidia.definition.kleene import kleene
from crithidia.evaluation.bounds import Compiler, Hull
from crithidia.foundation.truth import Truth, truth_of
from tests import engines

A, B, C = Has("a"), Has("b"), Has("c")
T, F, U = Truth.PRESENT, Truth.ABSENT, Truth.UNKNOWN
SIGNS = {"T": T, "F": F, "": U}

CONJUNCTION = """
T T T
T F F
T   _
F T F
F F F
F _ F
_ T _
_ F F
_ _ _
"""
DISJUNCTION = """
T T T
T F T
T _ T
F T T
F F F
F _ _
_ T T
_ F _
_ _ _
"""
TWO_OF_THREE = """
T T T T
T T F T
T T _ T
T F F F
T F _ _
T _ _ _
F F F F
F F _ F
F _ _ _
_ _ _ _
"""


def rows(table: str, width: int) -> list[tuple[Truth, ...]]:
    found = []
    for line in table.strip().splitlines():
        signs = line.replace("   ", " _ ").split()
        assert len(signs) == width
        found.append(tuple(SIGNS.get(sign.strip("_"), U) for sign in signs))
    return found


def by_kleene(statement: Statement, truths: dict[Has, Truth]) -> Truth:
    return kleene(statement, lambda atom: truths[atom])  # type: ignore[index]


def by_compiler(statement: Statement, truths: dict[Has, Truth]) -> Truth:
    atoms = statement.atoms()
    compiler = Compiler({atom: i for i, atom in enumerate(atoms)}, 1)
    state = [(truths[atom].low, truths[atom].high) for atom in atoms]  # type: ignore[index]
    return truth_of(Hull(statement, compiler, {})(state))


def program_of(statement: Statement) -> Compiled:
    """Return the circuit of a statement, over a column for each finding."""
    circuit, atoms = Circuit(), statement.atoms()
    state = [(circuit.input(Says(atom.concept, True)), circuit.input(Says(atom.concept, False)) ^ 1)
             for atom in atoms]  # fmt: skip
    low, high = Meaning(circuit, {atom: i for i, atom in enumerate(atoms)}, {}, 1).truth(statement, state)
    return Compiled(circuit, (Output("truth", circuit.weighted([(1, low), (1, high)]), TRUTHS),))


def people(truths: dict[Has, Truth]) -> pa.Table:
    """Return a table with one person, of whom these findings are recorded."""
    recorded = {T: True, F: False, U: None}
    columns = {atom.concept: pa.array([recorded[truth]], pa.bool_()) for atom, truth in truths.items()}
    return pa.table({"person_id": ["p"], **columns})


def _only(result: pa.Table) -> Truth:
    return Truth(result.column("truth").to_pylist()[0])


def by_arrow(statement: Statement, truths: dict[Has, Truth]) -> Truth:
    return _only(run(people(truths), program_of(statement), ("person_id",)))


def by_duckdb(statement: Statement, truths: dict[Has, Truth]) -> Truth:
    table = engines.duckdb().create_table("people", people(truths))
    return _only(run(table, program_of(statement), ("person_id",)).to_pyarrow())


COHORT = [by_arrow, by_duckdb]
ENGINES = pytest.mark.parametrize("engine", [by_kleene, by_compiler, *COHORT])


@ENGINES
@pytest.mark.parametrize("row", rows(CONJUNCTION, 3))
def test_all(engine, row) -> None:  # type: ignore[no-untyped-def]
    assert engine(All((A, B)), {A: row[0], B: row[1]}) is row[2]


@ENGINES
@pytest.mark.parametrize("row", rows(DISJUNCTION, 3))
def test_any(engine, row) -> None:  # type: ignore[no-untyped-def]
    assert engine(Any((A, B)), {A: row[0], B: row[1]}) is row[2]


@ENGINES
@pytest.mark.parametrize("row", rows(TWO_OF_THREE, 4))
def test_at_least_two_of_three(engine, row) -> None:  # type: ignore[no-untyped-def]
    assert engine(AtLeast((A, B, C), 2), {A: row[0], B: row[1], C: row[2]}) is row[3]


@ENGINES
@pytest.mark.parametrize(("given", "expected"), [(T, F), (F, T), (U, U)])
def test_not(engine, given, expected) -> None:  # type: ignore[no-untyped-def]
    assert engine(Not(A), {A: given}) is expected


@pytest.mark.parametrize("engine", [by_compiler, *COHORT])
def test_the_hull_is_exact_where_kleene_is_not(engine) -> None:  # type: ignore[no-untyped-def]
    """``a or not a`` holds whatever a is: local logic cannot say so, the hull must."""
    tautology = Any((A, Not(A)))
    assert by_kleene(tautology, {A: U}) is U
    assert engine(tautology, {A: U}) is T
