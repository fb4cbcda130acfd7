"""What Spark says when something fails, as one sentence: the reason lies deep in a trace of two languages."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from crithidia.cohort.errors import EngineError
from crithidia.foundation.problems import InputError, refuse

if TYPE_CHECKING:
    from crithidia.foundation.problems import CrithidiaError

_TRACE: Final = re.compile(r"Traceback \(most recent call last\):\n(?P<body>.*?)(?=\n+\tat |\Z)", re.DOTALL)
_CAUSE: Final = re.compile(r"^(?:Caused by)?: (?:[\w.$]+: )?(.*)$", re.MULTILINE)
_OURS: Final = f"{InputError.__module__}.{InputError.__qualname__}: "
_WORKERS: Final = ("ModuleNotFoundError", "ImportError", "PYTHON_VERSION_MISMATCH", "Cannot run program",
                   "PACKAGE_NOT_INSTALLED", "UNSUPPORTED_PACKAGE_VERSION")  # fmt: skip


def meant_by(error: Exception) -> CrithidiaError:
    """Return what an error of Spark means."""
    reason = reason_of(error)
    if reason.startswith(_OURS):
        return refuse(reason.removeprefix(_OURS))
    if any(word in reason for word in _WORKERS):
        python = ".".join(map(str, sys.version_info[:2]))
        return EngineError(f"Spark's workers need Python {python} with numpy and pyarrow (PYSPARK_PYTHON "
                           f"names theirs): {reason}")  # fmt: skip
    if "UNABLE_TO_INFER_SCHEMA" in reason:
        return refuse("there is no Parquet file in the folder", None,
                      "give the folder that the files are in; one of CSV files is called *.csv")  # fmt: skip
    return EngineError(f"Spark cannot do it: {reason}")


def reason_of(error: Exception) -> str:
    """Return the last word of the innermost trace of Python, else the cause that Java names, else all."""
    text = str(error)
    traces = [match["body"].strip().splitlines() for match in _TRACE.finditer(text)]
    if traces:
        return _last_word(traces[-1])
    causes = [match[1] for match in _CAUSE.finditer(text)]
    about_workers = [cause for cause in causes if any(word in cause for word in _WORKERS)]
    first = text.strip().partition("\n")[0]
    return str((about_workers or causes[-1:] or [first])[0])


def _last_word(lines: list[str]) -> str:
    """Return the exception that ends a trace, on one line."""
    starts = [i for i, line in enumerate(lines) if re.match(r"[A-Za-z_][\w.]*(Error|Exception)\b", line)]
    return " ".join(line.strip() for line in (lines[starts[-1] :] if starts else lines[-1:]))
