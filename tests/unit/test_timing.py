"""Rules about times: the calendar, offsets, and what is not recorded."""

from __future__ import annotations

import pytest

from crithidia.case import Moment
from crithidia.foundation.library import shipped_library
from crithidia.intake import parse_case
from crithidia.interpretation import interpret
from crithidia.interpretation.rules import shipped_rules
from crithidia.interpretation.timing import compared
from crithidia.vocabulary import shipped_vocabulary

# first, second, number, unit, whether the distance is short of, exactly, or beyond it
DISTANCES = [
    ("2020-01-01", "2020-03-25", 12, "wk", 0),  # 84 days
    ("2020-01-01", "2020-03-24", 12, "wk", -1),
    ("2020-03-25", "2020-01-01", 12, "wk", 0),  # order does not matter
    ("2020-01-15", "2023-01-15", 3, "a", 0),  # across a leap year: 1096 days, three years
    ("2020-01-15", "2023-01-16", 3, "a", 1),
    ("2020-02-29", "2023-02-28", 3, "a", 0),  # no 29 February in 2023
    ("2020-08-31", "2021-02-28", 6, "mo", 0),  # no 31 February
    ("2020-08-31", "2021-02-27", 6, "mo", -1),
    ("-8 months", "+4 months", 1, "a", 0),
]


@pytest.mark.parametrize(("first", "second", "number", "unit", "days"), DISTANCES)
def test_distances(first: str, second: str, number: float, unit: str, days: float) -> None:
    assert compared(Moment.parse(first), Moment.parse(second), number, unit) == days


def test_a_date_and_an_offset_cannot_be_compared() -> None:
    assert compared(Moment.parse("2020-01-01"), Moment.parse("+3 months"), 1, "a") is None


def picture(entries: str) -> dict[str, bool]:
    return interpret(parse_case(f"autoantibodies:\n  lupus_anticoagulant: {entries}\n")).picture.known


def test_persistence_needs_two_times_far_enough_apart() -> None:
    far = picture("[{is: present, at: 2020-01-01}, {is: present, at: 2020-03-25}]")
    near = picture("[{is: present, at: 2020-01-01}, {is: present, at: 2020-03-24}]")
    assert far["persistent_lupus_anticoagulant"] is True
    assert "persistent_lupus_anticoagulant" not in near


def test_once_is_not_persistent_and_not_its_absence() -> None:
    """Positive once says nothing of twelve weeks later; never positive settles it."""
    assert "persistent_lupus_anticoagulant" not in picture("present")
    assert picture("absent")["persistent_lupus_anticoagulant"] is False


def test_a_negative_test_in_between_does_not_undo_persistence() -> None:
    """Sydney 2006 and ACR/EULAR 2023 ask for two positive occasions, not for positive tests only."""
    known = picture(
        "[{is: present, at: 2020-01-01}, {is: absent, at: 2020-02-15}, {is: present, at: 2020-03-25}]"
    )
    assert known["persistent_lupus_anticoagulant"] is True


def test_a_negative_test_afterwards_does_not_undo_persistence() -> None:
    known = picture(
        "[{is: present, at: 2020-01-01}, {is: present, at: 2020-03-25}, {is: absent, at: 2021-01-01}]"
    )
    assert known["persistent_lupus_anticoagulant"] is True


def test_two_positive_tests_too_close_with_a_negative_later_are_not_persistent() -> None:
    known = picture(
        "[{is: present, at: 2020-01-01}, {is: present, at: 2020-03-24}, {is: absent, at: 2020-06-01}]"
    )
    assert "persistent_lupus_anticoagulant" not in known


ARTHRITIS = [
    # present at the ends, what else is recorded, whether six weeks are shown
    ("2020-01-01", "2020-02-12", "", True),  # 42 days
    ("2020-01-01", "2020-02-11", "", False),  # 41 days
    ("2020-01-01", "2020-02-12", ", {is: absent, at: 2020-01-20}", False),  # it went and came back
    ("2020-01-01", "2020-02-12", ", {is: absent, at: 2019-12-20}", True),  # before it began
    ("2020-01-01", "2020-02-12", ", {is: absent, at: 2020-03-20}", True),  # after it ended
    ("2020-02-12", "2020-01-01", ", {is: absent, at: 2020-01-20}", False),  # order does not matter
    ("2020-01-01", "2020-02-12", ", {is: absent, at: 2020-01-20}, {is: present, at: 2020-03-10}", False),
    ("2020-01-01", "2020-02-12", ", {is: absent, at: 2020-01-20}, {is: present, at: 2020-03-25}", True),
]


@pytest.mark.parametrize(("first", "last", "more", "shown"), ARTHRITIS)
def test_what_lasts_is_not_absent_in_between(first: str, last: str, more: str, shown: bool) -> None:
    """RA 1987: arthritis for at least six weeks; where that is not shown it stays open, not absent."""
    entries = f"[{{is: present, at: {first}}}, {{is: present, at: {last}}}{more}]"
    known = interpret(parse_case(f"findings:\n  hand_joint_arthritis: {entries}\n")).picture.known
    assert known.get("hand_joint_arthritis_for_6_weeks") is (True if shown else None)


def known_of(rash: str, more: str = "") -> dict[str, bool]:
    text = f"findings:\n  acute_cutaneous_lupus: {rash}\n{more}"
    return interpret(parse_case(text)).picture.known


def test_absence_at_times_settles_no_kind_of_a_finding() -> None:
    """A rash of March that is gone in May may have been malar in March; one never seen was not."""
    came_and_went = "[{is: present, at: 2020-03-01}, {is: absent, at: 2020-05-01}]"
    assert known_of("absent")["malar_rash"] is False
    assert known_of(came_and_went)["acute_cutaneous_lupus"] is True
    assert "malar_rash" not in known_of(came_and_went)
    assert known_of(came_and_went, "  malar_rash: absent\n")["malar_rash"] is False


def test_a_persistent_finding_implies_the_finding() -> None:
    """What was there twice was there: otherwise bounds would not be exact."""
    assert shipped_rules().timing
    closure = shipped_vocabulary().implications.closure
    missing = [
        (rule.finding, name)
        for rule in shipped_rules().timing
        for name in rule.of
        if (name, True) not in closure((rule.finding, True))
    ]
    assert missing == []


def test_every_timing_file_was_read() -> None:
    names = [d.name for d in shipped_library().folder("measurements") if "timing" in d.name]
    assert len(names) == 4


AGES = [
    # ages as recorded, and the greatest age at which the illness can have begun
    ("36 years", "36"),
    ("[{is: 36 years, at: 2020-03-01}, {is: 38 years, at: 2022-03-01}]", "38"),
    ("[{is: 38 years, at: 2022-03-01}, {is: 36 years, at: 2020-03-01}]", "38"),
    ("[{is: 30-39 years, at: 2020-03-01}, {is: 36 years, at: 2020-03-01}]", "39"),
    # over 60 may be 90
    ("[{is: '> 60 years', at: 2020-03-01}, {is: 62 years, at: 2021-03-01}]", None),
]


@pytest.mark.parametrize(("ages", "greatest"), AGES)
def test_nobody_falls_ill_after_the_greatest_age_recorded(ages: str, greatest: str | None) -> None:
    readings = interpret(parse_case(f"patient:\n  age: {ages}\n")).picture.readings
    found = [str(reading.high) for reading in readings.get("age_at_onset", ())]
    assert found == ([greatest] if greatest else [])


@pytest.mark.parametrize("entries", [
    "[{is: absent, at: 2020-01-01}, {is: absent, at: 2021-01-01}]",
    "[{is: absent, at: 2021-01-01}, {is: absent, at: 2020-01-01}]",
])  # fmt: skip
def test_what_was_never_there_is_absent_from_the_first_time_on(entries: str) -> None:
    text = f"autoantibodies:\n  lupus_anticoagulant: {entries}\n"
    picture = interpret(parse_case(text)).picture
    derived = [fact.at for fact in picture.evidence["persistent_lupus_anticoagulant", False]
               if fact.provenance.rule]  # fmt: skip
    assert derived == [Moment.parse("2020-01-01")]
