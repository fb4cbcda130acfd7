"""A first reading of an export: who is in it, its medications, and which version of a resource holds.

Resources refer to each other whatever the order of the files is, and incremental exports that were put into
one folder hold a resource once for each change. So the export is read twice; three times where ids recur.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crithidia.intake.fhir_bulk.files import lines_of
from crithidia.intake.fhir_bulk.values import codings, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    Resource = Mapping[str, Any]
    Coding = tuple[str, str, str]


@dataclass
class Survey:
    """``holds`` has the number of the line that holds, for each resource that stands in several lines."""

    patients: set[str] = field(default_factory=set)
    medications: dict[str, list[Coding]] = field(default_factory=dict)
    holds: dict[int, int] = field(default_factory=dict)

    def is_superseded(self, number: int, resource: Resource) -> bool:
        """Return whether another line holds in place of this one."""
        return bool(self.holds) and self.holds.get(key_of(resource), number) != number


def key_of(resource: Resource) -> int:
    """Return a number for the kind and id of a resource."""
    return hash((resource["resourceType"], str(resource.get("id"))))


def survey(files: Iterable[Path]) -> Survey:
    """Read an export for the first time. Raises ``InputError`` for a file that is broken."""
    files = tuple(files)
    found, seen, again = Survey(), set[int](), set[int]()
    for _, resource in _resources(files):
        key = key_of(resource)
        (again if key in seen else seen).add(key)
        _note(found, resource)
    if again:
        _choose(found, files, again)
    return found


def _resources(files: Iterable[Path]) -> Iterator[tuple[int, Resource]]:
    """Yield the resources that have an id, with the numbers of their lines in the whole export."""
    lines = (line for file in files for line in lines_of(file))
    return ((number, line.resource) for number, line in enumerate(lines)
            if line.resource is not None and line.resource.get("id"))  # fmt: skip


def _note(found: Survey, resource: Resource) -> None:
    if resource["resourceType"] == "Patient":
        found.patients.add(str(resource["id"]))
    elif resource["resourceType"] == "Medication":
        found.medications[str(resource["id"])] = codings(resource.get("code"))


def _choose(found: Survey, files: Iterable[Path], again: set[int]) -> None:
    """Take the newest version of each; the first where nothing says which is newer."""
    newest: dict[int, Resource] = {}
    for number, resource in _resources(files):
        key = key_of(resource)
        if key in again and (key not in newest or _is_newer(resource, newest[key])):
            newest[key] = {"resourceType": resource["resourceType"], "meta": resource.get("meta")}
            found.holds[key] = number
            _note(found, resource)


def _is_newer(one: Resource, other: Resource) -> bool:
    for read in (_updated, _version):
        first, second = read(one), read(other)
        if first is not None and second is not None and first != second:
            return first > second
    return False


def _updated(resource: Resource) -> float | None:
    try:
        return datetime.fromisoformat(str(mapping(resource.get("meta")).get("lastUpdated"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _version(resource: Resource) -> float | None:
    version = str(mapping(resource.get("meta")).get("versionId"))
    return float(version) if version.isdecimal() else None
