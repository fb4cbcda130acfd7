"""The description of a classified cohort: every sheet that its data allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crithidia.cohort.describe.counts import classified_sets
from crithidia.cohort.describe.sheets import (
    accuracy_sheet,
    agreement_sheet,
    assumption_sheet,
    attrition_sheet,
    item_sheet,
    missing_sheet,
    overlap_sheet,
    verdict_sheet,
)
from crithidia.definition import load_criteria_set
from crithidia.foundation.problems import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ibis import Table

    from crithidia.cohort.describe.reference import Reference
    from crithidia.cohort.describe.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Description:
    """The sheets of a cohort by name; those for which the data say nothing are left out.

    ``remarks`` are sentences on labels that were not understood.
    """

    people: int
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Sheet:
        """Return a sheet. Raises ``KeyError`` for one that the data did not allow."""
        for sheet in self.sheets:
            if sheet.id == name:
                return sheet
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        """Whether there is a sheet of that name."""
        return any(sheet.id == name for sheet in self.sheets)


def describe(classified: Table, *, people: Table | None = None, assumed: Table | None = None,
             site: str | None = None, references: Sequence[Reference] = ()) -> Description:  # fmt: skip
    """Describe a classified cohort (one row a person, ``<set>__verdict`` and ``<set>__reason``).

    ``people`` is the wide input, for what is missing; ``assumed`` the same people classified with
    every unknown finding taken as absent; ``site`` a column of ``people``; ``references`` the
    labels to compare sets with. Raises ``UnknownNameError`` for a column that does not exist.
    """
    if people is not None and site is not None and site not in people.columns:
        advice = did_you_mean(site, people.columns)
        msg = f"the table has no column '{site}'" + (f" ({advice})" if advice else "")
        raise UnknownNameError(msg)
    sheets = tuple(sheet for sheet in _sheets(classified, people, assumed, site, references) if sheet.rows)
    remarks = tuple(filter(None, (reference.remark(classified) for reference in references)))
    return Description(int(classified.count().to_pyarrow().as_py()), sheets, remarks)


def _sheets(classified: Table, people: Table | None, assumed: Table | None, site: str | None,
            references: Sequence[Reference]) -> Iterator[Sheet]:  # fmt: skip
    yield verdict_sheet(classified)
    yield attrition_sheet(classified)
    yield item_sheet(classified)
    if people is not None:
        yield missing_sheet(people, asked_concepts(classified_sets(classified)), site)
    yield agreement_sheet(classified)
    yield overlap_sheet(classified)
    if references:
        yield accuracy_sheet(classified, references)
    if assumed is not None:
        yield assumption_sheet(classified, assumed)


def asked_concepts(sets: Sequence[str]) -> tuple[str, ...]:
    """Return the concepts that some sets ask about, in their order, each once."""
    clauses = (clause for set_id in sets for clause in load_criteria_set(set_id).clauses())
    return tuple(dict.fromkeys(atom.concept for clause in clauses for atom in clause.when.atoms()))
