"""Health as everybody may ask it: `Check` at will, `Watch` within bounds, because nobody shows a token for it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2


class BoundedHealth(health.aio.HealthServicer):
    """The standard service, with as many watchers at once as are allowed, each for as long as is allowed.

    Args:
        services: Names whose health there is; a watcher of another one is told so and let go.
        max_watches: Streams of `Watch` at the same time; the next one is refused with RESOURCE_EXHAUSTED.
        watch_timeout_s: Seconds after which a stream ends; a caller that still cares asks again.
    """

    def __init__(self, services: Iterable[str], *, max_watches: int, watch_timeout_s: float) -> None:
        super().__init__()
        self._services = frozenset(("", *services))
        self._max_watches = max_watches
        self._watch_timeout_s = watch_timeout_s
        self._watches = 0

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:
        if request.service not in self._services:  # what is not known now will not be later either
            await context.write(health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN))
            return
        if self._watches >= self._max_watches:
            await context.abort(
                grpc.StatusCode.RESOURCE_EXHAUSTED, "too many callers watch the health of this server; use Check"
            )
        self._watches += 1
        try:
            async with asyncio.timeout(self._watch_timeout_s):
                await super().Watch(request, context)
        except TimeoutError:
            return
        finally:
            self._watches -= 1
