"""Random facts of random people: every kind of value, times, contradictions, causes, impossible values."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import lru_cache

from crithidia.case.fact_table import FactRow
from crithidia.definition import shipped_criteria
from crithidia.interpretation import shipped_units
from crithidia.interpretation.rules import shipped_rules
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

START = date(2020, 2, 29)


@lru_cache(maxsize=1)
def asked() -> tuple[Concept, ...]:
    """Return the concepts from which sets or rules draw anything, directly or by implication."""
    vocabulary, rules = shipped_vocabulary(), shipped_rules()
    names = {atom.concept for s in shipped_criteria() for atom in s.atoms}
    names |= {name for rule in rules.thresholds for name in rule.quantities} | set(rules.limits)
    names |= {name for rule in rules.timing for name in rule.of} | set(rules.confirmations.values())
    names |= {name for name in vocabulary.concepts
              if any(n in names for n, _ in vocabulary.implications.closure((name, True)))}  # fmt: skip
    return tuple(c for name in sorted(names) if (c := vocabulary[name]).kind is not Kind.DRUG)


def people(count: int, seed: int, *, facts: int = 40) -> list[FactRow]:
    """Return the facts of some people, each person's together."""
    chooser = random.Random(seed)  # noqa: S311  (no secret)
    return [row for i in range(count) for row in person(f"p{i}", chooser, chooser.randrange(facts))]


def person(name: str, chooser: random.Random, facts: int) -> list[FactRow]:
    """Return facts of one person: a few diseases' worth of concepts, some of them more than once."""
    every = asked()
    sets = chooser.sample(shipped_criteria(), 2)
    near = [shipped_vocabulary()[a.concept] for s in sets for a in s.atoms]
    pool = [c for c in near if c.kind is not Kind.DRUG] or list(every)
    dates = chooser.random() < 0.6
    concepts = [chooser.choice(pool if chooser.random() < 0.7 else every) for _ in range(facts)]
    concepts += chooser.sample(concepts, len(concepts) // 4)
    return [row for concept in concepts if (row := fact(name, concept, chooser, dates)) is not None]


def fact(name: str, concept: Concept, chooser: random.Random, dates: bool) -> FactRow | None:
    at = START + timedelta(days=chooser.choice((0, 0, 1, 30, 84, 85, 400, 1096))) if dates else None
    common: dict[str, object] = {
        "at": None if chooser.random() < 0.15 else at,
        "explained_by": "infection" if chooser.random() < 0.08 else None,
    }
    if concept.kind is Kind.CODE:
        return FactRow(name, concept.id, "code", code=chooser.choice(list(concept.choices)), **common)  # type: ignore[arg-type]
    if concept.kind is Kind.QUANTITY or (concept.kind is Kind.ANTIBODY and chooser.random() < 0.3):
        return _quantity(name, concept, chooser, common)
    if concept.kind is Kind.ANTIBODY and chooser.random() < 0.4:
        return _titre(name, concept, chooser, common)
    truth = chooser.choice((1, 1, 1, 0, 0, None))
    form = "grade" if concept.kind is Kind.ANTIBODY and chooser.random() < 0.3 else "presence"
    code = {1: "++", 0: "-", None: "+/-"}[truth] if form == "grade" else None
    return FactRow(name, concept.id, form, truth=truth, code=code, **common)  # type: ignore[arg-type]


def _titre(name: str, concept: Concept, chooser: random.Random, common: dict[str, object]) -> FactRow:
    number = float(chooser.choice((40, 80, 100, 160, 320, 640, 1000, 2560)))
    low, high, open_ = chooser.choice(((number, number, False), (number, None, True), (None, number, True),
                                       (number, None, False), (None, number, False)))  # fmt: skip
    pattern = chooser.choice((None, "nucleolar", "speckled pattern", "nonsense"))
    return FactRow(name, concept.id, "titre", low=low, high=high, low_open=high is None and open_,
                   high_open=low is None and open_, pattern=pattern, **common)  # type: ignore[arg-type]  # fmt: skip


@lru_cache(maxsize=1)
def thresholds() -> dict[str, list[float]]:
    """Return the numbers with which each quantity is compared somewhere."""
    found: dict[str, list[float]] = {}
    statements = [clause.when for s in shipped_criteria() for clause in s.clauses()]
    statements += [rule.when for rule in shipped_rules().thresholds]
    for statement in statements:
        for atom in statement.atoms():
            if hasattr(atom, "threshold"):
                found.setdefault(atom.concept, []).append(float(atom.threshold))
    return found


def _unit(concept: Concept, chooser: random.Random) -> str | None:
    """Return the unit of the concept, or now and then none, a multiple of a limit, or another's."""
    kind = shipped_units().quantities.get(concept.id)
    own = kind.unit if kind else "U/mL"
    return chooser.choice((own,) * 12 + (None, "{ULN}", "furlong"))


def _quantity(name: str, concept: Concept, chooser: random.Random, common: dict[str, object]) -> FactRow:
    kind = shipped_units().quantities.get(concept.id)
    near = thresholds().get(concept.id, [10.0])
    value = chooser.choice(near) + chooser.choice((0, 0, 0.01, -0.01, 1, -1, 20, -20))
    if kind is not None and chooser.random() < 0.9:
        value = min(max(value, float(kind.plausible[0])), float(kind.plausible[1]))
    value = round(value, 6)
    low, high = chooser.choice(((value, value), (value, value), (value, None), (None, value),
                                (value, value + 2)))  # fmt: skip
    open_ = chooser.random() < 0.5
    limits: dict[str, object] = {}
    if chooser.random() < 0.5:
        limit = round(value / chooser.choice((0.5, 1, 2, 3, 5.01)), 6)
        limits = {"limit_high": abs(limit), "limit_high_open": chooser.random() < 0.3,
                  "limit_low": chooser.choice((None, 0.0, abs(limit) / 2))}  # fmt: skip
    return FactRow(name, concept.id, "quantity", low=low, high=high, low_open=high is None and open_,
                   high_open=low is None and open_, unit=_unit(concept, chooser),
                   **limits, **common)  # type: ignore[arg-type]  # fmt: skip
