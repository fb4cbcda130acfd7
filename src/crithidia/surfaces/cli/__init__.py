"""The command line: the group, how refusals are shown, and where each command lives."""

from __future__ import annotations

import os
import sys

import click

from crithidia._version import __version__
from crithidia.foundation.problems import CrithidiaError, InputError
from crithidia.surfaces.cli.lazy import LazyGroup

_MOST_PROBLEMS = 50


# Each command is imported when it is called: start-up time is part of using a command line.
_COMMANDS = {
    "assess": "crithidia.surfaces.cli.assess:assess",
    "case": "crithidia.surfaces.cli.case:case",
    "cohort": "crithidia.surfaces.cli.cohort:cohort",
    "concepts": "crithidia.surfaces.cli.concepts:concepts",
    "criteria": "crithidia.surfaces.cli.criteria:criteria",
    "decide": "crithidia.surfaces.cli.decide:decide",
    "guide": "crithidia.surfaces.cli.guide:guide",
    "reference": "crithidia.surfaces.cli.reference:reference",
    "review": "crithidia.surfaces.cli.review:review",
    "scores": "crithidia.surfaces.cli.scores:scores",
}


class _Group(LazyGroup):
    """Turns every refusal into its message and exit code; a traceback is a bug."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CrithidiaError as error:
            _complain(error)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return None


def _complain(error: CrithidiaError) -> None:
    if not isinstance(error, InputError):
        click.secho(f"crithidia: {error}", err=True)
        return
    for problem in error.problems[:_MOST_PROBLEMS]:
        place = f"{problem.where}: " if problem.where else ""
        click.echo(click.style(place, bold=True) + problem.message, err=True)
        if problem.remedy:
            click.echo(click.style(f"    {problem.remedy}", dim=True), err=True)
    count = len(error.problems)
    if count > _MOST_PROBLEMS:
        click.echo(f"... and {count - _MOST_PROBLEMS} more", err=True)
    click.echo(f"crithidia: {count} problem{'s' if count > 1 else ''}; nothing was written", err=True)


@click.group(cls=_Group, elsewhere=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="crithidia")
def main() -> None:
    """Classify what is recorded of a patient by rheumatology criteria, explained and cited.

    Exit codes: 0 done, 1 an error found by 'review --strict', 2 wrong usage, 3 a problem in an input
    file, 4 a mistake in a knowledge file, 5 a name that does not exist, 6 an output that cannot be
    written, or an engine (a database, a cluster) that cannot be reached or does not do it.
    """
