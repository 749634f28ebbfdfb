"""Failures as HTTP: status, JSON body, and the seconds to wait."""

import http
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import grpc

from gateway.http.reader_messages import MAX_MESSAGE_CHARS, reader_message
from gateway.http.shortening import MAX_ECHO_CHARS, shortened
from services.runtime import errors
from services.runtime.request_context import current_request_id

_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.PERMISSION_DENIED: 503,  # ours at the services; readers have none there
    grpc.StatusCode.FAILED_PRECONDITION: 503,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}

_HTTP_REASONS = {413: "BODY_TOO_LARGE", 414: "ADDRESS_TOO_LONG", 431: "HEADERS_TOO_LARGE"}
"""Statuses whose names differ between versions of Python."""
_MAX_VIOLATIONS = 10


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
    """A refusal by HTTP itself in the same shape; its reason is the name of the status, such as `NOT_FOUND`."""
    return _body(status, text, _HTTP_REASONS.get(status) or http.HTTPStatus(status).name)


def violations_of(found: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Field path → what is wrong with it, from pydantic's errors: the first ten, repeating little of the input."""
    violations: dict[str, str] = {}
    for each in found:
        if len(violations) == _MAX_VIOLATIONS:
            break
        text = str(each["msg"])
        for repeated in (each.get("ctx") or {}).values():  # such as an unknown kind, as the caller wrote it
            if isinstance(repeated, str) and len(repeated) > MAX_ECHO_CHARS:
                text = text.replace(repeated, shortened(repeated))
        violations[".".join(shortened(str(part)) for part in each["loc"])] = text
    return _bounded(violations)


def retry_after_s(error: errors.ServiceError) -> int | None:
    """Whole seconds after which the same may be asked again; None when waiting is pointless or unknown."""
    if error.retry_after_s is not None:
        return max(1, math.ceil(error.retry_after_s))
    if isinstance(error, errors.QuotaDayExhausted) and (resets_at := error.facts.get("resets_at")):
        return max(1, math.ceil((datetime.fromisoformat(resets_at) - datetime.now(UTC)).total_seconds()))
    return None


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
    return {shortened(name, 2 * MAX_ECHO_CHARS): shortened(text, MAX_MESSAGE_CHARS) for name, text in kept}
