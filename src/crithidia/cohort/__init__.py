"""Many patients: the same definitions over tables, and synthetic cohorts to try them on.

Refuses to know how a single case is evaluated (``evaluation``) and how files are read (``intake``).
"""
