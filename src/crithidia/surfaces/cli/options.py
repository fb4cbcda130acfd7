"""Options and small readings that several commands share."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from crithidia.foundation.text import Language


_FILE_KINDS = ("case", "questionnaire-response", "redcap")


def language_option(text: str = "Language of the report.") -> Callable[..., Any]:
    """Return ``--lang``; the command receives it as ``lang``."""
    return click.option("--lang", "-l", type=click.Choice(["en", "pl"]), default="en",
                        show_default=True, help=text)  # fmt: skip


def output_option(text: str = "Write to this file.") -> Callable[..., Any]:
    """Return ``--output``; the command receives a path or None."""
    return click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help=text)


def format_option() -> Callable[..., Any]:
    """Return ``--format`` of the commands that show a definition: text or JSON."""
    return click.option("--format", "-f", "format_", type=click.Choice(["text", "json"]), default="text",
                        show_default=True, help="What to print.")  # fmt: skip


def sets_option(text: str) -> Callable[..., Any]:
    """Return ``--sets``; read it with ``names``."""
    return click.option("--sets", "-s", default=None, callback=_named, help=text)


def _named(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """Return the names given, or an empty text where none were asked for; an empty list is a mistake."""
    if value is not None and names(value) is None:
        message = "names no criteria set; leave the option out for all of them"
        raise click.BadParameter(message)
    return value or ""


def case_argument(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument CASE with ``--from`` and ``--record``; the command receives the ``case`` read."""
    @click.argument("case_file", metavar="CASE", type=click.Path(path_type=Path))
    @click.option("--from", "kind", type=click.Choice(_FILE_KINDS), default=None,
                  help="What CASE is; by default a case file or a FHIR QuestionnaireResponse, by content.")
    @click.option("--record", default=None, metavar="ID",
                  help="The record to read, where a REDCap export holds several.")
    @wraps(command)
    def reading(case_file: Path, kind: str | None, record: str | None, **options: Any) -> None:
        from crithidia.intake import load_file

        if record is not None and kind != "redcap":
            message = "goes with --from redcap"
            raise click.BadParameter(message, param_hint="--record")
        command(case=load_file(case_file, kind, record), **options)

    return reading


def names(text: str) -> list[str] | None:
    """Return names separated by commas, None if there are none."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    return found or None


def language(lang: str) -> Language:
    """Return the language chosen."""
    return "pl" if lang == "pl" else "en"
