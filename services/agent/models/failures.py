"""What went wrong with the provider, and whom it concerns: the whole account, one model, or this conversation."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp


class FailureKind(StrEnum):
    """Causes that lead to different actions."""

    KEY_REFUSED = "key_refused"  # a person must look; no model will answer
    NO_CREDIT = "no_credit"  # as above; a negative balance blocks free models too
    DAY_QUOTA = "day_quota"  # the account's requests of this UTC day
    MINUTE_QUOTA = "minute_quota"  # the account's requests of this minute
    MODEL_BUSY = "model_busy"  # one model's shared capacity
    MODEL_GONE = "model_gone"  # one model will not answer us until the list is read again
    PROVIDER_DOWN = "provider_down"
    TOO_SLOW = "too_slow"
    BAD_ANSWER = "bad_answer"  # empty, garbled, not an answer
    CONTEXT_TOO_LONG = "context_too_long"
    CONTENT_REFUSED = "content_refused"
    REQUEST_REFUSED = "request_refused"  # our request is wrong: a bug or a setting


ACCOUNT_KINDS = frozenset(
    {FailureKind.KEY_REFUSED, FailureKind.NO_CREDIT, FailureKind.DAY_QUOTA, FailureKind.MINUTE_QUOTA}
)
"""Another model cannot help."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed request.

    Args:
        kind: What to do about it.
        message: What happened, for the log and the operator; never a prompt, never a key.
        retry_after_s: Seconds the provider asks to wait, None when it says nothing.
        day_limit: The account's limit per day as the provider told it, 0 when it did not.
        detail: What the model's own server said, as far as the provider hands it on; secrets are blotted out.
    """

    kind: FailureKind
    message: str
    retry_after_s: float | None = None
    day_limit: int = 0
    detail: str = ""


class BadAnswer(Exception):
    """The provider answered, but what it sent is not an answer to a reader."""


class ProviderError(Exception):
    """The provider answered with an error.

    Args:
        status: Status of the answer; for an error inside a 200, the one it should have had.
        error: What the provider says about it.
        headers: Headers of the answer.
    """

    def __init__(self, status: int, error: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.error = error
        self.headers = headers or {}


_STATUS_KINDS = {
    401: FailureKind.KEY_REFUSED,
    402: FailureKind.NO_CREDIT,
    404: FailureKind.MODEL_GONE,
    413: FailureKind.CONTEXT_TOO_LONG,
}
_TYPE_KINDS = {
    "authentication": FailureKind.KEY_REFUSED,
    "payment_required": FailureKind.NO_CREDIT,
    "not_found": FailureKind.MODEL_GONE,
    "context_length_exceeded": FailureKind.CONTEXT_TOO_LONG,
    "max_tokens_exceeded": FailureKind.CONTEXT_TOO_LONG,
    "token_limit_exceeded": FailureKind.CONTEXT_TOO_LONG,
    "payload_too_large": FailureKind.CONTEXT_TOO_LONG,
    "string_too_long": FailureKind.CONTEXT_TOO_LONG,
    "content_policy_violation": FailureKind.CONTENT_REFUSED,
    "refusal": FailureKind.CONTENT_REFUSED,
    "provider_unavailable": FailureKind.PROVIDER_DOWN,
    "provider_overloaded": FailureKind.PROVIDER_DOWN,
    "server": FailureKind.PROVIDER_DOWN,
    "timeout": FailureKind.TOO_SLOW,
    # Of OpenAI, Groq and llama.cpp, which put theirs into `code` or `type`.
    "invalid_api_key": FailureKind.KEY_REFUSED,
    "model_not_found": FailureKind.MODEL_GONE,
    "exceed_context_size_error": FailureKind.CONTEXT_TOO_LONG,
}
_SPECIAL_TYPES = ("rate_limit_exceeded", "permission_denied", "insufficient_quota")
_CONTEXT_WORDS = re.compile(r"context.{0,20}(?:length|size|window)|maximum context|too many tokens", re.IGNORECASE)
_UNSUPPORTED_WORDS = re.compile(
    r"tool|function|response_format|schema|not support|no endpoints|not a valid model", re.IGNORECASE
)

_SECRET = re.compile(
    r"\b(?:sk|pk|gsk|key|hf|xai|AIza)[-_][\w-]{8,}|\bAIza[\w-]{20,}|\bBearer\s+\S+|\beyJ[\w.-]{20,}", re.IGNORECASE
)
_LONGEST_DETAIL = 400


def classify(error: BaseException, *, now: float | None = None) -> Failure:
    """Tell what an exception from the provider, the reading of its answer or the wire means.

    Args:
        error: Whatever was raised.
        now: Seconds since 1970, for hints that are moments; the system's clock by default.
    """
    match error:
        case TimeoutError():
            return Failure(FailureKind.TOO_SLOW, "the model did not answer in time")
        case aiohttp.ClientError() | OSError():
            return Failure(FailureKind.PROVIDER_DOWN, "the connection to the provider failed")
        case ProviderError():
            return _classify_provider_error(error, time.time() if now is None else now)
        case BadAnswer():
            return Failure(FailureKind.BAD_ANSWER, str(error))
        case _:
            return Failure(FailureKind.BAD_ANSWER, f"the answer could not be read ({type(error).__name__})")


def _classify_provider_error(error: ProviderError, now: float) -> Failure:
    body = error.error
    metadata = body["metadata"] if isinstance(body.get("metadata"), dict) else {}
    message, raw = str(body.get("message") or ""), metadata.get("raw") or ""
    detail = _without_secrets(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False))
    error_type = _error_type(body, metadata)
    kind = _kind(error.status, error_type, f"{message} {detail}".strip(), metadata)
    headers = _headers(error, metadata)
    return Failure(
        kind,
        f"HTTP {error.status}: {_short(message)}",
        retry_after_s=_hint(body, metadata, headers, now),
        day_limit=_as_int(headers.get("x-ratelimit-limit")) if kind is FailureKind.DAY_QUOTA else 0,
        detail=detail,
    )


def _error_type(body: dict[str, Any], metadata: dict[str, Any]) -> str:
    """The provider's own word for the error, where it is one that means something here."""
    told = (metadata.get("error_type"), body.get("error_type"), body.get("code"), body.get("type"))
    words = [word for word in told if isinstance(word, str)]
    return next((word for word in words if word in _TYPE_KINDS or word in _SPECIAL_TYPES), "")


def _kind(status: int, error_type: str, message: str, metadata: dict[str, Any]) -> FailureKind:
    if error_type == "insufficient_quota":
        return FailureKind.NO_CREDIT
    if status == 429 or error_type == "rate_limit_exceeded":
        return _rate_limit_kind(message, str(metadata.get("limit_source") or ""))
    if status == 403 or error_type == "permission_denied":
        moderated = metadata.keys() & {"reasons", "patterns", "flagged_input"}
        return FailureKind.CONTENT_REFUSED if moderated else FailureKind.MODEL_GONE
    if kind := _STATUS_KINDS.get(status) or _TYPE_KINDS.get(error_type):
        return kind
    if status in (408, 504, 524):
        return FailureKind.TOO_SLOW
    if 400 <= status < 500:
        return _bad_request_kind(message)
    return FailureKind.PROVIDER_DOWN


def _rate_limit_kind(message: str, limit_source: str) -> FailureKind:
    """Which of the five kinds of 429 it is; the vocabulary is undocumented, so the unknown counts as one model's."""
    told = f"{limit_source} {message}"
    if "free_tier_daily" in told or "free-models-per-day" in told:
        return FailureKind.DAY_QUOTA
    if re.search(r"free_tier_(per_)?minute|free-models-per-min", told):
        return FailureKind.MINUTE_QUOTA
    return FailureKind.MODEL_BUSY


def _bad_request_kind(message: str) -> FailureKind:
    if _CONTEXT_WORDS.search(message):
        return FailureKind.CONTEXT_TOO_LONG
    if _UNSUPPORTED_WORDS.search(message):
        return FailureKind.MODEL_GONE
    return FailureKind.REQUEST_REFUSED


def _headers(error: ProviderError, metadata: dict[str, Any]) -> dict[str, str]:
    """Headers of the answer, and those the body repeats, by lower-case name."""
    repeated = metadata.get("headers")
    headers = dict(error.headers) | (repeated if isinstance(repeated, dict) else {})
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _hint(body: dict[str, Any], metadata: dict[str, Any], headers: dict[str, str], now: float) -> float | None:
    """Seconds to wait, from the first place that tells them."""
    availability = body["availability"] if isinstance(body.get("availability"), dict) else {}
    hints = (headers.get("retry-after"), availability.get("retry_after"), metadata.get("retry_after_seconds"))
    for hint in hints:
        if (seconds := _as_float(hint)) is not None:
            return max(0.0, seconds)
    reset_ms = _as_float(headers.get("x-ratelimit-reset"))  # milliseconds since 1970
    return max(0.0, reset_ms / 1000 - now) if reset_ms else None


def _without_secrets(text: str) -> str:
    """Its beginning, without what looks like a key or a token."""
    return _SECRET.sub("…", text[:_LONGEST_DETAIL])


def _short(message: str) -> str:
    return json.dumps(message[:200], ensure_ascii=False)


def _as_int(value: object) -> int:
    text = str(value)
    return int(text) if text.isdigit() else 0


def _as_float(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
