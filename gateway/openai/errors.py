"""Failures in the shape that OpenAI's clients read: `{"error": {"message", "type", "param", "code"}}`."""

import json
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from docs_chat.errors.v1.errors_pb2 import ErrorReason
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.errors import error_body, http_status
from gateway.http.shortening import shortened
from gateway.openai.completion_request import REFUSED_FIELDS, ModelNotFound
from services.runtime.errors import InvalidRequest, ServiceError

_PATHS = ("/v1/chat", "/v1/models", "/v1/completions", "/v1/responses", "/v1/embeddings")
"""What OpenAI's clients call; only chat completions and models are served."""
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {
    400: "invalid_request",
    401: "invalid_api_key",
    403: "permission_denied",
    404: "unknown_url",
    405: "method_not_supported",
    413: "request_too_large",
    429: "rate_limit_exceeded",
}
_VALIDATION_CODES = {
    "missing": "missing_required_parameter",
    "too_short": "array_below_min_length",
    "too_long": "array_above_max_length",
    "string_too_long": "string_above_max_length",
    "greater_than_equal": "integer_below_min_value",
    "json_invalid": "invalid_json",
}
_OBJECT_WANTED = ("model_type", "model_attributes_type")
_UNION_TAGS = ("text", "parts")
_REASONS = frozenset(ErrorReason.keys())
_LARGEST_ERROR_BYTES = 65_536


def is_openai_path(path: str) -> bool:
    """Whether OpenAI's clients call this path."""
    return any(path == start or path.startswith(f"{start}/") for start in _PATHS)


def openai_status(error: ServiceError) -> int:
    return 404 if isinstance(error, ModelNotFound) else http_status(error)


def openai_body(error: ServiceError) -> dict[str, Any]:
    """A failure with the field it is about and a code that programs can recognise."""
    status, body = openai_status(error), error_body(error)
    code = "model_not_found" if isinstance(error, ModelNotFound) else error.facts.get("code", "")
    known = _CODES.get(status, "") if status in (401, 429) else ""
    param = next(iter(error.violations), None)
    shape = _error(body["message"], status, param=param, code=code or known or body["error"]["code"])
    return body | {"error": shape}


def invalid_request(error: RequestValidationError) -> InvalidRequest:
    """The first fault of a body, with the name of the field as OpenAI writes it."""
    fault = error.errors()[0]
    steps = pairwise(fault["loc"])  # `content` is followed by the kind of content that was tried
    path = [each for before, each in steps if not (before == "content" and each in _UNION_TAGS)]
    if fault["type"] == "json_invalid" or not path:
        return InvalidRequest("the body must be a JSON object", code=_VALIDATION_CODES["json_invalid"])
    field = str(path[0]) if path[0] in REFUSED_FIELDS else _written(path)
    if field in REFUSED_FIELDS:
        what, code = REFUSED_FIELDS[field], "unsupported_value"
    else:
        what = "an object is expected here" if fault["type"] in _OBJECT_WANTED else fault["msg"]
        code = _VALIDATION_CODES.get(fault["type"], "invalid_value")
    return InvalidRequest(f"{field}: {what}", violations={field: what}, code=code)


def _written(path: list[Any]) -> str:
    """`messages[3].content[0].type`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).removeprefix(".")


def _error(message: str, status: int, *, param: str | None = None, code: str = "") -> dict[str, Any]:
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}


class OpenAIErrors:
    """Gives every failing answer on OpenAI's paths their shape, also those for a wrong path, method or host.

    Args:
        app: What it wraps.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_openai_path(scope["path"]):
            send = _Reshaping(send, scope).send
        await self._app(scope, receive, send)


class _Reshaping:
    """Holds a failing answer back until it is whole; others pass as they come."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._asked = f"{scope['method']} {shortened(scope['path'])}"
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")[:_LARGEST_ERROR_BYTES]
            if not message.get("more_body"):
                await self._send_whole(self._start)

    async def _send_whole(self, start: Message) -> None:
        body = self._shaped(start["status"])
        headers = MutableHeaders(scope=start)
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _shaped(self, status: int) -> bytes:
        try:
            told = json.loads(self._body)
        except ValueError:
            told = None
        told = told if isinstance(told, dict) else {}
        if f"ERROR_REASON_{told.get('reason')}" in _REASONS:  # `openai_body` made it
            return self._body
        message = told.get("message")
        if not message or status in (404, 405):
            there = ": POST /v1/chat/completions answers, GET /v1/models lists" if status in (404, 405) else ""
            message = f"{HTTPStatus(status).phrase} ({self._asked}){there}."
        return json.dumps(told | {"message": message, "error": _error(str(message), status)}).encode()
