"""Assessing a case: interpret, apply every set, look for overlap, say what was assumed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crithidia.assessment.agreement import side_by_side
from crithidia.assessment.antibodies import antibody_panel
from crithidia.assessment.assessment import Assessment, Knowledge
from crithidia.assessment.intervals import interval_notes
from crithidia.assessment.overlap import recognise
from crithidia.assessment.referee import referee
from crithidia.assessment.scores import relevant_scores
from crithidia.case import Case, Moment
from crithidia.definition import shipped_criteria_ids
from crithidia.evaluation import Result, compiled_set, evaluate_picture
from crithidia.foundation.library import shipped_library
from crithidia.foundation.text import Language, Phrase
from crithidia.intake import load_file
from crithidia.interpretation import Interpretation, Picture, interpret
from crithidia.interpretation.physiology import lung_limits, shipped_physiology
from crithidia.vocabulary import Kind, shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def assess(case: Case | str | Path, *, sets: Iterable[str] | None = None, as_of: str | None = None,
           assume_absent: bool = False, default_intervals: bool = False,
           language: Language = "en") -> Assessment:  # fmt: skip
    """Assess a case, given as such or as the path of a case file or a FHIR QuestionnaireResponse.

    ``sets`` are the ids to apply (all by default); ``as_of`` a date or offset after which nothing
    counts; ``assume_absent`` turns every unknown finding into absent, and the assessment says so;
    ``default_intervals`` lets published reference intervals settle findings where the laboratory gave
    none. Raises ``InputError`` for a case file with mistakes, ``UnknownNameError`` for an unknown set and
    ``ValueError`` for an ``as_of`` that is no time.
    """
    if isinstance(case, (str, Path)):
        case = load_file(case)
    moment = Moment.parse(as_of) if as_of else None
    seen = case.until(moment)
    shown = interpret(seen, defaults_settle=default_intervals)
    chosen = tuple(sets) if sets is not None else shipped_criteria_ids()
    results = tuple(
        evaluate_picture(compiled_set(set_id), shown.picture, assume_absent=assume_absent)
        for set_id in chosen
    )
    library = shipped_library()
    return Assessment(
        case=case,
        interpretation=shown,
        results=results,
        overlaps=recognise(shown.picture, results),
        agreements=tuple(side_by_side(results)),
        antibodies=antibody_panel(shown),
        scores=tuple(relevant_scores(shown, results)),
        assumptions=(*_assumptions(results, shown),
                     *(interval_notes(shown.measurements, settles=True) if default_intervals else ())),
        limits=tuple(_limits(results, shown)),
        knowledge=Knowledge(library.version, library.hash),
        findings=referee(seen, shown, () if assume_absent else results),
        as_of=moment,
        assume_absent=assume_absent,
        default_intervals=default_intervals,
        language=language,
    )


def _assumptions(results: tuple[Result, ...], shown: Interpretation) -> Iterator[Phrase]:
    """Say what the verdicts rest on beyond the recorded facts."""
    for result in results:
        if result.assumed:
            concepts = tuple(dict.fromkeys(atom.concept for atom in result.assumed))
            yield Phrase.of("assumed_absent", set=result.id, concepts=concepts)
    for result in results:
        if result.compiled.set.attribution:
            yield Phrase.of("attribution_assumed", set=result.id)
    for concept in sorted(shown.picture.explained):
        causes = {f.explained_by for f in shown.picture.evidence[(concept, True)]}
        yield Phrase.of("explained_otherwise", concept=concept, cause=", ".join(sorted(causes)))


def _limits(results: tuple[Result, ...], shown: Interpretation) -> Iterator[Phrase]:
    """Say what the criteria could not know from this case."""
    yield Phrase.of("classification_not_diagnosis")
    for result in results:
        unverified = sum(clause.unverified for clause in result.compiled.set.clauses())
        if unverified:
            yield Phrase.of("unverified_clauses", set=result.id, count=unverified)
    unscored = tuple(_unscored_antibodies(results, shown.picture))
    if unscored:
        yield Phrase.of("antibodies_not_scored", concepts=unscored)
    yield from lung_limits(shown.picture, shipped_physiology().lungs)


def _unscored_antibodies(results: tuple[Result, ...], picture: Picture) -> Iterator[str]:
    """Yield the antibodies found that neither score nor imply anything that scores."""
    vocabulary = shipped_vocabulary()
    asked = {atom.concept for result in results for atom in result.compiled.atoms}
    for name, concept in vocabulary.concepts.items():
        if concept.kind is Kind.ANTIBODY and picture.known.get(name) and picture.is_recorded(name):
            implied = {other for other, _ in vocabulary.implications.closure((name, True))}
            if not implied & asked:
                yield name
