"""A definition document on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crithidia.foundation.text import Phrase
from crithidia.report.pages import localised
from crithidia.report.wording import capital, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from crithidia.foundation.text import Language

Json = dict[str, Any]


def definition_text(document: Json, language: Language) -> Iterator[RenderableType]:
    """Yield the parts of a set for a terminal."""
    return _View(document, language).parts()


class _View:
    def __init__(self, document: Json, language: Language) -> None:
        self.d = document
        self.language: Language = language

    def t(self, phrase: str) -> str:
        return say(phrase, self.language)

    def n(self, value: float | str) -> str:
        return localised(value, self.language)

    def parts(self) -> Iterator[RenderableType]:
        yield from self._head()
        yield from self._gates("heading_entry", [self.d["entry"]] if self.d["entry"] else [])
        yield from self._gates("heading_exclusions", self.d["exclusions"])
        yield from self._gates("heading_sufficient", self.d["sufficient"])
        yield from self._items()
        yield from self._categories()
        yield from self._gates("heading_subgroups", self.d["subgroups"])
        yield from self._performance()
        yield from self._notes("guide_errors", self.d["errors"])
        yield from self._notes("heading_notes", self.d["notes"])

    def _head(self) -> Iterator[RenderableType]:
        yield Text.assemble((capital(self.d["title"]), "bold"), (f"  {self.d['id']}", "cyan"))
        for citation in (self.d["citation"], *self.d["also_published"]):
            yield Text(_cited(citation), "dim")
        for phrase, key in (("guide_replaces", "replaces"), ("guide_replaced_by", "replaced_by")):
            if self.d[key]:
                yield Text(f"{self.t(phrase)}: {', '.join(other['id'] for other in self.d[key])}", "yellow")
        for phrase, key in (("word_scope", "scope"), ("word_attribution", "attribution")):
            if self.d[key]:
                yield Text(f"{self.t(phrase)}: {self.d[key]}")

    def _heading(self, phrase: str) -> Padding:
        return Padding(Text(self.t(phrase), "bold"), (1, 0, 0, 0))

    def _gates(self, phrase: str, clauses: list[Json]) -> Iterator[RenderableType]:
        if clauses:
            yield self._heading(phrase)
        for clause in clauses:
            yield Padding(self._clause(clause), (0, 0, 0, 2))

    def _clause(self, clause: Json) -> Text:
        """Return a clause: label, mark, condition if it says more, definition, rules, source."""
        shown = Text(capital(clause["label"]))
        if clause["unverified"]:
            shown.append(f" [{self.t('word_unverified')}]", "yellow")
        if clause["condition"]["text"].lower() != clause["label"].lower():
            shown.append(f"\n{self.n(clause['condition']['text'])}", "dim")
        if clause["definition"]:
            shown.append(f"\n{self.n(clause['definition'])}", "dim italic")
        for rule in clause["measured"]:
            shown.append(f"\n{self.t('guide_measured')}: {self.n(rule)}", "dim")
        return shown

    def _items(self) -> Iterator[RenderableType]:
        yield self._heading("guide_points_table")
        columns = self.d["columns"]
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=len(columns) > 1)
        table.add_column("")
        for column in columns:
            table.add_column(column["label"], justify="right")
        for domain in self.d["domains"]:
            if len(domain["items"]) > 1 or domain["items"][0]["label"] != domain["label"]:
                table.add_row(Text(self._domain(domain), "cyan"))
            for item in domain["items"]:
                table.add_row(Padding(self._clause(item), (0, 0, 0, 2)),
                              *(self._points(item, column["id"]) for column in columns))  # fmt: skip
        yield table

    def _domain(self, domain: Json) -> str:
        label = capital(domain["label"])
        if len(domain["items"]) == 1:
            return label
        cap = domain["cap"]
        limit = "" if cap is None else ", " + say(Phrase.of("guide_cap", cap=self.n(cap)), self.language)
        return f"{label} ({domain['count_label']}{limit})"

    def _points(self, item: Json, column: str) -> str:
        return self.n(item["points"][column]) if column in item["points"] else ""

    def _categories(self) -> Iterator[RenderableType]:
        yield self._heading("guide_categories")
        for column in self.d["columns"]:
            if column["when"]:
                when = f"{self.t('guide_column_when')}: {self.n(column['when']['text'])}"
                yield Text(f"  {column['label']} ({when})", "cyan")
            for category in self.d["categories"]:
                if category["column"] == column["id"]:
                    no = "" if category["classified"] else f" ({self.t('word_does_not_classify')})"
                    yield Text(f"  {category['label']}: {self.n(category['condition']['text'])}{no}")

    def _performance(self) -> Iterator[RenderableType]:
        if self.d["performance"]:
            yield self._heading("heading_performance")
        for entry in self.d["performance"]:
            words = (f"{self.t(phrase)} {self.n(round(100 * entry[key], 1))}%"
                     for phrase, key in (("word_sensitivity", "sensitivity"),
                                         ("word_specificity", "specificity")))  # fmt: skip
            yield Text(f"  {', '.join(words)} ({entry['setting']})")

    def _notes(self, phrase: str, notes: list[str]) -> Iterator[RenderableType]:
        if notes:
            yield self._heading(phrase)
        for note in notes:
            yield Padding(Text(self.n(note)), (0, 0, 0, 2))


def _cited(citation: Json) -> str:
    identifiers = (f"doi:{citation['doi']}" if citation["doi"] else "",
                   f"PMID {citation['pmid']}" if citation["pmid"] else "")  # fmt: skip
    return ", ".join(part for part in (citation["text"], citation["place"], *identifiers) if part)
