"""Patterns of ventilation and gas transfer by the ERS/ATS standard of 2021, with three values.

Stanojevic 2022, doi:10.1183/13993003.01499-2021. The findings that the patterns are made of (a
value below its lower limit of normal) come from z-scores; where there is none, from what the record
states. Where measurements that answer the same question disagree, the answer is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import Has
from crithidia.foundation.text import Phrase
from crithidia.foundation.truth import Truth
from crithidia.interpretation.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crithidia.case import Fact
    from crithidia.definition import Atom
    from crithidia.interpretation.physiology.categories import Categories
    from crithidia.interpretation.physiology.spirometry import Judged
    from crithidia.interpretation.picture import Picture

BELOW: Final = {
    "fev1": "fev1_below_lower_limit",
    "fvc": "vital_capacity_below_lower_limit",
    "vc_max": "vital_capacity_below_lower_limit",
    "vital_capacity": "vital_capacity_below_lower_limit",
    "fev1_fvc_ratio": "fev1_vc_below_lower_limit",
    "fev1_vc_ratio": "fev1_vc_below_lower_limit",
    "tlc": "tlc_below_lower_limit",
    "tlco": "tlco_below_lower_limit",
    "kco": "kco_below_lower_limit",
    "alveolar_volume": "alveolar_volume_below_lower_limit",
}
ABOVE: Final = {"tlco": "tlco_above_upper_limit"}


class LimitTruths:
    """What is known of every finding of the form: this measurement lies beyond its limit."""

    def __init__(self, picture: Picture, judged: Iterable[Judged]) -> None:
        self._picture = picture
        self._found: dict[str, Truth] = {}
        self._facts: dict[str, tuple[Fact, ...]] = {}
        for one in judged:
            concept = one.value.concept
            self._add(BELOW.get(concept), one.is_low, one.facts)
            self._add(ABOVE.get(concept), one.is_high, one.facts)

    def _add(self, finding: str | None, truth: Truth, facts: tuple[Fact, ...]) -> None:
        if finding is None:
            return
        self._facts[finding] = (*self._facts.get(finding, ()), *facts)
        before = self._found.get(finding, truth)
        self._found[finding] = truth if before is truth else Truth.UNKNOWN

    def truth(self, atom: Atom) -> Truth:
        """Return what is known of a finding: from measurements, else as recorded."""
        if atom.concept in self._found:
            return self._found[atom.concept]
        return self._picture.truth(atom)

    def known(self, findings: Iterable[str]) -> bool:
        """Whether any of the findings is settled."""
        return any(self.truth(Has(finding)).is_known for finding in findings)

    def facts(self, findings: Iterable[str]) -> tuple[Fact, ...]:
        """Return the facts behind the findings, once each."""
        found: list[Fact] = []
        for finding in findings:
            found += self._facts.get(finding, ()) or self._picture.facts_behind(Has(finding))
        return tuple(dict.fromkeys(found))


def derive_patterns(picture: Picture, judged: Iterable[Judged], ventilatory: Categories,
                    gas_transfer: Categories) -> Iterator[Derived]:  # fmt: skip
    """Yield the pattern of ventilation and that of gas transfer, each where something speaks."""
    truths = LimitTruths(picture, judged)
    for table, speaks in ((ventilatory, ("fev1_vc_below_lower_limit", "tlc_below_lower_limit")),
                          (gas_transfer, ("tlco_below_lower_limit",))):  # fmt: skip
        if truths.known(speaks):
            yield _pattern(picture, table, truths)


def _pattern(picture: Picture, table: Categories, truths: LimitTruths) -> Derived:
    possible = table.possible(truths.truth)
    asked = tuple(dict.fromkeys(atom.concept for category in table.of for atom in category.when.atoms()))
    note = None
    if len(possible) > 1:
        missing = _measurements(picture, table.deciding(truths.truth))
        note = Phrase.of("pattern_open", concept=table.concept, concepts=missing)
    return Derived(table.concept, "/".join(possible), "", None, table.concept, table.citation,
                   truths.facts(asked), note)  # fmt: skip


def _measurements(picture: Picture, findings: Iterable[str]) -> tuple[str, ...]:
    """Return what is missing for the findings: the measurement, or else the height."""
    wanted: list[str] = []
    for finding in findings:
        sources = [concept for concept, below in {**BELOW, **ABOVE}.items() if below == finding]
        measured = [concept for concept in sources if picture.readings.get(concept)]
        if not measured:
            wanted.append(sources[0] if sources else finding)
        elif not picture.readings.get("height"):
            wanted.append("height")
        else:
            wanted.append(measured[0])
    return tuple(dict.fromkeys(wanted))


def grade(z: Any, grades: Iterable[Mapping[str, Any]]) -> str:
    """Return the severity of a z-score below the lower limit: mild, moderate or severe."""
    return next(str(entry["id"]) for entry in grades if "from" not in entry or z >= entry["from"])
