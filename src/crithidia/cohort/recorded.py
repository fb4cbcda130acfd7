"""From the columns of a wide table to what is known of each atom, as a circuit.

One person is a row; a column is called after its concept (``case.fact_table``). What follows from the
columns is what follows for a single case (``interpretation``): values beside thresholds and laboratory
limits become findings, implications are closed, contradictions are left open, a screening test that its
confirming test denies settles nothing. The times of findings are not in a wide table; the rules that
need them say only what follows without.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import LOWER_LIMIT, NUMBER, TITRE, UPPER_LIMIT
from crithidia.cohort.circuit import FALSE, Bit, Circuit
from crithidia.cohort.meaning import Meaning, Truth
from crithidia.definition import Atom, Compares, Has, Is
from crithidia.interpretation import UnitTable, shipped_units
from crithidia.interpretation.measurements import Flag
from crithidia.interpretation.misfits import BOTH_LIMITS_OFF, NEAR, ONE_LIMIT_OFF
from crithidia.interpretation.references import References, shipped_references
from crithidia.interpretation.rules import LimitRule, Rules, ThresholdRule, shipped_rules
from crithidia.vocabulary import Kind, Literal, Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crithidia.case import Interval

_ONCE: Final = Decimal(1)
COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MILLIONTHS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Says:
    """The column of a finding says that it is present, or that it is absent."""

    column: str
    present: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The number in a column stands in that relation to a number; false where there is none."""

    column: str
    comparator: str
    number: Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Coded:
    """The column holds that code, of those that it may hold."""

    column: str
    code: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limited:
    """The number in a column stands in that relation to so many times the number in another.

    Both are compared to six decimals where the limit is multiplied.
    """

    column: str
    comparator: str
    limit: str
    times: Decimal = _ONCE


Asked = Says | Compared | Coded | Limited


@dataclass(frozen=True, slots=True)
class _Reading:
    """A number of a concept: whether there is one that may be used, and how it compares."""

    there: Bit
    column: str
    bound: bool = False  # only an upper bound: it lies between 0 and the number


@dataclass
class Recorded:
    """What the columns of a table say of every atom; ``columns`` are those that the table has."""

    circuit: Circuit
    columns: frozenset[str]
    vocabulary: Vocabulary = field(default_factory=shipped_vocabulary)
    rules: Rules = field(default_factory=shipped_rules)
    units: UnitTable = field(default_factory=shipped_units)
    references: References = field(default_factory=shipped_references)
    _known: dict[tuple[Literal, bool], Bit] = field(default_factory=dict)
    _stated: dict[Literal, Bit] = field(default_factory=dict)

    def truth(self, atom: Atom) -> Truth:
        """Return what certainly holds and what may hold of an atom."""
        if isinstance(atom, Has):
            return self.known((atom.concept, True)), self.known((atom.concept, False)) ^ 1
        if isinstance(atom, Compares):
            return self._compared(atom)
        if isinstance(atom, Is):
            return self._coded(atom)
        msg = f"no truth for {type(atom).__name__}"
        raise TypeError(msg)

    def known(self, literal: Literal, *, timed: bool = True) -> Bit:
        """Return whether a finding is known to be present, or absent: said or implied, undisputed."""
        key = literal, timed
        if key not in self._known:
            there = self._shown(literal, timed)
            against = self._shown((literal[0], not literal[1]), timed)
            self._known[key] = self.circuit.all((there, against ^ 1, self._disputed(literal[0]) ^ 1))
        return self._known[key]

    def conflict(self, concept: str) -> Bit:
        """Return whether the facts make a concept both present and absent."""
        present, absent = self._shown((concept, True), timed=True), self._shown((concept, False), timed=True)
        return self.circuit.all((self.circuit.any((present, self._disputed(concept))), absent))

    def _shown(self, literal: Literal, timed: bool) -> Bit:
        """Return whether anything recorded is or implies the literal."""
        denied = self.vocabulary.implications.closure((literal[0], not literal[1]))
        causes = ((concept, not value) for concept, value in denied)
        return self.circuit.any(self._source(cause, timed) for cause in causes)

    def _source(self, literal: Literal, timed: bool) -> Bit:
        bit = self.circuit.any((self._stated_of(literal), self._against_own_limit(literal)))
        if timed and not literal[1]:
            bit = self.circuit.any((bit, *self._untimely.get(literal[0], ())))
        return self.circuit.all((bit, self._disputed(literal[0]) ^ 1)) if literal[1] else bit

    @cached_property
    def _untimely(self) -> dict[str, list[Bit]]:
        """What is absent because what must recur, or fall together, is absent."""
        found: dict[str, list[Bit]] = defaultdict(list)
        for rule in self.rules.timing:
            found[rule.finding].extend(self.known((name, False), timed=False) for name in rule.of)
        return found

    def _disputed(self, concept: str) -> Bit:
        """Return whether a screening test is positive that its confirming test denies."""
        confirming = self.rules.confirmations.get(concept)
        if confirming is None:
            return FALSE
        return self.circuit.all((self._stated_of((concept, True)), self._stated_of((confirming, False))))

    def _stated_of(self, literal: Literal) -> Bit:
        """Return whether a column, or a rule for measured values, says the literal."""
        if literal not in self._stated:
            concept, value = literal
            bits = [*self._thresholds(literal), *self._limits(literal)]
            if concept in self.columns and self.vocabulary[concept].takes_presence:
                bits.append(self.circuit.input(Says(concept, value)))
            self._stated[literal] = self.circuit.any(bits)
        return self._stated[literal]

    @cached_property
    def _by_finding(self) -> dict[str, list[ThresholdRule]]:
        found: dict[str, list[ThresholdRule]] = defaultdict(list)
        for rule in self.rules.thresholds:
            found[rule.finding].append(rule)
        return found

    def _thresholds(self, literal: Literal) -> Iterator[Bit]:
        for rule in self._by_finding.get(literal[0], ()):
            atoms = rule.when.atoms()
            meaning = Meaning(self.circuit, {atom: i for i, atom in enumerate(atoms)}, {}, 1)
            low, high = meaning.local(rule.when, [self.truth(atom) for atom in atoms])
            measured = self.circuit.any(r.there for name in rule.quantities for r in self._readings(name))
            yield self.circuit.all((measured, low if literal[1] else high ^ 1))

    @cached_property
    def _limit_rules(self) -> dict[str, list[tuple[str, LimitRule]]]:
        found: dict[str, list[tuple[str, LimitRule]]] = defaultdict(list)
        for concept, rules in self.rules.limits.items():
            for rule in rules:
                found[rule.finding].append((concept, rule))
        return found

    def _limits(self, literal: Literal) -> Iterator[Bit]:
        for concept, rule in self._limit_rules.get(literal[0], ()):
            high = rule.flag is Flag.HIGH
            limit = concept + (UPPER_LIMIT if high else LOWER_LIMIT)
            column = self._number_of(concept)
            there = self.circuit.all(
                (self._usable(concept), self._numbered(limit), self._misfit(concept) ^ 1)
            )
            if there == FALSE:
                continue
            asked = [Limited(column, ">" if high else "<", limit)]
            if rule.times != _ONCE:
                asked.append(Limited(column, ">=" if rule.inclusive else ">", limit, rule.times))
            beyond = self.circuit.all(self.circuit.input(key) for key in asked)
            yield self.circuit.all((there, beyond if literal[1] else beyond ^ 1))

    def _against_own_limit(self, literal: Literal) -> Bit:
        """Return whether the number of an antibody says it, beside the laboratory's upper limit."""
        concept, value = literal
        if self.vocabulary[concept].kind is not Kind.ANTIBODY:
            return FALSE
        limit = concept + UPPER_LIMIT
        there = self.circuit.all((self._numbered(concept + NUMBER), self._numbered(limit)))
        if there == FALSE:
            return FALSE
        above = self.circuit.input(Limited(concept + NUMBER, ">", limit))
        return self.circuit.all((there, above if value else above ^ 1))

    def _numbered(self, column: str) -> Bit:
        """Return whether there is a finite number in a column."""
        if column not in self.columns:
            return FALSE
        ends = Decimal("1e300")
        return self.circuit.all((self.circuit.input(Compared(column, ">", -ends)),
                                 self.circuit.input(Compared(column, "<", ends))))  # fmt: skip

    def _number_of(self, concept: str) -> str:
        return concept + NUMBER if self.vocabulary[concept].kind is Kind.ANTIBODY else concept

    def _usable(self, concept: str) -> Bit:
        """Return whether there is a number that is possible for its unit and fits the limits beside it."""
        column = self._number_of(concept)
        kind = self.units.quantities.get(concept)
        if kind is None or column not in self.columns:
            return self._numbered(column)
        low, high = kind.plausible
        fits = self.circuit.any((self._misfit(concept) ^ 1, self._near_published(concept)))
        return self.circuit.all((fits, self._between(column, low, high)))

    def _between(self, column: str, low: Decimal | Fraction | None, high: Decimal | Fraction | None) -> Bit:
        ends = ((">=", low), ("<=", high))
        return self.circuit.all(self.circuit.input(Compared(column, sign, end))
                                for sign, end in ends if end is not None)  # fmt: skip

    def _near_published(self, concept: str) -> Bit:
        """Return whether a number lies near a published interval: then only the limits misfit."""
        usual = [reference.canonical for reference in self.references.intervals.get(concept, ())]
        return self.circuit.any(
            self._between(self._number_of(concept),
                          None if interval.low is None else Fraction(interval.low) / NEAR,
                          None if interval.high is None else Fraction(interval.high) * NEAR)
            for interval in usual
        )  # fmt: skip

    def _misfit(self, concept: str) -> Bit:
        """Return whether the limits lie many times off every published interval: they are of another unit."""
        published = self.references.intervals.get(concept, ())
        if concept not in self.units.quantities or not published:
            return FALSE
        return self.circuit.all(self._far(concept, reference.canonical) for reference in published)

    def _far(self, concept: str, usual: Interval) -> Bit:
        """Return whether every limit that both have lies many times off, all to the same side."""
        pairs = [(concept + ending, Fraction(limit)) for ending, limit in
                 ((LOWER_LIMIT, usual.low), (UPPER_LIMIT, usual.high))
                 if limit and concept + ending in self.columns]  # fmt: skip
        given = [self._given(column) for column, _ in pairs]
        both = self.circuit.all(given) if len(pairs) == 2 else FALSE
        ways = [self.circuit.all((both, *self._off(pairs, sign, BOTH_LIMITS_OFF))) for sign in (">=", "<=")]
        for pair, there in zip(pairs, given, strict=True):
            alone = self.circuit.all((there, both ^ 1))
            ways.extend(self.circuit.all((alone, *self._off([pair], sign, ONE_LIMIT_OFF)))
                        for sign in (">=", "<="))  # fmt: skip
        return self.circuit.any(ways)

    def _off(self, pairs: Iterable[tuple[str, Fraction]], sign: str, times: int) -> Iterator[Bit]:
        for column, limit in pairs:
            end = limit * times if sign == ">=" else limit / times
            yield self.circuit.input(Compared(column, sign, end))

    def _given(self, column: str) -> Bit:
        """Return whether a limit is given; nought is none."""
        sides = (self.circuit.input(Compared(column, sign, Decimal(0))) for sign in ("<", ">"))
        return self.circuit.all((self._numbered(column), self.circuit.any(sides)))

    def _readings(self, concept: str) -> Iterator[_Reading]:
        """Yield the numbers of a concept that may be compared with thresholds."""
        kind = self.vocabulary[concept].kind
        if kind is Kind.ANTIBODY and concept + TITRE in self.columns:
            yield _Reading(self._numbered(concept + TITRE), concept + TITRE)
        if concept in self.units.quantities:
            yield _Reading(self._usable(concept), self._number_of(concept))
        if concept == "age_at_onset":  # nobody falls ill after the age at which the illness was described
            stated, age = self._usable(concept), self._usable("age")
            yield _Reading(self.circuit.all((age, stated ^ 1)), "age", bound=True)

    def _compared(self, atom: Compares) -> Truth:
        """Ever on that side: one value suffices; absent only if every value says so."""
        readings = [r for r in self._readings(atom.concept) if r.there != FALSE]
        sides = [(reading.there, *self._side(reading, atom)) for reading in readings]
        circuit = self.circuit
        low = circuit.any(circuit.all((there, holds)) for there, holds, _ in sides)
        some = circuit.any(there for there, _, _ in sides)
        every = circuit.all(circuit.any((there ^ 1, denied)) for there, _, denied in sides)
        return low, circuit.all((some, every)) ^ 1

    def _side(self, reading: _Reading, atom: Compares) -> Truth:
        """Return whether the reading certainly stands on that side, and whether it certainly does not."""
        at = self.circuit.input(Compared(reading.column, atom.comparator, atom.threshold))
        if not reading.bound:
            return at, at ^ 1
        zero = {"<": atom.threshold > 0, "<=": atom.threshold >= 0,
                ">": atom.threshold < 0, ">=": atom.threshold <= 0}[atom.comparator]  # fmt: skip
        # From zero to the number: certain if both ends agree.
        return (at, FALSE) if zero else (FALSE, at ^ 1)

    def _coded(self, atom: Is) -> Truth:
        if atom.concept not in self.columns:
            return FALSE, FALSE ^ 1
        codes = tuple(self.vocabulary[atom.concept].choices)
        bits = {code: self.circuit.input(Coded(atom.concept, code, codes)) for code in codes}
        low = bits[atom.code]
        return low, self.circuit.any((low, self.circuit.any(bits.values()) ^ 1))
