"""Around every HTTP request: request id, size limits, origin check, security headers, a log line, a span, metrics."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.bodies import ReplayedBody, read_body
from gateway.http.errors import http_error_body
from gateway.http.request_log import RequestLog
from services.runtime.errors import shown
from services.runtime.request_context import REQUEST_ID_KEY, adopt_request_id
from services.runtime.telemetry import tracer

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_TRACE_FORMAT = TraceContextTextMapPropagator()
_TRACE_HEADERS = ("traceparent", "tracestate")
_MAX_TRACE_CHARS = 512
"""The length of `tracestate` that the W3C asks everybody to pass on; gRPC's metadata has little room for more."""
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """What is read of a request; the server in front of the application may let more through.

    Args:
        max_body_bytes: Largest body.
        own_cookie: Name of the one cookie that is read.
        max_head_bytes: Largest sum of all headers.
        max_headers: Most headers.
        max_path_chars: Longest path, as it travels.
        allowed_origins: Origins besides our own that may send requests; `*` allows all.
    """

    max_body_bytes: int
    own_cookie: str
    max_head_bytes: int = 32 * 1024
    max_headers: int = 100
    max_path_chars: int = 4096
    allowed_origins: Collection[str] = field(default_factory=frozenset)


class RequestMiddleware:
    """The outermost layer of our own. Plain ASGI: it never buffers an answer.

    Args:
        app: What it wraps.
        policy: What is read of a request.
    """

    def __init__(self, app: ASGIApp, *, policy: RequestPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        log = RequestLog(scope, send, adopt_request_id(headers.get(REQUEST_ID_KEY)))
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
                    await self._serve(scope, receive, headers, log)
                finally:
                    log.describe(current)
        finally:
            log.write()

    async def _serve(self, scope: Scope, receive: Receive, headers: Headers, log: RequestLog) -> None:
        if refusal := self._refusal(scope, headers):
            await refusal(scope, receive, log.send)
            return
        try:
            body = await read_body(receive, self._policy.max_body_bytes)
        except ClientDisconnect:  # nobody is left to answer
            return
        _keep_own_cookie(scope, self._policy.own_cookie.encode())
        if body is None:
            refusal = _refused(413, _too_large_text(self._policy.max_body_bytes))
            await refusal(scope, receive, log.send)
            return
        await self._app(scope, ReplayedBody(body, receive).receive, log.send)

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
                f"Pages of {shown(origin)} may not use this service: add the origin to GATEWAY_ALLOWED_ORIGINS.",
            )
        return None

    def _is_ours(self, origin: str, headers: Headers) -> bool:
        try:
            host = urlsplit(origin).netloc
        except ValueError:  # not an address, so refused even where all origins are allowed
            return False
        if origin in self._policy.allowed_origins or "*" in self._policy.allowed_origins:
            return True
        # Behind a proxy that ends TLS we may not know our own scheme: host and port decide.
        return host == headers.get("host", "") and origin != "null"


def _keep_own_cookie(scope: Scope, name: bytes) -> None:
    """Drop the site's own cookies: they are not for us, and Python parses some of them in quadratic time."""
    own = b""
    others = []
    for header, value in scope["headers"]:
        if header != b"cookie":
            others.append((header, value))
            continue
        for pair in value.split(b";"):
            if pair.partition(b"=")[0].strip() == name and not own:
                own = pair.strip()
    if len(others) < len(scope["headers"]):
        readable = own and not any(mark in own for mark in (b'"', b"\\"))  # our tokens have neither
        scope["headers"] = [*others, (b"cookie", own)] if readable else others


def _trace_parent(headers: Headers) -> Context:
    """The caller's span, without their baggage, which would travel on to our services with every call."""
    carrier = {
        name: value for name in _TRACE_HEADERS if (value := headers.get(name)) and len(value) <= _MAX_TRACE_CHARS
    }
    return _TRACE_FORMAT.extract(carrier)


def _refused(status: int, text: str) -> JSONResponse:
    return JSONResponse(http_error_body(status, text), status_code=status)


def _too_large_text(limit: int) -> str:
    return f"The request is larger than {limit} bytes."
