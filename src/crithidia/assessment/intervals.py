"""Which values were flagged by a default interval, and by which: said in every report (ADR 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crithidia.foundation.text import Phrase, Text
from crithidia.interpretation import Flag, shipped_units
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crithidia.interpretation import Measurement, ReferenceInterval


def interval_note(measurement: Measurement, *, settles: bool = False) -> Phrase | None:
    """Return the sentence about the default interval behind a flag; None where there is none."""
    if not measurement.defaults:
        return None
    intervals = tuple(dict.fromkeys(_described(reference) for reference in measurement.defaults))
    if measurement.flag is Flag.CANNOT_SAY:
        exact = measurement.quantity.exact is not None
        return Phrase.of("interval_by_default_open", concept=measurement.fact.concept,
                         intervals=intervals) if exact else None  # fmt: skip
    source = tuple(dict.fromkeys(reference.citation for reference in measurement.defaults))
    said = "interval_by_default_settles" if settles else "interval_by_default"
    return Phrase.of(said, concept=measurement.fact.concept, intervals=intervals, source=source)


def interval_notes(measurements: Iterable[Measurement], *, settles: bool = False) -> Iterator[Phrase]:
    """Yield the sentences about default intervals, once each."""
    notes = (interval_note(measurement, settles=settles) for measurement in measurements)
    yield from dict.fromkeys(note for note in notes if note is not None)


def _described(reference: ReferenceInterval) -> Text:
    """Return an interval as printed, and for whom."""
    units = shipped_units()
    choices = shipped_vocabulary()["sex"].choices
    words = {}
    for language in ("en", "pl"):
        sex = f", {choices[reference.sex].in_(language)}" if reference.sex else ""
        words[language] = f"{reference.interval} {units.shown(reference.unit, language)}{sex}"
    return Text(**words)
