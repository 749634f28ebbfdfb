"""The fitted models that turn signals into a verdict.

Two logistic models, fitted by `benchmarks/fit_answerability.py` and stored with their provenance in
`answerability.json`: one tells the site's subject from others by the evidence alone; the other, what the site answers
from what only sounds like it, by that evidence and by what became of the names in the question.
"""

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from services.retriever.reading.judging.signals import (
    DOUBTS,
    FEATURES,
    DoubtWeights,
    NameSignals,
    Signals,
    SignalWeights,
)
from services.retriever.reading.judging.verdict import Judgement, Verdict

_FILE = Path(__file__).with_name("answerability.json")


@dataclass(frozen=True, slots=True)
class DoubtModel:
    """Whether the site answers a question about its subject: `1 / (1 + exp(-(weights · inputs + bias)))`."""

    weights: DoubtWeights
    bias: float

    def probability(self, log_odds: float, signals: Signals) -> float:
        """The probability of an answer.

        Args:
            log_odds: Of the question being about the site's subject.
            signals: What is known about it.
        """
        weighed = sum(getattr(self.weights, name) * value(log_odds, signals) for name, value in DOUBTS.items())
        return _logistic(weighed + self.bias)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model: `probability = 1 / (1 + exp(-(weights · features + bias)))`, and the model of doubt."""

    name: str
    weights: SignalWeights
    bias: float
    not_covered_below: float
    doubt: DoubtModel
    answerable_from: float
    """Probability of the model of doubt from which an answer is not doubted."""
    sure_from: float
    """Probability of the first model from which no other version or language is looked at."""

    def judge(self, signals: Signals) -> Judgement:
        """Below `not_covered_below` no model need be asked; up to `answerable_from` the answer is doubted."""
        log_odds = self.log_odds(signals)
        probability = _logistic(log_odds)
        if probability < self.not_covered_below:
            return Judgement(Verdict.NOT_COVERED, probability, self.name)
        answered = self.doubt.probability(log_odds, signals)
        if answered < self.answerable_from:
            return Judgement(Verdict.WEAK, min(probability, answered), self.name)
        return Judgement(Verdict.ANSWERABLE, probability, self.name, is_sure=probability >= self.sure_from)

    def may_turn(self, signals: Signals, worst: NameSignals) -> bool:
        """Whether a missing word would change the verdict, with these names borne out by the docs or without.

        Only then is it worth asking for.
        """
        verdicts = {
            self.judge(replace(signals, word_missing=missing, names=names)).verdict
            for missing in (False, True)
            for names in (signals.names, worst)
        }
        return len(verdicts) > 1

    def may_turn_on_names(self, signals: Signals, worst: NameSignals) -> bool:
        """Whether these names would change the verdict if the docs did not bear out any of them."""
        return self.judge(signals).verdict is not self.judge(replace(signals, names=worst)).verdict

    def log_odds(self, signals: Signals) -> float:
        """Log-odds of the question being about the site's subject."""
        weighed = sum(getattr(self.weights, name) * feature(signals) for name, feature in FEATURES.items())
        return float(self.bias + weighed)


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, log_odds))))


@cache
def calibration_for(embedding_model: str) -> Calibration | None:
    """The calibration fitted for an embedding model; None when there is none, since cosines differ between models."""
    stored: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    if stored["embedding_model"] != embedding_model:
        return None
    return Calibration(
        stored["name"],
        SignalWeights(**stored["weights"]),
        stored["bias"],
        stored["not_covered_below"],
        DoubtModel(DoubtWeights(**stored["doubt"]["weights"]), stored["doubt"]["bias"]),
        stored["answerable_from"],
        stored["sure_from"],
    )
