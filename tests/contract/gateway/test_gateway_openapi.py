"""`/openapi.json` tells the truth: a machine that reads it and tries every corner finds nothing."""

import asyncio
import sys
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 15


async def test_a_machine_that_reads_the_contract_finds_nothing(start_gateway: Any, tmp_path: Path) -> None:
    """Takes some 12 s: hundreds of requests, made from what the contract allows."""
    limits = ("turns_per_reader", "turns_per_address", "requests_per_address", "new_readers_per_address")
    browser = await start_gateway(**dict.fromkeys(limits, "1000000/minute"))
    arguments = ["run", f"{browser.base_url}/openapi.json", "--max-examples", str(EXAMPLES)]
    arguments += ["--seed", "7", "--generation-deterministic", "--no-color", "--continue-on-failure", "--no-shrink"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), *arguments),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-12_000:]
