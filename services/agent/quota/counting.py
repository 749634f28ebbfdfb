"""What is counted before a request is sent to the provider, and for whom; the counters themselves live in `state`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

MINUTE_S = 60.0
NO_LIMIT = 1_000_000_000
"""Requests of a minute or a day that nobody comes near to: the provider sets no limit that we should keep."""
DAYS_REMEMBERED = 7
"""Days whose totals are kept; who asked is forgotten with the day."""


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """What we allow ourselves, and what of it one network may take."""

    per_minute: int = 18
    per_day: int = 50
    reserve: int = 5
    network_minute_share: float = 1.0
    """Share of a minute's requests in (0, 1]; at least one request."""
    network_day_share: float = 1.0
    """Share of a day's requests in (0, 1]; at least one request."""

    @property
    def counts_minutes(self) -> bool:
        return self.per_minute < NO_LIMIT

    @property
    def counts_days(self) -> bool:
        return self.per_day < NO_LIMIT


@dataclass(frozen=True, slots=True)
class Claim:
    """What one request asks of the counters."""

    per_minute: int
    per_day: int
    """Holds until the provider tells its own limit."""
    reserve: int = 0
    """Requests of the day that must be left after this one."""
    holder: str = ""
    """Network whose share the request is part of; empty: nobody's."""
    minute_share: float = 1.0
    day_share: float = 1.0


class Refusal(StrEnum):
    """Why a claim was not granted."""

    ACCOUNT = "account"
    """The minute or the day of the whole account is used up, or the provider holds us back."""
    MINUTE_SHARE = "minute share"
    DAY_SHARE = "day share"


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to send one request."""

    id: str
    granted_at: float
    holder: str = ""


@dataclass(frozen=True, slots=True)
class HolderUse:
    """What one network has used."""

    sent: tuple[float, ...] = ()
    """Moments of its requests of this minute, oldest first."""
    used_today: int = 0


@dataclass(frozen=True, slots=True)
class QuotaSnapshot:
    """What is used, as all replicas see it."""

    sent: tuple[float, ...] = ()
    """Moments of this minute's requests, oldest first."""
    used_today: int = 0
    day_limit: int = 0
    """As the provider told it; 0 while it has not."""
    minute_held_until: float = 0.0
    day_blocked_until: float = 0.0
    holders: Mapping[str, HolderUse] = field(default_factory=dict)

    @property
    def used_this_minute(self) -> int:
        return len(self.sent)

    def holder(self, name: str) -> HolderUse:
        """What a network has used; nothing when it was not asked about."""
        return self.holders.get(name, HolderUse())


class QuotaStore(Protocol):
    """Counters that outlive the process and may be shared by replicas. Every method is atomic."""

    async def reserve(self, now: float, claim: Claim) -> Permit | Refusal:
        """Count one request if every limit of the claim allows it."""

    async def give_back(self, permit: Permit) -> None:
        """Uncount a request that was never sent."""

    async def snapshot(self, now: float, holders: Sequence[str] = ()) -> QuotaSnapshot:
        """What is used, by all and by some networks."""

    async def others_before(self, now: float) -> tuple[int, ...]:
        """Of each remembered day before today that saw a request: those beside the busiest network's."""

    async def hold_minute(self, until: float) -> None:
        """The provider says that the minute is used up, whatever we counted."""

    async def hold_day(self, now: float, until: float, day_limit: int) -> None:
        """The provider says that the day is used up; a `day_limit` of 0 is unknown."""

    async def correct_day(self, now: float, used: int, day_limit: int) -> None:
        """The provider's own count of today; the higher count is believed."""


def share_of(limit: int, share: float) -> int:
    """Requests that a share of a limit stands for, at least one.

    >>> share_of(18, 0.35), share_of(50, 0.1), share_of(5, 0.1)
    (6, 5, 1)
    """
    return limit if share >= 1 else max(1, int(limit * share + 1e-6))


def next_midnight(now: float) -> float:
    """The moment the UTC day after `now` begins, in seconds since 1970."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=1)).timestamp()


def day_name(now: float) -> str:
    """The UTC day of a moment, `2026-11-22`."""
    return time.strftime("%Y-%m-%d", time.gmtime(now))


def days_before(now: float) -> list[str]:
    """Names of the remembered days before the one of `now`, the latest first."""
    return [day_name(now - number * 86_400) for number in range(1, DAYS_REMEMBERED + 1)]
