"""What the candidates of a question say about an answer, and what each signal weighs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.retriever.reading.candidates import CANDIDATES, Candidates
from services.retriever.reading.judging.coverage import Coverage
from services.retriever.store.port import Hit

_NEAREST = 5
_FIRST_BY_TERMS = 20
_USUAL_BACKGROUND = 0.55
"""Cosine of a question with the fiftieth chunk of a site about something else; a site with few chunks has none."""


@dataclass(frozen=True, slots=True)
class NameSignals:
    """Names of a question that the docs do not bear out, each kind counted up to `MOST_NAMES`."""

    strange_missing: int = 0
    """Identifiers, packages, products and versions that stand nowhere in what was searched."""
    loose_missing: int = 0
    """Usual words used as names that stand nowhere there."""
    rare_elsewhere: int = 0
    """Identifiers, packages and products that stand in a few chunks, but in none of the first."""


NO_NAMES = NameSignals()
MOST_NAMES = 2
"""Names of one kind that count: a pasted log has many, and the third says no more than the second."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known about a question that was embedded; all shares lie in [0, 1]."""

    best_cosine: float
    """Highest cosine of any chunk with the question."""
    lead: float
    """How far that is above the last candidate's: an answer stands out, a mere likeness of subject does not."""
    best_coverage: float
    """Largest share of the question's terms that stand in one chunk."""
    joint_coverage: float
    """Share of the question's terms that stand in any of the first chunks."""
    agreement: float
    """Share of the five nearest chunks in meaning that are among the first twenty by terms."""
    terms: int
    """Terms of the question, common words left out."""
    chunks: int
    """How many were searched: the more, the more a missing word says."""
    word_missing: bool = False
    """Whether one of the terms stands nowhere in what was searched."""
    names: "NameSignals" = field(default_factory=lambda: NO_NAMES)
    """What became of the names in the question."""


@dataclass(frozen=True, slots=True)
class SignalWeights:
    """What each input of the model adds to the log-odds of an answer, per unit; the inputs are those of `FEATURES`."""

    best_cosine: float
    lead: float
    best_coverage: float
    joint_coverage: float
    agreement: float
    cosine_and_coverage: float
    """Of the product of the best cosine and the joint coverage: each says more where the other agrees."""
    terms: float
    """Of the logarithm of 1 + the number of terms: a long question shares a smaller part of them."""
    word_missing: float
    """Of the logarithm of 1 + the number of chunks, where a word is missing."""


FEATURES: Mapping[str, Callable[[Signals], float]] = {
    "best_cosine": lambda signals: signals.best_cosine,
    "lead": lambda signals: signals.lead,
    "best_coverage": lambda signals: signals.best_coverage,
    "joint_coverage": lambda signals: signals.joint_coverage,
    "agreement": lambda signals: signals.agreement,
    "cosine_and_coverage": lambda signals: signals.best_cosine * signals.joint_coverage,
    "terms": lambda signals: math.log1p(signals.terms),
    "word_missing": lambda signals: signals.word_missing * math.log1p(signals.chunks),
}
"""The inputs of the model, by the names of their weights."""


@dataclass(frozen=True, slots=True)
class DoubtWeights:
    """What each input of the model of doubt adds to its log-odds, per unit; the inputs are those of `DOUBTS`."""

    evidence: float
    """Of the log-odds by the model of evidence, between -4 and 5: beyond, more of it says nothing new."""
    strange_missing: float
    loose_missing: float
    rare_elsewhere: float


DOUBTS: Mapping[str, Callable[[float, Signals], float]] = {
    "evidence": lambda log_odds, _: max(-4.0, min(5.0, log_odds)),
    "strange_missing": lambda _, signals: signals.names.strange_missing,
    "loose_missing": lambda _, signals: signals.names.loose_missing,
    "rare_elsewhere": lambda _, signals: signals.names.rare_elsewhere,
}
"""The inputs of the model of doubt, by the names of their weights: the log-odds of the first model, and the signals."""


def measure(found: Candidates, covered: Coverage, *, chunks: int) -> Signals:
    """The signals that need no further look at the index: no word or name counts as missing yet."""
    nearest = found.dense or ()
    best = nearest[0].score if nearest else 0.0
    return Signals(
        best_cosine=best,
        lead=best - _background(nearest),
        best_coverage=covered.best,
        joint_coverage=covered.joint,
        agreement=_agreement(nearest, found.sparse),
        terms=covered.terms,
        chunks=chunks,
    )


def _background(nearest: Sequence[Hit]) -> float:
    """Cosine of the last candidate; a site with too few chunks to have one gets the usual at most."""
    last = nearest[-1].score if nearest else 0.0
    return last if len(nearest) >= CANDIDATES else min(last, _USUAL_BACKGROUND)


def _agreement(nearest: Sequence[Hit], by_terms: Sequence[Hit]) -> float:
    first = {hit.id for hit in by_terms[:_FIRST_BY_TERMS]}
    return sum(hit.id in first for hit in nearest[:_NEAREST]) / _NEAREST
