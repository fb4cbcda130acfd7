"""``crithidia guide``: the reference guide as a site and as Markdown, criteria sets and scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crithidia.surfaces.cli.options import language, language_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from crithidia.foundation.text import Language


@click.group()
def guide() -> None:
    """Write the reference guide to the criteria sets and scores."""


def _folder_option() -> Callable[..., Any]:
    return click.option("--output", "-o", "folder", required=True, help="Write into this folder.",
                        type=click.Path(path_type=Path, file_okay=False))  # fmt: skip


def _cases_option(folder: str = "tests/criteria", name: str = "--cases") -> Callable[..., Any]:
    return click.option(name, default=folder, show_default=True,
                        type=click.Path(path_type=Path, file_okay=False),
                        help="Folder with the worked cases; left out where there is none.")  # fmt: skip


@guide.command(name="build")
@_folder_option()
@click.option("--lang", "-l", type=click.Choice(["en", "pl", "both"]), default="both", show_default=True,
              help="Language of the site.")  # fmt: skip
@_cases_option()
@_cases_option("tests/scores", "--score-cases")
def guide_build(folder: Path, lang: str, cases: Path, score_cases: Path) -> None:
    """Write the guide as a static site that needs no network."""
    from crithidia.report.guide import guide_site

    languages: tuple[Language, ...] = ("en", "pl") if lang == "both" else (language(lang),)
    _write(guide_site(languages, cases, score_cases), folder)


@guide.command(name="markdown")
@_folder_option()
@language_option("Language of the pages.")
@_cases_option()
def guide_markdown(folder: Path, lang: str, cases: Path) -> None:
    """Write the guide as Markdown: one page a set, and an index."""
    from crithidia.report.guide import guide_markdown as pages

    _write(pages(language(lang), cases), folder)


@guide.command(name="scores")
@_folder_option()
@language_option("Language of the pages.")
@_cases_option("tests/scores")
def guide_scores(folder: Path, lang: str, cases: Path) -> None:
    """Write the pages of the scores as Markdown: one a score, and an index."""
    from crithidia.report.guide import scores_markdown

    _write(scores_markdown(language(lang), cases), folder)


def _write(pages: Iterable[tuple[str, str]], folder: Path) -> None:
    from crithidia.surfaces.output import write_output

    written = 0
    for name, text in pages:
        write_output(text, folder / name, parents=True)
        written += 1
    click.echo(f"{folder}: {written} files")
