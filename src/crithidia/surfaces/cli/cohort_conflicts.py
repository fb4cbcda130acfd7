"""``crithidia cohort conflicts``."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crithidia.surfaces.cli.tables import check_outputs, needs_cohort_libraries, progress_of, written

if TYPE_CHECKING:
    from crithidia.assessment.conflicts import ConflictRow

_MOST_SHOWN = 8


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True,
              help="Write the facts that contradict each other to this Parquet or CSV file.")
@needs_cohort_libraries
def conflicts(file: Path, output: Path) -> None:
    """Name the people in FILE whose facts contradict each other, and the facts on either side.

    FILE is a wide table or a table of facts. A finding in conflict counts as unknown when FILE is classified.
    """
    from crithidia.assessment.conflicts import Tally, conflicts_of_file
    from crithidia.cohort.sink import check_ending, rows_into
    from crithidia.foundation.atomic import replacing

    check_ending(output)
    check_outputs([file], [output])
    tally, concepts = Tally(), Counter[str]()
    with (
        written(output),
        progress_of(0, "people") as progress,
        replacing(output) as partial,
        rows_into(partial, output.suffix, _schema()) as rows,
    ):
        for found in conflicts_of_file(file, tally, progress):
            rows.write(_table(found))
            concepts.update({(row.person_id, row.concept): row.concept for row in found}.values())
    click.echo(f"{tally.in_conflict:,} of {tally.people:,} people contradict themselves", err=True)
    if concepts:
        named = ", ".join(f"{name} ({count:,})" for name, count in concepts.most_common(_MOST_SHOWN))
        click.echo(f"  most often: {named}", err=True)


def _schema() -> Any:
    import pyarrow as pa

    words = [(name, pa.string()) for name in ("person_id", "concept", "says", "fact", "value")]
    return pa.schema([*words, ("at", pa.date32()), ("source", pa.string())])


def _table(found: list[ConflictRow]) -> Any:
    import pyarrow as pa

    schema = _schema()
    columns = list(zip(*map(astuple, found), strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
                    schema=schema)  # fmt: skip
