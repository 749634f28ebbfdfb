"""The gateway as a process of its own in front of a retriever that runs already."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx2

from benchmarks.processes import cpu_s

_START_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class GatewayProcess:
    """A running gateway."""

    address: str
    pid: int

    def cpu_s(self) -> float:
        """Processor time so far, in seconds."""
        return cpu_s(self.pid)


@asynccontextmanager
async def gateway_before(retriever_port: int) -> AsyncIterator[GatewayProcess]:
    """Start it without limits, wait until it answers, stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as folder:
        environment = os.environ | {
            "GATEWAY_PORT": str(port),
            "GATEWAY_RETRIEVER_TARGET": f"127.0.0.1:{retriever_port}",
            "GATEWAY_DATA_DIR": folder,
            "GATEWAY_REQUESTS_PER_ADDRESS": "1000000/minute",
            "GATEWAY_REQUESTS_PER_NETWORK": "1000000/minute",
            "GATEWAY_SEARCH_TIMEOUT_S": "60",
            "LOG_LEVEL": "ERROR",
        }
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", env=environment)
        try:
            await _until_it_answers(f"http://127.0.0.1:{port}")
            yield GatewayProcess(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            await process.wait()


async def _until_it_answers(address: str) -> None:
    async with asyncio.timeout(_START_TIMEOUT_S), httpx2.AsyncClient(base_url=address) as client:
        while True:
            try:
                (await client.get("/healthz")).raise_for_status()
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
            else:
                return
