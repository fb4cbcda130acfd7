"""Checking a document against a published JSON Schema, with file and line."""

from __future__ import annotations

import json
from functools import lru_cache
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from crithidia.foundation.paths import SCHEMAS
from crithidia.foundation.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

    from crithidia.foundation.document import Document




@lru_cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def check_against_schema(document: Document, schema: str | None = None) -> Iterator[Problem]:
    """Yield a problem for every place where a file departs from its schema.

    Of a knowledge file the name says which: ``measurements/units.yaml`` follows ``measurements.units``,
    ``criteria/x.yaml`` ``criteria``.
    """
    for error in _validator(schema or _schema_of(document.name)).iter_errors(document.data):
        yield _problem(document, _deepest(error))


def _schema_of(name: str) -> str:
    folder, _, file = name.partition("/")
    own = f"{folder}.{file.split('.')[0]}"
    return own if (SCHEMAS / f"{own}.schema.json").exists() else folder


def _deepest(error: ValidationError) -> ValidationError:
    """Of an ``anyOf`` that failed, return the branch that came furthest: the likeliest meaning.

    Where no branch gets beyond the place itself, the ``anyOf`` says it best.
    """
    while error.context:
        furthest = max(error.context, key=lambda inner: len(inner.absolute_path))
        if len(furthest.absolute_path) == len(error.absolute_path):
            break
        error = furthest
    return error


def _problem(document: Document, error: ValidationError) -> Problem:
    address = tuple(error.absolute_path)
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        instance: Any = error.instance
        extra = next(key for key in instance if key not in known)
        where = document.where(*address, extra)
        advice = did_you_mean(extra, known) or f"known here: {', '.join(sorted(known))}"
        return Problem(f"'{extra}' is not expected here", where, advice)
    if error.validator == "required":
        return Problem(error.message.replace("a required property", "missing"),
                       document.where(*address), "add it")  # fmt: skip
    advice = schema.get("description", "")
    if error.validator in {"anyOf", "oneOf"}:
        shown = shorten(str(error.instance), 60, placeholder=" ...")
        return Problem(f"'{shown}' is not what is expected here", document.where(*address), advice)
    return Problem(error.message, document.where(*address), advice)
