"""Many people: the same definitions, compiled for tables.

A definition becomes a circuit (``circuit``, ``meaning``, ``recorded``, ``program``), and the circuit runs
in any database through Ibis (``tables``) or over Arrow data, 64 people to a machine word (``words``).
Never imports the evaluation room.
"""

from crithidia.cohort.classify import classify

__all__ = ["classify"]
