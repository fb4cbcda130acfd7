"""``crithidia cohort describe``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.options import language, language_option, names, sets_option
from crithidia.surfaces.cli.tables import check_outputs, needs_cohort_libraries, progress_of, require, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crithidia.cohort.describe import Description, Reference
    from crithidia.foundation.text import Language


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--output", "-o", "folder", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Write the report, its tables and its pictures into this folder.")
@sets_option("Criteria sets to apply, separated by commas (default: all).")
@click.option("--site", default=None, metavar="COLUMN", help="Show what is missing by this column of FILE.")
@click.option("--reference", "-r", "references", multiple=True, metavar="SET=COLUMN[:VALUE]",
              help="Compare a set with a column: true there, or equal to VALUE. Can be repeated.")
@click.option("--tables", type=click.Choice(["csv", "json", "parquet"]), default="csv", show_default=True,
              help="How to write the tables.")
@click.option("--images", type=click.Choice(["svg", "png"]), default="svg", show_default=True,
              help="How to write the pictures.")
@language_option()
@needs_cohort_libraries
def describe(file: Path, folder: Path, sets: str, site: str | None, references: tuple[str, ...],
             tables: str, images: str, lang: str) -> None:  # fmt: skip
    """Describe the people in FILE: verdicts, attrition, what is missing, agreement, accuracy, overlap.

    FILE is a wide table or a table of facts. Where verdicts are open, every figure has a worst and a best
    case beside its confidence interval.
    """
    require("ibis", "duckdb", "statsmodels", "vl_convert")
    from crithidia.cohort.compiled import Request
    from crithidia.cohort.describe.of_file import describe_file

    request = Request.of(names(sets))
    with progress_of(0, "people") as progress:
        found = describe_file(file, request, site=site, references=_read(references), progress=progress)
    with written(folder):
        count = _write(found, folder, file, language(lang), tables, images)
    click.echo("\n".join([f"{folder}: {found.people:,} people, {count} files", *found.remarks]), err=True)


def _read(references: Sequence[str]) -> list[Reference]:
    from crithidia.cohort.describe import Reference

    try:
        return [Reference.parse(text) for text in references]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--reference") from None


def _write(found: Description, folder: Path, source: Path, lang: Language, tables: str, images: str) -> int:
    from crithidia.foundation.atomic import replacing
    from crithidia.report.cohort import cohort_page, plots, to_png, to_svg
    from crithidia.report.cohort.files import SHEET_FORMATS

    folder.mkdir(parents=True, exist_ok=True)
    files = {"report.html": cohort_page(found, source.name, lang).encode()}
    files |= {f"{sheet.id}.{tables}": SHEET_FORMATS[tables](sheet) for sheet in found.sheets}
    files |= {
        f"{plot}.{images}": to_png(drawn) if images == "png" else to_svg(drawn).encode()
        for plot, drawn in plots(found, lang)
    }  # fmt: skip
    check_outputs([source], [folder / file for file in files])
    for file, content in files.items():
        with replacing(folder / file) as partial:
            partial.write_bytes(content)
    return len(files)
