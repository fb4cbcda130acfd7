"""Whether a column can be taken for a concept: its name, its values and its unit have to agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.foundation.problems import shown
from crithidia.foundation.truth import Truth
from crithidia.intake.tables.cells import CellReader, Refusal
from crithidia.intake.tables.mapping import Meaning, Operand
from crithidia.intake.tables.match import SURE, Match, Names, is_sure
from crithidia.intake.tables.words import folded, shipped_words
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.intake.tables.survey import Seen

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
    heading = names.heading(name)
    matches = _matches(names, heading.name, heading.unit, title)
    if not matches:
        return Judged("none")
    if not is_sure(matches):
        return Judged("unsure", _alternatives(matches))
    concept = shipped_vocabulary()[matches[0].concept]
    entry, doubt = _entry(concept, heading.unit, seen, limits, has_unit=has_unit, name=name)
    if doubt:
        rest = f", {entry}" if entry else ""
        return Judged("unsure", _listed(could_be=[concept.id], because=doubt) + rest)
    near = matches[0]
    return Judged("sure", entry, "" if near.nearness == 1.0 else f"{near.nearness:.2f} like '{near.by}'")


def _matches(names: Names, name: str, unit: str, title: str) -> tuple[Match, ...]:
    asked = [name, title] if title else [name]
    if unit == "%":
        asked = [f"{text} % predicted" for text in asked] + asked
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
    operands = {"unit": Operand(constant=unit)}
    reader = CellReader.of(Meaning("", concept, operands=operands, decimal=seen.decimal()))
    refused = sum(count for text, count in seen.texts.items() if isinstance(reader.read(text), Refusal))
    return "" if refused <= seen.texts.total() * (1 - _ENOUGH) else (
        f"{refused} of {seen.texts.total()} values cannot be read as {concept.id} in {unit}")  # fmt: skip


def _quantity(concept: Concept, unit: str, seen: Seen, parts: list[str], has_unit: bool) -> str:
    if seen.share("number") < _ENOUGH:
        return f"not numbers: {_examples(seen)}"
    written = unit or seen.unit_written()
    if unit:
        parts.append(f"unit: {json.dumps(unit, ensure_ascii=False)}")
    if written or has_unit or concept.unit in {"a", "1", "%"}:
        return ""
    return f"no unit; in the vocabulary it is {concept.unit}"


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
    read = sum(count for text, count in seen.texts.items() if text in values)
    return "" if read >= _ENOUGH * seen.texts.total() else (
        f"codes {_examples(seen)} are not {', '.join(concept.choices)}")  # fmt: skip


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
    if _few_codes(seen) and seen.share("number") == 1.0:
        return f"what do {', '.join(sorted(seen.codes))} mean? give values: {{1: present, 2: absent, ...}}"
    numerals = {"0", "1"} & seen.codes
    coded = sum(count for text, count in seen.texts.items() if text in numerals)
    if seen.share("truth") + coded / seen.texts.total() < _ENOUGH:
        return f"not present or absent: {_examples(seen)}"
    if numerals:
        meant = {"1": "present", "0": "absent"}
        parts.append(_values({code: meant[code] for code in sorted(numerals)}))
    return ""


def _labelled(seen: Seen, parts: list[str]) -> str:
    words = shipped_words()
    values: dict[str, str] = {}
    for code, label in seen.labels.items():
        truth = words.truths.get(folded(label))
        if truth is not None:
            values[code] = "present" if truth is Truth.PRESENT else "absent"
        elif words.is_unknown(label):
            values[code] = "unknown"
        elif code in seen.codes:
            return f"what does '{label}' mean?"
    parts.append(_values(values))
    return ""


def _values(values: Mapping[str, str]) -> str:
    inner = ", ".join(f"{json.dumps(code, ensure_ascii=False)}: {meant}" for code, meant in values.items())
    return f"values: {{{inner}}}"


def _examples(seen: Seen) -> str:
    return ", ".join(shown(text) for text, _ in seen.texts.most_common(_MOST_SHOWN))
