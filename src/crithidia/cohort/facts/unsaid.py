"""Facts that say nothing: of a concept that the vocabulary does not have, or in a form that is none.

They are counted part by part, and travel with the part, so that a run that goes on after a stop still
knows those of the parts that were done.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crithidia.case.fact_table import FORMS
from crithidia.cohort.facts.columns import words_of
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection

_KEY: Final = b"unsaid"


class Unsaid(Counter[tuple[str, str]]):
    """How many facts say nothing, by the column at fault, ``concept`` or ``form``, and the word in it."""

    def names(self, column: str) -> tuple[str, ...]:
        """Return the words at fault in a column, the most frequent first; NULL is no word: ''."""
        return tuple(name for (where, name), _ in self.most_common() if where == column)

    def facts(self, column: str) -> int:
        """Return how many facts a column makes say nothing."""
        return sum(count for (where, _), count in self.items() if where == column)


def unsaid_of(table: Any) -> Unsaid:
    """Return what a table of facts holds that says nothing; only what is strange is counted."""
    found = Unsaid()
    for column, known in (("concept", shipped_vocabulary().concepts), ("form", FORMS)):
        for name, count in _strange(table.column(column), known).items():
            found[column, name] = count
    return found


def _strange(column: Any, known: Collection[str]) -> dict[str, int]:
    names, values = words_of(column)
    if not column.null_count and all(name in known for name in names):
        return {}
    counts = np.bincount(values.every(-1) + 1, minlength=len(names) + 1).tolist()
    return {name: count for name, count in zip(("", *names), counts, strict=True)
            if count and name not in known}  # fmt: skip


def with_unsaid(steps: Any, unsaid: Unsaid) -> Any:
    """Return the result of a part with what its facts did not say."""
    if not unsaid:
        return steps
    return steps.replace_schema_metadata({_KEY: json.dumps([[*key, n] for key, n in unsaid.items()])})


def unsaid_in(steps: Any) -> Unsaid:
    """Return what the facts of a part did not say."""
    kept = json.loads((steps.schema.metadata or {}).get(_KEY, b"[]"))
    return Unsaid({(column, name): count for column, name, count in kept})
