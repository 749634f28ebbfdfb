"""Turns of the agent service, and the only place in the system that waits and tries again.

A turn that cannot get a model ends with a hint when to come back. We wait (full jitter on top of the hint), tell the
reader, and ask again with the same turn id. The last attempt asks for quotations, so the reader always gets something.
From the first text on a failure is final.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

import grpc
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from tenacity import AsyncRetrying, RetryCallState

from services.runtime.calls import calling
from services.runtime.errors import DeadlineExceeded, InternalError, ServiceError, reason_name

logger = logging.getLogger(__name__)

_TICK_S = 1.0
_WAITING_HELPS = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Retrying:
    """An attempt failed before any text; the next one starts after `wait_s` seconds. Told every second: a countdown."""

    attempt: int
    """Number of the next attempt, from 2."""
    wait_s: float
    error: ServiceError


TurnEvent: TypeAlias = (
    events.Progress
    | events.PassagesFound
    | events.TextDelta
    | events.CitationAdded
    | events.Notice
    | events.TurnCompleted
    | Retrying
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often to try; times in seconds."""

    deadline_s: float = 60.0
    patience_s: float = 8.0
    quotation_reserve_s: float = 4.0
    attempts: int = 4
    backoff_base_s: float = 0.5
    backoff_cap_s: float = 8.0


class AgentClient:
    """Runs turns over one channel.

    Args:
        channel: Connection to the agent service.
        policy: How long and how often to try.
    """

    def __init__(self, channel: grpc.aio.Channel, policy: RetryPolicy) -> None:
        self._stub = rpc.AgentServiceStub(channel)
        self._policy = policy

    async def run_turn(self, request: pb.RunTurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn, `TurnCompleted` last. Closing the iterator cancels the call.

        Args:
            request: The turn; its fallback policy is ours to set.

        Raises:
            ServiceError: What ended the turn, after all attempts or after the first text.
        """
        effort = _Effort(self._policy)
        retrying = AsyncRetrying(
            retry=effort.worth_repeating, wait=effort.wait, stop=effort.spent, sleep=effort.note_wait, reraise=True
        )
        async for attempt in retrying:
            number = attempt.retry_state.attempt_number
            if number > 1:  # tenacity has decided to wait; we do the waiting, so that the reader hears of it first
                async for wait_s in _countdown(effort.next_wait_s):
                    yield Retrying(number, wait_s, effort.error)
            try:
                async with aclosing(self._attempt(request, effort.start_attempt(number))) as happening:
                    async for event in happening:
                        if effort.is_news(event):
                            yield event
            except ServiceError as error:
                attempt.retry_state.set_exception((type(error), error, error.__traceback__))
            else:
                attempt.retry_state.set_result(None)

    async def _attempt(self, request: pb.RunTurnRequest, terms: "_Terms") -> AsyncGenerator[TurnEvent, None]:
        asked = pb.RunTurnRequest()
        asked.CopyFrom(request)
        asked.options.fallback = terms.fallback
        call = self._stub.RunTurn(asked, timeout=terms.timeout_s)
        completed = False
        try:
            with calling("agent"):
                async for response in call:
                    if event := _event_of(response):
                        completed = isinstance(event, events.TurnCompleted)
                        yield event
        finally:
            call.cancel()
        if not completed:
            raise InternalError("the agent ended the turn without completing it")


async def _countdown(wait_s: float) -> AsyncGenerator[float, None]:
    """The seconds that are left, at least once, then every second until none are."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    yield wait_s
    while (left_s := until - loop.time()) > 0:
        await asyncio.sleep(min(left_s, _TICK_S))
        if (left_s := until - loop.time()) > 0:
            yield left_s


@dataclass(frozen=True, slots=True)
class _Terms:
    timeout_s: float
    fallback: pb.FallbackPolicy.ValueType


class _Effort:
    """What is left of one turn's patience: time, attempts, and what the reader has been shown."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        now = asyncio.get_running_loop().time()
        self._deadline = now + policy.deadline_s
        self._patience_ends = now + policy.patience_s
        self._is_last = False
        self._hurry = False
        self._text_seen = False
        self._shown: list[TurnEvent] = []
        self.error: ServiceError = InternalError("no attempt has failed yet")
        self.next_wait_s = 0.0

    def start_attempt(self, number: int) -> _Terms:
        """Terms of attempt `number`, from 1; the last one asks for quotations and may use all the time there is."""
        remaining = self._remaining()
        spare = remaining - self._policy.quotation_reserve_s
        too_late = spare < self._policy.quotation_reserve_s
        self._is_last = self._hurry or too_late or number >= self._policy.attempts
        if self._is_last:
            return _Terms(max(remaining, 0.1), pb.FALLBACK_POLICY_EXTRACTIVE)
        return _Terms(spare, pb.FALLBACK_POLICY_FAIL_IF_RETRYABLE)

    def is_news(self, event: TurnEvent) -> bool:
        """False for what an earlier attempt has shown already."""
        if isinstance(event, events.TextDelta):
            self._text_seen = True
        if not isinstance(event, events.PassagesFound | events.Notice):
            return True
        is_new = event not in self._shown
        self._shown.append(event)
        return is_new

    def worth_repeating(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, ServiceError) or self._text_seen:
            return False
        self.error = error
        if isinstance(error, DeadlineExceeded):  # that attempt's share of the time; the reserve is left
            return True
        return error.code in _WAITING_HELPS and error.retry_after_s is not None

    def wait(self, state: RetryCallState) -> float:
        """Full jitter on top of the server's hint; none beyond the reader's patience, or with only quotations left."""
        ceiling = min(self._policy.backoff_cap_s, self._policy.backoff_base_s * 2 ** (state.attempt_number - 1))
        jitter = random.uniform(0, ceiling)  # noqa: S311  # spreads load, guards nothing
        seconds = (self.error.retry_after_s or 0.0) + jitter
        now = asyncio.get_running_loop().time()
        room = min(self._remaining() - 2 * self._policy.quotation_reserve_s, self._patience_ends - now)
        self._hurry = isinstance(self.error, DeadlineExceeded) or seconds > room
        return 0.0 if self._hurry else seconds

    def spent(self, state: RetryCallState) -> bool:
        return self._is_last or self._remaining() <= 0

    async def note_wait(self, seconds: float) -> None:
        """Stands where tenacity would sleep: the waiting is done after the reader has been told."""
        self.next_wait_s = seconds
        logger.info(
            "turn is tried again", extra={"wait_s": round(seconds, 2), "reason": reason_name(self.error.reason)}
        )

    def _remaining(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()


def _event_of(response: pb.RunTurnResponse) -> TurnEvent | None:
    """The event inside; None for a kind that is newer than we are."""
    name = response.WhichOneof("event")
    return getattr(response, name) if name else None
