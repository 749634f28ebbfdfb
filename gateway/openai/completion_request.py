"""What a program asks of `/v1/chat/completions`, in OpenAI's shapes.

One rule decides about every field. A field that would change what the program reads in the answer, and that we cannot
honour, is refused by name. A field that only tunes a model or labels a request is ignored, as are unknown fields. Of
the conversation, only what people and the assistant said is read, and only the question has to be readable.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn

from docs_chat.agent.v1 import agent_service_pb2 as pb
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from gateway.openai.cited_text import without_citations
from services.runtime.errors import InvalidRequest, shown

MODEL = "docs-chat"
Citations = Literal["markdown", "annotations", "none"]
_SITE = re.compile(r"[a-z0-9-]{1,64}")
_UNREADABLE = re.compile("[\\0\\ud800-\\udfff]")
"""What JSON can express but no wire or database accepts: null characters and halves of surrogate pairs."""
_ROLES = {"user": pb.MESSAGE_ROLE_USER, "assistant": pb.MESSAGE_ROLE_ASSISTANT}
REFUSED_FIELDS = {
    "n": "one answer is given: send 1 or leave it out",
    "response_format": "answers are text: send {'type': 'text'} or leave it out",
    "modalities": "answers are text: send ['text'] or leave it out",
    "logprobs": "probabilities of tokens are not known: send false or leave it out",
}
"""Fields with only one possible value, and what to do instead."""
_TEXT_PARTS = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}


class Part(BaseModel):
    """A piece of a message. Only text can be read; images, sound and files are refused in the question."""

    type: str
    text: str | None = None
    refusal: str | None = None

    def said(self) -> str | None:
        """Its text; None when it is not text."""
        return (getattr(self, _TEXT_PARTS[self.type]) or "") if self.type in _TEXT_PARTS else None


def _content_kind(value: Any) -> str:
    return "parts" if isinstance(value, list) else "text"


_Content = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[Part], Tag("parts")],
    Discriminator(_content_kind),
]


class CompletionMessage(BaseModel):
    """A message. Those from the system, developers, tools and functions are not read."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: _Content | None = None

    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "".join(part.said() or "" for part in self.content or [])


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class DocsChatOptions(BaseModel):
    """Our own options, which no OpenAI client sends on its own."""

    citations: Citations | None = None


class ResponseFormat(BaseModel):
    type: Literal["text"]


def _listed(value: Any) -> Any:
    """One stop sequence or several; an empty one stops nothing."""
    several = [value] if isinstance(value, str) else value
    return [each for each in several if each != ""] if isinstance(several, list) else several


_Stops = Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=4)]
_Tokens = Annotated[int | None, Field(ge=1, strict=True)]


class CompletionRequest(BaseModel):
    """What is read of a request."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: Annotated[list[CompletionMessage], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: Annotated[_Stops | None, BeforeValidator(_listed)] = None
    max_tokens: _Tokens = None
    max_completion_tokens: _Tokens = None
    n: Annotated[int | None, Field(ge=1, le=1)] = None
    response_format: ResponseFormat | None = None
    modalities: list[Literal["text"]] | None = None
    logprobs: Literal[False] | None = None
    tool_choice: Any = None
    function_call: Any = None
    docs_chat: DocsChatOptions | None = None

    @property
    def token_limit(self) -> int | None:
        """Most tokens of the answer: the smaller value, as the field has two names."""
        return min((each for each in (self.max_tokens, self.max_completion_tokens) if each), default=None)

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    def check(self) -> None:
        """Refuse a request for an answer that we cannot give.

        Raises:
            InvalidRequest: With the name of the field.
        """
        for field, value in (("tool_choice", self.tool_choice), ("function_call", self.function_call)):
            if not _leaves_a_choice(value):
                _refuse(field, "no tools are called here: leave it out, or send 'auto' or 'none'", "unsupported_value")

    def conversation(self, *, limit: int, max_chars: int) -> list[pb.Message]:
        """The newest messages for the agent; older ones are left out.

        Raises:
            InvalidRequest: If the last one is not a question that we can read.
        """
        last = max((at for at, each in enumerate(self.messages) if _is_read(each)), default=None)
        if last is None or self.messages[last].role != "user":
            _refuse("messages", "the last message must be the user's question", "invalid_value")
        question = _question(self.messages[last], f"messages[{last}].content", max_chars)
        told: list[pb.Message] = []
        for each in reversed(self.messages[:last]):
            if len(told) == limit - 1:
                break
            text = _remembered(each)[:max_chars] if each.role in _ROLES else ""
            if text.strip():
                told.append(pb.Message(role=_ROLES[each.role], text=text))
        return [*reversed(told), pb.Message(role=pb.MESSAGE_ROLE_USER, text=question)]

    def site(self) -> str:
        """The site in a model id, `docs-chat/<site>`; empty when it names none.

        Raises:
            ModelNotFound: If there is no such model here.
        """
        name, slash, site = self.model.partition("/")
        if name != MODEL or (slash and not _SITE.fullmatch(site)):
            raise ModelNotFound(self.model)
        return site


class ModelNotFound(InvalidRequest):
    """There is no site or model of that name."""

    def __init__(self, model: str) -> None:
        name, _, site = model.partition("/")
        what = f"there is no site {shown(site)} here" if name == MODEL and site else ""
        what = what or f"there is no model {shown(model)} here"
        super().__init__(f"{what}: GET /v1/models lists what there is", violations={"model": what})


def _refuse(field: str, what: str, code: str) -> NoReturn:
    raise InvalidRequest(f"{field}: {what}", violations={field: what}, code=code)


def _leaves_a_choice(value: Any) -> bool:
    """Whether a `tool_choice` requires no tool, also as an object or as `allowed_tools` with the mode `auto`."""
    if isinstance(value, Mapping):
        allowed = value.get("allowed_tools")
        return (allowed.get("mode") if isinstance(allowed, Mapping) else value.get("type")) in ("none", "auto")
    return value in (None, "none", "auto")


def _is_read(message: CompletionMessage) -> bool:
    """A user's message counts even when it is empty: it is then the question that cannot be read."""
    return message.role == "user" or (message.role == "assistant" and bool(message.text().strip()))


def _question(message: CompletionMessage, field: str, max_chars: int) -> str:
    if isinstance(message.content, list):
        for at, part in enumerate(message.content):
            if part.said() is None:
                what = f"only text can be read here, not {shown(part.type)}"
                _refuse(f"{field}[{at}].type", what, "unsupported_content")
    text = message.text()
    if not text.strip():
        _refuse(field, "the question is empty", "invalid_value")
    if len(text) > max_chars:
        _refuse(field, f"the question is longer than {max_chars} characters", "string_above_max_length")
    if _UNREADABLE.search(text):
        _refuse(field, "null characters and halves of surrogate pairs cannot be read", "invalid_value")
    return text


def _remembered(message: CompletionMessage) -> str:
    text = _UNREADABLE.sub("", message.text())
    return without_citations(text) if message.role == "assistant" else text
