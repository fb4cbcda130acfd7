"""Values as people write them, kind by kind."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crithidia.case import Code, Dose, Grade, Interval, Presence, Quantity, Titre, Value
from crithidia.case.reading import read_interval, read_value
from crithidia.foundation.truth import Truth
from crithidia.interpretation import shipped_units
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from crithidia.foundation.text import Language


def read(concept: str, text: str) -> Value:
    return read_value(shipped_vocabulary()[concept], text)


def exactly(number: str, unit: str = "", interval: Interval | None = None) -> Quantity:
    return Quantity.exactly(Decimal(number), unit, interval)


def between(low: str | None, high: str | None) -> Interval:
    return Interval(Decimal(low) if low else None, Decimal(high) if high else None)


def below(limit: str) -> Interval:
    return Interval(high=Decimal(limit), high_open=True)


@pytest.mark.parametrize(("text", "truth"), [
    ("present", Truth.PRESENT), ("Present", Truth.PRESENT), ("yes", Truth.PRESENT), ("true", Truth.PRESENT),
    ("positive", Truth.PRESENT), ("tak", Truth.PRESENT), ("obecny", Truth.PRESENT),
    ("dodatnia", Truth.PRESENT),
    ("absent", Truth.ABSENT), ("no", Truth.ABSENT), ("NEGATIVE", Truth.ABSENT), ("nie", Truth.ABSENT),
    ("brak", Truth.ABSENT), ("nieobecne", Truth.ABSENT), ("ujemna", Truth.ABSENT),
    ("unknown", Truth.UNKNOWN), ("not  done", Truth.UNKNOWN), ("suspected", Truth.UNKNOWN),
    ("nie badano", Truth.UNKNOWN), ("nieznane", Truth.UNKNOWN), ("podejrzenie", Truth.UNKNOWN),
    ("?", Truth.UNKNOWN),
])  # fmt: skip
def test_finding(text: str, truth: Truth) -> None:
    assert read("dysphagia", text) == Presence(truth)


@pytest.mark.parametrize(("text", "value"), [
    ("392.3 ug/L (13-150)", exactly("392.3", "ug/L", between("13", "150"))),
    ("5,65 mmol/l", exactly("5.65", "mmol/l")),
    ("0,123 g/l", exactly("0.123", "g/l")),
    ("1 234 U/L (<20)", exactly("1234", "U/L", below("20"))),
    ("1\u202f234,5 U/L", exactly("1234.5", "U/L")),
    ("45", exactly("45")),
    ("-3", exactly("-3")),
    ("12 mg/dL [<5 mg/dL]", exactly("12", "mg/dL", below("5"))),
    ("4.5 10⁹/L (4-10 10⁹/L)", exactly("4.5", "10⁹/L", between("4", "10"))),
    ("4,0 × 10⁹/l", exactly("4.0", "× 10⁹/l")),
    ("4 10*9/L", exactly("4", "10*9/L")),
    ("4500/uL", exactly("4500", "/uL")),
    ("3.2 G/l", exactly("3.2", "G/l")),
    ("38,4 °C", exactly("38.4", "°C")),
    ("0.8 g/24 h", exactly("0.8", "g/24 h")),
    ("7 mm/5 min", exactly("7", "mm/5 min")),
    ("≤5 mg/L", Quantity(None, Decimal(5), "mg/L")),
    ("<= 5 mg/L", Quantity(None, Decimal(5), "mg/L")),
    ("< 10 mg/L", Quantity(None, Decimal(10), "mg/L", high_open=True)),
    ("≥ 3 U/L", Quantity(Decimal(3), None, "U/L")),
    (">1000 U/L", Quantity(Decimal(1000), None, "U/L", low_open=True)),
    ("56-57 %", Quantity(Decimal(56), Decimal(57), "%")),
    ("56 – 57 %", Quantity(Decimal(56), Decimal(57), "%")),
    ("10 to 20 mg/L", Quantity(Decimal(10), Decimal(20), "mg/L")),
    ("10 do 20 mg/l", Quantity(Decimal(10), Decimal(20), "mg/l")),
])  # fmt: skip
def test_quantity(text: str, value: Quantity) -> None:
    assert read("ldh", text) == value


@pytest.mark.parametrize(("text", "said"), [
    ("high", "is not a number with a unit"),
    ("nan", "is not a number with a unit"),
    ("inf", "is not a number with a unit"),
    ("~5 mg/L", "is not a number with a unit"),
    ("<5-10 mg/L", "is not a number with a unit"),
    ("10-5 mg/L", "the range 10-5 ends before it begins"),
    ("5 mg/L (20-10)", "the interval 20-10 ends before it begins"),
    ("5 mg/L (normal)", "'normal' is not an interval"),
    ("5 mg/L (1-2-3)", "'1-2-3' is not an interval"),
    ("1,234 ug/L", "can be read as a decimal comma or a thousands separator"),
    ("1e5 U/L", "after the number is not a unit"),
    ("3 x 40 U/L", "after the number is not a unit"),
    ("5 ± 2 mg/L", "after the number is not a unit"),
    ("1:80", "after the number is not a unit"),
    ("6.2 109/L", "after the number is not a unit"),
    ("9" * 501, "the value has 501 characters; at most 500 are read"),
])  # fmt: skip
def test_quantity_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        read("ldh", text)


@pytest.mark.parametrize(("text", "interval"), [
    ("13-150", between("13", "150")), ("13 – 150", between("13", "150")), ("4,1-5,2", between("4.1", "5.2")),
    ("<12", below("12")), ("≤12", between(None, "12")), (">=90", between("90", None)),
    (">90 mL/min", Interval(low=Decimal(90), low_open=True, unit="mL/min")),
    ("4-10 10*9/L", Interval(Decimal(4), Decimal(10), unit="10*9/L")),
    ("4.000-10.000", Interval(Decimal("4.000"), Decimal("10.000"), grouped=True)),
])  # fmt: skip
def test_interval(text: str, interval: Interval) -> None:
    assert read_interval(text) == interval


@pytest.mark.parametrize(("text", "value"), [
    ("1:320", Titre(320)), ("1:2560 nucleolar", Titre(2560, "=", "nucleolar")), ("1 : 80", Titre(80)),
    ("1/80", Titre(80)), (">1:80 (speckled)", Titre(80, ">", "(speckled)")), ("≥1:80", Titre(80, ">=")),
    ("<= 1:40", Titre(40, "<=")), ("<1:40", Titre(40, "<")), ("1:2 560 AC-8", Titre(2560, "=", "AC-8")),
    ("++", Grade("++")), ("-", Grade("-")), ("(+)", Grade("+/-")), ("±", Grade("+/-")),
    ("Borderline", Grade("+/-")),
    ("positive", Presence(Truth.PRESENT)), ("ujemny", Presence(Truth.ABSENT)), ("?", Presence(Truth.UNKNOWN)),
    ("45 U/mL (<20)", exactly("45", "U/mL", below("20"))), ("45", exactly("45")),
    ("1 234 U/mL (<20)", exactly("1234", "U/mL", below("20"))),
    ("≤5 U/mL", Quantity(None, Decimal(5), "U/mL")),
])  # fmt: skip
def test_antibody(text: str, value: Value) -> None:
    assert read("ana", text) == value


@pytest.mark.parametrize("text", ["+++++", "1:0", "weakly so", "1:80 160:2", "1e3 U/mL (<20)", "3 x 40 U/mL"])
def test_antibody_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|no dilution"):
        read("ana", text)


@pytest.mark.parametrize(("text", "code"), [
    ("female", "female"), ("Male", "male"), ("kobieta", "female"), ("Mężczyzna", "male"),
])  # fmt: skip
def test_code(text: str, code: str) -> None:
    assert read("sex", text) == Code(code)


def test_code_refused() -> None:
    with pytest.raises(ValueError, match="'robot' is not one of female, male"):
        read("sex", "robot")


@pytest.mark.parametrize(("text", "amount", "unit", "per_day"), [
    ("100 mg 2x per day", "100", "mg", "2"), ("10 mg twice daily", "10", "mg", "2"),
    ("20 mg bid", "20", "mg", "2"),
    ("5 mg daily", "5", "mg", "1"), ("100 mg/day", "100", "mg", "1"), ("200 mg a day", "200", "mg", "1"),
    ("1,5 g 2 x na dobę", "1.5", "g", "2"), ("5 mg 2 razy dziennie", "5", "mg", "2"),
    ("15 mg once a week", "15", "mg", "0.1429"), ("15 mg weekly", "15", "mg", "0.1429"),
    ("15 mg raz w tygodniu", "15", "mg", "0.1429"), ("10 mg 3x/week", "10", "mg", "0.4286"),
    ("2 mg/kg daily", "2", "mg/kg", "1"), ("500 mg day 1", "500", "mg", None),
    ("10 mg every other day", "10", "mg", None), ("375 mg", "375", "mg", None),
    ("5 mg orally, once a day", "5", "mg", "1"), ("450 mg, intravenous, every morning", "450", "mg", "1"),
    ("200 mg p.o. four times per day", "200", "mg", "4"), ("1 g i.v. daily", "1", "g", "1"),
    ("500 mg every 12 hours", "500", "mg", "2"), ("500 mg co 8 godzin", "500", "mg", "3"),
    ("15 mg s.c. every week", "15", "mg", "0.1429"), ("500 mg i.v. every 2 weeks", "500", "mg", None),
    ("10 mg trzy razy na dobę", "10", "mg", "3"), ("10 mg doustnie codziennie", "10", "mg", "1"),
    ("375 mg/m2 weekly", "375", "mg/m2", "0.1429"), ("1 g iv", "1", "g", None),
    ("500 mg every 0 hours", "500", "mg", None), ("500 mg every 30 hours", "500", "mg", None),
])  # fmt: skip
def test_dose(text: str, amount: str, unit: str, per_day: str | None) -> None:
    times = Decimal(per_day) if per_day else None
    assert read("prednisone", text) == Dose(Decimal(amount), unit, times, text)


def test_words_that_are_no_dose_are_kept() -> None:
    assert read("prednisone", "pulses before admission") == Dose(None, "", None, "pulses before admission")


@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_unit_as_shown_reads_back(language: Language) -> None:
    units = shipped_units()
    for name, kind in units.quantities.items():
        value = read("ldh", f"3 {units.named(kind.unit, language)}")
        assert isinstance(value, Quantity)
        assert units.code_of(value.unit) == kind.unit, name
        shown = "" if kind.unit == "1" else units.named(kind.unit, language)
        assert units.shown(kind.unit, language) == shown
