"""Reading the published workbooks of the Global Lung Function Initiative, and checking them.

The worksheets are recognised by the parameter and the sex in their names (``TLCO_SI_m``,
``Male FEV1``, ``TLC females``), the columns by their headers, whatever the order. A workbook is taken only
if every sheet of a reference is there, the ages run in quarters of a year over its whole range, every
number is one, and the known control values come out. Refuses, with the reason, everything else.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from datetime import date
from importlib.util import find_spec
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.problems import CrithidiaError, InputError, Position, Problem, refuse
from crithidia.interpretation.physiology.installed import Origin, keep
from crithidia.interpretation.physiology.references import Person, Reference
from crithidia.interpretation.physiology.splines import (
    STEP,
    Row,
    Splines,
    folded,
    header_of,
    open_workbook,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SEXES: Final = {"m": "male", "male": "male", "males": "male", "men": "male",
                 "f": "female", "female": "female", "females": "female", "women": "female"}  # fmt: skip
_LARGEST_SPLINE: Final = 5.0
_NEAR: Final = 1e-6
_NEAR_PREDICTED: Final = 2e-4
_MOST_BYTES: Final = 20_000_000
_MOST_ROWS: Final = 2_000
_NOT_PUBLISHED: Final = "this is not the published table"
_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile)

Tables = dict[tuple[str, str], Splines]


def install(path: Path, knowledge: Mapping[str, Any]) -> tuple[Reference, Path]:
    """Check a published workbook and keep its tables; return the reference and the file written.

    Raises ``InputError`` with the reason where it is not a workbook of a known reference, and
    ``CrithidiaError`` where the package that reads workbooks is missing or nothing can be written.
    """
    content = _content(path)
    sheets = _sheets(path)
    name, tables = _recognised(path, sheets, knowledge)
    found = Reference(name, knowledge["references"][name], tables)
    problems = tuple(_problems(path, found))
    if problems:
        raise InputError(problems)
    origin = Origin(name, path.name, hashlib.sha256(content).hexdigest(), date.today().isoformat())  # noqa: DTZ011
    try:
        return found, keep(origin, tables)
    except OSError as error:
        msg = f"the tables could not be stored: {error}"
        raise CrithidiaError(msg) from error


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise refuse(f"{path.name} is larger than any published workbook", _place(path))
        return path.read_bytes()
    except OSError as error:
        raise refuse(f"{path} cannot be read: {error.strerror or error}") from error


def _sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the cells of every worksheet. Raises ``InputError`` for what is no workbook."""
    if find_spec("openpyxl") is None:
        msg = "reading workbooks needs the package openpyxl; install crithidia[lungs]"
        raise CrithidiaError(msg)
    try:
        book = open_workbook(path)
    except _UNREADABLE as error:
        remedy = "give the file as the publisher offers it; save an .xls as .xlsx"
        raise refuse(f"{path.name} is not an Excel workbook (.xlsx)", _place(path), remedy) from error
    try:
        return {sheet.title: [tuple(row) for row in sheet.iter_rows(max_row=_MOST_ROWS, values_only=True)]
                for sheet in book.worksheets}  # fmt: skip
    finally:
        book.close()


def _place(path: Path) -> Position:
    return Position(path.name, 1)


def _recognised(path: Path, sheets: Mapping[str, list[tuple[Any, ...]]],
                knowledge: Mapping[str, Any]) -> tuple[str, Tables]:  # fmt: skip
    """Return the reference whose sheets the workbook has, and its tables."""
    closest: tuple[int, str] = (0, "")
    for name, data in knowledge["references"].items():
        if data.get("tables", {}).get("from") != "workbook":
            continue
        wanted = {(concept, sex) for concept in data["equations"] for sex in ("female", "male")}
        named = dict(_named(sheets, data))
        if wanted <= set(named):
            return name, {key: _table(path, named[key], sheets[named[key]], data) for key in sorted(wanted)}
        closest = max(closest, (len(wanted & set(named)), _missing(name, data, wanted - set(named))))
    remedy = closest[1] or "known are " + "; ".join(
        f"{d['title']} (doi:{d['citation']['doi']})" for d in knowledge["references"].values()
        if d.get("tables", {}).get("from") == "workbook"
    )  # fmt: skip
    raise refuse(_why_unknown(sheets, knowledge), _place(path), remedy)


def _missing(name: str, data: Mapping[str, Any], missing: set[tuple[str, str]]) -> str:
    sheets = ", ".join(sorted(f"{data['equations'][concept]['sheet']} {sex}" for concept, sex in missing))
    return f"for {data['title']} ({name}) these worksheets are missing: {sheets}"


def _why_unknown(sheets: Mapping[str, Any], knowledge: Mapping[str, Any]) -> str:
    for data in knowledge["references"].values():
        others = set(data.get("tables", {}).get("other_unit", ()))
        if others and any(others & set(_tokens(title)) for title in sheets):
            return f"this is the workbook of {data['title']} in traditional units; that in SI units is needed"
    return "this workbook has not the worksheets of a known reference"


def _named(sheets: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield parameter and sex of each worksheet whose name gives both."""
    unit = data["tables"].get("unit_token")
    foreign = set(data["tables"].get("other_unit", ()))
    known = {folded(equation["sheet"]): concept for concept, equation in data["equations"].items()}
    for title in sheets:
        tokens = _tokens(title)
        sexes = [_SEXES[token] for token in tokens if token in _SEXES]
        word = "".join(token for token in tokens if token not in _SEXES and token != unit)
        if len(sexes) == 1 and word in known and not foreign & set(tokens):
            yield (known[word], sexes[0]), title


def _tokens(title: str) -> list[str]:
    return re.findall(r"[a-z]+[0-9]*[a-z0-9]*", title.lower())


def _table(path: Path, title: str, rows: list[tuple[Any, ...]], data: Mapping[str, Any]) -> Splines:
    """Return the splines of a worksheet. Raises ``InputError`` with sheet and row."""
    try:
        start, columns = header_of(rows[:10])
    except LookupError:
        raise refuse(f"the worksheet '{title}' has no header with the columns age, Mspline and Sspline",
                     _place(path)) from None  # fmt: skip
    if "s" in data["tables"]["splines"] and "sspline" not in columns:
        raise refuse(f"the worksheet '{title}' has no column Sspline", _place(path))
    first, last = data["ages"]
    found: list[Row] = []
    for number, row in enumerate(rows[start + 1 :], start + 2):
        if row[columns["age"]] is None:
            continue
        found.append(_row(path, title, number, row, columns, first + STEP * len(found)))
    if len(found) != round((last - first) / STEP) + 1:
        raise refuse(f"the worksheet '{title}' has {len(found)} ages; from {first} to {last} years there are "
                     f"{round((last - first) / STEP) + 1}", _place(path))  # fmt: skip
    return Splines(float(first), tuple(found))


def _row(path: Path, title: str, number: int, row: tuple[Any, ...], columns: Mapping[str, int],
         age: float) -> Row:  # fmt: skip
    where = Position(f"{path.name} [{title}]", number)
    if not _is_number(row[columns["age"]]) or abs(row[columns["age"]] - age) > _NEAR:
        raise refuse(f"the age {row[columns['age']]!r} stands where {age} is expected", where)
    values = []
    for name in ("lspline", "mspline", "sspline"):
        cell = row[columns[name]] if name in columns else 0.0
        if not _is_number(cell) or abs(cell) > _LARGEST_SPLINE:
            raise refuse(f"{name} is {cell!r}, not a number from -5 to 5", where)
        values.append(float(cell))
    return values[0], values[1], values[2]


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and isfinite(cell)


def _problems(path: Path, found: Reference) -> Iterator[Problem]:
    """Yield every control value that does not come out."""
    for control in found.data["tables"]["controls"]:
        sex, age = control["sex"], float(control["age"])
        words = f"{control['parameter']}, {sex}, {control['age']} years"
        splines = (found.tables or {})[(control["parameter"], sex)].at(age)
        assert splines is not None  # noqa: S101  (the table was checked to cover the range)
        for place, name in ((1, "m"), (2, "s")):
            if name in control and abs(splines[place] - control[name]) > _NEAR:
                found_here = f"{name.upper()} spline of {words}: {splines[place]} instead of {control[name]}"
                yield Problem(f"control value {found_here}", _place(path), _NOT_PUBLISHED)
        if "predicted" in control:
            yield from _wrong_prediction(path, found, control, words)


def _wrong_prediction(path: Path, found: Reference, control: Mapping[str, Any],
                      words: str) -> Iterator[Problem]:  # fmt: skip
    person = Person(control["sex"], float(control["age"]), float(control["height"]))
    expected = found.expected(control["parameter"], person)
    if expected is None or abs(expected.median / control["predicted"] - 1) > _NEAR_PREDICTED:
        value = "nothing" if expected is None else f"{expected.median:.5f}"
        yield Problem(f"control value of {words}, {control['height']} cm: {value} instead of "
                      f"{control['predicted']}", _place(path), _NOT_PUBLISHED)  # fmt: skip
