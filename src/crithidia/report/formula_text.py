"""A formula in words: ``0.56 × √(tender joints) + 0.7 × ln(ESR)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crithidia.definition.formula import (
    Applied,
    Banded,
    Choice,
    Coded,
    Constant,
    Formula,
    Greatest,
    Least,
    Measured,
    Product,
    Quotient,
    Raised,
    Rounded,
    Total,
)
from crithidia.definition.score_library import load_score, shipped_score_ids
from crithidia.foundation.numbers import plain
from crithidia.foundation.text import Phrase, Text
from crithidia.interpretation import shipped_units
from crithidia.interpretation.units import NO_UNIT
from crithidia.report.conditions import ConditionWriter
from crithidia.report.wording import concept_label, phrases, say
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crithidia.definition import Clause, Node, Statement
    from crithidia.definition.score import ScoreDefinition
    from crithidia.foundation.text import Language

@dataclass(frozen=True)
class FormulaWriter:
    """Writes formulas in one language; ``names`` are parts that have a name."""

    language: Language
    names: Mapping[Node, Text]

    @classmethod
    def of(cls, definition: ScoreDefinition, language: Language) -> FormulaWriter:
        """Return the writer that knows the parts and inputs of a score by name."""
        names: dict[Node, Text] = _other_totals(definition)
        names.update({part.formula: part.label for part in definition.parts})
        names.update({leaf: _input_name(leaf) for leaf in definition.formula.inputs()
                      if isinstance(leaf, Measured)})  # fmt: skip
        names.update({Measured(given.concept): _input_name(Measured(given.concept))
                      for given in definition.inputs})  # fmt: skip
        return cls(language, names)

    def clause(self, clause: Clause, total: Formula) -> str:
        """Return the condition of a category; the score's own total is called total, others by name."""
        names = {**self.names, total: phrases()["condition_total"]}
        return ConditionWriter(self.language, names).text(clause.when)

    def text(self, node: Formula) -> str:
        """Return a formula in words, by its name if it has one."""
        if node in self.names:
            return self.names[node].in_(self.language)
        return self.rule(node)

    def rule(self, node: Formula) -> str:
        """Return how something is worked out; its own name is not used for it."""
        write = _WRITERS.get(type(node))
        if write is None:
            msg = f"no words for {type(node).__name__}"
            raise TypeError(msg)
        return write(self, node)

    def inner(self, node: Formula) -> str:
        """Return a formula that stands inside a product: a sum goes into parentheses."""
        words = self.text(node)
        needed = node not in self.names and isinstance(node, (Total, Quotient, Choice))
        return f"({words})" if needed else words

    def added(self, node: Formula) -> str:
        """Return a formula that stands inside a sum: a choice goes into parentheses."""
        return self.inner(node) if isinstance(node, Choice) else self.text(node)

    def condition(self, statement: Statement) -> str:
        """Return a condition in words."""
        return ConditionWriter(self.language, self.names).text(statement)


def _other_totals(definition: ScoreDefinition) -> dict[Node, Text]:
    """Return the titles of other scores by their totals: a score may be built on another one."""
    others = (load_score(score_id) for score_id in shipped_score_ids() if score_id != definition.id)
    return {total: other.title for other in others for total in (other.formula, other.judged)
            if isinstance(other.formula, Total) and other.formula != definition.formula}  # fmt: skip


def _input_name(leaf: Measured) -> Text:
    concept = shipped_vocabulary()[leaf.concept]
    return Text(_with_unit(leaf, concept.unit, "en"), _with_unit(leaf, concept.unit, "pl"))


def _with_unit(leaf: Measured, unit: str, language: Language) -> str:
    label = concept_label(leaf.concept, language)
    if leaf.occasion == "baseline":
        label = f"{label} ({say('score_baseline', language)})"
    return label if unit == NO_UNIT else f"{label} [{shipped_units().shown(unit, language)}]"


def _constant(_: FormulaWriter, node: Constant) -> str:
    return plain(node.value)


def _total(writer: FormulaWriter, node: Total) -> str:
    words = ""
    for part in node.of:
        negated = _negated(part)
        shown = writer.inner(negated) if negated else writer.added(part)
        words += (" − " if negated else " + " if words else "") + shown
    return words.strip()


def _negated(part: Formula) -> Formula | None:
    """Return what is taken away, if a part is the negative of something."""
    if isinstance(part, Constant) and part.value < 0:
        return Constant(-part.value)
    if isinstance(part, Product) and isinstance(part.of[0], Constant) and part.of[0].value == -1:
        return part.of[1] if len(part.of) == 2 else Product(part.of[1:])
    return None


def _product(writer: FormulaWriter, node: Product) -> str:
    return " × ".join(writer.inner(part) for part in node.of)


def _quotient(writer: FormulaWriter, node: Quotient) -> str:
    return f"{writer.inner(node.numerator)} / {writer.inner(node.denominator)}"


def _raised(writer: FormulaWriter, node: Raised) -> str:
    return f"({writer.text(node.part)})^{float(node.exponent):g}"


def _applied(writer: FormulaWriter, node: Applied) -> str:
    name = "√" if node.function == "sqrt" else node.function
    return f"{name}({writer.text(node.part)})"


def _rounded(writer: FormulaWriter, node: Rounded) -> str:
    return f"round({writer.text(node.part)}; {node.places})"


def _extreme(writer: FormulaWriter, node: Least | Greatest) -> str:
    name = "min" if isinstance(node, Least) else "max"
    return f"{name}({'; '.join(writer.text(part) for part in node.of)})"


def _banded(writer: FormulaWriter, node: Banded) -> str:
    what = writer.text(node.part)
    bands = [f"{'<=' if cut.included else '<'} {plain(cut.limit)}: {plain(value)}"
             for cut, value in zip(node.cuts, node.values, strict=False)]  # fmt: skip
    last = say(Phrase.of("formula_otherwise", value=plain(node.values[-1])), writer.language)
    return f"{what} {'; '.join([*bands, last])}"


def _coded(writer: FormulaWriter, node: Coded) -> str:
    choices = shipped_vocabulary()[node.concept].choices
    names = {code: text.in_(writer.language) for code, text in choices.items()}
    codes = "; ".join(f"{names.get(code, code)}: {plain(value)}" for code, value in node.values)
    return f"{concept_label(node.concept, writer.language)} ({codes})"


def _choice(writer: FormulaWriter, node: Choice) -> str:
    return say(Phrase.of("formula_choice", condition=writer.condition(node.when), then=writer.text(node.then),
                         otherwise=writer.text(node.otherwise)), writer.language)  # fmt: skip


def _measured(writer: FormulaWriter, node: Measured) -> str:
    return concept_label(node.concept, writer.language)


_WRITERS: Final[Mapping[type, Callable[..., str]]] = {
    Constant: _constant, Total: _total, Product: _product, Quotient: _quotient, Raised: _raised,
    Applied: _applied, Rounded: _rounded, Least: _extreme, Greatest: _extreme, Banded: _banded,
    Coded: _coded, Choice: _choice, Measured: _measured,
}  # fmt: skip
