"""Whether a column can be taken for a concept: its name, its values and its unit have to agree."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.foundation.document import parse_document
from crithidia.foundation.problems import shown
from crithidia.foundation.truth import Truth
from crithidia.intake.tables.cells import CellReader, Refusal
from crithidia.intake.tables.mapping import Meaning, Operand
from crithidia.intake.tables.match import SURE, Match, Names, is_sure
from crithidia.intake.tables.survey import is_number, without_zeros
from crithidia.intake.tables.words import folded, shipped_words
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.intake.tables.survey import Seen

# Codes of answers in questionnaires: a few numerals, and those that often stand for not known or refused.
_ANSWERS: Final = frozenset({*map(str, range(10)), "77", "88", "97", "98", "99", "-1", "-9", "-99"})
# How a column of lung function says that its numbers are per cent of the predicted value.
_PREDICTED: Final = ("percent predicted", "% predicted")
_OF_PREDICTED: Final = re.compile(
    r"%\s*(?:of\s+)?(?:pred(?:icted|\.)?|n\.?|w\.?\s?n\.?|należnej|wartości należnej)", re.IGNORECASE)
_PART: Final = re.compile(r"0(?:[.,][0-9]+)?|1(?:[.,]0+)?")
_MOST_SHOWN: Final = 5
_ENOUGH: Final = 0.8
_TITRE_WORDS: Final = frozenset({"titre", "titer", "miano", "mian"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a column: ``sure``, ``unsure`` or ``none``; the entry for the mapping; a remark."""

    standing: str
    entry: str = ""
    note: str = ""


def judge(name: str, title: str, seen: Seen, names: Names, limits: Mapping[str, str], *,
          has_unit: bool = False) -> Judged:  # fmt: skip
    """Judge a column by its name, the label its file gives it, and what stands in it.

    ``limits`` names the columns that hold its limits; ``has_unit`` says that a unit stands beside each value.
    """
    heading, label = names.heading(name), names.heading(title)
    unit = heading.unit or label.unit
    unit = "%" if _OF_PREDICTED.fullmatch(unit) else unit
    matches = _matches(names, heading.name, unit, label.name)
    if not matches:
        return Judged("none")
    if not is_sure(matches):
        return Judged("unsure", _alternatives(matches))
    concept = shipped_vocabulary()[matches[0].concept]
    entry, doubt = _entry(concept, unit, seen, limits, has_unit=has_unit, name=name)
    if doubt:
        rest = f", {entry}" if entry else ""
        return Judged("unsure", _listed(could_be=[concept.id], because=doubt) + rest)
    near = matches[0]
    notes = [] if near.nearness == 1.0 else [f"{near.nearness:.2f} like '{near.by}'"]
    if refused := _refused(_as_drafted(concept, unit, seen, entry), seen):
        notes.append(f"will be refused: {_named(refused)}")
    return Judged("sure", entry, "; ".join(notes))


def _matches(names: Names, name: str, unit: str, title: str) -> tuple[Match, ...]:
    asked = [name, title] if title else [name]
    if unit == "%":
        asked = [f"{text} {words}" for text in asked for words in _PREDICTED] + asked
    for text in asked:
        found = names.matches(text)
        if is_sure(found):
            return found
    return max((names.matches(text) for text in asked), key=lambda found: found[0].nearness if found else 0.0)


def _alternatives(matches: tuple[Match, ...]) -> str:
    near = [match for match in matches if match.nearness >= min(SURE - 0.15, matches[0].nearness - 0.1)]
    return _listed(could_be=[match.concept for match in near],
                   because="near: " + ", ".join(f"{m.by} ({m.nearness:.2f})" for m in near))  # fmt: skip


def _listed(could_be: list[str], because: str) -> str:
    return f"could_be: [{', '.join(could_be)}], because: {json.dumps(because, ensure_ascii=False)}"


def _entry(concept: Concept, unit: str, seen: Seen, limits: Mapping[str, str], *, has_unit: bool,
           name: str) -> tuple[str, str]:  # fmt: skip
    """Return the entry of a column, and why it is doubtful if it is."""
    parts = [f"concept: {concept.id}"]
    if not seen.texts:
        return ", ".join(parts), "the column is empty"
    if concept.kind is Kind.DRUG:
        return "", "drugs decide nothing and are not read from tables"
    if concept.kind is Kind.QUANTITY:
        doubt = _quantity(concept, unit, seen, parts, has_unit)
    elif concept.kind is Kind.CODE:
        doubt = _coded(concept, seen, parts)
    elif concept.kind is Kind.ANTIBODY and _is_measured(seen):
        doubt = _antibody(unit, seen, parts, name, limits)
    else:
        doubt = _presence(seen, parts)
    parts += [f"{kind}: {{column: {json.dumps(column, ensure_ascii=False)}}}"
              for kind, column in limits.items()]  # fmt: skip
    return ", ".join(parts), doubt or _trial(concept, unit, seen)


def _trial(concept: Concept, unit: str, seen: Seen) -> str:
    """Read the values as they would be read; a column of which most is refused is not what it is called."""
    if concept.kind is not Kind.QUANTITY or not unit:
        return ""
    refused = _refused(_as_drafted(concept, unit, seen, ""), seen)
    return "" if refused.total() <= seen.texts.total() * (1 - _ENOUGH) else (
        f"{_part(refused, seen)} cannot be read as {concept.id} in {unit}: {_named(refused)}")  # fmt: skip


def _as_drafted(concept: Concept, unit: str, seen: Seen, entry: str) -> Meaning:
    """Return the meaning that an entry gives a column; a unit that stands beside each value is the usual."""
    written = parse_document(f"{{{entry}}}", "draft", typed=False).data
    usual = unit or ("" if seen.unit_written() else concept.unit or "")
    operands = {"unit": Operand(constant=usual)} if usual else {}
    return Meaning("", concept, written.get("as", "value"), written.get("values", {}), operands,
                   decimal=seen.decimal())  # fmt: skip


def _refused(meaning: Meaning, seen: Seen) -> Counter[str]:
    """Return the values that are refused, with how often each was seen."""
    reader = CellReader.of(meaning, seen.labels)
    return Counter({text: count for text, count in seen.texts.items()
                    if isinstance(reader.read(text), Refusal)})  # fmt: skip


def _quantity(concept: Concept, unit: str, seen: Seen, parts: list[str], has_unit: bool) -> str:
    if unit:
        parts.append(f"unit: {json.dumps(unit, ensure_ascii=False)}")
    wrong = _without(seen, is_number)
    if wrong.total() > (1 - _ENOUGH) * seen.texts.total():
        return f"{_part(wrong, seen)} are not numbers: {_named(wrong)}"
    if "%" in {unit, concept.unit} and not seen.unit_written() and _are_parts_of_one(seen):
        return "no number is above 1: per cent, or parts of one shown as per cent? multiply them by 100"
    if unit or seen.unit_written() or has_unit or concept.unit in {"a", "1", "%"}:
        return ""
    return f"no unit; in the vocabulary it is {concept.unit}"


def _are_parts_of_one(seen: Seen) -> bool:
    """Return whether all numbers lie between 0 and 1: so spreadsheets keep what they show as 12%."""
    return any("0." in text or "0," in text for text in seen.texts) and all(
        _PART.fullmatch(text) for text in seen.texts if is_number(text))  # fmt: skip


def _coded(concept: Concept, seen: Seen, parts: list[str]) -> str:
    words = shipped_words()
    values = {}
    for text in sorted(seen.codes):
        label = folded(seen.labels.get(text, text))
        code = words.sexes.get(label) if concept.id == "sex" else None
        code = code or (label.replace(" ", "_") if label.replace(" ", "_") in concept.choices else None)
        if code is not None:
            values[text] = code
    parts.append(_values(values))
    wrong = _without(seen, lambda text: text in values)
    return "" if wrong.total() <= (1 - _ENOUGH) * seen.texts.total() else (
        f"{_part(wrong, seen)} are not {', '.join(concept.choices)}: {_named(wrong)}")  # fmt: skip


def _is_measured(seen: Seen) -> bool:
    """Return whether the values of an antibody are numbers or titres rather than yes and no."""
    return seen.share("titre") > 0 or (seen.share("number") >= _ENOUGH and not _few_codes(seen))


def _few_codes(seen: Seen) -> bool:
    return seen.codes <= {str(number) for number in range(4)} | {"9", "99"}


def _antibody(unit: str, seen: Seen, parts: list[str], name: str, limits: Mapping[str, str]) -> str:
    if seen.share("titre") > 0 or _TITRE_WORDS & set(folded(name).split()):
        parts.append("as: titre")
        return ""
    if unit:
        parts.append(f"unit: {json.dumps(unit, ensure_ascii=False)}")
    if limits or any("(" in text for text in seen.texts):
        return ""
    return "numbers without the laboratory's limit decide nothing; give upper_limit, or as: titre"


def _presence(seen: Seen, parts: list[str]) -> str:
    if seen.labels and seen.codes <= seen.labels.keys():
        return _labelled(seen, parts)
    if seen.codes <= {"0", "1"}:
        parts.append(_values({"1": "present", "0": "absent"}))
        return ""
    if seen.codes <= _ANSWERS and seen.share("number") == 1.0:
        return f"what do {', '.join(sorted(seen.codes))} mean? give values: {{1: present, 2: absent, ...}}"
    numerals = {"0", "1"} & seen.codes
    wrong = _without(seen, lambda text: text in numerals or seen.is_truth(text))
    doubtful = wrong.total() > (1 - _ENOUGH) * seen.texts.total()
    meant = {"1": "present", "0": "absent"}
    values = {code: meant[code] for code in sorted(numerals)}
    if doubtful:
        words = shipped_words().truths
        values |= {text: "present" if words[folded(text)] is Truth.PRESENT else "absent"
                   for text in sorted(seen.texts) if folded(text) in words}  # fmt: skip
    if values:
        parts.append(_values(values))
    return f"{_part(wrong, seen)} are not present or absent: {_named(wrong)}" if doubtful else ""


def _labelled(seen: Seen, parts: list[str]) -> str:
    words = shipped_words()
    values: dict[str, str] = {}
    wrong: Counter[str] = Counter()
    for code, label in seen.labels.items():
        truth = words.truths.get(folded(label))
        if truth is not None:
            values[code] = "present" if truth is Truth.PRESENT else "absent"
        elif words.is_unknown(label):
            values[code] = "unknown"
        elif code in seen.codes:
            wrong[label] = sum(count for text, count in seen.texts.items() if without_zeros(text) == code)
    parts.append(_values(values))
    return f"what do these labels mean? {_named(wrong)}" if wrong else ""


def _values(values: Mapping[str, str]) -> str:
    inner = ", ".join(f"{json.dumps(code, ensure_ascii=False)}: {meant}" for code, meant in values.items())
    return f"values: {{{inner}}}"


def _without(seen: Seen, fits: Callable[[str], bool]) -> Counter[str]:
    """Return the values that do not fit, with how often each was seen."""
    return Counter({text: count for text, count in seen.texts.items() if not fits(text)})


def _part(wrong: Counter[str], seen: Seen) -> str:
    return f"{wrong.total()} of {seen.texts.total()} values"


def _named(values: Counter[str]) -> str:
    """Return the most frequent of some values, each with how often it was seen."""
    named = ", ".join(f"'{shown(text)}' ({count})" for text, count in values.most_common(_MOST_SHOWN))
    more = len(values) - _MOST_SHOWN
    return named + (f" and {more} more" if more > 0 else "")
