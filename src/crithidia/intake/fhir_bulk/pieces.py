"""The resources in a JSON value: a resource, a Bundle or an array of them, each with the place it stands in.

References between the entries of a Bundle are brought to the ids of the resources. Nothing is left out: an
entry without a resource is given as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crithidia.intake.fhir_bulk.standing import parts_of
from crithidia.intake.fhir_bulk.values import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BUNDLE: Final = "Bundle"
_DEEPEST: Final = 20
_REFERRING: Final = ("subject", "patient", "medicationReference")


@dataclass(frozen=True, slots=True)
class Piece:
    """Where something stands, and the resource, or what is wrong with it.

    ``deleted`` is kind and id of a resource that an entry says was deleted. An entry that has neither a
    resource nor anything wrong says nothing.
    """

    place: str
    resource: dict[str, Any] | None = None
    wrong: str = ""
    deleted: tuple[str, str] | None = None


def pieces_in(place: str, value: Any, depth: int = 0) -> Iterator[Piece]:
    """Yield every resource in a value; a Bundle is given itself, and then what is in it."""
    if depth > _DEEPEST:
        yield Piece(place, wrong=f"Bundles or arrays inside each other more than {_DEEPEST} deep")
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from pieces_in(f"{place} entry {number}", part, depth + 1)
    elif not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield Piece(place, wrong="not a FHIR resource: it has no resourceType")
    else:
        yield Piece(place, value)
        if value["resourceType"] == BUNDLE:
            yield from _entries(place, value, depth)


def _entries(place: str, bundle: Mapping[str, Any], depth: int) -> Iterator[Piece]:
    found = bundle.get("entry")
    entries = found if isinstance(found, list) else [] if found is None else [found]
    ids = _ids(entries)
    for number, entry in enumerate(entries, 1):
        yield from _entry(f"{place} entry {number}", entry, ids, depth)


def _entry(place: str, entry: Any, ids: Mapping[str, str], depth: int) -> Iterator[Piece]:
    if not isinstance(entry, dict):
        yield Piece(place, wrong="the entry is not an object")
    elif (request := mapping(entry.get("request"))).get("method") == "DELETE":
        yield _deletion(place, str(request.get("url") or ""))
    elif "resourceType" in entry:
        yield Piece(place, wrong="the resource stands in place of its entry, not under 'resource' of it")
    elif entry.get("resource") is None:
        yield Piece(place)
    else:
        yield from pieces_in(place, _resolved(entry, ids), depth + 1)


def _deletion(place: str, url: str) -> Piece:
    kind, identity = parts_of(url)
    if not kind or not identity or "?" in url:
        return Piece(place, wrong="it deletes what a search finds, and that cannot be followed")
    return Piece(place, deleted=(kind, identity))


def _ids(entries: list[Any]) -> dict[str, str]:
    """Return the references to entries by an address that does not end in the id of the resource."""
    found = {}
    for entry in entries:
        address, resource = mapping(entry).get("fullUrl"), mapping(mapping(entry).get("resource"))
        identity = resource.get("id")
        if isinstance(address, str) and identity and parts_of(address)[1] != str(identity):
            found[address] = f"{resource.get('resourceType')}/{identity}"
    return found


def _resolved(entry: Mapping[str, Any], ids: Mapping[str, str]) -> Any:
    """Return the resource of an entry, with an id where only the entry has one, and its references by id."""
    resource = entry["resource"]
    if not isinstance(resource, dict):
        return resource
    changed: dict[str, Any] = {}
    if not resource.get("id") and isinstance(entry.get("fullUrl"), str):
        changed["id"] = parts_of(entry["fullUrl"])[1]
    for name in _REFERRING:
        reference = mapping(resource.get(name))
        if (written := reference.get("reference")) in ids and isinstance(written, str):
            changed[name] = {**reference, "reference": ids[written]}
    return {**resource, **changed} if changed else resource
