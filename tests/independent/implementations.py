"""Which sets have an independent function: every public function of the modules named here."""

from __future__ import annotations

from inspect import getmembers, isfunction
from typing import TYPE_CHECKING, Final

from tests.independent import (
    aps,
    autoinflammatory,
    crystal_pmr_oa,
    juvenile,
    lupus,
    myositis,
    overlap,
    ra_spa,
    sjogren,
    ssc,
    systemic,
    vasculitis,
)

if TYPE_CHECKING:
    from tests.independent.known import Criteria

MODULES: Final = (
    ssc, myositis, lupus, sjogren, overlap, aps, vasculitis, ra_spa, crystal_pmr_oa, systemic,
    autoinflammatory, juvenile,
)  # fmt: skip
INDEPENDENT: Final[dict[str, Criteria]] = {
    name: function
    for module in MODULES
    for name, function in getmembers(module, isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
}
