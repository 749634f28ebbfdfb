"""Around every HTTP request: request id, size limits, origin check, security headers, a log line, a span, metrics."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.errors import http_error_body, shortened
from gateway.metrics import REQUEST_SECONDS, REQUESTS
from gateway.readers.authentication import COOKIE
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
_COOKIE = COOKIE.encode()
_TRACE_FORMAT = TraceContextTextMapPropagator()
_TRACE_HEADERS = ("traceparent", "tracestate")
_MAX_TRACE_CHARS = 512
"""What the W3C lets a `tracestate` have at least; gRPC's metadata is small."""
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """What of a request is read at all; whoever serves the application may let more through.

    Args:
        max_body_bytes: Largest body.
        max_head_bytes: Largest sum of all headers.
        max_headers: Most headers.
        max_path_chars: Longest path, as it travels.
        allowed_origins: Origins besides our own that may send requests; `*` allows all.
    """

    max_body_bytes: int
    max_head_bytes: int = 32 * 1024
    max_headers: int = 100
    max_path_chars: int = 4096
    allowed_origins: Collection[str] = field(default_factory=frozenset)


class RequestMiddleware:
    """The outermost layer that is ours. Plain ASGI: it never buffers an answer.

    Args:
        app: What it wraps.
        policy: What of a request is read.
    """

    def __init__(self, app: ASGIApp, *, policy: RequestPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = _Exchange(scope, send, adopt_request_id(headers.get(REQUEST_ID_KEY)))
        # The span gets its name when the route is known: a path may carry what a reader has typed.
        span = tracer().start_as_current_span(
            scope["method"],
            _trace_parent(headers),
            trace.SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        )
        try:
            with span as current:
                try:
                    await self._serve(scope, receive, headers, exchange)
                finally:
                    exchange.describe(current)
        finally:
            exchange.log()

    async def _serve(self, scope: Scope, receive: Receive, headers: Headers, exchange: "_Exchange") -> None:
        if refusal := self._refusal(scope, headers):
            await refusal(scope, receive, exchange.send)
            return
        try:
            body = await _read_body(receive, self._policy.max_body_bytes)
        except ClientDisconnect:  # nobody is left to be told
            return
        _keep_own_cookie(scope)
        if body is None:
            refusal = _refused(413, _too_large_text(self._policy.max_body_bytes))
            await refusal(scope, receive, exchange.send)
            return
        await self._app(scope, _Replayed(body, receive).receive, exchange.send)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        policy, raw = self._policy, scope["headers"]
        if len(raw) > policy.max_headers:
            return _refused(431, f"The request has more than {policy.max_headers} headers.")
        if sum(len(name) + len(value) for name, value in raw) > policy.max_head_bytes:
            return _refused(431, f"The headers are larger than {policy.max_head_bytes} bytes.")
        if len(scope.get("raw_path") or scope["path"]) > policy.max_path_chars:
            return _refused(414, f"The path is longer than {policy.max_path_chars} characters.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > _MOST_DIGITS or int(length) > policy.max_body_bytes:
            return _refused(413, _too_large_text(policy.max_body_bytes))
        origin = headers.get("origin")
        if origin and scope["method"] not in _SAFE_METHODS and not self._is_ours(origin, headers):
            return _refused(
                403,
                f"Pages of {shortened(origin)} may not use this service: add the origin to GATEWAY_ALLOWED_ORIGINS.",
            )
        return None

    def _is_ours(self, origin: str, headers: Headers) -> bool:
        try:
            host = urlsplit(origin).netloc
        except ValueError:  # no address at all, not even where all are allowed
            return False
        if origin in self._policy.allowed_origins or "*" in self._policy.allowed_origins:
            return True
        # Behind a proxy that ends TLS our own scheme may be unknown to us: host and port decide.
        return host == headers.get("host", "") and origin != "null"


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is larger: a chunked one shows its length only while it is read.

    Read before anything else runs, so that a client who leaves in the middle of it is no failure of a route.

    Raises:
        ClientDisconnect: If the client leaves before the end.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


class _Replayed:
    """A body that has been read, for whoever reads it next; after it, what the client does."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def receive(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()


class _Exchange:
    """What we know of one request and its response."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._started = time.perf_counter()
        self._headers_after_s = 0.0
        self._status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers_after_s = time.perf_counter() - self._started
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_KEY] = self._request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    @property
    def status(self) -> int:
        """499, as nginx has it, when the client left first."""
        return self._status or 499

    @property
    def _route(self) -> str:
        """The route's template; never the path, which is a stranger's."""
        return getattr(self._scope.get("route"), "path", None) or "other"

    def describe(self, span: trace.Span) -> None:
        """Name a span by its route and say how it ended."""
        method = self._scope["method"]
        span.update_name(f"{method} {self._route}")
        span.set_attributes({"http.request.method": method, "http.route": self._route})
        span.set_attribute("http.response.status_code", self.status)
        if self.status >= 500:
            span.set_status(trace.StatusCode.ERROR)

    def log(self) -> None:
        route, method, status = self._route, self._scope["method"], self.status
        REQUESTS.labels(route, method, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(self._headers_after_s)
        level = logging.DEBUG if route in _QUIET_ROUTES else logging.INFO
        ms = round((time.perf_counter() - self._started) * 1000, 1)
        facts = {"route": route, "method": method, "status": status, "ms": ms}
        if program := getattr(self._scope.get("state", {}).get("reader"), "name", ""):
            facts["program"] = program
        logger.log(level, "request served", extra=facts)


def _keep_own_cookie(scope: Scope) -> None:
    """Cookies of the site itself are not for us, and Python reads some of them in quadratic time."""
    own = b""
    others = []
    for name, value in scope["headers"]:
        if name != b"cookie":
            others.append((name, value))
            continue
        for pair in value.split(b";"):
            if pair.partition(b"=")[0].strip() == _COOKIE and not own:
                own = pair.strip()
    if len(others) < len(scope["headers"]):
        readable = own and not any(mark in own for mark in (b'"', b"\\"))  # our tokens have neither
        scope["headers"] = [*others, (b"cookie", own)] if readable else others


def _trace_parent(headers: Headers) -> Context:
    """The caller's span. Their baggage stays outside: it would travel on to our services in every call."""
    carrier = {
        name: value for name in _TRACE_HEADERS if (value := headers.get(name)) and len(value) <= _MAX_TRACE_CHARS
    }
    return _TRACE_FORMAT.extract(carrier)


def _refused(status: int, text: str) -> JSONResponse:
    return JSONResponse(http_error_body(status, text), status_code=status)


def _too_large_text(limit: int) -> str:
    return f"The request is larger than {limit} bytes."
