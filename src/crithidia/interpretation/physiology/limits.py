"""What lung function could not say here, and what it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.numbers import plain
from crithidia.foundation.text import Phrase, Text
from crithidia.interpretation.physiology.references import Person, Reference, chosen, reference
from crithidia.interpretation.physiology.values import Bounds, age_at, latest, sex_of
from crithidia.interpretation.units import shipped_units
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.interpretation.picture import Picture

_SUFFIX: Final = "_percent_predicted"
_WITH_HEIGHT: Final = ("fvc", "vc_max", "vital_capacity", "tlc", "frc", "rv")


def lung_limits(picture: Picture, knowledge: Mapping[str, Any]) -> Iterator[Phrase]:
    """Yield what percent of predicted cannot show, and which tables or facts are missing."""
    percents = [concept for concept in picture.readings if concept.endswith(_SUFFIX)]
    if percents:
        yield Phrase.of("percent_predicted_cannot_say")
    if latest(picture, "height") is None:
        yield from _without_height(picture, percents, knowledge)
    elif sex_of(picture) and age_at(picture, None):
        measured = (concept for concept in knowledge["choice"] if picture.readings.get(concept))
        missing = tuple(concept for concept in measured if chosen(concept, knowledge, None) is None)
        if missing:
            yield Phrase.of("reference_tables_missing", concepts=missing)


def _without_height(picture: Picture, percents: list[str],
                    knowledge: Mapping[str, Any]) -> Iterator[Phrase]:  # fmt: skip
    """Say what holds whatever the height, and which low percentages cannot be judged without it."""
    used = reference("ecsc_1993", knowledge)
    within, below = _at_every_height(picture, used, float(knowledge["limits_of_normal"]["z"]))
    limit = float(knowledge["fixed_limit"]["percent"])
    open_ones = [concept for concept in percents if concept.removesuffix(_SUFFIX) not in (*within, *below)]
    low = tuple(_below_fixed(picture, open_ones, limit))
    if low:
        yield Phrase.of("percent_predicted_below_fixed", values=low, limit=int(limit))
    for phrase, concepts in (("within_limits_at_every_height", within),
                             ("below_limits_at_every_height", below)):  # fmt: skip
        if concepts:
            shortest, tallest = used.data["heights"][sex_of(picture)]
            yield Phrase.of(phrase, values=tuple(_named(picture, concept) for concept in concepts),
                            reference=used.title, shortest=round(100 * shortest),
                            tallest=round(100 * tallest))  # fmt: skip


def _at_every_height(picture: Picture, used: Reference, z: float) -> tuple[list[str], list[str]]:
    """Return what lies above, and what below its lower limit at both ends of the heights."""
    sex, age = sex_of(picture), age_at(picture, None)
    within: list[str] = []
    below: list[str] = []
    if sex is None or age is None or age.exact is None:
        return within, below
    short, tall = (Person(sex, age.exact, 100 * metres) for metres in used.data["heights"][sex])
    for concept in _WITH_HEIGHT:
        reading = latest(picture, concept)
        lowest, highest = used.expected(concept, short), used.expected(concept, tall)
        if reading is None or lowest is None or highest is None:
            continue
        value = Bounds.of(reading)
        if value.low is not None and value.low >= highest.at(-z):
            within.append(concept)
        if value.high is not None and value.high < lowest.at(-z):
            below.append(concept)
    return within, below


def _named(picture: Picture, concept: str) -> Text:
    label, shown = shipped_vocabulary()[concept].label, Bounds.of(picture.readings[concept][-1]).shown(2)
    unit, units = shipped_units().quantities[concept].unit, shipped_units()
    return Text(f"{label.en} {shown} {units.shown(unit, 'en')}",
                f"{label.pl} {shown.replace('.', ',')} {units.shown(unit, 'pl')}")  # fmt: skip


def _below_fixed(picture: Picture, concepts: list[str], limit: float) -> Iterator[Text]:
    """Yield the values in percent of predicted that lie below the fixed limit once used."""
    for concept in concepts:
        value = picture.readings[concept][-1].high
        if value is not None and value < limit and concept != "fev1_vc_ratio_percent_predicted":
            label = shipped_vocabulary()[concept.removesuffix(_SUFFIX)].label
            yield Text(f"{label.en} {plain(value)}%", f"{label.pl} {plain(value)}%")
