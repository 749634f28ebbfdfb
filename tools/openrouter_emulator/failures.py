"""Every way OpenRouter is known to fail, as it looks on the wire; each entry names where it was documented or seen.

`docs:` are pages of openrouter.ai/docs, `seen:` are captures that users published, `issue:` are public issue threads.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpFailure:
    """Refused before generation, with a status of its own."""

    status: int
    error: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def _failure(status: int, message: str, **metadata: Any) -> HttpFailure:
    return HttpFailure(status, {"code": status, "message": message, "metadata": metadata})


def _platform_limit(message: str, limit: int, reset_ms: int, source: str) -> HttpFailure:
    headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_ms)}
    metadata = {"headers": headers, "limit_source": source}
    return HttpFailure(429, {"code": 429, "message": message, "metadata": metadata}, headers)


def day_limit(limit: int, reset_ms: int) -> HttpFailure:
    """seen: 30 Sep 2026, body verbatim; docs: api-reference/limits."""
    message = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"
    return _platform_limit(message, limit, reset_ms, "openrouter_free_tier_daily")


def minute_limit(limit: int, reset_ms: int) -> HttpFailure:
    """seen: Sep–Oct 2026; the value of `limit_source` was seen in two spellings."""
    message = "Rate limit exceeded: free-models-per-min."
    return _platform_limit(message, limit, reset_ms, "openrouter_free_tier_per_minute")


_GONE = {"code": "free_variant_ended", "retryable": False}
_UPSTREAM_429 = {
    # seen: Aug 2026, verbatim but for the model's name.
    "raw": "z-ai/glm-5.2:free is temporarily rate-limited upstream.",
    "provider_name": "Decart",
    "is_byok": False,
    "provider_error_code": "upstream_429",
    "limit_source": "upstream_provider_shared_pool",
    "retry_after_seconds": 5,
    "headers": {"Retry-After": "5"},
}

HTTP_FAILURES: dict[str, HttpFailure] = {
    # seen: 30 Sep 2026.
    "401": _failure(401, "User not found."),
    # docs: api-reference/errors-and-debugging, status 402.
    "402": _failure(
        402, "Insufficient credits. Add more using https://openrouter.ai/credits", error_type="payment_required"
    ),
    # docs: api-reference/errors-and-debugging, ModerationErrorMetadata.
    "403-moderation": _failure(
        403,
        "Your chosen model requires moderation and your input was flagged",
        reasons=["violence"],
        flagged_input="…",
        provider_name="OpenInference",
        model_slug="x/y",
    ),
    # docs: guides on guardrails.
    "403-guardrail": _failure(403, "Request blocked by guardrail", patterns=["secret"]),
    # seen: Aug 2026, free model that only serves agent harnesses.
    "403-model": _failure(403, "This model is only available to agent harnesses", error_type="permission_denied"),
    # docs: changelog of 19 Aug 2026, `availability`.
    "404": HttpFailure(
        404, {"code": 404, "message": "No endpoints found.", "availability": {**_GONE, "code": "no_endpoints"}}
    ),
    "404-free-ended": HttpFailure(
        404, {"code": 404, "message": "The free period of this model has ended.", "availability": _GONE}
    ),
    # docs: errors-and-debugging, error_type.
    "400-context": _failure(
        400, "This endpoint's maximum context length is 8192 tokens.", error_type="context_length_exceeded"
    ),
    "400-tools": _failure(400, "No endpoints found that support tool use.", error_type="invalid_request"),
    # issue: ever-co/ever-gauzy#9915.
    "400-models": _failure(400, "'models' array must have 3 items or fewer.", error_type="invalid_request"),
    # seen: Sep 2026, a provider that takes no instructions for this model; the key in it is made up.
    "400-instructions": _failure(
        400,
        "Provider returned error",
        raw='{"error": {"code": 400, "message": "Developer instruction is not enabled for this model", '
        '"key": "sk-or-v1-00112233445566778899aabbccddeeff"}}',
        provider_name="Google AI Studio",
    ),
    # seen: Sep 2026, refused without a reason that could be acted on.
    "400-refused": _failure(400, "Provider returned error", raw="INVALID_ARGUMENT", provider_name="Google AI Studio"),
    "413": _failure(413, "Request entity too large", error_type="payload_too_large"),
    "422": _failure(422, "Unprocessable", error_type="unprocessable"),
    "429-upstream": HttpFailure(429, {"code": 429, "message": "Provider returned error", "metadata": _UPSTREAM_429}),
    # seen: Aug 2026, shared capacity of one model.
    "429-model-minute": _failure(
        429,
        "Rate limit exceeded: limit_rpm/z-ai/glm-5.2/abc. High demand for z-ai/glm-5.2 on OpenRouter - limited to 8 "
        "requests per minute.",
        limit_source="openrouter_shared_capacity",
    ),
    "429-model-day": _failure(
        429,
        "Rate limit exceeded: limit_rpd/z-ai/glm-5.2/abc. Daily limit reached for z-ai/glm-5.2 via shared capacity.",
        limit_source="openrouter_shared_capacity",
    ),
    # A hint nobody must sleep through.
    "429-long": HttpFailure(429, {"code": 429, "message": "Provider returned error"}, {"Retry-After": "36000"}),
    "408": _failure(408, "Request timed out", error_type="timeout"),
    "500": _failure(500, "Internal Server Error", error_type="server"),
    "502": _failure(502, "Provider returned error", error_type="provider_unavailable"),
    "503": _failure(503, "Service temporarily overloaded", error_type="provider_overloaded"),
    "503-hint": HttpFailure(503, {"code": 503, "message": "Service temporarily overloaded"}, {"Retry-After": "2"}),
    "504": _failure(504, "Gateway timeout", error_type="timeout"),
    "524": _failure(524, "A timeout occurred"),
    "529": _failure(529, "Overloaded", error_type="provider_overloaded"),
}

# docs: errors-and-debugging, "mid-stream errors"; the code is a number in the schema, a word in an example.
STREAM_ERROR: dict[str, Any] = {
    "code": 502,
    "message": "Provider disconnected",
    "metadata": {"error_type": "provider_unavailable", "provider_code": "disconnect"},
}
# seen: 28 Sep 2026, a 200 whose body is an error.
BODY_ERROR: dict[str, Any] = {
    "code": 503,
    "message": "Upstream error from Nvidia: Service temporarily overloaded",
    "metadata": {"error_type": "provider_overloaded"},
}
HTML_BODY = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
# Seen in several public issue threads: a tool call in the server's own notation instead of the API's.
LEAKED_TOOL_CALLS = (
    '<tool_call>{"name": "search_docs", "arguments": {"query": "install"}}</tool_call>',
    '{"name": "search_docs", "arguments": {"query": "install"}}',
    "[TOOL_CALLS] search_docs",
    "<|tool_call_begin|>functions.search_docs",
    '```json\n{"name": "search_docs"}\n```',
)
# seen: 23 Aug 2026, the random router picked a classifier.
CLASSIFIER_ANSWER = "User Safety: safe"
