"""What can go wrong with an engine that is not this machine."""

from __future__ import annotations

from crithidia.foundation.problems import CrithidiaError


class EngineError(CrithidiaError):
    """An engine that cannot be reached or that fails."""

    exit_code = 6
