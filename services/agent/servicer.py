"""Translates between the contract and the turn; bounds what callers may send."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc

from services.agent.conversation import (
    MAX_ASSISTANT_CHARACTERS,
    MAX_MESSAGES,
    MAX_SELECTED_CHARACTERS,
    MAX_USER_CHARACTERS,
    Message,
    TurnOptions,
    TurnRequest,
)
from services.agent.events import to_response
from services.agent.model_status import model_status
from services.agent.models.ladder import Ladder
from services.agent.turn.turns import Turns
from services.runtime.errors import InvalidRequest

_SHORT_FIELDS = (
    "site",
    "default_site",
    "page_uri",
    "page_title",
    "reader_id",
    "reader_network",
    "reader_language",
    "turn_id",
)
_MAX_SHORT_FIELD = 2_000
_MAX_TABS = 50
_A_DAY_S = 86_400.0


@dataclass(slots=True)
class AgentServicer(rpc.AgentServiceServicer):
    """AgentService.

    Args:
        turns: Runs them.
        models: Names of the configured models.
        ladder: The models' state; None when no provider is configured.
        default_deadline_s: Limit of a turn whose caller set none.
    """

    turns: Turns
    models: tuple[str, ...]
    ladder: Ladder | None
    default_deadline_s: float

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        turn = turn_from_proto(request, self._names())
        remaining_s = context.time_remaining()
        time_left_s = self.default_deadline_s if remaining_s is None or remaining_s > _A_DAY_S else remaining_s
        async with aclosing(self.turns.run(turn, time_left_s)) as events:
            async for event in events:
                yield to_response(event)

    async def GetModelStatus(self, request: pb.GetModelStatusRequest, context: Any) -> pb.GetModelStatusResponse:
        return await model_status(self.ladder)

    def _names(self) -> tuple[str, ...]:
        """Models that a caller may prefer: the configured ones, and those taken from the provider's list."""
        rungs = self.ladder.catalog.rungs if self.ladder is not None else ()
        return (*self.models, *(rung.model for rung in rungs))


def turn_from_proto(request: pb.RunTurnRequest, models: tuple[str, ...]) -> TurnRequest:
    """The turn a caller asks for.

    Raises:
        InvalidRequest: Naming every field that is wrong.
    """
    if violations := _violations(request, models):
        raise InvalidRequest("the turn cannot be run as asked: " + "; ".join(violations), violations=violations)
    options = request.options
    return TurnRequest(
        messages=tuple(_message(message) for message in request.messages[-MAX_MESSAGES:]),
        site=request.site,
        default_site=request.default_site,
        scope=request.scope,
        page_uri=request.page_uri,
        page_title=request.page_title,
        selected_text=request.selected_text,
        reader_id=request.reader_id,
        reader_network=request.reader_network,
        reader_language=request.reader_language,
        tabs=tuple(request.tabs),
        options=TurnOptions(
            model=options.model,
            passage_limit=options.passage_limit,
            skip_cache=options.skip_cache,
            fallback=options.fallback or pb.FALLBACK_POLICY_EXTRACTIVE,
            whole_answer=options.whole_answer,
        ),
        turn_id=request.turn_id,
    )


def _message(message: pb.Message) -> Message:
    """A message as far as it is read."""
    is_readers = message.role == pb.MESSAGE_ROLE_USER
    return Message(is_readers, message.text[: MAX_USER_CHARACTERS if is_readers else MAX_ASSISTANT_CHARACTERS])


def _violations(request: pb.RunTurnRequest, models: tuple[str, ...]) -> dict[str, str]:
    found = _violations_of_messages(request.messages)
    if len(request.selected_text) > MAX_SELECTED_CHARACTERS:
        found["selected_text"] = f"at most {MAX_SELECTED_CHARACTERS} characters"
    for name in _SHORT_FIELDS:
        if len(getattr(request, name)) > _MAX_SHORT_FIELD:
            found[name] = f"at most {_MAX_SHORT_FIELD} characters"
    if len(request.tabs) > _MAX_TABS or any(len(tab) > 200 for tab in request.tabs):
        found["tabs"] = f"at most {_MAX_TABS} tabs of 200 characters"
    if not 0 <= request.options.passage_limit <= 20:
        found["options.passage_limit"] = "0 to 20"
    if request.options.model and request.options.model not in models:
        found["options.model"] = "not one of the configured models"
    return found


def _violations_of_messages(messages: Sequence[pb.Message]) -> dict[str, str]:
    found: dict[str, str] = {}
    if not messages:
        found["messages"] = "send at least the reader's question"
    elif messages[-1].role != pb.MESSAGE_ROLE_USER or not messages[-1].text.strip():
        found["messages"] = "the last message must be the reader's and not empty"
    elif len(question := messages[-1].text) > MAX_USER_CHARACTERS:
        found[f"messages[{len(messages) - 1}].text"] = f"at most {MAX_USER_CHARACTERS} characters, not {len(question)}"
    oldest = max(0, len(messages) - MAX_MESSAGES)
    for at, message in enumerate(messages[oldest:], start=oldest):
        if message.role not in (pb.MESSAGE_ROLE_USER, pb.MESSAGE_ROLE_ASSISTANT):
            found[f"messages[{at}].role"] = "say who wrote it"
    return found
