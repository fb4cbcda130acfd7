"""The sheets of a description, each from counts: verdicts, attrition, agreement, accuracy, overlap."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.fact_table import holds_facts
from crithidia.cohort.describe.counts import (
    VERDICTS,
    classified_sets,
    grouped,
    met_together,
    recorded,
    recorded_facts,
    verdict_pairs,
    verdict_reasons,
)
from crithidia.cohort.describe.sheet import Sheet
from crithidia.cohort.describe.statistics import Range, Share, agreement, share, share_between
from crithidia.definition import load_criteria_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ibis import Table

    from crithidia.cohort.describe.reference import Reference
    from crithidia.cohort.describe.sheet import Cell

_STEPS: Final = (
    ("entry", "entry_not_met", "entry_open"),
    ("exclusion", "excluded", "exclusion_open"),
    ("score", "score_too_low", "score_open"),
)
_MOST_COMBINATIONS: Final = 40
_RANGE: Final = ("worst", "worst_low", "worst_high", "best", "best_low", "best_high")


def verdict_sheet(table: Table) -> Sheet:
    """Return met, not met and open for each set, and the share met in the worst and best case."""
    columns = ("set", "people", *VERDICTS, *_RANGE)
    return Sheet.of("verdicts", columns, (_verdicts(table, s) for s in classified_sets(table)))


def _verdicts(table: Table, set_id: str) -> dict[str, Cell]:
    counts = _by_verdict(verdict_reasons(table, set_id))
    people = sum(counts.values())
    between = share_between(counts["met"], counts["met"] + counts["undetermined"], people)
    return {"set": set_id, "people": people, **{v: counts[v] for v in VERDICTS}, **_ends(between)}


def _by_verdict(reasons: Mapping[tuple[str, str], int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (verdict, _), count in reasons.items():
        counts[verdict] += count
    return counts


def _ends(between: Range) -> dict[str, Cell]:
    return {**_limits("worst", between.worst), **_limits("best", between.best)}


def _limits(name: str, found: Share) -> dict[str, Cell]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def attrition_sheet(table: Table) -> Sheet:
    """Return how many people each step of each set loses, and how many it leaves open.

    The steps are taken in the order of the reasons: entry criterion, exclusions, score. Who is
    lost or left open at one step is not counted at the next.
    """
    columns = ("set", "step", "before", "lost", "open", "after")
    rows = (row for set_id in classified_sets(table) for row in _attrition(table, set_id))
    return Sheet.of("attrition", columns, rows)


def _attrition(table: Table, set_id: str) -> Iterator[dict[str, Cell]]:
    reasons: Counter[str] = Counter()
    for (_, reason), count in verdict_reasons(table, set_id).items():
        reasons[reason] += count
    before = sum(reasons.values())
    for step, lost, open_ in _STEPS:
        after = before - reasons[lost] - reasons[open_]
        yield {"set": set_id, "step": step, "before": before, "lost": reasons[lost],
               "open": reasons[open_], "after": after}  # fmt: skip
        before = after


def agreement_sheet(table: Table) -> Sheet:
    """Return the agreement of every two sets for one disease, with Cohen's kappa and its bounds."""
    columns = ("disease", "first", "second", "both", "only_first", "only_second", "neither", "open",
               "kappa", "kappa_low", "kappa_high", "kappa_worst", "kappa_best")  # fmt: skip
    rows = (_agreement(table, disease, first, second)
            for disease, first, second in _for_one_disease(classified_sets(table)))  # fmt: skip
    return Sheet.of("agreement", columns, rows)


def _for_one_disease(sets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    groups: dict[str, list[str]] = {}
    for set_id in sets:
        groups.setdefault(load_criteria_set(set_id).disease.en.casefold(), []).append(set_id)
    for disease, members in groups.items():
        for first, second in combinations(members, 2):
            yield disease, first, second


def _agreement(table: Table, disease: str, first: str, second: str) -> dict[str, Cell]:
    found = agreement(verdict_pairs(table, first, second))
    return {
        "disease": disease, "first": first, "second": second,
        "both": found.both, "only_first": found.only_first, "only_second": found.only_second,
        "neither": found.neither, "open": found.open,
        "kappa": found.kappa, "kappa_low": found.kappa_low, "kappa_high": found.kappa_high,
        "kappa_worst": found.kappa_worst, "kappa_best": found.kappa_best,
    }  # fmt: skip


def accuracy_sheet(table: Table, references: Sequence[Reference]) -> Sheet:
    """Return sensitivity and specificity against a label, as bounds where verdicts are open.

    In the worst case everybody who is open counts as misclassified, in the best case as right.
    People without a label are counted apart.
    """
    columns = ("set", "reference", "labelled", "unlabelled",
               *(f"{name}_{end}" for name in ("sensitivity", "specificity") for end in _RANGE))  # fmt: skip
    return Sheet.of("accuracy", columns, (_accuracy(table, reference) for reference in references))


def _accuracy(table: Table, reference: Reference) -> dict[str, Cell]:
    counts = reference.counts(table)
    ill = {verdict: counts.get((True, verdict), 0) for verdict in VERDICTS}
    well = {verdict: counts.get((False, verdict), 0) for verdict in VERDICTS}
    sensitivity = share_between(ill["met"], ill["met"] + ill["undetermined"], sum(ill.values()))
    specificity = share_between(well["not_met"], well["not_met"] + well["undetermined"],
                                sum(well.values()))  # fmt: skip
    return {
        "set": reference.set_id, "reference": str(reference),
        "labelled": sum(ill.values()) + sum(well.values()),
        "unlabelled": sum(count for (label, _), count in counts.items() if label is None),
        **{f"sensitivity_{end}": value for end, value in _ends(sensitivity).items()},
        **{f"specificity_{end}": value for end, value in _ends(specificity).items()},
    }  # fmt: skip


def overlap_sheet(table: Table) -> Sheet:
    """Return how many people meet exactly each combination of sets, the largest groups first.

    Only sets that no newer one replaces are counted, so that one disease is counted once; people
    who meet none are left out.
    """
    sets = [s for s in classified_sets(table) if not load_criteria_set(s).replaced_by]
    found = [(sorted(met), count) for met, count in met_together(table, sets).items() if met]
    ranked = sorted(found, key=lambda pair: (-pair[1], len(pair[0]), pair[0]))
    rows: list[dict[str, Cell]] = [
        {"sets": " + ".join(met), "number_of_sets": len(met), "people": count}
        for met, count in ranked[:_MOST_COMBINATIONS]
    ]
    rest = sum(count for _, count in ranked[_MOST_COMBINATIONS:])
    if rest:
        rows.append({"sets": "", "number_of_sets": None, "people": rest})
    return Sheet.of("overlap", ("sets", "number_of_sets", "people"), rows)


def missing_sheet(people: Table, concepts: Sequence[str], site: str | None) -> Sheet:
    """Return, for each concept and site, of how many people nothing is recorded.

    ``people`` is a wide table or a table of facts; a concept without a column is recorded of nobody.
    """
    facts = holds_facts(people.columns)
    found = recorded_facts(people, site) if facts else recorded(people, concepts, site)
    columns = ("concept", "site", "people", "missing", "share")
    rows = (
        _missing(concept, place, counts[""], counts.get(concept, 0))
        for concept in concepts for place, counts in sorted(found.items(), key=lambda pair: str(pair[0]))
    )  # fmt: skip
    return Sheet.of("missing", columns, rows)


def _missing(concept: str, site: Any, people: int, known: int) -> dict[str, Cell]:
    missing = people - known
    return {"concept": concept, "site": "" if site is None else str(site), "people": people,
            "missing": missing, "share": share(missing, people).value}  # fmt: skip


def assumption_sheet(table: Table, assumed: Table) -> Sheet:
    """Return how the verdicts change where every unknown finding is taken as absent."""
    columns = ("set", *(f"{v}_as_recorded" for v in VERDICTS), *(f"{v}_assumed_absent" for v in VERDICTS))
    return Sheet.of("assumption", columns, (_assumption(table, assumed, s) for s in classified_sets(table)))


def _assumption(table: Table, assumed: Table, set_id: str) -> dict[str, Cell]:
    before = _by_verdict(verdict_reasons(table, set_id))
    after = _by_verdict(verdict_reasons(assumed, set_id))
    return {"set": set_id, **{f"{v}_as_recorded": before[v] for v in VERDICTS},
            **{f"{v}_assumed_absent": after[v] for v in VERDICTS}}  # fmt: skip


def item_sheet(table: Table) -> Sheet:
    """Return, for each item of each set, how many have it, lack it, and are unknown.

    The second three columns count only those in whom the score is too low: what they lack.
    Needs the item matrix, columns ``<set>__item__<item>``; empty without it.
    """
    states = ("present", "absent", "unknown")
    columns = ("set", "item", *states, *(f"{state}_where_too_low" for state in states))
    rows = (_item(table, set_id, name) for set_id in classified_sets(table)
            for name in table.columns if name.startswith(f"{set_id}__item__"))  # fmt: skip
    return Sheet.of("items", columns, rows)


def _item(table: Table, set_id: str, column: str) -> dict[str, Cell]:
    every: Counter[str] = Counter()
    too_low: Counter[str] = Counter()
    for (value, reason), count in grouped(table, [column, f"{set_id}__reason"]).items():
        every[value] += count
        if reason == "score_too_low":
            too_low[value] += count
    return {"set": set_id, "item": column.removeprefix(f"{set_id}__item__"),
            **{s: every[s] for s in ("present", "absent", "unknown")},
            **{f"{s}_where_too_low": too_low[s] for s in ("present", "absent", "unknown")}}  # fmt: skip
