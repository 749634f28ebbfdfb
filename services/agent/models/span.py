"""The trace span and the counters of one request to one model; texts appear in neither.

Source:
    OpenTelemetry semantic conventions for generative AI, client spans.
"""

import time
from types import TracebackType

from opentelemetry import trace

from services.agent.models.reply import ReplyFacts
from services.agent.telemetry import MODEL_REQUESTS, MODEL_SECONDS, MODEL_TOKENS
from services.runtime.telemetry import tracer


class ModelSpan:
    """The span and the counters of one request to one model.

    Args:
        model: Model asked.
        reply: What the answer tells beside its text.
        max_tokens: Longest answer asked for.
    """

    def __init__(self, model: str, reply: ReplyFacts, max_tokens: int) -> None:
        self._model = model
        self._reply = reply
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
        reply = self._reply
        if error is None:
            self._outcome = "answered"
        MODEL_REQUESTS.labels(self._model, self._outcome).inc()
        MODEL_TOKENS.labels(self._model, "input").inc(reply.input_tokens)
        MODEL_TOKENS.labels(self._model, "output").inc(reply.output_tokens)
        MODEL_SECONDS.labels(self._model).observe(time.perf_counter() - self._started)
        self._span.set_attributes(
            {
                "gen_ai.response.model": reply.served_model,
                "gen_ai.response.id": reply.generation_id,
                "gen_ai.response.finish_reasons": [reply.finish_reason] if reply.finish_reason else [],
                "gen_ai.usage.input_tokens": reply.input_tokens,
                "gen_ai.usage.output_tokens": reply.output_tokens,
            }
        )
        self._span.end()
