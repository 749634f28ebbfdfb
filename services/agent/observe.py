"""Metrics and traces of turns and model requests; texts appear in neither unless the operator allows it.

Source:
    OpenTelemetry semantic conventions for generative AI, client spans.
"""

import time
from types import TracebackType

from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from services.agent.models.exchange import Exchange
from services.runtime.telemetry import tracer

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60)

TURNS = Counter(
    "docs_chat_agent_turns_total", "Turns ended, by who wrote the answer or why there is none.", ["outcome"]
)
PASSAGES_SECONDS = Histogram("docs_chat_agent_turn_passages_seconds", "Until the passages were sent.", buckets=_SECONDS)
FIRST_TEXT_SECONDS = Histogram("docs_chat_agent_turn_first_text_seconds", "Until the first text.", buckets=_SECONDS)
TURN_SECONDS = Histogram("docs_chat_agent_turn_seconds", "Until completion.", buckets=_SECONDS)
MODEL_REQUESTS = Counter("docs_chat_model_requests_total", "Requests to the provider.", ["model", "outcome"])
MODEL_TOKENS = Counter("docs_chat_model_tokens_total", "Tokens the provider reported.", ["model", "direction"])
MODEL_SECONDS = Histogram("docs_chat_model_seconds", "Time of one request.", ["model"], buckets=_SECONDS)
CACHE_LOOKUPS = Counter("docs_chat_answer_cache_total", "Looks into the answer cache.", ["outcome"])
SHARED_TURNS = Counter("docs_chat_agent_shared_turns_total", "Turns that joined an identical one in flight.")
MODEL_REFUSALS = Counter(
    "docs_chat_model_refusals_total", "Turns that got no model request, by whose limit it was.", ["owner"]
)
QUEUE_LENGTH = Gauge("docs_chat_model_queue_length", "Turns waiting for the model.")
DAY_REMAINING = Gauge("docs_chat_quota_day_remaining", "Model requests left today, without the reserve.")
MINUTE_REMAINING = Gauge("docs_chat_quota_minute_remaining", "Model requests left this minute.")
BREAKER_OPEN = Gauge("docs_chat_breaker_open", "1 while requests are held back.", ["model"])


class ModelSpan:
    """The span and the counters of one request to one model.

    Args:
        model: Model asked.
        exchange: What the answer tells beside its text.
        max_tokens: Longest answer asked for.
    """

    def __init__(self, model: str, exchange: Exchange, max_tokens: int) -> None:
        self._model = model
        self._exchange = exchange
        self._outcome = "abandoned"
        self._started = time.perf_counter()
        self._span = tracer().start_span(f"chat {model}", kind=trace.SpanKind.CLIENT)
        self._span.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openrouter",
                "gen_ai.request.model": model,
                "gen_ai.request.max_tokens": max_tokens,
            }
        )

    def __enter__(self) -> "ModelSpan":
        return self

    def failed(self, kind: str) -> None:
        """Note why there is no answer."""
        self._outcome = kind
        self._span.set_attribute("error.type", kind)
        self._span.set_status(trace.StatusCode.ERROR)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        exchange = self._exchange
        if error is None:
            self._outcome = "answered"
        MODEL_REQUESTS.labels(self._model, self._outcome).inc()
        MODEL_TOKENS.labels(self._model, "input").inc(exchange.input_tokens)
        MODEL_TOKENS.labels(self._model, "output").inc(exchange.output_tokens)
        MODEL_SECONDS.labels(self._model).observe(time.perf_counter() - self._started)
        self._span.set_attributes(
            {
                "gen_ai.response.model": exchange.served_model,
                "gen_ai.response.id": exchange.generation_id,
                "gen_ai.response.finish_reasons": [exchange.finish_reason] if exchange.finish_reason else [],
                "gen_ai.usage.input_tokens": exchange.input_tokens,
                "gen_ai.usage.output_tokens": exchange.output_tokens,
            }
        )
        self._span.end()
