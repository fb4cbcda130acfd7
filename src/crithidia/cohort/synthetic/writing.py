"""A synthetic cohort as a file: people drawn, shuffled, thinned out and written, a batch after the other.

The same plan and seed give the same people, on any machine and however many are written at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crithidia.cohort.synthetic.draw import Drawing
from crithidia.cohort.synthetic.recipe import Recipe, load_recipe, undescribed
from crithidia.cohort.synthetic.record import Recording
from crithidia.cohort.synthetic.shapes import about, fact_batch, wide_batch
from crithidia.foundation.atomic import replacing
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crithidia.cohort.synthetic.plan import Plan

_BATCH: Final = {"wide": 65536, "facts": 16384}
_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    people: int
    rows: int
    recorded: int


def generate(plan: Plan, target: Path, progress: Callable[[int], None] | None = None,
             recipe: Recipe | None = None) -> Summary:  # fmt: skip
    """Write a cohort to a Parquet or CSV file (by its ending), atomically. Raises ``OSError``."""
    people = rows = recorded = 0
    with replacing(target) as partial, _Writer(partial, target.suffix, plan) as writer:
        for count, batch, facts in _ahead(plan, recipe or load_recipe()):
            writer.write(batch)
            people, rows, recorded = people + count, rows + batch.num_rows, recorded + facts
            if progress:
                progress(people)
    return Summary(people, rows, recorded)


def batches(plan: Plan, recipe: Recipe | None = None) -> Iterator[tuple[int, Any, int]]:
    """Yield people, ``pyarrow.RecordBatch`` and number of facts of each part of a cohort."""
    recipe = recipe or load_recipe()
    extra = undescribed(recipe, shipped_vocabulary()) if plan.every_concept else ()
    drawing = Drawing(recipe, extra)
    size = _BATCH[plan.form]
    for number, start in enumerate(range(0, plan.people, size)):
        yield _batch(plan, drawing, number, start, min(size, plan.people - start))


def _ahead(plan: Plan, recipe: Recipe) -> Iterator[tuple[int, Any, int]]:
    """Yield the parts in order while the next ones are drawn in other threads: most of it is numpy."""
    extra = undescribed(recipe, shipped_vocabulary()) if plan.every_concept else ()
    drawing = Drawing(recipe, extra)
    _ = drawing.arrows, drawing.choices
    size = _BATCH[plan.form]
    jobs = iter([(number, start, min(size, plan.people - start))
                 for number, start in enumerate(range(0, plan.people, size))])  # fmt: skip
    with ThreadPoolExecutor(_AHEAD) as pool:
        running = [pool.submit(_batch, plan, drawing, *job) for job in islice(jobs, _AHEAD + 1)]
        while running:
            done = running.pop(0).result()
            running.extend(pool.submit(_batch, plan, drawing, *job) for job in islice(jobs, 1))
            yield done


def _batch(plan: Plan, drawing: Drawing, number: int, start: int, count: int) -> tuple[int, Any, int]:
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence([plan.seed, number])))
    people = drawing.draw(count, random)
    recording = Recording.of(plan, drawing, people, random)
    shape = wide_batch if plan.form == "wide" else fact_batch
    batch = shape(recording, start, random)
    return count, batch, recording.count


class _Writer:
    """Writes record batches to Parquet, a row group each, or to CSV."""

    def __init__(self, path: Path, suffix: str, plan: Plan) -> None:
        self.path, self.suffix, self.plan = path, suffix.lower(), plan
        self._open: Any = None

    def __enter__(self) -> _Writer:
        return self

    def write(self, batch: Any) -> None:
        if self._open is None:
            self._open = self._begin(batch.schema)
        self._open.write_batch(batch if self.suffix != ".csv" else _plain(batch))

    def _begin(self, schema: Any) -> Any:
        if self.suffix == ".csv":
            from pyarrow.csv import CSVWriter

            return CSVWriter(str(self.path), _plain_schema(schema))
        from pyarrow.parquet import ParquetWriter

        writer = ParquetWriter(str(self.path), schema, compression="snappy", store_schema=False)
        writer.add_key_value_metadata(about(self.plan.form, self.plan.seed))
        return writer

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()


def _plain_schema(schema: Any) -> Any:
    import pyarrow as pa

    return pa.schema([pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
                      for field in schema])  # fmt: skip


def _plain(batch: Any) -> Any:
    """Return the batch with texts written out; dictionaries are a matter of Parquet."""
    return batch.cast(_plain_schema(batch.schema))
