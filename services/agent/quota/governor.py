"""The account's requests: counted before they are sent, paced, shared fairly, waited for where readers can see it."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.agent.asker import Asker
from services.agent.quota.counting import (
    MINUTE_S,
    Claim,
    Permit,
    QuotaLimits,
    QuotaSnapshot,
    QuotaStore,
    Refusal,
    day_name,
    next_midnight,
    share_of,
)
from services.agent.quota.fair_queue import FairQueue, Waiter
from services.agent.quota.forecast import Forecast
from services.agent.quota.refusals import LimitOwner, minute_exhausted, queue_full
from services.agent.quota.shares import Pressure, extra_wait_s, kept_for_others
from services.agent.telemetry import MODEL_REFUSALS
from services.runtime.errors import ProviderUnavailable, ServiceError

logger = logging.getLogger(__name__)

_LONGEST_NAP_S = 2.0  # another replica may have given a place back
_SHORTEST_NAP_S = 0.02


@dataclass(slots=True)
class QuotaGovernor:
    """Hands out permits in fair order, to no network more than its share.

    Args:
        store: The counters.
        limits: What we allow ourselves, and what one network may take of it.
        queue_length: Turns that may wait at once.
        clock: Seconds since 1970.
        nap: How to wait; a test may turn its own clock instead.
    """

    store: QuotaStore
    limits: QuotaLimits
    queue_length: int = 64
    clock: Callable[[], float] = time.time
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    _queue: FairQueue = field(default_factory=FairQueue)
    _pressure: Pressure = field(default_factory=Pressure)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _others_before: tuple[str, tuple[int, ...]] = ("", ())
    _pump: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Turns in the queue."""
        return len(self._queue)

    async def acquire(
        self, asker: Asker, *, longest_wait_s: float, on_place: Callable[[int, float], None], spare: bool = False
    ) -> Permit:
        """Wait for the right to send one request.

        Args:
            asker: Whose turn it is; those served least recently go first.
            longest_wait_s: A longer expected wait is refused at once.
            on_place: Told the turns ahead, 0 for the next one, and the expected wait in seconds, at every change.
            spare: Not needed for an answer, so the day's reserve is not touched for it, and nothing is waited for.

        Raises:
            QuotaMinuteExhausted: If the wait would be too long; `retry_after_s` says how long.
            QuotaDayExhausted: If the day, or the network's share of it, is used up.
            QueueFull: If too many wait already.
            ProviderUnavailable: If requests cannot be counted.
        """
        permit: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        waiter = Waiter(asker, longest_wait_s, on_place, spare, permit)
        self._queue.add(waiter)
        self._news.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._hand_out())
        try:
            async with asyncio.timeout(longest_wait_s + MINUTE_S):
                return await permit
        except TimeoutError:
            await self._return_unused(waiter)
            raise minute_exhausted(LimitOwner.PROVIDER, MINUTE_S) from None
        except asyncio.CancelledError:
            await self._return_unused(waiter)
            raise
        finally:
            self._queue.remove(waiter)

    def refused_lately(self, asker: Asker) -> bool:
        """Whether the asker's network has just been refused for its share's sake."""
        return self._pressure.refused_lately(asker.holder, self.clock())

    async def give_back(self, permit: Permit) -> None:
        """Return the right to a request that was never sent."""
        await self.store.give_back(permit)
        self._news.set()

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

    async def _hand_out(self) -> None:
        """While anybody waits: give out what there is, refuse who would wait in vain, tell the others their place."""
        try:
            while len(self._queue):
                self._news.clear()
                if await self._serve():
                    continue
                wait_s = await self._tell_places()
                if len(self._queue):
                    await self._nap_or_news(min(max(_SHORTEST_NAP_S, wait_s), _LONGEST_NAP_S))
        except ServiceError as error:
            self._refuse_all(error)
        except Exception:  # nobody may be left waiting for a pump that has stopped
            logger.exception("model requests cannot be handed out")
            self._refuse_all(ProviderUnavailable("model requests cannot be counted at the moment", retry_after_s=2.0))

    async def _serve(self) -> bool:
        """Grant what can be granted, in fair order; True when somebody got something."""
        blocked: set[str] = set()
        beyond: list[Waiter] = []
        is_served = False
        for waiter in self._queue.in_fair_order():
            if waiter.permit.done() or waiter.holder in blocked:
                continue
            outcome = await self.store.reserve(self.clock(), self._claim(waiter))
            match outcome:
                case Permit():
                    is_served = await self._grant(waiter, outcome) or is_served
                case Refusal.ACCOUNT if waiter.spare:
                    continue  # the reserve may still be there for the others
                case Refusal.ACCOUNT:
                    return is_served
                case Refusal.MINUTE_SHARE:
                    blocked.add(waiter.holder)
                case Refusal.DAY_SHARE:
                    blocked.add(waiter.holder)
                    beyond.append(waiter)
        for waiter in beyond:  # after everybody who is within their share
            is_served = await self._serve_beyond_share(waiter) or is_served
        return is_served

    async def _serve_beyond_share(self, waiter: Waiter) -> bool:
        now, holder = self.clock(), waiter.holder
        if self._pressure.pushes(holder, now):
            return False
        snapshot = await self.store.snapshot(now, [holder])
        if extra_wait_s(snapshot.holder(holder), 0, now) > 0:
            return False
        kept = self._kept(snapshot, holder, await self._remembered_days())
        outcome = await self.store.reserve(now, self._claim(waiter, kept=kept))
        return isinstance(outcome, Permit) and await self._grant(waiter, outcome)

    def _claim(self, waiter: Waiter, *, kept: int | None = None) -> Claim:
        """What to ask of the counters; with `kept` beyond the share of the day."""
        limits = self.limits
        reserve = limits.reserve if waiter.spare else 0
        return Claim(
            limits.per_minute,
            limits.per_day,
            reserve if kept is None else max(reserve, kept),
            waiter.holder,
            limits.network_minute_share,
            limits.network_day_share if kept is None else 1.0,
        )

    async def _grant(self, waiter: Waiter, permit: Permit) -> bool:
        if waiter.permit.done():  # left while the request was being counted
            await self.store.give_back(permit)
            return False
        self._queue.remove(waiter)
        self._queue.served(waiter.asker)
        waiter.permit.set_result(permit)
        return True

    async def _tell_places(self) -> float:
        """Refuse who would wait in vain, tell the others their place; seconds until the first of them is served."""
        now, waiters = self.clock(), self._queue.in_fair_order()
        snapshot = await self.store.snapshot(now, sorted({waiter.holder for waiter in waiters}))
        remembered = await self._remembered_days()
        forecast = Forecast(
            now,
            self.limits,
            self.day_limit(snapshot),
            snapshot,
            self._pressure,
            kept=lambda holder: self._kept(snapshot, holder, remembered),
        )
        ahead, lines, soonest_s = 0, Counter[str](), _LONGEST_NAP_S
        for waiter in waiters:
            if waiter.permit.done():
                continue
            try:
                wait_s = forecast.wait_s(waiter.holder, lines[waiter.holder], spare=waiter.spare)
                self._check_patience(waiter, forecast, wait_s, ahead, lines[waiter.holder])
            except ServiceError as error:
                self._refuse(waiter, error)
                continue
            waiter.tell(ahead, wait_s)
            forecast.take(waiter.holder)
            lines[waiter.holder] += 1
            ahead, soonest_s = ahead + 1, min(soonest_s, wait_s)
        return soonest_s

    def _check_patience(self, waiter: Waiter, forecast: Forecast, wait_s: float, ahead: int, own_ahead: int) -> None:
        """Whether the queue has room for a waiter, and the wait is one they would sit out."""
        if waiter.holder and own_ahead >= share_of(self.queue_length, self.limits.network_minute_share):
            raise queue_full(LimitOwner.NETWORK, own_ahead, wait_s)
        if ahead >= self.queue_length:
            raise queue_full(LimitOwner.SITE, ahead, wait_s)
        if not waiter.is_admitted and (waiter.spare or wait_s > waiter.longest_wait_s):
            raise minute_exhausted(forecast.owner(waiter.holder), wait_s)  # a second look is not worth a wait

    def _kept(self, snapshot: QuotaSnapshot, holder: str, remembered: tuple[int, ...]) -> int:
        limit = self.day_limit(snapshot)
        others = snapshot.used_today - snapshot.holder(holder).used_today
        return kept_for_others(limit, share_of(limit, self.limits.network_day_share), others, remembered)

    async def _remembered_days(self) -> tuple[int, ...]:
        """What networks beside the busiest one had on the days before; looked up once a day."""
        today = day_name(self.clock())
        if self._others_before[0] != today:
            self._others_before = (today, await self.store.others_before(self.clock()))
        return self._others_before[1]

    async def _nap_or_news(self, seconds: float) -> None:
        napping = asyncio.ensure_future(self.nap(seconds))
        hearing = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({napping, hearing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            napping.cancel()
            hearing.cancel()

    def _refuse(self, waiter: Waiter, error: ServiceError) -> None:
        self._queue.remove(waiter)
        owner = error.facts.get("limit_owner", "")
        MODEL_REFUSALS.labels(owner).inc()
        if owner == LimitOwner.NETWORK:
            self._pressure.refused(waiter.holder, self.clock())
        if not waiter.permit.done():
            waiter.permit.set_exception(error)

    def _refuse_all(self, error: ServiceError) -> None:
        for waiter in self._queue.in_fair_order():
            self._refuse(waiter, error)

    async def _return_unused(self, waiter: Waiter) -> None:
        if waiter.permit.done() and not waiter.permit.cancelled() and waiter.permit.exception() is None:
            await self.give_back(waiter.permit.result())
