"""A gateway on a real port of this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn

from gateway.app import create_app
from gateway.parts import Gateway
from gateway.serving import server_config
from gateway.settings import GatewaySettings

UNLIMITED = {
    f"{name}": "1000000/minute"
    for name in (
        "turns_per_reader",
        "turns_per_address",
        "turns_per_network",
        "requests_per_address",
        "requests_per_network",
        "typed_searches_per_reader",
        "typed_searches_per_address",
        "typed_searches_per_network",
        "new_readers_per_address",
        "new_readers_per_network",
    )
}


@contextlib.asynccontextmanager
async def listening(app: Any, settings: GatewaySettings | None = None) -> AsyncIterator[str]:
    """An application while it serves, with the connection limits of the settings; gives its address."""
    settings = settings or GatewaySettings(_env_file=None)
    server = uvicorn.Server(
        server_config(app, settings.model_copy(update={"host": "127.0.0.1", "port": 0, "drain_timeout_s": 5}))
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@contextlib.asynccontextmanager
async def gateway_before(
    agent_target: str, retriever_target: str, data_dir: Path, **settings: Any
) -> AsyncIterator[tuple[str, Gateway]]:
    """A gateway without limits in front of services that run already; gives its address and its parts."""
    given: dict[str, Any] = {"agent_target": agent_target, "retriever_target": retriever_target, "data_dir": data_dir}
    unlimited = {**UNLIMITED, "streams": 2000, "streams_per_network": 2000}
    chosen = GatewaySettings(_env_file=None, **{**given, **unlimited, **settings})
    app = create_app(chosen)
    async with listening(app, chosen) as address:
        yield address, app.state.gateway
