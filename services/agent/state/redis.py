"""Quota counters, answers and what was learnt of models in Redis, for every replica of the agent with the same key.

Counting is one script on the server, so two replicas never both take the last request. When Redis cannot be reached the
turn fails open to quotations: a request that cannot be counted is not sent.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.agent.models.traits import KEPT_S
from services.agent.quota.counting import (
    DAYS_REMEMBERED,
    MINUTE_S,
    Claim,
    HolderUse,
    Permit,
    QuotaSnapshot,
    Refusal,
    day_name,
    days_before,
)
from services.runtime.errors import ProviderUnavailable

logger = logging.getLogger(__name__)

_HOLDS_S = 2 * 86_400
_TOTALS_S = (DAYS_REMEMBERED + 1) * 86_400

# KEYS: minute set, day hash, holds hash, minute set of the network, day hash of the networks.
# ARGV: now, per_minute, per_day, reserve, id, network, its share of the minute, its share of the day.
_RESERVE = """
local function room(limit, share)
  if share >= 1 then return limit end
  return math.max(1, math.floor(limit * share + 1e-6))
end
local now, per_minute, holder = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[6]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
local limit = tonumber(redis.call('HGET', KEYS[2], 'limit') or '0')
if limit == 0 then limit = tonumber(ARGV[3]) end
local used = tonumber(redis.call('HGET', KEYS[2], 'used') or '0')
local minute_hold = tonumber(redis.call('HGET', KEYS[3], 'minute') or '0')
local day_hold = tonumber(redis.call('HGET', KEYS[3], 'day') or '0')
if minute_hold > now or day_hold > now or used >= limit - tonumber(ARGV[4]) then return 'account' end
if redis.call('ZCARD', KEYS[1]) >= per_minute then return 'account' end
if holder ~= '' then
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - 60)
  if redis.call('ZCARD', KEYS[4]) >= room(per_minute, tonumber(ARGV[7])) then return 'minute share' end
  local its = tonumber(redis.call('HGET', KEYS[5], holder) or '0')
  if its >= room(limit, tonumber(ARGV[8])) then return 'day share' end
  redis.call('ZADD', KEYS[4], now, ARGV[5])
  redis.call('EXPIRE', KEYS[4], 120)
  its = redis.call('HINCRBY', KEYS[5], holder, 1)
  redis.call('EXPIRE', KEYS[5], 90000)
  local busiest = tonumber(redis.call('HGET', KEYS[2], 'busiest') or '0')
  if its > busiest then redis.call('HSET', KEYS[2], 'busiest', its) end
end
redis.call('ZADD', KEYS[1], now, ARGV[5])
redis.call('EXPIRE', KEYS[1], 120)
redis.call('HINCRBY', KEYS[2], 'used', 1)
redis.call('EXPIRE', KEYS[2], 691200)
return 'granted'
"""
# KEYS: minute set, day hash, minute set of the network, day hash of the networks. ARGV: id, network.
_GIVE_BACK = """
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'used', -1)
  if redis.call('ZREM', KEYS[3], ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[4], ARGV[2], -1) end
end
return 0
"""
# KEYS: day hash. ARGV: used, limit, seconds to keep it.
_TELL_DAY = """
local used = tonumber(redis.call('HGET', KEYS[1], 'used') or '0')
if tonumber(ARGV[1]) > used then redis.call('HSET', KEYS[1], 'used', ARGV[1]) end
if tonumber(ARGV[2]) > 0 then redis.call('HSET', KEYS[1], 'limit', ARGV[2]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
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

    async def reserve(self, now: float, claim: Claim) -> Permit | Refusal:
        permit = Permit(uuid.uuid4().hex, now, claim.holder)
        keys = [self._minute, self._day(now), self._holds, self._minute_of(claim.holder), self._networks(now)]
        limits = [claim.per_minute, claim.per_day, claim.reserve]
        shares = [claim.minute_share, claim.day_share]
        try:
            outcome = await self._reserve(keys=keys, args=[now, *limits, permit.id, claim.holder, *shares])
        except RedisError as error:
            raise _unreachable(error) from error
        return permit if outcome == b"granted" else Refusal(outcome.decode())

    async def give_back(self, permit: Permit) -> None:
        at, holder = permit.granted_at, permit.holder
        keys = [self._minute, self._day(at), self._minute_of(holder), self._networks(at)]
        try:
            await self._give_back(keys=keys, args=[permit.id, holder])
        except RedisError as error:
            logger.warning("a request was not uncounted", extra={"error": type(error).__name__})

    async def snapshot(self, now: float, holders: Sequence[str] = ()) -> QuotaSnapshot:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zrangebyscore(self._minute, now - MINUTE_S, "+inf", withscores=True)
                pipe.hgetall(self._day(now))
                pipe.hgetall(self._holds)
                for holder in holders:
                    pipe.zrangebyscore(self._minute_of(holder), now - MINUTE_S, "+inf", withscores=True)
                    pipe.hget(self._networks(now), holder)
                sent, day, holds, *uses = await pipe.execute()
        except RedisError as error:
            raise _unreachable(error) from error
        of_holders = zip(holders, uses[::2], uses[1::2], strict=True)
        return QuotaSnapshot(
            sent=_moments(sent),
            used_today=int(day.get(b"used", 0)),
            day_limit=int(day.get(b"limit", 0)),
            minute_held_until=float(holds.get(b"minute", 0)),
            day_blocked_until=float(holds.get(b"day", 0)),
            holders={name: HolderUse(_moments(its), int(used or 0)) for name, its, used in of_holders},
        )

    async def others_before(self, now: float) -> tuple[int, ...]:
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for day in days_before(now):
                    pipe.hmget(f"{self._prefix}:day:{day}", "used", "busiest")
                days = await pipe.execute()
        except RedisError as error:
            raise _unreachable(error) from error
        return tuple(int(used) - int(busiest or 0) for used, busiest in days if used and int(used))

    async def hold_minute(self, until: float) -> None:
        await self._hold("minute", until)

    async def hold_day(self, now: float, until: float, day_limit: int) -> None:
        await self._hold("day", until)
        if day_limit:
            await self.correct_day(now, 0, day_limit)

    async def correct_day(self, now: float, used: int, day_limit: int) -> None:
        try:
            await self._tell_day(keys=[self._day(now)], args=[used, day_limit, _TOTALS_S])
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

    async def read_traits(self, now: float) -> Mapping[str, bytes]:
        """What was learnt of each model; nothing when Redis cannot be asked."""
        try:
            kept: dict[bytes, bytes] = await self._redis.hgetall(self._traits)
        except RedisError as error:
            logger.warning("what was learnt of the models was not read", extra={"error": type(error).__name__})
            return {}
        return {model.decode(): value for model, value in kept.items()}

    async def write_traits(self, model: str, value: bytes, now: float) -> None:
        """Keep what was learnt of a model; what is too old in it is for its readers to pass over."""
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(self._traits, model, value)
                pipe.expire(self._traits, round(KEPT_S))
                await pipe.execute()
        except RedisError as error:
            logger.warning("what was learnt of a model was not kept", extra={"error": type(error).__name__})

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
    def _traits(self) -> str:
        return f"{self._prefix}:traits"

    @property
    def _holds(self) -> str:
        return f"{self._prefix}:holds"

    def _minute_of(self, holder: str) -> str:
        return f"{self._prefix}:minute:{holder}"

    def _networks(self, now: float) -> str:
        return f"{self._prefix}:networks:{day_name(now)}"

    def _day(self, now: float) -> str:
        return f"{self._prefix}:day:{day_name(now)}"


def _moments(scored: Sequence[tuple[bytes, float]]) -> tuple[float, ...]:
    return tuple(moment for _, moment in scored)


def _unreachable(error: RedisError) -> ProviderUnavailable:
    logger.error("quota cannot be counted", extra={"error": type(error).__name__})
    return ProviderUnavailable("the shared quota cannot be counted at the moment", retry_after_s=2.0)
