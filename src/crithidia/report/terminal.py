"""The assessment on a terminal: coloured where there is one, plain in a pipe."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from crithidia.foundation.text import Phrase
from crithidia.report.decisions import without_text
from crithidia.report.document import assessment_document, short_decision
from crithidia.report.pages import score_span
from crithidia.report.ranking import FEW, ranked, spoken_results
from crithidia.report.review_terminal import finding_lines
from crithidia.report.score_lines import score_lines
from crithidia.report.terminal_antibodies import antibody_lines
from crithidia.report.wording import number_in, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from crithidia.assessment import Assessment
    from crithidia.foundation.text import Language

Json = dict[str, Any]
_VERDICT: Final = {"met": ("●", "bold green"), "not_met": ("○", "bold red"),
                   "undetermined": ("◐", "bold yellow")}  # fmt: skip
_TRUTH: Final = {"present": ("✓", "green"), "absent": ("–", "dim"), "unknown": ("?", "yellow")}
_FLAG: Final = {"high": ("▲", "red"), "low": ("▼", "blue"), "normal": ("·", "dim"),
                "cannot_say": (" ", "dim")}  # fmt: skip
_BAR: Final = 40
_OPEN_SHOWN: Final = 12
_IN_FULL: Final = 4


def print_assessment(assessment: Assessment, console: Console, language: Language = "en", *,
                     verbose: bool = False) -> None:  # fmt: skip
    """Print an assessment; ``verbose`` adds the notes of each set and every evidence line."""
    results = assessment.results if verbose else spoken_results(assessment.results)
    ids = {result.id for result in results}
    others = Counter(result.verdict.value for result in assessment.results if result.id not in ids)
    document = assessment_document(assessment, language, only=ids, decisions=False)
    view = _View(document, language, verbose, others)
    for criteria in view.detailed:
        criteria["decision"] = short_decision(assessment[criteria["id"]], language)
    for part in view.parts():
        console.print(part)


class _View:
    def __init__(self, document: Json, language: Language, verbose: bool, others: Counter[str]) -> None:
        self.a = document
        self.language: Language = language
        self.verbose = verbose
        self.others = others
        self.shown = ranked(document["criteria"])
        self.detailed = self.shown if len(self.shown) <= FEW or verbose else self._detailed()

    def _detailed(self) -> list[Json]:
        """Return the sets shown in full: met, named by an overlap, then the nearest; a handful."""
        named = {name for found in self.a["overlap"] for name in found["sets"]}
        wanted = [c for c in self.shown if c["verdict"] == "met" or c["id"] in named]
        others = [c for c in self.shown if c not in wanted]
        return ranked([*wanted, *others[: max(_IN_FULL - len(wanted), 0)]])

    def n(self, number: object) -> str:
        """Write a number as the language does."""
        return number_in(f"{number:g}" if isinstance(number, float) else str(number), self.language)

    def t(self, phrase: str) -> str:
        return say(phrase, self.language)

    def parts(self) -> Iterator[RenderableType]:
        yield from self._head()
        yield from self._summary()
        for criteria in self.detailed:
            yield from self._criteria(criteria)
        if len(self.detailed) < len(self.shown):
            yield Text(say(Phrase.of("sets_in_short", count=len(self.shown) - len(self.detailed)),
                           self.language), "dim")  # fmt: skip
        yield from self._agreement()
        yield from self._overlap()
        yield from self._antibodies()
        yield from self._measurements()
        yield from self._derived()
        yield from self._scores()
        yield from self._doubts()
        yield from self._treatment()
        yield from self._statements("assumptions")
        yield from self._statements("limits")
        knowledge = self.a["knowledge"]
        yield Text(f"{self.t('word_knowledge')}: {knowledge['version']}, {knowledge['hash'][:12]}", "dim")

    def _heading(self, phrase: str) -> Rule:
        return Rule(Text(self.t(phrase), "bold"), align="left", style="dim")

    def _head(self) -> Iterator[RenderableType]:
        case = self.a["case"]
        patient = ", ".join(value for name, value in case["patient"].items() if name != "age_at_onset")
        yield Text.assemble((f"{self.t('report_title')} ", "bold"), (case["id"], "bold cyan"),
                            f"  {patient}" if patient else "")  # fmt: skip
        if case["source"]:
            yield Text(case["source"]["text"], "dim")

    def _summary(self) -> Iterator[RenderableType]:
        table = Table.grid(padding=(0, 2))
        for criteria in self.shown:
            sign, style = _VERDICT[criteria["verdict"]]
            table.add_row(Text(f"{sign} {criteria['verdict_label']}", style),
                          Text(criteria["title"]), self._bar(criteria),
                          Text(self._score(criteria)))  # fmt: skip
        yield Padding(table, (1, 0, 0, 0))
        yield Padding(Text(self._left_out(), "dim"), (0, 0, 1, 0))

    def _left_out(self) -> str:
        """Say how many sets are not shown, because nothing recorded speaks for them."""
        if not self.others:
            return ""
        counts = ", ".join(f"{self.t('verdict_' + verdict)} {count}"
                           for verdict, count in sorted(self.others.items()))  # fmt: skip
        return say(Phrase.of("sets_left_out", count=self.others.total(), verdicts=counts), self.language)

    def _score(self, criteria: Json) -> str:
        low, high = criteria["score"]["low"], criteria["score"]["high"]
        span = self.n(low) if low == high else f"{self.n(low)} – {self.n(high)}"
        if criteria["threshold"] is None:
            return span
        return f"{span}  ({self.t('word_threshold')} {self.n(criteria['threshold'])})"

    def _bar(self, criteria: Json, width: int = 20) -> Text:
        span = score_span(criteria)
        bar = Text()
        mark = min(int(span["threshold"] * width / 100), width - 1)
        certain = round(span["certain"] * width / 100)
        reach = round((span["certain"] + span["open"]) * width / 100)
        for i in range(width):
            glyph, style = ("█", "green") if i < certain else ("░", "yellow") if i < reach else ("·", "dim")
            bar.append("│" if i == mark and i >= certain else glyph,
                       "bold" if i == mark and i >= certain else style)  # fmt: skip
        return bar

    def _criteria(self, criteria: Json) -> Iterator[RenderableType]:
        sign, style = _VERDICT[criteria["verdict"]]
        yield Rule(Text.assemble((criteria["title"], "bold")), align="left", style="dim")
        category = criteria["category"]
        graded = f" ({category['label']})" if category and criteria["verdict"] == "met" else ""
        yield Text.assemble((f"{sign} {criteria['verdict_label']}{graded}", style), "  ",
                            criteria["reason_text"])  # fmt: skip
        yield Text.assemble(self._bar(criteria, _BAR), "  ", self._score(criteria),
                            self._probability(criteria))  # fmt: skip
        yield self._items(criteria)
        yield from self._gates(criteria)
        yield from self._open(criteria)
        yield from self._decision(criteria)
        if criteria["verdict"] == "met" and criteria["subgroups"]:
            names = ", ".join(s["label"] for s in criteria["subgroups"])
            yield Text(f"{self.t('heading_subgroups')}: {names}")
        if self.verbose:
            for note in criteria["notes"]:
                yield Padding(Text(note, "dim"), (0, 2))
        citation = criteria["citation"]
        identifier = f"doi:{citation['doi']}" if citation["doi"] else f"PMID {citation['pmid']}"
        yield Text(f"{citation['text']}. {identifier}", "dim")

    def _probability(self, criteria: Json) -> str:
        probability = criteria["probability"]
        if not probability:
            return ""
        low, high = 100 * probability["low"], 100 * probability["high"]
        span = f"{low:.1f} %" if low == high else f"{low:.1f} – {high:.1f} %"
        return (f"  {self.t('word_probability')} {number_in(span, self.language)}"
                f"  [{criteria['column_label']}]")  # fmt: skip

    def _items(self, criteria: Json) -> Table:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
        table.add_column("", width=1)
        table.add_column(self.t("word_item"), ratio=3)
        table.add_column(self.t("word_points"), justify="right", no_wrap=True)
        table.add_column(self.t("word_evidence"), ratio=4)
        for item in criteria["items"]:
            sign, style = _TRUTH[item["truth"]]
            points = f"{self.n(item['points'])}/{self.n(item['worth'])}"
            table.add_row(Text(sign, style), Text(self._marked(item), "" if item["truth"] != "absent" else "dim"),
                          Text(points, "bold" if item["points"] else "dim"),
                          self._evidence(item["evidence"]))  # fmt: skip
        return table

    def _marked(self, clause: Json) -> str:
        mark = f" [{self.t('word_unverified')}]" if clause["unverified"] else ""
        return f"{clause['label']}{mark}"

    def _evidence(self, facts: list[Json]) -> Text:
        shown = facts if self.verbose else facts[:2]
        lines = [_short_evidence(fact, self.t("word_claimed")) for fact in shown]
        if len(facts) > len(shown):
            lines.append(f"+{len(facts) - len(shown)}")
        return Text("\n".join(lines), "dim")

    def _gates(self, criteria: Json) -> Iterator[RenderableType]:
        gates = [("heading_entry", criteria["entry"])] if criteria["entry"] else []
        gates += [("heading_exclusions", clause) for clause in criteria["exclusions"]]
        for heading, clause in gates:
            sign, style = _TRUTH[clause["truth"]]
            evidence = "; ".join(_short_evidence(fact, self.t("word_claimed")) for fact in clause["evidence"][:1])
            yield Text.assemble((f"{self.t(heading)}: ", "dim"), (f"{sign} ", style),
                                self._marked(clause), (f"  {evidence}", "dim"))  # fmt: skip

    def _open(self, criteria: Json) -> Iterator[RenderableType]:
        if not criteria["open"]:
            return
        yield Text(f"{self.t('heading_open')}:", "yellow")
        groups: dict[str, list[str]] = {}
        for unknown in criteria["open"]:
            groups.setdefault(unknown["means_label"], []).append(unknown["label"])
        for means, labels in groups.items():
            shown = labels if self.verbose else labels[:_OPEN_SHOWN]
            more = f", +{len(labels) - len(shown)}" if len(labels) > len(shown) else ""
            yield Padding(Text.assemble((f"{means}: ", "dim"), ", ".join(shown) + more), (0, 2))

    def _decision(self, criteria: Json) -> Iterator[RenderableType]:
        """Say the easiest smallest set of findings that would settle it, or what is left without each."""
        decision = criteria["decision"]
        if decision and decision["to_met"]:
            first = decision["to_met"][0]["findings"]
            said = "; ".join(f"{f['label']}: {self.t('truth_' + f['truth'])}" for f in first)
            yield Text.assemble((f"{self.t('decide_to_met')} ", "yellow"), said)
        for other in decision["without"] if decision and self.verbose else ():
            yield Text(without_text(other, self.language), "dim")

    def _agreement(self) -> Iterator[RenderableType]:
        if not self.a["agreement"]:
            return
        yield self._heading("heading_agreement")
        for found in self.a["agreement"]:
            verdicts = "; ".join(f"{s['title']}: {s['verdict_label']}" for s in found["sets"])
            yield Text.assemble((f"{found['disease']}: ", "bold"), verdicts)
            for weighed in (w for w in found["findings"] if w["explains"]):
                points = " / ".join("–" if p is None else self.n(p) for p in weighed["points"])
                yield Padding(Text(f"{weighed['label']}: {points}", "dim"), (0, 2))

    def _overlap(self) -> Iterator[RenderableType]:
        if not self.a["overlap"]:
            return
        yield self._heading("heading_overlap")
        for found in self.a["overlap"]:
            yield Text.assemble(("◆ ", "magenta"), (found["form_label"] or found["label"], "bold magenta"))
            if found["form_label"]:
                yield Padding(Text(found["label"], "dim"), (0, 2))
            for step in found["reasoning"]:
                yield Padding(Text.assemble(step["text"], (f"  [{step['citation']}]", "dim")), (0, 2))
            if found["limits"]:
                yield Padding(Text(found["limits"], "dim"), (0, 2))

    def _antibodies(self) -> Iterator[RenderableType]:
        if self.a["antibodies"]["results"]:
            yield self._heading("heading_antibodies")
            yield from antibody_lines(self.a["antibodies"], self.language)
            yield Text(self.t("antibodies_are_no_diagnosis"), "dim")

    def _measurements(self) -> Iterator[RenderableType]:
        if not self.a["measurements"]:
            return
        yield self._heading("heading_measurements")
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
        for column in ("word_test", "word_value", "word_interval", "word_flag"):
            table.add_column(self.t(column), no_wrap=column != "word_test")
        for row in (m for m in self.a["measurements"] if m["concept"] not in {"age", "age_at_onset"}):
            sign, style = _FLAG[row["flag"]]
            times = f" ×{self.n(row['times_limit'])}" if row["times_limit"] and row["flag"] == "high" else ""
            doubt = "  !" if row["doubt"] else ""
            table.add_row(Text(row["label"]), Text(f"{self.n(row['value'])} {row['unit_label']}".rstrip()),
                          Text(self.n(row["interval"] or ""), "dim"),
                          Text(f"{sign} {row['flag_label']}{times}{doubt}", style))  # fmt: skip
        yield table
        for note in dict.fromkeys(m["default_interval"]["text"] for m in self.a["measurements"]
                                  if m["default_interval"]):  # fmt: skip
            yield Padding(Text(note, "dim"), (0, 2))

    def _derived(self) -> Iterator[RenderableType]:
        if not self.a["derived"]:
            return
        yield self._heading("heading_derived")
        for value in self.a["derived"]:
            yield Text.assemble(f"{value['label']}: ", (f"{self.n(value['value_label'])} {value['unit_label']}".strip(), "bold"),
                                (f"  {value['method_label']}, {value['citation']}", "dim"))  # fmt: skip
        for note in dict.fromkeys(v["note"] for v in self.a["derived"] if v["note"]):
            yield Padding(Text(note, "dim"), (0, 2))

    def _scores(self) -> Iterator[RenderableType]:
        if self.a["scores"]:
            yield self._heading("heading_scores")
            yield from score_lines(self.a["scores"], self.language, verbose=self.verbose)

    def _doubts(self) -> Iterator[RenderableType]:
        if not self.a["consistency"]:
            return
        yield self._heading("heading_consistency")
        yield from finding_lines(self.a["consistency"], self.language, full="note" if self.verbose else "warning")

    def _treatment(self) -> Iterator[RenderableType]:
        if not self.a["treatment"]:
            return
        yield self._heading("heading_treatment")
        for drug in self.a["treatment"]:
            daily = drug["daily_dose"]
            total = f"  = {daily['value']:g} {daily['unit']} {self.t('word_per_day')}" if daily else ""
            yield Text.assemble((drug["label"], "bold"), f"  {drug['dose']}", (total, "dim"))

    def _statements(self, key: str) -> Iterator[RenderableType]:
        if self.a[key]:
            yield self._heading(f"heading_{key}")
        for statement in self.a[key]:
            yield Text(f"• {statement['text']}")


def _short_evidence(fact: Json, claimed: str) -> str:
    """Return the shortest line that lets a reader check a fact."""
    while fact["derived_from"] and not fact["quote"]:
        fact = fact["derived_from"][0]
    said = f"“{fact['quote']}”" if fact["quote"] else (f"[{fact['where']}]" if fact["where"] else "")
    mark = f" [{claimed}]" if fact["claimed"] else ""
    return f"{fact['label']}: {fact['value_label']}{mark} {said}".strip()
