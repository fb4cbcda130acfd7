"""A case file to fill in, with what the chosen criteria sets ask for.

The untouched template is itself a case file: it says that everything is unknown. Measurements that
would settle a finding stand beside it as comments. Refuses to know a threshold or a limit: the
examples beside the findings come from ``knowledge/``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crithidia.definition import Compares, load_criteria_set, shipped_criteria_ids
from crithidia.foundation.numbers import plain, significant
from crithidia.foundation.text import Text
from crithidia.intake.case_file import FORMAT
from crithidia.interpretation import shipped_units
from crithidia.interpretation.references import shipped_references
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import Concept, Kind, Means, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crithidia.case import Interval
    from crithidia.definition import Atom, CriteriaSet
    from crithidia.foundation.text import Language

_TITRE: Final = "{titer}"
_NUMBERS: Final = tuple(Decimal(text) for text in ("100", "10", "1", "0.1"))
_WIDTH: Final = 50

_SECTIONS: Final = {
    "history": Text("from the history", "z wywiadu"),
    "examination": Text("found on examination", "z badania przedmiotowego"),
    "autoantibodies": Text("present, absent, ++, 1:320 or 45 U/mL (<20)",
                           "present, absent, ++, 1:320 albo 45 U/ml (<20)"),
    "laboratory": Text("from the laboratory", "z badań laboratoryjnych"),
    "lung_function": Text("from lung function tests", "z badań czynnościowych płuc"),
    "assessment": Text("from other tests of function", "z innych badań czynnościowych"),
    "imaging": Text("from imaging", "z badań obrazowych"),
    "histology": Text("from biopsies", "z biopsji"),
}  # fmt: skip
_SECTION_OF: Final = {
    Means.HISTORY: "history", Means.EXAMINATION: "examination", Means.LABORATORY: "laboratory",
    Means.FUNCTION: "assessment", Means.IMAGING: "imaging", Means.BIOPSY: "histology",
}  # fmt: skip
_HEADER: Final = Text(
    en="""\
A case file to fill in. As it stands it is valid and says that everything is unknown.

- Replace unknown by present or absent. Absent means looked for and not found; what nobody looked
  for stays unknown, or its line is deleted.
- A line that begins with # is not read. Those with a number show how a measurement is written,
  and the finding above them follows from it: take away the # and write your own value with its
  unit and, in brackets, the laboratory's interval.
- More about a finding goes into a mapping, several of them into a list:
    raynaud_phenomenon: {is: present, at: 2022-05-01, quote: "words of the record", page: "3"}
    creatine_kinase:
      - {is: "850 U/L (30-200)", at: admission}
      - {is: "140 U/L (30-200)", at: +3 months}
- at: is a date, 'admission', '+3 months' or '-8 months'; offsets count from index_date.
- Quotes are needed where a value begins with > * & ! % @ or `, and where it holds ': ' or ' #'.
- Check the file with 'crithidia case check FILE'. For completion in an editor write the schema
  with 'crithidia case schema -o case.schema.json' beside this file.""",
    pl="""\
Plik przypadku do wypełnienia. W tej postaci jest poprawny i mówi, że nic nie jest znane.

- Zamiast unknown (nieznane) wpisz present (obecne) albo absent (nieobecne). Absent znaczy: szukano
  i nie znaleziono; to, czego nikt nie szukał, zostaje unknown albo usuń ten wiersz.
- Wiersz zaczynający się od # nie jest czytany. Wiersze z liczbą pokazują, jak zapisać pomiar,
  z którego wynika objaw wymieniony nad nimi: usuń # i wpisz własną wartość z jednostką, a w nawiasie
  zakres referencyjny laboratorium.
- Więcej o objawie zapisuje się w nawiasach klamrowych, kilka wpisów jako listę:
    raynaud_phenomenon: {is: present, at: 2022-05-01, quote: "słowa dokumentacji", page: "3"}
    creatine_kinase:
      - {is: "850 U/l (30-200)", at: admission}
      - {is: "140 U/l (30-200)", at: +3 months}
- at: to data, 'admission' (przyjęcie), '+3 months' albo '-8 months'; licząc od index_date.
- Cudzysłowu wymaga wartość, która zaczyna się od > * & ! % @ lub ` albo zawiera ': ' lub ' #'.
- Plik sprawdza 'crithidia case check PLIK'. Żeby edytor podpowiadał, zapisz obok schemat:
  'crithidia case schema -o case.schema.json'.""",
)
_SETS: Final = Text("Asks for what these sets use:", "Pyta o to, czego używają zbiory kryteriów:")
_ALL_OF: Final = Text("'{concept}: absent' answers the next {count} findings",
                      "'{concept}: absent' odpowiada na kolejne pytania (liczba: {count})")  # fmt: skip


def case_template(set_ids: list[str] | None, language: Language) -> str:
    """Return a case file that asks for what the sets use (all sets if None).

    Raises ``UnknownNameError`` for a set that does not exist.
    """
    sets = tuple(load_criteria_set(set_id) for set_id in set_ids or shipped_criteria_ids())
    return "\n".join(_Template(sets, language).lines()) + "\n"


@dataclass(frozen=True)
class _Template:
    sets: tuple[CriteriaSet, ...]
    language: Language

    def lines(self) -> Iterator[str]:
        yield "# yaml-language-server: $schema=case.schema.json"
        yield from (f"# {line}".rstrip() for line in _HEADER.in_(self.language).splitlines())
        yield f"#\n# {_SETS.in_(self.language)}"
        yield from (f"#   {one.id:<28} {one.title.in_(self.language)}" for one in self.sets)
        yield f"\ncrithidia: {FORMAT}\n# id: patient-1\n# index_date: 2022-05-01"
        yield from self._patient()
        for section, heading in _SECTIONS.items():
            yield from self._section(section, heading)

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """Everything that the sets ask, in the order in which they ask it."""
        roots = [clause.when for one in self.sets for clause in one.clauses()]
        roots += [one.fulfilled for one in self.sets]
        return tuple(dict.fromkeys(atom for root in roots for atom in root.atoms()))

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts asked for; those of the patient and those of the sections."""
        vocabulary = shipped_vocabulary()
        return tuple(vocabulary[name] for name in dict.fromkeys(atom.concept for atom in self.atoms))

    @cached_property
    def _shown_at(self) -> dict[str, str]:
        """The finding beside which each measurement is shown: once, and not if asked for itself."""
        asked = {concept.id for concept in self.concepts}
        shown: dict[str, str] = {}
        for concept in self.concepts:
            for measured, _ in self._measurements(concept.id):
                if measured.id not in asked:
                    shown.setdefault(measured.id, concept.id)
        return shown

    def _patient(self) -> Iterator[str]:
        examples = (("sex", "female"), ("age", "40"), *((c.id, "40") for c in self.concepts if c.once))
        yield "\npatient:"
        yield from (self._line(shipped_vocabulary()[name], value, prefix="# ")
                    for name, value in dict(examples).items())  # fmt: skip

    def _section(self, section: str, heading: Text) -> Iterator[str]:
        asked = [concept for concept in self.concepts if _section_of(concept) == section]
        if not asked:
            return
        yield f"\n{section}:  # {heading.in_(self.language)}"
        for broader, group in _grouped(asked).items():
            if broader and len(group) > 1 and broader not in {concept.id for concept in group}:
                said = _ALL_OF.in_(self.language).format(concept=broader, count=len(group))
                yield f"  # {said}:"
            for concept in group:
                yield from self._question(concept)

    def _question(self, concept: Concept) -> Iterator[str]:
        if concept.takes_presence:
            yield self._line(concept, "unknown")
            yield from (self._line(measured, value, prefix="# ")
                        for measured, value in dict(self._measurements(concept.id)).items()
                        if self._shown_at.get(measured.id) == concept.id)  # fmt: skip
        elif concept.kind is Kind.CODE:
            yield self._line(concept, next(iter(concept.choices)), prefix="# ")
        else:
            yield self._line(concept, self._example(concept.id, self._threshold(concept.id)), prefix="# ")

    def _line(self, concept: Concept, value: str, prefix: str = "") -> str:
        return f"  {prefix}{concept.id}: {value}".ljust(_WIDTH) + f"  # {concept.label.in_(self.language)}"

    def _measurements(self, finding: str) -> Iterator[tuple[Concept, str]]:
        """Yield the measurements from which a finding would follow, each with an example."""
        vocabulary, rules = shipped_vocabulary(), shipped_rules()
        for rule in rules.thresholds:
            if rule.finding == finding:
                for atom in rule.when.atoms():
                    if isinstance(atom, Compares):
                        yield vocabulary[atom.concept], self._example(atom.concept, atom)
        for measured, limits in rules.limits.items():
            if finding in {limit.finding for limit in limits}:
                yield vocabulary[measured], self._with_interval(measured)

    def _threshold(self, concept: str) -> Compares | None:
        compared = (atom for atom in self.atoms if isinstance(atom, Compares))
        return next((atom for atom in compared if atom.concept == concept), None)

    def _example(self, concept: str, atom: Compares | None) -> str:
        """Return a value as it would be written: the threshold itself, or any possible number."""
        if atom is not None and atom.unit == _TITRE:
            return f"1:{plain(atom.threshold)}"
        if atom is not None:
            return f"{plain(atom.threshold)} {self._unit(atom.unit)}".strip()
        return f"{plain(_possible(concept))} {self._unit(shipped_units().quantities[concept].unit)}".strip()

    def _with_interval(self, concept: str) -> str:
        if concept not in shipped_units().quantities:
            return "45 U/mL (0-20)"
        unit = self._unit(shipped_units().quantities[concept].unit)
        published = shipped_references().intervals.get(concept)
        if published:
            interval = published[0].canonical
            number = interval.high or interval.low or Decimal(0)
            return f"{plain(significant(number, 3))} {unit} ({_rounded(interval)})"
        number = _possible(concept)
        low, high = plain(number / 2), plain(number * Decimal("1.5"))
        return f"{plain(number)} {unit} ({low}-{high})"

    def _unit(self, code: str) -> str:
        return shipped_units().shown(code, self.language)


def _rounded(interval: Interval) -> Interval:
    """Return an interval as it is easily read."""
    low, high = (None if n is None else significant(n, 3) for n in (interval.low, interval.high))
    return replace(interval, low=low, high=high)


def _possible(concept: str) -> Decimal:
    """Return a round number that the quantity can have; it is an example of form only."""
    kind = shipped_units().quantities[concept]
    return next((n for n in _NUMBERS if kind.is_plausible(n)), kind.plausible[0])


def _section_of(concept: Concept) -> str:
    if concept.once or concept.id in {"sex", "age"}:
        return "patient"
    if concept.kind is Kind.ANTIBODY:
        return "autoantibodies"
    if concept.means is Means.FUNCTION and f"{concept.id}_percent_predicted" in shipped_vocabulary():
        return "lung_function"
    if concept.id.endswith("_percent_predicted"):
        return "lung_function"
    return _SECTION_OF[concept.means]


def _grouped(concepts: Iterable[Concept]) -> dict[str, list[Concept]]:
    """Put together what one broader finding covers, that finding first; order as it came."""
    concepts = tuple(concepts)
    asked = {concept.id for concept in concepts}
    groups: dict[str, list[Concept]] = {}
    for concept in concepts:
        broader = concept.is_a[0] if concept.is_a else concept.id
        groups.setdefault(broader, []).append(concept)
    for broader, group in groups.items():
        if broader in asked:
            group.sort(key=lambda concept: concept.id != broader)
    return groups
