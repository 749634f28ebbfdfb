"""What the agent adds to the model's own time, from 1 to 100 readers at once.

`python -m benchmarks.chat_latency_agent` starts the emulator and the agent as processes of their own (without the
account's limits, which would measure the queue) beside a small retriever, and asks. The limit is what the emulator
itself needs: time to its first token, and its tokens at its rate.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc

from benchmarks.processes import cpu_s, resident_mb
from services.runtime.channels import ChannelSecurity, open_channel
from tests.fakes.agent_world import FakeRetriever, a_turn, retrieving

FIRST_TOKEN_S = 0.4
TOKENS_PER_S = 50.0
WORDS = 60
AGENT_PORT, EMULATOR_PORT = 52952, 52990


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one turn as its reader sees it."""

    passages: float
    first_text: float
    total: float


@contextlib.asynccontextmanager
async def process(module: str, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python module as a process of its own, ended on the way out."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env={**os.environ, **environment}, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield started
    finally:
        started.terminate()
        await started.wait()


async def measure(stub: Any, number: int) -> Measured:
    """One turn that no other turn shares."""
    started, passages, first_text = time.perf_counter(), 0.0, 0.0
    async for event in stub.RunTurn(a_turn(f"How do I install package number {number}?", reader_id=str(number))):
        now = time.perf_counter() - started
        match event.WhichOneof("event"):
            case "passages_found":
                passages = now
            case "text_delta" if not first_text:
                first_text = now
    return Measured(passages, first_text, time.perf_counter() - started)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


async def run(counts: list[int]) -> None:
    emulated = f"http://127.0.0.1:{EMULATOR_PORT}/api/v1"
    limits = {"AGENT_REQUESTS_PER_MINUTE": "100000", "AGENT_REQUESTS_PER_DAY": "1000000"}
    pace = ["--first-token-ms", str(FIRST_TOKEN_S * 1000), "--tokens-per-second", str(TOKENS_PER_S), "--spread", "0"]
    async with contextlib.AsyncExitStack() as stack:
        target = await stack.enter_async_context(retrieving(FakeRetriever()))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        quota = ["--per-minute", "100000", "--per-day", "1000000"]
        emulator = await stack.enter_async_context(
            process("tools.openrouter_emulator", "--port", str(EMULATOR_PORT), *pace, *quota)
        )
        agent = await stack.enter_async_context(
            process(
                "services.agent",
                AGENT_PORT=str(AGENT_PORT),
                AGENT_DATA_DIR=folder,
                AGENT_RETRIEVER_TARGET=target,
                OPENROUTER_API_KEY="sk-or-v1-benchmark",
                OPENROUTER_BASE_URL=emulated,
                LOG_LEVEL="ERROR",
                **limits,
            )
        )
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{AGENT_PORT}", ChannelSecurity()))
        await asyncio.wait_for(channel.channel_ready(), 60)
        await asyncio.to_thread(_script_answer, emulated)
        stub = rpc.AgentServiceStub(channel)
        await measure(stub, 0)
        own = FIRST_TOKEN_S + WORDS / TOKENS_PER_S
        print(f"the model's own time: first text {FIRST_TOKEN_S:.2f} s, whole answer {own:.2f} s")
        print(
            "readers  passages p95  first text p95  whole p95  added p95"
            "  agent CPU ms/turn  emulator CPU ms/turn  agent MB"
        )
        for count in counts:
            before = cpu_s(agent.pid), cpu_s(emulator.pid)
            turns = await asyncio.gather(*(measure(stub, count * 1000 + number) for number in range(count)))
            columns = [p95([getattr(turn, name) for turn in turns]) for name in ("passages", "first_text", "total")]
            figures = "".join(f"{value:14.3f}" for value in [*columns, columns[-1] - own])
            spent = [
                (cpu_s(each.pid) - was) * 1000 / count for each, was in zip((agent, emulator), before, strict=True)
            ]
            figures += "".join(f"{value:22.1f}" for value in spent)
            print(f"{count:7d}{figures}{resident_mb(agent.pid):10.0f}", flush=True)


def _script_answer(emulated: str) -> None:
    """Every answer has the same length, so that only waiting differs."""
    body = json.dumps({"text": " ".join(f"word{number}" for number in range(WORDS - 2)) + " end [1]."}).encode()
    request = urllib.request.Request(f"{emulated}/_control", data=body, method="POST")
    urllib.request.urlopen(request, timeout=5).close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", default="1,20,50,100", help="readers at once, separated by commas")
    asyncio.run(run([int(count) for count in parser.parse_args().readers.split(",")]))
