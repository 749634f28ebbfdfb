"""The whole product on free ports of this machine, with an emulated OpenRouter of a known pace behind it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import cpu_s, resident_mb

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk-or-v1-emulated-key-of-the-benchmark"
UNLIMITED = "1000000/minute"
ANSWER = (
    "Set the address of the site and run the command again; only pages that changed are indexed [1]. "
    "Everything else keeps its place, and readers see the old revision until the new one is published [2]. "
    "A page that cannot be read is named in the report while the others go on without it [3]. "
    "When most pages are gone at once nothing is published, because the folder is probably wrong [4]. "
    "Roll back if a revision was bad; the one before it stays where it was and needs no reading [1]. "
    "Questions asked meanwhile wait for nobody and get whatever is published at that very moment today [2]. "
)
"""What every emulated model writes, so that answers differ in nothing but waiting: 109 tokens of the emulator."""


@dataclass(frozen=True)
class World:
    """The processes: their ports on 127.0.0.1, and their ids by name."""

    gateway_port: int
    retriever_port: int
    agent_port: int
    ingest_port: int
    emulator_port: int
    pids: dict[str, int]

    def memory_mb(self) -> dict[str, int]:
        """Resident memory of each of our processes."""
        return {name: round(resident_mb(pid)) for name, pid in self.pids.items() if name != "emulator"}

    def cpu_s(self) -> dict[str, float]:
        """Processor time of each process so far, in seconds."""
        return {name: cpu_s(pid) for name, pid in self.pids.items()}

    def model_counts(self) -> dict[str, Any]:
        """What the emulator has counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.emulator_port}/api/v1/_control", timeout=10) as answer:
            counts: dict[str, Any] = json.load(answer)
        return counts

    def direct_model(self, **orders: Any) -> None:
        """Tell the emulator what to do."""
        address = f"http://127.0.0.1:{self.emulator_port}/api/v1/_control"
        order = urllib.request.Request(address, data=json.dumps(orders).encode(), method="POST")
        urllib.request.urlopen(order, timeout=10).close()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def started(first_token_ms: float, tokens_per_second: float, **settings: str) -> Iterator[World]:
    """Emulator and docs-chat with `docs/` indexed and every limit lifted; everything ends on the way out."""
    ports = free_ports(5)
    names = ("RETRIEVER_PORT", "AGENT_PORT", "INGEST_PORT", "GATEWAY_PORT")
    environment = os.environ | dict(zip(names, map(str, ports), strict=False)) | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'protos' / 'gen'}", "PYTHONUNBUFFERED": "1", "LOG_LEVEL": "WARNING",
        "OPENROUTER_BASE_URL": f"http://127.0.0.1:{ports[4]}/api/v1", "OPENROUTER_API_KEY": KEY,
        "AGENT_REQUESTS_PER_MINUTE": "1000000", "AGENT_REQUESTS_PER_DAY": "1000000", "AGENT_QUEUE_LENGTH": "1000",
        "GATEWAY_TURNS_PER_READER": UNLIMITED, "GATEWAY_TURNS_PER_ADDRESS": UNLIMITED,
        "GATEWAY_REQUESTS_PER_ADDRESS": UNLIMITED, "GATEWAY_NEW_READERS_PER_ADDRESS": UNLIMITED,
        "GATEWAY_TURNS_PER_NETWORK": UNLIMITED, "GATEWAY_REQUESTS_PER_NETWORK": UNLIMITED,
        "GATEWAY_NEW_READERS_PER_NETWORK": UNLIMITED, "GATEWAY_STREAMS_PER_NETWORK": "2000",
    } | settings  # fmt: skip
    pace = ["--first-token-ms", str(first_token_ms), "--tokens-per-second", str(tokens_per_second), "--spread", "0"]
    quota = ["--per-minute", "1000000", "--per-day", "1000000", "--port", str(ports[4])]
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        emulator = stack.enter_context(
            _process("tools.openrouter_emulator", *pace, *quota, cwd=folder, env=environment)
        )
        _wait_for(emulator, "emulated")
        up = stack.enter_context(_process("scripts.up", cwd=folder, env=environment))
        _wait_for(up, "Ctrl-C")
        world = World(ports[3], ports[0], ports[1], ports[2], ports[4], {**_children(up.pid), "emulator": emulator.pid})
        world.direct_model(text=ANSWER)
        yield world


@contextlib.contextmanager
def _process(module: str, *arguments: str, **options: Any) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)  # SIGINT is ignored by whatever a shell started in the background
        process.communicate(timeout=60)


def _wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if word in line:
            return
    raise RuntimeError("it did not start:\n" + "".join(printed))


def _children(parent: int) -> dict[str, int]:
    found = {}
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        module = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[2].decode()
        found[module.removeprefix("services.")] = int(pid)
    return found
