"""When a turn is tried again: what is left of its time and attempts, and how long to wait in between."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import grpc
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from tenacity import RetryCallState

from gateway.turns.events import TurnEvent
from services.runtime.errors import DeadlineExceeded, InternalError, ServiceError, reason_name

logger = logging.getLogger(__name__)

_TICK_S = 1.0
_WAITING_HELPS = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often to try; times in seconds."""

    deadline_s: float = 60.0
    patience_s: float = 8.0
    quotation_reserve_s: float = 4.0
    attempts: int = 4
    backoff_base_s: float = 0.5
    backoff_cap_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Terms:
    timeout_s: float
    fallback: pb.FallbackPolicy.ValueType


class Effort:
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

    def start_attempt(self, number: int) -> Terms:
        """Terms of attempt `number`, from 1; the last one asks for quotations and may use all the time left."""
        remaining = self._remaining()
        spare = remaining - self._policy.quotation_reserve_s
        too_late = spare < self._policy.quotation_reserve_s
        self._is_last = self._hurry or too_late or number >= self._policy.attempts
        if self._is_last:
            return Terms(max(remaining, 0.1), pb.FALLBACK_POLICY_EXTRACTIVE)
        return Terms(spare, pb.FALLBACK_POLICY_FAIL_IF_RETRYABLE)

    def is_news(self, event: TurnEvent) -> bool:
        """False for what an earlier attempt has already shown."""
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
        if isinstance(error, DeadlineExceeded):  # only that attempt's share of the time is used up
            return True
        return error.code in _WAITING_HELPS and error.retry_after_s is not None

    def wait(self, state: RetryCallState) -> float:
        """Seconds to wait: full jitter on top of the server's hint; none when patience or time runs out."""
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
        """Called where tenacity would sleep; the waiting is done after the reader has been told."""
        self.next_wait_s = seconds
        logger.info(
            "turn is tried again", extra={"wait_s": round(seconds, 2), "reason": reason_name(self.error.reason)}
        )

    def _remaining(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()


async def countdown(wait_s: float) -> AsyncGenerator[float, None]:
    """The seconds left: once at the start, then every second until none are."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    yield wait_s
    while (left_s := until - loop.time()) > 0:
        await asyncio.sleep(min(left_s, _TICK_S))
        if (left_s := until - loop.time()) > 0:
            yield left_s
