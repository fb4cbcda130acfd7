"""A condition in words: ``any of: A; B``, ``at least 2 of: ...``, ``leucocytes < 4.0 × 10⁹/L``.

A condition becomes a small tree of ``lead`` (any of, all of), ``text`` (the whole in one line) and
``parts``, so that a page can print a list and a terminal a line. Nothing is evaluated here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition import CriteriaSet, Node, Statement, nodes
from crithidia.foundation.text import Phrase, Text
from crithidia.interpretation import shipped_units
from crithidia.report.wording import concept_label, phrases, say
from crithidia.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from crithidia.definition import Score
    from crithidia.foundation.text import Language

Json = dict[str, Any]
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TITRE: Final = "{titer}"


@dataclass(frozen=True)
class ConditionWriter:
    """Writes conditions in one language; ``names`` are parts of the set that have a name."""

    language: Language
    names: Mapping[Node, Text] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: CriteriaSet, language: Language) -> ConditionWriter:
        """Return the writer that knows the clauses and scores of a set by name."""
        return cls(language, {**_clause_names(definition), **_score_names(definition)})

    def document(self, node: Statement) -> Json:
        """Return a condition as plain data; its own name, if it has one, is not used."""
        lead, parts = self._branches(node)
        if not lead:
            return {"lead": None, "text": self._leaf(node), "parts": []}
        inner = [self._part(part) for part in parts]
        return {"lead": lead, "text": self._line(node, lead, inner), "parts": inner}

    def text(self, node: Statement) -> str:
        """Return a condition on one line."""
        return str(self.document(node)["text"])

    def _part(self, node: Statement) -> Json:
        if node in self.names:
            return {"lead": None, "text": self.names[node].in_(self.language), "parts": []}
        return self.document(node)

    def _line(self, node: Statement, lead: str, inner: list[Json]) -> str:
        if isinstance(node, nodes.All) and all(_is_comparison(part) for part in node.of):
            return f" {say('condition_and', self.language)} ".join(self._run(node.of, inner))
        shown = (f"[{part['text']}]" if part["lead"] else part["text"] for part in inner)
        return f"{lead}: {'; '.join(shown)}"

    def _run(self, parts: tuple[Statement, ...], inner: list[Json]) -> Iterator[str]:
        """Yield comparisons; a quantity that was just named is not named again."""
        last = ""
        for node, part in zip(parts, inner, strict=True):
            concept = node.atoms()[0].concept if not isinstance(node, nodes.Reaches) else ""
            label = concept_label(concept, self.language) if concept else ""
            again = concept and concept == last
            yield part["text"].removeprefix(f"{label} ") if again else part["text"]
            last = concept

    def _branches(self, node: Statement) -> tuple[str, tuple[Statement, ...]]:
        """Return what joins the parts of a condition, and the parts; nothing for a leaf."""
        if isinstance(node, nodes.AtLeast):
            return self._say("condition_at_least", count=node.count), node.of
        if isinstance(node, nodes.Any):
            return self._say("condition_any"), node.of
        if isinstance(node, nodes.All):
            return self._say("condition_all"), node.of
        if isinstance(node, nodes.Not) and isinstance(node.part, nodes.Any) and node.part not in self.names:
            return self._say("condition_none"), node.part.of
        if isinstance(node, nodes.Not) and not _is_comparison(node) and not isinstance(node.part, nodes.Has):
            return self._say("condition_not"), (node.part,)
        return "", ()

    def _leaf(self, node: Statement) -> str:
        if isinstance(node, nodes.Not):
            return self._negated(node.part)
        if isinstance(node, nodes.Compares):
            return self._comparison(node, node.comparator)
        if isinstance(node, nodes.Is):
            choice = shipped_vocabulary()[node.concept].choices[node.code].in_(self.language)
            return f"{concept_label(node.concept, self.language)}: {choice}"
        if isinstance(node, nodes.Reaches):
            return f"{self._score(node.score)} {node.comparator} {self._number(node.threshold)}"
        if isinstance(node, nodes.Has):
            return concept_label(node.concept, self.language)
        msg = f"no words for a condition of the kind {type(node).__name__}"
        raise TypeError(msg)

    def _negated(self, part: Statement) -> str:
        """Return the absence of a finding, or a comparison of a once-only quantity turned round."""
        if isinstance(part, nodes.Compares):
            return self._comparison(part, _OPPOSITE[part.comparator])
        return self._say("condition_absent", what=self._leaf(part))

    def _comparison(self, node: nodes.Compares, comparator: str) -> str:
        label = concept_label(node.concept, self.language)
        number = self._number(node.threshold)
        if node.unit == _TITRE:
            return f"{label} {comparator} 1:{number}"
        unit = shipped_units().shown(node.unit, self.language)
        times = " ×" if unit.startswith("10") else ""
        return f"{label} {comparator} {number}{times} {unit}".rstrip()

    def _score(self, score: Score) -> str:
        return self.names[score].in_(self.language) if score in self.names else self._say("condition_total")

    def _number(self, number: Decimal) -> str:
        """Write a threshold with the decimals that the file gives it: 4.0 stays 4.0."""
        return format(number, "f")

    def _say(self, phrase: str, **parameters: object) -> str:
        return say(Phrase.of(phrase, **{k: str(v) for k, v in parameters.items()}), self.language)


def _is_comparison(node: Statement) -> bool:
    """Whether a condition compares a number; the negation of a once-only quantity does too."""
    if isinstance(node, nodes.Not) and isinstance(node.part, nodes.Compares):
        return shipped_vocabulary()[node.part.concept].once
    return isinstance(node, (nodes.Compares, nodes.Reaches))


def _clause_names(definition: CriteriaSet) -> dict[Node, Text]:
    """Return the labels of compound clauses, by which later conditions may call them."""
    named = (*definition.items(), *definition.sufficient, *definition.exclusions)
    names: dict[Node, Text] = {}
    for clause in named:
        if isinstance(clause.when, (nodes.All, nodes.Any, nodes.AtLeast)):
            names.setdefault(clause.when, clause.label)
    return names


def _score_names(definition: CriteriaSet) -> dict[Node, Text]:
    """Return the names of the scores that a category may compare: total, domains, groups."""
    names: dict[Node, Text] = {}
    for column in definition.columns:
        names.setdefault(definition.score(column.id), phrases()["condition_total"])
        scored = [domain for domain in definition.domains
                  if any(column.id in item.points for item in domain.items)]  # fmt: skip
        for domain in scored:
            names.setdefault(domain.score(column.id), domain.label)
        for group in dict.fromkeys(domain.group for domain in scored if domain.group):
            members = [domain for domain in scored if domain.group == group]
            label = Text(_summed(d.label.en for d in members), _summed(d.label.pl for d in members))
            parts = tuple(domain.score(column.id) for domain in members)
            names.setdefault(parts[0] if len(parts) == 1 else nodes.Sum(parts), label)
    return names


def _summed(labels: Iterable[str]) -> str:
    return f"({' + '.join(labels)})"
