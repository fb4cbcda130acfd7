"""The description of a cohort as one HTML page that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia._version import __version__
from crithidia.definition import load_criteria_set
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Phrase
from crithidia.report.cohort.plots import plots, to_svg
from crithidia.report.pages import html_environment, tidy
from crithidia.report.wording import concept_label, item_label, phrases, say, set_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crithidia.cohort.describe import Description, Sheet
    from crithidia.cohort.describe.sheet import Cell
    from crithidia.foundation.text import Language

_MOST_ROWS: Final = 400
_SHARES: Final = ("worst", "best", "low", "high", "share")
_PARTS: Final = (("_as_recorded", "as_recorded"), ("_assumed_absent", "assumed_absent"),
                 ("_where_too_low", "where_too_low"))  # fmt: skip
_FIGURES: Final = ("sensitivity", "specificity", "kappa")
_SETS: Final = frozenset({"set", "sets", "first", "second"})
_ENDS: Final = frozenset({"worst", "best", "low", "high"})


def cohort_page(description: Description, name: str, language: Language = "en") -> str:
    """Return the page; ``name`` says which cohort it is."""
    from markupsafe import Markup

    drawn = {sheet: Markup(to_svg(plot)) for sheet, plot in plots(description, language)}  # noqa: S704
    library = shipped_library()
    return tidy(html_environment().get_template("cohort.html.j2").render(
        t=lambda phrase: say(phrase, language), language=language, name=name, version=__version__,
        people=say(Phrase.of("cohort_people_count", count=_grouped(description.people)), language),
        knowledge={"version": library.version, "hash": library.hash},
        sheets=[_shown(sheet, drawn, language) for sheet in description.sheets],
    ))  # fmt: skip


def _shown(sheet: Sheet, drawn: Mapping[str, str], language: Language) -> dict[str, Any]:
    numbers = {name: all(not isinstance(cell, str) for cell in sheet.column(name)) for name in sheet.columns}
    rows = [[_cell(name, record, language) for name in record] for record in sheet.records()]
    more = len(rows) - _MOST_ROWS
    return {
        "id": sheet.id,
        "title": say(f"cohort_sheet_{sheet.id}", language),
        "lead": say(f"cohort_sheet_{sheet.id}_lead", language),
        "plot": drawn.get(sheet.id),
        "columns": [{"label": column_label(name, language), "number": numbers[name]}
                    for name in sheet.columns],
        "rows": rows[:_MOST_ROWS],
        "left_out": say(Phrase.of("cohort_rows_left_out", count=more, file=f"{sheet.id}.csv"), language)
        if more > 0 else "",
    }  # fmt: skip


def column_label(name: str, language: Language) -> str:
    """Return the heading of a column: ``met_assumed_absent`` is a verdict under an assumption."""
    for ending, phrase in _PARTS:
        if name.endswith(ending):
            first = column_label(name.removesuffix(ending), language)
            return f"{first}, {say(f'cohort_column_{phrase}', language)}"
    parts = name.split("_")
    if parts[0] in _FIGURES and len(parts) > 1:
        return f"{_word(parts[0], language)}, {_limit(parts[1:], language)}"
    return _limit(parts, language) if parts[0] in _ENDS else _word(name, language)


def _limit(parts: list[str], language: Language) -> str:
    """Return ``worst_low`` as the lower limit in the worst case, ``low`` as the lower limit."""
    words = [_word(part, language) for part in parts if part in {"worst", "best"}]
    signs = {"low": "95% CI ≥", "high": "95% CI ≤"}
    words.extend(signs[part] for part in parts if part in signs)
    return ", ".join(words)


def _word(name: str, language: Language) -> str:
    for prefix in ("cohort_column_", "cohort_", "verdict_"):
        if prefix + name in phrases():
            return say(prefix + name, language)
    return name


def _cell(name: str, record: Mapping[str, Cell], language: Language) -> str:
    cell = record[name]
    if cell is None:
        return "–"
    if isinstance(cell, float):
        percent = not name.startswith("kappa") and name.rsplit("_", maxsplit=1)[-1] in _SHARES
        text = f"{100 * cell:.1f}%" if percent else f"{cell:.2f}"
        return text.replace(".", ",") if language == "pl" else text
    if isinstance(cell, str):
        return _named(name, cell, record, language)
    return _grouped(cell)


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def _named(name: str, cell: str, record: Mapping[str, Cell], language: Language) -> str:
    """Return the words for an id: sets, items and concepts are told by their names."""
    if name == "step":
        return say(f"cohort_step_{cell}", language)
    if name == "item":
        return item_label(str(record["set"]), cell, language)
    if name == "concept":
        return concept_label(cell, language)
    if name == "disease":
        return load_criteria_set(str(record["first"])).disease.in_(language)
    if name in _SETS:
        return " + ".join(set_name(part, language) for part in cell.split(" + ") if part)
    return cell
