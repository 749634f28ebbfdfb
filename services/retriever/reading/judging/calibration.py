"""The fitted model that turns signals into a verdict.

A logistic model over a few inputs, fitted by `benchmarks/fit_answerability.py` and stored with its provenance in
`answerability.json`.
"""

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from services.retriever.reading.judging.signals import FEATURES, Signals, SignalWeights
from services.retriever.reading.judging.verdict import Judgement, Verdict

_FILE = Path(__file__).with_name("answerability.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model: `probability = 1 / (1 + exp(-(weights · features + bias)))`."""

    name: str
    weights: SignalWeights
    bias: float
    not_covered_below: float
    answerable_from: float

    def judge(self, signals: Signals) -> Judgement:
        """Below `not_covered_below` no model need be asked; up to `answerable_from` the answer may be partial."""
        probability = self._probability(signals)
        if probability < self.not_covered_below:
            return Judgement(Verdict.NOT_COVERED, probability, self.name)
        if probability < self.answerable_from:
            return Judgement(Verdict.WEAK, probability, self.name)
        if signals.name_missing:
            return Judgement(Verdict.WEAK, self.answerable_from, self.name)
        return Judgement(Verdict.ANSWERABLE, probability, self.name)

    def may_turn_on_a_word(self, signals: Signals) -> bool:
        """Whether a missing word would change the verdict: only then is it worth asking for."""
        verdicts = {self.judge(replace(signals, word_missing=missing)).verdict for missing in (False, True)}
        return len(verdicts) > 1

    def _probability(self, signals: Signals) -> float:
        weighed = sum(getattr(self.weights, name) * feature(signals) for name, feature in FEATURES.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.bias + weighed))))


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
        stored["answerable_from"],
    )
