"""From the text of a cell, and of the cells that belong to it, to a value, to nothing, or to a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from crithidia.case import Code, Fact, Grade, Interval, Presence, Quantity, Titre
from crithidia.case.fact_table import FactRow, row_of
from crithidia.case.numerals import number
from crithidia.case.reading import read_interval, read_quantity, read_value
from crithidia.foundation.problems import shown
from crithidia.foundation.truth import Truth
from crithidia.intake.tables.saying import said
from crithidia.intake.tables.words import Words, folded, shipped_words
from crithidia.interpretation import Doubt, UnitTable, shipped_units
from crithidia.interpretation.canonical import canonical
from crithidia.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from crithidia.case import Value
    from crithidia.intake.tables.mapping import Meaning

_NUMBER: Final = r"[0-9]+(?:[ \u00a0\u202f'][0-9]{3}(?![0-9]))*(?:[.,][0-9]+)*"
_NUMERIC: Final = re.compile(rf"(?P<sign>[<>]=?|[≤≥])?\s*(?P<n>[-+]?{_NUMBER})(?P<rest>.*)")
_GROUPED_POINT: Final = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[-+]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_GROUPED_COMMA: Final = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[-+]?[0-9]{1,3}(?:,[0-9]{3}){2,}")
_RECIPROCAL: Final = re.compile(r"(?P<sign>[<>]=?|[≤≥])?\s*(?:1\s*[:/]\s*)?(?P<n>[0-9]+)(?:[.,]0+)?")
EMPTY: Final = "empty"
UNKNOWN: Final = "unknown"
# What the readers of statistics packages put before a code that the file declares as missing.
USER_MISSING: Final = "user-missing "
_PLAIN: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that cannot be used: a short reason to count by, what was wrong, and what to do."""

    reason: str
    message: str
    remedy: str = ""


Outcome = FactRow | Refusal | str


@dataclass(frozen=True)
class CellReader:
    """Reads the cells of one column, or of one test."""

    meaning: Meaning
    labels: Mapping[str, str]
    unknown: frozenset[str]
    words: Words
    units: UnitTable

    @classmethod
    def of(cls, meaning: Meaning, labels: Mapping[str, str] | None = None,
           unknown: frozenset[str] = frozenset()) -> CellReader:  # fmt: skip
        """Return a reader with the shipped words and units."""
        return cls(meaning, labels or {}, unknown, shipped_words(), shipped_units())

    def read(self, text: str | None, beside: Mapping[str, str | None] | None = None) -> Outcome:
        """Return the row of the fact (without person), ``EMPTY``, ``UNKNOWN``, or a refusal.

        ``beside`` holds the cells of ``unit``, ``lower_limit``, ``upper_limit`` and ``interval`` where they
        stand in columns.
        """
        words = " ".join((text or "").split())
        if not words:
            return EMPTY
        if is_missing(words):
            return UNKNOWN
        meant = self._meant(words)
        if meant == "unknown" or (meant is None and self._is_unknown(words)):
            return UNKNOWN
        try:
            value = self._value(meant if meant is not None else self.labels.get(words, words))
            value = self._complete(value, beside or {})
        except ValueError as error:
            return _refusal(str(error))
        fact = canonical(Fact(self.meaning.concept.id, value), self.units)
        return _doubted(fact) if isinstance(fact, Doubt) else row_of("", fact)

    def _meant(self, words: str) -> str | None:
        """Return what the mapping says the code, or its label, means."""
        values = self.meaning.values
        for candidate in (words, self.labels.get(words, words), _without_zeros(words)):
            if candidate in values:
                return values[candidate]
        return None

    def _is_unknown(self, words: str) -> bool:
        label = self.labels.get(words, words)
        return words in self.unknown or label in self.unknown or self.words.is_unknown(label)

    def _value(self, words: str) -> Value:
        concept, form = self.meaning.concept, self.meaning.form
        if form == "titre":
            return _titre(words)
        if concept.kind is Kind.FINDING or form == "presence":
            return self._presence(words)
        if concept.kind is Kind.QUANTITY:
            return read_quantity(self._number(words))
        if concept.kind is Kind.CODE:
            return self._code(words)
        if concept.kind is Kind.ANTIBODY:
            return self._antibody(words)
        return read_value(concept, words)

    def _presence(self, words: str) -> Presence:
        truth = self.words.truths.get(folded(words))
        if truth is None and words in {"present", "absent"}:
            truth = Truth(words)
        if truth is None:
            numeral = " (a numeral means what 'values:' says it means)" if _PLAIN.fullmatch(words) else ""
            msg = f"'{shown(words)}' is not present or absent{numeral}"
            raise ValueError(msg)
        return Presence(truth)

    def _code(self, words: str) -> Code:
        if self.meaning.concept.id == "sex" and folded(words) in self.words.sexes:
            return Code(self.words.sexes[folded(words)])
        value = read_value(self.meaning.concept, words)
        assert isinstance(value, Code)  # noqa: S101
        return value

    def _antibody(self, words: str) -> Value:
        truth = self.words.truths.get(folded(words))
        if truth is not None and words not in {"+", "-"}:
            return Presence(truth)
        return read_value(self.meaning.concept, self._number(words))

    def _number(self, words: str) -> str:
        """Return the words with the number in the one way that everything else reads: 1234.5."""
        match = _NUMERIC.fullmatch(words)
        if match is None or ":" in words:
            return words
        digits = plain_number(match["n"].strip(), self.meaning.decimal)
        return f"{match['sign'] or ''}{digits} {match['rest'].strip()}".strip()

    def _complete(self, value: Value, beside: Mapping[str, str | None]) -> Value:
        """Add the unit and the laboratory's limits, from their columns or from the mapping."""
        if not isinstance(value, Quantity):
            return value
        unit = value.unit or self._beside("unit", beside)
        interval = value.interval or self._interval(beside)
        if self.meaning.decimal:  # then no sign can part thousands
            interval = None if interval is None else replace(interval, grouped=False)
            value = replace(value, grouped=False)
        return replace(value, unit=unit, interval=interval)

    def _beside(self, key: str, beside: Mapping[str, str | None]) -> str:
        operand = self.meaning.operands.get(key)
        if operand is None:
            return ""
        text = (beside.get(key) or "").strip() if operand.column else operand.constant
        return "" if is_missing(text) or self.words.is_unknown(text) else text

    def _interval(self, beside: Mapping[str, str | None]) -> Interval | None:
        low, high = (self._limit(key, beside) for key in ("lower_limit", "upper_limit"))
        if low is not None or high is not None:
            return Interval(low, high)
        words = self._beside("interval", beside)
        return read_interval(self._number(words) if words[:1] in "<>≤≥" else words) if words else None

    def _limit(self, key: str, beside: Mapping[str, str | None]) -> Decimal | None:
        words = self._beside(key, beside)
        return number(plain_number(words, self.meaning.decimal)) if words else None


def is_missing(text: str) -> bool:
    """Return whether a cell holds a code that the file declares as missing."""
    return text.startswith(USER_MISSING)


def plain_number(text: str, decimal: str = "") -> str:
    """Return a number with a decimal point and without separators of thousands.

    ``decimal`` is the sign that the mapping declares. Without it ``1.234,5`` and ``1,234.5`` read by
    themselves; ``1,234`` stays as it is, to be refused. Raises ``ValueError`` for signs that do not fit.
    """
    digits = re.sub(r"(?<=[0-9])[ \u00a0\u202f'](?=[0-9]{3}(?![0-9]))", "", text).strip()
    if decimal == ",":
        return _strip(digits, ".", ",").replace(",", ".")
    if decimal == ".":
        return _strip(digits, ",", ".")
    if _GROUPED_POINT.fullmatch(digits):
        return digits.replace(".", "").replace(",", ".")
    return digits.replace(",", "") if _GROUPED_COMMA.fullmatch(digits) else digits


def _strip(digits: str, thousands: str, decimal: str) -> str:
    whole, _, rest = digits.partition(decimal)
    if thousands in rest or (thousands in whole and not _is_grouped(whole, thousands)):
        msg = f"'{shown(digits)}' does not fit the declared decimal sign '{decimal}'"
        raise ValueError(msg)
    return whole.replace(thousands, "") + (decimal + rest if rest else "")


def _is_grouped(whole: str, sign: str) -> bool:
    return re.fullmatch(rf"[-+]?[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+", whole) is not None


def _without_zeros(words: str) -> str:
    """Return ``1`` for ``1.0``: spreadsheets and statistics packages store codes as numbers."""
    return re.sub(r"[.,]0+$", "", words)


def _titre(words: str) -> Value:
    match = _RECIPROCAL.fullmatch(words)
    if match is None:
        grade = {"+": Grade("+"), "-": Grade("-")}.get(words)
        if grade is not None:
            return grade
        truth = shipped_words().truths.get(folded(words))
        if truth is not None:
            return Presence(truth)
        return _titre_with_pattern(words)
    if int(match["n"]) == 0:
        return Presence(Truth.ABSENT)
    sign = {"≤": "<=", "≥": ">="}.get(match["sign"] or "=", match["sign"] or "=")
    return Titre(int(match["n"]), sign)


def _titre_with_pattern(words: str) -> Value:
    from crithidia.case.reading import TITRE

    match = TITRE.fullmatch(words)
    if match is None:
        msg = f"'{shown(words)}' is not a titre; write 320 or 1:320"
        raise ValueError(msg)
    sign = {"≤": "<=", "≥": ">="}.get(match["sign"] or "=", match["sign"] or "=")
    return Titre(int(match["n"].replace(" ", "")), sign, match["rest"] or "")


_REASONS: Final = (
    ("decimal comma or a thousands", "ambiguous number"),
    ("declared decimal sign", "ambiguous number"),
    ("is not present", "unknown coding"),
    ("is not one of", "unknown coding"),
    ("is not a titre", "not a titre"),
    ("interval", "limits not readable"),
    ("after the number", "not a number"),
    ("is not a number", "not a number"),
)
_REMEDIES: Final = {
    "ambiguous number": "give 'decimal:' in the mapping, for the file or the column",
    "unknown coding": "say under 'values:' of the column what it means",
    "not a number": "correct the cell, or say under 'values:' what it means",
    "not a titre": "write 320 or 1:320",
    "limits not readable": "correct the limits, or leave them out of the mapping",
}


def _refusal(message: str) -> Refusal:
    reason = next((reason for part, reason in _REASONS if part in message), "not readable")
    return Refusal(reason, message, _REMEDIES.get(reason, "correct the cell"))


def _doubted(doubt: Doubt) -> Refusal:
    value = doubt.facts[0].value
    if doubt.id == "unit_not_recognised" and isinstance(value, Quantity) and not value.unit:
        return Refusal("no unit", f"{value.number} has no unit", "give 'unit:' in the mapping")
    reasons = {"unit_not_recognised": "unit not recognised", "unit_not_of_quantity": "unit of something else",
               "value_not_plausible": "value not possible", "number_ambiguous": "ambiguous number",
               "multiple_of_limit_in_table": "multiple of a limit"}  # fmt: skip
    return Refusal(reasons.get(doubt.id, doubt.id), said(doubt.statement), said(doubt.remedy))


def template(row: FactRow) -> dict[str, Any]:
    """Return what a row says apart from person, time and source."""
    names = ("concept", "form", "truth", "low", "high", "low_open", "high_open", "limit_low", "limit_high",
             "limit_low_open", "limit_high_open", "unit", "code", "pattern", "text")  # fmt: skip
    return {name: getattr(row, name) for name in names}
