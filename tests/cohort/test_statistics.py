"""Intervals against published figures, bounds against trying every completion."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crithidia.cohort.describe.statistics import agreement, kappa_of, share, share_between

VERDICTS = ("met", "not_met", "undetermined")


def test_wilson_interval_as_printed_by_newcombe() -> None:
    """Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), Table I."""
    printed = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611),
               (1, 29): (0.0061, 0.1718)}  # fmt: skip
    for (count, of), (low, high) in printed.items():
        found = share(count, of)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)


def test_a_share_of_nobody_has_no_value() -> None:
    assert share(0, 0).value is None
    assert share(0, 0).low is None
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)


def test_worst_and_best_case() -> None:
    found = share_between(2, 5, 10)
    assert (found.worst.value, found.best.value) == (0.2, 0.5)


def test_kappa_by_hand() -> None:
    """20 + 15 of 50 agree: 0.7; by chance 25/50 x 30/50 + 25/50 x 20/50 = 0.5; (0.7 - 0.5) / 0.5 = 0.4."""
    found = agreement({("met", "met"): 20, ("met", "not_met"): 5, ("not_met", "met"): 10,
                       ("not_met", "not_met"): 15})  # fmt: skip
    assert found.kappa == pytest.approx(0.4)
    assert (found.kappa_worst, found.kappa_best) == (found.kappa, found.kappa)
    assert found.kappa_low is not None
    assert found.kappa_high is not None
    assert found.kappa_low < 0.4 < found.kappa_high
    assert (found.settled, found.open) == (50, 0)


def test_kappa_has_no_interval_where_one_set_gives_everybody_the_same_answer() -> None:
    """All 190 meet the first set: 48 of 190 agree, as many as by chance alone, whatever the second says."""
    found = agreement({("met", "met"): 48, ("met", "not_met"): 142})
    assert (found.kappa, found.kappa_low, found.kappa_high) == (0.0, None, None)


def test_kappa_of_full_agreement_is_certain() -> None:
    found = agreement({("met", "met"): 3, ("not_met", "not_met"): 7})
    assert (found.kappa, found.kappa_low, found.kappa_high) == (1.0, 1.0, 1.0)


def test_the_interval_of_none_and_of_all_ends_there() -> None:
    assert share(0, 3900).low == 0.0
    assert share(20_000, 20_000).high == 1.0


def test_kappa_is_undefined_where_all_answers_are_the_same() -> None:
    found = agreement({("met", "met"): 7})
    assert found.kappa is None
    assert found.kappa_best is None


def test_two_people_open_in_both_sets_may_agree_beyond_chance() -> None:
    """One meets both and one neither: kappa is 1. Each meets another: -1. Else there may be none."""
    found = agreement({("undetermined", "undetermined"): 2})
    assert (found.kappa_worst, found.kappa_best) == (-1.0, 1.0)


def completions(counts: dict[tuple[str, str], int]) -> set[tuple[int, int, int, int]]:
    """Return every table to which the open verdicts can turn out, by trying person by person."""
    tables: set[tuple[int, ...]] = {(0, 0, 0, 0)}
    for pair, count in counts.items():
        ways = [range(2) if v == "undetermined" else ((0,) if v == "met" else (1,)) for v in pair]
        cells = [2 * first + second for first, second in product(*ways)]
        for _ in range(count):
            tables = {_with_one_more(table, cell) for table in tables for cell in cells}
    return {(a, b, c, d) for a, b, c, d in tables}


def _with_one_more(table: tuple[int, ...], cell: int) -> tuple[int, ...]:
    return tuple(count + (place == cell) for place, count in enumerate(table))


@settings(deadline=None)
@given(st.fixed_dictionaries({pair: st.integers(0, 3) for pair in product(VERDICTS, repeat=2)}))
def test_bounds_of_kappa_are_those_of_every_completion(counts: dict[tuple[str, str], int]) -> None:
    every = [kappa for table in completions(counts) if (kappa := kappa_of(table)) is not None]
    found = agreement(counts)
    if not every:
        assert found.kappa_worst is None
        return
    assert found.kappa_worst == pytest.approx(min(every))
    assert found.kappa_best == pytest.approx(max(every))


def test_bounds_of_kappa_where_the_best_lies_between_the_ends() -> None:
    """Ten with both verdicts open agree best if half of them are met by both, half by neither."""
    counts = {("undetermined", "undetermined"): 10, ("met", "not_met"): 1}
    found = agreement(counts)
    every = [kappa for table in completions(counts) if (kappa := kappa_of(table)) is not None]
    assert found.kappa_best == pytest.approx(max(every))
    assert (found.kappa_best or 0) > 0.8
