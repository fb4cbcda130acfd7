"""What the driver sends to the workers: the code of the rooms that cohorts need, and the parsed knowledge.

Code is sent compiled, so driver and workers must run the same Python, as Spark demands anyway.
"""

from __future__ import annotations

import hashlib
import marshal
import pickle
import pkgutil
import zlib
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crithidia.cohort.spark import unload
from crithidia.foundation.library import shipped_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOMS: Final = frozenset({"foundation", "vocabulary", "definition", "case", "interpretation", "cohort"})


class Cargo(NamedTuple):
    """Code and knowledge as bytes, and the name that tells them from others."""

    content: bytes
    name: str


@lru_cache(maxsize=1)
def cargo() -> Cargo:
    """Return what every worker needs."""
    package = __name__.partition(".")[0]
    root: Any = find_spec(package)
    modules = {package: (True, _code_of(package, root))}
    modules.update(_modules(root.submodule_search_locations, f"{package}."))
    content = zlib.compress(marshal.dumps((dict(shipped_library().documents), modules)))
    return Cargo(content, hashlib.sha256(content).hexdigest())


def _modules(paths: Any, prefix: str) -> Iterator[tuple[str, tuple[bool, bytes]]]:
    """Yield name, and whether it is a package, and code, of each module of the rooms; nothing is imported."""
    for found in pkgutil.iter_modules(paths, prefix):
        if found.ispkg and found.name.count(".") == 1 and found.name.split(".")[1] not in _ROOMS:
            continue
        spec: Any = found.module_finder.find_spec(found.name, None)
        yield found.name, (found.ispkg, _code_of(found.name, spec))
        if found.ispkg:
            yield from _modules(spec.submodule_search_locations, f"{found.name}.")


def _code_of(name: str, spec: Any) -> bytes:
    return marshal.dumps(spec.loader.get_code(name))


def on_workers(task: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a task over Arrow batches as Spark can send it to workers that have no Crithidia."""
    from pyspark.cloudpickle import register_pickle_by_value

    register_pickle_by_value(unload)  # type: ignore[no-untyped-call]
    return unload.carrying(*cargo(), pickle.dumps(task))
