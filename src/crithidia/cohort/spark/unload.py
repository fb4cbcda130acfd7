"""What a worker runs first: it imports from memory the code that the driver sent along.

This module is itself sent by value, so it uses the standard library only. A worker needs no Crithidia; one
that has it uses the driver's all the same, so that driver and workers never differ.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import marshal
import pickle
import sys
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Batches = Iterator[Any]


class Carried(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads modules whose compiled code it holds: name to (is a package, marshalled code)."""

    def __init__(self, cargo: str, modules: dict[str, tuple[bool, bytes]]) -> None:
        self.cargo, self.modules = cargo, modules

    def find_spec(self, fullname: str, path: Sequence[str] | None = None,  # noqa: ARG002
                  target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002  # fmt: skip
        """Return the spec of a module that is held."""
        if fullname not in self.modules:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=self.modules[fullname][0])

    def exec_module(self, module: ModuleType) -> None:
        """Run a module."""
        code = marshal.loads(self.modules[module.__name__][1])  # noqa: S302  (the driver's own code)
        module.__file__ = code.co_filename
        exec(code, module.__dict__)  # noqa: S102


def carrying(cargo: bytes, name: str, task: bytes) -> Callable[[Batches], Batches]:
    """Return what Spark runs over the batches of a partition; ``name`` tells this cargo from others."""

    def over(batches: Batches) -> Batches:
        yield from unloaded(cargo, name, task)(batches)

    return over


def unloaded(cargo: bytes, name: str, task: bytes) -> Any:
    """Return the task, once its modules are there. Raises ``ImportError`` for a library that is not."""
    missing = [library for library in ("numpy", "pyarrow") if importlib.util.find_spec(library) is None]
    if missing:
        msg = f"no {' and no '.join(missing)} for {sys.executable}"
        raise ImportError(msg)
    if not any(getattr(finder, "cargo", None) == name for finder in sys.meta_path):
        _install(cargo, name)
    return pickle.loads(task)  # noqa: S301  (the driver's own)


def _install(cargo: bytes, name: str) -> None:
    """Make the modules of a cargo importable, instead of those of another or of an installed package."""
    documents, modules = marshal.loads(zlib.decompress(cargo))  # noqa: S302
    package = min(modules, key=len)
    for module in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        del sys.modules[module]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not hasattr(finder, "cargo")]
    sys.meta_path.insert(0, Carried(name, modules))
    importlib.import_module(f"{package}.foundation.library").take_documents(documents)
