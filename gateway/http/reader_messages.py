"""Failures in the reader's words. What a service says about itself goes to the log, not to readers."""

import math
from dataclasses import dataclass

from gateway.http.shortening import shortened
from services.runtime import errors

MAX_MESSAGE_CHARS = 500
_WHOSE = {
    "reader": "from you",
    "key": "with this API key",
    "network": "from your network",
    "provider": "for what the model provider allows this site",
}
"""After "too many questions", by whose limit it was."""


@dataclass(frozen=True, slots=True)
class ReaderMessage:
    """What a reader is told."""

    text: str
    allow_retry: bool


_UNEXPECTED = ReaderMessage("Something went wrong on our side. Please try again.", True)
_NOT_SET_UP = ReaderMessage("The assistant is not set up correctly; its operators have to look at it.", False)
_BY_KIND: tuple[tuple[type[errors.ServiceError], ReaderMessage], ...] = (
    (
        errors.SiteNotFound,
        ReaderMessage("No documentation has been indexed here yet. The docs team has to index it first.", True),
    ),
    (errors.NotFound, ReaderMessage("This page is not in the documentation (any more).", False)),
    (
        errors.ContentRefused,
        ReaderMessage("The question was refused by the model's moderation. Please put it another way.", False),
    ),
    (errors.InvalidQuery, ReaderMessage("There is nothing to search for in this text. Please use words.", False)),
    (errors.TurnInterrupted, ReaderMessage("The answer broke off: what you see is not complete.", True)),
    (
        errors.ProviderUnavailable,
        ReaderMessage("No language model can be reached at the moment. Please try again soon.", True),
    ),
    (
        errors.Unavailable,
        ReaderMessage("The answering service cannot be reached at the moment. Please try again soon.", True),
    ),
    (errors.DeadlineExceeded, ReaderMessage("The answer took too long. Please try again.", True)),
    (errors.PermissionDenied, _NOT_SET_UP),  # our own token lacks it: readers have none at the services
    (errors.PreconditionFailed, _NOT_SET_UP),
)
"""The first kind that fits decides: the narrower ones come first."""


def reader_message(error: errors.ServiceError) -> ReaderMessage:
    """What to tell a reader about a failed turn, search or page."""
    for kind, message in _BY_KIND:
        if isinstance(error, kind):
            return message
    match error:
        case errors.CallerUnauthenticated() if error.facts.get("service"):
            return _UNEXPECTED  # our own token is wrong, not the reader's
        case errors.CallerUnauthenticated() | errors.InvalidRequest():
            return ReaderMessage(_sentence(error.message), False)
        case errors.QuotaDayExhausted():
            return ReaderMessage(_used_up(error), False)
        case errors.Exhausted():
            return ReaderMessage(_too_many(error), True)
        case _:
            return _UNEXPECTED


def _used_up(error: errors.QuotaDayExhausted) -> str:
    if error.facts.get("limit_owner") == "network":
        return (
            "Your network's share of today's requests to the language model is used up. The rest is for readers "
            "elsewhere; please come back tomorrow, after 00:00 UTC."
        )
    return (
        "Today's requests to the language model are used up. The model provider allows this site no more; "
        "please come back tomorrow, after 00:00 UTC."
    )


def _too_many(error: errors.ServiceError) -> str:
    """Whose limit it was, what it is, and when to come back."""
    what, limit = error.facts.get("limited", "questions"), error.facts.get("limit", "")
    whose = _WHOSE.get(error.facts.get("limit_owner", ""), "are being answered on this site right now")
    size = f": the limit is {limit}" if limit else ""
    return f"Too many {what} {whose}{size}. Please try again {_when(error.retry_after_s)}."


def _when(seconds: float | None) -> str:
    if seconds is None:
        return "soon"
    for unit, size_s in (("hour", 3600), ("minute", 60)):
        if seconds > 1.5 * size_s:
            return f"in {math.ceil(seconds / size_s)} {unit}s"
    whole = max(1, math.ceil(seconds))
    return f"in {whole} second{'' if whole == 1 else 's'}"


def _sentence(text: str) -> str:
    """Our messages begin in lower case, as log lines do; readers get a sentence."""
    text = shortened(text, MAX_MESSAGE_CHARS)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
