"""Services as processes of their own, on free ports and in a throw-away folder, and what they use. Linux only."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.runtime.channels import ChannelSecurity, open_channel

_START_TIMEOUT_S = 60.0


def resident_mb(pid: int, *, highest: bool = False) -> float:
    """Memory of a process in MB, now or at its highest."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:" if highest else "VmRSS:")[2].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Processor time of all threads of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Service:
    """A running service."""

    channel: grpc.aio.Channel
    port: int
    pid: int

    def resident_mb(self) -> tuple[float, float]:
        """Memory of the process now and at its highest, in MB."""
        return resident_mb(self.pid), resident_mb(self.pid, highest=True)

    def cpu_s(self) -> float:
        """Processor time of all its threads so far, in seconds."""
        return cpu_s(self.pid)


@asynccontextmanager
async def service(name: str, folder: Path, **settings: str) -> AsyncIterator[Service]:
    """Start `python -m services.NAME`, wait until it is healthy, stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | settings | {f"{name.upper()}_PORT": str(port), "LOG_LEVEL": "ERROR"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"services.{name}", cwd=folder, env=environment
    )
    try:
        async with open_channel(f"127.0.0.1:{port}", ChannelSecurity()) as channel:
            health: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
            await health.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=_START_TIMEOUT_S)
            yield Service(channel, port, process.pid)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def retriever_and_ingest(folder: Path) -> AsyncIterator[tuple[Service, Service]]:
    """Both services; the ingestion may read everything below the folder, and no search is answered from a cache."""
    async with AsyncExitStack() as stack:
        data = {"RETRIEVER_DATA_DIR": str(folder / "data"), "RETRIEVER_CACHED_SEARCHES": "0"}
        retriever = await stack.enter_async_context(service("retriever", folder, **data))
        roots = {"INGEST_ALLOWED_ROOTS": str(folder), "INGEST_RETRIEVER_TARGET": f"127.0.0.1:{retriever.port}"}
        yield retriever, await stack.enter_async_context(service("ingest", folder, **roots))
