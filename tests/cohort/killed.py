"""A run of ``classify_file`` in a process of its own that is killed once it has kept a part."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT: Final = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
from crithidia.cohort import files, sink
from crithidia.cohort.compiled import Request
module, name, size, last = sys.argv[3:]
setattr(import_module(module), name, int(size))
keep = sink.Parts.keep
def kept(self, number, table):
    keep(self, number, table)
    if number == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
sink.Parts.keep = kept
files.classify_file(Path(sys.argv[1]), Path(sys.argv[2]), Request.of())
"""


def killed_after(part: int, path: Path, out: Path, *, module: str, limit: str, size: int) -> None:
    """Classify ``path`` into ``out`` and kill the process when that part is kept.

    ``limit`` is the name in ``module`` of how much is read at a time, ``size`` what it is to be.
    """
    arguments = [str(path), str(out), module, limit, str(size), str(part)]
    stopped = subprocess.run([sys.executable, "-c", _SCRIPT, *arguments], check=False)  # noqa: S603
    assert stopped.returncode == -signal.SIGKILL
