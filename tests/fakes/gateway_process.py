"""The gateway as people run it: `python -m gateway`, in a process of its own."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class GatewayProcess:
    """One run of `python -m gateway`."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url
        self.log: list[str] = []

    async def read_log(self) -> None:
        """Keep what it says; a process whose pipe is full stands still."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log.append(line.decode())


@asynccontextmanager
async def gateway_process(folder: Path, **settings: Any) -> AsyncIterator[GatewayProcess]:
    """A gateway on a free port, with these settings and no other `GATEWAY_…`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment |= {f"GATEWAY_{name.upper()}": str(value) for name, value in settings.items()}
    environment |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos/gen'}", "LOG_FORMAT": "json", "GATEWAY_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", cwd=folder, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    reading: asyncio.Task[None] | None = None
    try:
        async for line in process.stderr:
            if found := re.search(rb"http://127.0.0.1:\d+", line):
                gateway = GatewayProcess(process, found[0].decode())
                reading = asyncio.create_task(gateway.read_log())
                yield gateway
                break
    finally:
        if process.returncode is None:
            process.kill()
        if reading is not None:
            await reading
        await process.wait()
