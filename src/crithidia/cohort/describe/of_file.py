"""Describing the people of a file: classified as recorded, and with the unknown as absent, then counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import PERSON
from crithidia.cohort.describe.describe import Description, describe
from crithidia.cohort.files import classify_file
from crithidia.foundation.problems import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    with TemporaryDirectory(prefix="crithidia-") as folder:
        verdicts, assumed = Path(folder) / "verdicts.parquet", Path(folder) / "assumed.parquet"
        classify_file(path, verdicts, replace(request, items=True), progress)
        classify_file(path, assumed, replace(request, assume_absent=True))
        database = ibis.duckdb.connect()
        people = _people(database, path)
        labels = tuple(dict.fromkeys(reference.column for reference in references))
        classified = _with_labels(database.read_parquet(verdicts), people, labels)
        return describe(classified, people=people, assumed=database.read_parquet(assumed), site=site,
                        references=references)  # fmt: skip


def _people(database: Any, path: Path) -> Any:
    if path.suffix.lower() == ".csv":
        return database.read_csv(path, all_varchar=True, nullstr=["", "NA", "NaN", "nan"])
    return database.read_parquet(path)


def _with_labels(verdicts: Any, people: Any, labels: Sequence[str]) -> Any:
    """Return the verdicts with the labels of the people beside them."""
    for name in labels:
        if name not in people.columns:
            advice = did_you_mean(name, people.columns)
            msg = f"the table has no column '{name}'" + (f" ({advice})" if advice else "")
            raise UnknownNameError(msg)
    if not labels:
        return verdicts
    return verdicts.join(people[[PERSON, *labels]].distinct(), PERSON, how="left")
