"""Many patients: the same definitions over tables, and synthetic cohorts to try them on.

A definition becomes a circuit (``circuit``, ``meaning``, ``recorded``, ``program``), and the circuit runs
in any database (``in_sql``, ``in_ibis``) or over Arrow data, 64 people to a machine word (``words``), be it
one row a person or a table of facts (``facts``).
Refuses to know how a single case is evaluated (``evaluation``) and how files are read (``intake``).
"""

from crithidia.cohort.check import check
from crithidia.cohort.classify import classify

__all__ = ["check", "classify"]
