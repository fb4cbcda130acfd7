"""Every number and comparator of the score files, changed one at a time: a worked case must notice.

``python -m tests.mutation.scores [id ...]`` tries every change to the score files, or to these. A
line says how many were noticed, of how many; what cannot be loaded, or is in
``equivalent_scores.yaml``, is not counted. Below stand the changes that no worked case noticed. Exit
code 1 if there are any.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crithidia.definition.score_library import build_score, shipped_score_ids
from crithidia.evaluation.scores import CompiledScore
from crithidia.foundation.document import Document, read_document
from crithidia.foundation.library import shipped_library
from crithidia.foundation.paths import SHIPPED
from crithidia.foundation.problems import CrithidiaError
from crithidia.vocabulary import shipped_vocabulary
from tests.mutation.mutants import Changes, Mutant, near
from tests.scores.worked import HERE, failure, scored, worked_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crithidia.evaluation.visits import Recorded
    from tests.mutation.mutants import Address

_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9_.])[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.])")
_BAND: Final = re.compile(r"(?P<op><=|>=|<|>) *(?P<number>-?[0-9]+(?:\.[0-9]+)?)")
EQUIVALENT: Final = Path(__file__).with_name("equivalent_scores.yaml")
_OTHER: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


class ScoreChanges(Changes):
    """Lists the changes to a score file."""

    def scores(self) -> Iterator[Mutant]:
        """Yield every change: inputs, parts, formula, categories, validity and changes."""
        data = self.document.data
        for name, raw in data.get("inputs", {}).items():
            for key in ("from", "to"):
                if key in raw:
                    yield from self._plain(raw[key], ("inputs", name, key), f"{key}: ")
        for name, raw in data.get("parts", {}).items():
            yield from self._part(raw, ("parts", name))
        if "formula" in data:
            yield from self._expression(data["formula"], ("formula",))
        for section in ("categories", "valid", "changes"):
            for name, raw in data.get(section, {}).items():
                yield from self._condition(raw["when"], (section, name, "when"))

    def _part(self, raw: Mapping[str, Any], address: Address) -> Iterator[Mutant]:
        for key in ("value", "of", "then", "else"):
            if key in raw:
                yield from self._expression(raw[key], (*address, key))
        if "points" in raw:
            yield from self._plain(raw["points"], (*address, "points"), "points: ")
        if "when" in raw:
            yield from self._condition(raw["when"], (*address, "when"))
        for key, points in raw.get("codes", {}).items():
            yield from self._plain(points, (*address, "codes", key), f"{key}: ")
        for key, points in raw.get("bands", {}).items():
            yield from self._plain(points, (*address, "bands", key), f"{key}: ")
            yield from self._limit(raw["bands"], key, (*address, "bands"))

    def _limit(self, bands: Mapping[str, Any], key: str, address: Address) -> Iterator[Mutant]:
        """A band with another comparator, or with a limit one unit of its last place away."""
        found = _BAND.fullmatch(key)
        if found is None:
            return
        others = [f"{_OTHER[found['op']]} {found['number']}",
                  *(f"{found['op']} {number}" for number in near(found["number"]))]  # fmt: skip
        for other in others:
            changed = {other if band == key else band: points for band, points in bands.items()}
            yield self._changed(address, key, other, changed)

    def _plain(self, number: Any, address: Address, what: str = "") -> Iterator[Mutant]:
        for changed in near(str(number)):
            yield self._changed(address, f"{what}{number}", f"{what}{changed}", float(changed))

    def _expression(self, words: Any, address: Address) -> Iterator[Mutant]:
        """Every number of an expression, and every sign and product between two terms."""
        text = str(words)
        for found in _NUMBER.finditer(text):
            for number in near(found[0]):
                changed = f"{text[: found.start()]}{number}{text[found.end() :]}"
                yield self._changed(address, text, changed, changed)
        for i, sign in enumerate(text):
            other = {"+": "-", "-": "+", "*": "/", "/": "*"}.get(sign)
            if other:
                changed = f"{text[:i]}{other}{text[i + 1 :]}"
                yield self._changed(address, text, changed, changed)


@lru_cache
def _reviewed() -> tuple[Mapping[str, Any], ...]:
    return tuple(read_document(EQUIVALENT).data["equivalent"])


def has_no_effect(mutant: Mutant) -> bool:
    """Return whether it was shown by hand that no total can tell the change."""
    return any(entry["file"] == mutant.file
               and (entry.get("only") != "equality" or _differs_at_the_limit(mutant))
               and entry.get("change") in (None, mutant.change)
               and f"{mutant.place}.".startswith(f"{entry['at']}." if "at" in entry else "")
               for entry in _reviewed())  # fmt: skip


def _differs_at_the_limit(mutant: Mutant) -> bool:
    """Return whether the change only takes the limit itself in or out."""
    return mutant.place.startswith(("categories", "changes")) and (
        mutant.old.replace("=", "") == mutant.new.replace("=", "")
    )


@lru_cache
def _document(score_id: str) -> Document:
    name = f"scores/{score_id}.yaml"
    return read_document(SHIPPED / name, name=name)


@lru_cache
def _cases(score_id: str) -> list[tuple[str, tuple[Recorded, Recorded | None], Mapping[str, Any]]]:
    return [(case.label, case.recorded(), case.expect) for case in worked_scores(HERE / f"{score_id}.yaml")]


def _noticed(compiled: CompiledScore, score_id: str) -> str:
    """Return the worked case that fails, moved to the front for the next change; or an empty string."""
    cases = _cases(score_id)
    for i, (label, recorded, expect) in enumerate(cases):
        if failure(scored(compiled, *recorded), expect):
            cases.insert(0, cases.pop(i))
            return label
    return ""


def tried(mutant: Mutant) -> tuple[Mutant, str]:
    """Return whether a change was noticed; what cannot be loaded, or not be evaluated, is refused."""
    score_id = Path(mutant.file).stem
    data = mutant.applied(_document(score_id).data)
    try:
        changed = build_score(Document(mutant.file, data, {}), shipped_vocabulary(), shipped_library())
        compiled = CompiledScore.of(changed)
        return mutant, "killed" if _noticed(compiled, score_id) else "survived"
    except (CrithidiaError, ValueError, KeyError):
        return mutant, "refused"


def mutants(score_id: str) -> tuple[Mutant, ...]:
    """Return every change to one score file."""
    return tuple(ScoreChanges(_document(score_id)).scores())


def main(wanted: list[str]) -> int:
    """Try the changes, write the counts and the survivors, return the exit code."""
    ids = wanted or list(shipped_score_ids())
    counts: dict[str, Counter[str]] = {}
    survivors = []
    with multiprocessing.Pool(os.cpu_count() or 1) as pool:
        every = [mutant for score_id in ids for mutant in mutants(score_id)]
        for mutant, outcome in pool.imap_unordered(tried, every, 10):
            if outcome == "survived" and has_no_effect(mutant):
                outcome = "same"  # noqa: PLW2901
            counts.setdefault(mutant.file, Counter())[outcome] += 1
            if outcome == "survived":
                survivors.append(mutant)
    out = sys.stdout.write
    total: Counter[str] = sum(counts.values(), Counter())
    for file, count in [*sorted(counts.items()), ("all", total)]:
        notes = ((count["same"], "without effect"), (count["refused"], "refused"))
        more = "".join(f", {number} {what}" for number, what in notes if number)
        out(f"{count['killed']:5}/{count['killed'] + count['survived']:<5} {file}{more}\n")
    for mutant in sorted(survivors, key=lambda m: (m.file, m.line)):
        out(f"{mutant.file}:{mutant.line}: {mutant.change}  [{mutant.place}]\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
