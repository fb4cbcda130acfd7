"""One patient: verdict, interval, explanation. Walks definitions; never imports the cohort room."""

from crithidia.definition.verdict import Reason, Verdict
from crithidia.evaluation.compiled import CompiledSet, compiled_set
from crithidia.evaluation.decide import Decision, decide
from crithidia.evaluation.evaluate import evaluate, evaluate_picture
from crithidia.evaluation.result import ItemResult, Result, ScoreInterval

__all__ = [
    "CompiledSet",
    "Decision",
    "ItemResult",
    "Reason",
    "Result",
    "ScoreInterval",
    "Verdict",
    "compiled_set",
    "decide",
    "evaluate",
    "evaluate_picture",
]
