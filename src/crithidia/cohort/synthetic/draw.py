"""Drawing people: numpy arrays of a few ten thousand people at a time, ordered by group.

``truths`` holds one row a finding: 1 present, 0 absent, -1 not drawn. Values are drawn first, what follows
from them next, then the findings, special ones before general ones; whatever one draw implies is set at once.
The rules join two statements each, so that nothing drawn can contradict what was drawn before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from crithidia.cohort.synthetic.following import Known, derived_findings
from crithidia.interpretation.rules import Rules, shipped_rules
from crithidia.interpretation.units import UnitTable, shipped_units
from crithidia.vocabulary import Kind, Vocabulary, shipped_vocabulary
from crithidia.vocabulary.implications import Implications

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crithidia.cohort.synthetic.recipe import Group, Laboratory, Recipe
    from crithidia.vocabulary import Literal

Array = np.ndarray[Any, Any]
_STEPS = 65536
_ANY = (Decimal(0), Decimal("1e9"))


@dataclass
class People:
    """A batch: the group of each person, the truths, values, titres and codes drawn.

    ``numbers`` and ``titres`` hold NaN where there is no value; ``codes`` index into ``choices``.
    """

    groups: Array
    truths: dict[str, Array] = field(default_factory=dict)
    numbers: dict[str, Array] = field(default_factory=dict)
    titres: dict[str, Array] = field(default_factory=dict)
    codes: dict[str, Array] = field(default_factory=dict)
    onset: Array = field(default_factory=lambda: np.empty(0))
    age: Array = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return len(self.groups)


@dataclass(frozen=True)
class Drawing:
    """How people are drawn from a recipe."""

    recipe: Recipe
    extra: tuple[str, ...] = ()
    vocabulary: Vocabulary = field(default_factory=shipped_vocabulary)
    rules: Rules = field(default_factory=shipped_rules)
    units: UnitTable = field(default_factory=shipped_units)

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Return the codes of each coded concept, in the order of their indices."""
        names = ("sex", *self.recipe.named("codes"))
        return {name: tuple(self.vocabulary[name].choices) for name in names}

    @cached_property
    def arrows(self) -> dict[Literal, tuple[Literal, ...]]:
        """Return what each literal about a drawn finding implies about the others."""
        implications = Implications.of(self.vocabulary.concepts.values())
        for finding, once in self.recurrences.items():
            implications.add((finding, True), (once, True))
        known = set(self.tracked)
        return {
            (name, value): tuple(sorted(
                literal for literal in implications.closure((name, value))
                if literal[0] in known and literal[0] != name
            ))
            for name in self.tracked for value in (True, False)
        }  # fmt: skip

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """Return every finding with a truth: special ones before the general ones that they imply."""
        recipe = self.recipe
        following = {rule.finding for rules in self.rules.limits.values() for rule in rules}
        following |= {rule.finding for rule in self.rules.thresholds}
        antibodies = {name for name in recipe.laboratory if self.vocabulary[name].kind is Kind.ANTIBODY}
        names = {*recipe.named("findings"), *self.extra, *following, *antibodies, *recipe.named("titres")}
        names |= self.recurrences.keys()
        return tuple(sorted(names, key=lambda name: (-len(self.vocabulary.kinds_of(name)), name)))

    @cached_property
    def recurrences(self) -> dict[str, str]:
        """Return each finding that asks for another to be present twice, and the other."""
        drawn = {*self.recipe.named("findings"), *self.recipe.laboratory, *self.extra}
        drawn |= {rule.finding for rule in self.rules.thresholds if rule.quantities <= drawn}
        return {rule.finding: rule.of[0] for rule in self.rules.timing
                if rule.repeated and rule.of[0] in drawn}  # fmt: skip

    def share(self, group: Group, name: str) -> float:
        """Return how often a finding is present in a group."""
        if name in group.findings:
            return group.findings[name]
        once = self.recurrences.get(name)
        if once is None:
            return self.recipe.background
        return self.recipe.repeated * group.findings.get(once, self.recipe.background)

    def draw(self, count: int, random: np.random.Generator) -> People:
        """Return so many people, ordered by group."""
        weights = np.array([group.weight for group in self.recipe.groups])
        counts = random.multinomial(count, weights / weights.sum())
        people = People(np.repeat(np.arange(len(counts), dtype=np.uint8), counts))
        people.truths = {name: np.full(count, -1, dtype=np.int8) for name in self.tracked}
        slices = _slices(counts)
        self._persons(people, slices, random)
        self._values(people, slices, random)
        self._follow(people)
        for names in self.recipe.exclusive:
            self._one_of(people, slices, names, random)
        for name in self.tracked:
            self._finding(people, slices, name, random)
        return people

    def _groups(self, slices: list[slice]) -> Iterable[tuple[Group, slice]]:
        return [(group, part) for group, part in zip(self.recipe.groups, slices, strict=True)
                if part.stop > part.start]  # fmt: skip

    def _persons(self, people: People, slices: list[slice], random: np.random.Generator) -> None:
        count = len(people)
        people.onset, duration = np.empty(count), random.exponential(self.recipe.duration, count)
        people.codes["sex"] = np.empty(count, dtype=np.int8)
        female, male = (self.choices["sex"].index(code) for code in ("female", "male"))
        for group, part in self._groups(slices):
            size = part.stop - part.start
            people.onset[part] = random.normal(group.onset_mean, group.onset_sd, size)
            people.codes["sex"][part] = np.where(random.random(size) < group.female, female, male)
        people.onset = np.clip(np.rint(people.onset), 1, 95)
        people.age = np.clip(np.rint(people.onset + duration), people.onset, 100)
        people.numbers |= {"age_at_onset": people.onset, "age": people.age}

    def _values(self, people: People, slices: list[slice], random: np.random.Generator) -> None:
        for name, laboratory in self.recipe.laboratory.items():
            outside = self._shares(people, slices, {"outside": name})
            is_outside = random.random(len(people), dtype=np.float32) < outside
            possible = self.units.quantities[name].plausible if name in self.units.quantities else _ANY
            low, high = map(float, possible)
            people.numbers[name] = np.clip(_numbers(laboratory, is_outside, random), low, high)
        for name, weights in self.recipe.reciprocals.items():
            positive = random.random(len(people)) < self._shares(people, slices, {"titres": name})
            drawn = random.choice(list(weights), len(people), p=_normalised(weights.values()))
            people.titres[name] = np.where(positive, drawn, np.nan)
            self._settle(people, name, positive)
        for name in self.recipe.named("codes"):
            people.codes[name] = self._code(people, slices, name, random)

    def _shares(self, people: People, slices: list[slice], what: dict[str, str]) -> Array:
        shares = np.empty(len(people))
        (section, name), = what.items()
        for group, part in self._groups(slices):
            shares[part] = getattr(group, section).get(name, self.recipe.background)
        return shares

    def _code(self, people: People, slices: list[slice], name: str,
              random: np.random.Generator) -> Array:  # fmt: skip
        """Draw a code where the group has shares for it; -1 elsewhere."""
        codes = np.full(len(people), -1, dtype=np.int8)
        for group, part in self._groups(slices):
            shares = group.codes.get(name)
            if shares:
                indices = [self.choices[name].index(code) for code in shares]
                codes[part] = random.choice(indices, part.stop - part.start, p=_normalised(shares.values()))
        return codes

    def _follow(self, people: People) -> None:
        """Set what the values show; a value that would contradict an earlier one is taken back."""
        limits = {name: (lab.low, lab.high) for name, lab in self.recipe.laboratory.items()}
        known = Known(people.numbers, people.titres, people.codes, self.choices, limits)
        for name in limits:
            if name in people.truths:
                high = people.numbers[name] > limits[name][1]
                self._show(people, name, high, ~high, (name,))
        for finding, present, absent, behind in derived_findings(known, self.rules):
            if finding in people.truths:
                self._show(people, finding, present, absent, behind)

    def _show(self, people: People, finding: str, present: Array, absent: Array,
              behind: tuple[str, ...]) -> None:  # fmt: skip
        truths = people.truths[finding]
        clash = (present & (truths == 0)) | (absent & (truths == 1))
        for values in (people.numbers, people.titres):
            for name in behind if clash.any() else ():
                if name in values:
                    values[name][clash] = np.nan
        self._spread(people, (finding, True), np.flatnonzero(present & (truths < 0)))
        self._spread(people, (finding, False), np.flatnonzero(absent & (truths < 0)))

    def _settle(self, people: People, name: str, present: Array) -> None:
        self._spread(people, (name, True), np.flatnonzero(present & (people.truths[name] < 0)))
        self._spread(people, (name, False), np.flatnonzero(~present & (people.truths[name] < 0)))

    def _spread(self, people: People, literal: Literal, who: Array) -> None:
        """Set a literal and all that it implies for the people given by index."""
        if who.size == 0:
            return
        people.truths[literal[0]][who] = literal[1]
        for name, value in self.arrows[literal]:
            people.truths[name][who] = value

    def _one_of(self, people: People, slices: list[slice], names: tuple[str, ...],
                random: np.random.Generator) -> None:  # fmt: skip
        """Draw at most one of several findings."""
        drawn = random.random(len(people))
        start = np.zeros(len(people))
        for name in names:
            end = start + self._shares(people, slices, {"findings": name})
            free = people.truths[name] < 0
            self._spread(people, (name, True), np.flatnonzero(free & (start <= drawn) & (drawn < end)))
            start = end
        for name in names:
            self._spread(people, (name, False), np.flatnonzero(people.truths[name] < 0))

    def _finding(self, people: People, slices: list[slice], name: str, random: np.random.Generator) -> None:
        """Draw a finding where it is still open, so that the share in each group comes out as stated."""
        truths = people.truths[name]
        if not (truths < 0).any():
            return
        drawn = random.integers(0, _STEPS, len(people), dtype=np.uint16)
        present = np.zeros(len(people), dtype=bool)
        for group, part in self._groups(slices):
            share = self.share(group, name)
            present[part] = drawn[part] < round(_STEPS * _share_of_open(truths[part], share))
        self._settle(people, name, present)


def _share_of_open(truths: Array, share: float) -> float:
    """Return how many of those still open must be present for the share to be that of all."""
    still_open = np.count_nonzero(truths < 0)
    if still_open == 0:
        return 0.0
    wanted = share * truths.size - np.count_nonzero(truths == 1)
    return float(min(max(wanted / still_open, 0.0), 1.0))


def _slices(counts: Array) -> list[slice]:
    ends = np.cumsum(counts)
    return [slice(int(end - count), int(end)) for end, count in zip(ends, counts, strict=True)]


def _normalised(weights: Iterable[float]) -> Array:
    found: Array = np.array(list(weights), dtype=float)
    return np.asarray(found / found.sum())


def _numbers(laboratory: Laboratory, outside: Array,
             random: np.random.Generator) -> Array:  # fmt: skip
    """Draw values between the limits, or beyond the start by a factor, rounded as laboratories do."""
    count = len(outside)
    middle = (random.random(count, dtype=np.float32) + random.random(count, dtype=np.float32)) / 2
    factor = np.exp(np.abs(random.standard_normal(count, dtype=np.float32)) * np.float32(laboratory.spread))
    steps = 10**laboratory.decimals
    inside = (laboratory.low + (laboratory.high - laboratory.low) * middle) * steps
    edge = round(laboratory.start * steps)
    if laboratory.side == "high":
        beyond = np.maximum(np.rint(laboratory.start * steps * factor), edge + 1)
    else:
        beyond = np.maximum(np.minimum(np.rint(laboratory.start * steps / factor), edge - 1), 0)
    return np.asarray(np.where(outside, beyond, np.rint(inside)).astype(float) / steps)
