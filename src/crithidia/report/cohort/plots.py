"""Pictures of a cohort's sheets as Vega-Lite: intervals, verdicts, missingness, overlap.

A solid mark is certain, a pale one is what open verdicts leave possible, a thin line is chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crithidia.report.wording import concept_label, say, set_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.cohort.describe import Description, Sheet
    from crithidia.cohort.describe.sheet import Cell
    from crithidia.foundation.text import Language

    Plot = dict[str, Any]
    Row = dict[str, Any]

_TONES: Final = {"met": "#1a6b47", "undetermined": "#c98a1b", "not_met": "#8b98a1"}
_INK: Final = "#1a2a32"
_ACCENT: Final = "#0b5a68"
_FAINT: Final = "#e4eaed"
_MOST_CONCEPTS: Final = 60
_MOST_GROUPS: Final = 20
_WIDTH: Final = 460
_CONFIG: Final = {
    "background": "white",
    "font": "Liberation Sans, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {"labelColor": _INK, "titleColor": _INK, "gridColor": _FAINT, "labelLimit": 420},
    "legend": {"labelColor": _INK, "titleColor": _INK},
}


def plots(description: Description, language: Language = "en") -> Iterator[tuple[str, Plot]]:
    """Yield each picture that the sheets allow, under the name of its sheet."""
    drawing = {"verdicts": _verdicts, "missing": _missing, "agreement": _agreement,
               "overlap": _overlap, "accuracy": _accuracy}  # fmt: skip
    for name, draw in drawing.items():
        if name in description and (plot := draw(description[name], language)):
            yield name, {**plot, "config": _CONFIG}


def to_svg(plot: Plot) -> str:
    """Return a picture as SVG, drawn without a browser."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(plot))


def to_png(plot: Plot) -> bytes:
    """Return a picture as PNG at twice the size of the screen."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(plot, scale=2))


def _field(name: str, kind: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    types = {"n": "nominal", "q": "quantitative"}
    return {"field": name, "type": types[kind], "title": title, **more}


def _called(row: Mapping[str, Cell], column: str, language: Language) -> str:
    return set_name(str(row[column]), language)


def _verdicts(sheet: Sheet, language: Language) -> Plot:
    """Draw the three verdicts as one bar a set, and beside it the share met with its bounds."""
    names = {verdict: say(f"verdict_{verdict}", language) for verdict in _TONES}
    sets = [set_name(str(set_id), language) for set_id in sheet.column("set")]
    rows = [{"set": name, "verdict": names[verdict], "people": row[verdict], "order": order}
            for name, row in zip(sets, sheet.records(), strict=True)
            for order, verdict in enumerate(_TONES)]  # fmt: skip
    colours = {"domain": list(names.values()), "range": list(_TONES.values())}
    bars = {
        "data": {"values": rows},
        "width": _WIDTH // 2, "height": {"step": 19},
        "mark": {"type": "bar", "height": 11},
        "encoding": {
            "x": _field("people", "q", say("cohort_share", language), stack="normalize",
                        axis={"format": "%"}),
            "y": _field("set", "n", sort=list(names.values())),
            "color": _field("verdict", "n", scale=colours, legend={"orient": "top"}),
            "order": _field("order", "q"),
        },
    }  # fmt: skip
    between: list[Row] = [
        {"name": name, "worst": row["worst"], "best": row["best"],
         "low": row["worst_low"], "high": row["best_high"]}
        for name, row in zip(sets, sheet.records(), strict=True) if row["worst"] is not None
    ]  # fmt: skip
    intervals = _intervals(between, say("cohort_share_met", language), (0, 1))
    return {"hconcat": [bars, intervals]} if intervals else {}


def _intervals(rows: list[Row], title: str, domain: tuple[float, float], shown: str = "%") -> Plot:
    """Draw rows with ``name``, ``worst``, ``best`` and the outer limits ``low`` and ``high``.

    A name of several lines has line breaks in it.
    """
    lines = max((row["name"].count("\n") + 1 for row in rows), default=1)
    def layer(mark: Plot, start: str, end: str = "") -> Plot:
        x = _field(start, "q", title, scale={"domain": domain}, axis={"format": shown})
        return {"mark": mark, "encoding": {"x": x, **({"x2": {"field": end}} if end else {})}}

    point = {"type": "point", "size": 46, "color": _ACCENT, "opacity": 1}
    return {
        "data": {"values": rows},
        "width": _WIDTH, "height": {"step": 7 + 12 * lines},
        "encoding": {"y": _field("name", "n", sort=[row["name"] for row in rows],
                                 axis={"labelExpr": "split(datum.label, '\\n')"})},
        "layer": [
            layer({"type": "rule", "color": _INK, "strokeWidth": 1}, "low", "high"),
            layer({"type": "bar", "height": 9, "color": _TONES["undetermined"], "opacity": 0.45},
                  "worst", "best"),
            layer({**point, "filled": False}, "best"),
            layer({**point, "filled": True}, "worst"),
        ],
    } if rows else {}  # fmt: skip


def _accuracy(sheet: Sheet, language: Language) -> Plot:
    rows = [
        {"name": f"{_called(row, 'set', language)}\n{say(f'cohort_{figure}', language)}",
         "worst": row[f"{figure}_worst"], "best": row[f"{figure}_best"],
         "low": row[f"{figure}_worst_low"], "high": row[f"{figure}_best_high"]}
        for row in sheet.records() for figure in ("sensitivity", "specificity")
        if row[f"{figure}_worst"] is not None
    ]  # fmt: skip
    return _intervals(rows, say("cohort_share", language), (0, 1))


def _agreement(sheet: Sheet, language: Language) -> Plot:
    rows = [
        {"name": f"{_called(row, 'first', language)}\n{_called(row, 'second', language)}",
         "worst": row["kappa_worst"], "best": row["kappa_best"],
         "low": row["kappa_worst"] if row["kappa_low"] is None else row["kappa_low"],
         "high": row["kappa_best"] if row["kappa_high"] is None else row["kappa_high"]}
        for row in sheet.records() if row["kappa_worst"] is not None
    ]  # fmt: skip
    return _intervals(rows, say("cohort_kappa", language), (-1, 1), ".1f")


def _missing(sheet: Sheet, language: Language) -> Plot:
    """Draw the share missing as a heat map: the concepts that somebody recorded, by site."""
    recorded = dict.fromkeys(str(row["concept"]) for row in sheet.records() if row["share"] != 1)
    chosen = list(recorded)[:_MOST_CONCEPTS]
    names = {concept: concept_label(concept, language) for concept in chosen}
    rows = [{**row, "name": names[str(row["concept"])]} for row in sheet.records()
            if row["concept"] in names]  # fmt: skip
    colours = {"domain": [0, 1], "range": ["#eef3f4", _ACCENT]}
    return {
        "data": {"values": rows},
        "width": {"step": 46}, "height": {"step": 13},
        "mark": {"type": "rect", "stroke": "white"},
        "encoding": {
            "x": _field("site", "n", say("cohort_site", language), axis={"orient": "top"}),
            "y": _field("name", "n", sort=list(names.values())),
            "color": _field("share", "q", say("cohort_missing", language), scale=colours,
                            legend={"format": "%"}),
        },
    } if rows else {}  # fmt: skip


def _overlap(sheet: Sheet, language: Language) -> Plot:
    """Draw the largest groups as an UpSet plot (Lex et al. 2014, doi:10.1109/TVCG.2014.2346248)."""
    groups = {str(row["sets"]): row["people"] for row in sheet.records() if row["sets"]}
    order = list(groups)[:_MOST_GROUPS]
    names = {name: set_name(name, language) for group in order for name in group.split(" + ")}
    across = _field("group", "n", sort=order, axis=None)
    bars = {
        "data": {"values": [{"group": group, "people": groups[group]} for group in order]},
        "width": {"step": 22}, "height": 150,
        "mark": {"type": "bar", "color": _ACCENT},
        "encoding": {"x": across, "y": _field("people", "q", say("cohort_people", language))},
    }  # fmt: skip
    dots = {
        "data": {"values": [{"group": group, "set": called, "in": name in group.split(" + ")}
                            for group in order for name, called in names.items()]},
        "width": {"step": 22}, "height": {"step": 18},
        "mark": {"type": "circle", "size": 90, "opacity": 1},
        "encoding": {
            "x": across, "y": _field("set", "n", sort=list(names.values())),
            "color": _field("in", "n", scale={"domain": [True, False], "range": [_INK, _FAINT]},
                            legend=None),
        },
    }  # fmt: skip
    return {"vconcat": [bars, dots], "spacing": 4} if order else {}
