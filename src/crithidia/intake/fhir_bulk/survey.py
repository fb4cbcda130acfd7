"""A first reading of an export: who is in it, its medications, and which version of a resource holds.

Resources refer to each other whatever the order of the files is, and incremental exports that were put into
one folder hold a resource once for each change. So the export is read twice; three times where ids recur.

Of several resources with one id the newest holds. Where nothing says which is newer and they differ, none is
believed: any of them can be the wrong one, or they are of two hospitals that both count from 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from crithidia.intake.fhir_bulk.files import pieces_of
from crithidia.intake.fhir_bulk.values import codings, mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Resource = Mapping[str, Any]
    Coding = tuple[str, str, str]

TREATMENTS: Final = ("MedicationRequest", "MedicationStatement", "MedicationAdministration",
                     "MedicationDispense")  # fmt: skip
# What is read; whatever else is in an export is left alone, repeated or not.
READ: Final = frozenset({"Patient", "Condition", "Observation", "Medication", *TREATMENTS})
# The state of a resource rather than what it says, and what it says once more for people to read.
_BESIDES: Final = frozenset({"meta", "text"})
_NONE: Final = -1


@dataclass
class Survey:
    """``holds`` has the number of the piece that holds, for each resource that there are several of.

    ``contested`` are the ids of resources that differ and of which none holds, with how many there are.
    ``deleted`` are the keys of those that the export says were deleted.
    """

    patients: set[str] = field(default_factory=set)
    medications: dict[str, list[Coding]] = field(default_factory=dict)
    holds: dict[int, int] = field(default_factory=dict)
    contested: dict[str, int] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    def standing(self, number: int, resource: Resource) -> str:
        """Return ``deleted``, ``contested``, ``repeated``, or nothing for a resource that holds."""
        if not (self.holds or self.deleted) or not resource.get("id"):
            return ""
        key = key_of(resource)
        if key in self.deleted:
            return "deleted"
        held = self.holds.get(key, number)
        return "contested" if held == _NONE else "" if held == number else "repeated"


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    updated: float | None
    version: float | None
    content: bytes


def key_of(resource: Resource) -> int:
    """Return a number for the kind and id of a resource."""
    return _key(resource["resourceType"], str(resource.get("id")))


def _key(kind: str, identity: str) -> int:
    return hash((kind, identity))


def survey(files: Iterable[Path]) -> Survey:
    """Read an export for the first time. Raises ``InputError`` for a file that is broken."""
    files = tuple(files)
    found, seen, again = Survey(), set[int](), set[int]()
    for _, resource in _resources(files, found.deleted):
        key = key_of(resource)
        (again if key in seen else seen).add(key)
        _note(found, resource)
    if again:
        _choose(found, files, again)
    for kind, identities in (("Patient", set(found.patients)), ("Medication", set(found.medications))):
        for identity in identities:
            if _key(kind, identity) in found.deleted:
                _forget(found, kind, identity)
    return found


def _resources(files: Iterable[Path], deleted: set[int]) -> Iterator[tuple[int, Resource]]:
    """Yield the resources that are read and have an id, with their numbers among all pieces."""
    pieces = (piece for file in files for piece in pieces_of(file))
    for number, piece in enumerate(pieces):
        if piece.deleted:
            deleted.add(_key(*piece.deleted))
        elif piece.resource and piece.resource["resourceType"] in READ and piece.resource.get("id"):
            yield number, piece.resource


def _note(found: Survey, resource: Resource) -> None:
    if resource["resourceType"] == "Patient":
        found.patients.add(str(resource["id"]))
    elif resource["resourceType"] == "Medication":
        found.medications[str(resource["id"])] = codings(resource.get("code"))


def _forget(found: Survey, kind: str, identity: str) -> None:
    if kind == "Patient":
        found.patients.discard(identity)
    elif kind == "Medication":
        found.medications.pop(identity, None)


def _choose(found: Survey, files: Iterable[Path], again: set[int]) -> None:
    """Find the version that holds of each resource that there are several of."""
    versions: dict[tuple[str, str], list[_Version]] = {}
    codes: dict[int, list[Coding]] = {}
    for number, resource in _resources(files, found.deleted):
        if key_of(resource) in again:
            kind = resource["resourceType"]
            versions.setdefault((kind, str(resource["id"])), []).append(_version(number, resource))
            if kind == "Medication":
                codes[number] = codings(resource.get("code"))
    for (kind, identity), several in versions.items():
        held = _held(several)
        found.holds[_key(kind, identity)] = held
        if held == _NONE:
            found.contested[f"{kind}/{identity}"] = len(several)
            _forget(found, kind, identity)
        elif kind == "Medication":
            found.medications[identity] = codes[held]


def _version(number: int, resource: Resource) -> _Version:
    content = {name: part for name, part in resource.items() if name not in _BESIDES}
    written = json.dumps(content, sort_keys=True).encode()
    return _Version(number, _updated(resource), _counted(resource), blake2b(written, digest_size=16).digest())


def _held(several: list[_Version]) -> int:
    """Return the number of the newest version, or ``_NONE`` where those that can be it differ."""
    newest = _last(_last(several, attrgetter("updated")), attrgetter("version"))
    return newest[0].number if len({one.content for one in newest}) == 1 else _NONE


def _last(several: list[_Version], time: Callable[[_Version], float | None]) -> list[_Version]:
    """Return those of the latest time; all of them where one has none."""
    times = [at for one in several if (at := time(one)) is not None]
    if len(times) < len(several):
        return several
    last = max(times)
    return [one for one in several if time(one) == last]


def _updated(resource: Resource) -> float | None:
    try:
        return datetime.fromisoformat(str(mapping(resource.get("meta")).get("lastUpdated"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _counted(resource: Resource) -> float | None:
    version = str(mapping(resource.get("meta")).get("versionId"))
    return float(version) if version.isdecimal() else None
