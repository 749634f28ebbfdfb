"""What is kept of one request: a log line, metrics and the facts of a span. Never what a reader typed."""

import logging
import time

from opentelemetry import trace
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from gateway.metrics import REQUEST_SECONDS, REQUESTS
from services.runtime.request_context import REQUEST_ID_KEY

logger = logging.getLogger(__name__)

_SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_QUIET_ROUTES = ("/healthz", "/readyz", "/metrics")


class RequestLog:
    """What we know about one request and its response; passes the response on."""

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
        """Status of the response; 499, as in nginx, when the client left first."""
        return self._status or 499

    @property
    def _route(self) -> str:
        """The route's template; never the path itself, which a stranger wrote."""
        return getattr(self._scope.get("route"), "path", None) or "other"

    def describe(self, span: trace.Span) -> None:
        """Name a span after its route and note how the request ended."""
        method = self._scope["method"]
        span.update_name(f"{method} {self._route}")
        span.set_attributes({"http.request.method": method, "http.route": self._route})
        span.set_attribute("http.response.status_code", self.status)
        if self.status >= 500:
            span.set_status(trace.StatusCode.ERROR)

    def write(self) -> None:
        """Log the request and count it."""
        route, method, status = self._route, self._scope["method"], self.status
        REQUESTS.labels(route, method, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(self._headers_after_s)
        level = logging.DEBUG if route in _QUIET_ROUTES else logging.INFO
        ms = round((time.perf_counter() - self._started) * 1000, 1)
        facts = {"route": route, "method": method, "status": status, "ms": ms}
        if program := getattr(self._scope.get("state", {}).get("reader"), "name", ""):
            facts["program"] = program
        logger.log(level, "request served", extra=facts)
