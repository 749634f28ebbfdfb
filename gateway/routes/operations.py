"""For operators: whether the process is alive, whether it is ready and what is missing, and metrics."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import grpc
from fastapi import APIRouter, Request
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from gateway.parts import Gateway
from gateway.routes.callers import gateway_of
from gateway.routes.doors import Door, is_operator
from gateway.store.database import ping

logger = logging.getLogger(__name__)
router = APIRouter(route_class=Door)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process runs and its event loop is not stuck."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether questions can be answered; says to operators which part is missing when they cannot."""
    gateway = gateway_of(request)
    settings = gateway.settings
    checks: dict[str, Awaitable[str]] = {
        "database": _database(gateway),
        "agent": _service(gateway.agent_channel, settings.agent_target, settings.health_timeout_s),
        "retriever": _service(gateway.retriever_channel, settings.retriever_target, settings.health_timeout_s),
    }
    problems = await asyncio.gather(*checks.values())
    missing = {name: problem for name, problem in zip(checks, problems, strict=True) if problem}
    if missing:
        logger.warning("not ready", extra={"missing": missing})
    body = {"ready": not missing} | ({"missing": missing} if is_operator(request) else {})
    return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


@router.get("/metrics")
async def metrics() -> Response:
    """The Prometheus page."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _database(gateway: Gateway) -> str:
    try:
        async with asyncio.timeout(gateway.settings.health_timeout_s):
            await gateway.database.run(ping)
    except Exception as error:
        return f"the database does not answer ({type(error).__name__})"
    return ""


async def _service(channel: grpc.aio.Channel, target: str, timeout_s: float) -> str:
    try:
        health: Any = health_pb2_grpc.HealthStub(channel)  # the stubs know only the synchronous one
        response = await health.Check(health_pb2.HealthCheckRequest(), timeout=timeout_s)
    except grpc.aio.AioRpcError as error:
        return f"cannot be reached at {target} ({error.code().name})"
    if response.status != health_pb2.HealthCheckResponse.SERVING:
        return f"answers at {target}, but is not ready"
    return ""
