"""The table of facts as one row a person, where one value a concept is enough.

A concept that a person has several different values of is left empty there and counted: which of them counts
depends on the set and the time, and only the table of facts holds both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crithidia.case.fact_table import (
    LOWER_LIMIT,
    NUMBER,
    PERSON,
    TITRE,
    UPPER_LIMIT,
    WIDE_FORMAT,
)
from crithidia.foundation.atomic import replacing
from crithidia.vocabulary import Kind, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_wide(facts: Path, target: Path, vocabulary: Vocabulary | None = None) -> dict[str, int]:
    """Write the wide form of a table of facts; return how many cells of each column had several values."""
    import duckdb

    vocabulary = vocabulary or shipped_vocabulary()
    with duckdb.connect() as connection, replacing(target) as partial:
        connection.execute(f"CREATE VIEW facts AS FROM read_parquet({_text(str(facts))})")
        forms = connection.execute("SELECT DISTINCT concept, form FROM facts ORDER BY ALL").fetchall()
        sites = "site" in {row[0] for row in connection.execute("DESCRIBE facts").fetchall()}
        columns = list(_columns(forms, vocabulary))
        parts = [f"CASE WHEN {count} <= 1 THEN {value} END AS {_name(name)}"
                 for name, value, count in columns]  # fmt: skip
        several = [f"count(*) FILTER ({_name(name)} > 1)" for name, _, _ in columns]
        site = ["min(site) AS site"] if sites else []
        connection.execute(
            f"COPY (SELECT {', '.join([PERSON, *site, *parts])} FROM facts "  # noqa: S608
            f"GROUP BY {PERSON} ORDER BY {PERSON}) TO {_text(str(partial))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{crithidia: '{WIDE_FORMAT}'}})"
        )
        counted = ", ".join(f"{count} AS {_name(name)}" for name, _, count in columns)
        found: Any = connection.execute(
            f"SELECT {', '.join(several)} FROM (SELECT {counted} FROM facts GROUP BY {PERSON})"  # noqa: S608
        ).fetchone() if columns else ()  # fmt: skip
    return {name: count for (name, _, _), count in zip(columns, found, strict=True) if count}


def _columns(forms: list[tuple[str, str]], vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """Yield name, aggregate and number of different values of each column that the facts fill."""
    for concept, form in forms:
        kind = vocabulary[concept].kind
        where = f"FILTER (concept = {_text(concept)} AND form = {_text(form)})"
        if form in {"presence", "grade"}:
            truth = f"FILTER (concept = {_text(concept)} AND truth IS NOT NULL)"
            if form == "presence" or (concept, "presence") not in forms:
                yield concept, f"max(truth) {truth} = 1", f"count(DISTINCT truth) {truth}"
        elif form == "code":
            yield concept, f"min(code) {where}", f"count(DISTINCT code) {where}"
        elif form in {"quantity", "titre"}:
            yield from _numbers(concept, kind, form, where)


def _numbers(concept: str, kind: Kind, form: str, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield the column of exact numbers; a bound or a range counts as several values."""
    count = f"greatest(count(DISTINCT low) {where}, count(*) {where} - count(*) {_exact(where)} + 1)"
    if form == "titre":
        yield concept + TITRE, f"min(low) {where}", count
        return
    yield concept + NUMBER if kind is Kind.ANTIBODY else concept, f"min(low) {where}", count
    for ending, limit in ((LOWER_LIMIT, "limit_low"), (UPPER_LIMIT, "limit_high")):
        yield concept + ending, f"min({limit}) {where}", f"count(DISTINCT {limit}) {where}"


def _exact(where: str) -> str:
    return where[:-1] + " AND low = high)"


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _name(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'
