"""What `/chatkit` accepts: the SDK checks shapes; sizes and the kinds we do not serve are checked here."""

import json
import re
from typing import Any, get_args

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    StreamingReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsListReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageInput,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.chatkit.remarks import remark_of
from gateway.http.errors import violations_of
from services.runtime.errors import InvalidRequest

_REQUEST: TypeAdapter[Any] = TypeAdapter(ChatKitReq)
_STREAMING_TYPES = frozenset(kind.model_fields["type"].default for kind in get_args(StreamingReq))
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A null character in JSON; no database stores one."""
_MAX_COMMAS = 20_000
"""More than the longest question and quotation have: each value beyond could cost a validation error of its own."""
_MAX_ITEMS = 100
_NOT_SERVED: dict[type[BaseModel], str] = {
    AttachmentsCreateReq: "Attachments are not taken here.",
    AttachmentsDeleteReq: "Attachments are not taken here.",
    InputTranscribeReq: "Dictation is not available here.",
    ThreadsAddClientToolOutputReq: "No tool is waiting for a result.",
    ThreadsAddStructuredInputReq: "No question is waiting for an answer.",
    ThreadsCustomActionReq: "There are no actions with a stream here.",
}


def wants_stream(body: bytes) -> bool:
    """Whether the caller expects a stream, as far as a possibly broken body tells."""
    try:
        kind = json.loads(body).get("type")
    except (ValueError, AttributeError, RecursionError):
        return False
    return isinstance(kind, str) and kind in _STREAMING_TYPES


def parse_request(body: bytes, *, max_question: int, max_quote: int, max_title: int) -> Any:
    """A `ChatKitReq` that is well-formed, within bounds, and of a kind we serve.

    Raises:
        InvalidRequest: In words that a reader can be shown.
    """
    if body.count(b",") > _MAX_COMMAS:
        raise InvalidRequest("this is not a ChatKit request: it has too many values")
    try:
        request = _REQUEST.validate_json(body)
    except (ValidationError, RecursionError) as error:
        raise InvalidRequest("this is not a ChatKit request", violations=_violations(error)) from error
    if _NULL.search(body) and _NULL.search(request.model_dump_json().encode()):  # only where it is read
        raise InvalidRequest("null characters cannot be read")
    if refusal := _NOT_SERVED.get(type(request)):
        raise InvalidRequest(refusal)
    if isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
        _check_input(request.params.input, max_question, max_quote)
    if isinstance(request, ThreadsUpdateReq):
        _check_title(request.params.title, max_title)
    if isinstance(request, ThreadsListReq | ItemsListReq):
        _check_page(request.params.limit)
    if isinstance(request, ThreadsSyncCustomActionReq):
        remark_of(request)
    if isinstance(request, ItemsFeedbackReq) and not 1 <= len(request.params.item_ids) <= _MAX_ITEMS:
        raise InvalidRequest(f"a thumb is for 1 to {_MAX_ITEMS} messages", violations={"params.item_ids": "how many"})
    return request


def _check_input(message: UserMessageInput, max_question: int, max_quote: int) -> None:
    text = "".join(part.text for part in message.content)
    if not text.strip():
        raise InvalidRequest("please write a question")
    if len(text) > max_question:
        raise InvalidRequest(f"the question has {len(text)} characters; at most {max_question} are read")
    if len(message.quoted_text or "") > max_quote:
        raise InvalidRequest(f"the selected text is too long; at most {max_quote} characters are read")
    if message.attachments:
        raise InvalidRequest("attachments are not taken here")


def _check_page(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise InvalidRequest("a page has at least one row", violations={"params.limit": "1 or more"})


def _check_title(title: str, max_title: int) -> None:
    if not title.strip() or len(title) > max_title:
        raise InvalidRequest(f"a title has 1 to {max_title} characters")


def _violations(error: Exception) -> dict[str, str]:
    if not isinstance(error, ValidationError):
        return {}
    return violations_of(error.errors(include_input=False, include_url=False))
