"""Classifying a table of atoms: one row a person, or a person on a date, one column an atom.

This is where other forms of data come in: whoever works out what is known of each atom - out of dated
facts, say - gets exactly the verdicts that a wide table gives. A column holds true, false or NULL (not
known); it is called by ``atom_name``. What the recorder puts down to another cause counts in some sets
and not in others: where a set says that it does not, a column ending in ``COUNTED`` is read instead.
The columns must be closed under the implications; nothing is implied here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crithidia.case.fact_table import PERSON
from crithidia.cohort.circuit import FALSE, TRUE, Circuit
from crithidia.cohort.compiled import Compiled, Request
from crithidia.cohort.program import Output, Program, Wanted
from crithidia.cohort.recorded import Says
from crithidia.definition import Atom, Compares, CriteriaSet, Has, Is, load_criteria_set
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crithidia.cohort.meaning import Truth

COUNTED: Final = "__counted"
_SIGNS: Final = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class AtomColumn(NamedTuple):
    """A column of the table of atoms; ``counted`` leaves out what is put down to another cause."""

    name: str
    atom: Atom
    counted: bool


def atom_name(atom: Atom) -> str:
    """Return the column of an atom: ``ana``, ``age__ge__50``, ``sex__is__female``."""
    if isinstance(atom, Has):
        return atom.concept
    if isinstance(atom, Compares):
        number = str(atom.threshold).replace(".", "_").replace("-", "minus_")
        return f"{atom.concept}__{_SIGNS[atom.comparator]}__{number}"
    if isinstance(atom, Is):
        return f"{atom.concept}__is__{atom.code}"
    msg = f"no column for {type(atom).__name__}"
    raise TypeError(msg)


def atom_columns(sets: Iterable[str] | None = None) -> tuple[AtomColumn, ...]:
    """Return the columns that shipped sets ask for, each once. Raises ``UnknownNameError``."""
    found = (column for set_id in Request.of(sets).sets for column in _columns(load_criteria_set(set_id)))
    return tuple(dict.fromkeys(found))


def _columns(criteria: CriteriaSet) -> Iterable[AtomColumn]:
    counted = criteria.attribution is not None
    for atom in criteria.atoms:
        name = atom_name(atom)
        special = counted and isinstance(atom, Has)
        yield AtomColumn(name + COUNTED if special else name, atom, special)


def classify_atoms(table: Any, request: Request, keep: tuple[str, ...] = (PERSON,)) -> Any:
    """Return ``keep`` and the columns that ``request`` asks for, for each row of a table of atoms.

    ``table`` is an Ibis table or an Arrow table, and so is the result. A missing column is NULL for all.
    """
    from crithidia.cohort.classify import run

    return run(table, compile_atoms(request, frozenset(column_names(table))), keep)


def column_names(table: Any) -> list[str]:
    """Return the names of the columns of an Ibis or Arrow table."""
    return list(getattr(table, "column_names", None) or table.columns)


def compile_atoms(request: Request, columns: frozenset[str]) -> Compiled:
    """Compile shipped sets for a table with those columns of atoms."""
    circuit, implications = Circuit(), shipped_vocabulary().implications
    wanted = Wanted(request.items, request.details)
    outputs: list[Output] = []
    for set_id in request.sets:
        criteria = load_criteria_set(set_id)
        truth_of = _truths(circuit, criteria, columns)
        program = Program(circuit, criteria, implications, truth_of, request.assume_absent)
        outputs.extend(program.outputs(wanted))
    return Compiled(circuit, tuple(outputs))


def _truths(circuit: Circuit, criteria: CriteriaSet, columns: frozenset[str]) -> Callable[[Atom], Truth]:
    names = {column.atom: column.name for column in _columns(criteria)}

    def truth_of(atom: Atom) -> Truth:
        name = names[atom]
        if name not in columns:
            return FALSE, TRUE
        return circuit.input(Says(name, True)), circuit.input(Says(name, False)) ^ 1

    return truth_of
