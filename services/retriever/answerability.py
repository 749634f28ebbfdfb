"""Whether the site covers a question, judged from the retrieval evidence alone.

A logistic model over a few features that do not depend on the size of the site, fitted by
`benchmarks/fit_answerability.py` and stored with its provenance in `answerability.json`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the probability behind it and the calibration it comes from."""

    verdict: Verdict
    probability: float
    calibration: str


@dataclass(frozen=True, slots=True)
class Signals:
    """What the evidence says; all shares lie in [0, 1]."""

    best_cosine: float
    """Highest cosine of any chunk with the question."""
    mean_cosine: float
    """Mean of the five highest."""
    best_coverage: float
    """Largest share of the question's terms that stand in one chunk."""
    joint_coverage: float
    """Share of the question's terms that stand in any of the first chunks."""
    terms: int
    """Terms of the question, common words left out."""

    def features(self) -> list[float]:
        """The model's inputs."""
        return [
            self.best_cosine,
            self.mean_cosine,
            self.best_coverage,
            self.joint_coverage,
            self.best_cosine * self.joint_coverage,
            math.log1p(self.terms),
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
