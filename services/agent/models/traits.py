"""What was learnt of a model by asking it: what it refuses, how much it reads, where it puts its thoughts.

A refusal is believed to be the model's, not our request's, once another model has taken the same request.
"""

import re
from dataclasses import dataclass, field

from services.agent.models.failures import Failure, FailureKind

REST_AFTER_REFUSALS = 3
"""Refusals in a row, each taken by another model, after which a model rests."""
_RULES = r"(?:system|developer)[ _-]*(?:role|instruction|message|prompt)s?"
_NOT_TAKEN = r"(?:not (?:enabled|support(?:ed)?|allow(?:ed)?)|unsupported|does ?n[o']t support)"
_NO_SYSTEM = re.compile(rf"{_RULES}\b.{{0,40}}{_NOT_TAKEN}|{_NOT_TAKEN}.{{0,40}}{_RULES}", re.IGNORECASE)
_NO_TOOLS = re.compile(r"\btools?\b|function[ _-]call", re.IGNORECASE)
_MOST_TOKENS = re.compile(
    r"(?:context (?:length|window|size)|maximum|limit)\D{0,40}?(\d{3,7})\s*tokens?", re.IGNORECASE
)


@dataclass(slots=True)
class ModelTraits:
    """What is known of one model beside what the provider lists."""

    no_system_role: bool = False
    no_tools: bool = False
    context_tokens: int = 0
    """As it told when it refused; 0 while unknown."""
    thinks_in_prompt: bool = False
    """Its last answer closed a thought that its prompt had opened."""
    refused_in_a_row: int = 0
    """Requests it refused and another model took."""
    last_refusal: str = ""

    def note_refusal(self, failure: Failure) -> None:
        """Learn from the words of a refusal; that another model took the request is noted apart."""
        words = f"{failure.message} {failure.detail}"
        if failure.kind is FailureKind.CONTEXT_TOO_LONG and (told := _MOST_TOKENS.search(words)):
            self.context_tokens = int(told[1])
        if failure.kind in (FailureKind.REQUEST_REFUSED, FailureKind.MODEL_GONE):
            self.no_system_role = self.no_system_role or bool(_NO_SYSTEM.search(words))
            self.no_tools = self.no_tools or bool(_NO_TOOLS.search(words))


@dataclass(slots=True)
class KnownTraits:
    """The traits of all models by name."""

    by_model: dict[str, ModelTraits] = field(default_factory=dict)

    def of(self, model: str) -> ModelTraits:
        return self.by_model.setdefault(model, ModelTraits())
