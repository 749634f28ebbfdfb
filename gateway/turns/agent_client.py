"""Turns of the agent service, and the only place in the system that waits and tries again.

A turn that gets no model ends with a hint when to come back. We tell the reader, wait (full jitter on top of the hint),
and ask again with the same turn id. The last attempt asks for quotations, so the reader always gets something. After
the first text a failure is final.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from tenacity import AsyncRetrying

from gateway.turns.events import Retrying, TurnEvent
from gateway.turns.retries import Effort, RetryPolicy, Terms, countdown
from services.runtime.calls import calling
from services.runtime.errors import InternalError, ServiceError


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
            request: The turn; its fallback policy is set here.

        Raises:
            ServiceError: What ended the turn, after all attempts or after the first text.
        """
        effort = Effort(self._policy)
        retrying = AsyncRetrying(
            retry=effort.worth_repeating, wait=effort.wait, stop=effort.spent, sleep=effort.note_wait, reraise=True
        )
        async for attempt in retrying:
            number = attempt.retry_state.attempt_number
            if number > 1:  # tenacity has decided to wait; we do the waiting, so that the reader is told first
                async for wait_s in countdown(effort.next_wait_s):
                    yield Retrying(number, wait_s, effort.error)
            try:
                async with aclosing(self._attempt(request, effort.start_attempt(number))) as turn:
                    async for event in turn:
                        if effort.is_news(event):
                            yield event
            except ServiceError as error:
                attempt.retry_state.set_exception((type(error), error, error.__traceback__))
            else:
                attempt.retry_state.set_result(None)

    async def _attempt(self, request: pb.RunTurnRequest, terms: Terms) -> AsyncGenerator[TurnEvent, None]:
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


def _event_of(response: pb.RunTurnResponse) -> TurnEvent | None:
    """The event inside; None for a kind that this version does not know."""
    name = response.WhichOneof("event")
    return getattr(response, name) if name else None
