"""Traces go to our own collector when one is configured; metrics are a Prometheus page. Nothing leaves otherwise."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Counter, Histogram, start_http_server

CALLS = Counter("docs_chat_grpc_calls_total", "Calls served.", ["service", "method", "code"])
CALL_SECONDS = Histogram(
    "docs_chat_grpc_call_seconds",
    "Time to serve a call, until its last message.",
    ["service", "method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)


def configure_traces(process: str, otlp_endpoint: str) -> None:
    """Export spans of this process; without an endpoint spans cost nothing and go nowhere."""
    if not otlp_endpoint:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": f"docs-chat-{process}"}))
    insecure = not otlp_endpoint.startswith("https://")
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint, insecure=insecure)))
    trace.set_tracer_provider(provider)


def serve_metrics(host: str, port: int) -> None:
    """Serve the Prometheus page on its own port; 0 switches it off."""
    if port:
        start_http_server(port, addr=host)


def tracer() -> trace.Tracer:
    """The tracer of docs-chat."""
    return trace.get_tracer("docs_chat")
