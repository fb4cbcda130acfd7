"""Categories of ejection fraction and NT-proBNP, and the probability of pulmonary hypertension.

The tables stand in ``knowledge/measurements/heart.yaml``. A category is no diagnosis, and the notes
say what it leaves open. Refuses to say anything where nothing that a table needs is recorded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crithidia.foundation.text import Phrase
from crithidia.interpretation.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.case import Fact
    from crithidia.interpretation.physiology.categories import Categories
    from crithidia.interpretation.picture import Picture

PULMONARY_HYPERTENSION: Final = "echocardiographic_probability_of_pulmonary_hypertension"
TABLES: Final = ("lvef_category", "nt_probnp_non_acute", "nt_probnp_acute", PULMONARY_HYPERTENSION)
_NOTES: Final = {
    "lvef_category": "lvef_is_no_diagnosis",
    "nt_probnp_non_acute": "nt_probnp_is_no_diagnosis",
    "nt_probnp_acute": "nt_probnp_if_acute",
    PULMONARY_HYPERTENSION: "pulmonary_hypertension_needs_catheter",
}
_MOST_NAMED: Final = 4


def derive_heart(picture: Picture, tables: tuple[Categories, ...]) -> Iterator[Derived]:
    """Yield the category of every table for which something is recorded, by the latest values."""
    now = replace(picture, readings={name: found[-1:] for name, found in picture.readings.items()})
    for table in tables:
        if any(_recorded(now, concept) for concept in table.needs):
            yield _category(now, table)


def _recorded(picture: Picture, concept: str) -> bool:
    return bool(picture.readings.get(concept)) or picture.known.get(concept) is True


def _category(picture: Picture, table: Categories) -> Derived:
    possible = table.possible(picture.truth)
    note = Phrase.of(_NOTES[table.concept])
    if len(possible) > 1:
        deciding = table.deciding(picture.truth)
        note = Phrase.of("pattern_open", concept=table.concept, concepts=deciding)
        if len(deciding) > _MOST_NAMED:
            note = Phrase.of("echocardiographic_signs_open")
    return Derived(table.concept, "/".join(possible), "", None, table.concept, table.citation,
                   _facts(picture, table), note)  # fmt: skip


def _facts(picture: Picture, table: Categories) -> tuple[Fact, ...]:
    atoms = dict.fromkeys(atom for category in table.of for atom in category.when.atoms())
    return tuple(dict.fromkeys(fact for atom in atoms for fact in picture.facts_behind(atom)))
