"""``crithidia cohort``: the group; each command lives in a file of its own."""

from __future__ import annotations

import click

from crithidia.surfaces.cli.lazy import LazyGroup

_COMMANDS = {
    "classify": "crithidia.surfaces.cli.cohort_classify:classify",
    "conflicts": "crithidia.surfaces.cli.cohort_conflicts:conflicts",
    "convert": "crithidia.surfaces.cli.cohort_convert:convert",
    "describe": "crithidia.surfaces.cli.cohort_describe:describe",
    "explain": "crithidia.surfaces.cli.cohort_explain:explain",
    "generate": "crithidia.surfaces.cli.cohort_generate:generate",
    "map": "crithidia.surfaces.cli.cohort_map:map_table",
}


@click.group(cls=LazyGroup, elsewhere=_COMMANDS)
def cohort() -> None:
    """Classify many people at once, from tables, databases and exports."""
