"""How much a reader, and an address, may ask for. Counting is the `limits` library's; memory, or Redis for replicas."""

import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from gateway.metrics import REFUSED
from services.runtime.errors import Overloaded

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Limits as `10/minute;100/hour`; each of the list must hold."""

    turns_per_reader: str = "10/minute;100/hour"
    turns_per_address: str = "200/minute;2000/hour"
    requests_per_address: str = "600/minute"
    new_readers_per_address: str = "1000/hour"
    streams_per_reader: int = 3
    streams: int = 400


class Limits:
    """Refuses what is too much.

    Args:
        url: `memory://` or `redis://…`.
        policy: What is too much.
    """

    def __init__(self, url: str, policy: LimitPolicy) -> None:
        storage = storage_from_string(f"async+{url}")
        assert isinstance(storage, Storage)
        # Two counts a limit and reader. A moving window keeps every hit, and in memory looks through all at each hit.
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._policy = policy
        self._turns_per_reader = parse_many(policy.turns_per_reader)
        self._turns_per_address = parse_many(policy.turns_per_address)
        self._requests_per_address = parse_many(policy.requests_per_address)
        self._new_readers = parse_many(policy.new_readers_per_address)
        self._streams: Counter[str] = Counter()

    async def request(self, address: str) -> None:
        """Count a request that asks no model.

        Raises:
            Overloaded: If the address has sent too many, with the seconds to wait.
        """
        await self._take("requests", self._requests_per_address, address)

    async def turn(self, reader_id: str, address: str) -> None:
        """Count a question; raises `Overloaded` as above."""
        await self._take("turns of a reader", self._turns_per_reader, reader_id)
        await self._take("turns of an address", self._turns_per_address, address)

    async def new_reader(self, address: str) -> None:
        """Count an anonymous reader; raises `Overloaded` as above."""
        await self._take("new readers", self._new_readers, address)

    @contextlib.contextmanager
    def stream(self, reader_id: str) -> Iterator[None]:
        """A place for one answer being written; raises `Overloaded` when there is none."""
        if self._streams.total() >= self._policy.streams:
            REFUSED.labels("streams").inc()
            raise Overloaded("too many answers are being written", retry_after_s=5.0)
        if self._streams[reader_id] >= self._policy.streams_per_reader:
            REFUSED.labels("streams of a reader").inc()
            raise Overloaded("too many answers of one reader are being written", retry_after_s=5.0)
        self._streams[reader_id] += 1
        try:
            yield
        finally:
            self._streams[reader_id] -= 1
            if not self._streams[reader_id]:
                del self._streams[reader_id]

    async def _take(self, name: str, limits: list[RateLimitItem], who: str) -> None:
        for limit in limits:
            try:
                if await self._window.hit(limit, name, who):
                    continue
                resets_at = (await self._window.get_window_stats(limit, name, who)).reset_time
            except Exception:  # a lost Redis must not silence the docs; the agent's quota still holds
                logger.exception("limits cannot be counted; letting the request pass", extra={"limit": name})
                return
            REFUSED.labels(name).inc()
            raise Overloaded(f"limit of {limit} reached", retry_after_s=math.ceil(max(1.0, resets_at - time.time())))
