"""Rows of facts as an Arrow table, and what the columns of a wide table speak of."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import pyarrow as pa

from crithidia.case.fact_table import COLUMNS, arrow_schema, wide_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crithidia.case.fact_table import FactRow
    from crithidia.vocabulary import Vocabulary


def arrow_table(rows: Sequence[FactRow]) -> pa.Table:
    """Return rows as a table of ``arrow_schema``."""
    columns = list(zip(*(astuple(row) for row in rows), strict=True)) or [()] * len(COLUMNS)
    schema = arrow_schema()
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def wide_concepts(names: Iterable[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return the concept that each column of a wide table speaks of; columns of no concept are left out."""
    known = {name: concept.id for concept in vocabulary.concepts.values()
             for name, _ in wide_columns(concept)}  # fmt: skip
    return {name: known[name] for name in names if name in known}
