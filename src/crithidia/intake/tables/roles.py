"""Which columns say who, when and where, and which hold the tests and results of a long table.

Columns are told by their names, and what their names do not tell, by what stands in them. What a person
says beforehand goes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crithidia.foundation.problems import did_you_mean, refuse, shown
from crithidia.intake.tables.match import is_sure
from crithidia.intake.tables.survey import is_number, is_titre
from crithidia.intake.tables.words import folded, shipped_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.intake.tables.match import Names
    from crithidia.intake.tables.source import Table
    from crithidia.intake.tables.survey import Seen

_OF_ROWS: Final = ("person", "date", "site")
OF_LONG: Final = ("test", "value", "unit", "lower_limit", "upper_limit", "interval")
ROLES: Final = (*_OF_ROWS, *OF_LONG)
_TESTS_LOOKED_AT: Final = 200
_MOST: Final = 0.8


def find_roles(table: Table, seen: Mapping[str, Seen], names: Names,
               given: Mapping[str, str] | None = None) -> dict[str, str]:  # fmt: skip
    """Return the column of each role that there is; ``given`` names some beforehand.

    The roles of a long table are there only where both tests and values are. Raises ``InputError`` for a
    column that the table has not.
    """
    roles = dict(given or {})
    _check(roles, table.columns)
    _by_name(roles, table, seen)
    if "test" not in roles:
        _test_by_content(roles, seen, names)
    if "test" in roles:
        _others_by_content(roles, seen)
    if not {"test", "value"} <= roles.keys():
        for role in OF_LONG:
            roles.pop(role, None)
    if "person" not in roles:
        _first_as_person(roles, table, seen)
    return roles


def _check(roles: Mapping[str, str], columns: tuple[str, ...]) -> None:
    for role, name in roles.items():
        if name not in columns:
            known = f"its columns: {', '.join(map(shown, columns[:40]))}"
            raise refuse(f"the table has no column '{shown(name)}' ({role})", None,
                         did_you_mean(name, columns) or known)  # fmt: skip


def _by_name(roles: dict[str, str], table: Table, seen: Mapping[str, Seen]) -> None:
    """Find the columns that are called as persons, dates and the like are, the likeliest name first.

    What a row is of may also be told by the label that a file of SPSS or Stata gives a column.
    """
    titles = table.described.titles
    by_name = {folded(name): name for name in reversed(table.columns)}
    by_title = {folded(titles[name]): name for name in reversed(table.columns) if name in titles}
    for role in ROLES:
        for called in (by_name, by_title) if role in _OF_ROWS else (by_name,):
            _by_words(roles, role, called, seen)


def _by_words(roles: dict[str, str], role: str, called: Mapping[str, str], seen: Mapping[str, Seen]) -> None:
    for word in () if role in roles else shipped_words().columns[role]:
        name = called.get(word)
        if name and name not in roles.values() and _fits(role, seen[name]):
            roles[role] = name
            break


def _fits(role: str, seen: Seen) -> bool:
    """Return whether what stands in a column goes with what its name says."""
    if role == "date":
        return _holds_dates(seen)
    return role != "test" or _may_hold_tests(seen)


def _holds_dates(seen: Seen) -> bool:
    return not seen.texts or seen.share("date") > 0.5 or seen.counts in seen.date_order()


def _may_hold_tests(seen: Seen) -> bool:
    """Return whether a column may name tests; one of yes and no, or of codes 1 and 2, is a finding."""
    answers = sum(count for text, count in seen.texts.items()
                  if seen.is_truth(text) or (len(text) == 1 and text.isdigit() and text not in seen.labels))
    return 2 * answers <= seen.texts.total()


def _test_by_content(roles: dict[str, str], seen: Mapping[str, Seen], names: Names) -> None:
    """Take for the tests the column in which the names of concepts recur."""
    free = [column for name, column in seen.items() if name not in roles.values()]
    shares = {column.name: _share_of_names(column, names) for column in free}
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] >= 0.5:
        roles["test"] = best


def _share_of_names(column: Seen, names: Names) -> float:
    """Return how large a part of the distinct texts are names of concepts; 0 where they do not recur."""
    texts = [text for text, _ in column.texts.most_common(_TESTS_LOOKED_AT)]
    if len(texts) < 2 or column.texts.total() < 2 * len(column.texts) or column.share("number") > 0.5:
        return 0.0
    return sum(is_sure(names.matches(names.heading(text).name)) for text in texts) / len(texts)


def _others_by_content(roles: dict[str, str], seen: Mapping[str, Seen]) -> None:
    """Find values and dates of a long table by what stands in the columns that have no role yet."""
    if "date" not in roles:
        dates = [c.name for c in _free(roles, seen) if c.texts and c.share("date") >= _MOST]
        if len(dates) == 1:
            roles["date"] = dates[0]
    if "value" not in roles:
        filled = {c.name: c.texts.total() for c in _free(roles, seen) if _share_of_values(c) >= 0.5}
        if filled:
            roles["value"] = max(filled, key=lambda name: filled[name])


def _free(roles: Mapping[str, str], seen: Mapping[str, Seen]) -> list[Seen]:
    return [column for name, column in seen.items() if name not in roles.values()]


def _share_of_values(column: Seen) -> float:
    """Return the share of cells that are numbers, titres or words for present and absent."""
    total = column.texts.total()
    read = sum(count for text, count in column.texts.items()
               if is_number(text) or is_titre(text) or column.is_truth(text))  # fmt: skip
    return read / total if total else 0.0


def _first_as_person(roles: dict[str, str], table: Table, seen: Mapping[str, Seen]) -> None:
    first = table.columns[0]
    if first not in roles.values() and seen[first].texts and max(seen[first].texts.values()) == 1:
        roles["person"] = first
