"""A label that a set is compared with: who has the disease, by somebody else's judgement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.cohort.describe.counts import classified_sets, grouped
from crithidia.foundation.problems import UnknownNameError, did_you_mean, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ibis import Table

_YES = frozenset({"1", "true", "t", "yes", "y", "present", "tak"})
_NO = frozenset({"0", "false", "f", "no", "n", "absent", "nie"})
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Reference:
    """A set and the column that says who is ill: true, or equal to ``value`` where one is given.

    An empty cell says nothing. Of a column without ``value``, an answer that is neither yes nor no
    says nothing either. ``place`` is what the column is called in the classified table, if not ``column``.
    """

    set_id: str
    column: str
    value: str | None = None
    place: str | None = None

    @property
    def _place(self) -> str:
        return self.place or self.column

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read ``SET=COLUMN`` or ``SET=COLUMN:VALUE``. Raises ``ValueError``."""
        set_id, equals, rest = text.partition("=")
        column, colon, value = rest.partition(":")
        if not (equals and set_id.strip() and column.strip()) or (colon and not value.strip()):
            msg = f"'{text}' is not SET=COLUMN or SET=COLUMN:VALUE"
            raise ValueError(msg)
        return cls(set_id.strip(), column.strip(), value.strip() or None)

    def counts(self, table: Table) -> dict[tuple[bool | None, str], int]:
        """Return how many people have each label with each verdict.

        Raises ``UnknownNameError`` for a set or column that the table does not have.
        """
        self._check(table)
        verdict = f"{self.set_id}__verdict"
        found: dict[tuple[bool | None, str], int] = {}
        for (label, outcome), count in grouped(table, [self._place, verdict]).items():
            key = (self._is_ill(label), outcome)
            found[key] = found.get(key, 0) + count
        return found

    def _check(self, table: Table) -> None:
        sets = classified_sets(table)
        if self.set_id not in sets:
            advice = did_you_mean(self.set_id, sets)
            msg = f"the table is not classified by '{self.set_id}'" + (f" ({advice})" if advice else "")
            raise UnknownNameError(msg)
        if self._place not in table.columns:
            advice = did_you_mean(self.column, table.columns)
            msg = f"the classified table has no column '{self.column}'" + (f" ({advice})" if advice else "")
            raise UnknownNameError(msg)

    def remark(self, table: Table) -> str:
        """Return what a reader of the figures has to know of the labels; nothing where all are understood."""
        answers = {_as_text(label): count for (label,), count in grouped(table, [self._place]).items()}
        answers.pop("", None)
        if self.value is None:
            odd = {text: count for text, count in answers.items() if text not in _YES | _NO}
            return (
                f"{self}: {sum(odd.values()):,} people have neither yes nor no there and count as "
                f"unlabelled: {_most(odd)}; {self.set_id}={self.column}:VALUE says which of them is yes"
                if odd
                else ""
            )
        if _as_text(self.value) in answers:
            return ""
        return f"{self}: nobody has '{self.value}' there" + (f", but {_most(answers)}" if answers else "")

    def _is_ill(self, label: object) -> bool | None:
        text = _as_text(label)
        if not text:
            return None
        if self.value is not None:
            return text == _as_text(self.value)
        return True if text in _YES else False if text in _NO else None

    def __str__(self) -> str:
        return self.column if self.value is None else f"{self.column}:{self.value}"


def _most(answers: Mapping[str, int]) -> str:
    ranked = sorted(answers.items(), key=lambda pair: (-pair[1], pair[0]))
    some = ", ".join(f"'{shown(text)}' ({count:,})" for text, count in ranked[:_MOST_SHOWN])
    return some + (", ..." if len(ranked) > _MOST_SHOWN else "")


def _as_text(label: object) -> str:
    """Return a label folded; a whole number without decimals, for 1 and 1.0 are the same label."""
    text = "" if label is None else str(label).strip().casefold()
    whole = re.fullmatch(r"(-?[0-9]+)\.0+", text)
    return "" if text == "nan" else whole[1] if whole else text
