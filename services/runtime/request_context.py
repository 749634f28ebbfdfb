"""The id that follows one request from the browser to the engine, in logs, metadata and errors."""

import re
import uuid
from contextvars import ContextVar

REQUEST_ID_KEY = "x-request-id"

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def current_request_id() -> str:
    """Id of the request being served, or an empty string outside one."""
    return _request_id.get()


def adopt_request_id(given: str | None) -> str:
    """Make the caller's id ours; an id we would not print in a log is replaced by a new one."""
    request_id = given if given and _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
    _request_id.set(request_id)
    return request_id
