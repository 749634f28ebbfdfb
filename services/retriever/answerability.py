"""Whether the site covers a question, judged from the retrieval evidence alone.

A logistic model over a few features, fitted by `benchmarks/fit_answerability.py` and stored with its provenance in
`answerability.json`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("answerability.json")


class Verdict(StrEnum):
    """What to expect of an answer."""

    ANSWERABLE = "answerable"
    WEAK = "weak"
    NOT_COVERED = "not covered"

    @property
    def rank(self) -> int:
        """0 for the worst, rising."""
        return (Verdict.NOT_COVERED, Verdict.WEAK, Verdict.ANSWERABLE).index(self)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the probability behind it and the calibration it comes from."""

    verdict: Verdict
    probability: float
    calibration: str
    by_words: bool = False
    """Whether only shared words were looked at, because the model does not understand the language."""

    def at_least_weak(self) -> "Judgement":
        """The same, but not a refusal."""
        return replace(self, verdict=Verdict.WEAK) if self.verdict is Verdict.NOT_COVERED else self

    def overrules(self, asked: "Judgement | None") -> bool:
        """Whether this judgement of another scope is good enough to answer from there.

        Words alone do not overrule a model that found the question to be about something else: any long text shares
        some words with it.
        """
        if self.verdict is not Verdict.ANSWERABLE:
            return False
        return not (self.by_words and asked is not None and asked.verdict is Verdict.NOT_COVERED)


@dataclass(frozen=True, slots=True)
class Signals:
    """What the evidence says; all shares lie in [0, 1]."""

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
    word_missing: bool
    """Whether one of the terms stands nowhere in what was searched."""
    chunks: int
    """How many were searched: the more, the more a missing word says."""

    def features(self) -> list[float]:
        """The model's inputs."""
        return [
            self.best_cosine,
            self.lead,
            self.best_coverage,
            self.joint_coverage,
            self.agreement,
            self.best_cosine * self.joint_coverage,
            math.log1p(self.terms),
            self.word_missing * math.log1p(self.chunks),
        ]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model: `probability = 1 / (1 + exp(-(weights · features + bias)))`."""

    name: str
    weights: Sequence[float]
    bias: float
    not_covered_below: float
    answerable_from: float

    def judge(self, signals: Signals) -> Judgement:
        """Below `not_covered_below` nobody need be asked; between the two, the answer may be partial."""
        activation = self.bias + sum(
            weight * feature for weight, feature in zip(self.weights, signals.features(), strict=True)
        )
        probability = 1 / (1 + math.exp(-max(-50.0, min(50.0, activation))))
        if probability < self.not_covered_below:
            return Judgement(Verdict.NOT_COVERED, probability, self.name)
        verdict = Verdict.ANSWERABLE if probability >= self.answerable_from else Verdict.WEAK
        return Judgement(verdict, probability, self.name)

    def may_turn_on_a_word(self, signals: Signals) -> bool:
        """Whether a missing word would change the verdict: only then is it worth asking for."""
        verdicts = {self.judge(replace(signals, word_missing=missing)).verdict for missing in (False, True)}
        return len(verdicts) > 1

    def doubt(self, judgement: Judgement) -> Judgement:
        """The same, but not surer than `weak`."""
        return Judgement(Verdict.WEAK, min(judgement.probability, self.answerable_from), self.name)


@cache
def calibration_for(embedding_model: str) -> Calibration | None:
    """The calibration fitted for an embedding model; None when there is none, since cosines differ between models."""
    stored: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    if stored["embedding_model"] != embedding_model:
        return None
    return Calibration(
        stored["name"],
        tuple(stored["weights"]),
        stored["bias"],
        stored["not_covered_below"],
        stored["answerable_from"],
    )
