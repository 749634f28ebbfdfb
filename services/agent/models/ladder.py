"""The model ladder: an Agents SDK `Model` that asks the next model at once when one fails before its first text.

Nothing here sleeps and tries again. A turn waits in the queue for its permit, visibly; when no model can be had it ends
with the reason, and whoever called decides whether to come back.
"""

import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents import Model, ModelSettings, Tool
from agents.items import ModelResponse, TResponseInputItem, TResponseStreamEvent

from services.agent.asker import Asker
from services.agent.models.breakers import Breaker
from services.agent.models.catalog import Catalog, Rung
from services.agent.models.chat_request import RequestOptions, chat_body
from services.agent.models.failures import ACCOUNT_KINDS, Failure, FailureKind, classify
from services.agent.models.guarded_stream import Patience, guarded_stream
from services.agent.models.openrouter import OpenRouter
from services.agent.models.reply import ReplyFacts
from services.agent.models.span import ModelSpan
from services.agent.models.traits import REST_AFTER_REFUSALS, KnownTraits
from services.agent.quota.counting import MINUTE_S, Permit, next_midnight
from services.agent.quota.governor import QuotaGovernor
from services.agent.quota.refusals import LimitOwner, day_exhausted, minute_exhausted
from services.runtime.errors import (
    ContentRefused,
    DeadlineExceeded,
    ProviderRefused,
    ProviderUnavailable,
    ServiceError,
    TurnInterrupted,
)

logger = logging.getLogger(__name__)

_ACCOUNT_COOL_DOWN_S = 300.0
_GONE_COOL_DOWN_S = 3600.0
_BUSY_COOL_DOWN_S = 30.0
_FAILED_COOL_DOWN_S = 20.0
_REFUSING_COOL_DOWN_S = 6 * 3600.0
_LONGEST_COOL_DOWN_S = 86_400.0
_LEAST_USEFUL_S = 2.0
"""Seconds below which asking a model cannot help the reader any more."""


@dataclass(slots=True)
class Ladder:
    """What all turns share: the models, their breakers, the account's quota."""

    provider: OpenRouter
    catalog: Catalog
    governor: QuotaGovernor
    options: RequestOptions = field(default_factory=RequestOptions)
    patience: Patience = field(default_factory=Patience)
    max_attempts: int = 3
    queue_wait_s: float = 20.0
    clock: Callable[[], float] = time.time
    account: Breaker = field(default_factory=Breaker)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    traits: KnownTraits = field(default_factory=KnownTraits)
    account_kind: FailureKind = FailureKind.KEY_REFUSED
    """Why the account's breaker is open, while it is."""

    def breaker(self, model: str) -> Breaker:
        return self.breakers.setdefault(model, Breaker(clock=self.clock))

    def candidates(self, *, prefer: str, needs_tools: bool) -> list[Rung]:
        """Models that may be asked now, in order."""
        rungs = [rung for rung in self.catalog.rungs if self.takes_tools(rung) or not needs_tools]
        rungs.sort(key=lambda rung: rung.model != prefer)  # stable: the rest keeps the ladder's order
        return [rung for rung in rungs if self.breaker(rung.model).may_pass()]

    def takes_tools(self, rung: Rung) -> bool:
        """Whether a model takes tools, as the provider lists it and as it has shown."""
        return rung.supports_tools and not self.traits.of(rung.model).no_tools

    def reopens_in_s(self) -> float | None:
        """Seconds until the first model may be asked again; None when there is no model at all."""
        waits = [self.breaker(rung.model).wait_s for rung in self.catalog.rungs]
        return max(1.0, min(waits)) if waits else None

    async def note_success(self, model: str, reply: ReplyFacts) -> None:
        self.breaker(model).succeeded()
        self.account.succeeded()
        traits = self.traits.of(model)
        traits.thinks_in_prompt, traits.refused_in_a_row = bool(reply.opens_thought_in_prompt), 0

    def note_refusals_taken_by(self, taker: str, failures: Mapping[str, Failure]) -> None:
        """What these models refused another one took, so it is not our request that is wrong."""
        for model, failure in failures.items():
            if model == taker or failure.kind is not FailureKind.REQUEST_REFUSED:
                continue
            traits = self.traits.of(model)
            traits.refused_in_a_row += 1
            traits.last_refusal = failure.detail or failure.message
            if traits.refused_in_a_row >= REST_AFTER_REFUSALS:
                facts = {"model": model, "refusals": traits.refused_in_a_row, "detail": traits.last_refusal}
                logger.warning("model rests: it refuses what others take", extra=facts)
                reason = f"refuses requests that others take: {traits.last_refusal[:200]}"
                self.breaker(model).failed(reason, cool_down_s=_REFUSING_COOL_DOWN_S)

    async def note_failure(self, model: str, failure: Failure) -> None:
        """Hold back whom the failure concerns."""
        hint_s = None if failure.retry_after_s is None else min(failure.retry_after_s, _LONGEST_COOL_DOWN_S)
        breaker = self.breaker(model)
        match failure.kind:
            case FailureKind.DAY_QUOTA:
                await self.governor.day_refused(hint_s, failure.day_limit)
                breaker.left()
            case FailureKind.MINUTE_QUOTA:
                await self.governor.minute_refused(hint_s)
                breaker.left()
            case FailureKind.KEY_REFUSED | FailureKind.NO_CREDIT:
                logger.error("the provider refuses the account", extra={"failure": failure.message})
                self.account_kind = failure.kind
                self.account.failed(failure.message, cool_down_s=hint_s or _ACCOUNT_COOL_DOWN_S)
            case FailureKind.MODEL_GONE:
                breaker.failed(failure.message, cool_down_s=_GONE_COOL_DOWN_S)
            case FailureKind.MODEL_BUSY:
                breaker.failed(failure.message, cool_down_s=max(1.0, hint_s or _BUSY_COOL_DOWN_S))
            case FailureKind.PROVIDER_DOWN | FailureKind.TOO_SLOW | FailureKind.BAD_ANSWER:
                breaker.failed(failure.message, cool_down_s=hint_s or _FAILED_COOL_DOWN_S, at_failures=2)
            case FailureKind.CONTENT_REFUSED | FailureKind.CONTEXT_TOO_LONG | FailureKind.REQUEST_REFUSED:
                breaker.left()
        self.traits.of(model).note_refusal(failure)


class TurnModel(Model):
    """The ladder as one turn sees it; made anew for each. No dataclass: the SDK would copy it deeply, ladder and all.

    Args:
        ladder: What all turns share.
        asker: For fairness in the queue; the provider gets a hash of the reader's id.
        prefer: Model to ask first; empty for the ladder's order.
        deadline: Moment, in seconds since 1970, after which an answer is of no use.
        asked_before: An earlier attempt at this turn has gone through the ladder: one model more is asked, not all.
        whole_answer: Pass nothing on before an answer is complete.
        on_place: Told the place in the queue.
        on_asked: Told when a request leaves.
    """

    def __init__(
        self,
        ladder: Ladder,
        *,
        asker: Asker,
        prefer: str,
        deadline: float,
        asked_before: bool,
        whole_answer: bool,
        on_place: Callable[[int, float], None],
        on_asked: Callable[[], None],
    ) -> None:
        self.ladder = ladder
        self.asker = asker
        self.prefer = prefer
        self.deadline = deadline
        self.max_attempts = 1 if asked_before else ladder.max_attempts
        self.whole_answer = whole_answer
        self.on_place = on_place
        self.on_asked = on_asked
        self.replies: list[ReplyFacts] = []
        self.calls = 0

    @property
    def requests(self) -> int:
        """Requests that left, failed ones included."""
        return sum(1 for reply in self.replies if reply.sent)

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Turns are streamed; a run that does not stream is a bug of ours."""
        raise TypeError("run this model with Runner.run_streamed")

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002  # the SDK's name
        model_settings: ModelSettings,
        tools: list[Tool],
        *_: Any,
        **__: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """One answer of whichever model gives one.

        Raises:
            TurnInterrupted: If a model failed after text was passed on.
            ServiceError: Why no model could be had.
        """
        self.calls += 1
        second_look = self.calls > 1  # one round of tools: now an answer is due
        fields = self.ladder.options.fields(self.asker.reader)
        failures: dict[str, Failure] = {}
        attempts = max(1, self.max_attempts - self.requests)  # those of both looks together
        for rung in self.ladder.candidates(prefer=self.prefer, needs_tools=second_look)[:attempts]:
            offered = tools if self.ladder.takes_tools(rung) else []
            has_system_role = not self.ladder.traits.of(rung.model).no_system_role
            body = chat_body(
                rung.model,
                system_instructions,
                input,
                offered,
                fields,
                may_call=not second_look,
                has_system_role=has_system_role,
            )
            permit = await self._permit(rung, spare=bool(failures))
            try:
                callable_tools = () if second_look else tuple(tool.name for tool in offered)
                events = self._ask(rung, permit, body, callable_tools)
                async with contextlib.aclosing(events):
                    async for event in events:
                        yield event
                self.ladder.note_refusals_taken_by(rung.model, failures)
                return
            except _AttemptFailed as failed:
                failures[rung.model] = failed.failure
                if failed.shown:
                    raise TurnInterrupted("the model broke off; what was said is not complete") from failed
                if failed.failure.kind in ACCOUNT_KINDS:
                    break
                if failed.failure.kind is FailureKind.CONTEXT_TOO_LONG and not second_look:
                    input = input[-1:]  # the question with its passages, without what was said before  # noqa: A001
        raise self._error(list(failures.values()))

    async def _ask(
        self, rung: Rung, permit: Permit, body: bytes, tools: tuple[str, ...]
    ) -> AsyncGenerator[TResponseStreamEvent, None]:
        """One request to one model; a failure is noted and raised with what it means."""
        reply, shown = ReplyFacts(), False
        self.replies.append(reply)
        self.on_asked()
        pieces = self.ladder.provider.answer(body, reply)
        thinks_first = self.ladder.traits.of(rung.model).thinks_in_prompt
        events = guarded_stream(pieces, reply, self._patience(), tools=tools, thinks_first=thinks_first)
        with ModelSpan(rung.model, reply, self.ladder.options.max_output_tokens) as span:
            try:
                held: list[TResponseStreamEvent] = []
                async with contextlib.aclosing(pieces), contextlib.aclosing(events):
                    async for event in events:
                        if self.whole_answer:
                            held.append(event)
                            continue
                        shown = True
                        yield event
                await self.ladder.note_success(rung.model, reply)
                for event in held:
                    yield event
            except Exception as error:
                failure = classify(error, now=self.ladder.clock())
                span.failed(failure.kind)
                facts = {"model": rung.model, "kind": failure.kind, "failure": failure.message, "shown": shown}
                facts |= {"detail": failure.detail} if failure.detail else {}
                logger.warning("model failed", extra=facts)
                await self.ladder.note_failure(rung.model, failure)
                raise _AttemptFailed(failure, shown=shown) from error
            finally:
                self.ladder.breaker(rung.model).left()
                self.ladder.account.left()
                if not reply.sent:
                    await self.ladder.governor.give_back(permit)

    async def _permit(self, rung: Rung, *, spare: bool) -> Permit:
        """The right to ask one model, once the account, the deadline and the quota allow it."""
        if not self.ladder.account.enter():
            raise self._account_error()
        left_s = self.deadline - self.ladder.clock() - _LEAST_USEFUL_S
        if left_s <= 0:
            raise DeadlineExceeded("no time is left to ask a model")
        self.ladder.breaker(rung.model).enter()
        longest_wait_s = min(self.ladder.queue_wait_s, left_s)
        try:
            return await self.ladder.governor.acquire(
                self.asker, longest_wait_s=longest_wait_s, on_place=self.on_place, spare=spare or self.calls > 1
            )
        except BaseException:  # nothing was sent, so nothing was learnt
            self.ladder.breaker(rung.model).left()
            self.ladder.account.left()
            raise

    def _patience(self) -> Patience:
        left_s = max(0.1, self.deadline - self.ladder.clock())
        patience = self.ladder.patience
        return Patience(min(patience.first_text_s, left_s), min(patience.text_gap_s, left_s))

    def _account_error(self) -> ServiceError:
        why = "key" if self.ladder.account_kind is FailureKind.KEY_REFUSED else "credit"
        return ProviderRefused(f"the provider refused the account's {why}; an operator must look", what=why)

    def _error(self, failures: list[Failure]) -> ServiceError:
        """Why no model could be had, from the failures of this turn."""
        kinds = [failure.kind for failure in failures]
        hint_s = failures[-1].retry_after_s if failures else None
        if FailureKind.DAY_QUOTA in kinds:
            return day_exhausted(LimitOwner.PROVIDER, next_midnight(self.ladder.clock()))
        if FailureKind.MINUTE_QUOTA in kinds:
            return minute_exhausted(LimitOwner.PROVIDER, hint_s or MINUTE_S)
        if FailureKind.KEY_REFUSED in kinds or FailureKind.NO_CREDIT in kinds:
            return self._account_error()
        if kinds and set(kinds) == {FailureKind.CONTENT_REFUSED}:
            return ContentRefused("the model provider refused this conversation; ask in other words")
        reopens_in_s = self.ladder.reopens_in_s()
        if reopens_in_s is None:
            return ProviderRefused("no configured model is on offer; an operator must set AGENT_MODELS", what="models")
        if kinds and set(kinds) <= {FailureKind.REQUEST_REFUSED, FailureKind.CONTEXT_TOO_LONG}:
            return ProviderRefused("every model refused our request; an operator must look at the log", what="request")
        return ProviderUnavailable("no model answered", retry_after_s=reopens_in_s)


class _AttemptFailed(Exception):
    def __init__(self, failure: Failure, *, shown: bool) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.shown = shown
