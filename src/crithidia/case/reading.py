"""Reading a value as a person writes it: ``present``, ``392.3 ug/L (13-150)``, ``1:2560``, ``++``.

Every function raises ``ValueError`` with what was wrong and what would be right.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from crithidia.case.grades import GRADES, TRUTHS
from crithidia.case.numerals import NUMBER, WHOLE, may_be_grouped, number, whole_number
from crithidia.case.values import (
    TIMES_LOWER_LIMIT,
    TIMES_UPPER_LIMIT,
    Code,
    Dose,
    Grade,
    Interval,
    Presence,
    Quantity,
    Titre,
    Value,
)
from crithidia.foundation.numbers import rounded
from crithidia.foundation.problems import did_you_mean, shown
from crithidia.vocabulary import Concept, Kind

_SIGN: Final = r"[<>]=?|≤|≥|˂|˃|⩽|⩾"
_BEFORE_A_NUMBER: Final = "<>≤≥˂˃⩽⩾"
TITRE: Final = re.compile(
    rf"(?P<sign>{_SIGN})?\s*1\s*[:/]\s*(?P<n>{WHOLE})(?:\s+(?P<rest>[^0-9\s].*))?"
)
QUANTITY: Final = re.compile(
    rf"(?P<sign>{_SIGN})?\s*(?P<n>{NUMBER})(?:\s*(?:-|–|—|\bto\b|\bdo\b)\s*(?P<to>{NUMBER}))?"
    r"\s*(?P<unit>[^()\[\]]*?)\s*(?:[(\[](?P<interval>[^()\[\]]*)[)\]])?"
)
_POWER_OF_TEN: Final = re.compile(
    r"[x×*·]?\s*10(?:[*^eE⁰¹²³⁴-⁹(]| [0-9])|[x×*·]\s*10(?:00|3|6|9|12)\s*/", re.IGNORECASE
)
_MORE_NUMBERS: Final = re.compile(r"[-–+±.,:;<>=≤≥x×*]*\s*[0-9]|/\s*[0-9]|[eE][-+]?[0-9]+(?![0-9/])")
_INTERVAL: Final = re.compile(
    rf"(?:(?P<low>{NUMBER})\s*(?:-|–|—|\bto\b|\bdo\b)\s*(?P<high>{NUMBER})"
    rf"|(?P<sign>{_SIGN})\s*(?P<limit>{NUMBER}))(?![0-9.,]|\s*[-–—]\s*[0-9])\s*(?P<unit>.*)"
)
_SIGNS: Final = {"≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "˂": "<", "˃": ">"}
_TIMES_LIMIT: Final = re.compile(  # "3 x ULN"; GGN and DGN are the Polish abbreviations
    r"(?:[x×*]|times|razy|-?krotno(?:ść|ści)|-?krotnie)?\s*(?:the\s+)?"
    r"(?:(?P<upper>ULN|GGN|g\.\s?g\.\s?n\.?|upper limits?(?: of (?:the )?normal)?"
    r"|górn(?:a|ej|ą) granic(?:a|y|ę)(?: normy)?)"
    r"|(?P<lower>LLN|DGN|d\.\s?g\.\s?n\.?|lower limits?(?: of (?:the )?normal)?"
    r"|doln(?:a|ej|ą) granic(?:a|y|ę)(?: normy)?))",
    re.IGNORECASE,
)
_LONGEST: Final = 500
_DOSE: Final = re.compile(
    rf"(?P<n>{NUMBER})\s*(?P<unit>(?:mg|g|ug|µg|mcg|ml|IU|U)(?:/kg|/m2|/m²)?)(?![\w²])\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_ROUTE: Final = re.compile(  # "5 mg orally, once a day"
    r"(?:[,;]?\s*(?:orally|oral|by mouth|per os|p\.?\s?o\b\.?|intravenous(?:ly)?|i\.?\s?v\b\.?"
    r"|subcutaneous(?:ly)?|s\.?\s?c\b\.?|intramuscular(?:ly)?|i\.?\s?m\b\.?"
    r"|doustnie|dożylnie|podskórnie|domięśniowo)(?![\w]))*[,;]?\s*"
)
_TIMES: Final = re.compile(
    r"(?:(?:(?P<n>[0-9]+)\s*(?:x|×|times?|razy)"
    r"|(?P<word>once|twice|(?:two|three|four) times|raz|(?:dwa|trzy|cztery) razy))\s*(?:per|a|/|na|w)?"
    r"|per|a|/|na|(?=daily|dziennie|weekly|tygodniowo))"
    r"\s*(?P<period>day|daily|d|dobę|dziennie|week|weekly|tydzień|tygodniu|tygodniowo)\b"
)
_EVERY: Final = re.compile(  # longer than a week is no daily dose
    r"(?:every|each|co)\s*(?:(?P<n>[0-9]+)\s*)?(?P<unit>h|hours?|godz(?:\.|in[ay]?)?"
    r"|day|morning|evening|night|dzień|dziennie|rano|wieczór|noc|week|tydzień)\b"
)
_ALONE: Final = re.compile(r"(?P<n>[0-9]+)\s*[x×]")
_COUNTS: Final = {"twice": 2, "two times": 2, "dwa razy": 2, "three times": 3, "trzy razy": 3,
                  "four times": 4, "cztery razy": 4}  # fmt: skip
_ABBREVIATED: Final = {"bid": 2, "b.i.d.": 2, "qd": 1, "o.d.": 1, "od": 1, "tid": 3, "t.i.d.": 3,
                       "codziennie": 1}  # fmt: skip
_HOURS: Final = Decimal(24)


def read_value(concept: Concept, text: str) -> Value:
    """Return the value that ``text`` means for a concept."""
    if len(text) > _LONGEST:
        msg = f"the value has {len(text):,} characters; at most {_LONGEST} are read"
        raise ValueError(msg)
    words = " ".join(text.split())
    if concept.kind is Kind.FINDING:
        return _presence(words)
    if concept.kind is Kind.ANTIBODY:
        return _antibody(words)
    if concept.kind is Kind.QUANTITY:
        return read_quantity(words)
    if concept.kind is Kind.CODE:
        return _code(concept, words)
    return read_dose(words)


def _presence(words: str) -> Presence:
    truth = TRUTHS.get(words.lower())
    if truth is None:
        close = did_you_mean(words, TRUTHS)
        msg = f"'{shown(words)}' is not present, absent or unknown" + (f" ({close})" if close else "")
        raise ValueError(msg)
    return Presence(truth)


def _antibody(words: str) -> Value:
    if words.lower() in GRADES:
        return Grade(GRADES[words.lower()])
    if match := TITRE.fullmatch(words):
        return _titre(match)
    if words.lower() in TRUTHS:
        return Presence(TRUTHS[words.lower()])
    if words[:1].isdigit() or words[:1] in _BEFORE_A_NUMBER:
        return read_quantity(words)
    msg = (f"'{shown(words)}' is not present, absent, a grade (-, +/-, + to ++++), a titre (1:320) "
           "or a number with its unit and interval (45 U/mL (<20))")  # fmt: skip
    raise ValueError(msg)


def _titre(match: re.Match[str]) -> Titre:
    reciprocal = whole_number(match["n"])
    if reciprocal < 1:
        msg = f"a titre of 1:{reciprocal} is no dilution"
        raise ValueError(msg)
    sign = match["sign"] or "="
    return Titre(reciprocal, _SIGNS.get(sign, sign), match["rest"] or "")


def read_quantity(words: str) -> Quantity:
    """Return a number, bound or range with its unit and, in brackets, its reference interval."""
    match = QUANTITY.fullmatch(words)
    if match is None or (match["sign"] and match["to"]):
        msg = (f"'{shown(words)}' is not a number with a unit; write it as 5.65 mmol/L (3-5), "
               "with <, <=, >, >= or a range where it is not exact")  # fmt: skip
        raise ValueError(msg)
    low_text, high_text = match["n"], match["to"] or match["n"]
    low, high = number(low_text), number(high_text)
    if low > high:
        msg = f"the range {low_text}-{high_text} ends before it begins"
        raise ValueError(msg)
    sign = _SIGNS.get(match["sign"] or "", match["sign"] or "")
    unit = _unit(match["unit"].strip())
    interval = _interval_beside(match["interval"], unit)
    grouped = may_be_grouped(low_text) or may_be_grouped(high_text)
    if sign.startswith("<"):
        return Quantity(None, high, unit, high_open=sign == "<", interval=interval, grouped=grouped)
    if sign.startswith(">"):
        return Quantity(low, None, unit, low_open=sign == ">", interval=interval, grouped=grouped)
    return Quantity(low, high, unit, interval=interval, grouped=grouped)


def _interval_beside(words: str | None, unit: str) -> Interval | None:
    """Return the interval in brackets; it need not repeat the unit of the value."""
    if not words:
        return None
    interval = read_interval(words)
    return replace(interval, unit="") if interval.unit == unit else interval


def _unit(words: str) -> str:
    """Return the unit; a second number in its place means that the first was misread."""
    if match := _TIMES_LIMIT.fullmatch(words):
        return TIMES_UPPER_LIMIT if match["upper"] else TIMES_LOWER_LIMIT
    if _MORE_NUMBERS.match(words) and not _POWER_OF_TEN.match(words):
        msg = f"'{shown(words)}' after the number is not a unit"
        raise ValueError(msg)
    return words


def read_interval(words: str) -> Interval:
    """Return a reference interval: ``13-150``, ``<12``, ``>=90``, with or without a unit after it."""
    text = words.strip()
    match = _INTERVAL.fullmatch(text)
    if match is None:
        msg = f"'{shown(words)}' is not an interval; write it as 13-150, <12 or >=90"
        raise ValueError(msg)
    unit = _unit(match["unit"].strip())
    if match["limit"] is None:
        grouped = may_be_grouped(match["low"]) or may_be_grouped(match["high"])
        return Interval(number(match["low"]), number(match["high"]), unit=unit, grouped=grouped)
    sign, limit = _SIGNS.get(match["sign"], match["sign"]), number(match["limit"])
    grouped = may_be_grouped(match["limit"])
    if sign.startswith("<"):
        return Interval(high=limit, high_open=sign == "<", unit=unit, grouped=grouped)
    return Interval(low=limit, low_open=sign == ">", unit=unit, grouped=grouped)


def _code(concept: Concept, words: str) -> Code:
    code = words.lower().replace(" ", "_")
    if code in concept.choices:
        return Code(code)
    for known, label in concept.choices.items():
        if words.casefold() in {label.en.casefold(), label.pl.casefold()}:
            return Code(known)
    msg = f"'{shown(words)}' is not one of {', '.join(concept.choices)}"
    raise ValueError(msg)


def read_dose(words: str) -> Dose:
    """Return a dose such as ``100 mg 2x per day``; words without a dose are kept as they are."""
    match = _DOSE.match(words)
    if match is None:
        return Dose(None, "", None, words)
    per_day = _times_per_day(match["rest"].lower())
    return Dose(number(match["n"]), match["unit"], per_day, words)


def _times_per_day(words: str) -> Decimal | None:
    words = _ROUTE.sub("", words.strip(), count=1)
    if match := _TIMES.match(words):
        count = Decimal(match["n"] or _COUNTS.get(match["word"], 1))
        weekly = match["period"].startswith(("week", "ty"))
        return rounded(count / 7, 4) if weekly else count
    if match := _ALONE.fullmatch(words):
        return Decimal(match["n"])
    if match := _EVERY.match(words):
        return _every(int(match["n"] or 1), match["unit"])
    times = _ABBREVIATED.get(words.split(" ")[0].rstrip(",;"))
    return None if times is None else Decimal(times)


def _every(count: int, unit: str) -> Decimal | None:
    """Return how often a day "every 12 hours", "every morning" or "every week" is."""
    if count == 0:
        return None
    if unit.startswith(("h", "g")):
        return rounded(_HOURS / count, 4) if count <= _HOURS else None
    if count > 1:
        return None
    return rounded(Decimal(1) / 7, 4) if unit in {"week", "tydzień"} else Decimal(1)
