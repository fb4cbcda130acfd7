"""Crithidia: computable rheumatology.

>>> import crithidia
>>> crithidia.assess("examples/stepien-2023.yaml")        # doctest: +SKIP
>>> crithidia.evaluate("ssc_acr_eular_2013", {"raynaud_phenomenon": True})  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from crithidia._version import __version__

if TYPE_CHECKING:
    from crithidia.api import (
        Assessment,
        Finding,
        Result,
        Review,
        ScoreResult,
        assess,
        evaluate,
        load_case,
        review,
        score,
    )

__all__ = ["Assessment", "Finding", "Result", "Review", "ScoreResult", "__version__", "assess", "evaluate",
           "load_case", "review", "score"]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the API when it is first used, so that importing the package stays cheap."""
    if name in __all__:
        from crithidia import api

        return getattr(api, name)
    msg = f"module 'crithidia' has no attribute '{name}'"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
