"""The account's requests: counted before they are sent, paced, and waited for in a queue that readers can see."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.runtime.errors import QueueFull, QuotaDayExhausted, QuotaMinuteExhausted

MINUTE_S = 60.0
_LONGEST_NAP_S = 2.0  # another replica may have given a place back


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """What we allow ourselves."""

    per_minute: int = 18
    per_day: int = 50
    reserve: int = 5


@dataclass(frozen=True, slots=True)
class QuotaSnapshot:
    """What is used, as all replicas see it."""

    used_this_minute: int = 0
    used_today: int = 0
    day_limit: int = 0
    """As the provider told it; 0 while it has not."""
    minute_free_at: float = 0.0
    """Moment the next request of this minute may be sent; the past when it may be now."""
    day_blocked_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to send one request."""

    id: str
    granted_at: float


class QuotaStore(Protocol):
    """Counters that outlive the process and may be shared by replicas. Every method is atomic."""

    async def reserve(self, now: float, per_minute: int, per_day: int, reserve: int) -> Permit | None:
        """Count one request if both limits allow it, leaving `reserve` of the day; a told limit replaces `per_day`."""

    async def give_back(self, permit: Permit) -> None:
        """Uncount a request that was never sent."""

    async def snapshot(self, now: float) -> QuotaSnapshot:
        """What is used."""

    async def hold_minute(self, until: float) -> None:
        """The provider says that the minute is used up, whatever we counted."""

    async def hold_day(self, now: float, until: float, day_limit: int) -> None:
        """The provider says that the day is used up; a `day_limit` of 0 is unknown."""

    async def correct_day(self, now: float, used: int, day_limit: int) -> None:
        """The provider's own count of today; the higher count is believed."""


@dataclass(slots=True)
class _Waiter:
    reader_id: str
    permit: asyncio.Future[Permit]
    on_place: Callable[[int, float], None]
    place: int = 0


@dataclass(slots=True)
class QuotaGovernor:
    """Hands out permits in fair order.

    Args:
        store: The counters.
        limits: What we allow ourselves.
        queue_length: Turns that may wait at once.
        clock: Seconds since 1970.
        nap: How to wait; a test may turn its own clock instead.
    """

    store: QuotaStore
    limits: QuotaLimits
    queue_length: int = 64
    clock: Callable[[], float] = time.time
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    _waiters: list[_Waiter] = field(default_factory=list)
    _served: Counter[str] = field(default_factory=Counter)
    _pump: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Turns in the queue."""
        return len(self._waiters)

    async def acquire(
        self, reader_id: str, *, longest_wait_s: float, on_place: Callable[[int, float], None], spare: bool = False
    ) -> Permit:
        """Wait for the right to send one request.

        Args:
            reader_id: Whose turn it is; readers who were served less go first.
            longest_wait_s: A longer expected wait is refused at once.
            on_place: Told the place in the queue, from 1, and the expected wait in seconds, at every change.
            spare: Not needed for an answer, so the day's reserve is not touched for it.

        Raises:
            QuotaMinuteExhausted: If the wait would be too long; `retry_after_s` says how long.
            QuotaDayExhausted: If the day is used up.
            QueueFull: If too many wait already.
        """
        if not self._waiters and (permit := await self._reserve(spare=spare)):
            return permit
        snapshot = await self.store.snapshot(self.clock())
        self._refuse_used_up_day(snapshot, spare=spare)
        self._refuse_long_wait(snapshot, longest_wait_s, spare=spare)
        waiter = _Waiter(reader_id, asyncio.get_running_loop().create_future(), on_place)
        self._waiters.append(waiter)
        self._announce(snapshot)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._hand_out())
        try:
            async with asyncio.timeout(longest_wait_s + MINUTE_S):
                return await waiter.permit
        except TimeoutError:
            raise QuotaMinuteExhausted("the wait for the model grew too long", retry_after_s=MINUTE_S) from None
        except asyncio.CancelledError:
            await self._return_unused(waiter)
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def give_back(self, permit: Permit) -> None:
        """Return the right to a request that was never sent."""
        await self.store.give_back(permit)

    async def minute_refused(self, retry_after_s: float | None) -> None:
        """The provider refused a request for the minute's sake."""
        wait_s = MINUTE_S - self.clock() % MINUTE_S if retry_after_s is None else min(retry_after_s, MINUTE_S)
        await self.store.hold_minute(self.clock() + wait_s)

    async def day_refused(self, retry_after_s: float | None, day_limit: int) -> None:
        """The provider refused a request for the day's sake."""
        until = next_midnight(self.clock())
        if retry_after_s is not None:
            until = min(until, self.clock() + retry_after_s)
        await self.store.hold_day(self.clock(), until, day_limit)

    async def correct(self, used: int, day_limit: int) -> None:
        """Believe the provider's own count of today."""
        await self.store.correct_day(self.clock(), used, day_limit)

    async def snapshot(self) -> QuotaSnapshot:
        """What is used."""
        return await self.store.snapshot(self.clock())

    def day_limit(self, snapshot: QuotaSnapshot) -> int:
        """The limit that holds today."""
        return snapshot.day_limit or self.limits.per_day

    def day_remaining(self, snapshot: QuotaSnapshot) -> int:
        """Requests left today, without the reserve."""
        if snapshot.day_blocked_until > self.clock():
            return 0
        return max(0, self.day_limit(snapshot) - self.limits.reserve - snapshot.used_today)

    async def close(self) -> None:
        """Stop handing out."""
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump

    async def _reserve(self, *, spare: bool) -> Permit | None:
        reserve = self.limits.reserve if spare else 0
        return await self.store.reserve(self.clock(), self.limits.per_minute, self.limits.per_day, reserve)

    def _refuse_used_up_day(self, snapshot: QuotaSnapshot, *, spare: bool) -> None:
        left = self.day_limit(snapshot) - snapshot.used_today - (self.limits.reserve if spare else 0)
        if left > 0 and snapshot.day_blocked_until <= self.clock():
            return
        now = self.clock()
        raise day_exhausted(snapshot.day_blocked_until if snapshot.day_blocked_until > now else next_midnight(now))

    def _refuse_long_wait(self, snapshot: QuotaSnapshot, longest_wait_s: float, *, spare: bool) -> None:
        expected_s = self._expected_wait_s(snapshot, len(self._waiters) + 1)
        if len(self._waiters) >= self.queue_length:
            raise QueueFull(
                f"{len(self._waiters)} questions are waiting for the model already", retry_after_s=expected_s
            )
        if spare or expected_s > longest_wait_s:  # a second look is not worth a wait
            raise QuotaMinuteExhausted("the model requests of this minute are used up", retry_after_s=expected_s)

    def _expected_wait_s(self, snapshot: QuotaSnapshot, place: int) -> float:
        """Expected wait of a place in the queue: the window frees up whole, a minute after it filled."""
        first_s = max(0.0, snapshot.minute_free_at - self.clock())
        return first_s + (place - 1) // self.limits.per_minute * MINUTE_S

    async def _hand_out(self) -> None:
        while self._waiters:
            if permit := await self._reserve(spare=False):
                await self._grant(permit)
                continue
            snapshot = await self.store.snapshot(self.clock())
            try:
                self._refuse_used_up_day(snapshot, spare=False)
            except QuotaDayExhausted as error:
                self._refuse_all(error)
                return
            self._announce(snapshot)
            wait_s = max(0.02, snapshot.minute_free_at - self.clock())
            await self.nap(min(wait_s, _LONGEST_NAP_S))

    async def _grant(self, permit: Permit) -> None:
        alive = [waiter for waiter in self._waiters if not waiter.permit.done()]
        if not alive:
            await self.store.give_back(permit)
            self._waiters.clear()
            return
        waiter = self._in_fair_order(alive)[0]
        self._waiters.remove(waiter)
        self._served[waiter.reader_id] += 1
        if len(self._served) > 10_000:
            self._served.clear()
        waiter.permit.set_result(permit)

    def _in_fair_order(self, waiters: list[_Waiter]) -> list[_Waiter]:
        """Whoever was served less goes first, and nobody's second question before another's first."""
        served = Counter(self._served)
        ranks = []
        for arrival, waiter in enumerate(waiters):
            ranks.append((served[waiter.reader_id], arrival, waiter))
            served[waiter.reader_id] += 1
        return [waiter for _, _, waiter in sorted(ranks, key=lambda rank: rank[:2])]

    def _announce(self, snapshot: QuotaSnapshot) -> None:
        for place, waiter in enumerate(self._in_fair_order(self._waiters), start=1):
            if waiter.place != place:
                waiter.place = place
                waiter.on_place(place, self._expected_wait_s(snapshot, place))

    def _refuse_all(self, error: QuotaDayExhausted) -> None:
        for waiter in self._waiters:
            if not waiter.permit.done():
                waiter.permit.set_exception(error)
        self._waiters.clear()

    async def _return_unused(self, waiter: _Waiter) -> None:
        if waiter.permit.done() and not waiter.permit.cancelled() and waiter.permit.exception() is None:
            await self.store.give_back(waiter.permit.result())


def day_exhausted(resets_at: float) -> QuotaDayExhausted:
    """The error that tells when the day's count starts anew; waiting for it is no retry."""
    moment = datetime.fromtimestamp(resets_at, UTC).isoformat(timespec="seconds")
    return QuotaDayExhausted("the model requests of this day are used up", resets_at=moment)


def next_midnight(now: float) -> float:
    """The moment the UTC day after `now` begins, in seconds since 1970."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=1)).timestamp()


def day_name(now: float) -> str:
    """The UTC day of a moment, `2026-11-22`."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
