"""Looks at the provider from time to time: which models are on offer, and how much of the day is used."""

import asyncio
import logging
import math
from typing import Any

import aiohttp

from services.agent import telemetry
from services.agent.models.breakers import BreakerState
from services.agent.models.ladder import Ladder

logger = logging.getLogger(__name__)

_AGAIN_AFTER_FAILURE_S = 60.0
_GAUGES_EVERY_S = 10.0


async def poll_provider(ladder: Ladder, interval_s: float) -> None:
    """Look now and every `interval_s` seconds, sooner after a failure, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        read = await ladder.catalog.refresh()
        await ladder.recall()
        await ladder.compare_with_list()
        await _correct_quota(ladder)
        look_again_at = loop.time() + (interval_s if read else min(interval_s, _AGAIN_AFTER_FAILURE_S))
        while (left_s := look_again_at - loop.time()) > 0:
            await show_gauges(ladder)
            await asyncio.sleep(min(left_s, _GAUGES_EVERY_S))


async def show_gauges(ladder: Ladder) -> None:
    """Bring the gauges of quota and breakers up to date."""
    snapshot, limits = await ladder.governor.snapshot(), ladder.governor.limits
    telemetry.DAY_REMAINING.set(ladder.governor.day_remaining(snapshot) if limits.counts_days else math.inf)
    left = max(0, limits.per_minute - snapshot.used_this_minute)
    telemetry.MINUTE_REMAINING.set(left if limits.counts_minutes else math.inf)
    telemetry.BREAKER_OPEN.labels("account").set(ladder.account.state is BreakerState.OPEN)
    for rung in ladder.catalog.rungs:
        telemetry.BREAKER_OPEN.labels(rung.model).set(ladder.breaker(rung.model).state is BreakerState.OPEN)


async def _correct_quota(ladder: Ladder) -> None:
    """Believe the provider's own count of today's free requests when it tells one."""
    try:
        facts = await ladder.provider.key_facts()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        logger.warning("quota of the key not read", extra={"error": type(error).__name__})
        return
    told: Any = facts.get("free_model_daily_requests")
    if not isinstance(told, dict):
        return
    used, limit = told.get("used"), told.get("limit")
    if isinstance(used, int) and isinstance(limit, int) and limit > 0:
        await ladder.governor.correct(used, limit)
        logger.info("quota of the day", extra={"used": used, "limit": limit})
