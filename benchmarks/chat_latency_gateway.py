"""What the gateway adds to a turn: N readers at once through SSE, against the same turns straight over gRPC.

The agent is emulated in a process of its own: passages after 20 ms, first text after 400 ms, then 50 tokens a second
in pieces as the agent joins them, and a citation after every third. Each reader is a plain socket, so that the load
generator does not measure itself.

    python -m benchmarks.chat_latency_gateway --readers 100 [--within 5]
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2

from benchmarks.processes import cpu_s, resident_mb
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.server import GrpcServer, running, stop_signal
from services.runtime.settings import ServiceSettings

PASSAGES_S, FIRST_TEXT_S, PIECE_S, PIECES = 0.02, 0.4, 0.1, 20
PIECE = "five words of an answer "
_BODY = json.dumps(
    {
        "type": "threads.create",
        "params": {
            "input": {
                "content": [{"type": "input_text", "text": "How do I retry a call?"}],
                "attachments": [],
                "inference_options": {},
            }
        },
    }
)


@dataclass
class Milestones:
    """Seconds from the question, one list per milestone."""

    passages: list[float] = field(default_factory=list)
    first_text: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)
    errors: int = 0


class EmulatedAgent(rpc.AgentServiceServicer):
    """Keeps time like a model that is neither fast nor slow."""

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        clock = asyncio.get_running_loop().time
        started = clock()
        yield _progress(events.TURN_STAGE_SEARCHING)
        await asyncio.sleep(PASSAGES_S)
        yield pb.RunTurnResponse(passages_found=events.PassagesFound(passages=_PASSAGES, revision=1, site="docs"))
        yield _progress(events.TURN_STAGE_READING)
        yield _progress(events.TURN_STAGE_WAITING_FOR_MODEL)
        citations: list[events.Citation] = []
        for number in range(1, PIECES + 1):
            due = started + FIRST_TEXT_S + (number - 1) * PIECE_S
            await asyncio.sleep(max(0.0, due - clock()))
            yield pb.RunTurnResponse(text_delta=events.TextDelta(text=PIECE))
            if number % 3 == 0:
                citations.append(events.Citation(number=len(citations) + 1, index=number * len(PIECE), uri=_URI))
                yield pb.RunTurnResponse(citation_added=events.CitationAdded(citation=citations[-1]))
        completed = events.TurnCompleted(text=PIECE * PIECES, citations=citations, suggestions=["How long?"])
        yield pb.RunTurnResponse(turn_completed=completed)


_URI = "https://d.example/a#b"
_MARKS = [passages_pb2.TextRange(start=19 * number, end=19 * number + 5) for number in range(20)]
_PASSAGES = [passages_pb2.Passage(uri=_URI, title="Retry", text="Calls are retried. " * 60, highlights=_MARKS)] * 8


def _progress(stage: events.TurnStage.ValueType) -> pb.RunTurnResponse:
    return pb.RunTurnResponse(progress=events.Progress(stage=stage))


async def serve_agent() -> None:
    server = GrpcServer(
        "agent",
        ServiceSettings(_env_file=None, port=0, log_level="WARNING"),
        [],
        lambda server: rpc.add_AgentServiceServicer_to_server(EmulatedAgent(), server),
    )
    async with running(server):
        print(server.port, flush=True)
        await stop_signal()


async def ask_over_http(port: int, milestones: Milestones) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    )
    started = time.perf_counter()
    writer.write(f"{head}Content-Length: {len(_BODY)}\r\n\r\n{_BODY}".encode())
    seen = {"passages": 0.0, "first_text": 0.0, "end": 0.0}
    while line := await reader.readline():
        now = time.perf_counter() - started
        if b"docs_chat.passages" in line:
            seen["passages"] = seen["passages"] or now
        elif b"text_delta" in line:
            seen["first_text"] = seen["first_text"] or now
        elif b"docs_chat.answer" in line:
            seen["end"] = now
    writer.close()
    note(milestones, seen)


async def ask_over_grpc(stub: Any, milestones: Milestones) -> None:
    started = time.perf_counter()
    seen = {"passages": 0.0, "first_text": 0.0, "end": 0.0}
    request = pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text="How do I retry a call?")])
    async for response in stub.RunTurn(request, timeout=60):
        now = time.perf_counter() - started
        match response.WhichOneof("event"):
            case "passages_found":
                seen["passages"] = now
            case "text_delta":
                seen["first_text"] = seen["first_text"] or now
            case "turn_completed":
                seen["end"] = now
    note(milestones, seen)


def note(milestones: Milestones, seen: dict[str, float]) -> None:
    if not seen["end"]:
        milestones.errors += 1
        return
    milestones.passages.append(seen["passages"])
    milestones.first_text.append(seen["first_text"])
    milestones.end.append(seen["end"])


def report(name: str, milestones: Milestones) -> None:
    columns = [_quantiles(values) for values in (milestones.passages, milestones.first_text, milestones.end)]
    print(f"{name:<22} " + "  ".join(columns) + f"  errors {milestones.errors}")


def _quantiles(values: list[float]) -> str:
    if len(values) < 2:
        return "            -"
    cuts = statistics.quantiles(values, n=20)
    return f"{1000 * statistics.median(values):6.0f} /{1000 * cuts[18]:6.0f} ms"


@contextlib.contextmanager
def gateway_running(agent_port: int, data_dir: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    unlimited = {
        f"GATEWAY_{name}": "1000000/minute"
        for name in ("TURNS_PER_READER", "TURNS_PER_ADDRESS", "REQUESTS_PER_ADDRESS", "NEW_READERS_PER_ADDRESS")
    }
    settings = {"PORT": port, "AGENT_TARGET": f"127.0.0.1:{agent_port}", "DATA_DIR": data_dir, "STREAMS": 2000}
    environment = os.environ | unlimited | {f"GATEWAY_{name}": str(value) for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-m", "gateway"], env=environment | {"LOG_LEVEL": "WARNING"})
    try:
        wait_until_alive(port)
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def wait_until_alive(port: int) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the gateway did not start within a minute")


def usage(pid: int) -> tuple[float, float]:
    """CPU seconds and resident megabytes of a process."""
    return cpu_s(pid), resident_mb(pid)


async def spread(ask: Callable[[], Awaitable[None]], readers: int, within_s: float) -> None:
    """Every reader asks at a moment of their own, at random within some seconds."""
    moments = random.Random(readers)

    async def one(after_s: float) -> None:
        await asyncio.sleep(after_s)
        await ask()

    await asyncio.gather(*(one(moments.uniform(0, within_s)) for _ in range(readers)))


async def measure(readers: int, within_s: float, agent_port: int, gateway: subprocess.Popen[bytes], port: int) -> None:
    print(f"{readers} readers within {within_s:.0f} s; median / p95 of    passages        first text             end")
    await ask_over_http(port, Milestones())  # first use of everything
    async with open_channel(f"127.0.0.1:{agent_port}", ChannelSecurity()) as channel:
        stub = rpc.AgentServiceStub(channel)
        floor = Milestones()
        await spread(lambda: ask_over_grpc(stub, floor), readers, within_s)
    report("the agent over gRPC", floor)
    cpu_before, _ = usage(gateway.pid)
    through = Milestones()
    await spread(lambda: ask_over_http(port, through), readers, within_s)
    cpu_after, resident = usage(gateway.pid)
    report("through the gateway", through)
    print(f"gateway: {(cpu_after - cpu_before) / readers * 1000:.1f} ms CPU a turn, {resident:.0f} MB resident")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 32, 100])
    parser.add_argument("--within", type=float, default=0, help="seconds within which they come; 0 is at once")
    parser.add_argument("--serve-agent", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_agent:
        asyncio.run(serve_agent())
        return
    agent = subprocess.Popen([sys.executable, __file__, "--serve-agent"], stdout=subprocess.PIPE)
    assert agent.stdout is not None
    agent_port = int(agent.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as data_dir, gateway_running(agent_port, data_dir) as (gateway, port):
            for readers in arguments.readers:
                asyncio.run(measure(readers, arguments.within, agent_port, gateway, port))
    finally:
        agent.terminate()
        agent.wait(30)


if __name__ == "__main__":
    main()
