"""The findings of the referee on a terminal: the grave ones in full, the notes in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from crithidia.foundation.text import Phrase
from crithidia.report.review import review_document
from crithidia.report.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, RenderableType

    from crithidia.assessment import Review
    from crithidia.foundation.text import Language
    from crithidia.interpretation.doubt import Severity

Json = dict[str, Any]
_ORDER: Final = ("error", "warning", "note")
_STYLE: Final = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
_SIGN: Final = {"error": "✕", "warning": "!", "note": "i"}


def finding_lines(findings: Iterable[Json], language: Language, *,
                  full: Severity) -> Iterator[RenderableType]:  # fmt: skip
    """Yield the findings, in full down to one severity, in a line each below it."""
    shown_in_full = _ORDER[: _ORDER.index(full) + 1]
    for finding in findings:
        if finding["severity"] in shown_in_full:
            yield _in_full(finding, language)
        else:
            yield _lead(finding)


def print_review(review: Review, console: Console, language: Language, severity: Severity | None) -> None:
    """Print a review; without ``severity`` the notes take a line each, with it all listed are in full."""
    document = review_document(review, language, severity or "note")
    counts = document["counts"]
    said = Phrase.of("review_counts", errors=str(counts["error"]), warnings=str(counts["warning"]),
                     notes=str(counts["note"]))  # fmt: skip
    title = say("review_title", language)
    console.print(Text.assemble((f"{title} ", "bold"), (document["case"]["id"], "bold cyan"),
                                f"  {say(said, language)}"))  # fmt: skip
    if document["case"]["source"]:
        console.print(Text(document["case"]["source"]["text"], "dim"))
    if not review.findings:
        console.print(say("review_none", language))
    for part in finding_lines(document["findings"], language, full=severity or "warning"):
        console.print(part)
    left_out = len(review) - len(document["findings"])
    if left_out:
        console.print(Text(say(Phrase.of("review_left_out", count=str(left_out)), language), "dim"))
    elif severity is None and counts["note"]:
        console.print(Text(say("review_notes_in_short", language), "dim"))


def _lead(finding: Json) -> Text:
    style = _STYLE[finding["severity"]]
    return Text.assemble((f"{_SIGN[finding['severity']]} {finding['severity_label']} ", style),
                         (f"({finding['certainty_label']}) ", "dim"), finding["text"])  # fmt: skip


def _in_full(finding: Json, language: Language) -> Group:
    lines: list[Text] = [Text(f"  {line}") for line in finding["arithmetic"]]
    lines += [Text(cause) for cause in finding["causes"]]
    if finding["why"]:
        lines.append(Text(finding["why"], "dim"))
    lines.append(Text.assemble("→ ", finding["remedy"]))
    lines += [Text(place, "dim") for place in _places(finding, language)]
    if finding["citation"]:
        lines.append(Text(f"[{finding['citation']}]", "dim"))
    return Group(_lead(finding), *(Padding(line, (0, 0, 0, 4)) for line in lines))


def _places(finding: Json, language: Language) -> Iterator[str]:
    """Yield where each fact and claim stands, in its own words."""
    for fact in finding["evidence"]:
        mark = f" [{say('word_claimed', language)}]" if fact["claimed"] else ""
        yield f"{fact['where'] or ''} {fact['label']}: {fact['value_label']}{mark}{_quoted(fact)}".strip()
    for claim in finding["claims"]:
        yield f"{claim['where'] or ''} {claim['label']}: {claim['value_label']}{_quoted(claim)}".strip()


def _quoted(entry: Json) -> str:
    return f" “{entry['quote']}”" if entry["quote"] else ""
