"""How much a reader, a program with a key, an address and its network may ask for.

The `limits` library counts, in memory or, for replicas, in Redis. A program with an API key has limits of its own and
none by address: several may run on one machine, and one on many.
"""

import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from gateway.metrics import REFUSED
from gateway.readers.api_keys import NAMED_PREFIX
from gateway.readers.networks import network_of, subscriber_of
from gateway.readers.reader import PROGRAM_PREFIX
from services.runtime.errors import Overloaded

logger = logging.getLogger(__name__)

_STREAM_RETRY_S = 5.0


class Owner(StrEnum):
    """Whose limit was reached; errors carry it as `limit_owner`."""

    READER = "reader"
    KEY = "key"
    NETWORK = "network"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Limits written like `10/minute;100/hour`; each of them must hold.

    Limits of keys may name keys that have their own: `600/minute,ci=5000/minute;20000/hour`.
    """

    turns_per_reader: str = "10/minute;100/hour"
    turns_per_address: str = "200/minute;2000/hour"
    turns_per_network: str = "400/minute;4000/hour"
    turns_per_key: str = "600/minute;20000/day"
    requests_per_address: str = "600/minute"
    requests_per_network: str = "2400/minute"
    requests_per_key: str = "6000/minute"
    typed_searches_per_reader: str = "600/minute"
    typed_searches_per_address: str = "3000/minute"
    typed_searches_per_network: str = "12000/minute"
    new_readers_per_address: str = "1000/hour"
    new_readers_per_network: str = "2000/hour"
    streams_per_reader: int = 3
    streams_per_key: int = 50
    streams_per_network: int = 200
    streams: int = 400


@dataclass(frozen=True, slots=True)
class _Limit:
    """One limit: its name in metrics, the readers' word for what is counted, whose it is, and how much."""

    name: str
    what: str
    owner: Owner
    items: list[RateLimitItem]


class Limits:
    """Refuses what is too much.

    Args:
        url: `memory://` or `redis://…`.
        policy: What is too much.
    """

    def __init__(self, url: str, policy: LimitPolicy) -> None:
        storage = storage_from_string(f"async+{url}")
        assert isinstance(storage, Storage)
        self._storage = storage
        # Two counts per limit and reader; a moving window would keep every hit and scan all of them in memory.
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._policy = policy
        self._turns_per_reader = _limit("turns of a reader", "questions", Owner.READER, policy.turns_per_reader)
        self._turns = _by_place("turns", "questions", policy.turns_per_address, policy.turns_per_network)
        self._requests = _by_place("requests", "requests", policy.requests_per_address, policy.requests_per_network)
        self._new_readers = _by_place(
            "new readers", "new readers", policy.new_readers_per_address, policy.new_readers_per_network
        )
        self._typed_searches_per_reader = _limit(
            "typed searches of a reader", "searches", Owner.READER, policy.typed_searches_per_reader
        )
        self._typed_searches = _by_place(
            "typed searches", "searches", policy.typed_searches_per_address, policy.typed_searches_per_network
        )
        self._turns_per_key = _by_key("turns of a key", "questions", policy.turns_per_key)
        self._requests_per_key = _by_key("requests of a key", "requests", policy.requests_per_key)
        self._streams: Counter[tuple[Owner, str]] = Counter()

    def close(self) -> None:
        """Let go of the connections to the store of the counts."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge
            bridge.get_connection().connection_pool.disconnect()

    async def request(self, address: str, reader_id: str = "") -> None:
        """Count a request that asks no model.

        Args:
            address: Where it came from.
            reader_id: Who sent it, if known.

        Raises:
            Overloaded: If there were too many; it says whose limit that was and how long to wait.
        """
        if reader_id.startswith(PROGRAM_PREFIX):
            await self._take(_of_key(self._requests_per_key, reader_id), reader_id)
        else:
            await self._take_at(self._requests, address)

    async def typed_search(self, address: str, reader_id: str = "") -> None:
        """Count a search of somebody who types, apart from everything else; raises `Overloaded` as above."""
        if reader_id.startswith(PROGRAM_PREFIX):
            await self._take(_of_key(self._requests_per_key, reader_id), reader_id)
            return
        if reader_id:
            await self._take(self._typed_searches_per_reader, reader_id)
        await self._take_at(self._typed_searches, address)

    async def turn(self, reader_id: str, address: str) -> None:
        """Count a question; raises `Overloaded` as above."""
        if reader_id.startswith(PROGRAM_PREFIX):
            await self._take(_of_key(self._turns_per_key, reader_id), reader_id)
            return
        await self._take(self._turns_per_reader, reader_id)
        await self._take_at(self._turns, address)

    async def new_reader(self, address: str) -> None:
        """Count an anonymous reader; raises `Overloaded` as above."""
        await self._take_at(self._new_readers, address)

    @contextlib.contextmanager
    def stream(self, reader_id: str, network: str = "") -> Iterator[None]:
        """Hold a place for one answer while it is written.

        Args:
            reader_id: Who asked.
            network: Opaque id of their network, or `network/subscriber`; empty when unknown.

        Raises:
            Overloaded: If no place is free.
        """
        places = self._places(reader_id, network)
        for owner, who, limit in places:
            if self._streams[owner, who] >= limit:
                REFUSED.labels("streams" if owner is Owner.SITE else f"streams of a {owner}").inc()
                raise _too_many("questions at once", owner, limit, _STREAM_RETRY_S)
        for owner, who, _ in places:
            self._streams[owner, who] += 1
        try:
            yield
        finally:
            for owner, who, _ in places:
                self._streams[owner, who] -= 1
                if not self._streams[owner, who]:
                    del self._streams[owner, who]

    def _places(self, reader_id: str, network: str) -> list[tuple[Owner, str, int]]:
        """Whose places an answer takes, and how many each of them has."""
        policy, everybody = self._policy, (Owner.SITE, "", self._policy.streams)
        if reader_id.startswith(PROGRAM_PREFIX):
            return [(Owner.KEY, reader_id, policy.streams_per_key), everybody]
        around = [(Owner.NETWORK, network.partition("/")[0], policy.streams_per_network)] if network else []
        return [(Owner.READER, reader_id, policy.streams_per_reader), *around, everybody]

    async def _take_at(self, limits: tuple[_Limit, _Limit], address: str) -> None:
        of_address, of_network = limits
        await self._take(of_address, subscriber_of(address))
        await self._take(of_network, network_of(address))

    async def _take(self, limit: _Limit, who: str) -> None:
        for item in limit.items:
            try:
                if await self._window.hit(item, limit.name, who):
                    continue
                resets_at = (await self._window.get_window_stats(item, limit.name, who)).reset_time
            except Exception:  # losing Redis must not silence the docs; the agent's quota still applies
                logger.exception("limits cannot be counted; letting the request pass", extra={"limit": limit.name})
                return
            REFUSED.labels(limit.name).inc()
            raise _too_many(limit.what, limit.owner, item, math.ceil(max(1.0, resets_at - time.time())))


def _limit(name: str, what: str, owner: Owner, text: str) -> _Limit:
    return _Limit(name, what, owner, parse_many(text))


def key_limits(text: str) -> tuple[str, dict[str, str]]:
    """The limit that holds for every key, and by name the limits of keys that have their own.

    Raises:
        ValueError: If one of them is not a limit, or none holds for every key.

    >>> key_limits("600/minute,ci=5000/minute")
    ('600/minute', {'ci': '5000/minute'})
    """
    entries = [entry.strip().rpartition("=") for entry in text.split(",") if entry.strip()]
    for _, _, limit in entries:
        parse_many(limit)
    of_all = [limit for name, _, limit in entries if not name]
    if len(of_all) != 1:
        raise ValueError("exactly one limit must be without a name: it holds for every key that is not named")
    return of_all[0], {name.strip(): limit for name, _, limit in entries if name}


def _by_key(name: str, what: str, text: str) -> dict[str, _Limit]:
    of_all, named = key_limits(text)
    limits = {f"{NAMED_PREFIX}{key}": limit for key, limit in named.items()} | {"": of_all}
    return {reader_id: _limit(name, what, Owner.KEY, limit) for reader_id, limit in limits.items()}


def _of_key(limits: dict[str, _Limit], reader_id: str) -> _Limit:
    return limits.get(reader_id, limits[""])


def _by_place(name: str, what: str, of_address: str, of_network: str) -> tuple[_Limit, _Limit]:
    return (
        _limit(f"{name} of an address", what, Owner.NETWORK, of_address),
        _limit(f"{name} of a network", what, Owner.NETWORK, of_network),
    )


def _too_many(what: str, owner: Owner, limit: RateLimitItem | int, retry_after_s: float) -> Overloaded:
    limit_text = str(limit).replace(" per 1 ", " a ")
    text = f"this {owner} has reached its limit of {what}: {limit_text}"
    return Overloaded(text, retry_after_s=retry_after_s, limit_owner=str(owner), limit=limit_text, limited=what)
