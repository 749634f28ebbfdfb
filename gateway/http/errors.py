"""Failures in the reader's words, and as HTTP. What a service says about itself goes to the log, not to readers."""

import http
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc

from services.runtime import errors
from services.runtime.request_context import current_request_id

_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.FAILED_PRECONDITION: 503,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}

_HTTP_REASONS = {413: "BODY_TOO_LARGE", 414: "ADDRESS_TOO_LONG", 431: "HEADERS_TOO_LARGE"}
"""Those whose names differ between versions of Python."""
MAX_ECHO_CHARS = 64
"""Longest piece of a caller's own input that an error repeats."""
_MAX_MESSAGE_CHARS = 500
_MAX_VIOLATIONS = 10
_WHOSE = {
    "reader": "from you",
    "key": "with this API key",
    "network": "from your network",
    "provider": "for what the model provider allows this site",
}
"""After "too many questions", by whose limit it was."""


@dataclass(frozen=True, slots=True)
class ReaderMessage:
    """What a reader is told."""

    text: str
    allow_retry: bool


def reader_message(error: errors.ServiceError) -> ReaderMessage:
    """What to tell a reader about a failed turn, search or page."""
    match error:
        case errors.SiteNotFound():
            return ReaderMessage(
                "No documentation has been indexed here yet. The docs team has to index it first.", True
            )
        case errors.NotFound():
            return ReaderMessage("This page is not in the documentation (any more).", False)
        case errors.CallerUnauthenticated() if not error.facts.get("service"):
            return ReaderMessage(_sentence(error.message), False)
        case errors.ContentRefused():
            return ReaderMessage(
                "The question was refused by the model's moderation. Please put it another way.", False
            )
        case errors.InvalidQuery():
            return ReaderMessage("There is nothing to search for in this text. Please use words.", False)
        case errors.InvalidRequest():
            return ReaderMessage(_sentence(error.message), False)
        case errors.QuotaDayExhausted() if error.facts.get("limit_owner") == "network":
            return ReaderMessage(
                "Your network's share of today's requests to the language model is used up. The rest is for readers "
                "elsewhere; please come back tomorrow, after 00:00 UTC.",
                False,
            )
        case errors.QuotaDayExhausted():
            return ReaderMessage(
                "Today's requests to the language model are used up. The model provider allows this site no more; "
                "please come back tomorrow, after 00:00 UTC.",
                False,
            )
        case errors.Exhausted():
            return ReaderMessage(_too_many(error), True)
        case errors.TurnInterrupted():
            return ReaderMessage("The answer broke off: what you see is not complete.", True)
        case errors.ProviderUnavailable():
            return ReaderMessage("No language model can be reached at the moment. Please try again soon.", True)
        case errors.Unavailable():
            return ReaderMessage("The answering service cannot be reached at the moment. Please try again soon.", True)
        case errors.DeadlineExceeded():
            return ReaderMessage("The answer took too long. Please try again.", True)
        case errors.PreconditionFailed():
            return ReaderMessage("The assistant is not set up correctly; its operators have to look at it.", False)
        case _:
            return ReaderMessage("Something went wrong on our side. Please try again.", True)


def http_status(error: errors.ServiceError) -> int:
    """HTTP status for a failure."""
    if isinstance(error, errors.CallerUnauthenticated) and error.facts.get("service"):
        return 503  # our own token is wrong, not the reader's
    return _STATUS.get(error.code, 500)


def error_body(error: errors.ServiceError) -> dict[str, Any]:
    """A failure as JSON: `message` is what ChatKit shows, `error` what OpenAI clients read."""
    body = _body(http_status(error), reader_message(error).text, errors.reason_name(error.reason))
    if owner := error.facts.get("limit_owner"):
        body["limit_owner"] = owner
    return body | ({"violations": _bounded(error.violations)} if error.violations else {})


def http_error_body(status: int, text: str) -> dict[str, Any]:
    """What HTTP itself refuses, in the same shape; its reason is the status's own name, `NOT_FOUND`."""
    return _body(status, text, _HTTP_REASONS.get(status) or http.HTTPStatus(status).name)


def shortened(text: str, limit: int = MAX_ECHO_CHARS) -> str:
    """A caller's text as an error may repeat it: it is printed, logged, and carried in headers of bounded size.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def violations_of(found: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Field path → what is wrong with it, from pydantic's errors; the first ten, with little of the input."""
    violations: dict[str, str] = {}
    for each in found:
        if len(violations) == _MAX_VIOLATIONS:
            break
        text = str(each["msg"])
        for repeated in (each.get("ctx") or {}).values():  # an unknown kind, for example, as the caller wrote it
            if isinstance(repeated, str) and len(repeated) > MAX_ECHO_CHARS:
                text = text.replace(repeated, shortened(repeated))
        violations[".".join(shortened(str(part)) for part in each["loc"])] = text
    return _bounded(violations)


def _body(status: int, text: str, reason: str) -> dict[str, Any]:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {
        "message": text,
        "reason": reason,
        "request_id": current_request_id(),
        "error": {"message": text, "type": kind, "code": reason.lower(), "param": None},
    }


def _bounded(violations: Mapping[str, str]) -> dict[str, str]:
    kept = list(violations.items())[:_MAX_VIOLATIONS]
    return {shortened(name, 2 * MAX_ECHO_CHARS): shortened(text, _MAX_MESSAGE_CHARS) for name, text in kept}


def retry_after_s(error: errors.ServiceError) -> int | None:
    """Whole seconds after which the same may be asked again; None when waiting is pointless or unknown."""
    if error.retry_after_s is not None:
        return max(1, math.ceil(error.retry_after_s))
    if isinstance(error, errors.QuotaDayExhausted) and (resets_at := error.facts.get("resets_at")):
        return max(1, math.ceil((datetime.fromisoformat(resets_at) - datetime.now(UTC)).total_seconds()))
    return None


def _too_many(error: errors.ServiceError) -> str:
    """Whose limit it was, what it is, and when to come back."""
    what, limit = error.facts.get("limited", "questions"), error.facts.get("limit", "")
    whose = _WHOSE.get(error.facts.get("limit_owner", ""), "are being answered on this site right now")
    size = f": the limit is {limit}" if limit else ""
    return f"Too many {what} {whose}{size}. Please try again {_when(error.retry_after_s)}."


def _when(seconds: float | None) -> str:
    if seconds is None:
        return "soon"
    for unit, size_s in (("hour", 3600), ("minute", 60)):
        if seconds > 1.5 * size_s:
            return f"in {math.ceil(seconds / size_s)} {unit}s"
    whole = max(1, math.ceil(seconds))
    return f"in {whole} second{'' if whole == 1 else 's'}"


def _sentence(text: str) -> str:
    """Our own messages start small, as log lines do."""
    text = shortened(text, _MAX_MESSAGE_CHARS)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
