"""Why a turn gets no model request, and whose limit it was."""

from datetime import UTC, datetime
from enum import StrEnum

from services.runtime.errors import QueueFull, QuotaDayExhausted, QuotaMinuteExhausted


class LimitOwner(StrEnum):
    """Whose limit was reached; travels as the fact `limit_owner`."""

    NETWORK = "network"
    """The share of the reader's network."""
    SITE = "site"
    """Our own limit for everybody together."""
    PROVIDER = "provider"
    """The account's limit with the provider."""


def day_exhausted(owner: LimitOwner, resets_at: float) -> QuotaDayExhausted:
    """The error that tells when the day's count starts again; waiting for it is not a retry.

    Args:
        owner: Whose limit it was.
        resets_at: Seconds since 1970.
    """
    moment = datetime.fromtimestamp(resets_at, UTC).isoformat(timespec="seconds")
    whose = "the network's share of the" if owner is LimitOwner.NETWORK else "the"
    return QuotaDayExhausted(
        f"{whose} model requests of this day are used up", resets_at=moment, limit_owner=str(owner)
    )


def minute_exhausted(owner: LimitOwner, retry_after_s: float) -> QuotaMinuteExhausted:
    """The error that tells when the next request may be had, in seconds."""
    whose = "the network's share of the" if owner is LimitOwner.NETWORK else "the"
    return QuotaMinuteExhausted(
        f"{whose} model requests of this minute are used up", retry_after_s=retry_after_s, limit_owner=str(owner)
    )


def queue_full(owner: LimitOwner, waiting: int, retry_after_s: float) -> QueueFull:
    """The error of a queue that has no place left."""
    whose = " from this network" if owner is LimitOwner.NETWORK else ""
    return QueueFull(
        f"{waiting} questions{whose} are waiting for the model already",
        retry_after_s=retry_after_s,
        limit_owner=str(owner),
    )
