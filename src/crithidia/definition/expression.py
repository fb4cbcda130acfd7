"""Reading the arithmetic of a score file: ``0.56*sqrt(tender_joints_28) + 0.70*ln(esr)``.

Numbers, names, ``+ - * /``, ``^`` with a fixed exponent, parentheses, and the functions ``ln``,
``log10``, ``sqrt``, ``exp``, ``floor``, ``min``, ``max``, ``round(x, places)``, ``clamp(x, low,
high)`` and ``baseline(name)``. Nothing is executed: the text becomes a tree of nodes or is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from crithidia.definition.formula import (
    FUNCTIONS,
    Applied,
    Constant,
    Formula,
    Greatest,
    Least,
    Product,
    Quotient,
    Raised,
    Rounded,
    Total,
)
from crithidia.foundation.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/^(),]))"
)
_MINUS_ONE: Final = Constant(Decimal(-1))
_DEEPEST: Final = 50
_MOST_PLACES: Final = 12




class ExpressionError(ValueError):
    """Arithmetic that cannot be read, with the reason and what would be right."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def read_expression(text: str, lookup: Callable[[str, str], Formula | None],
                    names: tuple[str, ...] = ()) -> Formula:  # fmt: skip
    """Return the formula written in ``text``. Raises ``ExpressionError``.

    ``lookup`` returns the formula of a name on an occasion; ``names`` are those it knows.
    """
    reader = _Reader(_tokens(text), lookup, names)
    found = reader.total()
    if not reader.is_done:
        msg = f"'{reader.next}' is not expected here"
        raise ExpressionError(msg, "an operator is missing before it, or a parenthesis is one too many")
    return found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            msg = f"'{text[at:].strip()[:12]}' cannot be read"
            raise ExpressionError(msg, "numbers, names, + - * / ^ ( ) and functions are known here")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], lookup: Callable[[str, str], Formula | None],
                 names: tuple[str, ...]) -> None:  # fmt: skip
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.lookup = lookup
        self.names = names

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def next(self) -> str:
        return "" if self.is_done else self.tokens[self.at]

    def take(self) -> str:
        if self.is_done:
            msg = "the expression ends too early"
            raise ExpressionError(msg, "a number, a name or a parenthesis is missing")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str) -> None:
        found = self.next
        if found != sign:
            msg = f"'{sign}' is expected" + (f" before '{found}'" if found else " at the end")
            raise ExpressionError(msg)
        self.at += 1

    def total(self) -> Formula:
        self.depth += 1
        if self.depth > _DEEPEST:
            msg = f"parentheses are nested more than {_DEEPEST} deep"
            raise ExpressionError(msg)
        parts = [self.product()]
        while self.next in {"+", "-"}:
            sign = self.take()
            part = self.product()
            parts.append(part if sign == "+" else _negated(part))
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Total(tuple(parts))

    def product(self) -> Formula:
        found = self.factor()
        while self.next in {"*", "/"}:
            sign = self.take()
            other = self.factor()
            found = _times(found, other) if sign == "*" else Quotient(found, other)
        return found

    def factor(self) -> Formula:
        if self.next == "-":
            self.take()
            return _negated(self.factor())
        base = self.primary()
        if self.next != "^":
            return base
        self.take()
        return Raised(base, self.exponent())

    def exponent(self) -> Fraction:
        sign = -1 if self.next == "-" else 1
        if sign < 0:
            self.take()
        word = self.take()
        if not word[0].isdigit():
            msg = f"the exponent '{word}' is not a number"
            raise ExpressionError(msg, "an exponent is a fixed number, e.g. x^2 or x^-1.209")
        return sign * Fraction(word)

    def primary(self) -> Formula:
        word = self.take()
        if word[0].isdigit():
            return Constant(Decimal(word))
        if word == "(":
            inside = self.total()
            self.expect(")")
            return inside
        if not word[0].isalpha():
            msg = f"'{word}' is not expected here"
            raise ExpressionError(msg, "a number, a name or a parenthesis is missing before it")
        return self.call(word) if self.next == "(" else self.named(word, "visit")

    def named(self, name: str, occasion: str) -> Formula:
        found = self.lookup(name, occasion)
        if found is None:
            msg = f"'{name}' is neither an input nor a part of this score"
            advice = did_you_mean(name, self.names) or f"known here: {', '.join(self.names)}"
            raise ExpressionError(msg, advice)
        return found

    def call(self, name: str) -> Formula:
        self.expect("(")
        if name == "baseline":
            found = self.named(self.take(), "baseline")
            self.expect(")")
            return found
        arguments = [self.total()]
        while self.next == ",":
            self.take()
            arguments.append(self.total())
        self.expect(")")
        return _called(name, tuple(arguments))


def _negated(part: Formula) -> Formula:
    return Constant(-part.value) if isinstance(part, Constant) else Product((_MINUS_ONE, part))


def _times(one: Formula, other: Formula) -> Formula:
    before = one.of if isinstance(one, Product) else (one,)
    return Product((*before, other))


def _called(name: str, arguments: tuple[Formula, ...]) -> Formula:
    for function in FUNCTIONS:
        if name == function:
            _count(name, arguments, 1)
            return Applied(function, arguments[0])
    if name in {"min", "max"}:
        return Least(arguments) if name == "min" else Greatest(arguments)
    if name == "clamp":
        _count(name, arguments, 3)
        return Greatest((arguments[1], Least((arguments[2], arguments[0]))))
    if name == "round":
        _count(name, arguments, 2)
        return Rounded(arguments[0], _places(arguments[1]))
    known = (*FUNCTIONS, "min", "max", "clamp", "round", "baseline")
    msg = f"there is no function '{name}'"
    raise ExpressionError(msg, did_you_mean(name, known) or f"functions: {', '.join(known)}")


def _count(name: str, arguments: tuple[Formula, ...], wanted: int) -> None:
    if len(arguments) != wanted:
        msg = f"{name} takes {wanted} argument{'s' if wanted > 1 else ''}, not {len(arguments)}"
        raise ExpressionError(msg)


def _places(argument: Formula) -> int:
    if isinstance(argument, Constant) and argument.value == int(argument.value) <= _MOST_PLACES:
        return int(argument.value)
    msg = "the number of decimal places must be a whole number"
    raise ExpressionError(msg, "e.g. round(x, 1)")
