"""Four sets beside the code that one would write by hand for them: pandas, and a decision engine.

``python benchmarks/by_hand.py --people 200000``

The table has one column for each finding that the four sets name, and the age at onset; so nothing has to
be concluded from measured values, and by hand little more is to be done than to add. Whatever is compared
is also checked to be equal: the lowest and the highest score, and the verdict. The decision engine (zen)
evaluates systemic sclerosis row by row. Medians of measurements that take turns, reading excluded.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Bounds = tuple[Any, Any]

SSC, IIM = "ssc_acr_eular_2013", "iim_eular_acr_2017"
SLE, SJOGREN = "sle_eular_acr_2019", "sjogren_acr_eular_2016"
FOUR: Final = (SSC, IIM, SLE, SJOGREN)
MISSING: Final = 0.3


class Findings:
    """What is certainly there and what may be there, of each column of a frame."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __call__(self, name: str) -> Bounds:
        """Return the bounds of a finding: true counts, then true or unknown."""
        column = self.frame[name]
        return column.fillna(False).to_numpy(bool), column.fillna(True).to_numpy(bool)

    def any(self, *names: str) -> Bounds:
        """Return the bounds of one finding out of several."""
        return either(*map(self, names))


def either(*bounds: Bounds) -> Bounds:
    return np.any([low for low, _ in bounds], axis=0), np.any([high for _, high in bounds], axis=0)


def both(*bounds: Bounds) -> Bounds:
    return np.all([low for low, _ in bounds], axis=0), np.all([high for _, high in bounds], axis=0)


def negated(bounds: Bounds) -> Bounds:
    return ~bounds[1], ~bounds[0]


def worth(points: int, bounds: Bounds) -> Bounds:
    return bounds[0] * points, bounds[1] * points


def highest(*bounds: Bounds) -> Bounds:
    return np.max([low for low, _ in bounds], axis=0), np.max([high for _, high in bounds], axis=0)


def total(*bounds: Bounds) -> Bounds:
    return np.sum([low for low, _ in bounds], axis=0), np.sum([high for _, high in bounds], axis=0)


def at_least(points: int, bounds: Bounds) -> Bounds:
    return bounds[0] >= points, bounds[1] >= points


def scored(set_id: str, score: Bounds, met: Bounds, scale: int = 1) -> dict[str, Any]:
    verdict = np.select([met[0], ~met[1]], ["met", "not_met"], "undetermined")
    return {f"{set_id}__verdict": verdict, f"{set_id}__low": score[0] / scale,
            f"{set_id}__high": score[1] / scale}  # fmt: skip


def systemic_sclerosis(has: Findings) -> dict[str, Any]:
    proximal, fingers = has("skin_thickening_of_fingers_proximal_to_mcp"), has("sclerodactyly")
    sparing = has("skin_thickening_sparing_fingers")
    # Thickened skin that spares the fingers is no thickened skin of the fingers, and the other way round.
    spares, spared = sparing[0], sparing[1] & ~proximal[0] & ~fingers[0]
    proximal, fingers = ((low, high & ~spares) for low, high in (proximal, fingers))
    score = total(
        highest(worth(9, proximal), worth(4, fingers), worth(2, has("puffy_fingers"))),
        highest(worth(3, has("fingertip_pitting_scars")), worth(2, has("digital_tip_ulcers"))),
        worth(2, has("telangiectasia")),
        worth(2, has("abnormal_nailfold_capillaries")),
        worth(2, has.any("pulmonary_arterial_hypertension", "interstitial_lung_disease")),
        worth(3, has("raynaud_phenomenon")),
        worth(3, has.any("anticentromere", "anti_topoisomerase_i", "anti_rna_polymerase_iii")),
    )
    excluded = either((spares, spared), has("scleroderma_like_disorder"))
    return scored(SSC, score, both(at_least(9, score), negated(excluded)))


MYOSITIS: Final = {
    "proximal_weakness_of_upper_limbs": (7, 7), "proximal_weakness_of_lower_limbs": (8, 5),
    "neck_flexors_weaker_than_extensors": (19, 16), "proximal_leg_muscles_weaker_than_distal": (9, 12),
    "heliotrope_rash": (31, 32), "gottron_papules": (21, 27), "gottron_sign": (33, 37), "anti_jo1": (39, 38),
}  # fmt: skip
BIOPSY: Final = {
    "endomysial_infiltration_not_invading_fibres": 17, "perimysial_or_perivascular_infiltration": 12,
    "perifascicular_atrophy": 19, "rimmed_vacuoles": 31,
}  # fmt: skip


def myositis(has: Findings) -> dict[str, Any]:
    """Points in tenths."""
    age = has.frame["age_at_onset"].to_numpy(float, na_value=np.nan)
    adult = (age >= 18, ~(age < 18))
    older = (age >= 40, ~(age < 40))
    features = {name: has(name) for name in BIOPSY}
    low, high = has("muscle_biopsy")
    taken = (np.any([low, *(feature[0] for feature in features.values())], axis=0), high)
    oesophagus = has.any("dysphagia", "oesophageal_dysmotility")
    enzymes = has.any("elevated_creatine_kinase", "elevated_ldh", "elevated_ast", "elevated_alt")
    without, with_ = (
        total(highest(worth(young, adult), worth(old, older)), worth(swallowing, oesophagus),
              worth(raised, enzymes), *(worth(points[i], has(name)) for name, points in MYOSITIS.items()))
        for i, (young, old, swallowing, raised) in enumerate(((13, 21, 7, 13), (15, 22, 6, 14)))
    )  # fmt: skip
    with_ = total(with_, *(worth(points, features[name]) for name, points in BIOPSY.items()))
    # Without a known biopsy the points are those without one; the verdict must hold either way.
    score = np.where(taken[0], with_[0], without[0]), np.where(taken[0], with_[1], without[1])
    reached, reached_with = at_least(55, without), at_least(67, with_)
    met = either(both(negated(taken), reached), both(taken, reached_with), both(reached, reached_with))
    return scored(IIM, score, met, 10)


def lupus(has: Findings) -> dict[str, Any]:
    clinical = (
        worth(2, has("fever")),
        highest(worth(3, has("leucopenia")), worth(4, has.any("thrombocytopenia", "autoimmune_haemolysis"))),
        highest(worth(2, has("delirium")), worth(3, has("psychosis")), worth(5, has("seizure"))),
        highest(worth(2, has.any("non_scarring_alopecia", "oral_ulcers")),
                worth(4, has.any("subacute_cutaneous_lupus", "discoid_lupus")),
                worth(6, has("acute_cutaneous_lupus"))),
        highest(worth(5, has.any("pleural_effusion", "pericardial_effusion")),
                worth(6, has("acute_pericarditis"))),
        worth(6, either(has("sle_joint_involvement"), both(has("tenderness_in_at_least_2_joints"),
                                                           has("morning_stiffness_at_least_30_min")))),
        highest(worth(4, has("proteinuria_over_0_5_g_per_day")),
                worth(8, has.any("lupus_nephritis_class_ii", "lupus_nephritis_class_v")),
                worth(10, has.any("lupus_nephritis_class_iii", "lupus_nephritis_class_iv"))),
    )  # fmt: skip
    low_c3, low_c4 = has("low_c3"), has("low_c4")
    immunology = (
        worth(2, has.any("anticardiolipin_medium_or_high_titre", "anti_beta2_glycoprotein_i",
                         "lupus_anticoagulant")),
        highest(worth(3, either(low_c3, low_c4)), worth(4, both(low_c3, low_c4))),
        worth(6, has.any("anti_dsdna", "anti_smith")),
    )  # fmt: skip
    of_clinic = total(*clinical)
    score = total(of_clinic, *immunology)
    return scored(SLE, score, both(has("ana_at_least_1_80"), at_least(10, score), at_least(1, of_clinic)))


def sjogren(has: Findings) -> dict[str, Any]:
    score = total(
        worth(3, has("focal_lymphocytic_sialadenitis_focus_score_1")),
        worth(3, has("anti_ssa_ro")),
        worth(1, has.any("ocular_staining_score_at_least_5", "van_bijsterveld_score_at_least_4")),
        worth(1, has("abnormal_schirmer_test")),
        worth(1, has("low_unstimulated_salivary_flow")),
    )
    entry = has.any("daily_dry_eyes_over_3_months", "recurrent_gritty_eyes", "daily_dry_mouth_over_3_months",
                    "tear_substitutes_over_3_times_a_day", "drinks_to_swallow_dry_food",
                    "essdai_domain_positive")  # fmt: skip
    excluded = has.any("head_neck_radiation", "active_hepatitis_c", "aids", "sarcoidosis", "amyloidosis",
                       "graft_versus_host_disease", "igg4_related_disease")  # fmt: skip
    return scored(SJOGREN, score, both(entry, negated(excluded), at_least(4, score)))


def in_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    has = Findings(frame)
    columns: dict[str, Any] = {}
    for of in (systemic_sclerosis, myositis, lupus, sjogren):
        columns.update(of(has))
    return pd.DataFrame(columns)


def ours(table: Any, sets: Iterable[str]) -> Any:
    from crithidia import cohort

    return cohort.classify(table, sets=sets)


def findings() -> list[str]:
    """Return the findings that the four sets name."""
    from crithidia.definition import Has, load_criteria_set

    atoms = (atom for set_id in FOUR for atom in load_criteria_set(set_id).atoms)
    return list(dict.fromkeys(atom.concept for atom in atoms if isinstance(atom, Has)))


def table_of(people: int) -> Any:
    """Return people without contradictions, each of whose findings is recorded or not."""
    rng = np.random.default_rng(1)
    severity = rng.random(people) * 0.6
    true = {name: rng.random(people) < severity for name in findings()}
    fingers = true["skin_thickening_of_fingers_proximal_to_mcp"] | true["sclerodactyly"]
    true["skin_thickening_sparing_fingers"] &= ~fingers
    for name in BIOPSY:
        true[name] &= true["muscle_biopsy"]
    columns = {name: pa.array(values, mask=rng.random(people) < MISSING) for name, values in true.items()}
    age = pa.array(rng.integers(1, 90, people).astype(float), mask=rng.random(people) < MISSING)
    return pa.table({"person_id": pa.array([f"p{i}" for i in range(people)]), "age_at_onset": age, **columns})


SCLEROSIS_IN_ZEN: Final = {
    "spares": "skin_thickening_sparing_fingers == true",
    "fingers_low": "skin_thickening_of_fingers_proximal_to_mcp == true or sclerodactyly == true",
    "excluded_low": "$.spares or scleroderma_like_disorder == true",
    "excluded_high": "(skin_thickening_sparing_fingers != false and not($.fingers_low)) or "
                     "scleroderma_like_disorder != false",
    "low": (
        "max([skin_thickening_of_fingers_proximal_to_mcp == true ? 9 : 0, sclerodactyly == true ? 4 : 0, "
        "puffy_fingers == true ? 2 : 0])"
        " + max([fingertip_pitting_scars == true ? 3 : 0, digital_tip_ulcers == true ? 2 : 0])"
        " + (telangiectasia == true ? 2 : 0) + (abnormal_nailfold_capillaries == true ? 2 : 0)"
        " + (pulmonary_arterial_hypertension == true or interstitial_lung_disease == true ? 2 : 0)"
        " + (raynaud_phenomenon == true ? 3 : 0)"
        " + (anticentromere == true or anti_topoisomerase_i == true or anti_rna_polymerase_iii == true"
        " ? 3 : 0)"
    ),
    "high": (
        "max([skin_thickening_of_fingers_proximal_to_mcp != false and not($.spares) ? 9 : 0, "
        "sclerodactyly != false and not($.spares) ? 4 : 0, puffy_fingers != false ? 2 : 0])"
        " + max([fingertip_pitting_scars != false ? 3 : 0, digital_tip_ulcers != false ? 2 : 0])"
        " + (telangiectasia != false ? 2 : 0) + (abnormal_nailfold_capillaries != false ? 2 : 0)"
        " + (pulmonary_arterial_hypertension != false or interstitial_lung_disease != false ? 2 : 0)"
        " + (raynaud_phenomenon != false ? 3 : 0)"
        " + (anticentromere != false or anti_topoisomerase_i != false or anti_rna_polymerase_iii != false"
        " ? 3 : 0)"
    ),
    "verdict": "$.low >= 9 and not($.excluded_high) ? 'met' : "
               "($.high < 9 or $.excluded_low ? 'not_met' : 'undetermined')",
}  # fmt: skip


def decision() -> Any:
    """Return a decision graph with one node of expressions."""
    import zen

    expressions = [{"id": key, "key": key, "value": text} for key, text in SCLEROSIS_IN_ZEN.items()]
    kinds = {"in": "inputNode", "score": "expressionNode", "out": "outputNode"}
    nodes = [{"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0},
              "content": {"expressions": expressions} if name == "score" else {}}
             for name, kind in kinds.items()]  # fmt: skip
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
             for a, b in (("in", "score"), ("score", "out"))]  # fmt: skip
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


def in_zen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = decision()
    return [made.evaluate(row)["result"] for row in rows]


def clocked(run: Callable[[], Any]) -> tuple[Any, float, float]:
    start, cpu = time.perf_counter(), time.process_time()
    found = run()
    return found, time.perf_counter() - start, time.process_time() - cpu


def check(name: str, found: Iterable[Any], expected: Iterable[Any]) -> None:
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            raise SystemExit(f"{name}, row {place}: {one} by hand, {other} here")


def beside_pandas(table: Any, times: int) -> None:
    frame = table.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    ours(table.slice(0, 1), FOUR)  # compiles
    turns = [(clocked(lambda: in_pandas(frame)), clocked(lambda: ours(table, FOUR))) for _ in range(times)]
    by_hand, here = turns[0][0][0], turns[0][1][0]
    for name in by_hand.columns:
        check(name, by_hand[name].tolist(), here.column(name).to_pylist())
    shown = (
        f"pandas {middle(a[1] for a, _ in turns):.3f} s, cpu {middle(a[2] for a, _ in turns):.3f}; "
        f"here {middle(b[1] for _, b in turns):.3f} s, cpu {middle(b[2] for _, b in turns):.3f}"
    )
    print(f"{table.num_rows:,} people, four sets, equal: {shown}", flush=True)


def beside_zen(table: Any, count: int, times: int) -> None:
    names = findings_of_sclerosis(table)
    rows = table.select(names).slice(0, count).to_pylist()
    ours(table.slice(0, 1), (SSC,))  # compiles
    turns = [(clocked(lambda: in_zen(rows)), clocked(lambda: ours(table, (SSC,)))) for _ in range(times)]
    by_hand, here = turns[0][0][0], turns[0][1][0].slice(0, count)
    for what in ("low", "high", "verdict"):
        check(what, (row[what] for row in by_hand), here.column(f"{SSC}__{what}").to_pylist())
    a, b = middle(a[1] / count for a, _ in turns) * 1e6, middle(b[1] for _, b in turns) / table.num_rows * 1e6
    print(f"systemic sclerosis, equal on {count:,} people: zen {a:.2f} us a person; here {b:.3f}", flush=True)


def findings_of_sclerosis(table: Any) -> list[str]:
    from crithidia.definition import Has, load_criteria_set

    named = {atom.concept for atom in load_criteria_set(SSC).atoms if isinstance(atom, Has)}
    return [name for name in table.column_names if name in named]


def middle(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=5_000, help="people for the decision engine")
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    table = table_of(chosen.people)
    beside_pandas(table, chosen.times)
    beside_zen(table, min(chosen.rows, chosen.people), chosen.times)


if __name__ == "__main__":
    main()
