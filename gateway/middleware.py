"""Around every HTTP request: request id, body limit, origin check, security headers, a log line and metrics."""

import logging
import time
from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import HTTPException
from opentelemetry import propagate, trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.metrics import REQUEST_SECONDS, REQUESTS
from services.runtime.request_context import REQUEST_ID_KEY, adopt_request_id
from services.runtime.telemetry import tracer

logger = logging.getLogger(__name__)

_SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_QUIET_ROUTES = ("/healthz", "/readyz", "/metrics")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class RequestMiddleware:
    """The outermost layer that is ours. Plain ASGI: it never buffers a stream.

    Args:
        app: What it wraps.
        max_body_bytes: Largest request body.
        allowed_origins: Origins besides our own that may send requests; `*` allows all.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, allowed_origins: Collection[str]) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = adopt_request_id(headers.get(REQUEST_ID_KEY))
        exchange = _Exchange(scope, send, request_id)
        parent = propagate.extract(dict(headers))
        span = tracer().start_as_current_span(f"{scope['method']} {scope['path']}", parent, trace.SpanKind.SERVER)
        try:
            with span:
                await self._serve(scope, receive, headers, exchange)
        finally:
            exchange.log()

    async def _serve(self, scope: Scope, receive: Receive, headers: Headers, exchange: "_Exchange") -> None:
        if refusal := self._refusal(scope, headers):
            await refusal(scope, receive, exchange.send)
        else:
            await self._app(scope, _BoundedBody(receive, self._max_body_bytes).receive, exchange.send)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._max_body_bytes:
            return _too_large(self._max_body_bytes)
        origin = headers.get("origin")
        if origin and scope["method"] not in _SAFE_METHODS and not self._is_ours(origin, scope, headers):
            text = f"Pages of {origin[:200]} may not use this service: add the origin to GATEWAY_ALLOWED_ORIGINS."
            return JSONResponse({"message": text}, status_code=403)
        return None

    def _is_ours(self, origin: str, scope: Scope, headers: Headers) -> bool:
        if origin in self._allowed_origins or "*" in self._allowed_origins:
            return True
        # Behind a proxy that ends TLS our own scheme may be unknown to us: host and port decide.
        return urlsplit(origin).netloc == headers.get("host", "") and origin != "null"


class _BoundedBody:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:  # a chunked body shows its length only while it is read
                raise HTTPException(413, _too_large_text(self._limit))
        return message


class _Exchange:
    """What we know of one request and its response."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._started = time.perf_counter()
        self._headers_after_s = 0.0
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers_after_s = time.perf_counter() - self._started
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_KEY] = self._request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    def log(self) -> None:
        route = getattr(self._scope.get("route"), "path", None) or "other"
        REQUESTS.labels(route, self._scope["method"], str(self.status or 499)).inc()
        REQUEST_SECONDS.labels(route).observe(self._headers_after_s)
        level = logging.DEBUG if route in _QUIET_ROUTES else logging.INFO
        ms = round((time.perf_counter() - self._started) * 1000, 1)
        facts = {"route": route, "method": self._scope["method"], "status": self.status or 499, "ms": ms}
        if program := getattr(self._scope.get("state", {}).get("reader"), "name", ""):
            facts["program"] = program
        logger.log(level, "request served", extra=facts)


def _too_large(limit: int) -> JSONResponse:
    return JSONResponse({"message": _too_large_text(limit)}, status_code=413)


def _too_large_text(limit: int) -> str:
    return f"The request is larger than {limit} bytes."
