"""The layer around every request, without a network."""

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import gateway.http.middleware
from gateway.http.middleware import RequestMiddleware, RequestPolicy

POLICY = RequestPolicy(max_body_bytes=1000, own_cookie="docs_chat_reader")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Route:
    path = "/v1/models/{model:path}"


async def models(scope: Any, receive: Any, send: Any) -> None:
    scope["route"] = Route()
    if scope["path"].endswith("broken"):
        raise ZeroDivisionError("a reader's text")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send(
        {"type": "http.response.body", "body": trace.get_current_span().get_span_context().trace_id.to_bytes(16)}
    )


async def no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def nowhere(message: Any) -> None: ...


async def ask(path: str, *headers: tuple[bytes, bytes], **more: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": list(headers), "query_string": b""} | more
    await RequestMiddleware(models, policy=POLICY)(scope, no_body, send)  # type: ignore[arg-type]
    return sent


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([b"a=1; docs_chat_reader=mine; b=2"], b"docs_chat_reader=mine"),
        ([b"a=1", b"docs_chat_reader=mine", b"docs_chat_reader=other"], b"docs_chat_reader=mine"),
        ([b"session=secret"], b""),
        ([b'docs_chat_reader="' + b"\\" * 30_000 + b'"'], b""),
        ([b"docs_chat_reader"], b"docs_chat_reader"),
        ([], b""),
    ],
)
async def test_of_all_cookies_only_ours_comes_in(sent: list[bytes], kept: bytes) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"cookie")

    headers = [(b"cookie", value) for value in sent]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b""}
    await RequestMiddleware(app, policy=POLICY)(scope, no_body, nowhere)
    assert seen == ([kept] if kept else [])


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(gateway.http.middleware, "tracer", lambda: provider.get_tracer("test"))
    return exporter


async def test_a_span_is_named_by_its_route_and_knows_its_parent(spans: InMemorySpanExporter) -> None:
    sent = await ask("/v1/models/what-a-reader-typed", (b"traceparent", TRACE.encode()))
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /v1/models/{model:path}"
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/models/{model:path}",
        "http.response.status_code": 200,
    }
    assert sent[1]["body"].hex() == TRACE.split("-")[1]


async def test_a_span_carries_no_text_of_a_failure(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ZeroDivisionError):
        await ask("/v1/models/broken")
    (span,) = spans.get_finished_spans()
    assert "reader" not in span.to_json()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", [(b"x", b"y")] * 101, 431),
        ("/", [(b"x", b"y" * 40_000)], 431),
        ("/" + "a" * 4096, [], 414),
        ("/", [(b"content-length", b"9" * 5000)], 413),
        ("/", [(b"content-length", "²".encode("latin-1"))], 413),
    ],
)
async def test_what_is_too_large_is_refused_under_any_server(path: str, headers: Any, status: int) -> None:
    assert (await ask(path, *headers))[0]["status"] == status
