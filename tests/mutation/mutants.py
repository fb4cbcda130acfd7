"""Every single change that is tried on a knowledge file, in its parsed data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crithidia.foundation.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crithidia.foundation.document import Document, Key

Address = tuple["Key", ...]

_COMPARISON: Final = re.compile(r"(?P<op><=|>=|<|>)\s*(?P<number>-?[0-9]+(?:\.[0-9]+)?)")
_NEIGHBOURS: Final = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<")}
_GONE: Final = "(removed)"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: what stands at ``address`` becomes ``value``, or goes where ``removes`` is set."""

    file: str
    address: Address
    line: int
    old: str
    new: str
    value: Any = None
    removes: bool = False

    @property
    def place(self) -> str:
        """The address as it is written in ``equivalent.yaml``."""
        return ".".join(map(str, self.address))

    @property
    def change(self) -> str:
        """What is changed into what."""
        return f"{self.old} -> {self.new}"

    def applied(self, data: Any) -> Any:
        """Return the data with the change; the data given stays as it is."""
        return _replaced(data, self.address, self)


def _replaced(data: Any, address: Address, mutant: Mutant) -> Any:
    key, rest = address[0], address[1:]
    copy: Any = list(data) if isinstance(data, list) else dict(data)
    if rest:
        copy[key] = _replaced(data[key], rest, mutant)
    elif mutant.removes:
        del copy[key]
    else:
        copy[key] = mutant.value
    return copy


class Changes:
    """Lists changes to one document; each knows its line."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def criteria(self) -> Iterator[Mutant]:
        """Yield every change to a criteria file."""
        data = self.document.data
        for section in ("entry", "exclude", "sufficient", "subgroups"):
            for name, raw in data.get(section, {}).items():
                yield self._removed((section, name), f"{section} {name}")
                yield from self._condition(raw.get("when"), (section, name, "when"))
        for name, raw in data["domains"].items():
            yield from self._domain(raw, ("domains", name))
        yield from self._categories(data.get("classify", {}), ("classify",))
        for name, raw in data.get("columns", {}).items():
            yield from self._column(raw, ("columns", name))

    def findings(self) -> Iterator[Mutant]:
        """Yield every change to ``findings.yaml``."""
        for name, raw in self.document.data.items():
            yield self._removed((name,), f"rule {name}")
            yield from self._condition(raw["when"], (name, "when"))

    def limits(self) -> Iterator[Mutant]:
        """Yield every change to ``limits.yaml``."""
        for name, raw in self.document.data.items():
            yield self._removed((name,), f"rule {name}")
            other = "low" if raw["flag"] == "high" else "high"
            yield self._changed((name, "flag"), raw["flag"], other, other)
            if "times" in raw:
                yield from self._number(raw["times"], (name, "times"), "times: ")
                now = bool(raw.get("inclusive"))
                yield self._changed((name, "inclusive"), f"inclusive: {str(now).lower()}",
                                    f"inclusive: {str(not now).lower()}", not now)  # fmt: skip
            elif raw["flag"] == "high":
                yield self._changed((name, "times"), "once the limit", "twice the limit", 2)

    def timing(self) -> Iterator[Mutant]:
        """Yield every change to a timing file."""
        for name, raw in self.document.data.items():
            yield self._removed((name,), f"rule {name}")
            for key in ("at_least_apart", "at_least", "at_most_apart"):
                if key in raw:
                    number, unit = raw[key].split()
                    for changed in near(number):
                        text = f"{changed} {unit}"
                        yield self._changed((name, key), raw[key], text, text)

    def _changed(self, address: Address, old: str, new: str, value: Any) -> Mutant:
        line = self.document.where(*address).line
        return Mutant(self.document.name, address, line, old, new, value)

    def _removed(self, address: Address, what: str) -> Mutant:
        line = self.document.where(*address).line
        return Mutant(self.document.name, address, line, what, _GONE, removes=True)

    def _number(self, number: float, address: Address, what: str = "") -> Iterator[Mutant]:
        for changed in near(str(number)):
            yield self._changed(address, f"{what}{number}", f"{what}{changed}", float(changed))

    def _domain(self, raw: Any, address: Address) -> Iterator[Mutant]:
        other = "sum" if raw["count"] == "highest" else "highest"
        yield self._changed((*address, "count"), f"count: {raw['count']}", f"count: {other}", other)
        if "cap" in raw:
            yield from self._number(raw["cap"], (*address, "cap"), "cap: ")
            yield self._removed((*address, "cap"), f"cap: {raw['cap']}")
        if "group" in raw:
            yield self._removed((*address, "group"), f"group: {raw['group']}")
        for name, item in raw["items"].items():
            place = (*address, "items", name)
            yield from self._points(item["points"], (*place, "points"))
            yield from self._condition(item.get("when"), (*place, "when"))

    def _points(self, points: Any, address: Address) -> Iterator[Mutant]:
        """An item without points anywhere counts as removed: its name may be used elsewhere."""
        if isinstance(points, dict):
            for column, number in points.items():
                near = self._number(number, (*address, column), f"{column}: ")
                yield from (mutant for mutant in near if mutant.value or len(points) > 1)
            gone: Any = dict.fromkeys(points, 0)
        else:
            yield from (mutant for mutant in self._number(points, address) if mutant.value)
            gone = 0
        yield self._changed(address, f"item {address[-2]}", _GONE, gone)

    def _column(self, raw: Any, address: Address) -> Iterator[Mutant]:
        if "when" in raw:
            when = (*address, "when")
            yield self._changed(when, "when", "not when", {"not": raw["when"]})
            yield from self._condition(raw["when"], when)
        if "probability" in raw:
            yield from self._number(raw["probability"]["intercept"], (*address, "probability", "intercept"))
        yield from self._categories(raw["classify"], (*address, "classify"))

    def _categories(self, raw: Any, address: Address) -> Iterator[Mutant]:
        for name, category in raw.items():
            place = (*address, name)
            if len(raw) > 1:
                yield self._removed(place, f"category {name}")
            counts = category.get("classified", True)
            yield self._changed((*place, "classified"), f"classified: {str(counts).lower()}",
                                f"classified: {str(not counts).lower()}", not counts)  # fmt: skip
            yield from self._condition(category.get("when"), (*place, "when"))

    def _condition(self, raw: Any, address: Address) -> Iterator[Mutant]:
        if isinstance(raw, str):
            yield from self._comparison(raw, address)
        elif isinstance(raw, dict):
            ((word, inside),) = raw.items()
            if word == "not":
                yield self._changed(address, "not", "(without not)", inside)
                yield from self._condition(inside, (*address, "not"))
            elif word == "at_least":
                yield from self._at_least(inside, (*address, "at_least"))
            else:
                other = "all" if word == "any" else "any"
                if len(inside) > 1:
                    yield self._changed(address, word, other, {other: inside})
                yield from self._members(inside, (*address, word))

    def _comparison(self, words: str, address: Address) -> Iterator[Mutant]:
        found = _COMPARISON.search(words)
        if found is None:
            return
        before, after = words[: found.start()], words[found.end() :]
        for comparator in _NEIGHBOURS[found["op"]]:
            changed = f"{before}{comparator} {found['number']}{after}"
            yield self._changed(address, words, changed, changed)
        for number in near(found["number"]):
            changed = f"{before}{found['op']} {number}{after}"
            yield self._changed(address, words, changed, changed)

    def _members(self, of: list[Any], address: Address) -> Iterator[Mutant]:
        for i, part in enumerate(of):
            if len(of) > 1:
                yield self._removed((*address, i), f"member {_short(part)}")
            yield from self._condition(part, (*address, i))

    def _at_least(self, raw: Any, address: Address) -> Iterator[Mutant]:
        count, of = raw["count"], raw["of"]
        for changed in (count - 1, count + 1):
            if 1 <= changed <= len(of):
                yield self._changed((*address, "count"), f"at least {count}", f"at least {changed}", changed)
        for i, part in enumerate(of):
            if len(of) > 1:
                rest = [*of[:i], *of[i + 1 :]]
                value = {"count": min(count, len(rest)), "of": rest}
                yield self._changed(address, f"member {_short(part)}", _GONE, value)
            yield from self._condition(part, (*address, "of", i))


def near(number: str) -> tuple[str, ...]:
    """Return the numbers one unit of the last place below and above."""
    value = Decimal(number)
    step = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0))
    places = max(-int(value.as_tuple().exponent), 0)
    near = (value - step, value + step)
    return tuple(plain(n) if not places else f"{n:.{places}f}" for n in near)


def _short(part: Any) -> str:
    text = part if isinstance(part, str) else re.sub(r"[{}'\[\]]", "", str(part))
    return text if len(text) <= 50 else f"{text[:47]}..."
