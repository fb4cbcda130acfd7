"""Facts from facts: units, reference intervals, derived values, implied findings, doubts.

Refuses to know about criteria sets and verdicts.
"""

from crithidia.interpretation.derived import Derived
from crithidia.interpretation.doubt import Doubt
from crithidia.interpretation.interpret import Interpretation, interpret
from crithidia.interpretation.measurements import Flag, Measurement
from crithidia.interpretation.picture import Conflict, Picture
from crithidia.interpretation.references import ReferenceInterval
from crithidia.interpretation.units import UnitTable, shipped_units

__all__ = [
    "Conflict",
    "Derived",
    "Doubt",
    "Flag",
    "Interpretation",
    "Measurement",
    "Picture",
    "ReferenceInterval",
    "UnitTable",
    "interpret",
    "shipped_units",
]
