"""The words of laboratories for presence and for semi-quantitative grades, in English and Polish.

Refuses to give a borderline grade a side: it settles nothing.
"""

from __future__ import annotations

from typing import Final

from crithidia.foundation.truth import Truth

TRUTHS: Final = {
    **dict.fromkeys(("present", "yes", "true", "positive", "pos", "reactive", "obecny", "obecna",
                     "obecne", "tak", "dodatni", "dodatnia", "dodatnie"), Truth.PRESENT),
    **dict.fromkeys(("absent", "no", "false", "negative", "neg", "nonreactive", "nieobecny",
                     "nieobecna", "nieobecne", "nie", "brak", "ujemny", "ujemna", "ujemne"), Truth.ABSENT),
    **dict.fromkeys(("unknown", "not recorded", "not done", "not tested", "suspected", "possible",
                     "nieznany", "nieznana", "nieznane", "nie wiadomo", "nie badano", "podejrzenie", "?"),
                    Truth.UNKNOWN),
}  # fmt: skip
_GRADES: Final = {
    "-": ("-", "(-)"),
    "+/-": ("+/-", "±", "-/+", "+-", "(+)", "(+/-)", "borderline", "equivocal", "indeterminate",
            "inconclusive", "doubtful", "graniczny", "graniczna", "graniczne", "wątpliwy", "wątpliwa",
            "wątpliwe", "niejednoznaczny", "niejednoznaczna", "niejednoznaczne"),
    "+": ("+", "1+", "weak positive", "weakly positive", "low positive", "słabo dodatni",
          "słabo dodatnia", "słabo dodatnie"),
    "++": ("++", "2+", "moderate positive", "moderately positive", "średnio dodatni",
           "średnio dodatnia", "średnio dodatnie"),
    "+++": ("+++", "3+", "strong positive", "strongly positive", "silnie dodatni", "silnie dodatnia",
            "silnie dodatnie"),
    "++++": ("++++", "4+"),
}  # fmt: skip
GRADES: Final = {word: grade for grade, words in _GRADES.items() for word in words}
