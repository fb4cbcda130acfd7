"""The model: what a criteria set is. Frozen, typed, valid once constructed.

Refuses to know about patients, files other than knowledge, and engines.
"""

from crithidia.definition.criteria_set import (
    Category,
    Citation,
    Clause,
    Column,
    CriteriaSet,
    Domain,
    Item,
    Performance,
    Subgroup,
)
from crithidia.definition.library import (
    load_criteria,
    load_criteria_set,
    shipped_criteria,
    shipped_criteria_ids,
    shipped_diseases,
)
from crithidia.definition.nodes import (
    All,
    Any,
    AtLeast,
    Atom,
    Capped,
    Compares,
    Has,
    Highest,
    Is,
    Node,
    Not,
    Points,
    Reaches,
    Score,
    Statement,
    Sum,
)

__all__ = [
    "All",
    "Any",
    "AtLeast",
    "Atom",
    "Capped",
    "Category",
    "Citation",
    "Clause",
    "Column",
    "Compares",
    "CriteriaSet",
    "Domain",
    "Has",
    "Highest",
    "Is",
    "Item",
    "Node",
    "Not",
    "Performance",
    "Points",
    "Reaches",
    "Score",
    "Statement",
    "Subgroup",
    "Sum",
    "load_criteria",
    "load_criteria_set",
    "shipped_criteria",
    "shipped_criteria_ids",
    "shipped_diseases",
]
