"""What was learnt of a model by asking it: what it refuses, how much it reads, where it puts its thoughts.

A refusal is believed to be the model's, not our request's, once another model has taken the same request. What was
learnt outlives the process, but not for ever: models change behind their names. It also ends when the provider's list
says something else about the model than it did at the time.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from services.agent.models.failures import Failure, FailureKind

logger = logging.getLogger(__name__)

REST_AFTER_REFUSALS = 3
"""Refusals in a row, each taken by another model, after which a model rests."""
KEPT_S = 7 * 86_400.0
"""Age at which what was learnt is forgotten, and tried again."""
_ANSWER_NOTED_EVERY_S = 300.0
_LONGEST_REASON = 200
_RULES = r"(?:system|developer)[ _-]*(?:role|instruction|message|prompt)s?"
_NOT_TAKEN = r"(?:not (?:enabled|support(?:ed)?|allow(?:ed)?)|unsupported|does ?n[o']t support)"
_NO_SYSTEM = re.compile(rf"{_RULES}\b.{{0,40}}{_NOT_TAKEN}|{_NOT_TAKEN}.{{0,40}}{_RULES}", re.IGNORECASE)
_NO_TOOLS = re.compile(r"\btools?\b|function[ _-]call", re.IGNORECASE)
_MOST_TOKENS = re.compile(
    r"(?:context (?:length|window|size)|maximum|limit)\D{0,40}?(\d{3,7})\s*tokens?", re.IGNORECASE
)
_FIELD_REFUSED = re.compile(
    r"unsupported|not support|unrecognized|unknown|unexpected|extra[_ ](?:forbidden|inputs|fields)|not permitted",
    re.IGNORECASE,
)
_FIELDS = (
    *("temperature", "max_tokens", "parallel_tool_calls", "tool_choice", "stream_options"),
    *("reasoning", "provider", "user"),
)
"""Fields of a request that an answer can do without."""


class TraitStore(Protocol):
    """Where what was learnt outlives the process."""

    async def read_traits(self, now: float) -> Mapping[str, bytes]:
        """What is kept, by model; nothing when the place cannot be reached."""

    async def write_traits(self, model: str, value: bytes, now: float) -> None:
        """Keep what is known of one model for `KEPT_S`."""


@dataclass(slots=True)
class ModelTraits:
    """What is known of one model beside what the provider lists."""

    no_system_role: bool = False
    no_tools: bool = False
    context_tokens: int = 0
    """As it told when it refused; 0 while unknown."""
    refused_fields: tuple[str, ...] = ()
    """Fields of a request that it does not take."""
    thinks_in_prompt: bool = False
    """Its last answer closed a thought that its prompt had opened."""
    refused_in_a_row: int = 0
    """Requests it refused and another model took."""
    last_refusal: str = ""
    rests_until: float = 0.0
    """Moment up to which it is not asked because of its refusals."""
    answered_at: float = 0.0
    """Moment of its last answer; 0 while there was none."""
    learnt_at: float = 0.0
    """Moment of the last thing learnt; 0 while there is none."""
    listed: str = ""
    """What the provider listed when it was learnt."""

    def note_refusal(self, failure: Failure) -> bool:
        """Learn from the words of a refusal; tells whether that was new, so that another request may be taken."""
        words = f"{failure.message} {failure.detail}"
        if failure.kind is FailureKind.CONTEXT_TOO_LONG and (told := _MOST_TOKENS.search(words)):
            before, self.context_tokens = self.context_tokens, int(told[1])
            return before != self.context_tokens
        if failure.kind not in (FailureKind.REQUEST_REFUSED, FailureKind.MODEL_GONE):
            return False
        known = (self.no_system_role, self.no_tools, self.refused_fields)
        fields = [name for name in _FIELDS if re.search(rf"\b{name}\b", words)] if _FIELD_REFUSED.search(words) else []
        named = set(fields) - set(self.refused_fields)
        self.refused_fields += tuple(sorted(named))
        self.no_system_role = self.no_system_role or bool(_NO_SYSTEM.search(words))
        self.no_tools = self.no_tools or (not named and bool(_NO_TOOLS.search(words)))
        return known != (self.no_system_role, self.no_tools, self.refused_fields)


_AS_JSON = TypeAdapter(ModelTraits)


@dataclass(slots=True)
class KnownTraits:
    """The traits of all models by name.

    Args:
        store: Where they outlive the process; None keeps them in memory alone.
        clock: Seconds since 1970.
    """

    store: TraitStore | None = None
    clock: Callable[[], float] = time.time
    by_model: dict[str, ModelTraits] = field(default_factory=dict)
    _noted_at: dict[str, float] = field(default_factory=dict)

    def of(self, model: str) -> ModelTraits:
        """What is known of a model, without what was learnt too long ago."""
        traits = self.by_model.setdefault(model, ModelTraits())
        if traits.learnt_at and traits.learnt_at + KEPT_S <= self.clock():
            traits = self._forget(model)
        return traits

    async def load(self) -> None:
        """Take over what is kept where it is newer, be it from before a restart or from a replica."""
        if self.store is None:
            return
        for model, value in (await self.store.read_traits(self.clock())).items():
            try:
                kept = _AS_JSON.validate_json(value)
            except ValidationError:  # written by another version
                logger.warning("what was learnt of a model cannot be read", extra={"model": model})
                continue
            if kept.learnt_at >= self.of(model).learnt_at:
                kept.answered_at = max(kept.answered_at, self.of(model).answered_at)
                self.by_model[model] = kept

    async def learnt(self, model: str) -> None:
        """Keep what has just been learnt of a model."""
        self.of(model).learnt_at = self.clock()
        await self._keep(model)

    async def answered(self, model: str, *, thinks_in_prompt: bool) -> None:
        """A model has answered; that is written down only now and then, and when it tells something new."""
        traits = self.of(model)
        is_news = traits.thinks_in_prompt != thinks_in_prompt or traits.refused_in_a_row > 0
        traits.thinks_in_prompt, traits.refused_in_a_row, traits.rests_until = thinks_in_prompt, 0, 0.0
        traits.answered_at = self.clock()
        if is_news:
            await self.learnt(model)
        elif traits.answered_at - self._noted_at.get(model, 0.0) >= _ANSWER_NOTED_EVERY_S:
            await self._keep(model)

    async def refused(self, model: str, reason: str, *, rest_s: float) -> int:
        """A model has refused what another one took; the number of such refusals in a row.

        Args:
            model: Who refused.
            reason: In its own words.
            rest_s: How long it rests once there are `REST_AFTER_REFUSALS` of them.
        """
        traits = self.of(model)
        traits.refused_in_a_row += 1
        traits.last_refusal = reason[:_LONGEST_REASON]
        if traits.refused_in_a_row >= REST_AFTER_REFUSALS:
            traits.rests_until = self.clock() + rest_s
        await self.learnt(model)
        return traits.refused_in_a_row

    async def compare(self, model: str, listed: str) -> None:
        """Forget what was learnt when the provider lists a model with other facts than at the time."""
        traits = self.of(model)
        if not listed or traits.listed == listed:
            return
        if traits.listed and traits.learnt_at:
            logger.info(
                "a model is listed with other facts: what was learnt of it is forgotten", extra={"model": model}
            )
            self._forget(model)
            await self._keep(model)
        self.of(model).listed = listed

    def _forget(self, model: str) -> ModelTraits:
        traits = ModelTraits(answered_at=self.by_model[model].answered_at)
        self.by_model[model] = traits
        return traits

    async def _keep(self, model: str) -> None:
        self._noted_at[model] = self.clock()
        if self.store is not None:
            await self.store.write_traits(model, _AS_JSON.dump_json(self.of(model)), self.clock())
