"""``crithidia cohort generate``: a synthetic cohort."""

from __future__ import annotations

from pathlib import Path

import click

from crithidia.surfaces.cli.tables import needs_cohort_libraries, progress_of, written


@click.command()
@click.option("--people", "-n", type=click.IntRange(1, 1_000_000_000), default=1000, show_default=True,
              help="How many people.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="Write to this file: .parquet or .csv.")
@click.option("--format", "form", type=click.Choice(["wide", "facts"]), default="wide", show_default=True,
              help="One row a person, or one row a fact.")
@click.option("--sites", type=click.IntRange(1, 250), default=1, show_default=True, help="How many sites.")
@click.option("--missing", type=click.FloatRange(0, 0.95), default=0.0, show_default=True,
              help="Mean share of findings that are not recorded; it differs by finding and site.")
@click.option("--dates", is_flag=True, help="Give every fact a date (needs --format facts).")
@click.option("--label", is_flag=True, help="Add a column with the disease that each person was drawn from.")
@click.option("--contradictions", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Share of people in whom a finding is present and its more general form absent.")
@click.option("--every-concept", is_flag=True,
              help="Also draw the findings that no disease file describes, each at the background rate.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
              help="The same seed gives the same people.")
@needs_cohort_libraries
def generate(people: int, output: Path, form: str, **options: bool | float | int) -> None:
    """Make a synthetic cohort from published frequencies, for tests, teaching and benchmarks.

    The file needs no mapping: 'crithidia cohort classify' reads it as it is. Nobody in it exists.
    """
    from crithidia.cohort.sink import check_ending
    from crithidia.cohort.synthetic import Plan
    from crithidia.cohort.synthetic import generate as write

    check_ending(output)
    try:
        plan = Plan(people, form, **options)  # type: ignore[arg-type]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with written(output), progress_of(people, "people") as progress:
        summary = write(plan, output, progress)
    click.echo(f"{output}: {summary.people:,} people, {summary.recorded:,} facts", err=True)
