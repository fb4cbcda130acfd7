"""What of the drawn people is recorded: order, sites, what is missing, and contradictions on request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from crithidia.cohort.synthetic.draw import Array, Drawing, People
    from crithidia.cohort.synthetic.plan import Plan

_STEPS: Final = 65536
Names = tuple[str, ...]


@dataclass
class Recording:
    """A batch ready to be written.

    ``findings``, ``numbers``, ``titres`` and ``codes`` name what is recorded; ``known[name]`` says for whom.
    The people are in the order in which they were drawn; ``order`` is that in which they are written.
    """

    plan: Plan
    drawing: Drawing
    people: People
    order: Array
    sites: Array
    findings: tuple[str, ...]
    numbers: tuple[str, ...]
    titres: tuple[str, ...]
    codes: tuple[str, ...]
    known: dict[str, Array]

    @classmethod
    def of(cls, plan: Plan, drawing: Drawing, people: People, random: np.random.Generator) -> Recording:
        """Shuffle, thin out and, if asked to, contradict."""
        count = len(people)
        findings, numbers, titres, codes = recorded(drawing, plan.dates)
        order = random.permutation(count)
        sites = random.integers(0, plan.sites, count, dtype=np.uint8)
        made = cls(plan, drawing, people, order, sites, findings, numbers, titres, codes, {})
        forced = _contradict(made, random) if plan.contradictions else {}
        made._thin_out(random, forced)
        return made

    @property
    def count(self) -> int:
        """Return how many facts are recorded."""
        return int(sum(np.count_nonzero(known) for known in self.known.values()))

    def _thin_out(self, random: np.random.Generator, forced: dict[str, Array]) -> None:
        rates = _rates(self)
        for section in ("findings", "numbers", "titres", "codes"):
            for name in getattr(self, section):
                known = _has_value(self.people, section, name)
                if self.plan.missing and rates[name].any():
                    limit = np.rint(rates[name] * _STEPS).astype(np.uint16)
                    drawn = random.integers(0, _STEPS, len(self.people), dtype=np.uint16)
                    known &= drawn >= limit[self.sites]
                if name in forced:
                    known |= forced[name]
                self.known[_key(section, name)] = known


def _key(section: str, name: str) -> str:
    """Return the key of ``known``: an antibody can have a truth, a number and a titre."""
    return name if section == "findings" else f"{section}:{name}"


def _has_value(people: People, section: str, name: str) -> Array:
    if section == "findings":
        found: Array = people.truths[name] >= 0
    elif section == "codes":
        found = people.codes[name] >= 0
    else:
        found = ~np.isnan(getattr(people, section)[name])
    return found


def recorded(drawing: Drawing, dates: bool) -> tuple[Names, Names, Names, Names]:
    """Return the names of findings, numbers, titres and codes that are written down.

    A finding that a written number shows is not written down again; nor, where there are dates, is one that
    follows from them.
    """
    recipe, rules = drawing.recipe, drawing.rules
    shown = {rule.finding for rule in rules.thresholds
             if rule.quantities <= {*recipe.laboratory, *recipe.reciprocals, "sex"}}  # fmt: skip
    shown |= {rule.finding for name in recipe.laboratory for rule in rules.limits.get(name, ())}
    if dates:
        shown |= {rule.finding for rule in rules.timing}
    asked = (*recipe.named("findings"), *drawing.extra, *recipe.named("titres"), *drawing.recurrences)
    findings = [name for name in asked
                if name not in shown and name not in recipe.laboratory]  # fmt: skip
    return (tuple(dict.fromkeys(findings)), ("age", "age_at_onset", *recipe.laboratory),
            tuple(recipe.reciprocals), ("sex", *recipe.named("codes")))  # fmt: skip


def _rates(recording: Recording) -> dict[str, Array]:
    """Return for each name the share that is missing at each site; the mean over all is what was asked."""
    missing, vocabulary = recording.drawing.recipe.missing, recording.drawing.vocabulary
    names = [*recording.findings, *recording.numbers, *recording.titres, *recording.codes]
    factors = np.array([
        0.0 if name in missing["always_recorded"] else missing["factors"][vocabulary[name].means.value]
        for name in names
    ])  # fmt: skip
    sites = _site_factors(recording.plan.sites, recording.plan.seed, missing["between_sites"])
    wanted = recording.plan.missing
    rates = np.outer(factors, sites)
    for _ in range(20):
        mean = rates.mean()
        rates = np.minimum(rates * (wanted / mean if mean else 0.0), 0.97)
    return dict(zip(names, rates, strict=True))


@lru_cache(maxsize=8)
def _site_factors(sites: int, seed: int, between: float) -> Any:
    """Return how much more than the average each site leaves out."""
    random = np.random.default_rng([seed, 9])
    return np.exp(random.normal(0.0, between, sites)) if sites > 1 else np.ones(1)


def _contradict(recording: Recording, random: np.random.Generator) -> dict[str, Array]:
    """Make people contradict themselves: a general finding absent whose special kind is present."""
    people, vocabulary = recording.people, recording.drawing.vocabulary
    names = {name for name in recording.findings if vocabulary[name].kind in {Kind.FINDING, Kind.ANTIBODY}}
    pairs = [(name, general) for name in sorted(names)
             for general in sorted(vocabulary.kinds_of(name) & names) if general != name]  # fmt: skip
    waiting = random.random(len(people)) < recording.plan.contradictions
    forced: dict[str, Array] = {}
    for index in random.permutation(len(pairs)):
        special, general = pairs[index]
        who = waiting & (people.truths[special] == 1) & (people.truths[general] == 1)
        people.truths[general][who] = 0
        waiting &= ~who
        for name in (special, general):
            forced[name] = forced.get(name, np.zeros(len(people), dtype=bool)) | who
    return forced
