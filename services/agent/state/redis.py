"""Quota counters and answers in Redis, shared by every replica of the agent with the same key.

Counting is one script on the server, so two replicas never both take the last request. When Redis cannot be reached the
turn fails open to quotations: a request that cannot be counted is not sent.
"""

import logging
import uuid
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.agent.models.quota import MINUTE_S, Permit, QuotaSnapshot, day_name
from services.runtime.errors import ProviderUnavailable

logger = logging.getLogger(__name__)

_DAY_KEY_S = 2 * 86_400

_HOLDS_S = 2 * 86_400

# KEYS: minute set, day hash, holds hash. ARGV: now, per_minute, per_day, reserve, id.
_RESERVE = """
local now = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
local limit = tonumber(redis.call('HGET', KEYS[2], 'limit') or '0')
if limit == 0 then limit = tonumber(ARGV[3]) end
local used = tonumber(redis.call('HGET', KEYS[2], 'used') or '0')
local minute_hold = tonumber(redis.call('HGET', KEYS[3], 'minute') or '0')
local day_hold = tonumber(redis.call('HGET', KEYS[3], 'day') or '0')
if minute_hold > now or day_hold > now or used >= limit - tonumber(ARGV[4]) then return 0 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[5])
redis.call('EXPIRE', KEYS[1], 120)
redis.call('HINCRBY', KEYS[2], 'used', 1)
redis.call('EXPIRE', KEYS[2], 172800)
return 1
"""
# KEYS: minute set, day hash. ARGV: id.
_GIVE_BACK = """
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[2], 'used', -1) end
return 0
"""
# KEYS: day hash. ARGV: used, limit.
_TELL_DAY = """
local used = tonumber(redis.call('HGET', KEYS[1], 'used') or '0')
if tonumber(ARGV[1]) > used then redis.call('HSET', KEYS[1], 'used', ARGV[1]) end
if tonumber(ARGV[2]) > 0 then redis.call('HSET', KEYS[1], 'limit', ARGV[2]) end
redis.call('EXPIRE', KEYS[1], 172800)
return 0
"""


class RedisState:
    """The keys of one account.

    Args:
        url: `redis://…` or `rediss://…`.
        account: Name of the account the quota belongs to.
        max_age_s: Age at which an answer is forgotten; how many are kept is Redis's own `maxmemory`.
    """

    def __init__(self, url: str, *, account: str, max_age_s: float = 7 * 86_400) -> None:
        self._redis: Any = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self._prefix = f"docs-chat:{{{account}}}"  # the braces keep an account's keys on one node of a cluster
        self._max_age_s = max_age_s
        self._reserve = self._redis.register_script(_RESERVE)
        self._give_back = self._redis.register_script(_GIVE_BACK)
        self._tell_day = self._redis.register_script(_TELL_DAY)

    async def reserve(self, now: float, per_minute: int, per_day: int, reserve: int) -> Permit | None:
        permit = Permit(uuid.uuid4().hex, now)
        keys = [self._minute, self._day(now), self._holds]
        try:
            granted = await self._reserve(keys=keys, args=[now, per_minute, per_day, reserve, permit.id])
        except RedisError as error:
            raise _unreachable(error) from error
        return permit if granted else None

    async def give_back(self, permit: Permit) -> None:
        try:
            await self._give_back(keys=[self._minute, self._day(permit.granted_at)], args=[permit.id])
        except RedisError as error:
            logger.warning("a request was not uncounted", extra={"error": type(error).__name__})

    async def snapshot(self, now: float) -> QuotaSnapshot:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zrangebyscore(self._minute, now - MINUTE_S, "+inf", withscores=True)
                pipe.hgetall(self._day(now))
                pipe.hgetall(self._holds)
                sent, day, holds = await pipe.execute()
        except RedisError as error:
            raise _unreachable(error) from error
        oldest_free_at = sent[0][1] + MINUTE_S if sent else 0.0
        return QuotaSnapshot(
            used_this_minute=len(sent),
            used_today=int(day.get(b"used", 0)),
            day_limit=int(day.get(b"limit", 0)),
            minute_free_at=max(oldest_free_at, float(holds.get(b"minute", 0))),
            day_blocked_until=float(holds.get(b"day", 0)),
        )

    async def hold_minute(self, until: float) -> None:
        await self._hold("minute", until)

    async def hold_day(self, now: float, until: float, day_limit: int) -> None:
        await self._hold("day", until)
        if day_limit:
            await self.correct_day(now, 0, day_limit)

    async def correct_day(self, now: float, used: int, day_limit: int) -> None:
        try:
            await self._tell_day(keys=[self._day(now)], args=[used, day_limit])
        except RedisError as error:
            logger.warning("the provider's count was not noted", extra={"error": type(error).__name__})

    async def read_answer(self, key: str, now: float) -> bytes | None:
        """The answer kept under a key; none when Redis cannot be asked."""
        try:
            value: bytes | None = await self._redis.get(f"{self._prefix}:answer:{key}")
        except RedisError as error:
            logger.warning("answer cache not read", extra={"error": type(error).__name__})
            return None
        return value

    async def write_answer(self, key: str, value: bytes, now: float) -> None:
        """Keep an answer for `max_age_s`."""
        try:
            await self._redis.set(f"{self._prefix}:answer:{key}", value, ex=max(1, round(self._max_age_s)))
        except RedisError as error:
            logger.warning("answer not kept", extra={"error": type(error).__name__})

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _hold(self, name: str, until: float) -> None:
        try:
            await self._redis.hset(self._holds, name, until)
            await self._redis.expire(self._holds, _HOLDS_S)  # one key for both holds: never shorter than the longest
        except RedisError as error:
            logger.warning("the provider's refusal was not noted", extra={"error": type(error).__name__})

    @property
    def _minute(self) -> str:
        return f"{self._prefix}:minute"

    @property
    def _holds(self) -> str:
        return f"{self._prefix}:holds"

    def _day(self, now: float) -> str:
        return f"{self._prefix}:day:{day_name(now)}"


def _unreachable(error: RedisError) -> ProviderUnavailable:
    logger.error("quota cannot be counted", extra={"error": type(error).__name__})
    return ProviderUnavailable("the shared quota cannot be counted at the moment", retry_after_s=2.0)
