"""Ten thousand measurements with wrong units, magnitudes, separators and signs: none is silently used.

"Silently used" is judged by an oracle that shares no code with the reader. The generator knows which numbers
the text can mean and in which unit it stands; the size of the unit comes from the library ``ucumvert`` (molar
units: by the molar mass), the customary units and the limits from the knowledge file itself. A value that is
used must equal the exactly converted meaning, have one meaning only, stand in a customary unit, and be
possible. Everything else must be refused with a reason. And what is right must not be refused.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from random import Random
from typing import Any, Final

import pytest

from crithidia.case import Case, Fact, Quantity
from crithidia.case.reading import read_value
from crithidia.foundation.library import shipped_library
from crithidia.interpretation import interpret, shipped_units
from crithidia.interpretation.measurements import measure
from crithidia.interpretation.references import Person, shipped_references
from crithidia.vocabulary import Kind, shipped_vocabulary

COUNT: Final = max(10_000, int(os.environ.get("CRITHIDIA_EXAMPLES", "0")))
QUANTITIES: Final[dict[str, Any]] = shipped_library().document("measurements/quantities.yaml").data
UNITS: Final[dict[str, Any]] = shipped_library().document("measurements/units.yaml").data
NUMERIC: Final = sorted(name for name in QUANTITIES if shipped_vocabulary()[name].kind is Kind.QUANTITY)
# By the definition of the score, not by dimension: foci per 4 mm2; a visual analogue scale of 10 cm.
BY_DEFINITION: Final = {("1", "/(4.mm2)"): 1.0, ("cm", "1"): 1.0, ("mm", "1"): 0.1}
UNLISTED: Final = ("mmol/dL", "ug/cL", "kg/m3", "fg/uL", "pkat/L", "mol/m3", "mg/hL", "10*5/L", "L/min/kPa",
                   "mm/s")  # fmt: skip
ATTACKS: Final = ("none", "none", "unit", "unlisted", "garbled", "magnitude", "sign", "marks", "no unit")


@dataclass(frozen=True)
class Made:
    """A text, the numbers it can mean, and the unit in which it stands (None: in none that is known)."""

    concept: str
    text: str
    meanings: tuple[Decimal, ...]
    code: str | None
    attack: str


def made(seed: int) -> Made:
    """Return one measurement: right, or with one thing wrong."""
    random = Random(seed)  # noqa: S311
    concept = random.choice(NUMERIC)
    entry = QUANTITIES[concept]
    code = random.choice([entry["unit"], *entry.get("units", {})])
    number = _possible_number(random, concept, code)
    attack = random.choice(ATTACKS)
    if attack == "magnitude":
        number = number.scaleb(random.choice([-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6]))
    text, meanings = _written(random, number, marks=attack == "marks")
    unit = _unit_text(random, code)
    known: str | None = code
    if attack == "unit":
        known = random.choice(list(UNITS))
        unit = _unit_text(random, known)
    elif attack == "unlisted":
        unit, known = random.choice(UNLISTED), None
    elif attack == "garbled":
        unit, known = _garbled(random, code), None
    if attack == "no unit" or not unit:
        unit, known = "", entry["unit"] if entry["unit"] in {"a", "1", "%"} else None
    if attack == "sign":
        sign = random.choice(["-", "−", "--", "+-", "+/-", "~", "±"])
        text, meanings = sign + text, tuple(-m for m in meanings) if sign in {"-", "−"} else ()
        if meanings and entry["plausible"][0] < 0:
            attack = "none"  # a z-score may be negative
    return Made(concept, f"{text} {unit}".strip(), meanings, known, attack)


def _possible_number(random: Random, concept: str, code: str) -> Decimal:
    """Return a number of three or four digits that is possible in that unit."""
    low, high = (float(bound) for bound in QUANTITIES[concept]["plausible"])
    low = max(low, high / 1e5)
    canonical = low * (high / low) ** random.random()
    number = Decimal(canonical / float(_factor(concept, code)))
    digits = random.choice([3, 3, 4])
    return number.quantize(Decimal(1).scaleb(number.adjusted() - digits + 1)) if number else Decimal(0)


def _written(random: Random, number: Decimal, *, marks: bool) -> tuple[str, tuple[Decimal, ...]]:
    """Write a number in one of the ways of the world; return all that it can mean, the decimal first."""
    plain = f"{number:f}"
    whole, _, places = plain.partition(".")
    styles = ["point", "comma", "blank", "swiss", "english", "german"]
    style = random.choice(styles if marks else styles[:2])
    if style in {"blank", "swiss"} and len(whole) > 3:
        mark = random.choice([" ", "\u00a0", "\u2009", "\u202f"] if style == "blank" else ["'", "’"])
        return f"{int(whole):,}".replace(",", mark) + (f".{places}" if places else ""), (number,)
    if style == "english" and len(whole) > 3:
        text = f"{int(whole):,}" + (f".{places}" if places else "")
        return text, _meanings(text, ",", number)
    if style == "german" and len(whole) > 3:
        text = f"{int(whole):,}".replace(",", ".") + (f",{places}" if places else "")
        return text, _meanings(text, ".", number)
    mark = "," if style == "comma" else "."
    text = f"{whole}{mark}{places}" if places else whole
    return text, _meanings(text, mark, number)


def _meanings(text: str, mark: str, number: Decimal) -> tuple[Decimal, ...]:
    """One mark before exactly three digits and after one to three (no leading nought) can be either."""
    head, _, tail = text.partition(mark)
    if text.count(mark) == 1 and tail.isdigit() and len(tail) == 3 and len(head) <= 3 and head[:1] != "0":
        return Decimal(f"{head}.{tail}"), Decimal(head + tail)
    return (number,)


def _unit_text(random: Random, code: str) -> str:
    entry = UNITS[code]
    written = [str(text) for text in (code, *entry["display"].values(), *entry.get("variants", []))]
    return random.choice([text for text in written if text != "1"])  # a bare figure is no unit to a reader


def _garbled(random: Random, code: str) -> str:
    """Drop, double, exchange or replace a letter of a unit."""
    at = random.randrange(len(code))
    return random.choice([
        code[:at] + code[at + 1 :], code[:at] + code[at] + code[at:],
        code[: at - 1] + code[at - 1 : at + 1][::-1] + code[at + 1 :] if at else code + "?",
        code[:at] + random.choice("gmukLlUdnp/") + code[at + 1 :], code + random.choice("lgmU2/"),
    ])  # fmt: skip


@lru_cache(maxsize=1)
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


@cache
def _size(code: str, canonical: str) -> float | None:
    """Return one unit in canonical units, by the library alone."""
    try:
        one, other = (1.0 * _registry().from_ucum(part) for part in (code, canonical))
        return float((one / other).to("dimensionless").magnitude)
    except Exception:  # noqa: BLE001
        return None


@cache
def _factor(concept: str, code: str) -> float:
    """Return what one unit of an analyte is in its canonical unit, by library and molar mass."""
    entry = QUANTITIES[concept]
    canonical = entry["unit"]
    if code == canonical:
        return 1.0
    if (code, canonical) in BY_DEFINITION:
        return BY_DEFINITION[code, canonical]
    size = _size(code, canonical)
    if size is not None:
        return size
    if "mm[Hg]" in code:  # transfer factor: the gas at STPD, 22.4 L a mole, 0.1333 kPa a mm of mercury
        return 1 / 22.414 / 0.133322
    grams = float(entry["molar_mass"]["g_per_mol"])
    for mass, mole in (("g/L", "mol/L"), ("g/g", "g/mol")):
        into, back = _size(code, mass), _size(mole, canonical)
        if into is not None and back is not None:
            return into / grams * back if mole == "mol/L" else into * grams * back
        into, back = _size(code, mole), _size(mass, canonical)
        if into is not None and back is not None:
            return into * grams * back if mole == "mol/L" else into / grams * back
    raise AssertionError((concept, code))


def _judged(example: Made, value: Decimal) -> str | None:
    """Return why a used value was silently used; None where it is what was meant."""
    entry = QUANTITIES[example.concept]
    low, high = (float(bound) for bound in entry["plausible"])
    customary = {entry["unit"], *entry.get("units", {})}
    codes = [example.code] if example.code and not _is_giga_per_litre(example) else _written_as(example)
    if not codes or not example.meanings:
        return "there was nothing to use"
    if not any(code in customary for code in codes):
        return "the unit is not customary"
    expected = [float(example.meanings[0]) * _factor(example.concept, code) for code in codes]
    if not any(float(value) == pytest.approx(e, rel=3e-3 if _molar(example, c) else 1e-9, abs=1e-15)
               for e, c in zip(expected, codes, strict=True)):  # fmt: skip
        return f"{value} is not {expected}"
    slack = 3e-3 if _molar(example, codes[0]) else 1e-12  # the laboratories' rounding of molar factors
    possible = [m for m in example.meanings
                if low * (1 - slack) <= float(m) * _factor(example.concept, codes[0]) <= high * (1 + slack)]
    if len(possible) != 1 or possible[0] != example.meanings[0]:
        return f"meanings possible: {possible}"
    return None


def _molar(example: Made, code: str) -> bool:
    return _size(code, QUANTITIES[example.concept]["unit"]) is None


def _is_giga_per_litre(example: Made) -> bool:
    """Return whether the unit is "G/l", in capitals or not, of a count of cells (units.yaml)."""
    entry = QUANTITIES[example.concept]
    return "10*9/L" in {entry["unit"], *entry.get("units", {})} and example.text.lower().endswith(" g/l")


def _written_as(example: Made) -> list[str]:
    """Return the customary units that a garbled or unlisted unit still is, by the library (l for L)."""
    if _is_giga_per_litre(example):
        return ["10*9/L"]
    entry = QUANTITIES[example.concept]
    text = example.text.split(" ", 1)[1] if " " in example.text else ""
    customary = [entry["unit"], *entry.get("units", {})]
    text = "/".join("g" if part == "gm" else part for part in text.split("/"))  # gm is the gram of US reports
    spellings = {text, text.replace("l", "L"), text.rstrip("*").lstrip("x*")}
    same = [code for code in customary
            for s in spellings if (size := _size(s, code)) and abs(size - 1) < 1e-12]  # fmt: skip
    listed = [code for code in customary for s in UNITS[code].get("variants", [])
              if str(s).casefold() == text.casefold()]  # fmt: skip
    return same + listed


def outcome(example: Made) -> tuple[str, Fact | None]:
    """Return 'used', or why not; and the fact, if the text could be read at all."""
    try:
        value = read_value(shipped_vocabulary()[example.concept], example.text)
    except ValueError:
        return "not read", None
    assert isinstance(value, Quantity)
    fact = Fact(example.concept, value)
    person = Person("female", (Decimal(50), Decimal(50)))
    result = measure(fact, value, shipped_units(), shipped_references(), person)
    if value.is_multiple_of_limit and result.doubt is None:
        assert result.reading is None, example  # never a number
        return "multiple of a limit", fact
    if result.reading is None:
        assert result.doubt is not None, example
        return result.doubt.id, fact
    assert result.reading.low is not None
    assert result.reading.low == result.reading.high
    why = _judged(example, result.reading.low)
    assert why is None, (example, why)
    return "used", fact


@pytest.mark.slow
def test_no_measurement_is_silently_used_and_none_crashes() -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    facts: list[Fact] = []
    refused: set[int] = set()
    for seed in range(COUNT):
        example = made(seed)
        result, fact = outcome(example)
        outcomes[example.attack, result] += 1
        if fact is not None:
            facts.append(fact)
            if result != "used":
                refused.add(id(fact))  # or no number: a multiple of a limit
    for start in range(0, len(facts), 100):
        part = facts[start : start + 100]
        shown = interpret(Case("generated", tuple(part)))
        used = {id(reading.fact) for readings in shown.picture.readings.values() for reading in readings}
        assert not used & refused
        assert {id(m.fact) for m in shown.measurements if m.doubt} <= refused
    used_by = {attack: outcomes[attack, "used"] for attack, _ in outcomes}
    asked = {attack: sum(n for (a, _), n in outcomes.items() if a == attack) for attack in used_by}
    assert used_by["none"] > 0.9 * asked["none"], outcomes  # the rest can be read in two ways
    assert used_by["sign"] == 0, outcomes
    assert used_by["unlisted"] == 0, outcomes
    assert all(used_by[attack] < asked[attack] for attack in asked if attack != "none"), outcomes
