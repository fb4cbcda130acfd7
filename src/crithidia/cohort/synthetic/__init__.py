"""Synthetic cohorts: people with a disease drawn from published frequencies, without contradictions.

For tests, teaching and benchmarks. Within a kind of a disease findings are drawn independently of each other,
as far as the implications of the vocabulary allow: nothing else about real patients can be learnt from them.
"""

from crithidia.cohort.synthetic.plan import Plan
from crithidia.cohort.synthetic.writing import Summary, generate

__all__ = ["Plan", "Summary", "generate"]
