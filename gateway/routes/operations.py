"""For operators: alive, ready and what is missing, metrics."""

import asyncio
import hmac
from collections.abc import Awaitable
from typing import Any

import grpc
from fastapi import APIRouter, Request
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from gateway.routes.visiting import bearer_of, gateway_of
from gateway.store.database import ping
from gateway.wiring import Gateway
from services.runtime.errors import CallerUnauthenticated

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process runs and its event loop turns."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether questions can be answered; says which part is missing when they cannot."""
    gateway = gateway_of(request)
    settings = gateway.settings
    checks: dict[str, Awaitable[str]] = {
        "database": _database(gateway),
        "agent": _service(gateway.agent_channel, settings.agent_target, settings.health_timeout_s),
        "retriever": _service(gateway.retriever_channel, settings.retriever_target, settings.health_timeout_s),
    }
    problems = await asyncio.gather(*checks.values())
    missing = {name: problem for name, problem in zip(checks, problems, strict=True) if problem}
    body = {"ready": not missing, "missing": missing}
    return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The Prometheus page."""
    token = gateway_of(request).settings.metrics_token.get_secret_value()
    if token and not hmac.compare_digest(bearer_of(request).encode(), token.encode()):
        raise CallerUnauthenticated("metrics need the bearer token of GATEWAY_METRICS_TOKEN")
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
