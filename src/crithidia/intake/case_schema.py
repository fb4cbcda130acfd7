"""The JSON Schema of the case file, for editors to complete and check it while it is written.

It accepts what ``load_case`` accepts, with names in the spellings of the vocabulary, and refuses
what can be refused without arithmetic. Refuses to be the check: that is ``crithidia case check``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crithidia.case.grades import GRADES, TRUTHS
from crithidia.case.reading import QUANTITY, TITRE
from crithidia.intake.case_file import DRUG_KEYS, FORMAT, SECTIONS, SOURCE_KEYS, patient_concepts
from crithidia.intake.claim_schema import claims_schema
from crithidia.intake.entries import CLAIMED
from crithidia.vocabulary import Concept, Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LONGEST: Final = 500
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_OFFSET: Final = r"[-+]\s*[0-9]+(\.[0-9]+)?\s*(day|week|month|year)s?"
_INDEX: Final = ("admission", "index", "baseline", "now")
_ENTRY_TEXTS: Final = {
    "quote": "The words of the record that say so.",
    "page": "The page on which they stand.",
    "note": "A remark of the person who wrote the file.",
    "explained_by": "Another cause to which the finding is put down.",
}
_SECTION_NOTES: Final = {
    "family_history": "What relatives have, as concepts of the vocabulary.",
    "findings": "Anything that fits no other section.",
}
_EXAMPLES: Final = {
    Kind.QUANTITY: "A number with its unit and, in brackets, its reference interval: 5.65 mmol/L (3-5)",
    Kind.ANTIBODY: "present, absent, unknown, a grade (- to ++++), a titre (1:320) or 45 U/mL (<20)",
    Kind.FINDING: "present, absent or unknown",
}


def case_schema() -> Schema:
    """Return the schema of the case file (JSON Schema, draft 2020-12)."""
    concepts = sorted(shipped_vocabulary().concepts.values(), key=lambda concept: concept.id)
    recorded = [concept for concept in concepts if concept.kind is not Kind.DRUG]
    sections = {name: _section(name) for name in SECTIONS}
    return {
        "$schema": _DIALECT,
        "title": f"Crithidia case file ({FORMAT})",
        "description": "What is known about one patient. Nothing recorded is not the same as absent.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "crithidia": {"const": FORMAT, "description": "The format of this file."},
            "id": _text("A name for the case; by default that of the file."),
            "source": {"$ref": "#/$defs/source"},
            "index_date": {"type": ["string", "null"], "pattern": f"^{_DATE}$",
                           "description": "The date from which +3 months and -8 months count."},
            "patient": {"$ref": "#/$defs/patient"},
            "notes": _text("Anything else; it is kept and not interpreted."),
            "treatment": {"$ref": "#/$defs/treatment"},
            "visits": {"$ref": "#/$defs/visits"},
            "claims": {"$ref": "#/$defs/claims"},
            **sections,
        },
        "$defs": {
            **{f"concept:{concept.id}": _concept(concept) for concept in recorded},
            **_shapes(),
            "time": _time(),
            "findings": _findings(recorded),
            "source": _source(),
            "patient": _patient(),
            "treatment": _treatment([concept for concept in concepts if concept.kind is Kind.DRUG]),
            "visits": _visits(sections),
            "claims": claims_schema(_ENTRY_TEXTS),
        },
    }  # fmt: skip


def _text(description: str) -> Schema:
    return {"type": ["string", "number", "boolean", "null"], "description": description}


def _object(properties: Schema, description: str = "", required: Iterable[str] = ()) -> Schema:
    schema: Schema = {"type": ["object", "null"], "additionalProperties": False, "properties": properties}
    if description:
        schema["description"] = description
    if required:
        schema |= {"type": "object", "required": list(required)}
    return schema


def _section(name: str) -> Schema:
    if name in _SECTION_NOTES:
        return {"$ref": "#/$defs/findings", "description": _SECTION_NOTES[name]}
    return {"$ref": "#/$defs/findings"}


def _findings(concepts: list[Concept]) -> Schema:
    """Return a section: ids to complete, and every other name of a concept as a pattern."""
    return _object({concept.id: _reference(concept) for concept in concepts}) | {
        "patternProperties": {_any_name(concept): _reference(concept) for concept in concepts}
    }


def _reference(concept: Concept) -> Schema:
    return {"$ref": f"#/$defs/concept:{concept.id}"}


def _concept(concept: Concept) -> Schema:
    return {"description": _described(concept)} | _shared(concept)


def _shared(concept: Concept) -> Schema:
    """Return what all concepts that are written alike have in common."""
    if concept.kind is Kind.CODE:
        return _recorded(_code(concept), _entry(_code(concept)))
    if f"{concept.id}_percent_predicted" in shipped_vocabulary():
        return {"$ref": "#/$defs/recorded:predicted"}
    return {"$ref": f"#/$defs/recorded:{concept.kind.value}"}


def _recorded(value: Schema, entry: Schema) -> Schema:
    """Return what may stand behind a concept: a value, a mapping, or a list of these."""
    several = {"type": "array", "minItems": 1, "items": {"anyOf": [value, entry]}}
    return {"anyOf": [value, entry, several]}


def _described(concept: Concept) -> str:
    meaning = f". {concept.definition.en}" if concept.definition else ""
    example = _EXAMPLES.get(concept.kind) or f"One of {', '.join(concept.choices)}"
    return f"{concept.label.en} / {concept.label.pl}{meaning}\n{example}"


def _code(concept: Concept) -> Schema:
    labels = [name for text in concept.choices.values() for name in (text.en, text.pl)]
    others = "|".join(_spelled(word) for word in (*concept.choices, *labels))
    return {"anyOf": [{"enum": list(concept.choices)}, _pattern(others)]}


def _entry(value: Schema, **more: Schema) -> Schema:
    texts = {name: _text(note) for name, note in _ENTRY_TEXTS.items()}
    basis = {"enum": [CLAIMED], "description": "For what the authors assert without showing it."}
    return _object({"is": value, "at": {"$ref": "#/$defs/time"}, "basis": basis, **texts, **more},
                   required=("is",))  # fmt: skip


def _shapes() -> Schema:
    """Return the values of each kind and what may be recorded of it."""
    values = _values()
    interval = _text("The reference interval: 13-150, <12 or >=90")
    number = {"$ref": "#/$defs/quantity"}
    finding, antibody = {"$ref": "#/$defs/finding"}, {"$ref": "#/$defs/antibody"}
    return values | {
        "recorded:finding": _recorded(finding, _entry(finding)),
        "recorded:antibody": _recorded(antibody, _entry(antibody, interval=interval)),
        "recorded:quantity": _recorded(number, _entry(number, interval=interval)),
        "recorded:predicted": _recorded(number, _entry(number, interval=interval, predicted=number)),
    }


def _values() -> Schema:
    truth = [{"enum": ["present", "absent", "unknown"]}, {"type": "boolean"},
             _pattern("|".join(_spelled(word) for word in TRUTHS))]  # fmt: skip
    grades = "|".join(_spelled(grade) if any(map(str.isalpha, grade)) else _escaped(grade)
                      for grade in GRADES)  # fmt: skip
    quantity = _pattern(_plain(QUANTITY))
    return {
        "finding": {"anyOf": truth},
        "quantity": {"anyOf": [{"type": "number"}, quantity]},
        "antibody": {"anyOf": [*truth, {"type": "number", "minimum": 0}, _pattern(grades),
                               _pattern(_plain(TITRE)), _pattern(f"(?=[0-9<>≤≥˂˃⩽⩾]){_plain(QUANTITY)}")]},
    }  # fmt: skip


def _time() -> Schema:
    return {
        "description": "A date (2022-05-01), 'admission', or an offset from index_date (+3 months).",
        "anyOf": [
            {"enum": [*_INDEX, 0]},
            _pattern(f"{_DATE}|{_OFFSET}|\\+?0|{'|'.join(_spelled(word) for word in _INDEX)}"),
        ],
    }


def _source() -> Schema:
    described = {name: _text(f"The {name} of the publication.") for name in SOURCE_KEYS}
    return {"description": "The publication or record that the case was taken from.",
            "anyOf": [{"type": "string"}, _object(described)]}  # fmt: skip


def _patient() -> Schema:
    vocabulary = shipped_vocabulary()
    return _object({key: _reference(vocabulary[key]) for key in patient_concepts(vocabulary)}, "The patient.")


def _treatment(drugs: list[Concept]) -> Schema:
    names = "|".join(_names(drug) for drug in drugs)
    described = {"dose": "As given: 100 mg 2x per day", "quote": _ENTRY_TEXTS["quote"],
                 "page": _ENTRY_TEXTS["page"], "note": _ENTRY_TEXTS["note"]}  # fmt: skip
    properties: Schema = {key: _text(described[key]) for key in DRUG_KEYS if key in described}
    properties["drug"] = {"anyOf": [{"enum": [drug.id for drug in drugs]}, _pattern(names)]}
    properties |= {"start": {"$ref": "#/$defs/time"}, "stop": {"$ref": "#/$defs/time"}}
    short = _pattern(rf"({names})(\s.*)?")
    return {"type": ["array", "null"], "description": "The drugs given.",
            "items": {"anyOf": [short, _object(properties, required=("drug",))]}}  # fmt: skip


def _visits(sections: Schema) -> Schema:
    visit = _object({"at": {"$ref": "#/$defs/time"}, "notes": _text("Anything else."),
                     "treatment": {"$ref": "#/$defs/treatment"}, **sections}, required=("at",))  # fmt: skip
    return {"type": ["array", "null"], "description": "What was found at later times.", "items": visit}


def _pattern(alternatives: str) -> Schema:
    return {"type": "string", "maxLength": _LONGEST, "pattern": rf"^\s*({alternatives})\s*$"}


def _any_name(concept: Concept) -> str:
    return f"^({_names(concept)})$"


def _names(concept: Concept) -> str:
    """Return the names of a concept; the first letter in any case, the others as they are known."""
    spelled = (f"{_letter(name[0])}{''.join(_separated(c) for c in name[1:])}" for name in concept.names())
    return "|".join(dict.fromkeys(spelled))


def _separated(character: str) -> str:
    return "[ _-]" if character in " _-" else _escaped(character)


def _spelled(name: str) -> str:
    """Return the pattern of a word: any case of its letters; space, _ and - are one."""
    return "".join(_letter(c) for c in name)


def _letter(character: str) -> str:
    lower, upper = character.lower(), character.upper()
    if len(lower) == len(upper) == 1 and lower != upper:
        return f"[{lower}{upper}]"
    return _separated(character)


def _escaped(text: str) -> str:
    return re.sub(r"([\\^$.*+?()\[\]{}|/])", r"\\\1", text)


def _plain(pattern: re.Pattern[str]) -> str:
    """Return a pattern without names of groups, which the regular expressions of JSON Schema lack."""
    return re.sub(r"\?P<\w+>", "", pattern.pattern)
