"""How long it takes to say what would settle a verdict, for every set, from random partial cases.

Median and longest time in milliseconds, towards met and towards not met; the compilation of a set
is not counted. Run: ``make bench``, or with set ids: ``PYTHONPATH=. python benchmarks/settling.py ID...``.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from tests.criteria.test_random_cases import random_case

from crithidia.definition import shipped_criteria_ids
from crithidia.evaluation import Verdict, compiled_set
from crithidia.evaluation.settling import settling_sets

CASES = 100


def times(set_id: str) -> dict[int, list[float]]:
    """Return the times in milliseconds for each outcome."""
    compiled = compiled_set(set_id)
    found: dict[int, list[float]] = {1: [], 0: []}
    chance = random.Random(set_id)  # noqa: S311  (cases are to be the same in every run)
    for outcome in found:
        compiled.goal(outcome)
    for _ in range(CASES):
        case = random_case(set_id, chance)
        if case.result.verdict is Verdict.UNDETERMINED:
            for outcome, taken in found.items():
                start = time.process_time()
                settling_sets(compiled, case.result.state, outcome)
                taken.append(1000 * (time.process_time() - start))
    return found


def shown(taken: list[float]) -> str:
    return f"{statistics.median(taken):7.1f} {max(taken):7.1f}" if taken else f"{'-':>7} {'-':>7}"


def main() -> None:
    print(f"{'what settles it, ms':45} {'met':>7} {'longest':>7}  {'not met':>7} {'longest':>7}")
    for set_id in sys.argv[1:] or shipped_criteria_ids():
        found = times(set_id)
        print(f"{set_id:45} {shown(found[1])}  {shown(found[0])}", flush=True)


if __name__ == "__main__":
    main()
