"""Why an answer did not help: a reason and, where the reader wants, a few words to those who write the docs.

It travels as ChatKit's custom action `docs_chat.feedback` of the answer's item, after or instead of a thumbs down.
"""

from enum import StrEnum

from chatkit.types import ThreadsSyncCustomActionReq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.http.errors import violations_of
from services.runtime.errors import InvalidRequest

ACTION = "docs_chat.feedback"
MAX_TEXT = 1000


class Reason(StrEnum):
    """What was wrong with an answer."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class Remark(BaseModel):
    """What a reader says about an answer that did not help."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason
    text: str = Field(default="", max_length=MAX_TEXT)
    """In characters at most 1,000; may be empty."""


def remark_of(request: ThreadsSyncCustomActionReq) -> tuple[str, Remark]:
    """The item that a remark is about, and the remark.

    Raises:
        InvalidRequest: If it is another action, names no item, or is not a remark.
    """
    params = request.params
    if params.action.type != ACTION:
        raise InvalidRequest(f"{ACTION} is the only action here")
    if not params.item_id:
        raise InvalidRequest("a remark is about one answer", violations={"params.item_id": "name the answer"})
    try:
        return params.item_id, Remark.model_validate(params.action.payload)
    except ValidationError as error:
        found = violations_of(error.errors(include_input=False, include_url=False))
        violations = {f"params.action.payload.{name}".rstrip("."): problem for name, problem in found.items()}
        raise InvalidRequest(
            f"a remark has a reason ({', '.join(Reason)}) and at most {MAX_TEXT} characters of text",
            violations=violations,
        ) from error
