"""The autoantibodies on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.padding import Padding
from rich.text import Text

from crithidia.report.wording import number_in, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from crithidia.foundation.text import Language

Json = dict[str, Any]
_TRUTH: Final = {"present": ("✓", "green"), "absent": ("–", "dim"), "unknown": ("?", "yellow")}


def antibody_lines(panel: Json, language: Language) -> Iterator[RenderableType]:
    """Yield each antibody with its value and associations, the patterns, and the notes."""
    absent = [result["label"] for result in panel["results"] if result["truth"] == "absent"]
    for result in (r for r in panel["results"] if r["truth"] != "absent"):
        sign, style = _TRUTH[result["truth"]]
        values = "; ".join(fact["value_label"] for fact in result["evidence"])
        yield Text.assemble((f"{sign} ", style), (result["label"], "bold"), f"  {values}")
        for said in result["associations"]:
            yield Padding(Text(association_line(said, language), "dim"), (0, 2))
    if absent:
        yield Text(f"– {say('word_not_found', language)}: {', '.join(absent)}", "dim")
    for reported in panel["patterns"]:
        names = "; ".join(f"{p['code']} {p['name']} ({p['antigens']})" for p in reported["icap"])
        yield Text.assemble((reported["label"], "bold"), (f"  {names}" if names else "", "dim"))
    for note in panel["notes"]:
        yield Text(f"• {note['text']}")


def association_line(said: Json, language: Language) -> str:
    """Return one association with its share and source."""
    percent = said["percent"]
    share = "" if percent is None else f", {number_in(str(percent), language)} % ({said['of']})"
    return f"{said['with']}{share}  [{said['citation']}]"
