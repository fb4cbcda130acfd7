"""Units as people write them, and exact conversion to the canonical unit of each quantity.

A unit counts only for the quantities that list it: ``umol/L`` is a unit of creatinine and none of
ferritin. The factors stand, with their sources, in ``knowledge/measurements/quantities.yaml``; the UCUM
library ``ucumvert`` checks them in the tests and is not loaded here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.library import Library, shipped_library
from crithidia.foundation.numbers import decimal_of
from crithidia.foundation.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from crithidia.foundation.text import Language


NO_UNIT: Final = "1"
_GIGA_PER_LITRE: Final = "10*9/L"
_GIGA_AS_GRAM: Final = frozenset({"g/l", "g/dm3"})  # not 'gm/l': that is a mass, and none of a count
_PER: Final = re.compile(r"(?:^|(?<=\S)\s+)per\s+")
_SAME: Final = str.maketrans({"μ": "u", "µ": "u", "·": "*", "×": "*", "⋅": "*", "∙": "*", "•": "*", "^": None,
                              "−": "-", "–": "-", "⁄": "/", "∕": "/"})  # fmt: skip
_NO_WORDS: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """How one quantity is measured: canonical unit, factors from other units, plausible range."""

    unit: str
    factors: Mapping[str, Fraction]
    plausible: tuple[Decimal, Decimal]
    molar_mass: Decimal | None = None
    source: str = ""

    def accepts(self, unit: str) -> bool:
        """Return whether a value in that unit (UCUM) can be converted."""
        return unit in self.factors

    def is_plausible(self, value: Decimal) -> bool:
        """Return whether a value in the canonical unit can occur at all."""
        return self.plausible[0] <= value <= self.plausible[1]


@dataclass(frozen=True)
class UnitTable:
    """All units and quantities.

    ``exact`` and ``variants`` lead from spellings, as they stand or folded, to UCUM codes; ``words`` from
    other words for a part of a unit to the one used (``mm3`` is ``ul``); ``dimension`` from codes to the
    kind of quantity.
    """

    display: Mapping[str, Text]
    variants: Mapping[str, str]
    quantities: Mapping[str, QuantityKind] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    dimension: Mapping[str, str] = field(default_factory=dict)

    def code_of(self, written: str, concept: str = "") -> str | None:
        """Return the UCUM code of a unit as written, or None if it is not recognised.

        ``G/l`` and ``g/l`` fold to one spelling: of a count of cells it is giga per litre.
        """
        code = self.exact.get(written.strip()) or self.variants.get(fold_unit(written, self.words))
        counted = concept in self.quantities and self.quantities[concept].unit == _GIGA_PER_LITRE
        return _GIGA_PER_LITRE if counted and fold_unit(written) in _GIGA_AS_GRAM else code

    def shown(self, code: str, language: Language = "en") -> str:
        """Return a unit as people read it beside a number; counts, ratios and scores have none."""
        return "" if code == NO_UNIT else self.named(code, language)

    def named(self, code: str, language: Language = "en") -> str:
        """Return a unit as people call it: points, where a number has no other."""
        text = self.display.get(code)
        return text.in_(language) if text else code


def scaled(value: Decimal, factor: Fraction) -> Decimal:
    """Return a value times a factor; exact where the result has an end (1.5 mL in 15 min is 0.1)."""
    return value * factor.numerator / factor.denominator


def fold_unit(written: str, words: Mapping[str, str] = _NO_WORDS) -> str:
    """Reduce a unit to what matters: one form for µ, superscripts, multiplication signs, case and words."""
    text = unicodedata.normalize("NFKC", written).casefold().translate(_SAME)
    text = "".join(_PER.sub("/", text).split()).lstrip("x*").rstrip("*")
    parts = (part.rstrip(".") for part in text.split("/"))
    return "/".join(words.get(part, part) for part in parts)


@lru_cache(maxsize=1)
def shipped_units() -> UnitTable:
    """Return the units that come with the package."""
    return load_units(shipped_library())


def load_units(library: Library) -> UnitTable:
    """Build the table. Raises ``ValueError`` where one spelling would mean two units."""
    units = library.document("measurements/units.yaml").data
    quantities = library.document("measurements/quantities.yaml").data
    words = _words(library.document("measurements/unit_words.yaml").data)
    return UnitTable(
        display={code: Text(**entry["display"]) for code, entry in units.items()},
        variants=_variants(units, words),
        quantities={name: _quantity(entry) for name, entry in quantities.items()},
        exact={spelling: code for code, entry in units.items() for spelling in entry.get("exact", ())},
        words=words,
        dimension={code: entry["dimension"] for code, entry in units.items()},
    )


def _words(data: Mapping[str, Any]) -> dict[str, str]:
    """Lead every other word to its unit; folded as a unit is, so that 'cu mm' and 'cumm' are one."""
    return {fold_unit(str(other)): str(word) for word, others in data.items() for other in others}


def _variants(units: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, entry in units.items():
        for spelling in (code, *entry["display"].values(), *entry.get("variants", ())):
            folded = fold_unit(str(spelling), words)
            if found.setdefault(folded, code) != code:
                msg = f"the unit spelling '{spelling}' would mean both {found[folded]} and {code}"
                raise ValueError(msg)
    return found


def _quantity(entry: Mapping[str, Any]) -> QuantityKind:
    low, high = entry["plausible"]
    molar = entry.get("molar_mass")
    return QuantityKind(
        unit=entry["unit"],
        factors={entry["unit"]: Fraction(1),
                 **{code: Fraction(str(f)) for code, f in entry.get("units", {}).items()}},
        plausible=(decimal_of(low), decimal_of(high)),
        molar_mass=decimal_of(molar["g_per_mol"]) if molar else None,
        source=entry.get("source", ""),
    )  # fmt: skip
