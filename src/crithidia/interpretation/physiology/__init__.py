"""Lung, kidney and heart function out of measurements, with published equations and categories.

For those who compare values: ``expectations`` gives what every reference at hand expects of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crithidia.foundation.library import Library, shipped_library
from crithidia.interpretation.physiology.categories import Categories, load_categories
from crithidia.interpretation.physiology.distribution import Expected
from crithidia.interpretation.physiology.heart import TABLES, derive_heart
from crithidia.interpretation.physiology.kidney import derive_kidney
from crithidia.interpretation.physiology.limits import lung_limits
from crithidia.interpretation.physiology.lungs import derive_lungs
from crithidia.interpretation.physiology.references import Person, Reference, expectations
from crithidia.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.interpretation.derived import Derived
    from crithidia.interpretation.picture import Picture

__all__ = [
    "Expected",
    "Person",
    "Physiology",
    "Reference",
    "derive_physiology",
    "expectations",
    "load_physiology",
    "lung_limits",
    "shipped_physiology",
]


@dataclass(frozen=True)
class Physiology:
    """The knowledge behind derived values: equations as data, categories as conditions."""

    kidney: Mapping[str, Any]
    lungs: Mapping[str, Any]
    ventilatory: Categories
    gas_transfer: Categories
    heart: tuple[Categories, ...]


@lru_cache(maxsize=1)
def shipped_physiology() -> Physiology:
    """Return the knowledge that comes with the package."""
    return load_physiology(shipped_library(), shipped_vocabulary())


def load_physiology(library: Library, vocabulary: Vocabulary) -> Physiology:
    """Build the knowledge. Raises ``InputError`` where a condition means nothing."""
    lungs = library.document("measurements/lungs.yaml")
    heart = library.document("measurements/heart.yaml")
    return Physiology(
        kidney=library.document("measurements/kidney.yaml").data,
        lungs=lungs.data,
        ventilatory=load_categories(lungs, vocabulary, "ventilatory_pattern", "ventilatory_patterns"),
        gas_transfer=load_categories(lungs, vocabulary, "gas_transfer_pattern", "gas_transfer_patterns"),
        heart=tuple(load_categories(heart, vocabulary, concept, concept) for concept in TABLES),
    )


def derive_physiology(picture: Picture, knowledge: Physiology) -> Iterator[Derived]:
    """Yield everything that measurements show of kidneys, lungs and heart."""
    yield from derive_kidney(picture, knowledge.kidney)
    yield from derive_lungs(picture, knowledge.lungs, knowledge.ventilatory, knowledge.gas_transfer)
    yield from derive_heart(picture, knowledge.heart)
