"""The guide as a static site: path below the site's folder, and what stands there.

Everything is self-contained: one style sheet, one script for the search, no network. With both
languages each has its own folder; a page links to its twin in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crithidia.definition import shipped_criteria
from crithidia.definition.score_library import shipped_score_ids
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase
from crithidia.report.definition import definition_of
from crithidia.report.guide.cases import cases_file, worked_cases
from crithidia.report.guide.concepts import concept_documents
from crithidia.report.guide.score_cases import worked_scores
from crithidia.report.guide.search import search_index
from crithidia.report.pages import TEMPLATES, html_environment, localised, tidy
from crithidia.report.score_definition import score_definition_document
from crithidia.report.wording import concept_label, say
from crithidia.vocabulary.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crithidia.foundation.text import Language

Json = dict[str, Any]
Page = tuple[str, str]


def guide_site(languages: tuple[Language, ...], cases: Path | None = None,
               score_cases: Path | None = None) -> Iterator[Page]:  # fmt: skip
    """Yield every file of the site. Raises ``InputError`` for worked cases that cannot be read."""
    yield "assets/style.css", tidy(html_environment().get_template("guide_style.css.j2").render())
    yield "assets/search.js", (TEMPLATES / "guide_search.js").read_text("utf-8")
    yield from _data_files(cases)
    yield from _score_files(score_cases)
    for language in languages:
        yield from _Site(language, languages, cases, score_cases).pages()
    if len(languages) > 1:
        yield "index.html", _entrance(languages)


def _data_files(cases: Path | None) -> Iterator[Page]:
    """Yield the definitions themselves, and the worked cases where they are at hand."""
    for definition in shipped_criteria():
        source = shipped_library().root / "criteria" / f"{definition.id}.yaml"
        yield f"data/{definition.id}.yaml", source.read_text("utf-8")
        worked = cases_file(cases, definition.id)
        if worked:
            yield f"data/{definition.id}.cases.yaml", worked.read_text("utf-8")


def _score_files(cases: Path | None) -> Iterator[Page]:
    for score_id in shipped_score_ids():
        source = shipped_library().root / "scores" / f"{score_id}.yaml"
        yield f"data/scores/{score_id}.yaml", source.read_text("utf-8")
        worked = cases_file(cases, score_id)
        if worked:
            yield f"data/scores/{score_id}.cases.yaml", worked.read_text("utf-8")


def _entrance(languages: tuple[Language, ...]) -> str:
    template = html_environment().get_template("guide_entrance.html.j2")
    return tidy(template.render(languages=languages, say=say))


@dataclass(frozen=True)
class _Site:
    """The pages of one language."""

    language: Language
    languages: tuple[Language, ...]
    cases: Path | None
    score_cases: Path | None = None

    @property
    def folder(self) -> str:
        return f"{self.language}/" if len(self.languages) > 1 else ""

    def pages(self) -> Iterator[Page]:
        documents = [definition_of(s.id, self.language) for s in shipped_criteria()]
        scores = [score_definition_document(score_id, self.language) for score_id in shipped_score_ids()]
        yield self._page("index.html", "guide_index.html.j2", diseases=by_disease(documents),
                         counts={**_counts(documents), "heading_scores": len(scores)})  # fmt: skip
        yield self._page("scores.html", "guide_scores.html.j2", diseases=by_disease(scores))
        for score in scores:
            yield self._page(f"scores/{score['id']}.html", "guide_score.html.j2", d=score,
                             cases=worked_scores(self.score_cases, score["id"], self.language))  # fmt: skip
        for document in documents:
            yield self._set_page(document)
        yield self._page("concepts.html", "guide_concepts.html.j2", letters=by_letter(self.language))
        yield self._page("unverified.html", "guide_unverified.html.j2",
                         sets=[d for d in documents if d["unverified"]])  # fmt: skip
        yield self._page("search.html", "guide_search.html.j2", index=search_index(self.language))

    def _set_page(self, document: Json) -> Page:
        cases = worked_cases(self.cases, document["id"], self.language)
        return self._page(
            f"sets/{document['id']}.html", "guide_set.html.j2", d=document,
            anchors=_anchors(document), cases=cases, wrong=[case for case in cases if case["error"]],
            asked=[(name, concept_label(name, self.language)) for name in document["concepts"]],
        )  # fmt: skip

    def _page(self, path: str, template: str, **values: Any) -> Page:
        depth = path.count("/")
        others = [language for language in self.languages if language != self.language]
        root = "../" * (depth + bool(self.folder))
        text = html_environment().get_template(template).render(
            language=self.language,
            t=lambda phrase: say(phrase, self.language),
            fill=lambda phrase, **parts: say(Phrase.of(phrase, **parts), self.language),
            number=lambda value: localised(value, self.language),
            home="../" * depth,
            root=root,
            other=f"{root}{others[0]}/{path}" if others else "",
            other_language=others[0] if others else "",
            here=path,
            knowledge=shipped_library(),
            **values,
        )  # fmt: skip
        return self.folder + path, tidy(text)


def by_disease(documents: list[Json]) -> list[tuple[str, list[Json]]]:
    """Return sets or scores under their diseases, in alphabetical order, the newest first."""
    found: dict[str, list[Json]] = {}
    for document in sorted(documents, key=lambda d: (-(d["year"] or 0), d["id"])):
        found.setdefault(document["disease"], []).append(document)
    return sorted(found.items(), key=lambda group: fold(group[0]))


def by_letter(language: Language) -> list[tuple[str, list[Json]]]:
    """Return the concepts under their first letters."""
    found: dict[str, list[Json]] = {}
    for concept in concept_documents(language):
        first = fold(concept["label"])[:1].upper()
        found.setdefault(first if first.isalpha() else "#", []).append(concept)
    return sorted(found.items())


def _counts(documents: list[Json]) -> Json:
    return {
        "guide_sets": len(documents),
        "guide_diseases": len({document["disease"] for document in documents}),
        "guide_items": sum(len(domain["items"]) for document in documents for domain in document["domains"]),
        "guide_marked": sum(len(document["unverified"]) for document in documents),
    }


def _anchors(document: Json) -> dict[str, str]:
    """Return for each clause id the section that carries it as an anchor: the first one."""
    found: dict[str, str] = {}
    gates = [("entry", [document["entry"]] if document["entry"] else []),
             ("exclusions", document["exclusions"]), ("sufficient", document["sufficient"])]  # fmt: skip
    domains = [("items", domain["items"]) for domain in document["domains"]]
    for section, clauses in (*domains, *gates, ("subgroups", document["subgroups"])):
        for clause in clauses:
            found.setdefault(clause["id"], section)
    return found
