"""``evaluate`` against the independent functions, on random assignments that the vocabulary allows.

``CRITHIDIA_INDEPENDENT=20000`` compares so many complete assignments a set instead of a few hundred.
About half of them lie on the border, where one finding more or less changes the verdict. Incomplete
ones are a tenth of that: a verdict that is reached early must hold for every completion drawn.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Final

import pytest

from crithidia import evaluate
from crithidia.definition import shipped_criteria_ids
from crithidia.evaluation import Reason, Verdict
from tests.independent.draw import draw_for
from tests.independent.implementations import INDEPENDENT
from tests.independent.subgroups import SUBGROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.evaluation import Result
    from tests.independent.draw import Assignment
    from tests.independent.known import Outcome

CASES: Final = int(os.environ.get("CRITHIDIA_INDEPENDENT", "300"))
COMPLETIONS: Final = 8
RARE: Final = 0.02
NOT_BY_THE_TABLE: Final = frozenset({Reason.ENTRY_NOT_MET, Reason.EXCLUDED})
ADVICE: Final = (
    "write it from the paper, before looking at the data file, in the module of its group in"
    " tests/independent (CONTRIBUTING, Adding a criteria set, step 8)"
)


def test_every_shipped_set_has_an_independent_function() -> None:
    missing = sorted(set(shipped_criteria_ids()) - set(INDEPENDENT))
    assert not missing, f"no independent function for {', '.join(missing)}: {ADVICE}"


def test_every_independent_function_belongs_to_a_shipped_set() -> None:
    strays = sorted(set(INDEPENDENT) - set(shipped_criteria_ids()))
    assert not strays, f"no shipped set is called {', '.join(strays)}: name the function as its set"


def test_every_independent_function_names_its_paper() -> None:
    silent = [name for name, function in INDEPENDENT.items() if len(function.__doc__ or "") < 40]
    assert not silent, f"say in the docstring from which paper and table: {', '.join(silent)}"


ORAL_AND_GENITAL: Final = {"oral_aphthosis": True, "genital_aphthosis": True}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ((True, 4, "classified"), None),
        ((False, 4, "classified"), "independently not met, evaluated met"),
        ((True, 5, "classified"), "independently 5 points, evaluated 4"),
        ((True, None, "classified"), None),
        ((True, 4, None), "independently None, evaluated classified (score_reached)"),
    ],
)
def test_a_difference_is_noticed(outcome: Outcome, said: str | None) -> None:
    assert disagreement(outcome, evaluate("behcet_icbd_2014", ORAL_AND_GENITAL, assume_absent=True)) == said


@pytest.mark.slow
@pytest.mark.parametrize("set_id", [s for s in shipped_criteria_ids() if s in INDEPENDENT])
def test_agrees_on_complete_assignments(set_id: str) -> None:
    met = count = 0
    for known in _complete(set_id, random.Random(set_id)):  # noqa: S311  (the same cases in every run)
        outcome = INDEPENDENT[set_id](known)
        result = evaluate(set_id, known)
        found = disagreement(outcome, result)
        if outcome[0] and not found:
            found = _subgroup(known, result)
        assert not found, f"{set_id}: {found}\n{_shown(known)}"
        met += outcome[0]
        count += 1
    assert RARE < met / count < 1 - RARE, f"{set_id}: {met} of {count} met; the cases show nothing"


@pytest.mark.slow
@pytest.mark.parametrize("set_id", [s for s in shipped_criteria_ids() if s in INDEPENDENT])
def test_early_verdicts_hold_for_every_completion(set_id: str) -> None:
    chance = random.Random(f"partial {set_id}")  # noqa: S311  (the same cases in every run)
    decided = 0
    for _ in range(max(CASES // 10, 30)):
        whole = draw_for(set_id).complete(chance)
        share = chance.choice((0.3, 0.5, 0.7, 0.85, 0.95))
        part = {name: value for name, value in whole.items() if chance.random() < share}
        result = evaluate(set_id, part)
        decided += result.verdict is not Verdict.UNDETERMINED
        for _ in range(COMPLETIONS):
            completed = draw_for(set_id).complete(chance, part)
            found = _contradiction(INDEPENDENT[set_id](completed), result)
            assert not found, f"{set_id}: {found}\nknown: {_shown(part)}\nthen: {_shown(completed)}"
    assert decided, f"{set_id}: no verdict was reached early; the cases show nothing"


def _complete(set_id: str, chance: random.Random) -> Iterator[Assignment]:
    """Yield as many assignments as are asked for: one anywhere, then those of a walk on the border."""
    yielded = 0
    while yielded < CASES:
        anywhere = draw_for(set_id).complete(chance)
        for known in (anywhere, *draw_for(set_id).border(INDEPENDENT[set_id], chance)):
            yield known
            yielded += 1


def disagreement(outcome: Outcome, result: Result) -> str | None:
    """Return in words where the two differ, or None."""
    met, total, category = outcome
    if result.verdict is not (Verdict.MET if met else Verdict.NOT_MET):
        return f"independently {'met' if met else 'not met'}, evaluated {result.verdict.value}"
    if total is not None and not result.score.low == result.score.high == total:
        return f"independently {total} points, evaluated {result.score}"
    return _category(met, category, result)


def _category(met: bool, category: str | None, result: Result) -> str | None:
    """Compare categories.

    The evaluation gives the category of the table even where the entry criterion or an exclusion
    forbids it, and none where a sufficient criterion classifies without the table.
    """
    reached = result.category.id if result.category else None
    if reached == category:
        return None
    if met and reached is None and result.reason is Reason.SUFFICIENT:
        return None
    if not met and category is None and result.reason in NOT_BY_THE_TABLE:
        return None
    return f"independently {category}, evaluated {reached} ({result.reason.value})"


def _subgroup(known: Assignment, result: Result) -> str | None:
    """Compare the subgroup of somebody who is classified; a set without one has none."""
    expected = {SUBGROUPS[result.id](known)} if result.id in SUBGROUPS else set()
    found = {subgroup.id for subgroup in result.subgroups}
    if found == expected:
        return None
    return f"subgroup independently {expected or 'none (see subgroups.py)'}, evaluated {found}"


def _contradiction(outcome: Outcome, result: Result) -> str | None:
    met, total, _ = outcome
    if result.verdict is not Verdict.UNDETERMINED and (result.verdict is Verdict.MET) is not met:
        return f"evaluated {result.verdict.value} too early"
    one_column = len(result.compiled.totals) == 1
    if total is not None and one_column and not result.score.low <= total <= result.score.high:
        return f"{total} points lie outside {result.score}"
    return None


def _shown(known: Assignment) -> str:
    return ", ".join(f"{name}={value}" for name, value in known.items() if value is not False)
