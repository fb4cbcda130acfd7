"""``crithidia reference``: install, list."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def reference() -> None:
    """Install and list the reference tables of lung function that are published as workbooks."""


@reference.command(name="install")
@click.argument("workbook", type=click.Path(path_type=Path))
def reference_install(workbook: Path) -> None:
    """Check a published workbook (.xlsx) and keep its tables for every later assessment.

    Known are the workbooks of GLI-2017 (transfer factor, SI units), GLI-2021 (lung volumes) and GLI
    Global 2022 (spirometry).
    """
    from crithidia.interpretation.physiology import shipped_physiology
    from crithidia.interpretation.physiology.workbook import install

    found, path = install(workbook, shipped_physiology().lungs)
    click.echo(f"{found.title} ({found.id}), {found.citation}: {', '.join(found.data['equations'])}")
    click.echo(f"kept in {path}")


@reference.command(name="list")
def reference_list() -> None:
    """List the references, what they are for, and whether their tables are here."""
    from crithidia.interpretation.physiology import shipped_physiology
    from crithidia.interpretation.physiology.installed import origins
    from crithidia.interpretation.physiology.references import references

    installed = {origin.reference: origin for origin in origins()}
    for found in references(shipped_physiology().lungs):
        click.echo(f"{found.id:<20} {found.title}, {found.citation}")
        click.echo(f"{'':<20} {', '.join(found.data['equations'])}")
        origin = installed.get(found.id)
        if origin:
            state = f"installed {origin.installed} from {origin.file}, sha256 {origin.sha256[:12]}"
        elif "tables" not in found.data:
            state = "ready: needs no tables"
        elif found.tables:
            state = f"ready: tables of the package {found.data['tables']['package']}"
        elif found.data["tables"]["from"] == "package":
            state = f"not here: install crithidia[{found.data['tables']['extra']}]"
        else:
            state = "not here: crithidia reference install FILE"
        click.secho(f"{'':<20} {state}", dim=True)
