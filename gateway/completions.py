"""OpenAI's chat completions, as far as answering from docs goes: shapes in, shapes out."""

import re
import time
from typing import Annotated, Any, Literal

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from pydantic import BaseModel, ConfigDict, Field

from gateway.convert import passage_summary, source_name, verdict_name
from services.runtime.errors import InvalidRequest

MODEL = "docs-chat"
_UNREADABLE = re.compile("[\\0\\ud800-\\udfff]")
"""What JSON can spell and neither a wire nor a database takes: null, and halves of surrogate pairs."""
_ROLES = {"user": pb.MESSAGE_ROLE_USER, "assistant": pb.MESSAGE_ROLE_ASSISTANT}


class TextPart(BaseModel):
    """A piece of a message; only text can be read."""

    type: Literal["text"]
    text: str


class CompletionMessage(BaseModel):
    """A message; those of the system are not told: the assistant has its own instructions."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], Field(max_length=100)]

    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """What we read of a request; sampling parameters are accepted and have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[list[CompletionMessage], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Annotated[int | None, Field(ge=1, le=1)] = None
    tools: Annotated[list[Any] | None, Field(max_length=0)] = None

    def conversation(self, *, limit: int, max_chars: int) -> list[pb.Message]:
        """The newest messages for the agent.

        Raises:
            InvalidRequest: If there is no question at the end, it is too long, or a text cannot be read.
        """
        if any(_UNREADABLE.search(each.text()) for each in self.messages):
            raise InvalidRequest("null characters and halves of surrogate pairs cannot be read")
        said = [each for each in self.messages if each.role in _ROLES and each.text().strip()]
        if not said or said[-1].role != "user":
            raise InvalidRequest("the last message must be the user's question")
        if len(said[-1].text()) > max_chars:
            raise InvalidRequest(f"the question is longer than {max_chars} characters")
        return [pb.Message(role=_ROLES[each.role], text=each.text()[:max_chars]) for each in said[-limit:]]

    def site(self, default: str) -> str:
        """The site that the model id names: `docs-chat/<site>`.

        Raises:
            InvalidRequest: If the model is none of ours.
        """
        name, _, site = self.model.partition("/")
        if name != MODEL or _UNREADABLE.search(site):
            raise InvalidRequest(f"there is no model {self.model[:64]!r} here: GET /v1/models lists what there is")
        return site or default


class Completion:
    """One answer in OpenAI's shapes.

    Args:
        completion_id: Id of the answer.
        model: Model id as asked for.
    """

    def __init__(self, completion_id: str, model: str) -> None:
        self._head = {"id": completion_id, "created": int(time.time()), "model": model}
        self._found: events.PassagesFound | None = None
        self._notices: list[str] = []

    def note(self, event: events.PassagesFound | events.Notice) -> None:
        """Remember what is told at the end, under `docs_chat`."""
        if isinstance(event, events.PassagesFound):
            self._found = event
        else:
            self._notices.append(event.message)

    def chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        """One event of a stream."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def last_chunk(self, completed: events.TurnCompleted) -> dict[str, Any]:
        """The end of a stream: citations, reason, and our own facts."""
        chunk = self.chunk({"annotations": annotations_of(completed)}, "stop")
        return chunk | {"docs_chat": self._facts(completed)}

    def usage_chunk(self, completed: events.TurnCompleted) -> dict[str, Any]:
        return {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(completed)}

    def whole(self, completed: events.TurnCompleted) -> dict[str, Any]:
        """The answer in one piece."""
        message = {
            "role": "assistant",
            "content": completed.text,
            "refusal": None,
            "annotations": annotations_of(completed),
        }
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": _usage(completed),
            "docs_chat": self._facts(completed),
        }

    def _facts(self, completed: events.TurnCompleted) -> dict[str, Any]:
        found = self._found or events.PassagesFound()
        return {
            "source": source_name(completed),
            "model": completed.model,
            "degraded": completed.degraded,
            "not_found": list(completed.grounding.not_found),
            "suggestions": list(completed.suggestions),
            "notices": self._notices,
            "site": found.site,
            "answerability": verdict_name(found.answerability),
            "passages": [passage_summary(passage) for passage in found.passages],
        }


def annotations_of(completed: events.TurnCompleted) -> list[dict[str, Any]]:
    """Citations as `url_citation`: the mark stands at `end_index`, in characters of the content."""
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": citation.index,
                "end_index": citation.index,
                "url": citation.uri,
                "title": " › ".join([citation.title, *citation.heading_path]),
            },
        }
        for citation in completed.citations
    ]


def _usage(completed: events.TurnCompleted) -> dict[str, int]:
    read, written = completed.usage.input_tokens, completed.usage.output_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
