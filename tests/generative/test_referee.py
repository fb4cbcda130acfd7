"""Consistent cases, made from numbers that belong together, and the same cases with one thing put wrong.

A case is drawn from quantities that obey physiology exactly and is then rounded as a laboratory does;
the referee must be silent. Each perturbation is one mistake seen in print; the referee must find it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import crithidia
from crithidia.case import Case, Claim, ClaimKind, Fact, Presence
from crithidia.definition import Has, shipped_criteria_ids
from crithidia.evaluation import compiled_set, evaluate_picture
from crithidia.foundation.truth import Truth
from crithidia.intake import parse_case
from crithidia.interpretation import interpret
from crithidia.vocabulary import shipped_vocabulary

MANY = settings(max_examples=int(os.environ.get("CRITHIDIA_EXAMPLES", "150")) // 3, deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])  # fmt: skip


def rounded(number: Fraction, places: int) -> str:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class Drawn:
    """True values of a patient, in litres and 10*9/L, before they are rounded."""

    predicted: Fraction
    fvc: Fraction
    slow: Fraction
    fev1: Fraction
    rv: Fraction
    leucocytes: Fraction
    neutrophils: Fraction
    lymphocytes: Fraction
    eosinophil_percent: Fraction
    age: int
    onset: int
    places: int

    def percent(self, volume: Fraction) -> str:
        return rounded(volume / self.predicted * 100, 0)


def between(low: str, high: str) -> st.SearchStrategy[Fraction]:
    return st.fractions(Fraction(low), Fraction(high), max_denominator=1000)


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    predicted = draw(between("2", "6"))
    slow = predicted * draw(between("0.4", "1.2"))
    fvc = slow * draw(between("0.9", "1"))
    leucocytes = draw(between("3", "20"))
    age = draw(st.integers(18, 90))
    return Drawn(
        predicted=predicted, slow=slow, fvc=fvc, fev1=fvc * draw(between("0.4", "0.97")),
        rv=draw(between("0.8", "4")), leucocytes=leucocytes,
        neutrophils=leucocytes * draw(between("0.4", "0.7")),
        lymphocytes=leucocytes * draw(between("0.05", "0.2")),
        eosinophil_percent=draw(between("1", "9")), age=age, onset=draw(st.integers(0, age)),
        places=draw(st.sampled_from([1, 2])),
    )  # fmt: skip


def written(case: Drawn, **changes: str) -> str:
    """Return the case file, with some entries written otherwise."""
    eosinophils = case.leucocytes * case.eosinophil_percent / 100
    tlc = case.slow + case.rv
    values = {
        "fvc": f"{{is: {rounded(case.fvc, case.places)} L, predicted: {case.percent(case.fvc)} %}}",
        "vital_capacity": f"{{is: {rounded(case.slow, case.places)} L, "
                          f"predicted: {case.percent(case.slow)} %}}",
        "fev1": f"{rounded(case.fev1, case.places)} L",
        "rv": f"{rounded(case.rv, case.places)} L",
        "tlc": f"{rounded(tlc, case.places)} L",
        "fev1_fvc_ratio": f"{rounded(case.fev1 / case.fvc * 100, 0)} %",
        "leucocytes": f"{rounded(case.leucocytes, case.places)} G/l (4-10)",
        "neutrophils": f"{rounded(case.neutrophils, case.places)} G/l",
        "lymphocytes": f"{rounded(case.lymphocytes, case.places)} G/l",
        "eosinophils": f"{rounded(eosinophils, case.places)} G/l",
        "eosinophil_percentage": f"{rounded(case.eosinophil_percent, 0)} %",
    } | changes  # fmt: skip
    lines = "".join(f"  {name}: {value}\n" for name, value in values.items())
    return f"patient: {{age: {case.age} years, age_at_onset: {case.onset} years}}\nfindings:\n{lines}"


def found(text: str) -> set[str]:
    return {finding.id for finding in crithidia.review(parse_case(text))}


@MANY
@given(drawn())
def test_a_consistent_case_is_left_alone(case: Drawn) -> None:
    assert found(written(case)) == set()


@MANY
@given(drawn())
def test_a_predicted_value_in_place_of_the_measured_one_is_found(case: Drawn) -> None:
    """Below three quarters of predicted, the slip makes the predicted value a third higher at least."""
    assume(case.slow / case.predicted <= Fraction(3, 4))
    printed = f"{{is: {rounded(case.predicted, 2)} L, predicted: {case.percent(case.slow)} %}}"
    text = written(replace(case, places=2), vital_capacity=printed)
    findings = {finding.id: finding for finding in crithidia.review(parse_case(text))}
    assert "volumes_disagree" in findings
    assert any(cause.id == "referee_cause_column_slip" for cause in findings["volumes_disagree"].causes)


@MANY
@given(drawn())
def test_exchanged_volumes_are_found(case: Drawn) -> None:
    """To one decimal 0.65 is both 0.6 and 0.7; a vital capacity below 0.3 L is refused by itself."""
    assume(case.fev1 / case.fvc <= Fraction(9, 10))
    exchanged = written(replace(case, places=2), fev1=f"{rounded(case.fvc, 2)} L",
                        fvc=f"{rounded(case.fev1, 2)} L")  # fmt: skip
    assert found(exchanged) & {"part_exceeds_whole", "value_not_plausible"}


@MANY
@given(drawn())
def test_litres_in_place_of_millilitres_are_found(case: Drawn) -> None:
    assert "value_not_plausible" in found(written(case, fvc=f"{rounded(case.fvc * 1000, 0)} L"))


@MANY
@given(drawn(), st.sampled_from(["umol/L", "furlong", "mm/h"]))
def test_a_changed_unit_is_found(case: Drawn, unit: str) -> None:
    odd = {"unit_not_of_quantity", "unit_not_recognised"}
    assert odd & found(written(case, leucocytes=f"{rounded(case.leucocytes, case.places)} {unit}"))


@MANY
@given(drawn())
def test_an_interval_in_another_unit_is_found(case: Drawn) -> None:
    """4 to 10 G/l are 4000 to 10000 per microlitre."""
    printed = f"{rounded(case.leucocytes, case.places)} G/l (4000-10000)"
    assert found(written(case, leucocytes=printed)) & {"interval_of_another_unit", "interval_not_of_unit"}


@MANY
@given(drawn())
def test_a_wrong_ratio_is_found(case: Drawn) -> None:
    wrong = rounded(case.fev1 / case.fvc * 100 - 6, 0)
    assert "ratio_not_of_its_parts" in found(written(replace(case, places=2), fev1_fvc_ratio=f"{wrong} %"))


@MANY
@given(drawn(), st.sampled_from(["high", "low", "normal"]))
def test_a_flag_is_found_if_and_only_if_it_is_wrong(case: Drawn, stated: str) -> None:
    number = Decimal(rounded(case.leucocytes, case.places))
    right = "low" if number < 4 else "high" if number > 10 else "normal"
    text = written(case) + f"claims:\n  - {{flag: {stated}, of: leucocytes}}\n"
    assert ("flag_against_interval" in found(text)) == (stated != right)


@MANY
@given(drawn(), st.integers(1, 30))
def test_an_onset_in_the_future_is_found(case: Drawn, later: int) -> None:
    text = written(case).replace(f"age_at_onset: {case.onset} ", f"age_at_onset: {case.age + later} ")
    assert "ages_out_of_order" in found(text)


# Sets whose every question is a plain finding and in which a total decides.
PLAIN = [set_id for set_id in shipped_criteria_ids()
         if all(isinstance(atom, Has) for atom in compiled_set(set_id).atoms)
         and any(cut is not None for cut in compiled_set(set_id).thresholds.values())]  # fmt: skip
SCORES = {"total_impossible", "total_against_facts", "named_items_do_not_add_up", "counted_without_evidence",
          "counted_beyond_evidence"}  # fmt: skip


@st.composite
def scored(draw: st.DrawFn) -> tuple[Case, str, Decimal]:
    """Draw a case in which a set's every question is answered, and its exact score."""
    set_id = draw(st.sampled_from(PLAIN))
    closure = shipped_vocabulary().implications.closure
    known: dict[str, bool] = {}
    for concept in draw(st.permutations(compiled_set(set_id).concepts)):
        if concept not in known:
            literals = dict(closure((concept, draw(st.booleans()))))
            other = dict(closure((concept, not literals[concept])))
            fits = all(known.get(name, truth) == truth for name, truth in literals.items())
            known |= literals if fits else other
    facts = tuple(Fact(name, Presence(Truth.of(known[name]))) for name in compiled_set(set_id).concepts)
    case = Case("drawn", facts)
    shown = interpret(case)
    assume(not shown.doubts)
    score = evaluate_picture(compiled_set(set_id), shown.picture).score
    assume(score.low == score.high)
    return case, set_id, score.low


@MANY
@given(scored(), st.integers(-3, 3))
def test_a_stated_score_is_questioned_if_and_only_if_it_is_wrong(
    drawn_case: tuple[Case, str, Decimal], off: int
) -> None:
    case, set_id, score = drawn_case
    claim = Claim(ClaimKind.SCORE, set_id, str(score + off), score + off)
    findings = {f.id for f in crithidia.review(replace(case, claims=(claim,)))} & SCORES
    assert bool(findings) == bool(off)


def test_a_total_of_nothing_can_be_wrong_too() -> None:
    """Found by the test above: no item is present, and the total stated is not 0."""
    absent = "".join(f"  {name}: absent\n" for name in compiled_set("uctd").concepts)
    text = f"findings:\n{absent}claims:\n  - {{score: 1, set: uctd}}\n"
    assert "total_against_facts" in found(text) or "total_impossible" in found(text)
