"""JavaScript clients of other people, run by Node."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parents[1] / "clients" / "js"


def needs_packages() -> None:
    """Skip when Node is not there or too old, or the clients are not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node 20 or newer is not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(f"Node 20 or newer is needed, {version.strip()} is installed")
    if not (CLIENTS / "node_modules" / ".package-lock.json").exists():
        pytest.skip("the JavaScript clients are not installed: `make test-tools` installs them")


async def output_of(*arguments: str, source: str | None = None, folder: Path = CLIENTS) -> str:
    """What Node prints when it runs a script, or a module given as source, in the folder of the clients."""
    command = ["node", *(["--input-type=module", "-"] if source is not None else []), *arguments]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        out, errors = await process.communicate(source.encode() if source is not None else b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def answer_of(script: str, *arguments: str) -> Any:
    """The JSON that a script prints."""
    return json.loads(await output_of(script, *arguments))
