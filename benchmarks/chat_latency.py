"""How long readers wait, through the gateway and SSE, while the model is emulated at a known pace.

    python -m benchmarks.chat_latency --readers 1,8,32,100,200

Starts the emulator of OpenRouter and the four processes on free ports of this machine, indexes `docs/`, then lets N
readers ask N different questions at the same moment. In the same run the same number of bare requests goes to the
emulator directly: what readers wait beyond that is ours. The quota is lifted on both sides; that is a test's subject.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import cpu_s, resident_mb

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = (
    "How do I index my own site?",
    "How do I roll back an index to the revision before?",
    "What happens when the free quota is used up?",
    "Which model writes the answers and how do I choose another one?",
    "How do I put the panel into my Docusaurus site?",
    "How do I use Postgres for the conversations?",
    "How do I run it with a Qdrant server?",
    "Can other programs call it over gRPC?",
    "How are citations checked?",
    "What is stored about readers?",
)
UNLIMITED = "1000000/minute"


@dataclass
class Waits:
    """Seconds one reader waited, from asking."""

    passages: float = 0.0
    first_text: float = 0.0
    completed: float = 0.0
    error: str = ""


@dataclass
class World:
    """The processes, where they listen, and their pids."""

    gateway: str
    emulator: str
    pids: dict[str, int] = field(default_factory=dict)

    def memory_mb(self) -> dict[str, int]:
        return {name: round(resident_mb(pid)) for name, pid in self.pids.items()}

    def cpu_s(self) -> dict[str, float]:
        return {name: cpu_s(pid) for name, pid in self.pids.items()}


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def started(first_token_ms: float, tokens_per_second: float) -> Iterator[World]:
    """Emulator and docs-chat with `docs/` indexed; everything ends on the way out."""
    ports = _free_ports(5)
    names = ("RETRIEVER_PORT", "AGENT_PORT", "INGEST_PORT", "GATEWAY_PORT")
    emulator = f"http://127.0.0.1:{ports[4]}/api/v1"
    environment = os.environ | dict(zip(names, map(str, ports), strict=False)) | {
        "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LOG_LEVEL": "WARNING",
        "OPENROUTER_BASE_URL": emulator, "OPENROUTER_API_KEY": "sk-or-v1-emulated-key-of-the-benchmark",
        "AGENT_REQUESTS_PER_MINUTE": "1000000", "AGENT_REQUESTS_PER_DAY": "1000000", "AGENT_QUEUE_LENGTH": "1000",
        "GATEWAY_TURNS_PER_READER": UNLIMITED, "GATEWAY_TURNS_PER_ADDRESS": UNLIMITED,
        "GATEWAY_REQUESTS_PER_ADDRESS": UNLIMITED, "GATEWAY_NEW_READERS_PER_ADDRESS": UNLIMITED,
    }  # fmt: skip
    pace = ["--first-token-ms", str(first_token_ms), "--tokens-per-second", str(tokens_per_second)]
    quota = ["--per-minute", "1000000", "--per-day", "1000000", "--port", str(ports[4])]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tools.openrouter_emulator", *pace, *quota]
        model = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        assert model.stdout is not None
        model.stdout.readline()
        up = subprocess.Popen(
            [sys.executable, "-m", "scripts.up"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert up.stdout is not None
            printed: list[str] = []
            for line in up.stdout:
                printed.append(line)
                if "Ctrl-C" in line:
                    break
            if up.poll() is not None:
                raise RuntimeError("docs-chat did not start:\n" + "".join(printed))
            yield World(f"http://127.0.0.1:{ports[3]}", emulator, _children(up.pid))
        finally:
            for process in (up, model):
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)


def _children(parent: int) -> dict[str, int]:
    found = {}
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        module = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[2].decode()
        found[module.removeprefix("services.")] = int(pid)
    return found


async def ask(client: httpx.AsyncClient, gateway: str, question: str) -> Waits:
    """One reader's question, timed at the moments a reader notices."""
    content = [{"type": "input_text", "text": question}]
    inputs = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": inputs}}
    waits, started_at = Waits(), time.perf_counter()
    try:
        async with client.stream("POST", f"{gateway}/chatkit", json=body) as response:
            async for line in response.aiter_lines():
                _note(waits, line, time.perf_counter() - started_at)
    except httpx.HTTPError as error:
        waits.error = type(error).__name__
    waits.error = waits.error or ("" if waits.completed else "no answer")
    return waits


def _note(waits: Waits, line: str, elapsed: float) -> None:
    if not line.startswith("data: "):
        return
    event: dict[str, Any] = json.loads(line[6:])
    match event["type"]:
        case "client_effect" if event["name"] == "docs_chat.passages":
            waits.passages = elapsed
        case "thread.item.updated" if not waits.first_text:
            waits.first_text = elapsed
        case "thread.item.done" if event["item"]["type"] == "assistant_message":
            waits.completed = elapsed
        case "error":
            waits.error = event.get("message", "error")


async def ask_the_model(client: httpx.AsyncClient, emulator: str, question: str, prompt: str) -> Waits:
    """The same moments of a bare request to the model: nothing of ours in between."""
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": question}]
    body = {"model": "z-ai/glm-5.2:free", "stream": True, "messages": messages}
    waits, started_at = Waits(), time.perf_counter()
    headers = {"Authorization": "Bearer sk-or-v1-emulated-key-of-the-benchmark"}
    async with client.stream("POST", f"{emulator}/chat/completions", json=body, headers=headers) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {") and not waits.first_text and '"content":"' in line.replace(" ", ""):
                waits.first_text = time.perf_counter() - started_at
    waits.completed = time.perf_counter() - started_at
    return waits


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


@contextlib.asynccontextmanager
async def _client() -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits, trust_env=False) as client:
        yield client


async def measure(world: World, readers: int, round_number: int) -> dict[str, Any]:
    """One round: N readers through us, then N bare requests to the model."""
    questions = [
        f"{QUESTIONS[index % len(QUESTIONS)]} (case {round_number}-{index // len(QUESTIONS)})"
        for index in range(readers)
    ]
    before = world.cpu_s()
    async with _client() as client:
        ours = await asyncio.gather(*(ask(client, world.gateway, question) for question in questions))
    after = world.cpu_s()
    async with _client() as client:
        bare = await asyncio.gather(*(ask_the_model(client, world.emulator, text, "Answer.") for text in questions))
    good = [waits for waits in ours if not waits.error]
    row: dict[str, Any] = {"readers": readers, "errors": len(ours) - len(good)}
    for name in ("passages", "first_text", "completed"):
        for share in (0.5, 0.95, 0.99):
            row[f"{name}_p{share * 100:.0f}_s"] = round(percentile([getattr(each, name) for each in good], share), 3)
    row["model_first_text_p95_s"] = round(percentile([each.first_text for each in bare], 0.95), 3)
    row["added_to_first_text_p95_s"] = round(row["first_text_p95_s"] - row["model_first_text_p95_s"], 3)
    row["cpu_ms_per_question"] = {
        name: round(1000 * (after[name] - before[name]) / readers, 1) for name in after if name != "ingest"
    }
    row["memory_mb"] = world.memory_mb()
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", default="1,8,32,100,200")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each size; the last one counts")
    parser.add_argument("--first-token-ms", type=float, default=400)
    parser.add_argument("--tokens-per-second", type=float, default=50)
    parser.add_argument("--json", type=Path, help="write the rows here too")
    arguments = parser.parse_args()
    rows = []
    with started(arguments.first_token_ms, arguments.tokens_per_second) as world:
        print("idle memory, MB:", world.memory_mb(), "sum", sum(world.memory_mb().values()))
        for readers in map(int, arguments.readers.split(",")):
            for round_number in range(arguments.rounds):
                row = asyncio.run(measure(world, readers, round_number))
            rows.append(row)
            print(json.dumps(row))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
