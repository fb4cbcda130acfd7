"""A label that a set is compared with: who has the disease, by somebody else's judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crithidia.cohort.describe.counts import grouped
from crithidia.foundation.problems import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from ibis import Table

_YES = frozenset({"1", "true", "yes", "present", "tak"})
_NO = frozenset({"0", "false", "no", "absent", "nie"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A set and the column that says who is ill: true, or equal to ``value`` where one is given.

    An empty cell says nothing. Of a column without ``value``, an answer that is neither yes nor no
    says nothing either.
    """

    set_id: str
    column: str
    value: str | None = None

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
        verdict = f"{self.set_id}__verdict"
        for name in (verdict, self.column):
            if name not in table.columns:
                advice = did_you_mean(name, table.columns)
                msg = f"the classified table has no column '{name}'" + (f" ({advice})" if advice else "")
                raise UnknownNameError(msg)
        found: dict[tuple[bool | None, str], int] = {}
        for (label, outcome), count in grouped(table, [self.column, verdict]).items():
            key = (self._is_ill(label), outcome)
            found[key] = found.get(key, 0) + count
        return found

    def _is_ill(self, label: object) -> bool | None:
        if label is None or str(label).strip() == "":
            return None
        text = str(label).strip().casefold()
        if self.value is not None:
            return text == self.value.casefold()
        return True if text in _YES else False if text in _NO else None

    def __str__(self) -> str:
        return self.column if self.value is None else f"{self.column}:{self.value}"
