"""A draft of a mapping: what is certain is written out, what is doubtful waits under ``unsure``, and what
nothing is near to is named. Nothing doubtful takes effect until a person moves it.
"""  # noqa: D205

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crithidia.case.fact_table import PERSON, holds_facts
from crithidia.foundation.problems import refuse
from crithidia.intake.tables.cells import USER_MISSING
from crithidia.intake.tables.judge import Judged, judge
from crithidia.intake.tables.match import Names
from crithidia.intake.tables.roles import OF_LONG, find_roles
from crithidia.intake.tables.survey import Seen, survey
from crithidia.intake.tables.words import folded, shipped_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crithidia.intake.tables.source import Table

_PLAIN: Final = re.compile(r"[A-Za-zĄĆĘŁŃÓŚŹŻąćęłńóśźż_][\wĄĆĘŁŃÓŚŹŻąćęłńóśźż ]*(?<! )")
_RESERVED: Final = frozenset({"null", "true", "false", "~"})
_LIMITS: Final = ("upper_limit", "lower_limit", "interval")


@dataclass
class Draft:
    """A drafted mapping: its text, and which columns were placed, are doubtful, or were not placed."""

    text: str
    placed: tuple[str, ...]
    unsure: tuple[str, ...]
    not_placed: tuple[str, ...]
    person: str


@dataclass
class _Drafting:
    table: Table
    seen: dict[str, Seen]
    names: Names
    roles: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)


def draft_mapping(table: Table, options: Mapping[str, str] | None = None, names: Names | None = None,
                  roles: Mapping[str, str] | None = None) -> Draft:  # fmt: skip
    """Draft a mapping for a table; ``options`` go into its ``file:`` section.

    ``roles`` names the columns of ``roles.ROLES`` that are known beforehand; a table with a column of tests
    and one of values is a long one. Raises ``InputError`` for a column that the table has not, and for a
    table of facts, which needs no mapping.
    """
    if holds_facts(table.columns) and PERSON in table.columns:
        raise refuse(f"{table.name} is a table of facts already and needs no mapping", None,
                     f"crithidia cohort classify {table.name} -o verdicts.parquet")  # fmt: skip
    drafting = _Drafting(table, survey(table), names or Names.shipped())
    drafting.roles = find_roles(table, drafting.seen, drafting.names, roles)
    long = "test" in drafting.roles
    if long:
        _judge_tests(drafting)
    else:
        _judge_columns(drafting)
    text = "\n".join(_lines(drafting, dict(options or {}), long)) + "\n"
    kinds: dict[str, list[str]] = {"sure": [], "unsure": [], "none": []}
    for name, judged in drafting.judged.items():
        kinds[judged.standing].append(name)
    return Draft(text, tuple(kinds["sure"]), tuple(kinds["unsure"]), tuple(kinds["none"]),
                 drafting.roles.get("person", ""))  # fmt: skip


def _judge_columns(drafting: _Drafting) -> None:
    taken = set(drafting.roles.values())
    limits = _limit_columns(drafting, taken)
    for name in drafting.table.columns:
        if name in taken or name in limits:
            continue
        title = drafting.table.described.titles.get(name, "")
        own = {kind: column for column, (of, kind) in limits.items() if of == name}
        drafting.judged[name] = judge(name, title, drafting.seen[name], drafting.names, own)


def _limit_columns(drafting: _Drafting, taken: set[str]) -> dict[str, tuple[str, str]]:
    """Return the columns that hold the limits of another one: ``CK ULN`` belongs to ``CK [U/l]``."""
    bases = {folded(drafting.names.heading(name).name): name for name in drafting.table.columns
             if name not in taken}  # fmt: skip
    found: dict[str, tuple[str, str]] = {}
    for name in drafting.table.columns:
        words = f" {folded(drafting.names.heading(name).name)} "
        for kind in _LIMITS:
            for word in sorted(shipped_words().columns[kind], key=len, reverse=True):
                base = words.replace(f" {word} ", " ").strip()
                if f" {word} " in words and base in bases and bases[base] != name:
                    found.setdefault(name, (bases[base], kind))
    return found


def _judge_tests(drafting: _Drafting) -> None:
    """Judge every name of a test by the values in its rows."""
    tests: dict[str, Seen] = {}
    units: set[str] = set()
    roles, described = drafting.roles, drafting.table.described
    called, value = described.labels.get(roles["test"], {}), roles["value"]
    labels, missing = described.labels.get(value, {}), described.missing.get(value, frozenset())
    for batch in drafting.table.batches():
        for index, test in enumerate(batch.columns[roles["test"]]):
            name = called.get((test or "").strip(), (test or "").strip())
            tests.setdefault(name, Seen(name, labels=labels)).look(batch.columns[value][index], missing)
            if "unit" in roles and (batch.columns[roles["unit"]][index] or "").strip():
                units.add(name)
    for name, seen in tests.items():
        if name and not name.startswith(USER_MISSING):
            drafting.judged[name] = judge(name, "", seen, drafting.names, {}, has_unit=name in units)


def _lines(drafting: _Drafting, options: dict[str, str], long: bool) -> Iterator[str]:
    yield f"# Drafted for {drafting.table.name}. Check every line; what stands under unsure: is not used."
    yield "crithidia: mapping/1"
    if long:
        yield "layout: long"
    decimal = _decimal(drafting.seen.values())
    if decimal:
        options["decimal"] = decimal
    if options:
        yield "file: {" + ", ".join(f"{key}: {_quoted(value)}" for key, value in options.items()) + "}"
    yield from _role_lines(drafting, long)
    section = "tests" if long else "columns"
    sure = {name: judged for name, judged in drafting.judged.items() if judged.standing == "sure"}
    yield f"{section}:" if sure else f"{section}: {{}}  # nothing could be placed with certainty"
    for name, judged in sure.items():
        note = f"  # {judged.note}" if judged.note else ""
        yield f"  {_quoted(name)}: {{{judged.entry}}}{note}"
    yield from _doubtful(drafting.judged)


def _role_lines(drafting: _Drafting, long: bool) -> Iterator[str]:
    person = drafting.roles.get("person", "")
    if not person:
        yield "person: ''  # no column could be told to be the person: name it"
    else:
        yield from _person_lines(drafting, person, long)
    if date := drafting.roles.get("date"):
        order = drafting.seen[date].date_order()
        yield f"date: {_date_entry(date, order)}"
    if site := drafting.roles.get("site"):
        yield f"site: {_quoted(site)}"
    for role in OF_LONG if long else ():
        if role in drafting.roles:
            name = _quoted(drafting.roles[role])
            yield f"{role}: {name}" if role in {"test", "value", "unit"} else f"{role}: {{column: {name}}}"


def _person_lines(drafting: _Drafting, person: str, long: bool) -> Iterator[str]:
    repeated = sum(1 for count in drafting.seen[person].texts.values() if count > 1)
    if repeated and not long and "date" not in drafting.roles:
        yield f"# {repeated} people stand in several rows: later rows are refused unless repeated: visits."
        yield f"person: {{column: {_quoted(person)}, repeated: refuse}}"
    else:
        yield f"person: {_quoted(person)}"


def _date_entry(column: str, order: tuple[str, ...]) -> str:
    if not order:
        return _quoted(column)
    return f"{{column: {_quoted(column)}, format: [{', '.join(order)}]}}"


def _decimal(columns: Iterable[Seen]) -> str:
    """Return the decimal sign of the file, where a comma is used and no column speaks for the point."""
    signs = {seen.decimal() for seen in columns if seen.share("number") > 0.5}
    return "," if "," in signs and "." not in signs else ""


def _doubtful(judged: Mapping[str, Judged]) -> Iterator[str]:
    unsure = {name: found for name, found in judged.items() if found.standing == "unsure"}
    if unsure:
        yield "# Doubtful. Move a line to the section above once you know, and complete it."
        yield "unsure:"
        for name, found in unsure.items():
            yield f"  {_quoted(name)}: {{{found.entry}}}"
    nothing = [name for name, found in judged.items() if found.standing == "none"]
    if nothing:
        yield "# Not placed: nothing in the vocabulary is called like"
        yield from (f"#   {' '.join(name.split())}" for name in nothing)


def _quoted(text: str) -> str:
    """Return a text as YAML, in quotes where it needs them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)
