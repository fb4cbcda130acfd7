"""Describing the people of a file: classified as recorded, and with the unknown as absent, then counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import PERSON
from crithidia.cohort.describe.describe import Description, describe
from crithidia.cohort.files import classify_file
from crithidia.cohort.in_duckdb import people_in_duckdb
from crithidia.cohort.sources import open_source
from crithidia.foundation.problems import UnknownNameError, did_you_mean, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crithidia.cohort.compiled import Request
    from crithidia.cohort.describe.reference import Reference


def describe_file(path: Path, request: Request, *, site: str | None = None,
                  references: Sequence[Reference] = (),
                  progress: Callable[[int], None] | None = None) -> Description:  # fmt: skip
    """Classify and describe the people of a wide table or a table of facts, in Parquet or CSV.

    ``site`` and the columns of the labels are columns of the file. Raises ``InputError`` for a file that
    cannot be read and ``UnknownNameError`` for a column or set that does not exist.
    """
    import ibis

    _check_columns(open_source(path).schema.names, site, references)
    with TemporaryDirectory(prefix="crithidia-") as folder:
        verdicts, assumed = Path(folder) / "verdicts.parquet", Path(folder) / "assumed.parquet"
        classify_file(path, verdicts, replace(request, items=True), progress)
        classify_file(path, assumed, replace(request, assume_absent=True))
        database = ibis.duckdb.connect(Path(folder) / "description.duckdb")
        people, names = people_in_duckdb(database, path)
        labels = {names[reference.column]: reference.column for reference in references}
        placed = [replace(reference, place=names[reference.column]) for reference in references]
        labelled = _with_labels(database.read_parquet(verdicts), people, labels)
        # Written down once: hundreds of counts follow, and each would join the labels anew.
        classified = database.create_table("classified", labelled)
        return describe(classified, people=people, assumed=database.read_parquet(assumed),
                        site=site and names[site], references=placed)  # fmt: skip


def _check_columns(names: Collection[str], site: str | None, references: Sequence[Reference]) -> None:
    """Raise ``UnknownNameError`` for a column that the file does not have."""
    columns = [name for name in names if name != PERSON]
    wanted = [(reference.column, " of labels") for reference in references]
    if site is not None and site != PERSON:
        wanted.append((site, ""))
    for name, what in wanted:
        if name not in columns:
            advice = did_you_mean(name, columns)
            msg = f"the table has no column '{name}'{what}" + (f" ({advice})" if advice else "")
            raise UnknownNameError(msg)


def _with_labels(verdicts: Any, people: Any, labels: Mapping[str, str]) -> Any:
    """Return the verdicts with the labels of the people beside them, one of each for a person.

    ``labels`` are the columns of ``people``, with the names that they have in the file.
    """
    if not labels:
        return verdicts
    people, verdicts = (t.mutate(**{PERSON: t[PERSON].cast("string")}) for t in (people, verdicts))
    given = people.group_by(PERSON).aggregate(
        **{f"_several_{i}": people[name].nunique() > 1 for i, name in enumerate(labels)},
        **{name: people[name].arbitrary() for name in labels})  # fmt: skip
    for i, name in enumerate(labels):
        _refuse_several(given.filter(given[f"_several_{i}"])[PERSON], labels[name])
    return verdicts.join(given[[PERSON, *labels]], PERSON, how="left")


def _refuse_several(persons: Any, name: str) -> None:
    """Raise ``InputError`` for people of whom the rows say different things under one label."""
    count = persons.count().to_pyarrow().as_py()
    if count:
        some = ", ".join(f"'{shown(person)}'" for person in persons.as_table().order_by(PERSON).limit(5)
                         .to_pyarrow()[PERSON].to_pylist())  # fmt: skip
        raise refuse(f"'{name}' says several things of {count:,} people: {some}", None,
                     "a label says one thing of a person, in all rows where it says anything")  # fmt: skip
