"""Values that an object works out when they are first asked for, without keeping others waiting.

``functools.cached_property`` of Python 3.11 holds one lock for all objects of a class while it works, so
that two batches of people on two cores would wait for each other. An object whose values are of this kind
belongs to one thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801  (a decorator)
    """A property that is worked out once and then stands in the object's own dictionary."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> Self | Value:
        """Return the value; from now on the object has it as a plain attribute."""
        if instance is None:
            return self
        found = instance.__dict__[self.name] = self.make(instance)
        return found
